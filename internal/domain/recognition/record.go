package recognition

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// Record puts an award on file that was made elsewhere (登记已有认定): no
// application lies behind it. It is part of the act c, under whose right the
// subject's own record takes it down; all awards of the subject are returned for
// that. One of the same title that holds ends where the new one begins. A first
// day in the future, before there was the subject or within another award of the
// title is Invalid.
func (s *Service) Record(ctx context.Context, tx *db.Tx, c gate.Change, w Award) ([]Award, error) {
	t, err := oneTitle(ctx, tx, w.Title)
	if err != nil {
		return nil, err
	}
	w.ID, w.Application, w.Grade, w.Version = db.NewID(), "", t.Grade, 1
	w.Document = strings.TrimSpace(w.Document)
	var f fault.Fields
	f.Length("document", w.Document, 2, 120)
	f.Day("from", w.From)
	f.OptionalDay("to", w.To)
	if len(f) == 0 {
		had, err := awardsOf(ctx, tx, w.Kind, w.Subject.ID)
		if err != nil {
			return nil, err
		}
		s.placed(&f, &w, had)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	w.State = Valid
	if w.To != "" && w.To <= s.today() {
		w.State = Expired
	}
	t.bind(&w)
	c.Record = gate.Record{Kind: KindAward, ID: w.ID}
	if err := s.gate.Also(ctx, tx, &c, func(ctx context.Context) error { return s.grant(ctx, tx, c.By, &w) }); err != nil {
		return nil, err
	}
	return awardsOf(ctx, tx, w.Kind, w.Subject.ID)
}

// placed tells when an award cannot lie where it does among those the subject had.
func (s *Service) placed(f *fault.Fields, w *Award, had []Award) {
	switch {
	case w.From > s.today():
		f.Add("from", "recognition.import.future")
	case w.From < w.Since:
		f.Add("from", "recognition.import.before", "day", w.Since)
	case w.To != "" && w.To <= w.From:
		f.Add("to", "recognition.import.order")
	}
	for i := range had {
		was := &had[i]
		renewed := was.From < w.From && (was.State == Valid || was.State == Rechecking)
		if was.Title == w.Title && was.meets(w) && !renewed && !f.Has("from") {
			f.Add("from", "recognition.import.held", "from", was.From)
		}
	}
}

// TakeBack ends the award of held's title that its subject has on a day
// (登记已撤销), as part of the act c like Record. Conflict when it holds none then; a day in the
// future is Invalid.
func (s *Service) TakeBack(ctx context.Context, tx *db.Tx, c gate.Change, held Award, day, reason string) ([]Award, error) {
	if day > s.today() {
		return nil, fault.Fields{{Name: "day", Key: "recognition.field.ends"}}.Err()
	}
	had, err := awardsOf(ctx, tx, held.Kind, held.Subject.ID)
	if err != nil {
		return nil, err
	}
	for i := range had {
		w := &had[i]
		if w.Title != held.Title || w.State != Valid && w.State != Rechecking || w.From >= day || w.To != "" && w.To <= day {
			continue
		}
		was := w.State
		w.State, w.To = Revoked, day
		c.Record = gate.Record{Kind: KindAward, ID: w.ID}
		err := s.gate.Also(ctx, tx, &c, func(ctx context.Context) error {
			if err := updateAward(ctx, tx, w); err != nil {
				return err
			}
			if err := flow.Note(ctx, tx, c.Record, flow.Event{
				Do: Revoke, From: was, To: Revoked, Kind: c.By.Kind, By: c.By.ID, ByName: c.By.Name, Note: reason,
			}); err != nil {
				return err
			}
			return s.count(ctx, tx, w)
		})
		return had, err
	}
	return nil, fault.New(fault.Conflict, "recognition.conflict.held", "day", day)
}
