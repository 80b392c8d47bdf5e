package world

import (
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
)

// Platforms are a place's records of technology. All are of Own: a published
// platform that its institution runs, orders of its enterprise in the states that
// steps begin from, a base, a patent, technology needs, introductions and new products.
type Platforms struct {
	Platform, Service, Instrument, Hold string
	Work, Base, Patent, Use             string
	Said                                string // a piece of work that the platform's own people entered
	Notices, Intros, Products           map[flow.State]string
	Orders                              map[flow.State]string
}

func (w *World) platforms(at Place) {
	w.t.Helper()
	if at != Own {
		return
	}
	ctx, office, own, s := w.t.Context(), w.Office(at.Over), w.At[at.Name], w.Technology
	r := Platforms{Orders: map[flow.State]string{}, Notices: map[flow.State]string{}, Intros: map[flow.State]string{}, Products: map[flow.State]string{}}
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
	said, err := s.RecordWork(ctx, w.actor("maker", "institution", authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(own.Institution)}}), p.ID, techplatform.Work{
		Kind: techplatform.Professional, On: flow.DayOf(w.DB.Now()), Title: "布料检测", Enterprises: []string{string(own.Enterprise)},
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
	r.Work, r.Said, r.Base, r.Patent = work.ID, said.ID, string(base.ID), patent.ID
	r.Use = w.One(`SELECT id FROM techplatform_patent_use WHERE patent_id = ?`, patent.ID)
	own.Platforms = r
	for _, state := range []flow.State{techplatform.Placed, techplatform.Accepted, techplatform.Delivered, techplatform.Confirmed} {
		r.Orders[state] = string(w.order(at, state))
	}
	for _, state := range techplatform.NoticeLifecycle().States[:4] {
		r.Notices[state] = w.notice(at, state)
	}
	for _, state := range techplatform.ProductLifecycle().States[:6] {
		r.Products[state] = w.product(at, state)
	}
	for _, state := range []flow.State{techplatform.Introduced, techplatform.Claimed, techplatform.Agreed} {
		r.Intros[state] = w.intro(at, state)
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

// notice is a technology need of the place's enterprise in the state.
func (w *World) notice(at Place, state flow.State) string {
	w.t.Helper()
	ctx, s := w.t.Context(), w.Technology
	asks, _, as, _ := w.market(at)
	checks := w.actor("checker", app.RoleStaff, authz.Grant{Region: at.Over})
	n, err := s.SubmitNotice(ctx, asks, as, techplatform.Wanted, techplatform.NoticeProfile{
		Title: "棉纱条干在线检测", Text: "并条机出来的棉条靠抽样检测，希望能在线测量条干并报警。", Industry: "C17", Contact: "王工 0515-82330000",
	}, "")
	w.must(err)
	switch state {
	case techplatform.Returned:
		_, err = s.ReturnNotice(ctx, checks, n.ID, n.Version, "指标没有写清楚")
	case techplatform.Checked, techplatform.Shown:
		n, err = s.CheckNotice(ctx, checks, n.ID, n.Version)
		if err == nil && state == techplatform.Shown {
			_, err = s.PublishNotice(ctx, w.actor("publisher", app.RoleOfficial, authz.Grant{Region: Above.Over}), n.ID, n.Version)
		}
	default:
	}
	w.must(err)
	return n.ID
}

// market are those who need and who offer technology, with whom they speak for.
func (w *World) market(at Place) (asks, gives authz.Actor, need, offer authz.Party) {
	own := w.At[at.Name]
	need, offer = authz.Party{Kind: authz.Enterprise, ID: string(own.Enterprise)}, authz.Party{Kind: authz.Institution, ID: string(own.Institution)}
	return w.actor("maker", "owner", authz.Grant{Party: need}), w.actor("maker", "institution", authz.Grant{Party: offer}), need, offer
}

// intro is the place's institution introduced to its enterprise.
func (w *World) intro(at Place, state flow.State) string {
	w.t.Helper()
	asks, gives, _, as := w.market(at)
	i, err := w.Technology.Express(w.t.Context(), gives, w.notice(at, techplatform.Shown), as, techplatform.Answer{Words: "我们有条干仪可以改装", Contact: "刘工 0515-88160000"}, "")
	w.must(err)
	if state != techplatform.Introduced {
		i, err = w.Technology.AgreeIntro(w.t.Context(), gives, i.ID, i.Version, flow.DayOf(w.DB.Now()), 0)
		w.must(err)
	}
	if state == techplatform.Agreed {
		asks.ID += "-other" // whoever said so cannot confirm it
		_, err = w.Technology.ConfirmIntro(w.t.Context(), asks, i.ID, i.Version)
		w.must(err)
	}
	return i.ID
}

// product is a new product of the place's enterprise in the state.
func (w *World) product(at Place, state flow.State) string {
	w.t.Helper()
	ctx, s, of := w.t.Context(), w.Technology, w.Office(Above.Over)
	asks, _, _, _ := w.market(at)
	p, err := s.ApplyProduct(ctx, asks, w.At[at.Name].Enterprise, techplatform.ProductProfile{
		Name: "断头自停细纱机", Industry: "C17", About: "逐锭检测断头并自停，用工减少四成，已有三家纺织厂使用。",
	}, files.Papers{Add: w.papers(asks, at, "查新报告")}, "")
	w.must(err)
	if state == techplatform.ProductReturned {
		_, err = s.ReturnProduct(ctx, of, p.ID, p.Version, "缺检测报告")
		w.must(err)
		return p.ID
	}
	for _, step := range []func() (techplatform.Product, error){
		func() (techplatform.Product, error) { return s.CheckProduct(ctx, of, p.ID, p.Version) },
		func() (techplatform.Product, error) { return s.ForwardProduct(ctx, of, p.ID, p.Version) },
		func() (techplatform.Product, error) {
			if state == techplatform.ProductRefused {
				return s.RefuseProduct(ctx, of, p.ID, p.Version, "和现有产品相同")
			}
			return s.ConfirmProduct(ctx, of, p.ID, p.Version, techplatform.Finding{Grade: "nation-leading", Certificate: "某鉴字 1 号", On: flow.DayOf(w.DB.Now())})
		},
	} {
		if p.State == state {
			break
		}
		p, err = step()
		w.must(err)
	}
	return p.ID
}
