package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// steps are what is changed about a platform. Each answers the platform as it is now.
func (s platforms) steps() []operation {
	const one = "/platforms/{id}/"
	return []operation{
		changes("editPlatform", "PUT /platforms/{id}", words{"修改平台", "Edit a platform"}, s.edit, s.show).needs(writePlatforms).matched().
			note("没有写的项清空。", "What is left out is emptied."),
		changes("setPlatformFounders", "PUT "+one+"founders", words{"共建单位", "Replace the founders"}, s.founders, s.show).needs(writePlatforms).matched(),
		changes("publishPlatform", "POST "+one+"publish", words{"公开", "Publish"}, s.publish(true), s.show).needs(writePlatforms).matched(),
		changes("hidePlatform", "POST "+one+"hide", words{"不再公开", "Take off the portal"}, s.publish(false), s.show).needs(writePlatforms).matched(),
		changes("endPlatform", "POST "+one+"end", words{"停办", "Close"}, s.end, s.show).needs(writePlatforms).matched(),
		changes("setPlatformLevel", "POST "+one+"level", words{"登记别处认定或撤销的级别", "Note a level given or taken away elsewhere"}, s.level, s.show).needs(writePlatforms).matched().
			note("同时记入认定结果；由市里或上级登记。不写 level 表示撤销。在本系统认定的，走认定的申报、评审和公示。",
				"It is put on file among the titles, by the city or whoever is above it. No level takes away what holds. What is decided here goes by applications, reviews and publicity."),
		changes("addPlatformService", "POST "+one+"services", words{"新增服务项目", "Add a service"}, s.addService, s.show).needs(writePlatforms).matched(),
		changes("editPlatformService", "PUT "+one+"services/{service}", words{"修改服务项目", "Change a service"}, s.editService, s.show).needs(writePlatforms).matched(),
		changes("addInstrument", "POST "+one+"instruments", words{"新增仪器", "Add an instrument"}, s.addInstrument, s.show).needs(writePlatforms).matched(),
		changes("editInstrument", "PUT "+one+"instruments/{instrument}", words{"修改仪器", "Change an instrument"}, s.editInstrument, s.show).needs(writePlatforms).matched().
			note("已约的不变。", "What is booked stays booked."),
		reads("listBookings", one+"bookings", words{"预约", "Who holds the instruments"}, s.bookings).needs(seePlatforms),
		changes("blockInstrument", "POST "+one+"bookings", words{"停机", "Hold an instrument for the platform itself"}, s.block, s.show).needs(writePlatforms).matched(),
		changes("unblockInstrument", "POST "+one+"bookings/{booking}/release", words{"取消停机", "Give it back"}, s.unblock, s.show).needs(writePlatforms).matched(),
		lists("listPlatformWorks", "/platform-works", words{"服务记录", "What platforms did"}, s.works).needs(seePlatforms),
		creates("recordPlatformWork", "/platform-works", words{"登记服务", "Record a service done without an order"}, s.record, s.work).needs(writePlatforms).
			note("给几家企业一起做的，或者有订单以前做的。主管部门登记的当时计入统计；平台自己登记的待确认（state 为 waiting），确认以后才计入。",
				"For several enterprises at once, or from before there were orders. What an office records counts at once; what the platform's own people record waits (state waiting) and counts once an office has confirmed it."),
		gets("getPlatformWork", "/platform-works/{id}", words{"一次服务", "One piece of work"}, s.work).needs(seePlatforms),
		changes("confirmPlatformWork", "POST /platform-works/{id}/confirm", words{"确认平台登记的服务", "Confirm what a platform recorded"}, s.confirmWork, s.work).needs(writePlatforms).matched().
			note("从此按服务日期计入统计。登记的人自己不能确认；那一年已经定案的不能确认。", "From now on it counts, on its own day. Not by whoever recorded it, and not in a year that is closed."),
		changes("returnPlatformWork", "POST /platform-works/{id}/return", words{"退回平台登记的服务", "Return what a platform recorded"}, s.returnWork, s.work).needs(writePlatforms).matched().
			note("不计入统计，也不能再确认；由平台重新登记。", "It never counts and can no longer be confirmed; the platform records it anew."),
		changes("withdrawPlatformWork", "POST /platform-works/{id}/withdraw", words{"撤销误登的服务", "Take back what was entered by mistake"}, s.withdrawWork, s.work).needs(writePlatforms).matched(),
	}
}

type platformEdit struct {
	byID
	Body PlatformProfile
}

func (s platforms) edit(ctx context.Context, c *Call, in *platformEdit) error {
	_, err := s.register.Edit(ctx, c.By, techplatform.ID(in.ID), c.Version, in.Body.profile())
	return err
}

type platformFounders struct {
	byID
	Body struct {
		Founders []PlatformFounder `json:"founders" maxItems:"20" doc:"共建单位|Who founded it"`
	}
}

func (s platforms) founders(ctx context.Context, c *Call, in *platformFounders) error {
	_, err := s.register.SetFounders(ctx, c.By, techplatform.ID(in.ID), c.Version, foundersOf(in.Body.Founders))
	return err
}

func (s platforms) publish(shown bool) func(context.Context, *Call, *byID) error {
	return func(ctx context.Context, c *Call, in *byID) error {
		_, err := s.register.Publish(ctx, c.By, techplatform.ID(in.ID), c.Version, shown)
		return err
	}
}

type platformEnd struct {
	byID
	Body Ending
}

func (s platforms) end(ctx context.Context, c *Call, in *platformEnd) error {
	_, err := s.register.End(ctx, c.By, techplatform.ID(in.ID), c.Version, in.Body.Day, in.Body.Reason)
	return err
}

type platformLevel struct {
	byID
	Body PlatformLevel
}

func (s platforms) level(ctx context.Context, c *Call, in *platformLevel) error {
	b := in.Body
	_, err := s.register.SetLevel(ctx, c.By, techplatform.ID(in.ID), c.Version,
		techplatform.Term{Level: techplatform.Level(b.Level), From: b.From, To: b.To, Document: line(b.Document)})
	return err
}

type platformServiceNew struct {
	byID
	Body PlatformServiceBody
}

func (b PlatformServiceBody) offering(id string) techplatform.Offering {
	return techplatform.Offering{
		ID: id, Kind: techplatform.ServiceKind(b.Kind), Name: line(b.Name), Description: b.Description, Price: b.Price, Unit: line(b.Unit),
		FreeShare: b.FreeShare, Ended: b.Ended,
	}
}

func (s platforms) addService(ctx context.Context, c *Call, in *platformServiceNew) error {
	_, err := s.register.SetOffering(ctx, c.By, techplatform.ID(in.ID), c.Version, in.Body.offering(""))
	return err
}

type platformServiceEdit struct {
	byID
	Service string `path:"service" doc:"服务项目的编号|Id of the service"`
	Body    PlatformServiceBody
}

func (s platforms) editService(ctx context.Context, c *Call, in *platformServiceEdit) error {
	_, err := s.register.SetOffering(ctx, c.By, techplatform.ID(in.ID), c.Version, in.Body.offering(in.Service))
	return err
}

type instrumentNew struct {
	byID
	Body InstrumentBody
}

func (s platforms) setInstrument(ctx context.Context, c *Call, platform, id string, b InstrumentBody) error {
	var bad fault.Fields
	i := techplatform.Instrument{
		ID: id, Name: line(b.Name), Model: line(b.Model), About: b.About, Price: b.Price, Weekends: b.Weekends, Ended: b.Ended,
		Opens: minutes("opens", b.Opens, &bad), Closes: minutes("closes", b.Closes, &bad),
	}
	if err := bad.Err(); err != nil {
		return err
	}
	_, err := s.register.SetInstrument(ctx, c.By, techplatform.ID(platform), c.Version, i)
	return err
}

func (s platforms) addInstrument(ctx context.Context, c *Call, in *instrumentNew) error {
	return s.setInstrument(ctx, c, in.ID, "", in.Body)
}

type instrumentEdit struct {
	byID
	Instrument string `path:"instrument" doc:"仪器的编号|Id of the instrument"`
	Body       InstrumentBody
}

func (s platforms) editInstrument(ctx context.Context, c *Call, in *instrumentEdit) error {
	return s.setInstrument(ctx, c, in.ID, in.Instrument, in.Body)
}

// InstrumentBooking is who holds an instrument when.
type InstrumentBooking struct {
	ID         string   `json:"id" doc:"编号|Its id"`
	Instrument string   `json:"instrument" doc:"仪器的编号|Id of the instrument"`
	Order      string   `json:"order" doc:"订单的编号，平台自己停机时为空|Id of the order; empty when the platform itself holds it"`
	Slot       SlotBody `json:"slot" doc:"时间|When"`
	Note       string   `json:"note" doc:"说明|Note"`
}

type bookingList struct {
	byID
	From string `query:"from" doc:"从哪天起，不填是今天|From this day on; today when left out"`
}

func (s platforms) bookings(ctx context.Context, c *Call, in *bookingList) (page[InstrumentBooking], error) {
	list, err := s.register.Bookings(ctx, c.By, techplatform.ID(in.ID), orElse(in.From, c.today()))
	return pageOf(list, "", func(b techplatform.Booking) InstrumentBooking {
		return InstrumentBooking{b.ID, b.Instrument, string(b.Order), slotOf(b.Slot), b.Note}
	}), err
}

type blocking struct {
	byID
	Body struct {
		Instrument string `json:"instrument" doc:"仪器的编号|Id of the instrument"`
		SlotBody
		Note string `json:"note" doc:"为什么|Why"`
	}
}

func (s platforms) block(ctx context.Context, c *Call, in *blocking) error {
	var bad fault.Fields
	slot := in.Body.slot(&bad)
	if err := bad.Err(); err != nil {
		return err
	}
	_, err := s.register.Block(ctx, c.By, techplatform.ID(in.ID), c.Version,
		techplatform.Booking{Instrument: in.Body.Instrument, Slot: slot, Note: line(in.Body.Note)})
	return err
}

type unblocking struct {
	byID
	Booking string `path:"booking" doc:"停机的编号|Id of what it holds"`
}

func (s platforms) unblock(ctx context.Context, c *Call, in *unblocking) error {
	_, err := s.register.Unblock(ctx, c.By, techplatform.ID(in.ID), c.Version, in.Booking)
	return err
}

// PlatformWork is a service that was done (服务记录).
type PlatformWork struct {
	ID          string   `json:"id" doc:"编号|Its id"`
	Platform    string   `json:"platform" doc:"平台的编号|Id of the platform"`
	Order       string   `json:"order" doc:"订单的编号，没有订单时为空|Id of the order; empty for none"`
	Kind        string   `json:"kind" enum:"comprehensive,professional" doc:"种类|Kind"`
	On          string   `json:"on" doc:"日期|Day"`
	Title       string   `json:"title" doc:"做了什么|What was done"`
	Enterprises []string `json:"enterprises" doc:"服务的企业，名录里不列|Ids of whom it served; not told in a list"`
	Fee         int64    `json:"fee" doc:"一共收费，分|Fee of all together, in fen"`
	Free        bool     `json:"free" doc:"是否公益|Whether it was within the free share"`
	State       string   `json:"state" enum:"waiting,counted,returned,withdrawn" doc:"状态：待确认、已计入、已退回、已撤销|Where it stands; it counts as counted alone"`
	Returned    string   `json:"returned" doc:"为什么退回，没有时为空|Why an office returned it; empty when none did"`
	Withdrawn   string   `json:"withdrawn" doc:"为什么撤销，没有时为空|Why it was withdrawn; empty when it was not"`
	Version     int      `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func workOf(w techplatform.Work) PlatformWork {
	return PlatformWork{
		w.ID, string(w.Platform), string(w.Order), string(w.Kind), w.On, w.Title, plain(w.Enterprises), w.Fee, w.Free,
		string(w.State), w.Returned, w.Withdrawn, w.Version,
	}
}

type workList struct {
	leafing
	Region    string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Platform  string `query:"platform" doc:"平台的编号|Id of the platform"`
	Kind      string `query:"kind" enum:"comprehensive,professional" doc:"种类|Kind"`
	From      string `query:"from" doc:"从哪天起|From this day on"`
	To        string `query:"to" doc:"到哪天，含|Until this day, included"`
	State     string `query:"state" enum:"waiting,counted,returned,withdrawn" doc:"状态|Where it stands"`
	Withdrawn bool   `query:"withdrawn" doc:"没有写 state 时，是否也列出撤销了的|Whether to list what was withdrawn too, where no state is asked for"`
}

func (s platforms) works(ctx context.Context, c *Call, in *workList) (page[PlatformWork], error) {
	list, next, err := s.register.Works(ctx, c.By.Scope(techplatform.See), techplatform.WorkFilter{
		Region: region.Code(in.Region), Platform: techplatform.ID(in.Platform), Kind: techplatform.ServiceKind(in.Kind), From: in.From, To: in.To,
		State: flow.State(in.State), Withdrawn: in.Withdrawn,
	}, in.page())
	return pageOf(list, next, workOf), err
}

type workNew struct {
	Body struct {
		Platform    string   `json:"platform" doc:"平台的编号|Id of the platform"`
		Service     string   `json:"service,omitempty" doc:"服务项目的编号|Id of the service"`
		Kind        string   `json:"kind" enum:"comprehensive,professional" doc:"种类|Kind"`
		On          string   `json:"on" doc:"日期|Day"`
		Title       string   `json:"title" doc:"做了什么|What was done"`
		Enterprises []string `json:"enterprises" maxItems:"200" doc:"服务的企业的编号|Ids of whom it served"`
		Fee         int64    `json:"fee,omitempty" doc:"一共收费，分|Fee of all together, in fen"`
		Free        bool     `json:"free,omitempty" doc:"是否公益|Whether it was within the free share"`
	}
}

func (s platforms) record(ctx context.Context, c *Call, in *workNew) (string, error) {
	b := in.Body
	w, err := s.register.RecordWork(ctx, c.By, techplatform.ID(b.Platform), techplatform.Work{
		Service: b.Service, Kind: techplatform.ServiceKind(b.Kind), On: b.On, Title: line(b.Title), Enterprises: b.Enterprises, Fee: b.Fee, Free: b.Free,
	}, "")
	return w.ID, err
}

func (s platforms) work(ctx context.Context, c *Call, id string) (PlatformWork, error) {
	w, _, err := s.register.Work(ctx, c.By, id)
	c.Versioned(w.Version)
	return workOf(w), err
}

func (s platforms) confirmWork(ctx context.Context, c *Call, in *byID) error {
	_, err := s.register.ConfirmWork(ctx, c.By, in.ID, c.Version)
	return err
}

func (s platforms) returnWork(ctx context.Context, c *Call, in *reasoned) error {
	_, err := s.register.ReturnWork(ctx, c.By, in.ID, c.Version, in.Body.Reason)
	return err
}

func (s platforms) withdrawWork(ctx context.Context, c *Call, in *reasoned) error {
	_, err := s.register.WithdrawWork(ctx, c.By, in.ID, c.Version, in.Body.Reason)
	return err
}
