package flow

import (
	"errors"
	"fmt"
	"slices"

	"qiban.dev/qiban/internal/text"
)

// Check finds what is wrong with a lifecycle: states that are not declared,
// that nothing leads to, or that nothing leads out of; two steps that answer
// the same question; words that the catalogue lacks. Every domain's test calls it.
func (l Lifecycle) Check() error {
	var wrong []error
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf(l.Name+": "+format, args...))
	}
	if l.Name == "" || l.Start == "" || len(l.Ends) == 0 {
		say("a lifecycle has a name, a start and an end")
	}
	for _, s := range append([]State{l.Start}, l.Ends...) {
		if !slices.Contains(l.States, s) {
			say("%q is not among the states", s)
		}
	}
	l.checkSteps(say)
	reached := l.spread(l.beginnings(), false)
	ending := l.spread(l.Ends, true)
	for _, s := range l.States {
		if !reached[s] {
			say("nothing leads to %q", s)
		}
		if !ending[s] {
			say("%q is a dead end: no end can be reached from it", s)
		}
	}
	for _, key := range l.Keys() {
		if !text.Has(key) {
			say("the catalogue lacks %s", key)
		}
	}
	return errors.Join(wrong...)
}

func (l Lifecycle) checkSteps(say func(string, ...any)) {
	type edge struct {
		do   string
		from State
	}
	seen := map[edge]bool{}
	for _, s := range l.Steps {
		if s.Do == "" {
			say("a step without a permission")
		}
		if len(s.From) == 0 && !slices.ContainsFunc(s.outcomes(), func(to State) bool { return slices.Contains(l.beginnings(), to) }) {
			say("%s begins a record, so it leads to %q", s.Do, l.Start)
		}
		if len(s.From) == 0 && seen[edge{string(s.Do), ""}] {
			say("%s begins a record twice", s.Do)
		}
		for _, state := range append(s.outcomes(), s.From...) {
			if !slices.Contains(l.States, state) {
				say("%s: %q is not among the states", s.Do, state)
			}
		}
		for _, from := range append([]State(nil), s.From...) {
			if seen[edge{string(s.Do), from}] {
				say("%s stands twice in %q", s.Do, from)
			}
			seen[edge{string(s.Do), from}] = true
		}
		if len(s.From) == 0 {
			seen[edge{string(s.Do), ""}] = true
		}
	}
}

// beginnings are the states in which a record can begin: Start, and what only a
// beginning leads to, where somebody else has to agree first.
func (l Lifecycle) beginnings() []State {
	all := []State{l.Start}
	for _, s := range l.Steps {
		if len(s.From) == 0 && s.To != Stay && !slices.ContainsFunc(l.Steps, func(o Step) bool {
			return len(o.From) > 0 && slices.Contains(o.outcomes(), s.To)
		}) {
			all = append(all, s.To)
		}
	}
	return all
}

// spread is every state that can be reached from the given ones, along the
// steps or against them.
func (l Lifecycle) spread(from []State, back bool) map[State]bool {
	seen := map[State]bool{}
	for _, s := range from {
		seen[s] = true
	}
	for grew := true; grew; {
		grew = false
		for _, step := range l.Steps {
			tails, heads := step.From, step.outcomes()
			if back {
				tails, heads = heads, tails
			}
			if !slices.ContainsFunc(tails, func(s State) bool { return seen[s] }) {
				continue
			}
			for _, s := range heads {
				if !seen[s] {
					seen[s], grew = true, true
				}
			}
		}
	}
	return seen
}
