package search

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// Most is how many documents are looked through for one question. Where more
// hold its words, Found.More says so.
const Most = 2000

// Query is what somebody looks for.
type Query struct {
	Text   string
	Kind   string      // of these documents only; "" of all
	Within region.Code // at this place and below; "" anywhere
}

// Found is a page of what was found, the best first.
type Found struct {
	Hits  []Hit
	Kinds []Count // how many of each kind, whichever Query.Kind asks for; the most first
	Total int     // of the kind asked for
	More  bool    // there are more than were counted
	// Near is true when no document holds all of the words: those are shown that
	// hold the most of them.
	Near bool
	Next string // the cursor of the next page
}

// Count is how many documents of a kind were found.
type Count struct {
	Kind string
	N    int
}

// Hit is a document that was found. Title and Text are in pieces, those that were
// asked for marked; Text is a part of the document about the first of them.
type Hit struct {
	Kind, Record, Root string
	Region             region.Code
	Title, Text        []Piece
}

// Piece is a part of a text.
type Piece struct {
	Text   string
	Marked bool
}

// Find looks for documents (检索). A question of over 100 characters is Invalid,
// field "q"; one without any word finds nothing.
func (s *Service) Find(ctx context.Context, q Query, page db.Page) (Found, error) {
	var broken fault.Fields
	broken.Length("q", q.Text, 0, queryMost)
	if err := broken.Err(); err != nil {
		return Found{}, err
	}
	keys, err := page.Keys(1)
	if err != nil {
		return Found{}, err
	}
	from := 0
	if keys != nil {
		if from, err = strconv.Atoi(keys[0]); err != nil || from < 0 || from > Most {
			return Found{}, fault.Fields{{Name: "after", Key: "field.cursor"}}.Err()
		}
	}
	ts := terms(q.Text)
	if len(ts) == 0 {
		return Found{}, nil
	}
	f, hits, err := s.ranked(ctx, q, ts)
	if err != nil || from >= len(hits) {
		return f, err
	}
	to := min(from+page.Size(), len(hits))
	if to < len(hits) {
		f.Next = db.Cursor(strconv.Itoa(to))
	}
	f.Hits, err = s.show(ctx, hits[from:to], ts)
	return f, err
}

// candidate is a document that may be the answer.
type candidate struct {
	stored
	score int
}

// ranked are the documents of the kind asked for, the best first.
func (s *Service) ranked(ctx context.Context, q Query, ts []term) (Found, []candidate, error) {
	var f Found
	all, err := s.candidates(ctx, q.Within, "", ts, false)
	if err != nil {
		return f, nil, err
	}
	if len(all) == 0 {
		if all, err = s.candidates(ctx, q.Within, "", ts, true); err != nil {
			return f, nil, err
		}
		f.Near = len(all) > 0
	}
	f.More = len(all) > Most
	f.Kinds = kindsOf(all)
	if q.Kind != "" {
		if f.More { // some of the kind may be beyond what was looked through
			if all, err = s.candidates(ctx, q.Within, q.Kind, ts, false); err != nil {
				return f, nil, err
			}
			f.More = len(all) > Most
		}
		all = slices.DeleteFunc(all, func(c candidate) bool { return c.Kind != q.Kind })
	}
	all = all[:min(len(all), Most)]
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.Title), len(b.Title)), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Record, b.Record))
	})
	f.Total = len(all)
	return f, all, nil
}

// candidates are documents that hold all of the terms, one more than Most when
// there are as many; or, near, those that hold at least half of the words.
func (s *Service) candidates(ctx context.Context, within region.Code, kind string, ts []term, near bool) ([]candidate, error) {
	columns := `d.id, d.kind, d.record, d.title, d.tags`
	condition, arg := s.engine.all(ts)
	if near {
		columns += `, d.body`
		condition, arg = s.engine.any(ts)
	}
	args := []any{arg}
	if within != "" {
		span := within.Span()
		condition += ` AND d.region >= ? AND d.region < ?`
		args = append(args, span.From, span.To)
	}
	if kind != "" {
		condition += ` AND d.kind = ?`
		args = append(args, kind)
	}
	var rows []stored
	if err := s.db.Select(ctx, &rows, `SELECT `+columns+` FROM search_document d WHERE `+condition+` LIMIT ?`, append(args, Most+1)...); err != nil {
		return nil, err
	}
	all := make([]candidate, 0, len(rows))
	for _, row := range rows {
		if !near {
			all = append(all, candidate{stored: row, score: score(row, ts)})
		} else if share, ok := nearness(row, ts); ok {
			all = append(all, candidate{stored: row, score: share})
		}
	}
	return all, nil
}

func kindsOf(all []candidate) []Count {
	n := map[string]int{}
	for _, c := range all {
		n[c.Kind]++
	}
	counts := make([]Count, 0, len(n))
	for kind, n := range n {
		counts = append(counts, Count{Kind: kind, N: n})
	}
	slices.SortFunc(counts, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Kind, b.Kind)) })
	return counts
}

// score weighs a document that holds all of the terms by where they stand: as
// the whole title, at its beginning, in it, in the tags, in the text.
func score(d stored, ts []term) int {
	title, tags := foldAll(d.Title), foldAll(d.Tags)
	sum := 0
	for _, t := range ts {
		switch {
		case title == t.text:
			sum += 16
		case strings.HasPrefix(title, t.text):
			sum += 9
		case strings.Contains(title, t.text):
			sum += 8
		case strings.Contains(tags, t.text):
			sum += 3
		default:
			sum++
		}
	}
	return sum
}

// nearness is how much of what was asked for a document holds: words in the
// title count twice. ok is false when it is less than half of the words.
func nearness(d stored, ts []term) (share int, ok bool) {
	title := foldAll(d.Title)
	text := foldAll(d.Tags + "\n" + d.Body)
	words, held := 0, 0
	for _, t := range ts {
		for _, w := range t.words {
			words++
			switch {
			case strings.Contains(title, w):
				held++
				share += 2
			case strings.Contains(text, w):
				held++
				share++
			}
		}
	}
	return share, held*2 >= words
}

// show reads what the page shows of its hits.
func (s *Service) show(ctx context.Context, page []candidate, ts []term) ([]Hit, error) {
	args := make([]any, len(page))
	for i, c := range page {
		args[i] = c.ID
	}
	var rows []stored
	if err := s.db.Select(ctx, &rows, `SELECT id, root, kind, record, region, title, body FROM search_document
		WHERE id IN (`+db.Marks(len(args))+`)`, args...); err != nil {
		return nil, err
	}
	byID := make(map[int64]stored, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	hits := make([]Hit, 0, len(page))
	for _, c := range page {
		d, ok := byID[c.ID]
		if !ok { // taken out since
			continue
		}
		hits = append(hits, Hit{
			Kind: d.Kind, Record: d.Record, Root: d.Root, Region: d.Region,
			Title: mark(d.Title, ts), Text: mark(extract(d.Body, ts), ts),
		})
	}
	return hits, nil
}
