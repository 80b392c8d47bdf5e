package indicatorweb

import (
	"math"
	"strconv"
	"time"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/web/ui"
)

// Stat is one figure for ui.Stats: its phrase, its growth, and how far it is
// towards its target, nil for none. The dashboard shows it too.
func Stat(p ui.P, f ledger.Figure, d indicator.Definition, target *ledger.Figure) ui.Stat {
	s := ui.Stat{Label: d.Label(p.English()), Href: indicator.Link(f.ID, f.Region, f.Year), Note: indicator.Growing(&f, p.Lang)}
	if f.Value == nil {
		s.Value, s.Note = "—", p.T("figures.none")
	} else {
		s.Value, s.Unit = indicator.Split(d.Phrase(f, p.Lang))
	}
	s.Source, s.By = source(p, f.Origin, f.Region)
	if f.Rank != nil && d.Nature != indicator.Rank {
		s.Rank = p.T("figures.rank.province", "n", f.Rank.Place)
	}
	if target != nil && target.Exact != nil && *target.Exact > 0 && f.Exact != nil {
		s.Target = p.T("figures.target", "value", target.Phrase(p.Lang))
		s.Progress, s.Verdict = progress(p, f, d, *target.Exact)
	}
	return s
}

// progress is the part of the target that is reached and the words for it. In a
// year that is not over, what is counted through the year is behind when its
// part is smaller than the part of the year; a stock only counts at its end.
func progress(p ui.P, f ledger.Figure, d indicator.Definition, target float64) (*ui.Progress, string) {
	part := *f.Exact / target
	g := &ui.Progress{V: part}
	n := strconv.FormatFloat(math.Floor(part*1000)/10, 'f', -1, 64) + "%"
	gone := yearGone(f.Year, p.Now)
	runs := d.Nature == indicator.FlowOf || d.Nature == indicator.Distinct
	switch {
	case part >= 1:
		return g, p.T("figures.pace.reached", "n", n)
	case gone >= 1:
		g.Behind = true
		return g, p.T("figures.pace.missed", "n", n)
	case !runs:
		return g, p.T("figures.pace.sofar", "n", n)
	}
	g.At = gone
	if part < gone {
		g.Behind = true
		return g, p.T("figures.pace.behind", "n", n)
	}
	return g, p.T("figures.pace.ahead", "n", n)
}

// yearGone is the part of the year that is over: 0 before it, 1 after it.
func yearGone(year int, now time.Time) float64 {
	begin := time.Date(year, 1, 1, 0, 0, 0, 0, ledger.Shanghai)
	end := begin.AddDate(1, 0, 0)
	return min(max(now.Sub(begin).Hours()/end.Sub(begin).Hours(), 0), 1)
}
