package xfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Importer is what a domain makes of a table for one actor.
type Importer interface {
	// Prepare reads a row: it sets Keys and Value, or notes in Bad everything
	// wrong with it. It is called from several goroutines and asks no database.
	Prepare(r *Row)
	// Apply lands rows, none of which is Bad, in one transaction: it sets the
	// Outcome of each, or adds to its Bad. With dry nothing is written. It may be
	// called again for the same rows after an error. Rows of one file that share
	// a key never come.
	Apply(ctx context.Context, rows []*Row, dry bool) error
}

// Plan is how an import runs.
type Plan struct {
	Dry bool
	// Each is told of every row, in the order of the file; an error ends the import.
	Each func(r *Row) error
	// Progress is told now and then how far the reading is, from 0 to 1.
	Progress func(rows int64, share float64)
	// Ahead ends the reading after so many rows; 0 reads all.
	Ahead int
}

// Report counts what became of the rows.
type Report struct {
	Rows, New, Changed, Unchanged, Rejected int64
}

func (r *Report) add(o Outcome) {
	r.Rows++
	switch o {
	case New:
		r.New++
	case Changed:
		r.Changed++
	case Unchanged:
		r.Unchanged++
	case Rejected:
		r.Rejected++
	}
}

// A transaction holds up everybody else's writes, so it aims at half a second:
// chunks grow and shrink between these bounds. Larger ones write less, because
// rows that lie beside each other in the database's indexes are written once.
const (
	chunkLeast = 1000
	chunkMost  = 8000
	chunkTime  = 500 * time.Millisecond
	readAhead  = 1000   // rows that are prepared together
	window     = 20_000 // rows that are landed in the importer's order
)

// Sorter is an Importer that lands rows faster in an order of its own, such as
// that of an index. Rows it holds equal stay in the order of the file and land
// together.
type Sorter interface {
	Compare(a, b *Row) int
}

// Looker is an Importer that finds what else is wrong with rows that Prepare found
// broken, so that everything is told at once.
type Looker interface {
	// Look adds to the Bad of rows, and writes nothing.
	Look(ctx context.Context, rows []*Row) error
}

// Run imports what the reader gives. Rows are prepared on all processors while
// earlier ones are landed. A row that cannot land does not keep others from it.
// An error ends the import where it is: what landed stays, and running it again
// goes on from there, because a row that is already as it should be changes nothing.
func Run(ctx context.Context, r *Reader, imp Importer, plan Plan) (Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &landing{imp: imp, plan: plan, seen: map[[16]byte]int32{}, size: 2 * chunkLeast}
	for part := range prepared(ctx, r, imp, plan.Ahead) {
		<-part.done
		if part.err != nil {
			return l.report, part.err
		}
		if err := l.take(ctx, part.rows); err != nil {
			return l.report, err
		}
		if plan.Progress != nil {
			plan.Progress(l.report.Rows, part.share)
		}
	}
	if err := ctx.Err(); err != nil {
		return l.report, err
	}
	return l.report, l.land(ctx)
}

// part is some rows on their way through the processors.
type part struct {
	rows  []*Row
	share float64
	err   error
	done  chan struct{}
}

// prepared gives the rows in order while several parts are being prepared.
func prepared(ctx context.Context, r *Reader, imp Importer, ahead int) <-chan *part {
	workers := runtime.GOMAXPROCS(0)
	order, work := make(chan *part, 8), make(chan *part, workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for p := range work {
				for _, row := range p.rows {
					imp.Prepare(row)
				}
				close(p.done)
			}
		})
	}
	go func() {
		defer close(order)
		defer wg.Wait()
		defer close(work)
		for n, more := 0, true; more && ctx.Err() == nil; {
			p := &part{done: make(chan struct{})}
			more = p.fill(r, ahead, &n)
			select {
			case order <- p:
				work <- p
			case <-ctx.Done():
			}
		}
	}()
	return order
}

// fill reads the part's rows, and reports whether others may follow. n counts
// the rows of all parts, which end at ahead unless that is 0.
func (p *part) fill(r *Reader, ahead int, n *int) (more bool) {
	for len(p.rows) < readAhead && p.err == nil && (ahead == 0 || *n < ahead) {
		var row *Row
		if row, p.err = r.Next(); p.err == nil {
			p.rows = append(p.rows, row)
			*n++
		}
	}
	p.share = r.Progress()
	more = p.err == nil && (ahead == 0 || *n < ahead)
	if errors.Is(p.err, io.EOF) {
		p.err = nil
	}
	return more
}

// landing gathers prepared rows into chunks and lands them.
type landing struct {
	imp    Importer
	plan   Plan
	report Report
	seen   map[[16]byte]int32 // key of a row → its line
	rows   []*Row             // every row since the last landing, the broken too
	size   int                // of the next chunk
}

func (l *landing) take(ctx context.Context, rows []*Row) error {
	for _, row := range rows {
		if len(row.Bad) == 0 {
			l.once(row)
		}
	}
	l.rows = append(l.rows, rows...)
	if len(l.rows) < window {
		return nil
	}
	return l.land(ctx)
}

// once refuses a second row of the file about the same record. Keys are kept as
// half a SHA-256: a million of them take a third of the room of the words.
func (l *landing) once(row *Row) {
	for _, key := range row.Keys {
		if line, twice := l.seen[short16(key)]; twice {
			row.Bad.Add("", "xfer.row.twice", "row", line)
			return
		}
	}
	for _, key := range row.Keys {
		l.seen[short16(key)] = int32(row.Line)
	}
}

func short16(key string) [16]byte {
	sum := sha256.Sum256([]byte(key))
	return [16]byte(sum[:16])
}

// land lands the rows gathered, chunk by chunk, and tells what became of them
// in the order of the file.
func (l *landing) land(ctx context.Context) error {
	good := make([]*Row, 0, len(l.rows))
	var broken []*Row
	for _, row := range l.rows {
		if len(row.Bad) == 0 {
			good = append(good, row)
		} else {
			broken = append(broken, row)
		}
	}
	s, sorts := l.imp.(Sorter)
	if sorts {
		slices.SortStableFunc(good, s.Compare)
		slices.SortStableFunc(broken, s.Compare)
	}
	if lk, looks := l.imp.(Looker); looks {
		for part := range slices.Chunk(broken, chunkLeast) {
			if err := lk.Look(ctx, part); err != nil {
				return err
			}
		}
	}
	for len(good) > 0 {
		n := min(l.size, len(good))
		for sorts && n < len(good) && s.Compare(good[n-1], good[n]) == 0 {
			n++
		}
		if err := l.apply(ctx, good[:n]); err != nil {
			return err
		}
		good = good[n:]
	}
	for _, row := range l.rows {
		if len(row.Bad) > 0 {
			row.Outcome = Rejected
		}
		l.report.add(row.Outcome)
		if l.plan.Each != nil {
			if err := l.plan.Each(row); err != nil {
				return err
			}
		}
	}
	clear(l.rows)
	l.rows = l.rows[:0]
	return nil
}

func (l *landing) apply(ctx context.Context, rows []*Row) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	began := time.Now()
	if err := l.imp.Apply(ctx, rows, l.plan.Dry); err != nil {
		return err
	}
	took := max(time.Since(began), time.Millisecond)
	l.size = min(max(int(float64(len(rows))*float64(chunkTime)/float64(took)), chunkLeast, l.size/2), chunkMost, l.size*2)
	return nil
}
