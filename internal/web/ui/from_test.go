package ui_test

import (
	"strings"
	"testing"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

func TestADeadlineKeepsItsShapeOnThePage(t *testing.T) {
	p := page(text.Zh)
	for tone, shape := range map[flow.Tone]string{flow.InTime: `class="lamp"`, flow.Soon: "lamp--soon", flow.Over: "lamp--over", flow.Stop: "lamp--stop"} {
		for _, n := range []int{0, 1, 9} { // hours left may be many and still soon
			out := render(t, ui.LampOf(p, ui.LampFrom(p, flow.Lamp{Tone: tone, N: n, Key: "flow.lamp.left", Args: []any{"n", n}}, "2009-01-09")))
			if !strings.Contains(out, shape) {
				t.Errorf("%s with %d: %s", tone, n, out)
			}
		}
	}
}

func TestTheStripMarksTodayDueAndRest(t *testing.T) {
	days := ui.DaysFrom([]flow.StripDay{
		{On: "2009-01-03", Rest: true, Past: true},
		{On: "2009-01-04", Shifted: true, Past: true},
		{On: "2009-01-06", Today: true, Due: true},
		{On: "2009-01-07"},
	})
	for i, want := range []ui.DayKind{ui.Rest, ui.Past, ui.Today, ui.Ahead} {
		if days[i].Kind != want {
			t.Errorf("day %d is %q, want %q", i, days[i].Kind, want)
		}
	}
	if !days[1].Work {
		t.Error("an exchanged day looks like any other")
	}
}

func TestEveryConditionIsShownTheFailedToo(t *testing.T) {
	leaf := func(v criteria.Verdict) criteria.Answer {
		return criteria.Answer{Rule: &criteria.Rule{Name: criteria.Words{Zh: "从业人员"}}, Verdict: v}
	}
	all := criteria.Answer{Rule: &criteria.Rule{}, Parts: []criteria.Answer{leaf(criteria.Met), leaf(criteria.Unmet), leaf(criteria.Unknown), leaf(criteria.ToJudge)}}
	got := ui.ReasonsFrom(page(text.Zh), all)
	for i, want := range []ui.Answer{ui.Yes, ui.No, ui.Blank, ui.Maybe} {
		if got[i].Answer != want || !strings.Contains(got[i].Text, "从业人员") {
			t.Errorf("condition %d: %+v", i, got[i])
		}
	}
}
