package enterpriseweb

import (
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// ClassKey is the text key of a size class's name.
func ClassKey(c enterprise.Class) string { return "enterprise.size." + string(c) }

// StateKey is the text key of an entry's state.
func StateKey(s flow.State) string { return "enterprise.state." + string(s) }

// StateTone is the quiet colour of an entry's state.
func StateTone(s flow.State) ui.Tone {
	switch s {
	case enterprise.Verified:
		return ui.Moss
	case enterprise.Unverified:
		return ui.Reed
	case enterprise.Rejected:
		return ui.Crane
	default:
		return ui.Plain
	}
}

func claimTone(s flow.State) ui.Tone {
	switch s {
	case enterprise.ClaimAccepted:
		return ui.Moss
	case enterprise.ClaimDisputed, enterprise.ClaimRejected:
		return ui.Crane
	default:
		return ui.Reed
	}
}

func claimKey(s flow.State) string { return "enterprise.claim.state." + string(s) }

// metricKey is the text key of a figure's name.
func metricKey(m enterprise.Metric) string { return "enterprise.size.metric." + string(m) }

// amount writes a figure of a size rule with its unit: 186 人, 2460 万元.
func amount(p web.P, m enterprise.Metric, n int64) string {
	if m == enterprise.Employees {
		return p.T("firm.people", "n", strconv.FormatInt(n, 10))
	}
	return p.T("firm.money", "n", money(p, n))
}

// money is an amount in the unit its language counts in: 万元, million yuan.
func money(p web.P, fen int64) string {
	if p.English() {
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(fen)/1e8, 'f', 4, 64), "0"), ".")
	}
	return ui.Wan(fen)
}

// tick writes a floor on the scale, without its unit.
func tick(p web.P, m enterprise.Metric, n int64) string {
	if m == enterprise.Employees {
		return strconv.FormatInt(n, 10)
	}
	return money(p, n)
}

// typed writes a figure as a form takes it back, money in 万元.
func typed(m enterprise.Metric, n int64) string {
	if m == enterprise.Employees {
		return strconv.FormatInt(n, 10)
	}
	return ui.Wan(n)
}

// className is a size class inside a sentence.
func className(p web.P, c enterprise.Class) string {
	if p.English() {
		return lower(p.T(ClassKey(c)))
	}
	return p.T(ClassKey(c))
}

// optional writes a figure that may not be known.
func optional(p web.P, m enterprise.Metric, n *int64) string {
	if n == nil {
		return p.T("web.facts.none")
	}
	return amount(p, m, *n)
}

// placeName is the county and town of a code, as they are called today.
func placeName(p web.P, t *territory.Tree, at region.Code) string {
	day := flow.DayOf(p.Now)
	county, town := t.Name(at.At(region.County), day), t.Name(at, day)
	if at.Level() < region.Town {
		return nameIn(p, t, at, day)
	}
	if p.English() {
		return town + ", " + nameIn(p, t, at.At(region.County), day)
	}
	return county + town
}

// nameIn is one place's name in the reader's language.
func nameIn(p web.P, t *territory.Tree, at region.Code, day string) string {
	if p.English() {
		if place, ok := t.Place(at, day); ok && place.NameEn != "" {
			return place.NameEn
		}
	}
	return t.Name(at, day)
}

// Towns are the towns below a place as choices, grouped by county.
func Towns(p web.P, t *territory.Tree, top region.Code, day string) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.T("firm.choose")}}
	counties := t.Under(top, region.County, day)
	for _, c := range counties {
		for _, town := range t.Children(c.Code, day) {
			options = append(options, ui.Option{Value: string(town.Code), Label: town.Name, Group: nameIn(p, t, c.Code, day)})
		}
	}
	return options
}

// IndustryName is an industry in words, with its code.
func IndustryName(l text.Lang, ind enterprise.Industry) string {
	if ind.Code == "" {
		return ""
	}
	code := ind.Code
	for n := len(code); n >= 2; n-- {
		if key := industryKey(code[:n]); ind.Edition == Edition && text.Has(key) {
			return l.T("firm.industry", "name", l.T(key), "code", code)
		}
	}
	return l.T("firm.industry.old", "code", code, "edition", ind.Edition)
}

// addresses of this package's pages.
func entryHref(id enterprise.ID) string { return "/bench/enterprises/" + string(id) }
func claimHref(id string) string        { return "/bench/claims/" + id }

func lower(s string) string { return strings.ToLower(s) }
