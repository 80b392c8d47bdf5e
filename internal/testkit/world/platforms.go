package world

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
)

// Platforms are a place's records of technology. All are of Own: a published
// platform that its institution runs, orders of its enterprise in the states that
// steps begin from, a base, a patent.
type Platforms struct {
	Platform, Service, Instrument, Hold string
	Work, Base, Patent, Use             string
	Orders                              map[flow.State]string
}

func (w *World) platforms(at Place) {
	w.t.Helper()
	if at != Own {
		return
	}
	ctx, office, own, s := w.t.Context(), w.Office(at.Over), w.At[at.Name], w.Technology
	r := Platforms{Orders: map[flow.State]string{}}
	p, err := s.Register(ctx, office, techplatform.Profile{
		Name: Mark(at, "检测平台"), Kind: techplatform.Common, Institution: own.Institution, Industry: "纺织", Region: at.Over, Founded: "2010-01-01",
	}, nil, "")
	w.must(err)
	for _, step := range []func() (techplatform.Platform, error){
		func() (techplatform.Platform, error) {
			return s.SetOffering(ctx, office, p.ID, p.Version, techplatform.Offering{Kind: techplatform.Professional, Name: "棉纱检测", Unit: "次"})
		},
		func() (techplatform.Platform, error) {
			return s.SetInstrument(ctx, office, p.ID, p.Version, techplatform.Instrument{Name: "强力仪", Opens: 9 * 60, Closes: 17 * 60, Weekends: true})
		},
		func() (techplatform.Platform, error) { return s.Publish(ctx, office, p.ID, p.Version, true) },
		func() (techplatform.Platform, error) {
			return s.Block(ctx, office, p.ID, p.Version, techplatform.Booking{
				Instrument: w.One(`SELECT id FROM techplatform_instrument WHERE platform_id = ?`, string(p.ID)), Note: "停机维护",
				Slot: techplatform.Slot{Day: flow.AddDays(flow.DayOf(w.DB.Now()), 3), From: 9 * 60, To: 10 * 60},
			})
		},
	} {
		p, err = step()
		w.must(err)
	}
	d, err := s.Published(ctx, p.ID)
	w.must(err)
	r.Platform, r.Service, r.Instrument = string(p.ID), d.Offerings[0].ID, d.Instruments[0].ID
	r.Hold = w.One(`SELECT id FROM techplatform_booking WHERE order_id = ''`)
	work, err := s.RecordWork(ctx, office, p.ID, techplatform.Work{
		Kind: techplatform.Professional, On: "2020-01-06", Title: "棉纱检测", Enterprises: []string{string(own.Enterprise)},
	}, "")
	w.must(err)
	base, err := s.AddBase(ctx, office, techplatform.Base{Name: Mark(at, "纺织基地"), Industry: "纺织", Region: at.Over, Since: "2010-01-01"}, "")
	w.must(err)
	patent, err := s.EnterPatent(ctx, w.Office(at.Town), own.Enterprise, "", techplatform.PatentProfile{
		Number: "200820123456.7", Title: "一种棉纱分梳辊", Applied: "2008-03-03",
	}, "")
	w.must(err)
	patent, err = s.RecordUse(ctx, w.Office(at.Town), patent.ID, patent.Version, techplatform.Use{Year: 2010, Way: techplatform.OwnUse, What: "分梳辊", Revenue: amount})
	w.must(err)
	r.Work, r.Base, r.Patent = work.ID, string(base.ID), patent.ID
	r.Use = w.One(`SELECT id FROM techplatform_patent_use WHERE patent_id = ?`, patent.ID)
	own.Platforms = r
	for _, state := range []flow.State{techplatform.Placed, techplatform.Accepted, techplatform.Delivered, techplatform.Confirmed} {
		r.Orders[state] = string(w.order(at, state))
	}
}

// order is one of the place's enterprise, brought to the state; what is delivered
// has a report.
func (w *World) order(at Place, state flow.State) techplatform.OrderID {
	w.t.Helper()
	ctx, s, own := w.t.Context(), w.Technology, w.At[at.Name]
	asks := w.actor("maker", "owner", authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(own.Enterprise)}})
	does := w.actor("maker", "institution", authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(own.Institution)}})
	o, err := s.Place(ctx, asks, techplatform.ID(own.Platforms.Platform), own.Enterprise, techplatform.Wish{
		Service: own.Platforms.Service, Title: "棉纱强力检测", Text: "一批棉纱出厂前要做强力检测。",
	}, "")
	w.must(err)
	for _, step := range []func() (techplatform.Order, error){
		func() (techplatform.Order, error) { return s.Accept(ctx, does, o.ID, o.Version) },
		func() (techplatform.Order, error) {
			return s.Deliver(ctx, does, o.ID, o.Version, techplatform.Delivery{On: flow.DayOf(w.DB.Now()), Report: "强力合格，详见报告。"},
				files.Papers{Add: w.papers(does, at, "报告")}, "")
		},
		func() (techplatform.Order, error) { return s.Confirm(ctx, asks, o.ID, o.Version) },
	} {
		if o.State == state {
			break
		}
		o, err = step()
		w.must(err)
	}
	return o.ID
}
