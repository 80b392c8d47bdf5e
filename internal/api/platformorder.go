package api

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// orderOperations are those of orders (服务订单) and specialty industry bases
// (特色产业基地).
func (s platforms) orderOperations() []operation {
	const one = "POST /platform-orders/{id}/"
	said := func(id, do string, about words, fn orderStep) operation {
		return changes(id, one+do, about, func(ctx context.Context, c *Call, in *reasoned) error {
			_, err := fn(ctx, c.By, techplatform.OrderID(in.ID), c.Version, in.Body.Reason)
			return err
		}, s.order).needs(writePlatforms).matched()
	}
	return []operation{
		lists("listPlatformOrders", "/platform-orders", words{"服务订单", "Orders"}, s.orders).needs(seePlatforms).
			note("本地区的，或者你所在企业、平台的，新的在前。", "Those of your place, enterprises or platforms, newest first."),
		creates("placeOrder", "/platform-orders", words{"下单", "Order"}, s.place, s.order).needs(writePlatforms).
			note("用仪器的写时间；已经约出去的是冲突。", "With an instrument, say when; a time that is taken is a conflict."),
		gets("getPlatformOrder", "/platform-orders/{id}", words{"一个订单", "One order"}, s.order).needs(seePlatforms),
		opens("openOrderFile", "/platform-orders/{id}/files/{file}", words{"下载报告", "Take a report away"}, s.openOrderFile).needs(seePlatforms).
			note("不是双方自己打开的，都记入审计。", "Every opening by somebody else than the two sides stands in the audit trail."),
		changes("acceptOrder", one+"accept", words{"受理", "Accept"}, silent(s.register.Accept), s.order).needs(writePlatforms).matched(),
		said("refuseOrder", "refuse", words{"不予受理", "Refuse"}, s.register.Refuse),
		said("withdrawOrder", "withdraw", words{"撤回", "Withdraw"}, s.register.Withdraw),
		changes("rebookOrder", one+"rebook", words{"改期", "Change the time"}, s.rebook, s.order).needs(writePlatforms).matched(),
		changes("deliverOrder", one+"deliver", words{"交付", "Deliver"}, s.deliver, s.order).needs(writePlatforms).matched(),
		changes("confirmOrder", one+"confirm", words{"确认", "Confirm"}, silent(s.register.Confirm), s.order).needs(writePlatforms).matched(),
		said("disputeOrder", "dispute", words{"不予确认", "Dispute"}, s.register.Dispute),
		changes("rateOrder", one+"rate", words{"评价", "Rate"}, s.rate, s.order).needs(writePlatforms).matched(),
		said("takeOrderBack", "take-back", words{"撤销交付", "Take the delivery back"}, s.register.TakeBack),

		reads("listIndustryBases", "/industry-bases", words{"特色产业基地", "Specialty industry bases"}, s.bases).public(),
		gets("getIndustryBase", "/industry-bases/{id}", words{"一个基地", "One base"}, s.base).public(),
		creates("addIndustryBase", "/industry-bases", words{"规划基地", "Enter a base"}, s.addBase, s.base).needs(writePlatforms),
		changes("editIndustryBase", "PUT /industry-bases/{id}", words{"修改基地", "Change a base"}, s.editBase, s.base).needs(writePlatforms).matched(),
		changes("linkPlatform", "POST /industry-bases/{id}/platforms", words{"平台服务基地", "Say what a platform does for a base"}, s.link, s.base).needs(writePlatforms).matched().
			note("没有功能表示不再服务。", "Without functions it no longer does anything."),
	}
}

// orderStep is a step of an order with a reason.
type orderStep = func(ctx context.Context, by actor, id techplatform.OrderID, version int, reason string) (techplatform.Order, error)

// PlatformOrder is an enterprise's order at a platform (服务订单).
type PlatformOrder struct {
	ID          string   `json:"id" doc:"编号|Its id"`
	Number      string   `json:"number" doc:"订单号|The number people know it by"`
	Platform    string   `json:"platform" doc:"平台的编号|Id of the platform"`
	Service     string   `json:"service" doc:"服务项目的编号|Id of the service"`
	ServiceName string   `json:"service_name" doc:"服务项目|The service"`
	Enterprise  string   `json:"enterprise" doc:"企业编号|Id of the enterprise"`
	Requester   string   `json:"requester" doc:"企业|The enterprise"`
	Region      string   `json:"region" doc:"企业所在镇街的代码|Code of the enterprise's town"`
	Title       string   `json:"title" doc:"标题|Title"`
	Text        string   `json:"text" doc:"要做什么|What is to be done"`
	WantedBy    string   `json:"wanted_by" doc:"希望哪天前，可以为空|The day it is wanted by; may be empty"`
	Instrument  string   `json:"instrument" doc:"仪器的编号，没有时为空|Id of the instrument; empty for none"`
	Slot        SlotBody `json:"slot" doc:"约的时间，没有仪器时都为空|When it is booked; empty without an instrument"`
	State       string   `json:"state" enum:"placed,accepted,delivered,confirmed,rated,refused,withdrawn" doc:"状态|State"`
	DeliveredOn string   `json:"delivered_on" doc:"交付日期，没有时为空|Day it was delivered; empty before"`
	Report      string   `json:"report" doc:"交付说明|What was delivered, in words"`
	Fee         int64    `json:"fee" doc:"收费，分|Fee in fen"`
	Free        bool     `json:"free" doc:"是否公益|Whether it was within the free share"`
	Score       int      `json:"score" doc:"评分 1 到 5，没有评价是 0|Score 1 to 5; 0 while not rated"`
	PlacedAt    string   `json:"placed_at" format:"date-time" doc:"下单时间|When it was placed"`
	Version     int      `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func orderOf(o techplatform.Order) PlatformOrder {
	return PlatformOrder{
		ID: string(o.ID), Number: o.Number, Platform: string(o.Platform), Service: o.Service, ServiceName: o.ServiceName, Enterprise: o.Enterprise,
		Requester: o.Requester, Region: string(o.Region), Title: o.Title, Text: o.Text, WantedBy: o.WantedBy, Instrument: o.Instrument,
		Slot: slotOf(o.Slot), State: string(o.State), DeliveredOn: o.On, Report: o.Report, Fee: o.Fee, Free: o.Free, Score: o.Score,
		PlacedAt: instant(o.PlacedAt), Version: o.Version,
	}
}

// PlatformOrderDetail is an order with its reports and history.
type PlatformOrderDetail struct {
	PlatformOrder
	PlatformName   string     `json:"platform_name" doc:"平台|The platform"`
	InstrumentName string     `json:"instrument_name" doc:"仪器，没有时为空|The instrument; empty for none"`
	Files          []File     `json:"files" doc:"报告|Reports"`
	Events         []Happened `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can            []string   `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

type orderList struct {
	paging
	Region     string `query:"region" doc:"企业所在地区的代码，含下级|Code of the enterprise's place, with everything below it"`
	Platform   string `query:"platform" doc:"平台的编号|Id of the platform"`
	Enterprise string `query:"enterprise" doc:"企业编号|Id of the enterprise"`
	State      string `query:"state" enum:"placed,accepted,delivered,confirmed,rated,refused,withdrawn" doc:"状态|State"`
	Open       bool   `query:"open" doc:"只要还等人办的|Those that wait for somebody only"`
	Text       string `query:"text" maxLength:"100" doc:"订单号、标题或企业的一部分|Part of number, title or enterprise"`
}

func (s platforms) orders(ctx context.Context, c *Call, in *orderList) (page[PlatformOrder], error) {
	scope := c.By.Scope(techplatform.SeeOrder)
	f := techplatform.OrderFilter{
		Region: region.Code(in.Region), Platform: techplatform.ID(in.Platform), Enterprise: in.Enterprise, State: flow.State(in.State),
		Open: in.Open, Text: line(in.Text),
	}
	list, next, err := s.register.Orders(ctx, scope, f, in.page())
	if err != nil {
		return page[PlatformOrder]{}, err
	}
	p := pageOf(list, next, orderOf)
	p.Total, err = in.count(func() (int, error) { return s.register.CountOrders(ctx, scope, f) })
	return p, err
}

func (s platforms) order(ctx context.Context, c *Call, id string) (PlatformOrderDetail, error) {
	d, err := s.register.Order(ctx, c.By, techplatform.OrderID(id))
	c.Versioned(d.Version)
	return PlatformOrderDetail{
		orderOf(d.Order), d.PlatformName, d.InstrumentName, filesOf(d.Files), happened(d.Events), verbs(d.Open),
	}, err
}

func (s platforms) openOrderFile(ctx context.Context, c *Call, in *filed) (files.File, io.ReadSeekCloser, error) {
	return s.register.OpenFile(ctx, c.By, techplatform.OrderID(in.ID), in.File)
}

type orderNew struct {
	Body struct {
		Platform   string    `json:"platform" doc:"平台的编号|Id of the platform"`
		Enterprise string    `json:"enterprise" doc:"企业编号|Id of the enterprise"`
		Service    string    `json:"service" doc:"服务项目的编号|Id of the service"`
		Title      string    `json:"title" doc:"标题|Title"`
		Text       string    `json:"text" doc:"要做什么|What is to be done"`
		WantedBy   string    `json:"wanted_by,omitempty" doc:"希望哪天前|The day it is wanted by"`
		Instrument string    `json:"instrument,omitempty" doc:"仪器的编号|Id of the instrument"`
		Slot       *SlotBody `json:"slot,omitempty" doc:"用仪器的时间|When, with an instrument"`
	}
}

func (s platforms) place(ctx context.Context, c *Call, in *orderNew) (string, error) {
	b := in.Body
	wish := techplatform.Wish{Service: b.Service, Title: line(b.Title), Text: b.Text, WantedBy: b.WantedBy, Instrument: b.Instrument}
	if b.Slot != nil {
		var bad fault.Fields
		wish.Slot = b.Slot.slot(&bad)
		if err := bad.Err(); err != nil {
			return "", slotted(err)
		}
	}
	o, err := s.register.Place(ctx, c.By, techplatform.ID(b.Platform), enterprise.ID(b.Enterprise), wish, "")
	return string(o.ID), slotted(err)
}

// slotted says that the time of an order stands in its slot.
func slotted(err error) error {
	for _, name := range []string{"day", "from", "to"} {
		err = below(err, name, "/slot/"+name)
	}
	return err
}

// silent takes a step that needs no words.
func silent(step func(context.Context, actor, techplatform.OrderID, int) (techplatform.Order, error)) func(context.Context, *Call, *byID) error {
	return func(ctx context.Context, c *Call, in *byID) error {
		_, err := step(ctx, c.By, techplatform.OrderID(in.ID), c.Version)
		return err
	}
}

type rebooking struct {
	byID
	Body SlotBody
}

func (s platforms) rebook(ctx context.Context, c *Call, in *rebooking) error {
	var bad fault.Fields
	slot := in.Body.slot(&bad)
	if err := bad.Err(); err != nil {
		return err
	}
	_, err := s.register.Rebook(ctx, c.By, techplatform.OrderID(in.ID), c.Version, slot)
	return err
}

type delivering struct {
	byID
	Body struct {
		On     string   `json:"on" doc:"日期|Day"`
		Report string   `json:"report,omitempty" doc:"说明|In words"`
		Fee    int64    `json:"fee,omitempty" doc:"收费，分|Fee in fen"`
		Free   bool     `json:"free,omitempty" doc:"是否公益|Whether it was within the free share"`
		Files  []string `json:"files,omitempty" maxItems:"40" doc:"报告：上传得到的 token|Reports: the tokens of uploads"`
	}
}

func (s platforms) deliver(ctx context.Context, c *Call, in *delivering) error {
	b := in.Body
	_, err := s.register.Deliver(ctx, c.By, techplatform.OrderID(in.ID), c.Version,
		techplatform.Delivery{On: b.On, Report: b.Report, Fee: b.Fee, Free: b.Free}, files.Papers{Add: b.Files}, "")
	return err
}

type orderRating struct {
	byID
	Body struct {
		Score  int    `json:"score" minimum:"1" maximum:"5" doc:"评分，1 到 5|Score, 1 to 5"`
		OnTime bool   `json:"on_time" doc:"是否及时|Whether it came in time"`
		Words  string `json:"words,omitempty" doc:"意见|In words"`
	}
}

func (s platforms) rate(ctx context.Context, c *Call, in *orderRating) error {
	_, err := s.register.Rate(ctx, c.By, techplatform.OrderID(in.ID), c.Version, techplatform.Rating(in.Body))
	return err
}

// IndustryBaseBody is what is said of a base.
type IndustryBaseBody struct {
	Name     string `json:"name" doc:"名称|Name"`
	Region   string `json:"region" doc:"所在县或镇的代码，修改时不变|Code of its county or town; an edit leaves it"`
	Industry string `json:"industry" doc:"产业|Industry"`
	Since    string `json:"since" doc:"从哪天起|Since"`
	Ended    string `json:"ended,omitempty" doc:"从哪天起撤销|Ended since"`
	About    string `json:"about,omitempty" doc:"简介|About it"`
}

func (b IndustryBaseBody) base() techplatform.Base {
	return techplatform.Base{Name: line(b.Name), Region: region.Code(b.Region), Industry: line(b.Industry), Since: b.Since, Ended: b.Ended, About: b.About}
}

// IndustryBase is a specialty industry base (特色产业基地).
type IndustryBase struct {
	ID string `json:"id" doc:"编号|Its id"`
	IndustryBaseBody
	Platforms int `json:"platforms" doc:"几个平台为它服务|How many platforms serve it"`
	Version   int `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func baseOf(b techplatform.Base) IndustryBase {
	return IndustryBase{string(b.ID), IndustryBaseBody{b.Name, string(b.Region), b.Industry, b.Since, b.Ended, b.About}, b.Platforms, b.Version}
}

// IndustryBaseDetail is a base with the platforms that serve it.
type IndustryBaseDetail struct {
	IndustryBase
	Links []BaseLink `json:"links" doc:"服务的平台|The platforms that serve it"`
}

type baseList struct {
	Region string `query:"region" doc:"地区代码，含下级；不填是整个安装|Code of a place; the whole installation when left out"`
}

func (s platforms) bases(ctx context.Context, _ *Call, in *baseList) (page[IndustryBase], error) {
	list, err := s.register.Bases(ctx, region.Code(orElse(in.Region, string(s.home))))
	return pageOf(list, "", baseOf), err
}

func (s platforms) base(ctx context.Context, c *Call, id string) (IndustryBaseDetail, error) {
	b, links, err := s.register.Base(ctx, techplatform.BaseID(id))
	c.Versioned(b.Version)
	c.ages = true
	return IndustryBaseDetail{baseOf(b), each(links, linkOf)}, err
}

type baseNew struct{ Body IndustryBaseBody }

func (s platforms) addBase(ctx context.Context, c *Call, in *baseNew) (string, error) {
	b, err := s.register.AddBase(ctx, c.By, in.Body.base(), "")
	return string(b.ID), err
}

type baseEdit struct {
	byID
	Body IndustryBaseBody
}

func (s platforms) editBase(ctx context.Context, c *Call, in *baseEdit) error {
	_, err := s.register.EditBase(ctx, c.By, techplatform.BaseID(in.ID), c.Version, in.Body.base())
	return err
}

type baseLinking struct {
	byID
	Body struct {
		Platform  string   `json:"platform" doc:"平台的编号|Id of the platform"`
		Functions []string `json:"functions,omitempty" doc:"服务功能：testing、skills、research、matching|Functions"`
		Since     string   `json:"since,omitempty" doc:"从哪天起|Since"`
	}
}

func (s platforms) link(ctx context.Context, c *Call, in *baseLinking) error {
	b := in.Body
	_, err := s.register.LinkPlatform(ctx, c.By, techplatform.BaseID(in.ID), c.Version,
		techplatform.Link{Platform: techplatform.ID(b.Platform), Functions: named[techplatform.Function](b.Functions), Since: b.Since})
	return err
}
