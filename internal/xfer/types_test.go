package xfer_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// kinds is a table with a cell of several choices, one of which has the sign in
// its name that people put between two, and a number that need not be whole.
func kinds() *xfer.Table {
	return &xfer.Table{Name: "kinds", Title: "institution.table", Columns: []xfer.Column{
		{Key: "kinds", Label: "institution.column.kinds", Type: xfer.Choices, Options: []xfer.Option{
			{Value: "bank", Label: "institution.kind.bank"},
			{Value: "association", Label: "institution.kind.association"},
			{Value: "law_firm", Label: "institution.kind.law_firm"},
		}},
		{Key: "value", Label: "indicator.column.value", Type: xfer.Decimal},
		{Key: "unit", Label: "indicator.column.unit", Type: xfer.Note},
	}}
}

// first is the first row of a file.
func first(t interface{ Fatal(args ...any) }, raw []byte) *xfer.Row {
	r, err := xfer.Open(bytes.NewReader(raw), int64(len(raw)), kinds(), xfer.Uploaded(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	row, err := r.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return row
}

func TestSeveralChoicesStandInOneCell(t *testing.T) {
	for typed, want := range map[string]string{
		"银行": "bank", "银行、律师事务所": "bank law_firm", "协会、商会": "association", "银行、协会、商会；律师事务所": "bank association law_firm",
		"Bank; law_firm": "bank law_firm", "银行、饭店": "bank", "": "",
	} {
		row := first(t, []byte("kinds,value\n\""+typed+"\",1\n"))
		if got := strings.Join(row.Picks("kinds"), " "); got != want || row.Bad.Has("kinds") != strings.Contains(typed, "饭店") {
			t.Errorf("%s is %q, %v", typed, got, row.Bad)
		}
	}
	for typed, good := range map[string]bool{"80.5": true, "1,234.07": true, "１２": true, "-3": true, "": true, "3亩": false, "NaN": false, "Inf": false} {
		row := first(t, []byte("kinds,value\n银行,\""+typed+"\"\n"))
		if got := row.Decimal("value"); (len(row.Bad) == 0) != good || (got != nil) != (good && typed != "") {
			t.Errorf("%s is %v, %v", typed, got, row.Bad)
		}
	}
}

func TestChoicesAndDecimalsReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chosen := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"bank", "association", "law_firm"}), 0, 3, rapid.ID).Draw(t, "chosen")
		value := rapid.Float64Range(-1e12, 1e12).Draw(t, "value")
		lang := rapid.SampledFrom([]text.Lang{text.Zh, text.En}).Draw(t, "lang")
		format := rapid.SampledFrom([]xfer.Format{xfer.CSV, xfer.XLSX}).Draw(t, "format")
		var file bytes.Buffer
		w, err := xfer.NewWriter(&file, kinds(), format, lang)
		if err != nil {
			t.Fatal(err)
		}
		put := xfer.Put(w, kinds(), lang)
		if err := errors.Join(put([]string{xfer.Joined(chosen), xfer.Decimals(&value), "x"}), w.Close()); err != nil {
			t.Fatal(err)
		}
		row := first(t, file.Bytes())
		if got := row.Picks("kinds"); !slices.Equal(got, chosen) && len(got)+len(chosen) > 0 {
			t.Fatalf("%v came back as %v", chosen, got)
		}
		if got := row.Decimal("value"); got == nil || *got != value || len(row.Bad) > 0 {
			t.Fatalf("%v came back as %v, %v", value, got, row.Bad)
		}
	})
}
