package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// benchFacts is how many facts the benchmark reads over: 100,000, or what
// QIBAN_BENCH_FACTS says.
func benchFacts() int {
	if n, err := strconv.Atoi(os.Getenv("QIBAN_BENCH_FACTS")); err == nil {
		return n
	}
	return 100_000
}

// BenchmarkRead reads a city's year, 135 towns, over SQLite.
func BenchmarkRead(b *testing.B) {
	ctx := context.Background()
	d, err := db.Open(ctx, b.TempDir(), db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Migrate(ctx); err != nil {
		b.Fatal(err)
	}
	l, err := ledger.New(d, "bench", measures())
	if err != nil {
		b.Fatal(err)
	}
	fill(b, d, l, benchFacts())
	dashboard := make([]ledger.Query, 60)
	ids := []string{"deliveries", "people", "money", "enterprises", "institutions", "monthly"}
	for i := range dashboard {
		dashboard[i] = year(ids[i%len(ids)], yancheng)
		if i%2 == 1 {
			dashboard[i].Where = []ledger.Cond{{Dim: "theme", In: []string{"finance"}}}
		}
		if i%3 == 0 {
			dashboard[i].By = []string{"county"}
		}
	}
	for _, c := range []struct {
		name    string
		queries []ledger.Query
	}{
		{"flow of a city's year", []ledger.Query{year("deliveries", yancheng)}},
		{"flow by county and month", []ledger.Query{year("money", yancheng, "county", "month")}},
		{"distinct of a city's year", []ledger.Query{year("enterprises", yancheng)}},
		{"distinct by county and month", []ledger.Query{year("enterprises", yancheng, "county", "month")}},
		{"distinct by form, from facts", []ledger.Query{year("enterprises", yancheng, "form")}},
		{"level at the year's end", []ledger.Query{year("funds", yancheng)}},
		{"a dashboard of 60 figures", dashboard},
	} {
		b.Run(c.name, func(b *testing.B) {
			var statements atomic.Int64
			ctx := db.CountQueries(ctx, &statements)
			for b.Loop() {
				if _, err := l.ReadMany(ctx, d, c.queries); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(statements.Load())/float64(b.N), "statements/op")
		})
	}
}

// fill posts n facts of three years, rolls them and says how long that took.
func fill(b *testing.B, d *db.DB, l *ledger.Ledger, n int) {
	b.Helper()
	ctx, r, began := context.Background(), rand.New(rand.NewPCG(7, 7)), time.Now()
	for at := 0; at < n; at += 1000 {
		facts := make([]ledger.Fact, min(1000, n-at))
		for i := range facts {
			id := fmt.Sprint(at + i)
			facts[i] = ledger.Fact{
				OccurredOn: ledger.Date(fmt.Sprintf("%d-%02d-%02d", 2006+r.IntN(3), 1+r.IntN(12), 1+r.IntN(28))),
				Region:     region.Code(fmt.Sprintf("3209%02d%d", 2+r.IntN(9), 100+r.IntN(15))), Quantity: 3, Amount: 100,
				Stream: "delivery", Subject: ledger.Subject{Kind: "delivery", ID: id}, Record: ledger.Record{Kind: "delivery", ID: id},
				Enterprise: fmt.Sprint(r.IntN(20_000)), Institution: fmt.Sprint(r.IntN(300)),
				Dims: [ledger.Dims]string{fmt.Sprint("t", r.IntN(5)), pick(r, "team", "event", "media", "class")},
			}
			if i%20 == 0 {
				f := &facts[i]
				f.Stream, f.Subject, f.Enterprise, f.Institution = "fund", ledger.Subject{Kind: "fund", ID: fmt.Sprint(r.IntN(2000))}, "", ""
				f.Dims = [ledger.Dims]string{"policy"}
			} else if i%5 == 0 {
				facts[i].Dims[0] = "finance"
			}
		}
		if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := l.Post(ctx, tx, facts...)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	posted := time.Now()
	for {
		k, err := l.Roll(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if k == 0 {
			break
		}
	}
	b.Logf("%d facts: posted in %v, rolled in %v", n, posted.Sub(began), time.Since(posted))
}
