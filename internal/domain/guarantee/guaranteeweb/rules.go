package guaranteeweb

import (
	"net/http"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

const (
	rulesPath = "/bench/guarantees/rules"
	ruleArea  = "guarantees.ruleform"
	// weightRows is how many weights the form has room for.
	weightRows = 4
)

func ruleHref(id string) string { return rulesPath + "/" + id }

// ruleView is the versions of the limits, and the one that is looked at.
type ruleView struct {
	all     []guarantee.Rule
	rule    guarantee.Rule
	current string // the id of the one in force today, "" before the first
	edits   bool
	today   string
	like    string // the id of the version that a new one begins as
}

func (s *Pages) ruleView(r *http.Request) (ruleView, error) {
	by := web.Actor(r)
	v := ruleView{edits: by.Somewhere(guarantee.SetRule), today: s.Kit.Today()}
	if err := web.Staff(by, guarantee.See); err != nil {
		return v, err
	}
	var err error
	if v.all, err = s.Guarantees.Rules(r.Context(), by); err != nil {
		return v, err
	}
	if now, ok := guarantee.InForce(v.all, v.today); ok {
		v.current = now.ID
	}
	return v, nil
}

// find is the version of the id, else NotFound.
func (v *ruleView) find(id string) error {
	i := slices.IndexFunc(v.all, func(r guarantee.Rule) bool { return r.ID == id })
	if i < 0 {
		return fault.Missing()
	}
	v.rule = v.all[i]
	return nil
}

// rules lists the versions of the limits (限额规则).
func (s *Pages) rules(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ruleView(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, rulesPage(web.Page(r), v))
}

func (s *Pages) rule(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ruleView(r)
	if err == nil {
		err = v.find(r.PathValue("id"))
	}
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, ruleArea)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, rulePage(web.Page(r), f, v))
}

// draftView is the form of a draft: of one that there is, or of a new one that
// begins as another version was.
func (s *Pages) draftView(r *http.Request) (ruleView, *web.Form, error) {
	v, err := s.ruleView(r)
	if err == nil {
		err = web.Staff(web.Actor(r), guarantee.SetRule)
	}
	if err != nil {
		return v, nil, err
	}
	f, err := s.Kit.Form(r, ruleArea)
	if err != nil {
		return v, nil, err
	}
	if id := r.PathValue("id"); id != "" {
		return v, f, v.find(id)
	}
	if v.like = r.URL.Query().Get("like"); v.like != "" {
		err = v.find(v.like)
	}
	v.rule.ID, v.rule.Published, v.rule.Version, v.rule.From, v.rule.To = "", false, 0, "", ""
	return v, f, err
}

func (s *Pages) draftRule(w http.ResponseWriter, r *http.Request) error {
	v, f, err := s.draftView(r)
	if err != nil {
		return err
	}
	if v.rule.Published {
		return fault.New(fault.Conflict, "guarantee.conflict.published")
	}
	fill(f, v.rule)
	return s.Kit.Page(w, r, http.StatusOK, ruleFormPage(web.Page(r), f, v))
}

func (s *Pages) saveRule(w http.ResponseWriter, r *http.Request) error {
	v, f, err := s.draftView(r)
	if err != nil {
		return err
	}
	in := ruleOf(f, v.rule)
	id, err := s.Guarantees.SetRule(r.Context(), web.Actor(r), s.Home, in)
	atFirstWeight(err)
	if f.Refused(err) {
		f.Renew(v.rule.Version)
		return s.Kit.Page(w, r, f.Status(), ruleFormPage(web.Page(r), f, v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.rule.saved")
	return web.SeeOther(w, r, ruleHref(id))
}

func (s *Pages) publishRule(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := s.Guarantees.PublishRule(r.Context(), web.Actor(r), s.Home, id); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "guarantees.rule.published")
	return web.SeeOther(w, r, ruleHref(id))
}

// atFirstWeight moves what is wrong with the weights as a whole to the first of
// their fields, where it can be read and corrected.
func atFirstWeight(err error) {
	fields := fault.FieldsOf(err)
	for i := range fields {
		if fields[i].Name == "weights" {
			fields[i].Name = "class0"
		}
	}
}

func fill(f *web.Form, r guarantee.Rule) {
	hundredths := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatFloat(float64(n)/hundred, 'f', -1, 64)
	}
	money := func(fen int64) string {
		if fen == 0 {
			return ""
		}
		return ui.Wan(fen)
	}
	count := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	f.Start("version", strconv.Itoa(r.Version)).Start("name", r.Name.Zh).Start("name_en", r.Name.En).Start("from", r.From).Start("to", r.To).
		Start("law", r.Source.Law).Start("number", r.Source.Number).Start("article", r.Source.Article).Start("grade", r.Source.Grade).
		Start("base", string(r.Base)).Start("single", hundredths(r.Single)).Start("group", hundredths(r.Group)).
		Start("leverage", hundredths(r.Leverage)).Start("usual", hundredths(r.Usual)).Start("small", hundredths(r.Small)).
		Start("small_share", hundredths(r.SmallShare)).Start("small_clients", hundredths(r.SmallClients)).
		Start("minimum", money(r.Minimum)).Start("support_up_to", money(r.SupportUpTo)).
		Start("support", hundredths(r.Support)).Start("support_small", hundredths(r.SupportSmall)).
		Start("asset_backing", hundredths(r.AssetBacking)).Start("asset_upper", hundredths(r.AssetUpper)).
		Start("asset_first", hundredths(r.AssetFirst)).Start("asset_third", hundredths(r.AssetThird)).
		Start("extend_short", hundredths(r.ExtendShort)).Start("extend_medium", hundredths(r.ExtendMedium)).Start("extend_long", count(r.ExtendLong)).
		Start("two_above", money(r.TwoAbove)).Start("quorum", strconv.FormatInt(max(r.Quorum, 1), 10)).
		Start("pass", hundredths(r.Pass)).Start("warn", hundredths(r.Warn))
	var exempt, unsure []string
	for _, t := range r.Exempt {
		exempt = append(exempt, string(t))
	}
	for _, n := range guarantee.Numbers() {
		if r.Unconfirmed(n) {
			unsure = append(unsure, n)
		}
	}
	f.Start("exempt", exempt...).Start("unsure", unsure...)
	for i, w := range r.Weights {
		n := strconv.Itoa(i)
		f.Start("class"+n, w.Class).Start("up_to"+n, money(w.UpTo)).Start("share"+n, hundredths(w.Share))
	}
}

// ruleOf reads the form over what it began with.
func ruleOf(f *web.Form, old guarantee.Rule) guarantee.Rule {
	in := guarantee.Rule{
		ID: old.ID, Version: int(f.Int("version")), Name: criteria.Words{Zh: f.Text("name"), En: f.Text("name_en")},
		From: web.FormDay(f, "from"), To: web.FormDay(f, "to"),
		Source: criteria.Source{Law: f.Text("law"), Number: f.Text("number"), Article: f.Text("article"), Grade: f.Text("grade")},
		Base:   guarantee.Base(f.Text("base")), Single: share(f, "single"), Group: share(f, "group"), Leverage: share(f, "leverage"),
		Usual: share(f, "usual"), Small: share(f, "small"), SmallShare: share(f, "small_share"), SmallClients: share(f, "small_clients"),
		Minimum: web.FormNumber(f, "minimum", f.Wan), TwoAbove: web.FormNumber(f, "two_above", f.Wan), Quorum: web.FormNumber(f, "quorum", f.Int),
		Support: share(f, "support"), SupportSmall: share(f, "support_small"), SupportUpTo: web.FormNumber(f, "support_up_to", f.Wan),
		AssetBacking: share(f, "asset_backing"), AssetUpper: share(f, "asset_upper"), AssetFirst: share(f, "asset_first"), AssetThird: share(f, "asset_third"),
		ExtendShort: share(f, "extend_short"), ExtendMedium: share(f, "extend_medium"), ExtendLong: web.FormNumber(f, "extend_long", f.Int),
		Pass: share(f, "pass"), Warn: share(f, "warn"), Grades: map[string]string{},
	}
	for _, t := range f.Many("exempt") {
		in.Exempt = append(in.Exempt, guarantee.Type(t))
	}
	for i := range weightRows {
		n := strconv.Itoa(i)
		if class := f.Text("class" + n); class != "" {
			in.Weights = append(in.Weights, guarantee.Weight{
				Class: class, UpTo: web.FormNumber(f, "up_to"+n, f.Wan), Share: share(f, "share"+n),
			})
		}
	}
	unsure := f.Many("unsure")
	for _, n := range guarantee.Numbers() {
		was := old.Grade(n)
		switch {
		case slices.Contains(unsure, n):
			in.Grades[n] = "M"
			if was == "C" {
				in.Grades[n] = was
			}
		case was != "" && !old.Unconfirmed(n) && was != in.Source.Grade:
			in.Grades[n] = was
		case in.Unconfirmed(n): // the source as a whole is not sure, this number is
			in.Grades[n] = "P"
		}
	}
	return in
}
