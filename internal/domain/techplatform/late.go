package techplatform

import (
	"context"
	"errors"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Who looks after what nobody looks at: the program, and whoever it tells.
const (
	Watch     authz.Permission = "techplatform.order.watch" // the program's own
	Supervise authz.Permission = "techplatform.supervise"   // to be told of what is overdue below
)

// watched is a record whose delay is told of.
type watched interface {
	Timed
	spoken
	at() (place region.Code, version int)
}

func (o *Order) at() (region.Code, int)   { return o.Region, o.Version }
func (n *Notice) at() (region.Code, int)  { return n.Region, n.Version }
func (p *Product) at() (region.Code, int) { return p.Region, p.Version }

// ward is a kind of record that is watched.
type ward struct {
	table string
	from  string // with the record's table as x
	reach authz.Columns
	life  flow.Lifecycle
	late  string // what those who let it wait are told
	above string // and the level above
	load  func(ctx context.Context, r db.Reader, s authz.Scope, id string) (watched, error)
}

func wards() []ward {
	plain := func(table string) ward {
		return ward{table: table, from: table + " x", reach: authz.Columns{Region: "x.region"}}
	}
	orders, notices, products := plain("techplatform_order"), plain("techplatform_notice"), plain("techplatform_product")
	orders.life, orders.load, orders.late, orders.above = lifecycle, loader(oneOrder), "techorder.told.late", "techorder.told.above"
	notices.life, notices.load, notices.late, notices.above = noticeLife, loader(oneNotice), "technotice.told.late", "technotice.told.above"
	products.life, products.load, products.late, products.above = productLife, loader(oneProduct), "techproduct.told.late", "techproduct.told.above"
	intros := ward{
		"techplatform_intro", "techplatform_intro x JOIN techplatform_notice n ON n.id = x.notice_id",
		authz.Columns{Region: "n.region"},
		introLife, "techintro.told.late", "techintro.told.above", loader(oneIntro),
	}
	return []ward{orders, notices, products, intros}
}

func loader[T any, P interface {
	*T
	watched
}](one func(context.Context, db.Reader, authz.Scope, string) (T, error)) func(context.Context, db.Reader, authz.Scope, string) (watched, error) {
	return func(ctx context.Context, r db.Reader, s authz.Scope, id string) (watched, error) {
		t, err := one(ctx, r, s, id)
		return P(&t), err
	}
}

// inBatches is how many records are looked at in one query.
const inBatches = 200

// TellLate writes to whoever lets an order, a review or the confirmation of an
// agreement wait beyond its limit, and to the level above where the limit says so
// (督办): to each once for each step. It returns of how many records; a job calls it.
func (s *Service) TellLate(ctx context.Context, by authz.Actor) (int, error) {
	t, err := s.Times(ctx)
	if err != nil {
		return 0, err
	}
	told := 0
	for _, w := range wards() {
		n, err := s.tellOf(ctx, by, &t, &w)
		told += n
		if err != nil {
			return told, err
		}
	}
	return told, nil
}

// tellOf goes through what waits of one kind, the longest first.
func (s *Service) tellOf(ctx context.Context, by authz.Actor, t *Times, w *ward) (int, error) {
	where, args := by.Scope(Watch).SQL(w.reach)
	var states []any
	for _, state := range w.life.States {
		if _, ok := (wait{life: w.life, state: state}).step(); ok {
			states = append(states, string(state))
		}
	}
	args = append(args, states...)
	where += ` AND x.state IN (` + db.Marks(len(states)) + `) AND (x.late_told <> x.since OR x.above_told <> x.since)`
	told, last := 0, waiting{Since: -1}
	for {
		var batch []waiting
		if err := s.db.Select(ctx, &batch, `SELECT x.id, x.state, x.since, x.late_told, x.above_told FROM `+w.from+` WHERE `+where+` AND (x.since, x.id) > (?, ?)
			ORDER BY x.since, x.id LIMIT ?`, append(slices.Clone(args), last.Since, last.ID, inBatches)...); err != nil {
			return told, err
		}
		for _, last = range batch {
			// A record may have longer than its state says, never less: most are not read.
			if d, ok := t.due(wait{w.life, last.State, db.Time(last.Since)}); !ok || !s.db.Now().After(d.At) {
				continue
			}
			done, err := s.tellLate(ctx, by, t, w, last)
			switch {
			case fault.Is(err, fault.NotFound) || errors.Is(err, errMoved): // somebody has just taken the step
			case err != nil:
				return told, err
			case done:
				told++
			}
		}
		if len(batch) < inBatches {
			return told, nil
		}
	}
}

// waiting is a record that waits, and of which step's delay was told.
type waiting struct {
	ID    string     `db:"id"`
	State flow.State `db:"state"`
	Since int64      `db:"since"`
	Late  int64      `db:"late_told"`
	Above int64      `db:"above_told"`
}

// errMoved says that a record has moved on since it was read.
var errMoved = errors.New("the record has moved on")

// tellLate tells of one record, if there is anybody to be told.
func (s *Service) tellLate(ctx context.Context, by authz.Actor, t *Times, w *ward, x waiting) (bool, error) {
	record, err := w.load(ctx, s.db, by.Scope(Watch), x.ID)
	if err != nil {
		return false, err
	}
	now := s.db.Now()
	d, ok := t.Deadline(record)
	if !ok || !now.After(d.At) {
		return false, nil
	}
	place, version := record.at()
	var above region.Code
	if level := t.calendar.Supervise(d, now); level != region.None && x.Above != x.Since {
		if above = place.At(level); above == "" { // the place is itself higher than that
			above = place
		}
	}
	first := x.Late != x.Since
	if !first && above == "" {
		return false, nil
	}
	step, _ := record.waits().step()
	c := gate.Change{By: by, Do: Watch, On: authz.At(place), Record: record.message("").Record, Detail: map[string]any{"due": d.On, "above": above}}
	return true, s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		set := `late_told = since`
		if above != "" {
			set += `, above_told = since`
		}
		n, err := tx.Exec(ctx, `UPDATE `+w.table+` SET `+set+` WHERE id = ? AND version = ?`, x.ID, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return errMoved
		}
		if first {
			if err := s.tell(ctx, tx, record, step.Do, w.late, "due", d.On); err != nil {
				return err
			}
		}
		if above == "" {
			return nil
		}
		return s.send(ctx, tx, Supervise, authz.At(above), record.message(w.above, "due", d.On))
	})
}
