package yearbookweb

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// deskView is the draft with what its editor needs beside it.
type deskView struct {
	spot
	chapter  *yearbook.Chapter
	findings []indicator.Finding
	editions []yearbook.Frozen
	people   map[string]string
	defs     []indicator.Definition
	chosen   *yearbook.Entry // the figure shown at the side
	may      bool            // the reader may freeze it
	form     *web.Form
}

// desk is where a draft is read against its figures (编写).
func (s *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	at, err := s.mine(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	v := deskView{spot: at, may: web.Actor(r).May(yearbook.Freeze, authz.At(at.Place))}
	if v.chapter, err = s.Yearbook.Draft(ctx, at.Place, at.Year, web.Lang(r)); err != nil {
		return err
	}
	if v.findings, err = s.Yearbook.Findings(ctx, v.chapter); err != nil {
		return err
	}
	if v.defs, err = s.Indicators.Defined(ctx, at.Year); err != nil {
		return err
	}
	if v.editions, err = s.Yearbook.Editions(ctx, at.Place, at.Year); err != nil {
		return err
	}
	if v.form, err = s.Kit.Form(r, "book.freeze"); err != nil {
		return err
	}
	if v.people, err = s.People(ctx, frozenBy(v.editions)...); err != nil {
		return err
	}
	if err := s.name(r, &v); err != nil {
		return err
	}
	v.choose(r.FormValue("figure"))
	p := web.Page(r)
	p.Title = v.chapter.Title()
	return s.Kit.Page(w, r, http.StatusOK, deskPage(p, v))
}

// mine is the chapter asked for, when the reader prepares it; without a place,
// the first the reader prepares.
func (s *Pages) mine(r *http.Request) (spot, error) {
	by := web.Actor(r)
	if !by.SignedIn() {
		return spot{}, fault.New(fault.SignIn, "fault.sign_in")
	}
	tops := by.Regions(yearbook.Edit)
	if len(tops) == 0 {
		return spot{}, fault.Closed()
	}
	home := s.Home
	if !by.May(yearbook.Edit, authz.At(home)) {
		home = tops[0]
	}
	at, err := (&Pages{Kit: s.Kit, Indicators: s.Indicators, Places: s.Places, Home: home}).where(r)
	if err == nil && !by.May(yearbook.Edit, authz.At(at.Place)) {
		return at, fault.Missing()
	}
	return at, err
}

// name finds the names of the places the findings speak of.
func (s *Pages) name(r *http.Request, v *deskView) error {
	var codes []region.Code
	for _, f := range v.findings {
		codes = append(codes, f.Places...)
	}
	names, err := s.Places.Names(r.Context(), v.chapter.AsOf, web.Lang(r), codes...)
	maps.Copy(v.Names, names)
	return err
}

// freeze keeps the draft as the next edition (定稿).
func (s *Pages) freeze(w http.ResponseWriter, r *http.Request) error {
	at, err := s.mine(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "book.freeze")
	if err != nil {
		return err
	}
	edition, err := s.Yearbook.Freeze(r.Context(), web.Actor(r), at.Place, at.Year, f.Once())
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "book.frozen", "n", edition)
	return web.SeeOther(w, r, address("/bench/yearbook", at.Place, at.Year))
}

func frozenBy(editions []yearbook.Frozen) []string {
	var ids []string
	for _, e := range editions {
		ids = append(ids, e.FrozenBy)
	}
	return ids
}

// choose takes the figure asked for, else the first that is in doubt, else the
// first that the prose names.
func (v *deskView) choose(id string) {
	if id == "" && len(v.findings) > 0 {
		id = v.findings[0].Figure
	}
	for _, s := range v.chapter.Sections {
		for _, paragraph := range s.Paragraphs {
			for _, span := range paragraph {
				if id == "" {
					id = span.Figure
				}
			}
		}
	}
	v.chosen = v.chapter.Figure(id)
}

func (v *deskView) def(id string) indicator.Definition {
	i := slices.IndexFunc(v.defs, func(d indicator.Definition) bool { return d.ID == id })
	if i < 0 {
		return indicator.Definition{}
	}
	return v.defs[i]
}

// doubtful reports a finding about the figure.
func (v *deskView) doubtful(id string) bool {
	return slices.ContainsFunc(v.findings, func(f indicator.Finding) bool { return f.Figure == id })
}

// doubts is how many figures of a section are in doubt.
func (v *deskView) doubts(section string) int {
	n := 0
	for _, e := range v.chapter.Figures {
		if e.Section == section && v.doubtful(e.ID) {
			n++
		}
	}
	return n
}

// tally is how many figures there are, are sound, are in doubt and are missing.
func (v *deskView) tally() (all, sound, doubtful, missing int) {
	for _, e := range v.chapter.Figures {
		all++
		switch {
		case v.doubtful(e.ID):
			doubtful++
		case e.Exact == nil:
			missing++
		default:
			sound++
		}
	}
	return all, sound, doubtful, missing
}

// doubt is one line of what is to be checked: a finding, or all figures that the
// same offices did not report.
type doubt struct{ title, text, href string }

// doubtList are the findings as they are listed.
func (v *deskView) doubtList(p ui.P) []doubt {
	var all []doubt
	at := map[string]int{} // places that did not report → their line
	for _, f := range v.findings {
		label := v.def(f.Figure).Label(p.English())
		places := v.placeNames(p, f.Places)
		if i, ok := at[places]; ok && f.Rule == indicator.NotReported {
			all[i].text += p.T("book.list") + label
			continue
		}
		one := doubt{title: label, text: v.said(p, f), href: v.hrefOf(f.Figure)}
		if f.Rule == indicator.NotReported {
			at[places] = len(all)
			one.title, one.text = p.T("book.check.not_reported", "places", places), label
		}
		all = append(all, one)
	}
	return all
}

func (v *deskView) placeNames(p ui.P, codes []region.Code) string {
	var names []string
	for _, c := range codes {
		names = append(names, v.Names[c].Full)
	}
	return strings.Join(names, p.T("book.list"))
}

// said is a finding in words.
func (v *deskView) said(p ui.P, f indicator.Finding) string {
	e := v.chapter.Figure(f.Figure)
	phrase := func(id string) string {
		if o := v.chapter.Figure(id); o != nil && o.Exact != nil {
			return o.Phrase
		}
		return p.T("book.none")
	}
	exact := ""
	if e.Exact != nil {
		exact = v.def(f.Figure).Exact(*e.Exact, p.Lang)
	}
	rule := string(f.Rule)
	if f.Rule == indicator.MayDouble && e.Origin == ledger.Reported {
		rule = "may_double_reported"
	}
	return p.T("book.check."+rule, "phrase", e.Phrase, "exact", exact, "other", v.def(f.Other).Label(p.English()),
		"value", phrase(f.Other), "places", v.placeNames(p, f.Places), "change", indicator.Change(&f.Change))
}

func (v *deskView) hrefOf(id string) string {
	return address("/bench/yearbook", v.Place, v.Year) + "&figure=" + id + "#insp"
}

// facts are the particulars of the chosen figure.
func (v *deskView) facts(p ui.P) []ui.Fact {
	e, d := v.chosen, v.def(v.chosen.ID)
	var facts []ui.Fact
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Label: p.T(key), Value: value})
		}
	}
	if e.Exact != nil {
		add("book.exact", d.Exact(*e.Exact, p.Lang))
	}
	if e.Origin != ledger.NoOrigin {
		facts = append(facts, ui.Fact{Label: p.T("book.origin"), Body: originOf(p, *e)})
	}
	if e.Previous != nil {
		column := d.Column(p.Lang, e.Previous)
		add("book.previous", p.T("book.previous.value", "value", column.Text(e.Previous), "unit", column.Unit, "change", indicator.Moved(&e.Figure, p.Lang)))
	}
	for _, o := range v.chapter.Figures {
		if o.Of == e.ID && o.Exact != nil {
			add("book.of", p.T("book.of.value", "name", o.Name, "value", o.Phrase))
		}
	}
	if target := v.target(e.ID); target != nil {
		add("book.target", target.Phrase)
	}
	if d.Style.Qualifier != ledger.Exactly {
		add("book.style", p.T("book.style.word", "word", string(d.Style.Qualifier)))
	}
	return facts
}

func (v *deskView) target(id string) *yearbook.Entry {
	for i, e := range v.chapter.Figures {
		if e.TargetOf == id && e.Exact != nil {
			return &v.chapter.Figures[i]
		}
	}
	return nil
}
