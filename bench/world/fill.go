package world

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/config"
)

// CSV is the file in a world's folder that has its facts for other programs.
const CSV = "facts.csv"

// Fill makes the world in the folder: the program's SQLite database and the CSV.
// It writes the facts past Ledger.Post, with the indexes off, because ten
// million would otherwise take an hour, and then builds what is kept of them
// with Rebuild, as an operator would. tell hears what it does. A folder that
// has the world is left as it is.
func (s Spec) Fill(ctx context.Context, folder string, tell func(string)) error {
	done := filepath.Join(folder, fmt.Sprintf("world-%d-%d-%d", s.Facts, s.Enterprises, s.Seed))
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	a, err := app.Open(ctx, config.Store{Data: folder}, app.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	began := time.Now()
	if err := s.facts(ctx, a.DB.Writer(), filepath.Join(folder, CSV), tell); err != nil {
		return err
	}
	tell(fmt.Sprintf("%d facts written in %v", s.Facts, time.Since(began).Round(time.Second)))
	began = time.Now()
	if err := a.Ledger.Rebuild(ctx, nil); err != nil {
		return err
	}
	tell(fmt.Sprintf("rolled up in %v", time.Since(began).Round(time.Second)))
	return os.WriteFile(done, nil, 0o600)
}

func (s Spec) facts(ctx context.Context, d *sql.DB, csvFile string, tell func(string)) (err error) {
	indexes, err := dropIndexes(ctx, d)
	if err != nil {
		return err
	}
	file, err := os.Create(csvFile) //nolint:gosec // the folder was given by whoever runs the benchmark
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	csv := bufio.NewWriterSize(file, 1<<20)
	w := &writer{d: d}
	if err := w.subjects(ctx, s); err != nil {
		return err
	}
	err = s.Each(func(f *Fact) error {
		if f.N%1_000_000 == 0 {
			tell(fmt.Sprintf("%d facts", f.N))
		}
		if _, err := fmt.Fprintf(csv, "%s,%s,%s,%s,%d,%d,%s,%s,%s,%s,%d,%d\n", f.Stream, f.Day, f.Town, f.Town[:6], f.Enterprise, f.Institution,
			f.Dims[0], f.Dims[1], f.Dims[2], f.Dims[3], f.Quantity, f.Amount); err != nil {
			return err
		}
		return w.fact(ctx, s, f)
	})
	if err == nil {
		err = w.commit(ctx)
	}
	if err == nil {
		err = csv.Flush()
	}
	for _, make := range indexes {
		if err == nil {
			tell(make)
			_, err = d.ExecContext(ctx, make)
		}
	}
	return err
}

// dropIndexes takes the tables' indexes away and returns how to make them again.
func dropIndexes(ctx context.Context, d *sql.DB) (again []string, err error) {
	rows, err := d.QueryContext(ctx, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"+
		" AND tbl_name IN ('ledger_fact', 'ledger_subject', 'enterprise')")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name, make string
		if err := rows.Scan(&name, &make); err != nil {
			return nil, err
		}
		names, again = append(names, name), append(again, make)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := d.ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return nil, err
		}
	}
	return again, rows.Err()
}

// writer inserts rows of several tables, many at a time.
type writer struct {
	d    *sql.DB
	tx   *sql.Tx
	rows map[string][]any
	n    int
}

// The rows of one statement, and of one transaction.
const (
	perStatement   = 100
	perTransaction = 200_000
)

func (w *writer) add(ctx context.Context, table, columns string, values ...any) error {
	if w.tx == nil {
		var err error
		if w.tx, err = w.d.BeginTx(ctx, nil); err != nil {
			return err
		}
		w.rows = map[string][]any{}
	}
	into := table + " (" + columns + ")"
	w.rows[into] = append(w.rows[into], values...)
	if len(w.rows[into]) == perStatement*len(values) {
		if err := w.flush(ctx, into, len(values)); err != nil {
			return err
		}
	}
	if w.n++; w.n%perTransaction == 0 {
		return w.commit(ctx)
	}
	return nil
}

func (w *writer) flush(ctx context.Context, into string, width int) error {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", width), ",") + "),"
	args := w.rows[into]
	w.rows[into] = args[:0]
	values := strings.TrimSuffix(strings.Repeat(row, len(args)/width), ",")
	_, err := w.tx.ExecContext(ctx, "INSERT INTO "+into+" VALUES "+values, args...) //nolint:gosec // made of constants
	return err
}

func (w *writer) commit(ctx context.Context) error {
	if w.tx == nil {
		return nil
	}
	for into, args := range w.rows {
		if len(args) > 0 {
			if err := w.flush(ctx, into, strings.Count(into, ",")+1); err != nil {
				return err
			}
		}
	}
	tx := w.tx
	w.tx = nil
	return tx.Commit()
}

// The numbers of the subjects: enterprises first, then institutions, then
// deliveries.
func enterpriseNumber(n int) int { return 1 + n }

func (s Spec) institutionNumber(n int) int { return 1 + s.Enterprises + n }

func (s Spec) deliveryNumber(n int) int { return 1 + s.Enterprises + institutions + n }

// ID is the id of the n-th record of a kind, in the shape of the program's own.
func ID(kind byte, n int) string {
	return fmt.Sprintf("0190%04x-%04x-7%03x-8%03x-%012x", n>>16, n&0xffff, int(kind), n*31%0x1000, n)
}

func (w *writer) subjects(ctx context.Context, s Spec) error {
	for n := range s.Enterprises {
		if err := w.add(ctx, "ledger_subject", "n, kind, id", enterpriseNumber(n), "enterprise", ID('e', n)); err != nil {
			return err
		}
		name := fmt.Sprintf("盐城第%d实业有限公司", n)
		if err := w.add(ctx, "enterprise", "id, name, short_name, name_key, name_find, region, address, legal_form, industry, industry_edition,"+
			"established, status, status_reason, size, size_year, alias_of, created_at, created_by, updated_at, version",
			ID('e', n), name, "", name, name, Town(n), "", "", "C1711", "2017", "", "active", "", Size(n), 0, "",
			1_451_606_400_000+int64(n), "world", 1_451_606_400_000+int64(n), 1); err != nil {
			return err
		}
	}
	for n := range institutions {
		if err := w.add(ctx, "ledger_subject", "n, kind, id", s.institutionNumber(n), "institution", ID('i', n)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) fact(ctx context.Context, s Spec, f *Fact) error {
	subject, institution := enterpriseNumber(f.Enterprise), 0
	kind, record := "enterprise", ID('e', f.Enterprise)
	if f.Stream == Delivery {
		subject, institution = s.deliveryNumber(f.N), s.institutionNumber(f.Institution)
		kind, record = "delivery", ID('d', f.N)
		if err := w.add(ctx, "ledger_subject", "n, kind, id", subject, kind, record); err != nil {
			return err
		}
	}
	return w.add(ctx, "ledger_fact", "stream, occurred_on, recorded_at, region, subject, enterprise, institution, person, d1, d2, d3, d4,"+
		"quantity, amount, record_kind, record_id, reported, site, reverses",
		f.Stream, f.Day, 1_451_606_400_000+int64(f.N), f.Town, subject, enterpriseNumber(f.Enterprise), institution, 0,
		f.Dims[0], f.Dims[1], f.Dims[2], f.Dims[3], f.Quantity, f.Amount, kind, record, 0, City, 0)
}
