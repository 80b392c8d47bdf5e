package ui

import (
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/flow"
)

// LampFrom draws a deadline's lamp; due is its day as ISO text, "" when unknown.
func LampFrom(p P, l flow.Lamp, due string) Lamp {
	out := Lamp{Due: Day(due), Words: p.T(l.Key, l.Args...)}
	switch l.Tone {
	case flow.Stop:
		out.State = Stopped
	case flow.Over:
		out.Left = -max(l.N, 1)
	case flow.Soon:
		out.Left = min(l.N, soon)
	default:
		out.Left = max(l.N, soon+1)
	}
	return out
}

// DaysFrom draws a calendar's strip of days.
func DaysFrom(strip []flow.StripDay) []DayBox {
	days := make([]DayBox, len(strip))
	for i, d := range strip {
		days[i] = DayBox{On: Day(d.On), Work: d.Shifted}
		switch {
		case d.Today:
			days[i].Kind = Today
		case d.Due:
			days[i].Kind = Due
		case d.Rest:
			days[i].Kind = Rest
		case d.Past:
			days[i].Kind = Past
		}
	}
	return days
}

// ReasonsFrom lists the single conditions of an answer, each in one sentence.
func ReasonsFrom(p P, a criteria.Answer) []Reason {
	var all []Reason
	for _, l := range a.Leaves() {
		r := Reason{Text: l.Line(p.Lang)}
		switch l.Verdict {
		case criteria.Met:
			r.Answer = Yes
		case criteria.Unmet:
			r.Answer = No
		case criteria.Unknown:
			r.Answer = Blank
		default:
			r.Answer = Maybe
		}
		all = append(all, r)
	}
	return all
}
