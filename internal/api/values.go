package api

import (
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// actor is who acts, in the signatures of use cases.
type actor = authz.Actor

// reasoned is an act on a record that says why.
type reasoned struct {
	byID
	Body struct {
		Reason string `json:"reason" doc:"原因|Why"`
	}
}

// instant is a moment as programs read it, "" for none.
func instant(t time.Time) string {
	if t.IsZero() || t.UnixMilli() <= 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// named are strings as a type of the domain; nil stays nil.
func named[T ~string](list []string) []T {
	var out []T
	for _, s := range list {
		out = append(out, T(s))
	}
	return out
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// line is one line of text without stray spaces.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// whole is a whole number that may be left out.
func whole(name, s string, bad *fault.Fields) *int64 {
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		bad.Add(name, "web.field.integer", "value", clip(s))
	}
	return &n
}

// today is the day in China.
func (c *Call) today() string { return flow.DayOf(c.api.Clock()) }

// dayStart is the instant a day begins in China.
func dayStart(on string) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, on, flow.Shanghai()) // the caller has checked the day
	return t
}

// day reports an ISO date.
func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
