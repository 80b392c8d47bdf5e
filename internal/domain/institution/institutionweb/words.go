package institutionweb

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// places is the tree of places on a day, from the top of the installation.
type places struct {
	Tree *territory.Tree
	Day  string
	Top  region.Code
}

// name is one place in the reader's language.
func (t places) name(p web.P, at region.Code) string { return t.Tree.NameIn(at, t.Day, p.English()) }

// full is the county and the town of a code.
func (t places) full(p web.P, at region.Code) string { return t.Tree.FullIn(at, t.Day, p.English()) }

// seats are the places an institution may sit at: the city, its counties, their towns.
func (t places) seats(p web.P, top region.Code) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.T("provider.choose")}}
	for _, c := range t.counties(top) {
		group := t.name(p, c.Code)
		options = append(options, ui.Option{Value: string(c.Code), Label: group, Group: group})
		for _, town := range t.Tree.Children(c.Code, t.Day) {
			options = append(options, ui.Option{Value: string(town.Code), Label: town.Name, Group: group})
		}
	}
	return options
}

// counties are the counties below the place, or the one it is or lies in.
func (t places) counties(top region.Code) []territory.Place {
	return t.Tree.Under(top, region.County, t.Day)
}

// reaches are the places a service may be meant for.
func (t places) reaches(p web.P) []ui.Option {
	options := []ui.Option{{Value: string(t.Top), Label: t.name(p, t.Top)}}
	for _, c := range t.counties(t.Top) {
		options = append(options, ui.Option{Value: string(c.Code), Label: t.name(p, c.Code)})
	}
	return options
}

func (t places) served(p web.P, codes []region.Code) string {
	var names []string
	for _, c := range codes {
		names = append(names, t.full(p, c))
	}
	return strings.Join(names, p.T("provider.comma"))
}

func kindOptions(p web.P) []ui.Option {
	return web.Options(p, institution.Kinds(), institution.Kind.Key)
}

func themeOptions(p web.P) []ui.Option {
	return web.Options(p, institution.Themes(), institution.Theme.Key)
}

func tierOptions(p web.P) []ui.Option {
	return web.Options(p, institution.Tiers(), institution.Tier.Key)
}

// kinds are the kinds in words, the one it is counted as first.
func kinds(p web.P, list []institution.Kind) string {
	var names []string
	for _, k := range list {
		names = append(names, p.T(k.Key()))
	}
	return strings.Join(names, p.T("provider.comma"))
}

func tierTone(t institution.Tier) ui.Tone {
	if t == institution.NoTier {
		return ui.Plain
	}
	return ui.Line
}

func taskTone(s institution.TaskStatus) ui.Tone {
	switch s {
	case institution.TaskDone:
		return ui.Moss
	case institution.TaskDoing:
		return ui.Sea
	case institution.TaskDropped:
		return ui.Plain
	default:
		return ui.Reed
	}
}

// dateOf writes an ISO date in words.
func dateOf(p web.P, iso string) string {
	if !ledger.Date(iso).Valid() {
		return iso
	}
	return p.Date(ui.Day(iso))
}

// money writes an amount of fen in 万元, "" for none.
func money(p web.P, fen int64) string {
	if fen == 0 {
		return ""
	}
	return p.T("provider.wan", "n", ui.Wan(fen))
}

// limits says what one service does at most.
func limits(p web.P, o institution.Offering) string {
	var parts []string
	if o.MaxAmount > 0 {
		parts = append(parts, p.T("provider.service.up_to", "n", ui.Wan(o.MaxAmount)))
	}
	if o.Capacity > 0 {
		parts = append(parts, p.T("provider.service.a_month", "n", o.Capacity))
	}
	return strings.Join(append(parts, p.T(o.Fee.Key())), " · ")
}

// FilterOf reads a filter from the address.
func FilterOf(q url.Values) institution.Filter {
	return institution.Filter{
		Region: region.Code(q.Get("place")), Kind: institution.Kind(q.Get("kind")), Tier: institution.Tier(q.Get("tier")),
		Theme: institution.Theme(q.Get("theme")), Demonstration: q.Get("demonstration") != "", Text: strings.TrimSpace(q.Get("q")),
	}
}

// chips are the filters that every list of institutions has.
func chips(p web.P, v web.Filters, t places) []ui.Filter {
	var counties []ui.Option
	for _, c := range t.counties(t.Top) {
		counties = append(counties, ui.Option{Value: string(c.Code), Label: t.name(p, c.Code)})
	}
	if now := region.Code(v.Query.Get("place")); now != "" && !slices.ContainsFunc(counties, func(o ui.Option) bool { return o.Value == string(now) }) {
		counties = append(counties, ui.Option{Value: string(now), Label: t.full(p, now)})
	}
	return []ui.Filter{
		v.Chip(p, "theme", p.T("provider.filter.theme"), themeOptions(p)),
		v.Chip(p, "place", p.T("provider.filter.place"), counties),
		v.Chip(p, "kind", p.T("provider.filter.kind"), kindOptions(p)),
		v.Chip(p, "tier", p.T("provider.filter.tier"), tierOptions(p)),
		v.Chip(p, "demonstration", p.T("provider.filter.demonstration"), []ui.Option{{Value: "1", Label: p.T("institution.demonstration")}}),
	}
}

// faultOf is the fault that err is or wraps.
func faultOf(err error) *fault.Error {
	var e *fault.Error
	_ = errors.As(err, &e)
	return e
}
