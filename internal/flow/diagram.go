package flow

import (
	"fmt"
	"strings"

	"qiban.dev/qiban/internal/text"
)

// Mermaid is the lifecycle as a Mermaid state diagram, in the reader's words.
func (l Lifecycle) Mermaid(lang text.Lang) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range l.States {
		fmt.Fprintf(&b, "    %s: %s\n", s, lang.T(l.StateKey(s)))
	}
	begun := false
	for _, step := range l.Steps {
		for _, from := range step.From {
			for _, to := range step.outcomes() {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", from, to, lang.T(step.Do.Key()))
			}
		}
		if len(step.From) == 0 {
			begun = true
			for _, to := range step.outcomes() {
				fmt.Fprintf(&b, "    [*] --> %s: %s\n", to, lang.T(step.Do.Key()))
			}
		}
	}
	if !begun {
		fmt.Fprintf(&b, "    [*] --> %s\n", l.Start)
	}
	for _, end := range l.Ends {
		fmt.Fprintf(&b, "    %s --> [*]\n", end)
	}
	return b.String()
}

// Markdown is the lifecycle as a table for the documentation: each step, where
// it can be taken, where it leads, who takes it, on which condition, and the
// limit it must meet.
func (l Lifecycle) Markdown(lang text.Lang) string {
	var b strings.Builder
	b.WriteString("|")
	for _, head := range []string{"step", "right", "from", "to", "who", "guard", "limit"} {
		b.WriteString(" " + lang.T("flow.table."+head) + " |")
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", 7) + "\n")
	for _, s := range l.Steps {
		to := l.names(lang, s.outcomes())
		if s.To == Stay && len(s.Or) == 0 {
			to = lang.T("flow.table.stay")
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s | %s | %s |\n",
			lang.T(s.Do.Key()), s.Do, l.names(lang, s.From), to,
			optional(lang, s.Who, s.WhoKey()), optional(lang, s.Guard, l.GuardKey(s.Guard)),
			optional(lang, s.Limit, s.LimitKey()))
	}
	return b.String()
}

func (l Lifecycle) names(lang text.Lang, states []State) string {
	var names []string
	for _, s := range states {
		names = append(names, lang.T(l.StateKey(s)))
	}
	return strings.Join(names, lang.T("flow.list"))
}

func optional(lang text.Lang, value, key string) string {
	if value == "" {
		return ""
	}
	return lang.T(key)
}
