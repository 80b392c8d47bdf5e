package recognition_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// bring imports a table of awards and says what became of its rows.
func (w *world) bring(by authz.Actor, table string) xfer.Report {
	w.t.Helper()
	r, err := xfer.Open(bytes.NewReader([]byte(table)), int64(len(table)), recognition.Table(), xfer.Uploaded(), nil)
	ok(w.t, err)
	imp, err := w.Import(w.t.Context(), by)
	ok(w.t, err)
	report, err := xfer.Run(w.t.Context(), r, imp, xfer.Plan{})
	ok(w.t, err)
	return report
}

func (w *world) export(by authz.Actor) string {
	w.t.Helper()
	var out strings.Builder
	table, err := xfer.NewWriter(&out, recognition.Table(), xfer.CSV, text.Zh)
	ok(w.t, err)
	ok(w.t, w.Export(w.t.Context(), by, "", "", xfer.Put(table, recognition.Table(), text.Zh)))
	ok(w.t, table.Close())
	return out.String()
}

// below has a title downgrade to a grade.
func (w *world) below(title, grade string) {
	w.t.Helper()
	t, err := w.Title(w.t.Context(), title)
	ok(w.t, err)
	t.Below = grade
	_, err = w.SetTitle(w.t.Context(), official(city), city, t.Title)
	ok(w.t, err)
}

// The book of titles that were given before comes in, is counted and handed on to
// the parks; what goes out comes in elsewhere the same.
func TestTheBookOfTitlesComesInAndGoesOut(t *testing.T) {
	const head = "title,name,region,office,grade,was,regraded,from,to,document,state\n"
	const book = head +
		"park.a,第p1中小企业园,320924100,320900,A,,,2005-03-01,2008-03-01,\"盐中小企〔2005〕2号，附\"\"名单\"\"\",\n" +
		"park.a,第p1中小企业园,320924100,320900,A,,,2008-03-01,,盐中小企〔2008〕2号,\n" +
		"park.a,第p2中小企业园,320903109,320900,B,A,2008-05-06,2007-03-01,2010-03-01,盐中小企〔2007〕2号,\n" +
		"park.a,第p3中小企业园,320925101,320900,A,,,2006-01-01,2007-06-30,盐中小企〔2006〕8号,revoked\n"
	each(t, func(t *testing.T, w *world) {
		city := official(city)
		w.below("park.a", "B")
		if said := w.bring(city, book); said.New != 4 || said.Rejected != 0 {
			t.Fatalf("%+v", said)
		}
		if w.grades["p1"] != "A" || w.grades["p2"] != "B" || w.grades["p3"] != "" {
			t.Errorf("the parks' own records say %v", w.grades)
		}
		count := func(day string, want int64) {
			t.Helper()
			n, err := w.ledger.Value(t.Context(), w.db, ledger.Query{Measure: "recognition.awards", Region: "320900", To: ledger.Date(day)})
			if err != nil || n != want {
				t.Errorf("on %s there are %d titles (%v), want %d", day, n, err, want)
			}
		}
		count("2005-12-31", 1)
		count("2007-06-29", 3)
		count("2008-06-01", 2)
		if said := w.bring(city, book); said.Unchanged != 4 {
			t.Errorf("the same again: %+v", said)
		}
		if said := w.bring(city, head+"park.a,第p1中小企业园,320924100,320900,A,,,2008-03-01,2011-03-01,盐中小企〔2008〕5号,\n"); said.Changed != 1 {
			t.Errorf("an end is set: %+v", said)
		}
		count("2011-03-01", 0)

		broken := head +
			"park.z,第p1中小企业园,320924100,320900,A,,,2008-03-01,,某号文件,\n" + // no such title
			"park.a,别的园,320924100,320900,A,,,2008-03-01,,某号文件,\n" + // no such park
			"park.a,第p2中小企业园,320903109,320924,A,,,2004-03-01,2005-03-01,某号文件,\n" + // another county's
			"park.a,第p2中小企业园,320903109,320900,A,,,2009-03-01,,某号文件,\n" + // has not begun
			"park.a,第p1中小企业园,320924100,320900,A,,,2008-05-01,,某号文件,\n" + // holds it already
			"park.a,第p3中小企业园,320925101,320900,A,,,2006-01-01,2007-06-30,盐中小企〔2006〕8号,expired\n" + // by its page only
			"park.a,第p3中小企业园,320925101,320900,A,,,2004-01-01,2003-06-30,某号文件,\n" + // ends before it begins
			"park.a,第p3中小企业园,320925101,320900,Q,,,2007-07-01,2008-01-01,某号文件,\n" + // a grade the title has not
			"park.a,第p2中小企业园,320903109,320900,A,,,2006-01-01,2007-06-01,某号文件,\n" + // lies within another
			"park.a,第p3中小企业园,320925101,320900,A,,,1900-01-01,1901-01-01,某号文件,\n" // before there was the park
		if said := w.bring(city, broken); said.Rejected != 10 || said.New+said.Changed != 0 {
			t.Errorf("ten broken rows: %+v", said)
		}
		if said := w.bring(official(sheyang), head+"park.model,第p1中小企业园,320924100,320900,model,,,2008-03-01,,某号文件,\n"); said.Rejected != 1 {
			t.Errorf("a county gives the city's title: %+v", said)
		}
		if _, err := w.Import(t.Context(), operator("p1")); !fault.Is(err, fault.Denied) {
			t.Errorf("a holder imports: %v", err)
		}

		out := w.export(city)
		if n := strings.Count(out, "\n"); n != 5 {
			t.Errorf("%d lines go out:\n%s", n, out)
		}
		if own := w.export(operator("p1")); strings.Count(own, "第p1") != 2 || strings.Contains(own, "第p2") {
			t.Errorf("a holder takes away:\n%s", own)
		}
		if said := w.bring(city, out); said.Unchanged != 4 || said.Rejected != 0 {
			t.Errorf("what went out comes in again: %+v", said)
		}
		other := open(t, t.TempDir())
		other.below("park.a", "B")
		other.clock = time.Date(2008, 6, 2, 9, 0, 0, 0, ledger.Shanghai)
		if said := other.bring(city, out); said.New != 4 || other.export(city) != out {
			t.Errorf("elsewhere: %+v, and out again:\n%s", said, other.export(city))
		}
	})
}
