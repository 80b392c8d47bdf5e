package indicator_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

func TestTheShippedDefinitionsAndTheLifecycleHoldTogether(t *testing.T) {
	if err := indicator.Lifecycle.Check(); err != nil {
		t.Error(err)
	}
	for _, key := range indicator.Lifecycle.Keys() {
		if !text.Has(key) {
			t.Errorf("nobody can read %s", key)
		}
	}
	defs, err := indicator.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]indicator.Definition{}
	for _, d := range defs {
		known[d.ID] = d
	}
	counted := measures(t)
	for _, d := range defs {
		for _, other := range []string{d.Of, d.TargetOf, d.RankedBy, d.GrowthOf} {
			if _, ok := known[other]; other != "" && !ok {
				t.Errorf("%s names %s, which is not defined", d.ID, other)
			}
		}
		for _, m := range append(slices.Clone(d.Ratio), d.Measure) {
			if m != "" && !slices.ContainsFunc(counted, func(c ledger.Measure) bool { return c.ID == m }) {
				t.Errorf("%s is computed by %s, which no test knows", d.ID, m)
			}
		}
		if d.Name[0] == "" || d.Name[1] == "" || d.Unit == "" {
			t.Errorf("%s lacks a name or a unit", d.ID)
		}
	}
}

func TestAReturnCountsOnceItIsAcceptedAndNoLonger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		clerk, city := official("clerk-320924", sheyang), official("xu", yancheng)
		sheet := w.filled(sheyang, 2008, map[string]float64{"P3": 120, "G5": 435_000_000.5})
		if f := w.figure(yancheng, 2008, "P3"); f.Exact != nil {
			t.Errorf("a return that nobody accepted counts: %v", *f.Exact)
		}
		w.advance(clerk, sheet, indicator.Submit, "")
		sheet = w.sheet(sheet.ID)
		w.advance(city, sheet, indicator.Accept, "")
		w.is(w.figure(sheyang, 2008, "G5"), 435_000_000.5, ledger.Reported)
		w.is(w.figure(yancheng, 2008, "P3"), 120, ledger.Reported)

		sheet = w.sheet(sheet.ID)
		w.advance(city, sheet, indicator.Reopen, "两位数字录颠倒")
		if f := w.figure(yancheng, 2008, "P3"); f.Exact != nil {
			t.Errorf("a reopened return still counts: %v", *f.Exact)
		}
		events, err := w.Events(t.Context(), city, sheet)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range events {
			told = append(told, e.Do.Verb()+" "+e.By)
		}
		want := []string{"fill clerk-320924", "submit clerk-320924", "accept xu", "reopen xu"}
		if !slices.Equal(told, want) || events[3].Reason != "两位数字录颠倒" {
			t.Errorf("the history is %v (%q), want %v", told, events[3].Reason, want)
		}
	})
}

func TestWhoMayTakeWhichStepWithAReturn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		clerk, city := official("clerk-320924", sheyang), official("xu", yancheng)
		sheet := w.filled(sheyang, 2008, map[string]float64{"P3": 120})
		advance := func(by authz.Actor, version int, do authz.Permission, reason string) error {
			return w.Advance(t.Context(), by, sheet.ID, version, do, reason)
		}
		wants(t, advance(official("chen", jianhu), 2, indicator.Submit, ""), fault.NotFound)
		wants(t, advance(official("reader", sheyang, indicator.View), 2, indicator.Submit, ""), fault.Denied)
		wants(t, advance(city, 2, indicator.Accept, ""), fault.Conflict)
		wants(t, advance(clerk, 1, indicator.Submit, ""), fault.Stale)
		if err := advance(clerk, 2, indicator.Submit, ""); err != nil {
			t.Fatal(err)
		}
		wants(t, advance(city, 3, indicator.Return, ""), fault.Invalid)
		// the clerk holds every right of the county, and yet not over their own work
		wants(t, advance(clerk, 3, indicator.Accept, ""), fault.Conflict)
		wants(t, w.FillIn(t.Context(), clerk, sheet.ID, 3, map[string]float64{"P3": 1}), fault.Conflict)
		if err := advance(city, 3, indicator.Return, "请再核对"); err != nil {
			t.Fatal(err)
		}
		if s := w.sheet(sheet.ID); s.State != indicator.Returned || s.Reason != "请再核对" {
			t.Errorf("sent back, the return is %s because of %q", s.State, s.Reason)
		}
		trail, err := gate.Trail(t.Context(), w.db, gate.Record{Kind: indicator.SheetKind, ID: sheet.ID})
		if err != nil || len(trail) != 4 { // begun, filled in, submitted, sent back
			t.Errorf("%d entries in the audit trail (%v), want 4", len(trail), err)
		}
	})
}

func TestEveryBrokenValueIsAnsweredAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		clerk := official("clerk", sheyang)
		sheet, err := w.Open(t.Context(), clerk, sheyang, 2008)
		if err != nil {
			t.Fatal(err)
		}
		err = w.FillIn(t.Context(), clerk, sheet.ID, sheet.Version, map[string]float64{
			"P1": -1, "P3": 10, "P7": 11, "G5": 1.001, "M7": 5, "I2": 3, "T1": 4,
		})
		var f *fault.Error
		if !errors.As(err, &f) {
			t.Fatalf("got %v", err)
		}
		got := map[string]string{}
		for _, b := range f.Fields {
			got[b.Name] = b.Key
		}
		for name, key := range map[string]string{
			"P1": "indicator.negative", "P7": "indicator.part_exceeds", "G5": "indicator.too_fine",
			"M7": "indicator.not_reported", // a target
			"I2": "indicator.not_reported", // the city's own affair
		} {
			if got[name] != key {
				t.Errorf("%s: got %q, want %q", name, got[name], key)
			}
		}
		if len(got) != 5 {
			t.Errorf("got %v, want five", got)
		}
		wants(t, w.Advance(t.Context(), clerk, sheet.ID, sheet.Version, indicator.Submit, ""), fault.Conflict)
	})
}

func TestAFigureIsPutTogetherOfficeByOffice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.accepted(sheyang, 2008, map[string]float64{"P3": 100})
		w.accepted(dafeng, 2008, map[string]float64{"P3": 30})
		w.accepted(yancheng, 2008, map[string]float64{"P3": 5})
		w.accepted(sheyang, 2007, map[string]float64{"P3": 90})
		f := w.figure(yancheng, 2008, "P3")
		w.is(f, 135, ledger.Reported)
		if p := part(f, yancheng); p == nil || !p.Own || *p.Value != 5 {
			t.Errorf("the city's own row is %+v", p)
		}
		if p := part(f, jianhu); p == nil || p.Value != nil {
			t.Errorf("an office that did not report has %+v, want a row without a value", p)
		}
		if len(f.Parts) != 10 || f.Count != 3 {
			t.Errorf("%d rows from %d returns, want 10 from 3", len(f.Parts), f.Count)
		}
		if f.Previous == nil || *f.Previous != 90 || f.Growth == nil || *f.Growth != 50 {
			t.Errorf("the year before is %v, the growth %v", value(f.Previous), value(f.Growth))
		}
		if province := w.figure("320000", 2008, "P3"); *province.Exact != 135 || *part(province, yancheng).Value != 135 {
			t.Errorf("the province sees %v", value(province.Exact))
		}
		w.delivered(hede, "e1", "finance", "2008-03-02", "2008-05-02")
		w.delivered(jianhu, "e1", "training", "2008-05-03")
		w.is(w.figure(yancheng, 2008, "E3"), 3, ledger.Computed)
		e4 := w.figure(yancheng, 2008, "E4")
		w.is(e4, 1, ledger.Computed)
		if !e4.Overlap {
			t.Error("one enterprise served in two counties: the parts exceed the whole, and nobody says so")
		}
		w.is(w.figure(yancheng, 2008, "M15"), 2, ledger.Computed)
		w.is(w.figure(yancheng, 2008, "E1"), 0, ledger.Computed) // books are kept, none was posted
		if f := w.figure(yancheng, 2008, "E5"); f.Exact != nil {
			t.Errorf("a share of nothing is %v", *f.Exact)
		}
	})
}

func TestAFigureOpensIntoWhatItIsMadeOf(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.accepted(sheyang, 2008, map[string]float64{"P3": 100})
		w.accepted(jianhu, 2008, map[string]float64{"P3": 35})
		w.filled(dafeng, 2008, map[string]float64{"P3": 7})
		w.delivered(hede, "e1", "finance", "2008-03-02", "2008-05-02")
		w.delivered(jianhu, "e2", "training", "2008-05-03")
		behind := func(by authz.Actor, at region.Code, id string) *indicator.Behind {
			t.Helper()
			b, err := w.Behind(t.Context(), by, at, 2008, id, "")
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		city, county := official("xu", yancheng), official("wang", sheyang)
		b := behind(city, yancheng, "P3")
		if len(b.Returns) != 3 || !b.Agrees() || *b.Sum != 135 {
			t.Errorf("the city sees %d returns that add up to %v", len(b.Returns), value(b.Sum))
		}
		if last := b.Returns[2]; last.Region != dafeng || last.Counts || last.State != indicator.Draft {
			t.Errorf("a return that is still open is shown as %+v", last)
		}
		if b := behind(city, yancheng, "E3"); b.Records != 3 || !b.Agrees() || b.Lines[0].On != "2008-05-03" {
			t.Errorf("three deliveries open into %d, agreeing: %v", b.Records, b.Agrees())
		}
		if b := behind(city, yancheng, "E4"); b.Records != 3 || *b.Sum != 2 || !b.Agrees() {
			t.Errorf("two enterprises open into %d records of %v", b.Records, value(b.Sum))
		}
		if b := behind(city, yancheng, "G6"); b.Follows != "G5" || b.Sum != nil {
			t.Errorf("a growth opens into %+v", b)
		}
		// a county's official sees their own part of the city's figure, and that it is one
		if b := behind(county, yancheng, "E3"); b.Records != 2 || b.Whole || b.Agrees() {
			t.Errorf("the county sees %d records of the city, as the whole: %v", b.Records, b.Whole)
		}
		if b := behind(county, yancheng, "P3"); len(b.Returns) != 1 || b.Returns[0].Region != sheyang {
			t.Errorf("the county sees the returns %+v", b.Returns)
		}
		_, err := w.Behind(t.Context(), official("nan", "320100"), yancheng, 2008, "P3", "")
		wants(t, err, fault.Denied)
		_, err = w.Behind(t.Context(), authz.Actor{}, yancheng, 2008, "P3", "")
		wants(t, err, fault.SignIn)
		_, err = w.Behind(t.Context(), city, yancheng, 2008, "P99", "")
		wants(t, err, fault.NotFound)
	})
}

// A rate is a part over a whole: it moves in percentage points, and each record of
// the whole says whether it is in the part.
func TestARateOpensIntoItsPartAndItsWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		closed := func(day ledger.Date, solved ...bool) {
			w.write(func(ctx context.Context, tx *db.Tx) error {
				for _, yes := range solved {
					f := ledger.Fact{Stream: "engagement.rated", OccurredOn: day, Region: hede, Record: ledger.Record{Kind: "rating", ID: db.NewID()}}
					facts := []ledger.Fact{f}
					if yes {
						f.Stream = "engagement.solved"
						facts = append(facts, f)
					}
					if _, err := w.ledger.Post(ctx, tx, facts...); err != nil {
						return err
					}
				}
				return nil
			})
		}
		closed("2007-06-01", true, false)
		closed("2008-03-02", true, true, true, false)
		f := w.figure(yancheng, 2008, "E6")
		w.is(f, 75, ledger.Computed)
		if f.Growth != nil || f.Points == nil || *f.Points != 25 || indicator.Moved(&f, text.Zh) != "+25 个百分点" {
			t.Errorf("from 50 to 75 per cent is %v per cent, %v points, %q", value(f.Growth), value(f.Points), indicator.Moved(&f, text.Zh))
		}
		b, err := w.Behind(t.Context(), official("xu", yancheng), yancheng, 2008, "E6", "")
		if err != nil {
			t.Fatal(err)
		}
		if b.Of == nil || *b.Of != [2]int64{3, 4} || b.Records != 4 || !b.Agrees() {
			t.Errorf("it opens into %v of %d records, agreeing: %v", b.Of, b.Records, b.Agrees())
		}
		var in int64
		for i, line := range b.Lines {
			in += b.Part[i]
			if line.Adds != 1 {
				t.Errorf("a rating adds %d to the whole", line.Adds)
			}
		}
		if in != 3 {
			t.Errorf("%d of the records are in the part, want 3", in)
		}
	})
}

func TestWhereAReturnCountsItsRecordsDoNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		both := definition(t, "E3")
		both.ID, both.From, both.Measure = "P3", 2000, "engagement.deliveries"
		if err := w.Redefine(t.Context(), official("xu", yancheng), yancheng, both); err != nil {
			t.Fatal(err)
		}
		w.delivered(hede, "e1", "finance", "2008-03-02", "2008-05-02")
		w.delivered(jianhu, "e2", "training", "2008-05-03")
		w.write(w.posted(sheyang, "P3", 50))
		f := w.figure(yancheng, 2008, "P3")
		w.is(f, 51, ledger.Mixed)
		b, err := w.Behind(t.Context(), official("xu", yancheng), yancheng, 2008, "P3", "")
		if err != nil || b.Records != 1 || b.Lines[0].Region != jianhu {
			t.Errorf("%d records behind it (%v), want the one of the county that did not report", b.Records, err)
		}
	})
}

// A county that keeps its own books of what the program computes reports them in
// its return; those that do not are not asked.
func TestAnOfficeWithBooksOfItsOwnReportsWhatIsComputed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		computed := definition(t, "E3")
		computed.ID, computed.From, computed.Measure = "P3", 2000, "engagement.deliveries"
		for _, books := range []bool{false, true} {
			computed.Books = books
			if err := w.Redefine(t.Context(), official("xu", yancheng), yancheng, computed); err != nil {
				t.Fatal(err)
			}
			clerk := official("clerk", sheyang)
			sheet, err := w.Open(t.Context(), clerk, sheyang, 2008)
			if err != nil {
				t.Fatal(err)
			}
			err = w.FillIn(t.Context(), clerk, sheet.ID, sheet.Version, map[string]float64{"P3": 50, "T1": 7})
			if !books {
				wants(t, err, fault.Invalid)
			} else if err != nil {
				t.Fatal(err)
			}
		}
		w.delivered(hede, "e1", "finance", "2008-03-02")
		w.delivered(jianhu, "e2", "training", "2008-05-03")
		before := w.figure(yancheng, 2008, "P3")
		w.is(before, 2, ledger.Computed)
		all, err := w.Overview(t.Context(), official("xu", yancheng), 2008)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			if o.Region == sheyang && o.Filled != 1 || o.Region == jianhu && (o.Filled != 0 || o.Asked != all[0].Asked) {
				t.Errorf("%s filled in %d of %d", o.Region, o.Filled, o.Asked)
			}
		}
		w.accepted(sheyang, 2008, map[string]float64{"P3": 50, "T1": 7})
		w.is(w.figure(sheyang, 2008, "P3"), 50, ledger.Reported)
		w.is(w.figure(yancheng, 2008, "P3"), 51, ledger.Mixed)
	})
}

func TestHistoryAndBreakdownShowHowAFigureCameAbout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.accepted(sheyang, 2006, map[string]float64{"G5": 100})
		w.accepted(sheyang, 2007, map[string]float64{"G5": 200})
		w.accepted(sheyang, 2008, map[string]float64{"G5": 318})
		history, err := w.History(t.Context(), yancheng, 2008, "G6", 5)
		if err != nil || len(history) != 5 {
			t.Fatalf("%d years: %v", len(history), err)
		}
		if history[2].Exact != nil || *history[3].Exact != 100 || *history[4].Exact != 59 {
			t.Errorf("the growths are %v, %v, %v", value(history[2].Exact), value(history[3].Exact), value(history[4].Exact))
		}
		w.delivered(hede, "e1", "finance", "2008-03-02", "2008-05-02")
		w.delivered(jianhu, "e2", "training", "2008-05-03", "2007-05-03")
		months, err := w.Breakdown(t.Context(), yancheng, 2008, "E3", "month")
		if err != nil || len(months) != 2 || months[1].Keys[0] != "2008-05" || months[1].Value != 2 {
			t.Errorf("by month: %+v (%v)", months, err)
		}
		if none, err := w.Breakdown(t.Context(), yancheng, 2008, "T5", "month"); none != nil || err != nil {
			t.Errorf("a reported figure has months: %+v (%v)", none, err)
		}
		years, newest, err := w.Years(t.Context(), yancheng)
		if err != nil || newest != 2008 || !slices.Equal(years, []int{2009, 2008, 2007, 2006}) {
			t.Errorf("the years are %v from %d (%v)", years, newest, err)
		}
	})
}

func TestAllFiguresCostAsManyStatementsAsAFew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.accepted(sheyang, 2008, map[string]float64{"P3": 100, "G5": 7})
		w.delivered(hede, "e1", "finance", "2008-03-02")
		var n atomic.Int64
		if _, err := w.Figures(db.CountQueries(t.Context(), &n), yancheng, 2008); err != nil {
			t.Fatal(err)
		}
		if n.Load() > 20 {
			t.Errorf("the figures of a year took %d statements, want at most 20", n.Load())
		}
	})
}

func TestTheOverviewNamesEveryOffice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.accepted(sheyang, 2008, map[string]float64{"T3": 100, "T5": 7})
		w.filled(jianhu, 2008, map[string]float64{"T3": 1})
		all, err := w.Overview(t.Context(), official("xu", yancheng), 2008)
		if err != nil || len(all) != 10 {
			t.Fatalf("%d offices: %v", len(all), err)
		}
		states, filled := map[region.Code]flow.State{}, map[region.Code]int{}
		for _, o := range all {
			states[o.Region], filled[o.Region] = o.State(), o.Filled
		}
		if states[sheyang] != indicator.Accepted || states[jianhu] != indicator.Draft || states[dafeng] != "" {
			t.Errorf("the states are %v", states)
		}
		if all[9].Region != yancheng || filled[sheyang] != 2 || all[0].Asked < 5 {
			t.Errorf("the last is %s; Sheyang filled in %d of %d", all[9].Region, filled[sheyang], all[0].Asked)
		}
		own, err := w.Overview(t.Context(), official("wang", sheyang), 2008)
		if err != nil || len(own) != 1 {
			t.Errorf("a county sees %d offices (%v)", len(own), err)
		}
		if _, err := w.Find(t.Context(), official("chen", jianhu), sheyang, 2008); !fault.Is(err, fault.NotFound) {
			t.Errorf("another county's return answers %v", err)
		}
	})
}

// Whoever reads figures holds one connection and waits for no second: with as
// many readers as connections, all would wait for each other.
func TestReadingFiguresTakesOneConnection(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := newWorld(t, source, func(o *db.Options) { o.Readers = 1 })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // waiting for oneself would have no end
		defer cancel()
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				if _, err := w.History(ctx, yancheng, 2008, "G5", 3); err != nil {
					t.Errorf("the years of a figure: %v", err)
				}
				if _, err := w.Behind(ctx, official("u1", yancheng), yancheng, 2008, "G5", ""); err != nil {
					t.Errorf("what is behind it: %v", err)
				}
			})
		}
		readers.Wait()
	})
}

// A definition that was changed is in force at once, whoever keeps the old ones.
func TestAChangedDefinitionIsInForceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before, err := w.Definition(t.Context(), w.db, 2008, "G5")
		if err != nil {
			t.Fatal(err)
		}
		next := before
		next.Name, next.From = [2]string{"改过的名字", "Renamed"}, 2009
		if err := w.Redefine(t.Context(), official("u1", yancheng), yancheng, next); err != nil {
			t.Fatal(err)
		}
		for year, want := range map[int]string{2008: before.Name[0], 2009: "改过的名字"} {
			got, err := w.Definition(t.Context(), w.db, year, "G5")
			if err != nil || got.Name[0] != want {
				t.Errorf("in %d it is called %s, want %s: %v", year, got.Name[0], want, err)
			}
		}
	})
}

// The list of key towns begins in 2008. Of 2007 there is no figure of key towns,
// so 2008 has nothing to have grown from; the figures of all towns have both, and
// a return of 2007 says what it says.
func TestBeforeTheFirstListThereIsNoFigureOfKeyTowns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.delivered(hede, "e1", "finance", "2007-03-02", "2008-05-02") // both years have records
		for _, id := range []string{"P4", "P5", "P6", "P7"} {
			if f := w.figure(yancheng, 2007, id); f.Exact != nil || f.Origin != "" {
				t.Errorf("%s of 2007 is %v, %s", id, *f.Exact, f.Origin)
			}
			f := w.figure(yancheng, 2008, id)
			w.is(f, 0, ledger.Computed)
			if f.Previous != nil || f.Growth != nil {
				t.Errorf("%s of 2008 has a year before", id)
			}
		}
		if f := w.figure(yancheng, 2008, "P2"); f.Previous == nil {
			t.Error("the area of all towns has no year before")
		}
		w.accepted(sheyang, 2007, map[string]float64{"P7": 3})
		w.is(w.figure(yancheng, 2007, "P7"), 3, ledger.Reported)
	})
}
