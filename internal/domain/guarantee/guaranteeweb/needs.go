package guaranteeweb

import (
	"net/http"
	"strings"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// needsView is a list of financing needs, of an office or of those who lend.
type needsView struct {
	web.Filters
	t      places
	list   []guarantee.Need
	total  int
	next   string
	office bool
}

// needs are the financing needs the reader finds: an office's, those of the
// places its institutions serve.
func (s *Pages) needs(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := needsView{Filters: web.Filters{Path: "/financing", Query: r.URL.Query()}, t: t, office: office(by)}
	f := guarantee.NeedFilter{
		Region: region.Code(v.Query.Get("place")), State: flow.State(v.Query.Get("state")), Text: strings.TrimSpace(v.Query.Get("q")),
	}
	if v.list, v.next, err = s.Guarantees.ListNeeds(r.Context(), by, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Guarantees.CountNeeds(r.Context(), by, f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, needsPage(web.Page(r), v))
}

// seekView is the form of a financing need.
type seekView struct {
	Form  *web.Form
	firms []ui.Option
}

func (s *Pages) seekView(r *http.Request) (seekView, error) {
	var v seekView
	firms, err := s.firms(r, guarantee.PostNeed)
	if err != nil {
		return v, err
	}
	v.firms = applyView{firms: firms}.firmOptions()
	v.Form, err = s.Kit.Form(r, area)
	return v, err
}

func (s *Pages) seek(w http.ResponseWriter, r *http.Request) error {
	v, err := s.seekView(r)
	if err != nil {
		return err
	}
	if len(v.firms) > 0 {
		v.Form.Start("enterprise", v.firms[0].Value)
	}
	return s.Kit.Page(w, r, http.StatusOK, seekPage(web.Page(r), v))
}

func (s *Pages) post(w http.ResponseWriter, r *http.Request) error {
	v, err := s.seekView(r)
	if err != nil {
		return err
	}
	f := v.Form
	n, err := s.Guarantees.PostNeed(r.Context(), web.Actor(r), guarantee.NeedPosting{
		Enterprise: f.Text("enterprise"), Wish: wishOf(f), WantedBy: web.FormDay(f, "wanted_by"), Once: f.Once(),
	})
	if f.Refused(err) {
		return s.Kit.Page(w, r, f.Status(), seekPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.need.posted", "number", n.Number)
	return web.SeeOther(w, r, needHref(n.ID))
}

// needView is one financing need, from the side of whoever reads it.
type needView struct {
	guarantee.NeedDetail
	web.Acts
	t      places
	office bool
	owner  bool // the reader's enterprise posted it
}

func (s *Pages) needView(r *http.Request, f *web.Form, do string) (needView, error) {
	by := web.Actor(r)
	v := needView{office: office(by)}
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.t, err = s.places(r); err != nil {
		return v, err
	}
	if v.NeedDetail, err = s.Guarantees.GetNeed(r.Context(), by, r.PathValue("id")); err != nil {
		return v, err
	}
	v.Acts = web.Acts{Form: f, Do: do, Path: needHref(v.ID), Version: v.NeedDetail.Version}
	v.owner = opensFor(by, v.Enterprise)
	return v, nil
}

func (s *Pages) need(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	v, err := s.needView(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, needPage(web.Page(r), v))
}

// needStep takes one step: offer, choose, fund, withdraw.
func (s *Pages) needStep(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.takeNeed(r, f, do); f.Refused(err) {
		v, err := s.needView(r, f, do)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, f.Status(), needPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.need.done."+do)
	return web.SeeOther(w, r, needHref(r.PathValue("id")))
}

func (s *Pages) takeNeed(r *http.Request, f *web.Form, do string) error {
	ctx, by, id, version := r.Context(), web.Actor(r), r.PathValue("id"), int(f.Int("version"))
	var err error
	switch do {
	case "offer":
		_, err = s.Guarantees.MakeOffer(ctx, by, id, guarantee.Offer{
			Institution: institution.ID(f.Text("institution")), Amount: web.FormNumber(f, "amount", f.Wan),
			Months: int(web.FormNumber(f, "months", f.Int)), Rate: share(f, "rate"), Words: f.Long("words"), Until: web.FormDay(f, "until"),
		})
	case "choose":
		_, err = s.Guarantees.Choose(ctx, by, id, version, f.Text("offer"))
	case "fund":
		_, err = s.Guarantees.Fund(ctx, by, id, version, guarantee.Loan{On: web.FormDay(f, "on"), Amount: web.FormNumber(f, "amount", f.Wan)})
	case "withdraw":
		_, err = s.Guarantees.WithdrawNeed(ctx, by, id, version, f.Long("reason"))
	default:
		err = fault.Missing()
	}
	return err
}
