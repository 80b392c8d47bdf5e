package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// tenantOperations are those of tenants (入园企业) and of enterprises that seek
// space (找厂房).
func (s parks) tenantOperations() []operation {
	const tenant, wish = "POST /park-tenants/{id}/", "POST /space-wishes/{id}/"
	return []operation{
		lists("listTenants", "/park-tenants", words{"入园企业", "Tenants"}, s.tenants).needs(seeParks),
		creates("enterTenant", "/park-tenants", words{"登记入园", "An enterprise moves in"}, s.enter, s.tenant).needs(writeParks).
			note("楼栋要已建成，面积要够。", "The building is completed and has so much free."),
		gets("getTenant", "/park-tenants/{id}", words{"一家入园企业", "One tenant"}, s.tenant).needs(seeParks),
		changes("growTenant", tenant+"grow", words{"扩租或退租", "Take more space, or give it back"}, s.grow, s.tenant).needs(writeParks).matched().
			note("area 是在这栋楼里一共用多少；0 是退掉。", "area is all that it has in the building; 0 gives it back."),
		changes("leaveTenant", tenant+"leave", words{"离园", "Leave"}, s.leave, s.tenant).needs(writeParks).matched(),
		changes("undoTenant", tenant+"undo", words{"撤销误登的入园", "Take back what was entered by mistake"}, s.undo, s.tenant).needs(writeParks).matched(),

		lists("listSpaceWishes", "/space-wishes", words{"找厂房", "Searches for space"}, s.wishes).needs(seeParks).
			note("本地区的，或者你所在企业、园区的，新的在前。", "Those of your place, enterprises or parks, newest first."),
		creates("seekSpace", "/space-wishes", words{"找厂房", "Seek space"}, s.seek, s.wish).needs(writeParks),
		gets("getSpaceWish", "/space-wishes/{id}", words{"一次找厂房", "One search for space"}, s.wish).needs(seeParks).
			note("还在找时，fits 是合适的空置厂房。", "While it is sought, fits are the vacancies that fit."),
		changes("applyForSpace", wish+"apply", words{"申请入园", "Apply for a building"}, s.apply, s.wish).needs(writeParks).matched(),
		changes("acceptSpaceWish", wish+"accept", words{"同意入园", "Accept"}, s.accept, s.wish).needs(writeParks).matched(),
		ends("refuseSpaceWish", wish+"refuse", words{"不同意入园", "Refuse"}, because(s.register.Refuse)).needs(writeParks).matched().
			note("企业接着找，园区不再看得到。", "The enterprise seeks on, out of the park's sight."),
		changes("moveIn", wish+"move-in", words{"已入园", "Moved in"}, s.moveIn, s.wish).needs(writeParks).matched(),
		changes("withdrawSpaceWish", wish+"withdraw", words{"不找了", "Withdraw"}, s.withdraw, s.wish).needs(writeParks).matched(),
	}
}

// Tenant is an enterprise's time in a park (入园).
type Tenant struct {
	ID         string `json:"id" doc:"编号|Its id"`
	Park       string `json:"park" doc:"园区的编号|Id of the park"`
	Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
	Name       string `json:"name" doc:"企业|The enterprise"`
	Area       int64  `json:"area" doc:"今天用多少，平方米|What it has today, in square metres"`
	Entered    string `json:"entered" doc:"入园日期|Day it moved in"`
	Left       string `json:"left" doc:"离园日期，在园时为空|Not there since; empty while it is"`
	Way        string `json:"way" doc:"怎么离园：graduated、moved、shut；在园时为空|How it left; empty while it is there"`
	Note       string `json:"note" doc:"说明|Note"`
	Undone     bool   `json:"undone" doc:"是否误登已撤销|Whether it was entered by mistake"`
	Version    int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func tenantOf(y park.Tenancy) Tenant {
	return Tenant{
		string(y.ID), string(y.Park), string(y.Enterprise), y.Name, y.Area, y.Entered, y.Left, string(y.Way), y.Note, y.Undone, y.Version,
	}
}

// TenantDetail is a tenant with what it has where.
type TenantDetail struct {
	Tenant
	Spaces []TenantSpace `json:"spaces" doc:"用过的面积|What it has and had"`
}

// TenantSpace is what a tenant has in a building.
type TenantSpace struct {
	Building string `json:"building" doc:"楼栋的编号|Id of the building"`
	Area     int64  `json:"area" doc:"平方米|Square metres"`
	From     string `json:"from" doc:"从哪天起|First day"`
	To       string `json:"to" doc:"从哪天起不再用，没有时为空|First day it no longer has it; empty while it has"`
}

type tenantList struct {
	leafing
	Park   string `query:"park" doc:"园区的编号|Id of the park"`
	Year   int    `query:"year" minimum:"0" maximum:"2100" doc:"哪一年入园的|The year they moved in"`
	Here   bool   `query:"here" doc:"只要今天还在的|Those still there today only"`
	Text   string `query:"text" maxLength:"100" doc:"企业名称的一部分|Part of the enterprise's name"`
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
}

func (s parks) tenants(ctx context.Context, c *Call, in *tenantList) (page[Tenant], error) {
	list, next, err := s.register.Tenants(ctx, c.By.Scope(park.See), park.TenantFilter{
		Park: park.ID(in.Park), Year: in.Year, Here: in.Here, Text: line(in.Text), Place: region.Code(in.Region),
	}, in.page())
	return pageOf(list, next, tenantOf), err
}

type tenantNew struct {
	Body struct {
		Park       string `json:"park" doc:"园区的编号|Id of the park"`
		Enterprise string `json:"enterprise,omitempty" doc:"企业编号|Id of the enterprise"`
		Code       string `json:"code,omitempty" doc:"不知道编号时，企业的代码|One of its codes, where its id is not known"`
		Building   string `json:"building" doc:"楼栋的编号|Id of the building"`
		Area       int64  `json:"area" doc:"平方米|Square metres"`
		On         string `json:"on" doc:"哪天入园|Day it moved in"`
		Note       string `json:"note,omitempty" doc:"说明|Note"`
	}
}

func (s parks) enter(ctx context.Context, c *Call, in *tenantNew) (string, error) {
	b := in.Body
	y, err := s.register.Enter(ctx, c.By, park.ID(b.Park), park.Arrival{
		Enterprise: enterprise.ID(b.Enterprise), Code: line(b.Code), Building: b.Building, Area: b.Area, On: b.On, Note: line(b.Note),
	}, "")
	return y.ID, err
}

func (s parks) tenant(ctx context.Context, c *Call, id string) (TenantDetail, error) {
	y, _, err := s.register.Tenant(ctx, c.By.Scope(park.See), id)
	c.Versioned(y.Version)
	c.ages = true
	return TenantDetail{tenantOf(y), each(y.Spaces, func(p park.Space) TenantSpace { return TenantSpace{p.Building, p.Area, p.From, p.To} })}, err
}

type tenantGrow struct {
	byID
	Body struct {
		Building string `json:"building" doc:"楼栋的编号|Id of the building"`
		Area     int64  `json:"area" doc:"一共用多少，平方米|All that it has there, in square metres"`
		On       string `json:"on" doc:"从哪天起|From this day on"`
	}
}

func (s parks) grow(ctx context.Context, c *Call, in *tenantGrow) error {
	_, err := s.register.Grow(ctx, c.By, in.ID, c.Version, in.Body.Building, in.Body.Area, in.Body.On)
	return err
}

type tenantLeave struct {
	byID
	Body struct {
		On   string `json:"on" doc:"从哪天起|From this day on"`
		Way  string `json:"way" enum:"graduated,moved,shut" doc:"怎么离园|How it leaves"`
		Note string `json:"note,omitempty" doc:"说明|Note"`
	}
}

func (s parks) leave(ctx context.Context, c *Call, in *tenantLeave) error {
	_, err := s.register.Leave(ctx, c.By, in.ID, c.Version, in.Body.On, park.Way(in.Body.Way), line(in.Body.Note))
	return err
}

func (s parks) undo(ctx context.Context, c *Call, in *reasoned) error {
	_, err := s.register.Undo(ctx, c.By, in.ID, c.Version, in.Body.Reason)
	return err
}

// SpaceWish is an enterprise's search for space (找厂房).
type SpaceWish struct {
	ID         string `json:"id" doc:"编号|Its id"`
	Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
	Name       string `json:"name" doc:"企业|The enterprise"`
	County     string `json:"county" doc:"在哪个县找，代码|Code of the county where it seeks"`
	Kind       string `json:"kind" doc:"种类|Kind of building"`
	Area       int64  `json:"area" doc:"平方米|Square metres"`
	By         string `json:"by" doc:"哪天前要，可以为空|The day it is wanted by; may be empty"`
	Text       string `json:"text" doc:"说明|In words"`
	State      string `json:"state" enum:"seeking,applied,accepted,moved_in,withdrawn" doc:"状态|State"`
	Building   string `json:"building" doc:"申请的楼栋，还在找时为空|Id of the building applied for; empty while seeking"`
	Park       string `json:"park" doc:"它的园区|Id of its park"`
	Tenant     string `json:"tenant" doc:"入园后的编号，没有时为空|Id of the tenant that came of it; empty for none"`
	PostedAt   string `json:"posted_at" format:"date-time" doc:"提出时间|When it was posted"`
	Version    int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func wishOf(w park.Wish) SpaceWish {
	return SpaceWish{
		w.ID, string(w.Enterprise), w.Name, string(w.County), string(w.Kind), w.Area, w.By, w.Text, string(w.State), w.Building,
		string(w.Park), w.Tenancy, instant(w.PostedAt), w.Version,
	}
}

// SpaceWishDetail is a search with what fits it.
type SpaceWishDetail struct {
	SpaceWish
	Fits   []Vacancy  `json:"fits" doc:"合适的空置厂房，最多 20 处|Vacancies that fit, at most 20"`
	Events []Happened `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can    []string   `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

type wishList struct {
	leafing
	Region     string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	State      string `query:"state" enum:"seeking,applied,accepted,moved_in,withdrawn" doc:"状态|State"`
	Open       bool   `query:"open" doc:"只要没有办完的|Those that are not over only"`
	Enterprise string `query:"enterprise" doc:"企业编号|Id of the enterprise"`
	Park       string `query:"park" doc:"园区的编号|Id of the park"`
}

func (s parks) wishes(ctx context.Context, c *Call, in *wishList) (page[SpaceWish], error) {
	list, next, err := s.register.Wishes(ctx, c.By.Scope(park.SeeWish), park.WishFilter{
		Region: region.Code(in.Region), State: flow.State(in.State), Open: in.Open, Enterprise: enterprise.ID(in.Enterprise), Park: park.ID(in.Park),
	}, in.page())
	return pageOf(list, next, wishOf), err
}

func (s parks) wish(ctx context.Context, c *Call, id string) (SpaceWishDetail, error) {
	d, err := s.register.Wish(ctx, c.By.Scope(park.SeeWish), id)
	if err != nil {
		return SpaceWishDetail{}, err
	}
	c.Versioned(d.Version)
	c.ages = true
	return SpaceWishDetail{
		SpaceWish: wishOf(d.Wish), Events: happened(d.Events), Can: verbs(park.MayWish(c.By, &d.Wish)),
		Fits: each(d.Fits, func(v park.Vacancy) Vacancy { return vacancyOf(v, c.today()) }),
	}, nil
}

type wishNew struct {
	Body struct {
		Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
		County     string `json:"county" doc:"在哪个县找，代码|Code of the county where it seeks"`
		Kind       string `json:"kind" enum:"factory_single,factory_multi,office,warehouse,dormitory" doc:"种类|Kind of building"`
		Area       int64  `json:"area" doc:"平方米|Square metres"`
		By         string `json:"by,omitempty" doc:"哪天前要|The day it is wanted by"`
		Text       string `json:"text,omitempty" doc:"说明|In words"`
	}
}

func (s parks) seek(ctx context.Context, c *Call, in *wishNew) (string, error) {
	b := in.Body
	w, err := s.register.Seek(ctx, c.By, enterprise.ID(b.Enterprise), region.Code(b.County),
		park.Want{Kind: park.Kind(b.Kind), Area: b.Area, By: b.By, Text: b.Text}, "")
	return w.ID, err
}

type wishApply struct {
	byID
	Body struct {
		Building string `json:"building" doc:"楼栋的编号|Id of the building"`
	}
}

func (s parks) apply(ctx context.Context, c *Call, in *wishApply) error {
	_, err := s.register.Apply(ctx, c.By, in.ID, c.Version, in.Body.Building)
	return err
}

func (s parks) accept(ctx context.Context, c *Call, in *checking) error {
	_, err := s.register.Accept(ctx, c.By, in.ID, c.Version, in.Body.Note)
	return err
}

type wishMove struct {
	byID
	Body struct {
		On string `json:"on" doc:"哪天入园|Day it moved in"`
	}
}

func (s parks) moveIn(ctx context.Context, c *Call, in *wishMove) error {
	_, err := s.register.MoveIn(ctx, c.By, in.ID, c.Version, in.Body.On)
	return err
}

func (s parks) withdraw(ctx context.Context, c *Call, in *byID) error {
	_, err := s.register.Withdraw(ctx, c.By, in.ID, c.Version)
	return err
}
