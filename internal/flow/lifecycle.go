package flow

import (
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// State is where a record stands in its process (环节). The zero State is a
// record that does not exist yet.
type State string

// Stay, as a step's To, leaves the record in the state it is in.
const Stay State = ""

// Step is one edge of a lifecycle: somebody does something (动作).
type Step struct {
	Do   authz.Permission // the right, the audit action and the button at once
	From []State          // where it can be done; none: it begins a record
	To   State            // where it leads; Stay: nowhere else
	// Or are further outcomes, chosen by what was decided (通过、不通过): then
	// Outcome is asked instead of Next.
	Or    []State
	Who   string // enterprise, institution, expert, centre, official … (text key flow.who.…)
	Guard string // the condition the domain checks besides (text key <name>.guard.…)
	Limit string // the limit that ends with this step: accept, answer, finish … (text key flow.limit.…)
}

// outcomes are the states the step may lead to.
func (s Step) outcomes() []State {
	if s.To == Stay {
		return s.Or
	}
	return append([]State{s.To}, s.Or...)
}

// Lifecycle is one process as a table (流程). It is a value: a domain builds it
// in rules.go, and a test calls Check.
type Lifecycle struct {
	Name   string  // the text keys' beginning: <name>.state.<state>
	States []State // every state, in the order in which people meet them
	Start  State   // where a record begins
	Ends   []State // where a record may rest for ever
	Steps  []Step
}

// Next is the state after the step. A step that cannot be taken in the state is
// a Conflict whose message names the state and what can be done instead.
func (l Lifecycle) Next(from State, do authz.Permission) (State, error) {
	return l.Outcome(from, do, "")
}

// Outcome is Next for a step with several outcomes: to is the one decided on,
// or empty for the first. An outcome the step does not have is a Conflict too.
func (l Lifecycle) Outcome(from State, do authz.Permission, to State) (State, error) {
	for _, s := range l.Steps {
		if s.Do != do || !s.possible(from) {
			continue
		}
		switch all := s.outcomes(); {
		case to == "" && s.To == Stay:
			return from, nil
		case to == "":
			return s.To, nil
		case slices.Contains(all, to):
			return to, nil
		}
	}
	return from, l.conflict(from, do)
}

func (s Step) possible(from State) bool {
	if from == "" {
		return len(s.From) == 0
	}
	return slices.Contains(s.From, from)
}

func (l Lifecycle) conflict(from State, do authz.Permission) error {
	if from == "" {
		return fault.New(fault.Conflict, "flow.conflict.none", "do", text.Key(do.Key()))
	}
	var can text.Keys
	for _, s := range l.Open(from, nil) {
		can = append(can, text.Key(s.Do.Key()))
	}
	key := "flow.conflict.can"
	if len(can) == 0 {
		key = "flow.conflict.ended"
	}
	return fault.New(fault.Conflict, key, "state", text.Key(l.StateKey(from)), "do", text.Key(do.Key()), "can", can)
}

// Open is the steps that can be taken in the state and that the caller is
// allowed: the buttons. allowed nil means every step.
func (l Lifecycle) Open(from State, allowed func(authz.Permission) bool) []Step {
	var open []Step
	for _, s := range l.Steps {
		if s.possible(from) && (allowed == nil || allowed(s.Do)) {
			open = append(open, s)
		}
	}
	return open
}

// Ended reports whether the record rests in the state for ever, unless reopened.
func (l Lifecycle) Ended(s State) bool { return slices.Contains(l.Ends, s) }

// Unended are the states in which a record still waits for somebody, in order.
func (l Lifecycle) Unended() []State {
	return slices.DeleteFunc(slices.Clone(l.States), l.Ended)
}

// Ahead is the plain way from the state to an end: the first step of each state
// that leads on. The timeline of a page draws it as what is still to come.
func (l Lifecycle) Ahead(from State) []Step {
	var way []Step
	seen := map[State]bool{from: true}
	for !l.Ended(from) {
		i := slices.IndexFunc(l.Steps, func(s Step) bool {
			return slices.Contains(s.From, from) && s.To != Stay && !seen[s.To]
		})
		if i < 0 {
			break
		}
		way = append(way, l.Steps[i])
		from = l.Steps[i].To
		seen[from] = true
	}
	return way
}

// StateKey is the text key of a state's name.
func (l Lifecycle) StateKey(s State) string { return l.Name + ".state." + string(s) }

// GuardKey is the text key of a guard's condition.
func (l Lifecycle) GuardKey(guard string) string { return l.Name + ".guard." + guard }

// WhoKey is the text key of who takes a step.
func (s Step) WhoKey() string { return "flow.who." + s.Who }

// LimitKey is the text key of the limit a step ends.
func (s Step) LimitKey() string { return "flow.limit." + s.Limit }

// Permissions are the rights of the steps, each once, in order.
func (l Lifecycle) Permissions() []authz.Permission {
	var all []authz.Permission
	for _, s := range l.Steps {
		if !slices.Contains(all, s.Do) {
			all = append(all, s.Do)
		}
	}
	return all
}

// Keys are the text keys that the lifecycle needs, each once.
func (l Lifecycle) Keys() []string {
	var keys []string
	add := func(key string) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, s := range l.States {
		add(l.StateKey(s))
	}
	for _, s := range l.Steps {
		add(s.Do.Key())
		if s.Who != "" {
			add(s.WhoKey())
		}
		if s.Guard != "" {
			add(l.GuardKey(s.Guard))
		}
		if s.Limit != "" {
			add(s.LimitKey())
		}
	}
	return keys
}
