package ledger

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

// Seal is a figure as it was settled (定案): it stays while facts go on moving
// the current value (现行), until it is issued again.
type Seal struct {
	Period     string // 2008, 2008-Q3 or 2008-12, as the indicator names its periods
	Region     region.Code
	Figure     string
	Value      *float64 // the exact value in the figure's unit, nil when there was no data
	Definition int64    // the version of the figure's definition
	// Seal fills these in: which issue it is, from 1; the newest fact there was;
	// and when it was sealed.
	Issue    int
	Position int64
	At       time.Time
}

// Seal settles the values, each as the next issue of its figure, and returns
// them filled in. Whether a period may be sealed or issued again is the
// caller's to decide. Two changes that settle the same figure at once: the
// second fails, and nothing of it is kept.
func (l *Ledger) Seal(ctx context.Context, tx *db.Tx, seals ...Seal) ([]Seal, error) {
	var position int64
	if err := tx.Get(ctx, &position, "SELECT COALESCE(MAX(id), 0) FROM ledger_fact"); err != nil {
		return nil, err
	}
	done := make([]Seal, len(seals))
	for i, s := range seals {
		if s.Period == "" || s.Figure == "" || !s.Region.Valid() {
			return nil, fmt.Errorf("ledger: a seal of %q in %q for %q", s.Figure, s.Region, s.Period)
		}
		if err := tx.Get(ctx, &s.Issue, "SELECT COALESCE(MAX(issue), 0) + 1 FROM ledger_seal WHERE period = ? AND region = ? AND figure = ?",
			s.Period, string(s.Region), s.Figure); err != nil {
			return nil, err
		}
		s.Position, s.At = position, tx.Now
		value := ""
		if s.Value != nil {
			value = strconv.FormatFloat(*s.Value, 'g', -1, 64)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_seal (period, region, figure, issue, value, definition, position, sealed_at)"+
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?)", s.Period, string(s.Region), s.Figure, s.Issue, value, s.Definition, position, db.Millis(tx.Now)); err != nil {
			return nil, err
		}
		done[i] = s
	}
	return done, nil
}

// Sealed is the newest issue of every sealed figure of a period in a region and
// all below it, ordered by region and figure. In the order of region codes a
// region comes before its own subtree.
func (l *Ledger) Sealed(ctx context.Context, r db.Reader, period string, in region.Code) ([]Seal, error) {
	span := in.Span()
	return seals(ctx, r, "s.period = ? AND s.region >= ? AND s.region < ? AND NOT EXISTS (SELECT 1 FROM ledger_seal n"+
		" WHERE n.period = s.period AND n.region = s.region AND n.figure = s.figure AND n.issue > s.issue)", period, span.From, span.To)
}

// Issues are all issues of one sealed figure, the first one first.
func (l *Ledger) Issues(ctx context.Context, r db.Reader, period string, in region.Code, figure string) ([]Seal, error) {
	return seals(ctx, r, "s.period = ? AND s.region = ? AND s.figure = ?", period, string(in), figure)
}

func seals(ctx context.Context, r db.Reader, where string, args ...any) ([]Seal, error) {
	var rows []struct {
		Period, Region, Figure, Value string
		Issue                         int
		Definition, Position          int64
		SealedAt                      int64 `db:"sealed_at"`
	}
	if err := r.Select(ctx, &rows, "SELECT s.period, s.region, s.figure, s.issue, s.value, s.definition, s.position, s.sealed_at"+
		" FROM ledger_seal s WHERE "+where+" ORDER BY s.region, s.figure, s.issue", args...); err != nil {
		return nil, err
	}
	all := make([]Seal, len(rows))
	for i, row := range rows {
		all[i] = Seal{
			Period: row.Period, Region: region.Code(row.Region), Figure: row.Figure, Definition: row.Definition,
			Issue: row.Issue, Position: row.Position, At: db.Time(row.SealedAt),
		}
		if row.Value != "" {
			v, err := strconv.ParseFloat(row.Value, 64)
			if err != nil {
				return nil, err
			}
			all[i].Value = &v
		}
	}
	return all, nil
}
