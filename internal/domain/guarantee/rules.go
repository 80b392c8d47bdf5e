package guarantee

import (
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// mostAmount is the largest amount a field takes: 10 billion yuan in fen.
const mostAmount = 1_000_000_000_000

// leastAmount is the smallest: a yuan.
const leastAmount = 100

// Lifecycle is the life of a case.
func Lifecycle() flow.Lifecycle { return lifecycle }

// lifecycle is put together once: a list asks it for every line.
var lifecycle = flow.Lifecycle{
	Name: "guarantee",
	States: []flow.State{
		Proposed, Applied, Accepted, Examined, Reviewed, Approved, Signed, Lent, Released,
		Claimed, Recovered, WrittenOff, Refused, Withdrawn, Cancelled,
	},
	Start: Applied,
	Ends:  []flow.State{Released, Recovered, WrittenOff, Refused, Withdrawn, Cancelled},
	Steps: []flow.Step{
		{Do: Propose, To: Proposed, Who: "bank"},
		{Do: Agree, From: []flow.State{Proposed}, To: Applied, Who: "enterprise"},
		{Do: Apply, To: Applied, Who: "enterprise"},
		{Do: Accept, From: []flow.State{Applied}, To: Accepted, Who: "guarantor"},
		{Do: Examine, From: []flow.State{Accepted}, To: Examined, Who: "guarantor"},
		{Do: Review, From: []flow.State{Examined}, To: Reviewed, Or: []flow.State{Refused}, Who: "guarantor", Guard: "votes"},
		{Do: Approve, From: []flow.State{Reviewed}, To: Approved, Or: []flow.State{Reviewed}, Who: "guarantor", Guard: "limits"},
		{Do: Sign, From: []flow.State{Approved}, To: Signed, Who: "guarantor", Guard: "bank"},
		{Do: Lend, From: []flow.State{Signed}, To: Lent, Who: "bank"},
		{Do: Repay, From: []flow.State{Lent, Claimed}, To: flow.Stay, Who: "bank", Guard: "outstanding"},
		{Do: Release, From: []flow.State{Lent}, To: Released, Who: "guarantor", Guard: "repaid"},
		{Do: PayClaim, From: []flow.State{Lent}, To: Claimed, Who: "guarantor", Guard: "outstanding"},
		{Do: PayClaim, From: []flow.State{Claimed}, To: flow.Stay, Who: "guarantor", Guard: "outstanding"},
		{Do: Recover, From: []flow.State{Claimed}, To: flow.Stay, Or: []flow.State{Recovered}, Who: "guarantor", Guard: "claims"},
		{Do: WriteOff, From: []flow.State{Claimed}, To: WrittenOff, Who: "guarantor", Guard: "ended"},
		{Do: Extend, From: []flow.State{Lent}, To: flow.Stay, Who: "guarantor"},
		{Do: Refuse, From: []flow.State{Applied, Accepted, Examined, Reviewed}, To: Refused, Who: "guarantor"},
		{Do: Withdraw, From: []flow.State{Proposed, Applied, Accepted, Examined, Reviewed, Approved}, To: Withdrawn, Who: "enterprise"},
		{Do: Cancel, From: []flow.State{Signed, Lent, Released}, To: Cancelled, Who: "guarantor", Guard: "unclaimed"},
	},
}

// NeedLifecycle is the life of a financing need.
func NeedLifecycle() flow.Lifecycle { return needLifecycle }

var needLifecycle = flow.Lifecycle{
	Name:   "financing",
	States: []flow.State{NeedOpen, NeedChosen, NeedFunded, NeedWithdrawn},
	Start:  NeedOpen,
	Ends:   []flow.State{NeedFunded, NeedWithdrawn},
	Steps: []flow.Step{
		{Do: PostNeed, To: NeedOpen, Who: "enterprise"},
		{Do: MakeOffer, From: []flow.State{NeedOpen}, To: flow.Stay, Who: "institution"},
		{Do: Choose, From: []flow.State{NeedOpen}, To: NeedChosen, Who: "enterprise", Guard: "offer"},
		{Do: Fund, From: []flow.State{NeedChosen}, To: NeedFunded, Who: "bank"},
		{Do: WithdrawNeed, From: []flow.State{NeedOpen, NeedChosen}, To: NeedWithdrawn, Who: "enterprise"},
	},
}

// on is what the right to a step of a case is checked against.
func on(c *Case, do authz.Permission) authz.Target {
	switch do {
	case Propose, Lend:
		return c.bank()
	case Repay: // either tells that money came back
		return c.bank().Of(authz.Institution, string(c.Guarantor))
	case Agree, Apply, Withdraw:
		return c.client()
	case Cancel: // the guarantor, or the office of the place
		return authz.At(c.Region).Of(authz.Institution, string(c.Guarantor))
	case See:
		return c.view()
	default:
		return c.guarantor()
	}
}

// check tells every broken field of what an enterprise asks for.
func (w *Wish) check() fault.Fields {
	var f fault.Fields
	w.Purpose = strings.TrimSpace(w.Purpose)
	money(&f, "amount", w.Amount)
	f.Range("months", int64(w.Months), 1, 120)
	f.Length("purpose", w.Purpose, 4, 200)
	secured(&f, w.Security)
	return f
}

// secured notes counter-guarantees of no kind, and none beside one.
func secured(f *fault.Fields, all []Security) {
	for _, s := range all {
		fault.Choice(f, "security", s, Securities())
	}
	if len(all) > 1 && slices.Contains(all, NoneGiven) && !f.Has("security") {
		f.Add("security", "guarantee.field.unsecured")
	}
}

// money notes an amount that is none: missing, negative or absurd.
func money(f *fault.Fields, name string, fen int64) {
	switch {
	case fen == 0:
		f.Add(name, "field.required")
	case fen < leastAmount || fen > mostAmount:
		f.Add(name, "guarantee.field.amount")
	}
}

// rate notes a rate, in hundredths of a per cent, that is not from 0 to so many per
// cent a year.
func rate(f *fault.Fields, name string, n, most int64) {
	if n < 0 || n > most*whole/100 {
		f.Add(name, "guarantee.field.rate", "most", most)
	}
}

// fold notes a multiple, in hundredths, that is neither none nor from 1 to so many.
func fold(f *fault.Fields, name string, n, most int64) {
	if n != 0 && (n < 100 || n > most*100) {
		f.Add(name, "guarantee.field.multiple", "most", most)
	}
}

// between notes a day that is not within the span; both ends are included.
func between(f *fault.Fields, name, day, from, to string) {
	f.Day(name, day)
	switch {
	case f.Has(name):
	case day < from:
		f.Add(name, "guarantee.field.before", "day", from)
	case day > to:
		f.Add(name, "guarantee.field.future", "day", to)
	}
}

// span notes a last day that is none, or not after the first; empty is well.
func span(f *fault.Fields, name, from, to string) {
	f.OptionalDay(name, to)
	if to != "" && !f.Has(name) && to <= from {
		f.Add(name, "guarantee.field.span")
	}
}

// notBefore is Invalid for a day before the other.
func notBefore(name, day, first string) error {
	if day >= first {
		return nil
	}
	return fault.Fields{{Name: name, Key: "guarantee.field.before", Args: []any{"day", first}}}.Err()
}

// atMost notes an amount above what there is.
func atMost(f *fault.Fields, name string, fen, most int64, key string) {
	money(f, name, fen)
	if !f.Has(name) && fen > most {
		f.Add(name, key, "most", yuan(most))
	}
}

// daysBetween is how many days later the second day is, 0 when it is not.
func daysBetween(from, to string) int64 {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil || b.Before(a) {
		return 0
	}
	return int64(b.Sub(a) / (24 * time.Hour))
}

// monthsBetween is how many months a term runs, begun ones counted, at least one.
func monthsBetween(from, until string) int {
	n := 1
	for n < 600 && flow.AddMonths(from, n) < until {
		n++
	}
	return n
}

// passes counts a meeting's votes: enough people, and the share of those who voted
// for it, to the hundredth of a per cent that the rule is written in: two of three
// are 66.67 %.
func (m *Meeting) passes(r *Rule) bool {
	yes := int64(0)
	for _, v := range m.Votes {
		if v.Voice == For {
			yes++
		}
	}
	n := int64(len(m.Votes))
	return n >= r.Quorum && n > 0 && (2*yes*whole+n)/(2*n) >= r.Pass
}

func (m *Meeting) check(r *Rule, from, today string) error {
	var f fault.Fields
	between(&f, "on", m.On, from, today)
	if n := int64(len(m.Votes)); n < r.Quorum {
		f.Add("votes", "guarantee.field.quorum", "least", r.Quorum, "n", n)
	} else if n > 30 {
		f.Add("votes", "field.range", "min", r.Quorum, "max", 30)
	}
	seen := map[string]bool{}
	for i := range m.Votes {
		v := &m.Votes[i]
		v.Name, v.Words = strings.TrimSpace(v.Name), strings.TrimSpace(v.Words)
		if f.Has("votes") {
			break
		}
		if n := len([]rune(v.Name)); n < 2 || n > 30 {
			f.Add("votes", "guarantee.field.voter", "name", v.Name)
		}
		fault.Choice(&f, "votes", v.Voice, Voices())
		if seen[v.Name] {
			f.Add("votes", "guarantee.field.twice", "name", v.Name)
		}
		seen[v.Name] = true
	}
	return f.Err()
}
