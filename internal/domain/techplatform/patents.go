package techplatform

import (
	"context"
	"fmt"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// EnterPatent enters a patent of an enterprise (登记专利): its people do, or the
// office of its place, which names it by its credit or organisation code instead
// of its id. One that is on file already is Invalid. once is the request's
// idempotency key.
func (s *Service) EnterPatent(ctx context.Context, by authz.Actor, holder enterprise.ID, code string, in PatentProfile, once string) (Patent, error) {
	kind, f := in.check(s.today())
	e, err := s.holder(ctx, by, holder, code, &f)
	if err != nil {
		return Patent{}, err
	}
	if err := f.Err(); err != nil {
		return Patent{}, err
	}
	p := Patent{
		ID: db.NewID(), PatentProfile: in, Kind: kind, Enterprise: string(e.ID), Holder: e.Profile.Name, Region: e.Profile.Region, Version: 1,
	}
	c := gate.Change{
		By: by, Do: KeepPatent, On: p.Target(), Once: once, Record: gate.Record{Kind: PatentRecord, ID: p.ID}, Detail: map[string]any{"number": p.Number},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := insertPatent(ctx, tx, &p); err != nil {
			return err
		}
		return s.countPatent(ctx, tx, &p)
	})
	if id, again := gate.Again(err); again {
		return onePatent(ctx, s.db, by.Scope(KeepPatent), id)
	}
	return p, onFile(err)
}

// onFile says of a number that another patent has that it is on file.
func onFile(err error) error {
	if db.Unique(err) {
		return fault.Fields{{Name: "number", Key: "patent.field.known"}}.Err()
	}
	return err
}

// holder is the enterprise that the actor may keep patents of.
func (s *Service) holder(ctx context.Context, by authz.Actor, id enterprise.ID, code string, f *fault.Fields) (enterprise.Enterprise, error) {
	scope := by.Scope(KeepPatent)
	if id != "" {
		now, err := enterprise.Resolve(ctx, s.db, id)
		if err != nil {
			return enterprise.Enterprise{}, err
		}
		return enterprise.Load(ctx, s.db, scope, now)
	}
	found, err := enterprise.ByNumber(ctx, s.db, scope, code)
	e, ok := found[enterprise.Normalise(code)]
	if !ok {
		f.Add("code", "patent.field.code")
	}
	return e, err
}

// EditPatent changes what is set down of a patent; its holder stays.
func (s *Service) EditPatent(ctx context.Context, by authz.Actor, id string, version int, in PatentProfile) (Patent, error) {
	kind, f := in.check(s.today())
	p, err := s.changePatent(ctx, by, id, version, map[string]any{"number": in.Number}, func(*Patent) error { return f.Err() },
		func(_ context.Context, _ *db.Tx, p *Patent) error {
			p.PatentProfile, p.Kind = in, kind
			return nil
		})
	return p, onFile(err)
}

// RecordUse sets down what a patent earned in a year (登记实施), by making
// something with it or by a licence. The same use of the same year is set down once,
// else it is Invalid.
func (s *Service) RecordUse(ctx context.Context, by authz.Actor, id string, version int, u Use) (Patent, error) {
	detail := map[string]any{"year": u.Year, "way": u.Way, "revenue": u.Revenue}
	return s.changePatent(ctx, by, id, version, detail, func(p *Patent) error { return u.check(p, s.today()) },
		func(ctx context.Context, tx *db.Tx, p *Patent) error {
			known, err := uses(ctx, tx, p.ID)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(known, func(k Use) bool { return k.Year == u.Year && k.Way == u.Way && k.What == u.What }) {
				return fault.Fields{{Name: "what", Key: "patent.field.used"}}.Err()
			}
			_, err = tx.Exec(ctx, `INSERT INTO techplatform_patent_use (id, patent_id, year, way, what, revenue) VALUES (?,?,?,?,?,?)`,
				db.NewID(), p.ID, u.Year, string(u.Way), u.What, u.Revenue)
			return err
		})
}

// DropUse takes a use off that was set down by mistake; NotFound for another
// patent's.
func (s *Service) DropUse(ctx context.Context, by authz.Actor, id string, version int, use string) (Patent, error) {
	return s.changePatent(ctx, by, id, version, map[string]any{"dropped": use}, nil, func(ctx context.Context, tx *db.Tx, p *Patent) error {
		return db.Found(tx.Exec(ctx, `DELETE FROM techplatform_patent_use WHERE id = ? AND patent_id = ?`, use, p.ID))
	})
}

// changePatent changes a patent and tells the ledger its whole time anew.
func (s *Service) changePatent(ctx context.Context, by authz.Actor, id string, version int, detail map[string]any, check func(*Patent) error,
	fn func(ctx context.Context, tx *db.Tx, p *Patent) error,
) (Patent, error) {
	c := gate.Change{By: by, Do: KeepPatent, Detail: detail}
	return s.patents.Change(ctx, s.gate, &c, id, version, check, func(ctx context.Context, tx *db.Tx, p *Patent) error {
		if err := fn(ctx, tx, p); err != nil {
			return err
		}
		return s.countPatent(ctx, tx, p)
	})
}

// countPatent tells the ledger from when to when a patent is in force, and what
// it earned in each year.
func (s *Service) countPatent(ctx context.Context, tx *db.Tx, p *Patent) error {
	p.setEnd()
	all, err := uses(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	fact := ledger.Fact{
		Stream: streamPatent, OccurredOn: ledger.Date(p.Granted), Region: p.Region, Enterprise: p.Enterprise,
		Subject: ledger.Subject{Kind: PatentRecord, ID: p.ID}, Dims: [ledger.Dims]string{string(p.Kind)}, Quantity: 1,
	}
	var facts []ledger.Fact
	if p.Granted != "" && p.Granted < p.Ends {
		facts = append(facts, fact)
		fact.OccurredOn, fact.Quantity = ledger.Date(p.Ends), 0
		facts = append(facts, fact)
	}
	for _, u := range all {
		fact.Stream, fact.OccurredOn, fact.Dims[1] = streamUse, ledger.Date(fmt.Sprintf("%d-12-31", u.Year)), string(u.Way)
		fact.Quantity, fact.Amount = 1, u.Revenue
		facts = append(facts, fact)
	}
	return s.ledger.Restate(ctx, tx, ledger.Record{Kind: PatentRecord, ID: p.ID}, facts...)
}
