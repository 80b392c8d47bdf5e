package engagement

import (
	"strconv"
	"time"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// judge says how well one service of an institution fits a need.
func judge(n *Need, c institution.Candidate, past record, alike int) Proposal {
	p := Proposal{Institution: c.Institution, Offering: c.Offering, Workload: past.InHand}
	p.Reasons = []Reason{
		theme(n, &c.Offering), place(n, &c), amount(n, &c.Offering), capacity(&c.Offering, past), punctual(past), similar(alike),
	}
	for i, r := range p.Reasons {
		switch r.Verdict {
		case criteria.Met:
			p.Score++
			p.Rank += weights()[i]
		case criteria.ToJudge, criteria.Unknown:
			p.Rank += weights()[i] / 2
		default: // what is not met adds nothing
		}
	}
	// Between equals those bound closer to the service system come first.
	p.Rank += map[institution.Tier]int{institution.Core: 3, institution.Close: 2, institution.Contact: 1}[c.Tier]
	return p
}

// theme: does the service belong to what is asked for?
func theme(n *Need, o *institution.Offering) Reason {
	if o.Theme == n.Theme {
		return say("theme", criteria.Met, "service", o.Name)
	}
	return say("theme", criteria.Unmet, "theme", text.Key(o.Theme.Key()))
}

// place: is it near, and does it serve the place at all?
func place(n *Need, c *institution.Candidate) Reason {
	home := c.Level.Home(c.Region)
	switch {
	case !c.Offering.Serves(n.Region):
		return say("place", criteria.Unmet)
	case c.Region.Level() == region.Town && c.Region == n.Region:
		return say("place", criteria.Met).variant("town")
	case c.Region.At(region.County) != "" && c.Region.At(region.County) == n.Region.At(region.County):
		return say("place", criteria.Met)
	case home.Contains(n.Region):
		return say("place", criteria.ToJudge, "level", text.Key(c.Level.Key()))
	default:
		return say("place", criteria.ToJudge).variant("far")
	}
}

// amount: is what it may do in one case enough?
func amount(n *Need, o *institution.Offering) Reason {
	switch {
	case n.Amount == 0:
		return say("amount", criteria.Met).variant("none")
	case o.MaxAmount == 0:
		return say("amount", criteria.Met, "need", wan(n.Amount)).variant("open")
	case o.MaxAmount >= n.Amount:
		return say("amount", criteria.Met, "most", wan(o.MaxAmount), "need", wan(n.Amount))
	default:
		return say("amount", criteria.Unmet, "most", wan(o.MaxAmount), "need", wan(n.Amount))
	}
}

// capacity: can it take another one this month?
func capacity(o *institution.Offering, past record) Reason {
	switch left := o.Capacity - past.ThisMonth; {
	case o.Capacity == 0:
		return say("capacity", criteria.Met, "n", past.InHand).variant("open")
	case left > 0:
		return say("capacity", criteria.Met, "left", left, "most", o.Capacity)
	default:
		return say("capacity", criteria.Unmet, "most", o.Capacity)
	}
}

// A record is good from nine in ten answers on time, and bad below seven.
const (
	goodTenths = 9
	fairTenths = 7
)

// punctual: has it answered in time in the last year?
func punctual(past record) Reason {
	said := []any{"n", past.Answered, "ok", past.OnTime}
	switch {
	case past.Answered == 0:
		return say("record", criteria.Unknown)
	case past.OnTime*10 >= past.Answered*goodTenths:
		return say("record", criteria.Met, said...)
	case past.OnTime*10 >= past.Answered*fairTenths:
		return say("record", criteria.ToJudge, said...)
	default:
		return say("record", criteria.Unmet, said...)
	}
}

// similar: has it done something like this?
func similar(alike int) Reason {
	if alike == 0 {
		return say("alike", criteria.Unknown)
	}
	return say("alike", criteria.Met, "n", alike)
}

// wan is an amount in fen as ten thousands of yuan (万元), without needless zeros.
func wan(fen int64) string {
	return strconv.FormatFloat(float64(fen)/1_000_000, 'f', -1, 64)
}

// startOf is the beginning of a month written 2009-01, in China.
func startOf(month string) time.Time {
	t, err := time.ParseInLocation("2006-01", month, flow.Shanghai())
	if err != nil {
		panic(err) // the month was formatted by the caller
	}
	return t
}
