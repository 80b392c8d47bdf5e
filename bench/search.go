package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
)

// searchDocuments is how many records are searched: more than a province has.
const searchDocuments = 100_000

// sought are the words of the search benchmark: a word that one record in
// five holds, one of a few hundred, a name, and words that nothing holds all of.
func sought() []string { return []string{"检测", "棉纱", "轴承热处理", "棉纱轴承大楼"} }

// searches looks for words in the index, and beside it with LIKE in the table of
// the same records, which is what a list without an index does.
func searches(ctx context.Context, b *bench) (*Result, error) {
	folder := filepath.Join(b.data, "search")
	if err := os.RemoveAll(folder); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, folder, db.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	s := search.New(d, func(context.Context) (func(region.Code) string, error) {
		return func(region.Code) string { return "盐城市射阳县" }, nil
	}, invented(searchDocuments))
	began := time.Now()
	if _, err := s.Rebuild(ctx); err != nil {
		return nil, err
	}
	r := &Result{
		Title: fmt.Sprintf("Search over %d records", searchDocuments),
		What: fmt.Sprintf("%d records of some 300 characters of Chinese in the search index on SQLite; a page of 20 of what was found, ranked, with the number of each kind and the words marked. "+
			"Beside it the first 20 of the same records by LIKE, neither counted nor ranked.", searchDocuments),
		Rows: []Row{{What: "the index made anew", Unit: "s", Runs: []float64{time.Since(began).Seconds()}}},
	}
	for _, words := range sought() {
		row := Row{Unit: "ms", Peer: "LIKE"}
		for range b.runs {
			began := time.Now()
			f, err := s.Find(ctx, search.Query{Text: words}, db.Page{})
			if err != nil {
				return nil, err
			}
			row.Runs = append(row.Runs, milliseconds(began))
			row.What = fmt.Sprintf("%s: %d found", words, f.Total)
			began = time.Now()
			var ids []int64
			like := "%" + words + "%"
			if err := d.Select(ctx, &ids, `SELECT id FROM search_document WHERE title LIKE ? OR tags LIKE ? OR body LIKE ? ORDER BY title LIMIT 20`, like, like, like); err != nil {
				return nil, err
			}
			row.Peers = append(row.Peers, milliseconds(began))
		}
		r.Rows = append(r.Rows, row)
	}
	size, err := os.Stat(filepath.Join(folder, "qiban.db"))
	if err != nil {
		return nil, err
	}
	r.Rows = append(r.Rows, Row{What: "database, the records' text and the index", Unit: "bytes per record", Runs: []float64{float64(size.Size()) / searchDocuments}})
	return r, nil
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Nanoseconds()) / 1e6 }

// invented are so many records of random words, the same at every run.
func invented(n int) search.Source {
	common := []rune("的一是在有人这中大为上个国和地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实")
	words := []string{"检测", "培训", "担保", "平台", "服务", "纺织", "机械", "阀门"}
	return search.Source{Name: "invented", Read: func(_ context.Context, _ db.Reader, p search.Pick) ([]search.Document, error) {
		from := 0
		if p.After != "" {
			if _, err := fmt.Sscanf(p.After, "%d", &from); err != nil {
				return nil, err
			}
			from++
		}
		var all []search.Document
		for i := from; i < min(from+p.N, n); i++ {
			rng := rand.New(rand.NewPCG(1, uint64(i))) //nolint:gosec // the same records at every run
			var body strings.Builder
			for range 300 {
				body.WriteRune(common[rng.IntN(len(common))])
			}
			if i%5 == 0 {
				body.WriteString("检测")
			}
			if i%400 == 0 {
				body.WriteString("棉纱")
			}
			if i%50_000 == 7 {
				body.WriteString("轴承热处理")
			}
			all = append(all, search.Document{
				Kind: "institution", Record: fmt.Sprintf("%08d", i), Root: fmt.Sprintf("%08d", i), Region: "320924",
				Title: fmt.Sprintf("第%d号%s公司", i, words[1+rng.IntN(len(words)-1)]), Body: body.String(),
			})
		}
		return all, nil
	}}
}
