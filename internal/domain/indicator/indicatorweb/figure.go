package indicatorweb

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// figureView is one figure with what is known about it.
type figureView struct {
	spot
	f       ledger.Figure
	d       indicator.Definition
	all     []ledger.Figure
	defs    []indicator.Definition
	history []ledger.Figure
	column  indicator.Column
	settled *indicator.Settled
	goal    *indicator.Goal
	behind  *indicator.Behind
	closed  string // why what is behind is not shown: a text key
	people  map[string]string
	records map[ledger.Record]ui.Link
	after   string
}

// figure opens one figure: what it is, where it comes from, how it came about.
// It is public; what is behind it is for those who view the place's figures.
func (s *Pages) figure(w http.ResponseWriter, r *http.Request) error {
	at, err := s.where(r)
	if err != nil {
		return err
	}
	v := figureView{spot: at, after: r.FormValue("after")}
	if err := s.known(r, &v); err != nil {
		return err
	}
	if err := s.opened(r, &v); err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = v.d.Label(p.English())
	v.column = v.d.Column(p.Lang, v.f.Exact)
	return s.Kit.Page(w, r, http.StatusOK, framed(r, p, figurePage(p, v)))
}

// framed is the workbench for officials and the portal for everybody else.
func framed(r *http.Request, p ui.P, content templ.Component) templ.Component {
	if official(r) {
		return web.Bench(p, content)
	}
	return web.Portal(p, content)
}

// known reads what everybody may see of the figure.
func (s *Pages) known(r *http.Request, v *figureView) error {
	ctx, id := r.Context(), r.PathValue("id")
	var err error
	if v.all, err = s.Indicators.Figures(ctx, v.Place, v.Year); err != nil {
		return err
	}
	if v.defs, err = s.Indicators.Defined(ctx, v.Year); err != nil {
		return err
	}
	i := slices.IndexFunc(v.all, func(f ledger.Figure) bool { return f.ID == id })
	if i < 0 {
		return fault.Missing()
	}
	v.f, v.d = v.all[i], v.defs[i]
	if v.history, err = s.Indicators.History(ctx, v.Place, v.Year, id, 5); err != nil {
		return err
	}
	settled, err := s.Indicators.SettledFigures(ctx, v.Place, v.Year)
	if err != nil {
		return err
	}
	if one, ok := settled[id]; ok {
		v.settled = &one
	}
	goals, err := s.Indicators.Goals(ctx, v.Place, v.Year)
	if goal, ok := goals[v.goalID()]; ok {
		v.goal = &goal
	}
	return err
}

// goalID is the target for the figure, or the figure itself when it is one.
func (v figureView) goalID() string {
	if v.f.Target {
		return v.f.ID
	}
	if t := indicator.TargetsOf(v.all)[v.f.ID]; t != nil {
		return t.ID
	}
	return ""
}

// opened reads what is behind the figure, when the reader may see it.
func (s *Pages) opened(r *http.Request, v *figureView) error {
	ctx, by := r.Context(), web.Actor(r)
	var err error
	v.behind, err = s.Indicators.Behind(ctx, by, v.Place, v.Year, v.f.ID, v.after)
	switch {
	case fault.Is(err, fault.SignIn):
		v.closed = "figures.behind.sign_in"
		return nil
	case fault.Is(err, fault.Denied):
		v.closed = "figures.behind.denied"
		return nil
	case err != nil:
		return err
	}
	var ids []string
	for _, f := range v.behind.Returns {
		ids = append(ids, f.FilledBy, f.DecidedBy)
	}
	if v.people, err = s.People(ctx, ids...); err != nil || s.Records == nil {
		return err
	}
	var records []ledger.Record
	var codes []region.Code
	for _, l := range v.behind.Lines {
		records = append(records, l.Record)
		codes = append(codes, l.Region)
	}
	if v.records, err = s.Records(ctx, by, web.Lang(r), records); err != nil {
		return err
	}
	towns, err := s.Places.Names(ctx, v.Day, web.Lang(r), codes...)
	maps.Copy(v.Names, towns)
	return err
}

// def is the definition of another figure.
func (v figureView) def(id string) indicator.Definition {
	for _, d := range v.defs {
		if d.ID == id {
			return d
		}
	}
	return indicator.Definition{}
}

func (v figureView) figureOf(id string) *ledger.Figure {
	for i, f := range v.all {
		if f.ID == id {
			return &v.all[i]
		}
	}
	return nil
}

// hrefAt is the same figure elsewhere.
func (v figureView) hrefAt(place region.Code, year int) string {
	return indicator.Link(v.f.ID, place, year)
}

// next is the next page of the records.
func (v figureView) next() string {
	if v.behind == nil || v.behind.Next == "" {
		return ""
	}
	return indicator.Link(v.f.ID, v.Place, v.Year) + "&after=" + url.QueryEscape(v.behind.Next) + "#rec"
}

// tree is the figure with its parts (其中), nil when it has none.
func (v figureView) tree(p ui.P) *ui.Node {
	root := v.node(p, v.f.ID, v.f.Exact)
	if len(root.Parts) == 0 {
		return nil
	}
	root.Href = ""
	return &root
}

func (v figureView) node(p ui.P, id string, whole *float64) ui.Node {
	f, d := v.figureOf(id), v.def(id)
	n := ui.Node{Label: d.Label(p.English()), Href: indicator.Link(id, v.Place, v.Year), Value: p.T("figures.none")}
	if f.Value != nil {
		n.Value = d.Phrase(*f, p.Lang)
	}
	if f.Exact != nil && whole != nil && *whole > 0 {
		n.Share = min(*f.Exact / *whole, 1)
	}
	for _, o := range v.all {
		if o.Of == id && id != "" {
			n.Parts = append(n.Parts, v.node(p, o.ID, whole))
		}
	}
	return n
}

// top is the office with the largest part, nil without parts.
func (v figureView) top() *ledger.Part {
	var best *ledger.Part
	for i, part := range v.f.Parts {
		if part.Value != nil && *part.Value > 0 && (best == nil || *part.Value > *best.Value) {
			best = &v.f.Parts[i]
		}
	}
	return best
}

// formula says how the figure comes about: a text key with the place's own word
// for the whole.
func (v figureView) formula() string {
	switch {
	case v.f.Target:
		return "figures.formula.target"
	case v.d.Nature == indicator.Growth:
		return "figures.formula.growth"
	case v.d.Nature == indicator.Ratio:
		return "figures.formula.ratio"
	case v.d.Groups != "":
		return "figures.formula.groups"
	case v.d.Nature == indicator.Cumulative && v.f.Origin == ledger.Computed && v.d.Counts():
		return "figures.formula.since_distinct"
	case v.d.Nature == indicator.Cumulative && v.f.Origin == ledger.Computed:
		return "figures.formula.since"
	case v.d.Counts() && v.f.Origin == ledger.Computed:
		return "figures.formula.distinct"
	case v.Place.Level() >= region.County && v.f.Origin == ledger.Reported:
		return "figures.formula.own"
	case v.f.Origin == ledger.Reported:
		return "figures.formula.reported"
	case v.f.Origin == ledger.Mixed:
		return "figures.formula.mixed"
	case v.d.Measure != "":
		return "figures.formula.computed"
	default:
		return "figures.formula.reported"
	}
}

func share(part, whole float64) string {
	return strconv.FormatFloat(float64(int(part/whole*1000+0.5))/10, 'f', -1, 64) + "%"
}
