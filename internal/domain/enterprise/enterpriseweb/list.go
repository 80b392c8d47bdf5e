package enterpriseweb

import (
	"net/http"
	"net/url"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// listView is a page of the register as the county office sees it.
type listView struct {
	Path     string
	Query    url.Values
	Entries  []enterprise.Enterprise
	Total    int
	Waiting  int // claims to be decided
	Next     string
	Top      region.Code
	Tree     *territory.Tree
	Day      string
	Register bool
	Contacts bool // the reader may take contacts away
	Merges   bool
}

// list is the register within the reader's reach (企业名录).
func (s *Pages) list(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, enterprise.View); err != nil {
		return err
	}
	tree, err := s.tree(r)
	if err != nil {
		return err
	}
	v := listView{Path: "/bench/enterprises", Query: r.URL.Query(), Top: web.Top(by, enterprise.View, s.Home), Tree: tree, Day: s.Kit.Today(), Register: by.Somewhere(enterprise.Verify), Contacts: len(by.Regions(enterprise.ExportContact)) > 0, Merges: len(by.Regions(enterprise.Merge)) > 0}
	filter := FilterOf(v.Query)
	if v.Entries, v.Next, err = s.Enterprises.List(r.Context(), by, filter, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Enterprises.Count(r.Context(), by, filter); err != nil {
		return err
	}
	if v.Waiting, err = s.Enterprises.CountClaims(r.Context(), by, waiting()); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, listPage(web.Page(r), v))
}

func waiting() enterprise.ClaimFilter {
	return enterprise.ClaimFilter{Status: []flow.State{enterprise.ClaimPending, enterprise.ClaimDisputed}}
}

// FilterOf reads what an address narrows the register to.
func FilterOf(q url.Values) enterprise.Filter {
	f := enterprise.Filter{Text: q.Get("q"), Region: region.Code(q.Get("place")), Order: enterprise.Order(q.Get("order"))}
	if v := q.Get("status"); v != "" {
		f.Status = []flow.State{flow.State(v)}
	}
	if v := q.Get("size"); v != "" {
		f.Size = []enterprise.Class{enterprise.Class(v)}
	}
	if v := q.Get("industry"); v != "" {
		f.Industry = enterprise.Industry{Edition: Edition, Code: v}
	}
	return f
}

// with is the address with one filter set, or taken away by "", on its first page.
func (v listView) with(name, value string) string {
	q := url.Values{}
	for k, list := range v.Query {
		if k != name && k != "after" && list[0] != "" {
			q[k] = list[:1]
		}
	}
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return v.Path
	}
	return v.Path + "?" + q.Encode()
}

// chip is a filter by one of a few values.
func (v listView) chip(p web.P, name, label string, values []ui.Option) ui.Filter {
	now := v.Query.Get(name)
	f := ui.Filter{Label: p.T("firm.filter", "label", label, "value", p.T("firm.filter.all"))}
	for _, o := range values {
		if o.Value == now && now != "" {
			f.Label, f.On, f.Clear = p.T("firm.filter", "label", label, "value", o.Label), true, v.with(name, "")
		}
		f.Options = append(f.Options, ui.Link{Label: o.Label, Href: v.with(name, o.Value)})
	}
	return f
}

// places are the chips of the place: the county, and once there is one, its towns.
func (v listView) places(p web.P) []ui.Filter {
	now := region.Code(v.Query.Get("place"))
	at := v.Top
	var chips []ui.Filter
	for at.Level() < region.Town {
		label := p.T("firm.filter.county")
		if at.Level() == region.County {
			label = p.T("firm.filter.town")
		}
		c := ui.Filter{Label: p.T("firm.filter", "label", label, "value", p.T("firm.filter.all"))}
		chosen := region.Code("")
		for _, child := range v.Tree.Children(at, v.Day) {
			name := nameIn(p, v.Tree, child.Code, v.Day)
			if child.Code.Contains(now) {
				chosen = child.Code
				c.Label, c.On = name, true
				c.Clear = v.with("place", upTo(at, v.Top))
			}
			c.Options = append(c.Options, ui.Link{Label: name, Href: v.with("place", string(child.Code))})
		}
		chips = append(chips, c)
		if chosen == "" {
			return chips
		}
		at = chosen
	}
	return chips
}

func upTo(at, top region.Code) string {
	if at == top {
		return ""
	}
	return string(at)
}

func (v listView) filters(p web.P) []ui.Filter {
	var sizes, states, industries []ui.Option
	for _, c := range []enterprise.Class{enterprise.Medium, enterprise.Small, enterprise.Micro, enterprise.Large, enterprise.NotCovered, enterprise.Unknown} {
		sizes = append(sizes, ui.Option{Value: string(c), Label: p.T(ClassKey(c))})
	}
	for _, st := range enterprise.Lifecycle().States {
		states = append(states, ui.Option{Value: string(st), Label: p.T(StateKey(st))})
	}
	for _, sec := range sections() {
		industries = append(industries, ui.Option{Value: sec[0], Label: p.T("firm.section." + lower(sec[0]))})
	}
	return append(v.places(p),
		v.chip(p, "status", p.T("firm.filter.status"), states),
		v.chip(p, "size", p.T("firm.filter.size"), sizes),
		v.chip(p, "industry", p.T("firm.filter.industry"), industries))
}

func (v listView) rows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, e := range v.Entries {
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: e.Profile.Name, Href: entryHref(e.ID)},
			{Text: e.CreditCode(), Code: true},
			{Text: placeName(p, v.Tree, e.Profile.Region)},
			{Text: sizeWords(p, e)},
			{Body: ui.Tag(StateTone(e.Status), p.T(StateKey(e.Status)))},
			{Text: p.Short(e.UpdatedAt), Faint: true},
		}})
	}
	return rows
}

// sizeWords are the class with the year it follows from.
func sizeWords(p web.P, e enterprise.Enterprise) string {
	if e.SizeYear == 0 {
		return "—"
	}
	return p.T("firm.size_of", "class", p.T(ClassKey(e.Size)), "year", e.SizeYear)
}

func (v listView) pager(p web.P) ui.Pager {
	g := ui.Pager{Total: v.Total, Unit: p.T("unit.enterprise")}
	if v.Next != "" {
		g.Next = v.after(v.Next)
	}
	return g
}

func (v listView) after(cursor string) string {
	u, err := url.Parse(v.with("", ""))
	if err != nil {
		return v.Path
	}
	q := u.Query()
	q.Set("after", cursor)
	u.RawQuery = q.Encode()
	return u.String()
}
