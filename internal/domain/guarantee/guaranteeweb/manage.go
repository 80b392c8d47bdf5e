package guaranteeweb

import (
	"math"
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// guarantors are those within an office's reach, with balances and alarms.
func (s *Pages) guarantors(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, guarantee.See); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	t.Top = web.Top(by, guarantee.See, s.Home)
	v := listView{Filters: web.Filters{Path: "/bench/guarantors", Query: r.URL.Query()}, t: t, keeps: by.Somewhere(guarantee.Confirm)}
	f, scope := filterOf(v.Query), by.Scope(guarantee.See)
	if v.list, v.next, err = s.Guarantees.Guarantors(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Guarantees.CountGuarantors(r.Context(), scope, f); err != nil {
		return err
	}
	if v.waiting, err = s.Guarantees.Waiting(r.Context(), by.Scope(guarantee.Confirm)); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, guarantorsPage(web.Page(r), v))
}

// manageView is a guarantor's books, as its people and the office keep them.
type manageView struct {
	guarantee.Books
	web.Acts
	t      places
	office bool
	may    func(authz.Permission) bool
	banks  []ui.Option
	// confirms reports whether the reader answers for what limits are counted by.
	confirms bool
}

func (s *Pages) manageView(r *http.Request, f *web.Form, do string) (manageView, error) {
	by := web.Actor(r)
	v := manageView{office: office(by)}
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.t, err = s.places(r); err != nil {
		return v, err
	}
	if v.Books, err = s.Guarantees.GetGuarantor(r.Context(), by, institution.ID(r.PathValue("id"))); err != nil {
		return v, err
	}
	v.Acts = web.Acts{Form: f, Do: do, Path: manageHref(v.ID), Version: v.Books.Version}
	v.may = func(p authz.Permission) bool { return v.Ended == "" && by.May(p, v.Target()) }
	v.confirms = by.May(guarantee.Confirm, authz.At(v.Region))
	if v.may(guarantee.Keep) {
		v.banks, err = s.banks(r)
	}
	return v, err
}

func (s *Pages) manage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	v, err := s.manageView(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, managePage(web.Page(r), v))
}

func (s *Pages) act(w http.ResponseWriter, r *http.Request) error {
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.change(r, f, do); f.Refused(err) {
		v, err := s.manageView(r, f, do)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, f.Status(), managePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, said(web.Actor(r), do))
	return web.SeeOther(w, r, manageHref(institution.ID(r.PathValue("id"))))
}

// said is what is told after a change: a guarantor's word of itself waits for the
// office.
func said(by authz.Actor, do string) string {
	if (do == "keep" || do == "finance" || do == "statement") && len(by.Regions(guarantee.Confirm)) == 0 {
		return "guarantees.filed"
	}
	return "guarantees.saved"
}

func (s *Pages) change(r *http.Request, f *web.Form, do string) error {
	ctx, by, id, version := r.Context(), web.Actor(r), institution.ID(r.PathValue("id")), int(f.Int("version"))
	g := s.Guarantees
	var err error
	switch do {
	case "keep":
		_, err = s.keep(r, f, id, version)
	case "finance":
		_, err = g.SetFinance(ctx, by, id, version, financeOf(f))
	case "statement":
		_, err = g.SetStatement(ctx, by, id, version, statementOf(f))
	case "confirm":
		_, err = g.Confirm(ctx, by, id, f.Text("filing"))
	case "decline":
		_, err = g.Decline(ctx, by, id, f.Text("filing"), f.Long("reason"))
	case "outlets":
		err = s.setOutlets(r, f, id, version)
	case "banks":
		list, rows := partnersOf(f)
		_, err = g.SetBanks(ctx, by, id, version, list)
		err = ofRows(err, func(n int, field string) string { return field + rows[n] })
	case "join":
		_, err = g.Join(ctx, by, id, guarantee.Joining{Number: f.Text("number"), On: web.FormDay(f, "on"), Paid: web.FormNumber(f, "paid", f.Wan)})
	case "earn":
		_, err = g.Earn(ctx, by, id, earningOf(f))
	case "leave":
		_, err = g.Leave(ctx, by, id, f.Text("member"), web.FormDay(f, "on"), f.Long("reason"))
	case "close":
		_, err = g.Close(ctx, by, id, version, web.FormDay(f, "day"), f.Long("reason"))
	default:
		err = fault.Missing()
	}
	return err
}

// earningOf reads what the fund took in, or spent.
func earningOf(f *web.Form) guarantee.Movement {
	m := guarantee.Movement{On: web.FormDay(f, "on"), Amount: web.FormNumber(f, "amount", f.Wan), Words: f.Text("words")}
	switch f.Text("way") {
	case "in":
	case "out":
		m.Amount = -m.Amount
	default:
		f.Wrong("way", "field.required")
		m.On = "" // refused with everything else that is wrong
	}
	return m
}

func profileOf(f *web.Form) guarantee.Profile {
	return guarantee.Profile{
		Type: guarantee.Type(f.Text("type")), Level: institution.Level(f.Text("level")), Since: web.FormDay(f, "since"),
		ParkName: f.Text("park_name"), Multiple: share(f, "multiple"), MemberCap: share(f, "member_cap"),
		From: web.FormDay(f, "from"), Source: f.Text("source"),
	}
}

// keep changes the profile; the park that is kept here stays under its id.
func (s *Pages) keep(r *http.Request, f *web.Form, id institution.ID, version int) (guarantee.Guarantor, error) {
	old, err := s.Guarantees.GetGuarantor(r.Context(), web.Actor(r), id)
	if err != nil {
		return guarantee.Guarantor{}, err
	}
	in := profileOf(f)
	if in.ParkName == old.ParkName {
		in.Park = old.Park
	}
	return s.Guarantees.Keep(r.Context(), web.Actor(r), id, version, in)
}

func financeOf(f *web.Form) guarantee.Finance {
	fen := func(name string) int64 { return web.FormNumber(f, name, f.Wan) }
	net := f.Wan("net_assets")
	if f.Field("net_assets").Error != "" { // below zero is an amount here
		net = math.MinInt64
	}
	return guarantee.Finance{
		From: web.FormDay(f, "from"), Registered: fen("registered"), NetAssets: net, Invested: fen("invested"),
		Unearned: fen("unearned"), Compensation: fen("compensation"), General: fen("general"), Source: f.Text("source"),
	}
}

func statementOf(f *web.Form) guarantee.Statement {
	fen := func(name string) int64 { return web.FormNumber(f, name, f.Wan) }
	return guarantee.Statement{
		On: web.FormDay(f, "on"), Total: fen("total"), Receivable: fen("receivable"), First: fen("first"), Second: fen("second"), Third: fen("third"),
		Source: f.Text("source"),
	}
}

// setOutlets sets the towns ticked: those that are open keep their day, new ones
// open on the day given.
func (s *Pages) setOutlets(r *http.Request, f *web.Form, id institution.ID, version int) error {
	old, err := s.Guarantees.GetGuarantor(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	var list []guarantee.Outlet
	for _, code := range f.Many("towns") {
		o := guarantee.Outlet{Town: region.Code(code), From: web.FormDay(f, "from")}
		if i := slices.IndexFunc(old.Outlets, func(was guarantee.Outlet) bool { return was.Town == o.Town && was.To == "" }); i >= 0 {
			o.From = old.Outlets[i].From
		}
		list = append(list, o)
	}
	_, err = s.Guarantees.SetOutlets(r.Context(), web.Actor(r), id, version, list)
	return ofRows(err, func(_ int, field string) string {
		if field == "from" {
			return field
		}
		return "towns"
	})
}

// ofRows puts what is broken of an item of a list at a field of the form.
func ofRows(err error, at func(n int, field string) string) error {
	return fault.Renamed(err, func(name string) string {
		if _, n, field, ok := fault.Item(name); ok {
			return at(n, field)
		}
		return name
	})
}

// rowsOfBanks is how many banks the form takes.
const rowsOfBanks = 8

// partnersOf reads the rows of banks; those without one are left out. rows are the
// ends of the names of each one's fields.
func partnersOf(f *web.Form) (list []guarantee.Partner, rows []string) {
	for n := range rowsOfBanks {
		i := itoa(n + 1)
		if id := f.Text("bank" + i); id != "" {
			list, rows = append(list, guarantee.Partner{
				Bank: institution.ID(id), Line: web.FormNumber(f, "line"+i, f.Wan), From: web.FormDay(f, "from"+i), To: web.FormDay(f, "to"+i),
			}), append(rows, i)
		}
	}
	return list, rows
}

// enterView is the form in which a guarantor's books are opened.
type enterView struct {
	Form       *web.Form
	candidates []ui.Option
}

func (s *Pages) enterView(r *http.Request) (enterView, error) {
	var v enterView
	by := web.Actor(r)
	err := web.Staff(by, guarantee.Confirm)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, area); err != nil {
		return v, err
	}
	list, _, err := s.Institutions.List(r.Context(), by.Scope(guarantee.Confirm), institution.Filter{Kind: institution.Guarantor}, web.ListPage{Limit: 200})
	if err != nil {
		return v, err
	}
	have, _, err := s.Guarantees.Guarantors(r.Context(), by.Scope(guarantee.See), guarantee.GuarantorFilter{Ended: true}, web.ListPage{Limit: 200})
	for i := range list {
		if !slices.ContainsFunc(have, func(g guarantee.GuarantorLine) bool { return g.ID == list[i].ID }) {
			v.candidates = append(v.candidates, ui.Option{Value: string(list[i].ID), Label: strings.TrimSpace(list[i].Name)})
		}
	}
	return v, err
}

func (s *Pages) enter(w http.ResponseWriter, r *http.Request) error {
	v, err := s.enterView(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, enterPage(web.Page(r), v))
}

func (s *Pages) open(w http.ResponseWriter, r *http.Request) error {
	v, err := s.enterView(r)
	if err != nil {
		return err
	}
	id := institution.ID(v.Form.Text("institution"))
	_, err = s.Guarantees.Open(r.Context(), web.Actor(r), id, profileOf(v.Form), financeOf(v.Form))
	if v.Form.Refused(err) {
		return s.Kit.Page(w, r, v.Form.Status(), enterPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.saved")
	return web.SeeOther(w, r, manageHref(id))
}
