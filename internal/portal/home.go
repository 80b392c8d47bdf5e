package portal

import (
	"net/http"
	"strings"
	"unicode"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// homeView is the home page.
type homeView struct {
	Home     territory.Place
	Counties []county
	Centres  int // service centres, the city's own included
	Total    int // published institutions
	Numbers  Numbers
	Limits   flow.Limits
	Day      string
}

// county is one county with its institutions.
type county struct {
	territory.Place
	Institutions int
}

// home is the first page of the site (首页).
func (s *Pages) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := homeView{Day: s.Kit.Today()}
	tree, err := s.Places.Tree(ctx)
	if err != nil {
		return err
	}
	v.Home, _ = tree.Place(s.Home, v.Day)
	counts, err := s.Institutions.CountByCounty(ctx, s.Home)
	if err != nil {
		return err
	}
	for _, c := range tree.Under(s.Home, region.County, v.Day) {
		if c.Kind == territory.Admin {
			v.Counties = append(v.Counties, county{c, counts[c.Code]})
		}
	}
	for _, n := range counts {
		v.Total += n
	}
	v.Centres = len(v.Counties) + 1
	if v.Limits, err = s.Flow.Limits(ctx); err != nil {
		return err
	}
	if v.Numbers, err = s.numbers(r, s.Home); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, homePage(web.Page(r), v))
}

// limit says how long a step of a need takes, "" when there is no limit on file.
func limit(p web.P, l flow.Limits, day, typ, step, key string) string {
	found, ok := l.Find(typ, step, day)
	if !ok {
		return ""
	}
	return p.T(key, "time", span(p, found))
}

// span writes a limit's length: 2 个工作日.
func span(p web.P, l flow.Limit) string {
	return p.T("portal.span."+string(l.Unit), "n", l.Amount)
}

// matters are what one can do here, with how long it takes (我要办事).
func (v homeView) matters(p web.P) []ui.Item {
	within := func(typ, step, key string) string { return limit(p, v.Limits, v.Day, typ, step, key) }
	return []ui.Item{
		{Label: p.T("portal.do.size"), Href: "/size", Right: p.T("portal.do.size.text")},
		{Label: p.T("portal.do.need"), Href: "/needs/new", Right: within("need", "accept", "portal.within.accept")},
		{Label: p.T("portal.do.financing"), Href: "/needs/new?theme=financing", Right: within("need.financing", "answer", "portal.within.answer")},
		{Label: p.T("portal.do.training"), Href: "/needs/new?theme=capability", Right: within("need.capability", "answer", "portal.within.answer")},
		{Label: p.T("portal.do.register"), Href: "/enterprises/new", Right: p.T("portal.do.register.text")},
		{Label: p.T("portal.do.progress"), Href: "/my/needs", Right: p.T("portal.do.progress.text")},
	}
}

// icons of the six themes, as the drawings are named.
func themeIcon(t institution.Theme) string {
	switch t {
	case institution.Development:
		return "theme-policy"
	case institution.Transformation:
		return "theme-upgrade"
	case institution.Financing:
		return "theme-guarantee"
	case institution.Markets:
		return "theme-market"
	case institution.Startup:
		return "theme-startup"
	default:
		return "theme-talent"
	}
}

func about(t institution.Theme) string { return t.Key() + ".about" }

func themes(p web.P) []ui.Theme {
	var list []ui.Theme
	for _, t := range institution.Themes() {
		list = append(list, ui.Theme{
			Icon: themeIcon(t), Title: p.T(t.Key()), Href: "/services/" + string(t), Text: p.T(about(t)),
			Links: []ui.Link{{Label: p.T("portal.theme.ask." + string(t)), Href: "/needs/new?theme=" + string(t)}, {Label: p.T("portal.theme.who"), Href: "/institutions?theme=" + string(t)}},
		})
	}
	return list
}

// stats are figures that open into their records.
func (n Numbers) stats() []ui.Stat {
	var list []ui.Stat
	for _, f := range n.List {
		value, unit := parts(f.Phrase)
		list = append(list, ui.Stat{Label: f.Label, Value: value, Unit: unit, Href: indicator.Link(f.Figure.ID, f.Figure.Region, f.Figure.Year), Note: f.Note, Source: source(f.Figure.Origin)})
	}
	return list
}

// source is the mark beside a figure.
func source(o ledger.Origin) ui.Source { return ui.Source(o) }

// parts splits a phrase into the number, with a word before it, and what
// follows it: 近4000家 into 近4000 and 家.
func parts(phrase string) (value, unit string) {
	digit := strings.IndexFunc(phrase, unicode.IsDigit)
	if digit < 0 {
		return phrase, ""
	}
	after := strings.IndexFunc(phrase[digit:], func(r rune) bool { return !unicode.IsDigit(r) && r != '.' && r != ',' })
	if after < 0 {
		return phrase, ""
	}
	return phrase[:digit+after], strings.TrimSpace(phrase[digit+after:])
}

func countyMap(p web.P, v homeView) ui.CountyMap {
	m := ui.CountyMap{Label: p.T("portal.places.map", "place", nameOf(p, v.Home))}
	for _, c := range v.Counties {
		m.Areas = append(m.Areas, ui.Area{Code: c.Code, Name: shortOf(p, c.Place), Class: 2, Href: "/places/" + string(c.Code), Say: p.T("portal.places.say", "place", nameOf(p, c.Place), "n", c.Institutions)})
	}
	return m
}

func nameOf(p web.P, at territory.Place) string {
	if p.English() && at.NameEn != "" {
		return at.NameEn
	}
	return at.Name
}

// listed is a county's name in the list beside the map: in English without the
// word County, which would not fit.
func listed(p web.P, at territory.Place) string {
	if p.English() {
		return shortOf(p, at)
	}
	return at.Name
}

func shortOf(p web.P, at territory.Place) string {
	if p.English() && at.NameEn != "" {
		return strings.Fields(at.NameEn)[0]
	}
	return at.Short
}

// themeView is one service theme.
type themeView struct {
	Theme  institution.Theme
	List   []institution.Institution
	Total  int
	Limits flow.Limits
	Day    string
	Tree   *territory.Tree
}

// services are the six themes (服务).
func (s *Pages) services(w http.ResponseWriter, r *http.Request) error {
	return s.Kit.Page(w, r, http.StatusOK, servicesPage(web.Page(r)))
}

// theme is one of them: what it is, who does it, how long it takes, how to begin.
func (s *Pages) theme(w http.ResponseWriter, r *http.Request) error {
	v := themeView{Theme: institution.Theme(r.PathValue("theme")), Day: s.Kit.Today()}
	if !v.Theme.Valid() {
		return fault.Missing()
	}
	ctx, filter := r.Context(), institution.Filter{Theme: v.Theme}
	var err error
	if v.Tree, err = s.Places.Tree(ctx); err != nil {
		return err
	}
	if v.List, err = s.nearest(r, filter); err != nil {
		return err
	}
	if v.Total, err = s.Institutions.CountPublic(ctx, filter); err != nil {
		return err
	}
	if v.Limits, err = s.Flow.Limits(ctx); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, themePage(web.Page(r), v))
}

// steps are the way of a need with the time each step may take.
func (v themeView) steps(p web.P) []ui.Event {
	var events []ui.Event
	for _, step := range []string{"accept", "answer", "finish", "confirm"} {
		e := ui.Event{Title: p.T("portal.step." + step), Text: p.T("portal.step." + step + ".text"), State: ui.Next}
		if l, ok := v.Limits.Find("need."+string(v.Theme), step, v.Day); ok {
			e.Meta = p.T("portal.within", "time", span(p, l))
		}
		events = append(events, e)
	}
	return events
}

// placeView is the landing page of a county, or of the city itself.
type placeView struct {
	territory.Place
	Path    string
	Centre  *institution.Institution
	Reached Centre
	List    []institution.Institution
	Total   int
	Numbers Numbers
	Tree    *territory.Tree
	Day     string
}

// place is a county's landing page (县级站点).
func (s *Pages) place(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), region.Code(r.PathValue("code"))
	v := placeView{Day: s.Kit.Today()}
	var err error
	if v.Tree, err = s.Places.Tree(ctx); err != nil {
		return err
	}
	var ok bool
	if v.Place, ok = v.Tree.Place(code, v.Day); !ok || !s.Home.Contains(code) || code.Level() > region.County {
		return s.moved(w, r, v.Tree, code)
	}
	v.Path = v.Tree.PathName(code, v.Day)
	centres, _, err := s.Institutions.Public(ctx, institution.Filter{Region: code, Kind: institution.ServiceCentre}, db.Page{Limit: 20})
	if err != nil {
		return err
	}
	for i := range centres {
		if centres[i].Region.At(code.Level()) == code && (v.Centre == nil || centres[i].Tier == institution.Core) && belongs(centres[i], code) {
			v.Centre = &centres[i]
		}
	}
	v.Reached = s.centre(code)
	filter := institution.Filter{Region: code}
	if v.List, err = s.nearest(r, filter); err != nil {
		return err
	}
	if v.Total, err = s.Institutions.CountPublic(ctx, filter); err != nil {
		return err
	}
	if v.Numbers, err = s.numbers(r, code); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, placePage(web.Page(r), v))
}

// shown is how many institutions a landing page names.
const shown = 10

// nearest are a few institutions, those of the close tier before all others.
func (s *Pages) nearest(r *http.Request, f institution.Filter) ([]institution.Institution, error) {
	closest := f
	closest.Tier = institution.Close
	list, _, err := s.Institutions.Public(r.Context(), closest, db.Page{Limit: shown})
	if err != nil || len(list) >= shown {
		return list, err
	}
	rest, _, err := s.Institutions.Public(r.Context(), f, db.Page{Limit: shown})
	for _, i := range rest {
		if i.Tier != institution.Close && len(list) < shown {
			list = append(list, i)
		}
	}
	return list, err
}

// belongs reports whether a centre is the place's own: the city's centre sits in
// one of its districts.
func belongs(i institution.Institution, code region.Code) bool {
	return i.Level.Home(i.Region) == code
}

// moved leads from a code that has ended to the place it has become, 大丰市 to
// 大丰区, and answers NotFound for any other.
func (s *Pages) moved(w http.ResponseWriter, r *http.Request, tree *territory.Tree, code region.Code) error {
	if !tree.Known(code) || !s.Home.Contains(code) {
		return fault.Missing()
	}
	if now := tree.Heir(code, s.Kit.Today()); now != code {
		return web.SeeOther(w, r, "/places/"+string(now))
	}
	return fault.Missing()
}
