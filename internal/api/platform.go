package api

import (
	"context"
	"fmt"
	"slices"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// platforms are the operations of technology platforms (技术服务平台): platforms
// with services and instruments. What is changed about one is in
// platformstep.go, orders and bases are in platformorder.go.
type platforms struct {
	register *techplatform.Service
	home     region.Code
}

const seePlatforms, writePlatforms = "platform:read", "platform:write"

func (s platforms) operations() []operation {
	all := []operation{
		lists("listPublishedPlatforms", "/published/platforms", words{"公开的平台", "Published platforms"}, s.published).public(),
		gets("getPublishedPlatform", "/published/platforms/{id}", words{"一个公开的平台", "One published platform"}, s.showPublished).public(),
		reads("getFreeHours", "/published/platforms/{id}/instruments/{instrument}", words{"仪器的空闲时间", "The free hours of an instrument"}, s.free).public().
			note("从一天起最多 31 天，不说是谁约的。", "At most 31 days from a day on, without saying who booked."),
		lists("listPlatforms", "/platforms", words{"平台", "Platforms"}, s.list).needs(seePlatforms),
		creates("registerPlatform", "/platforms", words{"登记平台", "Register a platform"}, s.add, s.show).needs(writePlatforms).note("登记后还没有公开。", "It is not yet published."),
		gets("getPlatform", "/platforms/{id}", words{"一个平台", "One platform"}, s.show).needs(seePlatforms),
	}
	return slices.Concat(all, s.steps(), s.orderOperations(), s.noticeOperations(), s.patentOperations(), s.productOperations())
}

// PlatformProfile is what a platform says of itself.
type PlatformProfile struct {
	Name        string   `json:"name" doc:"名称|Name"`
	Kind        string   `json:"kind" enum:"common,base" doc:"共性技术服务平台，或特色产业基地的平台|Common technology platform, or one of a specialty base"`
	Institution string   `json:"institution" doc:"运营机构的编号|Id of the institution that runs it"`
	Base        string   `json:"base,omitempty" doc:"所在基地的编号，基地平台才有|Id of the base it was set up in, of that kind only"`
	Functions   []string `json:"functions,omitempty" doc:"服务功能：testing、skills、research、matching|Functions"`
	Industry    string   `json:"industry" doc:"服务的行业|The trade it serves"`
	Region      string   `json:"region" doc:"所在地的代码，修改时不变|Code of its place; an edit leaves it"`
	Founded     string   `json:"founded" doc:"建立日期|Day it was founded"`
	Address     string   `json:"address,omitempty" doc:"地址|Address"`
	About       string   `json:"about,omitempty" doc:"简介|What it says of itself"`
}

func (b PlatformProfile) profile() techplatform.Profile {
	return techplatform.Profile{
		Name: line(b.Name), Kind: techplatform.Kind(b.Kind), Institution: institution.ID(b.Institution), Base: b.Base,
		Functions: named[techplatform.Function](b.Functions), Industry: line(b.Industry), Region: region.Code(b.Region), Founded: b.Founded,
		Address: line(b.Address), About: b.About,
	}
}

// Platform is a technology platform as of today.
type Platform struct {
	ID string `json:"id" doc:"编号|Its id"`
	PlatformProfile
	Level     string `json:"level" doc:"今天的认定级别：city、province、nation，没有时为空|Level today; empty for none"`
	Published bool   `json:"published" doc:"是否公开|Whether it is shown on the portal"`
	Ended     string `json:"ended" doc:"从哪天起停办，没有时为空|Closed since; empty while it works"`
	UpdatedAt string `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version   int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func platformOf(p techplatform.Platform) Platform {
	return Platform{
		ID: string(p.ID), Level: string(p.Level), Published: p.Published, Ended: p.Ended, UpdatedAt: instant(p.UpdatedAt), Version: p.Version,
		PlatformProfile: PlatformProfile{
			p.Name, string(p.Kind), string(p.Institution), p.Base, plain(p.Functions), p.Industry, string(p.Region), p.Founded, p.Address, p.About,
		},
	}
}

// PlatformDetail is a platform with all that belongs to it.
type PlatformDetail struct {
	Platform
	RunBy       string            `json:"run_by" doc:"运营机构|The institution that runs it"`
	Founders    []PlatformFounder `json:"founders" doc:"共建单位|Who founded it"`
	Levels      []PlatformLevel   `json:"levels" doc:"认定级别，从早到晚|Its levels, oldest first"`
	Services    []PlatformService `json:"services" doc:"服务项目|Its services"`
	Instruments []Instrument      `json:"instruments" doc:"仪器设备|Its instruments"`
	Bases       []BaseLink        `json:"bases" doc:"服务的基地|The bases it serves"`
	Standing    PlatformStanding  `json:"standing" doc:"做了多少，评价怎样|What it has done, and what was said of it"`
}

// PlatformFounder is one of those who set a platform up (共建单位).
type PlatformFounder struct {
	Kind   string `json:"kind" enum:"university,institute,enterprise,government,other" doc:"哪类单位|Kind"`
	Name   string `json:"name" doc:"名称|Name"`
	What   string `json:"what" enum:"funds,equipment,technology,premises,people" doc:"投入什么|Contribution"`
	Amount int64  `json:"amount,omitempty" doc:"金额或作价，分；不知道时为 0|Its value in fen; 0 when not known"`
	Note   string `json:"note,omitempty" doc:"说明|Note"`
}

// PlatformLevel is a level for a span of days.
type PlatformLevel struct {
	Level    string `json:"level" doc:"级别：city、province、nation；空的是取消|Level; empty withdraws it"`
	From     string `json:"from" doc:"从哪天起|First day"`
	To       string `json:"to,omitempty" doc:"从哪天起不再有效|First day it no longer holds"`
	Document string `json:"document,omitempty" doc:"文件|The document"`
}

// PlatformServiceBody is what is said of a service.
type PlatformServiceBody struct {
	Kind        string `json:"kind" doc:"种类：comprehensive 或 professional|Comprehensive or professional"`
	Name        string `json:"name" doc:"名称|Name"`
	Description string `json:"description,omitempty" doc:"说明|Description"`
	Price       int64  `json:"price,omitempty" doc:"单价，分；免费是 0|Price of one unit in fen; 0 when it is free"`
	Unit        string `json:"unit,omitempty" doc:"单位|Unit"`
	FreeShare   int    `json:"free_share,omitempty" doc:"公益份额，百分之几|Part of a year's orders done for free, in per cent"`
	Ended       bool   `json:"ended,omitempty" doc:"是否不再提供|Whether it is no longer on offer"`
}

// PlatformService is one service of a platform.
type PlatformService struct {
	ID string `json:"id" doc:"编号|Its id"`
	PlatformServiceBody
}

// InstrumentBody is what is said of an instrument; times are like 08:30.
type InstrumentBody struct {
	Name     string `json:"name" doc:"名称|Name"`
	Model    string `json:"model,omitempty" doc:"型号|Model"`
	About    string `json:"about,omitempty" doc:"说明|About it"`
	Price    int64  `json:"price,omitempty" doc:"每小时，分；免费是 0|An hour in fen; 0 when it is free"`
	Opens    string `json:"opens" doc:"几点开放|Opens at"`
	Closes   string `json:"closes" doc:"几点关闭|Closes at"`
	Weekends bool   `json:"weekends,omitempty" doc:"休息日是否开放|Whether it is open on days that are not worked"`
	Ended    bool   `json:"ended,omitempty" doc:"是否停用|Whether it is out of use"`
}

// Instrument is something that is booked by the half hour (仪器设备).
type Instrument struct {
	ID string `json:"id" doc:"编号|Its id"`
	InstrumentBody
}

func instrumentOf(i techplatform.Instrument) Instrument {
	return Instrument{i.ID, InstrumentBody{
		i.Name, i.Model, i.About, i.Price, techplatform.Clock(i.Opens), techplatform.Clock(i.Closes), i.Weekends, i.Ended,
	}}
}

// BaseLink is what a platform does for a base.
type BaseLink struct {
	Base      string   `json:"base" doc:"基地的编号|Id of the base"`
	BaseName  string   `json:"base_name" doc:"基地|The base"`
	Platform  string   `json:"platform" doc:"平台的编号|Id of the platform"`
	Name      string   `json:"name" doc:"平台|The platform"`
	Functions []string `json:"functions" doc:"服务功能|Functions"`
	Since     string   `json:"since" doc:"从哪天起|Since"`
}

func linkOf(l techplatform.Link) BaseLink {
	return BaseLink{string(l.Base), l.BaseName, string(l.Platform), l.Name, plain(l.Functions), l.Since}
}

// PlatformStanding is what a platform has done.
type PlatformStanding struct {
	Works  int64 `json:"works" doc:"累计服务|Services done, all years"`
	Year   int64 `json:"year" doc:"今年服务|This year"`
	Free   int64 `json:"free" doc:"今年免费的|Of this year's, without a fee"`
	Firms  int64 `json:"firms" doc:"服务过的企业|Different enterprises served"`
	Rated  int64 `json:"rated" doc:"评价过的订单|Orders that were rated"`
	Score  int64 `json:"score" doc:"评分合计|Sum of their scores"`
	OnTime int64 `json:"on_time" doc:"及时的|How many of them were in time"`
}

func platformDetail(d techplatform.Detail) PlatformDetail {
	return PlatformDetail{
		Platform: platformOf(d.Platform), RunBy: d.RunBy, Standing: PlatformStanding(d.Standing), Bases: each(d.Links, linkOf),
		Founders: each(d.Founders, func(f techplatform.Founder) PlatformFounder {
			return PlatformFounder{string(f.Kind), f.Name, string(f.What), f.Amount, f.Note}
		}),
		Levels: each(d.Terms, func(t techplatform.Term) PlatformLevel {
			return PlatformLevel{string(t.Level), t.From, t.To, t.Document}
		}),
		Services: each(d.Offerings, func(o techplatform.Offering) PlatformService {
			return PlatformService{o.ID, PlatformServiceBody{string(o.Kind), o.Name, o.Description, o.Price, o.Unit, o.FreeShare, o.Ended}}
		}),
		Instruments: each(d.Instruments, instrumentOf),
	}
}

type platformFilter struct {
	paging
	Text     string `query:"text" maxLength:"100" doc:"名称的一部分|Part of its name"`
	Region   string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Kind     string `query:"kind" enum:"common,base" doc:"种类|Kind"`
	Level    string `query:"level" enum:"city,province,nation" doc:"级别|Level"`
	Function string `query:"function" enum:"testing,skills,research,matching" doc:"服务功能|Function"`
}

func (f platformFilter) filter() techplatform.Filter {
	return techplatform.Filter{
		Text: line(f.Text), Region: region.Code(f.Region), Kind: techplatform.Kind(f.Kind), Level: techplatform.Level(f.Level),
		Function: techplatform.Function(f.Function),
	}
}

func (s platforms) published(ctx context.Context, _ *Call, in *platformFilter) (page[Platform], error) {
	f := in.filter()
	list, next, err := s.register.Public(ctx, f, in.page())
	if err != nil {
		return page[Platform]{}, err
	}
	p := pageOf(list, next, platformOf)
	p.Total, err = in.count(func() (int, error) { return s.register.CountPublic(ctx, f) })
	return p, err
}

func (s platforms) showPublished(ctx context.Context, _ *Call, id string) (PlatformDetail, error) {
	d, err := s.register.Published(ctx, techplatform.ID(id))
	return platformDetail(d), err
}

// FreeHours is an instrument with its coming days.
type FreeHours struct {
	Instrument Instrument `json:"instrument" doc:"仪器|The instrument"`
	Days       []FreeDay  `json:"days" doc:"每一天|The days"`
}

// FreeDay is a day of an instrument.
type FreeDay struct {
	On    string     `json:"on" doc:"日期|Day"`
	Open  bool       `json:"open" doc:"这一天开不开放|Whether it can be used on such a day"`
	Free  []SlotBody `json:"free" doc:"空闲|What is free"`
	Taken []SlotBody `json:"taken" doc:"已约|What is taken"`
}

// SlotBody is a span of one day; times are like 08:30.
type SlotBody struct {
	Day  string `json:"day" doc:"日期|Day"`
	From string `json:"from" doc:"从几点|From"`
	To   string `json:"to" doc:"到几点|To"`
}

func slotOf(s techplatform.Slot) SlotBody {
	if s.Day == "" {
		return SlotBody{}
	}
	return SlotBody{s.Day, techplatform.Clock(s.From), techplatform.Clock(s.To)}
}

func (b SlotBody) slot(bad *fault.Fields) techplatform.Slot {
	return techplatform.Slot{Day: b.Day, From: minutes("from", b.From, bad), To: minutes("to", b.To, bad)}
}

// minutes are those since midnight of a time like 08:30.
func minutes(name, clock string, bad *fault.Fields) int {
	var h, m int
	if n, err := fmt.Sscanf(clock, "%d:%d", &h, &m); n != 2 || err != nil || h < 0 || h > 24 || m < 0 || m > 59 {
		bad.Add(name, "field.choice")
	}
	return 60*h + m
}

type freeHours struct {
	byID
	Instrument string `path:"instrument" doc:"仪器的编号|Id of the instrument"`
	From       string `query:"from" doc:"从哪天起，不填是今天|From this day on; today when left out"`
	Days       int    `query:"days" minimum:"1" maximum:"31" default:"14" doc:"几天|How many days"`
}

func (s platforms) free(ctx context.Context, c *Call, in *freeHours) (FreeHours, error) {
	days := in.Days
	if days == 0 {
		days = 14
	}
	i, all, err := s.register.FreeInstrument(ctx, techplatform.ID(in.ID), in.Instrument, orElse(in.From, c.today()), days)
	return FreeHours{instrumentOf(i), each(all, func(d techplatform.Day) FreeDay {
		return FreeDay{d.On, d.Open, each(d.Free, slotOf), each(d.Taken, slotOf)}
	})}, err
}

type platformList struct {
	platformFilter
	Ended bool `query:"ended" doc:"是否也列出停办的|Whether to list those that closed too"`
}

func (s platforms) list(ctx context.Context, c *Call, in *platformList) (page[Platform], error) {
	f, scope := in.filter(), c.By.Scope(techplatform.See)
	f.Ended = in.Ended
	list, next, err := s.register.List(ctx, scope, f, in.page())
	if err != nil {
		return page[Platform]{}, err
	}
	p := pageOf(list, next, platformOf)
	p.Total, err = in.count(func() (int, error) { return s.register.Count(ctx, scope, f) })
	return p, err
}

func (s platforms) show(ctx context.Context, c *Call, id string) (PlatformDetail, error) {
	d, err := s.register.Get(ctx, c.By.Scope(techplatform.See), techplatform.ID(id))
	c.Versioned(d.Version)
	c.ages = true // a level holds for its days, and its standing changes with orders
	return platformDetail(d), err
}

type platformNew struct {
	Body struct {
		PlatformProfile
		Founders []PlatformFounder `json:"founders,omitempty" maxItems:"20" doc:"共建单位|Who founded it"`
	}
}

func (s platforms) add(ctx context.Context, c *Call, in *platformNew) (string, error) {
	p, err := s.register.Register(ctx, c.By, in.Body.profile(), foundersOf(in.Body.Founders), "")
	return string(p.ID), err
}

func foundersOf(list []PlatformFounder) []techplatform.Founder {
	return some(list, func(f PlatformFounder) techplatform.Founder {
		return techplatform.Founder{
			Kind: techplatform.FounderKind(f.Kind), Name: line(f.Name), What: techplatform.Contribution(f.What), Amount: f.Amount, Note: line(f.Note),
		}
	})
}
