package institutionweb

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory/territoryweb"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// places is the tree of places on the day, to name them by.
type places = territoryweb.Places

// seats are the places an institution may sit at: the city, its counties, their towns.
func seats(p web.P, t places) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.T("provider.choose")}}
	for _, c := range t.Counties(p) {
		c.Group = c.Label
		options = append(options, c)
		for _, town := range t.Children(region.Code(c.Value), t.Day) {
			options = append(options, ui.Option{Value: string(town.Code), Label: town.Name, Group: c.Label})
		}
	}
	return options
}

// reaches are the places a service may be meant for.
func reaches(p web.P, t places) []ui.Option {
	return append([]ui.Option{{Value: string(t.Top), Label: t.Name(p, t.Top)}}, t.Counties(p)...)
}

func served(p web.P, t places, codes []region.Code) string {
	var names []string
	for _, c := range codes {
		names = append(names, t.Full(p, c))
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
	counties := t.Counties(p)
	if now := region.Code(v.Query.Get("place")); now != "" && !slices.ContainsFunc(counties, func(o ui.Option) bool { return o.Value == string(now) }) {
		counties = append(counties, ui.Option{Value: string(now), Label: t.Full(p, now)})
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
