package flow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/text"
)

const (
	post   authz.Permission = "thing.post"
	accept authz.Permission = "thing.accept"
	judge  authz.Permission = "thing.judge"
	note   authz.Permission = "thing.note"
)

func thing() flow.Lifecycle {
	return flow.Lifecycle{
		Name: "thing", States: []flow.State{"posted", "accepted", "passed", "failed"}, Start: "posted",
		Ends: []flow.State{"passed", "failed"},
		Steps: []flow.Step{
			{Do: post, To: "posted", Who: "enterprise"},
			{Do: accept, From: []flow.State{"posted"}, To: "accepted", Who: "centre", Limit: "accept"},
			{Do: judge, From: []flow.State{"accepted"}, To: "passed", Or: []flow.State{"failed"}, Who: "official", Guard: "scored"},
			{Do: note, From: []flow.State{"posted", "accepted"}},
		},
	}
}

func TestAStepLeadsWhereTheTableSays(t *testing.T) {
	l := thing()
	for _, tc := range []struct {
		from flow.State
		do   authz.Permission
		out  flow.State
		want flow.State
	}{
		{"", post, "", "posted"},
		{"posted", accept, "", "accepted"},
		{"accepted", judge, "", "passed"},
		{"accepted", judge, "failed", "failed"},
		{"accepted", note, "", "accepted"},
	} {
		if got, err := l.Outcome(tc.from, tc.do, tc.out); err != nil || got != tc.want {
			t.Errorf("%s %s %s: %s %v", tc.from, tc.do, tc.out, got, err)
		}
	}
	for _, no := range []struct {
		from flow.State
		do   authz.Permission
		out  flow.State
	}{{"posted", judge, ""}, {"passed", note, ""}, {"", accept, ""}, {"posted", post, ""}, {"accepted", judge, "posted"}} {
		if got, err := l.Outcome(no.from, no.do, no.out); !fault.Is(err, fault.Conflict) || got != no.from {
			t.Errorf("%s %s: %s %v", no.from, no.do, got, err)
		}
	}
}

func TestAConflictNamesTheStateAndWhatCanBeDone(t *testing.T) {
	_, err := thing().Next("posted", judge)
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatal(err)
	}
	// The example lifecycle has no words of its own: they come back in brackets.
	got := text.Zh.T(f.Key, f.Args...)
	for _, word := range []string{"thing.state.posted", "permission.thing.judge", "⟦permission.thing.accept⟧、⟦permission.thing.note⟧"} {
		if !strings.Contains(got, word) {
			t.Errorf("%q does not name %s", got, word)
		}
	}
	_, err = thing().Next("failed", judge)
	if !errors.As(err, &f) || f.Key != "flow.conflict.ended" {
		t.Errorf("an ended record says so: %v", err)
	}
}

func TestTheButtonsAreTheStepsThatAreOpenAndAllowed(t *testing.T) {
	l := thing()
	var got []string
	for _, s := range l.Open("posted", func(p authz.Permission) bool { return p != note }) {
		got = append(got, s.Do.Verb())
	}
	if !slices.Equal(got, []string{"accept"}) {
		t.Errorf("%v", got)
	}
	if way := l.Ahead("posted"); len(way) != 2 || way[1].To != "passed" {
		t.Errorf("the way ahead: %+v", way)
	}
	if !slices.Equal(l.Unended(), []flow.State{"posted", "accepted"}) || len(l.States) != 4 {
		t.Errorf("unended: %v of %v", l.Unended(), l.States)
	}
}

func TestALifecycleThatDoesNotHoldTogetherIsFound(t *testing.T) {
	for name, spoil := range map[string]func(*flow.Lifecycle){
		`"lost" is a dead end`:           func(l *flow.Lifecycle) { l.States = append(l.States, "lost"); l.Steps[1].Or = []flow.State{"lost"} },
		`nothing leads to "orphan"`:      func(l *flow.Lifecycle) { l.States = append(l.States, "orphan") },
		`"nowhere" is not among`:         func(l *flow.Lifecycle) { l.Steps[1].To = "nowhere" },
		"stands twice":                   func(l *flow.Lifecycle) { l.Steps = append(l.Steps, l.Steps[1]) },
		"begins a record, so it leads":   func(l *flow.Lifecycle) { l.Steps[0].To = "accepted" },
		"a step without a permission":    func(l *flow.Lifecycle) { l.Steps[3].Do = "" },
		"has a name, a start and an end": func(l *flow.Lifecycle) { l.Ends = nil },
		"lacks thing.state.posted":       func(*flow.Lifecycle) {},
	} {
		l := thing()
		spoil(&l)
		if err := l.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Apart from its words the example holds together.
	for _, line := range strings.Split(thing().Check().Error(), "\n") {
		if !strings.Contains(line, "the catalogue lacks thing.") && !strings.Contains(line, "lacks permission.thing.") {
			t.Error(line)
		}
	}
}

func TestTheDiagramShowsEveryStep(t *testing.T) {
	d := thing().Mermaid(text.Zh)
	for _, line := range []string{"stateDiagram-v2\n", "[*] --> posted: ", "posted --> accepted: ", "accepted --> failed: ", "posted --> posted", "failed --> [*]"} {
		want := line != "posted --> posted"
		if strings.Contains(d, line) != want {
			t.Errorf("%q in\n%s: want %v", line, d, want)
		}
	}
	table := thing().Markdown(text.Zh)
	if strings.Count(table, "\n") != 2+len(thing().Steps) || !strings.Contains(table, "受理") || !strings.Contains(table, "不变") {
		t.Error(table)
	}
}
