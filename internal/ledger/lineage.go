package ledger

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

// findPlaces looks, for the queries by the tree of today, for the codes that
// once meant places now in their region.
func findPlaces(ctx context.Context, r db.Reader, plans []*plan) error {
	var codes []region.Code
	for _, p := range plans {
		if p.today == nil {
			continue
		}
		if codes == nil {
			if err := r.Select(ctx, &codes, "SELECT region FROM ledger_place UNION"+
				" SELECT f.region FROM "+fromTail+" WHERE f.id = t.fact"); err != nil {
				return err
			}
		}
		if err := p.sincePosted(ctx, r); err != nil {
			return err
		}
		span := p.Region.Span()
		for _, code := range codes {
			in, out := p.within(code)
			p.codes = append(p.codes, stay{code, in, out})
			if len(in) > 0 && !span.Holds(code) {
				p.elsewhere = append(p.elsewhere, string(code))
			}
		}
	}
	return nil
}

// stay says in which months of the query's period a code meant a place that
// today lies in its region, and in which not.
type stay struct {
	code    region.Code
	in, out []string
}

func (p *plan) within(code region.Code) (in, out []string) {
	for m := p.since.Month(); m <= p.To.Month(); m = nextMonth(m) {
		today := p.today(code, monthEnd(m))
		if p.Region.Contains(today) && p.holds(today) {
			in = append(in, m)
		} else {
			out = append(out, m)
		}
	}
	return in, out
}

// sincePosted finds the first day that the query may look at.
func (p *plan) sincePosted(ctx context.Context, r db.Reader) error {
	p.since = p.From
	if p.since != "" && p.m.Kind != Level {
		return nil
	}
	return r.Get(ctx, &p.since, "SELECT COALESCE(MIN(occurred_on), ?) FROM ledger_fact WHERE stream = ?", string(p.To), p.stream.name)
}

// byLineage adds that the fact's place lies today where the query asks.
func (p *plan) byLineage(w *where) {
	var whole []string
	var or []string
	var args []any
	for _, s := range p.codes {
		switch {
		case len(s.in) == 0:
		case len(s.out) == 0:
			whole = append(whole, string(s.code))
		default:
			or = append(or, "(f.region = ? AND "+factShape.month+" IN "+tuple(len(s.in))+")")
			args = append(args, string(s.code))
			for _, m := range s.in {
				args = append(args, m)
			}
		}
	}
	if len(whole) > 0 {
		or = append(or, "f.region IN "+tuple(len(whole)))
		for _, code := range whole {
			args = append(args, code)
		}
	}
	if len(or) == 0 {
		or = []string{"1 = 0"}
	}
	w.add("("+strings.Join(or, " OR ")+")", args...)
}
