package guaranteeweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// casesView is a list of cases: of an office, a guarantor, a bank.
type casesView struct {
	web.Filters
	t      places
	list   []guarantee.Line
	total  int
	next   string
	office bool
	own    []guarantee.GuarantorLine // of the reader's, with their books
	may    func(authz.Permission) bool
}

func caseFilterOf(q url.Values) guarantee.Filter {
	return guarantee.Filter{
		Region: region.Code(q.Get("place")), State: flow.State(q.Get("state")), Open: q.Get("open") != "",
		Guarantor: institution.ID(q.Get("guarantor")), Type: guarantee.Type(q.Get("type")), Text: strings.TrimSpace(q.Get("q")), Year: q.Get("year"),
	}
}

// chips are the filters of a list of cases.
func (v casesView) chips(p web.P) []ui.Filter {
	list := []ui.Filter{
		v.Chip(p, "open", p.T("guarantees.filter.open"), []ui.Option{{Value: "1", Label: p.T("guarantees.filter.open.yes")}}),
		v.Chip(p, "state", p.T("guarantees.state"), web.Options(p, guarantee.Lifecycle().States, guarantee.Lifecycle().StateKey)),
		v.Chip(p, "year", p.T("guarantees.filter.year"), v.years()),
		v.Chip(p, "type", p.T("guarantees.form.type"), web.Options(p, guarantee.Types(), guarantee.Type.Key)),
		v.Chip(p, "place", p.T("guarantees.place"), v.t.Counties(p)),
	}
	if id := v.Query.Get("guarantor"); id != "" {
		name := p.T("guarantees.form.guarantor")
		if len(v.list) > 0 {
			name = v.list[0].GuarantorName
		}
		list = append(list, ui.Filter{Label: name, On: true, Clear: v.With("guarantor", "")})
	}
	return list
}

// years are those a contract may be of, the newest first.
func (v casesView) years() []ui.Option {
	now, _ := strconv.Atoi(v.t.Day[:4])
	var list []ui.Option
	for y := now; y >= firstYear; y-- {
		list = append(list, ui.Option{Value: itoa(y), Label: itoa(y)})
	}
	return list
}

// firstYear is the first whose contracts can be asked for.
const firstYear = 2005

// desk is the cases within an office's reach (担保业务).
func (s *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	if err := web.Staff(web.Actor(r), guarantee.See); err != nil {
		return err
	}
	return s.casesPage(w, r, "/bench/guarantees", true)
}

// cases are those of the reader's guarantors, banks and enterprises.
func (s *Pages) cases(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	return s.casesPage(w, r, "/guarantees", office(by))
}

func (s *Pages) casesPage(w http.ResponseWriter, r *http.Request, path string, office bool) error {
	by := web.Actor(r)
	t, err := s.places(r)
	if err != nil {
		return err
	}
	t.Top = web.Top(by, guarantee.See, s.Home)
	v := casesView{Filters: web.Filters{Path: path, Query: r.URL.Query()}, t: t, office: office, may: by.Somewhere}
	f, scope := caseFilterOf(v.Query), by.Scope(guarantee.See)
	if v.list, v.next, err = s.Guarantees.List(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Guarantees.Count(r.Context(), scope, f); err != nil {
		return err
	}
	var own []authz.Party
	for _, id := range by.Parties(authz.Institution, guarantee.See) {
		own = append(own, authz.Party{Kind: authz.Institution, ID: id})
	}
	if len(own) > 0 {
		if v.own, _, err = s.Guarantees.Guarantors(r.Context(), authz.Own(own...), guarantee.GuarantorFilter{}, web.ListPage{}); err != nil {
			return err
		}
	}
	return s.Kit.Page(w, r, http.StatusOK, casesPage(web.Page(r), v))
}

// caseView is one case as its reader sees it.
type caseView struct {
	guarantee.Detail
	web.Acts
	t        places
	office   bool
	owner    bool        // the reader acts for the enterprise
	approved bool        // the reader has approved it already
	relates  bool        // the reader keeps which enterprises belong together
	banks    []ui.Option // to sign with
}

func (s *Pages) caseView(r *http.Request, f *web.Form, do string) (caseView, error) {
	by := web.Actor(r)
	v := caseView{office: office(by)}
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.t, err = s.places(r); err != nil {
		return v, err
	}
	if v.Detail, err = s.Guarantees.Get(r.Context(), by, guarantee.ID(r.PathValue("id"))); err != nil {
		return v, err
	}
	v.Acts = web.Acts{Form: f, Do: do, Path: caseHref(v.ID), Version: v.Detail.Version}
	v.owner = opensFor(by, v.Enterprise)
	v.relates = relates(by, &v.Detail)
	v.approved = v.Second && slices.ContainsFunc(v.Approvals, func(a guarantee.Approval) bool { return a.Person == by.ID })
	if opens(v.Open, guarantee.Sign) {
		v.banks, err = s.banks(r)
	}
	return v, err
}

func (s *Pages) show(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	v, err := s.caseView(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, casePage(web.Page(r), v))
}

// step takes a step of a case; what is wrong with its form is told beside it.
func (s *Pages) step(w http.ResponseWriter, r *http.Request) error {
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.take(r, f, do); f.Refused(err) {
		v, err := s.caseView(r, f, do)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, f.Status(), casePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.done."+do)
	return web.SeeOther(w, r, caseHref(guarantee.ID(r.PathValue("id"))))
}

func (s *Pages) take(r *http.Request, f *web.Form, do string) error {
	ctx, by, id, version := r.Context(), web.Actor(r), guarantee.ID(r.PathValue("id")), int(f.Int("version"))
	amount, on, reason := web.FormNumber(f, "amount", f.Wan), web.FormDay(f, "on"), f.Long("reason")
	moved := guarantee.Movement{On: on, Amount: amount, Words: f.Long("words")}
	g := s.Guarantees
	var err error
	switch do {
	case "agree":
		_, err = g.Agree(ctx, by, id, version)
	case "accept":
		_, err = g.Accept(ctx, by, id, version)
	case "examine":
		_, err = g.Examine(ctx, by, id, version, guarantee.Finding{On: on, Amount: amount, Opinion: f.Long("opinion")})
	case "review":
		_, err = g.Review(ctx, by, id, version, guarantee.Meeting{On: on, Votes: votesOf(f)})
	case "approve":
		_, err = g.Approve(ctx, by, id, version, guarantee.Approving{
			Amount: amount, Months: int(web.FormNumber(f, "months", f.Int)), Words: f.Long("words"),
		})
	case "sign":
		_, err = g.Sign(ctx, by, id, version, guarantee.Signing{
			Number: f.Text("number"), On: on, Amount: amount, Fee: share(f, "fee"), Bank: institution.ID(f.Text("bank")), Security: securitiesOf(f),
			Backers: backersOf(f),
		})
		err = ofRows(err, func(n int, field string) string { return "backer_" + field + backerRows(f)[n] })
	case "lend":
		_, err = g.Lend(ctx, by, id, version, guarantee.Loan{Number: f.Text("number"), On: on, Amount: amount})
	case "repay":
		_, err = g.Repay(ctx, by, id, version, moved)
	case "release":
		_, err = g.Release(ctx, by, id, version)
	case "extend":
		_, err = g.Extend(ctx, by, id, version, web.FormDay(f, "until"), reason)
	case "claim":
		_, err = g.PayClaim(ctx, by, id, version, moved)
	case "recover":
		_, err = g.Recover(ctx, by, id, version, moved)
	case "writeoff":
		_, err = g.WriteOff(ctx, by, id, version, on, reason)
	case "refuse":
		_, err = g.Refuse(ctx, by, id, version, reason)
	case "withdraw":
		_, err = g.Withdraw(ctx, by, id, version, reason)
	case "cancel":
		_, err = g.Cancel(ctx, by, id, version, reason)
	case "relate":
		err = s.relate(r, id, f.Text("group"))
	default:
		err = fault.Missing()
	}
	return err
}

// relates reports whether the reader keeps which enterprises belong together with
// the client.
func relates(by authz.Actor, d *guarantee.Detail) bool {
	return by.May(guarantee.Relate, authz.At(d.Region).Of(authz.Enterprise, d.Enterprise))
}

// relate keeps what group the client of a case belongs to.
func (s *Pages) relate(r *http.Request, id guarantee.ID, group string) error {
	d, err := s.Guarantees.Get(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	if !relates(web.Actor(r), &d) {
		return fault.New(fault.Denied, "fault.denied")
	}
	return s.Guarantees.Relate(r.Context(), web.Actor(r), d.Enterprise, group)
}

// rowsOfVotes is how many voices the form of a review meeting takes.
const rowsOfVotes = 9

// votesOf reads the rows of a review meeting; those without a name are left out.
func votesOf(f *web.Form) []guarantee.Vote {
	var list []guarantee.Vote
	for n := range rowsOfVotes {
		i := itoa(n + 1)
		if name := f.Text("vote_name" + i); name != "" {
			list = append(list, guarantee.Vote{Name: name, Voice: guarantee.Voice(f.Text("vote_voice" + i)), Words: f.Text("vote_words" + i)})
		}
	}
	return list
}

// rowsOfBackers is how many backers the form of a contract takes.
const rowsOfBackers = 3

// backerRows are the rows of backers in which something was filled in.
func backerRows(f *web.Form) []string {
	var list []string
	for n := range rowsOfBackers {
		if i := itoa(n + 1); f.Text("backer_number"+i) != "" || f.Text("backer_amount"+i) != "" {
			list = append(list, i)
		}
	}
	return list
}

func backersOf(f *web.Form) []guarantee.Backer {
	var list []guarantee.Backer
	for _, i := range backerRows(f) {
		list = append(list, guarantee.Backer{Number: f.Text("backer_number" + i), Amount: web.FormNumber(f, "backer_amount"+i, f.Wan)})
	}
	return list
}
