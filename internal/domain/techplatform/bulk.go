package techplatform

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// mostAtOnce is how many pieces of work are entered in one go.
const mostAtOnce = 2000

// EnterWorks enters what a platform did before its orders were kept here (既往服务),
// all of it or nothing, at most 2,000 pieces. Each counts or waits as RecordWork
// says; the first broken one is told with its place in the list.
func (s *Service) EnterWorks(ctx context.Context, by authz.Actor, platform ID, all []Work) error {
	p, err := s.platforms.Allow(ctx, s.db, by, string(platform), RecordWork)
	if err != nil {
		return err
	}
	if err := gate.Check(&gate.Change{By: by, Do: RecordWork, On: p.Target()}); err != nil {
		return err
	}
	if len(all) > mostAtOnce {
		return fault.Fields{{Name: "works", Key: "field.range", Args: []any{"min", 0, "max", mostAtOnce}}}.Err()
	}
	var firms []string
	for i := range all {
		if err := all[i].check(s.sinceFor(by, &p), s.today()); err != nil {
			return err
		}
		firms = append(firms, all[i].Enterprises...)
	}
	return s.gate.Batch(ctx, func(ctx context.Context, tx *db.Tx, b *gate.Batch) error {
		at, err := townsOf(ctx, tx, firms)
		if err != nil {
			return err
		}
		terms, err := terms(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		works := make([]landing, len(all))
		for i := range all {
			works[i] = landing{work: all[i], of: &p, level: levelOn(terms, all[i].On), counts: officeOf(by, &p)}
			if !works[i].find(at) {
				return fault.Fields{{Name: "enterprises", Key: "tech.field.unknown", Args: []any{"n", len(all[i].Enterprises) - len(works[i].firms)}}}.Err()
			}
		}
		return s.land(ctx, tx, b, by, works)
	})
}

// landing is a piece of work that is about to be entered.
type landing struct {
	work   Work
	of     *Platform
	level  Level // on the day
	firms  []served
	counts bool // at once
}

// find looks up the enterprises; false when not all are there.
func (l *landing) find(at map[string]served) bool {
	l.firms = nil
	for _, id := range l.work.Enterprises {
		if firm, ok := at[id]; ok {
			l.firms = append(l.firms, firm)
		}
	}
	return len(l.firms) == len(l.work.Enterprises)
}

// townsOf are the enterprises of the ids that stand for themselves today, with
// their towns.
func townsOf(ctx context.Context, r db.Reader, ids []string) (map[string]served, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	at := map[string]served{}
	for part := range slices.Chunk(slices.Compact(ids), 500) {
		firms, err := standingFirms(ctx, r, part)
		if err != nil {
			return nil, err
		}
		for _, f := range firms {
			at[f.ID] = f
		}
	}
	return at, nil
}

// land enters many pieces of work in one transaction, each with its entry in the
// audit trail and, unless it waits, all that it counts.
func (s *Service) land(ctx context.Context, tx *db.Tx, b *gate.Batch, by authz.Actor, all []landing) error {
	works := make([]*Work, len(all))
	var facts []ledger.Fact
	for i := range all {
		l := &all[i]
		w := &l.work
		w.Order = ""
		w.begin(l.of, by, l.counts)
		if err := b.Add(&gate.Change{
			By: by, Do: RecordWork, On: l.of.Target(), Record: gate.Record{Kind: WorkKind, ID: w.ID},
			Detail: map[string]any{"kind": w.Kind, "on": w.On, "enterprises": len(w.Enterprises), "import": true, "to": w.State},
		}); err != nil {
			return err
		}
		works[i] = w
		if l.counts {
			facts = append(facts, w.facts(l.of, l.level, l.firms)...)
		}
	}
	if err := insertWorks(ctx, tx, works); err != nil {
		return err
	}
	_, err := s.ledger.Post(ctx, tx, facts...)
	return err
}
