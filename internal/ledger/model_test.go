package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

var someplaces = []region.Code{hede, huangjin, jinhu, shanggan, sheyang, yancheng, jiangsu, rucheng, rugao}

// recoded is a tree where Shanggan was a part of Huangjin until July 2008, and
// Rucheng has moved from Nantong to Yancheng.
func recoded(c region.Code, on ledger.Date) region.Code {
	switch {
	case c == shanggan && on < "2008-07-01":
		return huangjin
	case c == rucheng:
		return jinhu
	}
	return c
}

func someDay(r *rand.Rand) ledger.Date {
	if r.IntN(4) == 0 { // first and last days, where months meet
		return []ledger.Date{"2007-12-31", "2008-01-01", "2008-02-29", "2008-06-30", "2008-07-01", "2008-12-31"}[r.IntN(6)]
	}
	return ledger.Date(fmt.Sprintf("%d-%02d-%02d", 2007+r.IntN(2), 1+r.IntN(12), 1+r.IntN(28)))
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func someFact(r *rand.Rand, record string) ledger.Fact {
	f := ledger.Fact{
		OccurredOn: someDay(r), Region: someplaces[r.IntN(len(someplaces))],
		Record: ledger.Record{Kind: "delivery", ID: record}, Reported: r.IntN(5) == 0,
		Quantity: r.Int64N(4), Amount: r.Int64N(1000),
	}
	if r.IntN(3) == 0 {
		f.Stream = "fund"
		f.Subject = ledger.Subject{Kind: "fund", ID: fmt.Sprint(r.IntN(6))}
		f.Dims[0] = pick(r, "policy", "mutual")
		return f
	}
	f.Stream = "delivery"
	f.Subject = ledger.Subject{Kind: "delivery", ID: record}
	f.Enterprise = pick(r, "", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8")
	f.Institution = pick(r, "", "i1", "i2", "i3")
	f.Dims = [ledger.Dims]string{pick(r, "", "finance", "market"), pick(r, "team", "event")}
	return f
}

func someQuery(r *rand.Rand) ledger.Query {
	ms := measures()
	m := ms[r.IntN(len(ms))]
	q := ledger.Query{
		Measure: m.ID, Region: append(someplaces, nantong)[r.IntN(len(someplaces)+1)],
		From: someDay(r), To: someDay(r),
		Source: ledger.Origin(pick(r, "", "", "computed", "reported")),
		Tree:   ledger.Tree(pick(r, "", "as-of", "today")),
	}
	if q.From > q.To {
		q.From, q.To = q.To, q.From
	}
	if r.IntN(3) == 0 {
		q.From, q.To = "2008-01-01", "2008-12-31"
	}
	series := m.Kind == ledger.Level || m.Kind == ledger.Mean
	if r.IntN(6) == 0 && !series {
		q.From = ""
	}
	for _, by := range append([]string{pick(r, "city", "county", "town"), pick(r, "month", "year")}, m.Dims...) {
		if r.IntN(4) == 0 {
			q.By = append(q.By, by)
		}
	}
	r.Shuffle(len(q.By), func(i, j int) { q.By[i], q.By[j] = q.By[j], q.By[i] })
	for _, dim := range m.Dims {
		if r.IntN(5) == 0 {
			q.Where = append(q.Where, ledger.Cond{Dim: dim, In: []string{pick(r, "finance", "policy", ""), pick(r, "team", "market")}})
		}
	}
	if r.IntN(6) == 0 {
		q.Where = append(q.Where, ledger.Cond{Dim: "town", In: []string{string(hede), string(jinhu), string(yancheng)}})
	}
	if r.IntN(6) == 0 {
		q.Where = append(q.Where, ledger.Cond{Dim: "county", In: []string{string(sheyang), string(yancheng)}})
	}
	if m.Kind == ledger.Level && r.IntN(3) == 0 {
		bound := r.Int64N(800)
		q.Where = append(q.Where, ledger.Cond{Dim: "amount", AtLeast: &bound})
	}
	return q
}

// TestEveryFigureEqualsTheRecountAtAnyMoment lets four offices post, take back
// and merge while two rollers work and a reader compares random figures, each
// at one moment, with a count of the facts one by one.
func TestEveryFigureEqualsTheRecountAtAnyMoment(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		for seed := uint64(1); seed <= 2; seed++ {
			t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
				if seed > 1 {
					source = freshSource(t, source)
				}
				model(t, source, seed)
			})
		}
	})
}

func freshSource(t *testing.T, like string) string {
	if strings.Contains(like, "://") {
		return testkit.Postgres(t)
	}
	return t.TempDir()
}

func model(t *testing.T, source string, seed uint64) {
	w := newWorld(t, source)
	w.Ledger = w.WithLineage(recoded)
	other, err := ledger.New(w.db, "yancheng", measures())
	if err != nil {
		t.Fatal(err)
	}
	w.other = other.WithLineage(recoded)
	var writers, rollers sync.WaitGroup
	var posted, done atomic.Int64
	for office := range 4 {
		writers.Go(func() {
			posted.Add(w.office(rand.New(rand.NewPCG(seed, uint64(office))), fmt.Sprint("o", office)))
		})
	}
	for range 2 {
		rollers.Go(func() {
			for done.Load() == 0 {
				if _, err := w.Roll(w.ctx); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(seed, 99))
	for range 15 {
		w.agrees(r, 12)
	}
	writers.Wait()
	done.Store(1)
	rollers.Wait()
	w.sound()
	var rolled []string
	for i := range 60 {
		rolled = append(rolled, fmt.Sprint("o0-", i), fmt.Sprint("o1-", i))
	}
	posted.Add(w.office(r, "late", rolled...)) // nobody rolls this: a long tail that takes back what is rolled
	w.sound()
	w.agrees(r, 100)
	w.roll()
	w.sound()
	w.agrees(r, 100)
	if err := w.Rebuild(w.ctx, nil); err != nil {
		t.Fatal(err)
	}
	w.sound()
	w.agrees(r, 100)
	var facts int64
	if err := w.db.Get(w.ctx, &facts, "SELECT COUNT(*) FROM ledger_fact"); err != nil || facts != posted.Load() {
		t.Errorf("%d facts are stored (%v), %d were posted", facts, err, posted.Load())
	}
}

// office posts, takes back what is its own and merges, all at random, and
// returns how many facts that made.
func (w *world) office(r *rand.Rand, name string, mine ...string) (made int64) {
	for i := range 60 {
		record := fmt.Sprintf("%s-%d", name, i)
		kind := r.IntN(10)
		on := ledger.Date("")
		if r.IntN(3) == 0 {
			on = "2008-12-31"
		}
		var n int64
		err := w.db.Write(w.ctx, func(ctx context.Context, tx *db.Tx) error {
			n = 0
			switch {
			case kind < 6 || len(mine) == 0:
				var facts []ledger.Fact
				many := 1 + r.IntN(6)
				if kind == 0 && r.IntN(4) == 0 {
					many = 180 + r.IntN(40) // an import, which rolls itself when it is large
				}
				for range many {
					facts = append(facts, someFact(r, record))
				}
				ids, err := w.Post(ctx, tx, facts...)
				n = int64(len(ids))
				return err
			case kind < 9:
				taken, err := w.Reverse(ctx, tx, ledger.Record{Kind: "delivery", ID: mine[r.IntN(len(mine))]}, on)
				n = int64(taken)
				return err
			default:
				return w.mergeSome(ctx, tx, r)
			}
		})
		if err != nil && !fault.Is(err, fault.Conflict) {
			w.t.Errorf("%s: %v", record, err)
			continue
		}
		if kind < 6 {
			mine = append(mine, record)
		}
		made += n
	}
	return made
}

func (w *world) mergeSome(ctx context.Context, tx *db.Tx, r *rand.Rand) error {
	kind, from, to := "enterprise", fmt.Sprint("e", 1+r.IntN(8)), fmt.Sprint("e", 1+r.IntN(8))
	if r.IntN(3) == 0 {
		kind, from, to = "fund", fmt.Sprint(r.IntN(6)), fmt.Sprint(r.IntN(6))
	}
	if r.IntN(2) == 0 {
		return w.Unmerge(ctx, tx, kind, from, to)
	}
	return w.Merge(ctx, tx, kind, from, to)
}

// agrees compares n random figures and the records behind them with the recount.
func (w *world) agrees(r *rand.Rand, n int) {
	w.t.Helper()
	err := w.db.Snapshot(w.ctx, func(ctx context.Context, from db.Reader) error {
		facts, err := loadNaive(ctx, from, recoded)
		if err != nil {
			return err
		}
		queries := make([]ledger.Query, n)
		for i := range queries {
			queries[i] = someQuery(r)
		}
		// this process's ledger and another one's, with what each remembers
		reader := []*ledger.Ledger{w.Ledger, w.other}[r.IntN(2)]
		all, err := reader.ReadMany(ctx, from, queries)
		if err != nil {
			return err
		}
		for i, q := range queries {
			m, _ := w.Measure(q.Measure)
			if diff := cmp.Diff(facts.lines(q, m), lines(all[i])); diff != "" {
				w.t.Errorf("%s (-counted +read):\n%s", describe(q), diff)
			}
			if i%4 == 0 {
				if err := w.recordsAgree(ctx, from, q, facts, m); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		w.t.Error(errors.Join(errors.New("reading at one moment"), err))
	}
}

// recordsAgree turns all pages of the records behind a figure and adds them up.
func (w *world) recordsAgree(ctx context.Context, from db.Reader, q ledger.Query, facts *naive, m ledger.Measure) error {
	q.By = nil
	all := authz.Unbounded("the test sees everything")
	var n, adds int64
	page := db.Page{Limit: 7}
	for {
		list, next, total, err := w.Records(ctx, from, all, q, page)
		if err != nil {
			return err
		}
		n += int64(len(list))
		for _, line := range list {
			adds += line.Adds
		}
		if page.After = next; next != "" {
			continue
		}
		if n != total {
			w.t.Errorf("%s: %d lines on all pages, told %d", describe(q), n, total)
		}
		break
	}
	behind, err := w.Behind(ctx, from, all, q)
	if err != nil {
		return err
	}
	value, err := w.Value(ctx, from, q)
	if err != nil {
		return err
	}
	switch m.Kind {
	case ledger.Distinct:
		if behind.Subjects != value || behind.Lines != n {
			w.t.Errorf("%s: behind it %+v, listed %d, read %d", describe(q), behind, n, value)
		}
	case ledger.Mean:
	default:
		if adds != value || behind.Value != value {
			w.t.Errorf("%s: the lines add up to %d and %d, read %d", describe(q), adds, behind.Value, value)
		}
	}
	return nil
}
