package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// review is the two reviews that a record passes, and where it waits for each.
type review struct {
	life      flow.Lifecycle
	from      string // with the record's table as its alias
	alias     string
	reach     authz.Columns
	see       authz.Permission
	check     authz.Permission // at its own place
	pass      authz.Permission // at the city
	submitted flow.State
	checked   flow.State
}

func noticeReview() review {
	return review{noticeLife, "techplatform_notice n", "n", noticeScope(), SeeNotice, CheckNotice, PublishNotice, Submitted, Checked}
}

func productReview() review {
	return review{productLife, "techplatform_product p", "p", productScope(), SeeProduct, CheckProduct, ForwardProduct, ProductApplied, ProductChecked}
}

// waitsFor is what waits for the actor's review: an office checks what is its
// own, the city passes what was checked, and checks what lies in none of its
// counties.
func (v review) waitsFor(by authz.Actor) (string, []any) {
	cond, args := "(1=0", []any{}
	add := func(more string, values ...any) {
		cond += " OR (" + v.alias + ".state = ? AND " + v.alias + more + ")"
		args = append(args, values...)
	}
	within := ".region >= ? AND " + v.alias + ".region < ?"
	for _, top := range by.Regions(v.check) {
		if top.Level() > region.City {
			span := top.Span()
			add(within, string(v.submitted), span.From, span.To)
		} else {
			add(".region = ?", string(v.submitted), string(top))
		}
	}
	for _, top := range by.Regions(v.pass) {
		if top.Level() <= region.City {
			span := top.Span()
			add(within, string(v.checked), span.From, span.To)
		}
	}
	return cond + ")", args
}

// Desk is what waits for a reader's review, of one kind of record.
type Desk struct {
	N     int
	Due   flow.Deadline // of the one that is due first
	Lamp  flow.Lamp     // how that stands
	Timed bool          // there is a deadline
}

// NoticeDesk is the notices that wait for the actor's review, not counting those
// whose first review was the actor's.
func (s *Service) NoticeDesk(ctx context.Context, by authz.Actor) (Desk, error) {
	return s.desk(ctx, by, noticeReview(), ` AND n.checked_by <> ?`, by.ID)
}

// ProductDesk is the new products that wait for the actor's review. Those before
// the province wait for nobody here.
func (s *Service) ProductDesk(ctx context.Context, by authz.Actor) (Desk, error) {
	return s.desk(ctx, by, productReview(), "")
}

func (s *Service) desk(ctx context.Context, by authz.Actor, v review, more string, values ...any) (Desk, error) {
	var d Desk
	if !by.Somewhere(v.check) && !by.Somewhere(v.pass) {
		return d, nil
	}
	where, args := by.Scope(v.see).SQL(v.reach)
	mine, own := v.waitsFor(by)
	args = append(append(args, own...), values...)
	var rows []struct {
		State flow.State `db:"state"`
		N     int        `db:"n"`
		Since int64      `db:"since"`
	}
	if err := s.db.Select(ctx, &rows, `SELECT `+v.alias+`.state, COUNT(*) AS n, MIN(`+v.alias+`.since) AS since FROM `+v.from+`
		WHERE `+where+` AND `+mine+more+` GROUP BY `+v.alias+`.state`, args...); err != nil || len(rows) == 0 {
		return d, err
	}
	t, err := s.Times(ctx)
	if err != nil {
		return d, err
	}
	for _, r := range rows {
		d.N += r.N
		if due, ok := t.due(wait{v.life, r.State, db.Time(r.Since)}); ok && (!d.Timed || due.At.Before(d.Due.At)) {
			d.Due, d.Timed = due, true
		}
	}
	if d.Timed {
		d.Lamp = t.calendar.Lamp(d.Due, s.db.Now())
	}
	return d, nil
}
