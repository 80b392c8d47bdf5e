package xfer_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// sheet is a table with a column of most types; kinds has the others.
func sheet() *xfer.Table {
	return &xfer.Table{Name: "enterprise", Title: "enterprise.table", Columns: []xfer.Column{
		{Key: "name", Label: "enterprise.column.name", Required: true},
		{Key: "credit_code", Label: "enterprise.column.credit_code", Type: xfer.Code},
		{Key: "employees", Label: "enterprise.column.short_name", Type: xfer.Number},
		{Key: "revenue", Label: "enterprise.column.address", Type: xfer.Money},
		{Key: "established", Label: "enterprise.column.established", Type: xfer.Date},
		{Key: "legal_form", Label: "enterprise.column.legal_form", Type: xfer.Choice, Options: []xfer.Option{
			{Value: "company", Label: "enterprise.form.company"}, {Value: "other", Label: "enterprise.form.other"},
		}},
		{Key: "checked", Label: "enterprise.column.status", Type: xfer.YesNo},
		{Key: "region", Label: "enterprise.column.region", Type: xfer.Place},
	}}
}

func open(t testing.TB, raw []byte) (*xfer.Reader, error) {
	t.Helper()
	places := func(name string) region.Code {
		if name == "射阳县合德镇" {
			return "320924100"
		}
		return ""
	}
	r, err := xfer.Open(bytes.NewReader(raw), int64(len(raw)), sheet(), xfer.Uploaded(), places)
	if err == nil {
		t.Cleanup(func() { _ = r.Close() })
	}
	return r, err
}

// read is every row of a file; cells are looked at by fn.
func read(t testing.TB, raw []byte, fn func(*xfer.Row)) {
	t.Helper()
	r, err := open(t, raw)
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		fn(row)
	}
}

func TestWhatWasWrittenReadsBackTheSame(t *testing.T) {
	nasty := []string{
		"=1+1", "+86", "-5", "-5%", "@SUM(A1)", "'quoted", "''twice", "\ttab", "line\nbreak", `say "yes"`, "a,b;c", "＝全角", "-",
		"_x0041_", "0012", "91320900140132611G", "1E5", "", "鹤乡", "𠮷", "<&>", "TRUE", "#N/A?",
	}
	for _, format := range []xfer.Format{xfer.CSV, xfer.XLSX} {
		t.Run(string(format), rapid.MakeCheck(func(t *rapid.T) {
			cell := rapid.OneOf(rapid.SampledFrom(nasty), rapid.StringMatching(`[ -~]{0,12}`), rapid.StringN(0, 12, -1))
			rows := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 0, 8).Draw(t, "rows")
			var file bytes.Buffer
			two := &xfer.Table{Name: "two", Title: "enterprise.table", Columns: sheet().Columns[:2]}
			w, err := xfer.NewWriter(&file, two, format, text.Zh)
			if err != nil {
				t.Fatal(err)
			}
			var want [][]string
			for _, row := range rows {
				if err := w.Row(row); err != nil {
					t.Fatal(err)
				}
				kept := []string{plain(row[0]), plain(row[1])}
				if strings.TrimSpace(kept[0]+kept[1]) != "" { // an empty row is no row
					want = append(want, kept)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r, err := xfer.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), two, xfer.Uploaded(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			var got [][]string
			for {
				row, err := r.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row.Cells())
			}
			if !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatalf("read %q\nwant %q", got, want)
			}
		}))
	}
}

// plain is what a spreadsheet can hold of a text: no control characters, and
// line breaks of one kind.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f, r == 0xfffe, r == 0xffff, r == 0xfeff, !utf8.ValidRune(r):
			return -1
		}
		return r
	}, s)
}

func TestFormulasAreWrittenSoThatNoSpreadsheetRunsThem(t *testing.T) {
	var file bytes.Buffer
	w, err := xfer.NewWriter(&file, sheet(), xfer.CSV, text.Zh)
	if err != nil {
		t.Fatal(err)
	}
	row := []string{"=cmd|' /C calc'!A0", "@x", "-5", "-1+2", "+1", "\t=1", "'a", "x"}
	if err := errors.Join(w.Row(row), w.Close()); err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(file.String(), "\r\n")
	if want := "'=cmd|' /C calc'!A0,'@x,-5,'-1+2,'+1,'\t=1,''a,x\r\n"; line != want {
		t.Errorf("wrote %q\nwant  %q", line, want)
	}
	if !bytes.HasPrefix(file.Bytes(), []byte("\xef\xbb\xbf")) {
		t.Error("without the mark, Excel takes the file for GBK")
	}
}

func TestOfficesSaveCSVInManyWays(t *testing.T) {
	const table = "2023年企业名单,,,\n企业名称,税号,统一社会信用代码*,地址（万元）\n射阳鹤乡纺织公司,x,91320900140132611G,12.5\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range table {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for name, raw := range map[string][]byte{
		"UTF-8": []byte(table), "with mark": []byte("\ufeff" + table), "GBK": []byte(gbk), "UTF-16": utf16,
		"semicolons": []byte(strings.ReplaceAll(table, ",", ";")), "tabs": []byte(strings.ReplaceAll(table, ",", "\t")),
		"CRLF": []byte(strings.ReplaceAll(table, "\n", "\r\n")), "by key": []byte("credit_code,NAME,revenue\n91320900140132611G,射阳鹤乡纺织公司,125000"),
		"English": []byte("Name of the enterprise,Unified Social Credit Code,Address (yuan)\n射阳鹤乡纺织公司,91320900140132611G,\"125,000.00\""),
	} {
		rows := 0
		read(t, raw, func(r *xfer.Row) {
			rows++
			if got := r.Fen("revenue"); got == nil || *got != 12_500_000 {
				t.Errorf("%s: the money is %v", name, got)
			}
			if r.Text("name") != "射阳鹤乡纺织公司" || r.Code("credit_code") != "91320900140132611G" || len(r.Bad) > 0 {
				t.Errorf("%s: read %q, %v", name, r.Cells(), r.Bad)
			}
		})
		if rows != 1 {
			t.Errorf("%s: %d rows", name, rows)
		}
	}
}

func TestEverythingWrongWithARowIsToldAtOnce(t *testing.T) {
	const table = "name,credit_code,employees,revenue,established,legal_form,checked,region\n" +
		",9.1320900140133E+17,十二,1.234,2009-02-30,有限公司,maybe,nowhere\n"
	read(t, []byte(table), func(r *xfer.Row) {
		r.Text("name")
		r.Code("credit_code")
		r.Int("employees")
		r.Fen("revenue")
		r.Day("established")
		r.Pick("legal_form")
		r.Yes("checked")
		r.Place("region")
		for i, want := range []string{
			"field.required", "xfer.cell.scientific", "xfer.cell.number", "xfer.cell.money", "field.date",
			"xfer.cell.choice", "xfer.cell.yesno", "xfer.cell.place",
		} {
			if i >= len(r.Bad) || r.Bad[i].Key != want {
				t.Fatalf("fault %d is not %s: %v", i, want, r.Bad)
			}
		}
		for _, lang := range []text.Lang{text.Zh, text.En} {
			if why := sheet().Why(r.Bad, lang); strings.ContainsAny(why, "⟦{") {
				t.Errorf("cannot be read: %s", why)
			}
		}
	})
}

func TestDatesAndAmountsAsSpreadsheetsKeepThem(t *testing.T) {
	days := map[string]string{
		"2009-02-20": "2009-02-20", "2009/2/20": "2009-02-20", "2009.02.20": "2009-02-20", "2009年2月20日": "2009-02-20",
		"20090220": "2009-02-20", "39864": "2009-02-20", "39864.5": "2009-02-20", "2009-02-20 00:00:00": "2009-02-20",
		"2009": "", "20/2/2009": "", "2009-13-01": "", "5": "",
	}
	for typed, want := range days {
		read(t, []byte("name,established\nx,"+typed+"\n"), func(r *xfer.Row) {
			if got := r.Day("established"); got != want || (want == "") != (len(r.Bad) > 0) {
				t.Errorf("%s is %q, %v", typed, got, r.Bad)
			}
		})
	}
	amounts := map[string]int64{
		"0": 0, "12": 1200, "12.3": 1230, "1,234.56": 123456, "￥ 5": 500, "１２": 1200, "0.30000000000000004": 30, "1.5E3": 150000, "-7.25": -725,
	}
	for typed, want := range amounts {
		read(t, []byte("name,revenue\nx,\""+typed+"\"\n"), func(r *xfer.Row) {
			if got := r.Fen("revenue"); got == nil || *got != want {
				t.Errorf("%s is %v, %v", typed, got, r.Bad)
			}
		})
	}
}

func TestWhatIsNoTableIsRefusedInWords(t *testing.T) {
	for key, raw := range map[string]string{
		"xfer.file.empty": "", "xfer.file.xls": "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest", "xfer.file.xlsx": "PK\x03\x04 but no zip",
		"xfer.file.kind": "\x89PNG\r\n\x00\x00\x00", "xfer.file.headings": "a,b\n1,2\n", "xfer.file.missing": "credit_code\n1\n",
		"xfer.file.twice": "name,企业名称\nx,y\n",
	} {
		_, err := open(t, []byte(raw))
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Key != key {
			t.Errorf("want %s, got %v", key, err)
		}
	}
}

func TestTheTemplateIsReadLikeAnyFile(t *testing.T) {
	for _, format := range []xfer.Format{xfer.CSV, xfer.XLSX} {
		for _, lang := range []text.Lang{text.Zh, text.En} {
			var file bytes.Buffer
			if err := xfer.Template(&file, sheet(), format, lang); err != nil {
				t.Fatal(err)
			}
			r, err := open(t, file.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Header.Unknown) > 0 {
				t.Errorf("%s %s: unknown headings %v", format, lang, r.Header.Unknown)
			}
			if row, err := r.Next(); !errors.Is(err, io.EOF) {
				t.Errorf("%s %s: a template has a row: %v %v", format, lang, row, err)
			}
		}
	}
}
