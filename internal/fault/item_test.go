package fault_test

import (
	"fmt"
	"io"
	"testing"

	"qiban.dev/qiban/internal/fault"
)

// A field of an item of a list has its place in its name, and is found by it.
func TestAFieldOfAnItemHasItsPlaceInItsName(t *testing.T) {
	name := fault.InItem("outlets", 2, "town")
	if list, n, field, ok := fault.Item(name); name != "outlets.2.town" || list != "outlets" || n != 2 || field != "town" || !ok {
		t.Errorf("%s is %s %d %s %v", name, list, n, field, ok)
	}
	for _, other := range []string{"town", "outlets.town", "outlets.x.town", ""} {
		if _, _, _, ok := fault.Item(other); ok {
			t.Errorf("%q is taken for a field of an item", other)
		}
	}
	f := fault.Fields{{Name: "outlets", Key: "field.range"}, {Name: "outlets.0.town", Key: "field.choice"}, {Name: "outlets.1.from", Key: "field.date"}, {Name: "reason", Key: "field.required"}}
	for n, want := range []string{"[towns field.range] [town field.choice] [reason field.required]", "[towns field.range] [from field.date] [reason field.required]"} {
		said := fault.OfItem(f.Err(), "outlets", n, "towns")
		if got := said.Error(); got != "invalid: fault.invalid "+want {
			t.Errorf("of item %d: %s, want %s", n, got, want)
		}
	}
	wrapped := fmt.Errorf("while saving: %w", f.Err())
	if got := fault.FieldsOf(fault.Renamed(wrapped, func(name string) string { return "/" + name })); len(got) != 4 || got[1].Name != "/outlets.0.town" || f[1].Name != "outlets.0.town" {
		t.Errorf("renamed: %v", got)
	}
	if err := fault.Renamed(io.EOF, func(string) string { return "x" }); err != io.EOF { //nolint:errorlint // it is the same
		t.Error(err)
	}
}
