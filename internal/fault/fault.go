// Package fault says what went wrong in the words of what the caller can do
// about it (差错). Every error that leaves a use case is, or wraps, a *fault.Error;
// anything else is a defect and is answered as Internal.
//
// A fault carries text keys, never sentences: the edge (page, API, command)
// chooses the reader's language and the status.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind classifies a fault by what the caller does next.
type Kind int

const (
	// Internal is a defect or a broken machine: report it and try later.
	Internal Kind = iota
	// Invalid: the input breaks rules; Fields names every one. Correct and resend.
	Invalid
	// NotFound: there is no such record, or the caller may not know that there is.
	NotFound
	// Denied: the caller may see the record but not do this with it.
	Denied
	// SignIn: nobody is signed in, and this needs somebody.
	SignIn
	// Conflict: the record is not in a state that allows this. Reload and look.
	Conflict
	// Stale: someone changed the record since the caller read it. Compare, then redo.
	Stale
	// TooMany: too much of this in too short a time. Wait, then retry.
	TooMany
	// Unavailable: the system cannot do it now (full disk, read-only, overload). Retry later.
	Unavailable
)

func (k Kind) String() string {
	return [...]string{"internal", "invalid", "not found", "denied", "sign in", "conflict", "stale", "too many", "unavailable"}[k]
}

// Error is a fault. Key and Args make the sentence (see package text); Fields
// holds every broken field of an Invalid fault, in the order of the form.
type Error struct {
	Kind   Kind
	Key    string
	Args   []any // alternating name and value, as text.Lang.T takes them
	Fields []Field
	Cause  error
}

// Field is one broken input field: its form name, and what is wrong with it.
type Field struct {
	Name string
	Key  string
	Args []any
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s %s]", f.Name, f.Key)
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// New makes a fault of a kind with a sentence of its own.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: args}
}

// Closed is the answer to whoever may not enter a page or list at all (不对其开放).
func Closed() *Error { return New(Denied, "fault.closed") }

// Because makes a fault of a kind that keeps its cause for the log.
func Because(cause error, kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: args, Cause: cause}
}

// Missing is the one answer to ids that do not exist, or belong to somebody else.
func Missing() *Error { return New(NotFound, "fault.not_found") }

// Of returns the kind of err: Internal for anything that is not a fault.
// It must not be called with nil.
func Of(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// FieldsOf are the broken fields of an Invalid fault, nil for other errors.
func FieldsOf(err error) Fields {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Fields
	}
	return nil
}

// Is reports whether err is a fault of the kind; false for nil.
func Is(err error, kind Kind) bool {
	return err != nil && Of(err) == kind
}

// Fields collects the broken fields of one input, so that all are told at once.
// The zero value is ready; it is not safe for concurrent use.
type Fields []Field

// Add notes that the field breaks a rule.
func (f *Fields) Add(name, key string, args ...any) {
	*f = append(*f, Field{Name: name, Key: key, Args: args})
}

// Has reports whether the field was already noted as broken.
func (f Fields) Has(name string) bool {
	for _, b := range f {
		if b.Name == name {
			return true
		}
	}
	return false
}

// Err is nil when nothing is broken, else an Invalid fault with every field.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "fault.invalid", Args: []any{"n", len(f)}, Fields: f}
}
