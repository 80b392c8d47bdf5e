// Package guaranteeweb is the pages of financing guarantees (融资担保): the public
// list of guarantors, an enterprise's own applications and financing needs, one
// case as each side sees it, the books of a guarantor with its limits, and the
// board whose numbers open into contracts.
package guaranteeweb

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/territory/territoryweb"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Pages are the pages of guarantees. Every field is needed.
type Pages struct {
	Kit          *web.Kit
	Guarantees   *guarantee.Service
	Enterprises  *enterprise.Service
	Institutions *institution.Service
	Places       *territory.Service
	Home         region.Code // the top of this installation's tree
}

// Routes reads as the contents page of the package.
func (s *Pages) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }

	handle("GET /guarantors", s.directory)
	handle("GET /guarantors/{id}", s.public)

	handle("GET /my/guarantees", s.own)
	handle("GET /guarantees/new", s.begin)
	handle("POST /guarantees/new", s.apply)
	handle("GET /guarantees/propose", s.proposal)
	handle("POST /guarantees/propose", s.propose)
	handle("GET /guarantees", s.cases)
	handle("GET /guarantees/{id}", s.show)
	handle("POST /guarantees/{id}/{do}", s.step)

	handle("GET /financing", s.needs)
	handle("GET /financing/new", s.seek)
	handle("POST /financing/new", s.post)
	handle("GET /financing/{id}", s.need)
	handle("POST /financing/{id}/{do}", s.needStep)

	handle("GET /bench/guarantees", s.desk)
	handle("GET /bench/guarantees/board", s.board)
	handle("GET /bench/guarantees/board/{number}", s.behind)
	handle("GET /bench/guarantees/rules", s.rules)
	handle("GET /bench/guarantees/rules/new", s.draftRule)
	handle("POST /bench/guarantees/rules/new", s.saveRule)
	handle("GET /bench/guarantees/rules/{id}", s.rule)
	handle("GET /bench/guarantees/rules/{id}/edit", s.draftRule)
	handle("POST /bench/guarantees/rules/{id}/edit", s.saveRule)
	handle("POST /bench/guarantees/rules/{id}/publish", s.publishRule)
	handle("GET /bench/guarantors", s.guarantors)
	handle("GET /bench/guarantors/new", s.enter)
	handle("POST /bench/guarantors/new", s.open)
	handle("GET /guarantors/{id}/manage", s.manage)
	handle("POST /guarantors/{id}/manage/{do}", s.act)
}

// The area of all forms: one field has one name wherever it stands.
const area = "guarantees.form"

// places is the tree of places on the day, to name them by.
type places = territoryweb.Places

func (s *Pages) places(r *http.Request) (places, error) {
	return territoryweb.On(r.Context(), s.Places, s.Kit.Today(), s.Home)
}

func caseHref(id guarantee.ID) string { return "/guarantees/" + string(id) }

func needHref(id string) string { return "/financing/" + id }

func guarantorHref(id institution.ID) string { return "/guarantors/" + string(id) }

func manageHref(id institution.ID) string { return guarantorHref(id) + "/manage" }

// wan writes an amount in fen: 300 万元, 1.2 亿元; 3 million yuan.
func wan(p web.P, fen int64) string {
	value, unit := big(p, fen)
	return value + " " + unit
}

// big splits an amount in fen into number and unit, by the powers that the reader's
// language counts in.
func big(p web.P, fen int64) (value, unit string) {
	sizes := []struct {
		fen float64
		key string
	}{{1e10, "guarantees.yi"}, {1e6, "guarantees.wan"}}
	if p.English() {
		sizes = []struct {
			fen float64
			key string
		}{{1e11, "guarantees.yuan.billion"}, {1e8, "guarantees.yuan.million"}, {1e2, "guarantees.yuan"}}
	}
	n := 0
	for n < len(sizes)-1 && math.Abs(float64(fen)) < sizes[n].fen {
		n++
	}
	return grouped(strconv.FormatFloat(float64(fen)/sizes[n].fen, 'f', -1, 64)), p.T(sizes[n].key)
}

// sum is an amount in fen at a glance, with where it leads.
func sum(p web.P, label string, fen int64, href string) ui.Stat {
	value, unit := big(p, fen)
	return ui.Stat{Label: label, Value: value, Unit: unit, Href: href}
}

const hundred = 100

// grouped sets thousands apart in a number that may have decimals.
func grouped(number string) string {
	whole, part, _ := strings.Cut(number, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return number
	}
	if part != "" {
		return ui.Commas(n) + "." + part
	}
	return ui.Commas(n)
}

// tens is the bare number of 万元, for the cells of tables whose head says so.
func tens(fen int64) string { return grouped(ui.Wan(fen)) }

// percent writes hundredths of a per cent: 1.5%.
func percent(n int64) string {
	return strconv.FormatFloat(float64(n)/hundred, 'f', -1, 64) + "%"
}

// fraction writes hundredths of a per cent as people say them: 60%, and 2/3 for what
// no two decimals tell exactly.
func fraction(n int64) string {
	for of := int64(3); n%hundred != 0 && of <= 12; of++ {
		if k := (n*of + hundred*hundred/2) / (hundred * hundred); (2*k*hundred*hundred+of)/(2*of) == n {
			return itoa(int(k)) + "/" + itoa(int(of))
		}
	}
	return percent(n)
}

// times writes hundredths of a multiple: 10 倍.
func times(p web.P, n int64) string {
	return p.T("guarantees.times", "n", strconv.FormatFloat(float64(n)/hundred, 'f', -1, 64))
}

func itoa(n int) string { return strconv.Itoa(n) }

// opens reports whether a step is among those the reader may take.
func opens(steps []flow.Step, do authz.Permission) bool {
	return slices.ContainsFunc(steps, func(s flow.Step) bool { return s.Do == do })
}

// history tells what happened to a record, the oldest first, and then what is to
// come.
func history(p web.P, events []flow.Event, ahead []ui.Event) []ui.Event {
	var all []ui.Event
	for _, e := range events {
		all = append(all, ui.Event{Title: p.T(e.Do.Key()), Meta: e.ByName + " · " + p.Moment(e.At), Text: e.Note, State: ui.Done})
	}
	if n := len(all); n > 0 && len(ahead) == 0 {
		all[n-1].State = ui.Now
	}
	return append(all, ahead...)
}

// office reports whether the reader looks from a desk: an official of a place.
func office(by authz.Actor) bool { return len(by.Regions(guarantee.See)) > 0 }

// choose is a first choice that is none.
func choose(p web.P, options []ui.Option) []ui.Option {
	return append([]ui.Option{{Value: "", Label: p.T("guarantees.choose")}}, options...)
}

// wishOf reads what an enterprise asks for.
func wishOf(f *web.Form) guarantee.Wish {
	w := guarantee.Wish{
		Amount: web.FormNumber(f, "amount", f.Wan), Months: int(web.FormNumber(f, "months", f.Int)), Purpose: f.Long("purpose"),
	}
	w.Security = securitiesOf(f)
	return w
}

func securitiesOf(f *web.Form) []guarantee.Security {
	var list []guarantee.Security
	for _, v := range f.Many("security") {
		list = append(list, guarantee.Security(v))
	}
	return list
}

// share reads a percentage with two decimals as hundredths of a per cent.
func share(f *web.Form, name string) int64 {
	return web.FormNumber(f, name, func(n string) int64 { return f.Decimal(n, 2) })
}

func caseTone(s flow.State) ui.Tone {
	switch s {
	case guarantee.Released, guarantee.Recovered:
		return ui.Moss
	case guarantee.Claimed:
		return ui.Crane
	case guarantee.WrittenOff, guarantee.Refused, guarantee.Withdrawn, guarantee.Cancelled:
		return ui.Plain
	case guarantee.Proposed, guarantee.Signed:
		return ui.Reed
	default:
		return ui.Sea
	}
}

func needTone(s flow.State) ui.Tone {
	return map[flow.State]ui.Tone{guarantee.NeedOpen: ui.Sea, guarantee.NeedChosen: ui.Reed, guarantee.NeedFunded: ui.Moss}[s]
}

// names are what places are called, without what they lie in.
func names(p web.P, t places, codes []region.Code) []string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = t.Name(p, c)
	}
	return list
}

// ofWhole is the sentence of a part of a whole; "" of nothing.
func ofWhole(p web.P, key string, n, of int64) string {
	if of == 0 {
		return ""
	}
	return p.T(key, "share", part(n, of))
}

// part is a share in whole per cent, with one decimal where it is small; "" of
// nothing.
func part(n, of int64) string {
	if of == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(n)*100/float64(of), 'f', 1, 64) + "%"
}

// opensFor reports whether the reader acts for the enterprise.
func opensFor(by authz.Actor, firm string) bool {
	return slices.Contains(by.Parties(authz.Enterprise, guarantee.See), firm)
}

// signed writes an amount with its sign, as 万元.
func signed(fen int64) string {
	if fen > 0 {
		return "+" + tens(fen)
	}
	return tens(fen)
}
