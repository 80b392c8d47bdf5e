package territory

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Move gives the records of one domain that lie exactly at from their new
// current code, in the transaction that changes the tree. Facts are not moved.
type Move func(ctx context.Context, tx *db.Tx, from, to region.Code) error

// Service is the tree of a site. It is safe for concurrent use; several
// processes on one database agree.
type Service struct {
	db    *db.DB
	gate  *gate.Gate
	moves []Move
	tree  *db.Cached[*Tree]
}

// New makes the service; moves are those of every domain that keeps records
// with a region.
func New(d *db.DB, g *gate.Gate, moves ...Move) *Service {
	return &Service{
		db: d, gate: g, moves: moves,
		tree: db.NewCached(d, "territory_version", `SELECT version FROM territory_version WHERE name = 'tree'`, LoadTree),
	}
}

// Tree is the whole tree as of now. A page takes it once and asks it often.
func (s *Service) Tree(ctx context.Context) (*Tree, error) {
	return s.tree.Get(ctx)
}

// Place is the place of the code on the day; NotFound when there was none.
func (s *Service) Place(ctx context.Context, day string, code region.Code) (Place, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return Place{}, err
	}
	if p, ok := tree.Place(code, day); ok {
		return p, nil
	}
	return Place{}, fault.Missing()
}

// Children are the places directly below the code on the day, by code.
func (s *Service) Children(ctx context.Context, code region.Code, day string) ([]Place, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return tree.Children(code, day), nil
}

// Preview is what Reorganise would do: every code that changes, or the Invalid
// fault it would answer. Nothing is changed.
func (s *Service) Preview(ctx context.Context, c Change) ([]Turn, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	p, err := draw(tree, c, flow.DayOf(s.db.Now()))
	return p.turns, err
}

// Reorganise changes the tree (区划调整) and gives every record its new current
// code, in one transaction with one audit entry. Facts keep the code of their
// day. Invalid when the change does not fit the tree.
func (s *Service) Reorganise(ctx context.Context, by authz.Actor, c Change) error {
	change := gate.Change{
		By: by, Do: Reorganise, On: authz.At(c.Holder()),
		Record: gate.Record{Kind: "region", ID: string(c.head())},
		Detail: map[string]any{"kind": c.Kind, "on": c.On, "from": c.From, "to": c.To, "source": c.Source},
	}
	return s.gate.Write(ctx, &change, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		tree, err := LoadTree(ctx, tx)
		if err != nil {
			return err
		}
		p, err := draw(tree, c, flow.DayOf(tx.Now))
		if err != nil {
			return err
		}
		return s.carryOut(ctx, tx, tree, p, c.On)
	})
}

func (s *Service) carryOut(ctx context.Context, tx *db.Tx, tree *Tree, p plan, on string) error {
	for _, code := range p.end {
		if err := endPlace(ctx, tx, code, on); err != nil {
			return err
		}
	}
	for _, place := range p.begin {
		if err := insertPlace(ctx, tx, place); err != nil {
			return err
		}
	}
	for _, t := range p.turns {
		if err := insertTurn(ctx, tx, t); err != nil {
			return err
		}
		if !t.Main || t.From == t.To {
			continue
		}
		if err := moveKeyTown(ctx, tx, tree, t); err != nil {
			return err
		}
		for _, move := range s.moves {
			if err := move(ctx, tx, t.From, t.To); err != nil {
				return err
			}
		}
	}
	return nil
}

// moveKeyTown lets the flag of a key town follow the town.
func moveKeyTown(ctx context.Context, tx *db.Tx, tree *Tree, t Turn) error {
	for _, k := range tree.keys {
		if k.Town != t.From || !k.on(t.On) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE territory_key_town SET valid_to = ? WHERE town = ? AND valid_from = ?`,
			t.On, k.Town, k.From); err != nil {
			return err
		}
		if already, _ := tree.KeyTown(t.To, t.On); already {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM territory_key_town WHERE town = ? AND valid_from = ?`, t.To, t.On); err != nil {
			return err
		}
		if err := insertKeyTown(ctx, tx, keyTown{Town: t.To, From: t.On, To: k.To, Synthetic: k.Synthetic}); err != nil {
			return err
		}
	}
	return nil
}

// MarkKeyTown makes a town a key town (重点镇) from one day until another, empty
// for open. A span that overlaps one on file is a Conflict.
func (s *Service) MarkKeyTown(ctx context.Context, by authz.Actor, town region.Code, from, to string) error {
	var fields fault.Fields
	if town.Level() != region.Town {
		fields.Add("town", "territory.level")
	}
	if !flow.IsDay(from) {
		fields.Add("from", "field.date", "value", from)
	}
	if to != "" && (!flow.IsDay(to) || to <= from) {
		fields.Add("to", "field.date", "value", to)
	}
	if err := fields.Err(); err != nil {
		return err
	}
	change := gate.Change{
		By: by, Do: SetKeyTown, On: authz.At(town.Parent()),
		Record: gate.Record{Kind: "key_town", ID: string(town)},
		Detail: map[string]any{"from": from, "to": to},
	}
	return s.gate.Write(ctx, &change, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		tree, err := LoadTree(ctx, tx)
		if err != nil {
			return err
		}
		if _, ok := tree.Place(town, from); !ok {
			return fault.Missing()
		}
		for _, k := range tree.keys {
			if k.Town == town && (k.To == "" || from < k.To) && (to == "" || k.From < to) {
				return fault.New(fault.Conflict, "territory.key_town.twice")
			}
		}
		return insertKeyTown(ctx, tx, keyTown{Town: town, From: from, To: to})
	})
}

// Holder is the smallest place that holds all that changes, and at least one
// level above it: who may change a place is decided above it. Empty when there
// is none.
func (c Change) Holder() region.Code {
	var all []region.Code
	all = append(all, c.From...)
	for _, to := range c.To {
		all = append(all, to.Code)
	}
	if len(all) == 0 {
		return ""
	}
	for code := all[0].Parent(); code != ""; code = code.Parent() {
		holds := true
		for _, other := range all {
			holds = holds && code.Contains(other)
		}
		if holds {
			return code
		}
	}
	return ""
}

func (c Change) head() region.Code {
	if len(c.From) == 0 {
		return ""
	}
	return c.From[0]
}
