package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"qiban.dev/qiban/internal/fault"
)

func TestAFaultIsKnownThroughWrapping(t *testing.T) {
	cause := fault.Because(io.ErrUnexpectedEOF, fault.Unavailable, "fault.unavailable")
	wrapped := fmt.Errorf("while saving: %w", cause)
	if fault.Of(wrapped) != fault.Unavailable || !errors.Is(wrapped, io.ErrUnexpectedEOF) {
		t.Errorf("%v is %v", wrapped, fault.Of(wrapped))
	}
	if !fault.Is(wrapped, fault.Unavailable) || fault.Is(wrapped, fault.Denied) {
		t.Error("it is taken for another kind")
	}
	if fault.Of(io.EOF) != fault.Internal || !fault.Is(io.EOF, fault.Internal) {
		t.Error("an error that is no fault is not a defect")
	}
	for _, kind := range []fault.Kind{fault.Internal, fault.NotFound, fault.Unavailable} {
		if fault.Is(nil, kind) {
			t.Errorf("success is %v", kind)
		}
	}
	if !fault.Is(fault.Missing(), fault.NotFound) {
		t.Error("what is missing is not NotFound")
	}
}

func TestEveryBrokenFieldIsTold(t *testing.T) {
	var f fault.Fields
	if f.Err() != nil {
		t.Error("nothing is broken, and yet")
	}
	f.Add("name", "field.required")
	f.Add("amount", "field.range", "min", 1, "max", 9)
	var e *fault.Error
	if err := f.Err(); !errors.As(err, &e) || e.Kind != fault.Invalid || len(e.Fields) != 2 || e.Args[1] != 2 {
		t.Fatalf("%v", err)
	}
	if !f.Has("amount") || f.Has("amoun") {
		t.Error("Has is mistaken")
	}
	if got := e.Error(); got != "invalid: fault.invalid [name field.required] [amount field.range]" {
		t.Error(got)
	}
}

func TestEveryKindHasAName(t *testing.T) {
	seen := map[string]bool{}
	for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
		name := kind.String()
		if name == "" || seen[name] {
			t.Errorf("kind %d is called %q", kind, name)
		}
		seen[name] = true
	}
}
