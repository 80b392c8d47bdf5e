package guaranteeweb

import (
	"net/http"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// firms are the enterprises the reader may act for.
func (s *Pages) firms(r *http.Request, may authz.Permission) ([]enterprise.Enterprise, error) {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return nil, err
	}
	var list []enterprise.Enterprise
	for _, id := range by.Parties(authz.Enterprise, may) {
		e, err := s.Enterprises.Get(r.Context(), by, enterprise.ID(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// ownView is what the reader's enterprises have asked for.
type ownView struct {
	t     places
	firms int
	cases []guarantee.Line
	needs []guarantee.Need
}

// own is an enterprise's applications and financing needs (我的担保和融资).
func (s *Pages) own(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	v := ownView{}
	var err error
	if v.t, err = s.places(r); err != nil {
		return err
	}
	var mine []authz.Party
	for _, id := range by.Parties(authz.Enterprise, guarantee.See) {
		mine = append(mine, authz.Party{Kind: authz.Enterprise, ID: id})
		needs, _, err := s.Guarantees.ListNeeds(r.Context(), by, guarantee.NeedFilter{Enterprise: id}, web.ListPage{Limit: 100})
		if err != nil {
			return err
		}
		v.needs = append(v.needs, needs...)
	}
	if v.firms = len(mine); v.firms > 0 {
		if v.cases, _, err = s.Guarantees.List(r.Context(), authz.Own(mine...), guarantee.Filter{}, web.ListPage{Limit: 100}); err != nil {
			return err
		}
	}
	return s.Kit.Page(w, r, http.StatusOK, ownPage(web.Page(r), v))
}

// applyView is the form of an application, or of a bank's proposal.
type applyView struct {
	Form       *web.Form
	firms      []enterprise.Enterprise
	guarantors []guarantee.Guarantor
	banks      []ui.Option
	own        []ui.Option // a proposal: the banks the reader acts for
}

func (v applyView) firmOptions() []ui.Option {
	var list []ui.Option
	for i := range v.firms {
		list = append(list, ui.Option{Value: string(v.firms[i].ID), Label: v.firms[i].Profile.Name})
	}
	return list
}

func (v applyView) guarantorOptions(p web.P) []ui.Option {
	var list []ui.Option
	for _, g := range v.guarantors {
		list = append(list, ui.Option{Value: string(g.ID), Label: g.Name, Group: p.T(g.Type.Key())})
	}
	slices.SortStableFunc(list, func(a, b ui.Option) int { return groupOf(p, a.Group) - groupOf(p, b.Group) })
	return list
}

// groupOf is where a type stands among the types.
func groupOf(p web.P, label string) int {
	return slices.IndexFunc(guarantee.Types(), func(t guarantee.Type) bool { return p.T(t.Key()) == label })
}

func (s *Pages) applyView(r *http.Request) (applyView, error) {
	v := applyView{}
	var err error
	if v.firms, err = s.firms(r, guarantee.Apply); err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, area); err != nil {
		return v, err
	}
	seen := map[institution.ID]bool{}
	for i := range v.firms {
		list, err := s.Guarantees.Serving(r.Context(), v.firms[i].Profile.Region)
		if err != nil {
			return v, err
		}
		for _, g := range list {
			if !seen[g.ID] {
				seen[g.ID] = true
				v.guarantors = append(v.guarantors, g)
			}
		}
	}
	if len(v.firms) > 0 {
		v.banks, err = s.banks(r)
	}
	return v, err
}

// banks are the banks on the register, to choose from.
func (s *Pages) banks(r *http.Request) ([]ui.Option, error) {
	list, _, err := s.Institutions.Public(r.Context(), institution.Filter{Kind: institution.Bank}, web.ListPage{Limit: 200})
	options := make([]ui.Option, len(list))
	for i := range list {
		options[i] = ui.Option{Value: string(list[i].ID), Label: list[i].Name}
	}
	return options, err
}

// begin is the form; the address may name the guarantor the reader comes from.
func (s *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	v, err := s.applyView(r)
	if err != nil {
		return err
	}
	v.Form.Start("guarantor", r.URL.Query().Get("guarantor"))
	if len(v.firms) > 0 {
		v.Form.Start("enterprise", string(v.firms[0].ID))
	}
	return s.Kit.Page(w, r, http.StatusOK, applyPage(web.Page(r), v))
}

func applicationOf(f *web.Form) guarantee.Application {
	return guarantee.Application{
		Guarantor: institution.ID(f.Text("guarantor")), Enterprise: f.Text("enterprise"), Number: f.Text("number"),
		Bank: institution.ID(f.Text("bank")), Wish: wishOf(f), Once: f.Once(),
	}
}

func (s *Pages) apply(w http.ResponseWriter, r *http.Request) error {
	v, err := s.applyView(r)
	if err != nil {
		return err
	}
	c, err := s.Guarantees.Apply(r.Context(), web.Actor(r), applicationOf(v.Form))
	if v.Form.Refused(err) {
		return s.Kit.Page(w, r, v.Form.Status(), applyPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.applied", "number", c.Number)
	return web.SeeOther(w, r, caseHref(c.ID))
}

// proposalView is the form in which a bank files one of its customers.
func (s *Pages) proposalView(r *http.Request) (applyView, error) {
	v := applyView{}
	by := web.Actor(r)
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, area); err != nil {
		return v, err
	}
	for _, id := range by.Parties(authz.Institution, guarantee.Propose) {
		i, err := s.Institutions.Get(r.Context(), by.Scope(institution.See), institution.ID(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return v, err
		}
		if slices.Contains(i.Kinds, institution.Bank) {
			v.own = append(v.own, ui.Option{Value: id, Label: i.Name})
			if v.guarantors, err = s.Guarantees.Serving(r.Context(), i.Region); err != nil {
				return v, err
			}
		}
	}
	if len(v.own) == 0 {
		return v, fault.Closed()
	}
	return v, nil
}

func (s *Pages) proposal(w http.ResponseWriter, r *http.Request) error {
	v, err := s.proposalView(r)
	if err != nil {
		return err
	}
	v.Form.Start("bank", v.own[0].Value)
	return s.Kit.Page(w, r, http.StatusOK, proposePage(web.Page(r), v))
}

func (s *Pages) propose(w http.ResponseWriter, r *http.Request) error {
	v, err := s.proposalView(r)
	if err != nil {
		return err
	}
	c, err := s.Guarantees.Propose(r.Context(), web.Actor(r), applicationOf(v.Form))
	if v.Form.Refused(err) {
		return s.Kit.Page(w, r, v.Form.Status(), proposePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.proposed", "number", c.Number)
	return web.SeeOther(w, r, caseHref(c.ID))
}
