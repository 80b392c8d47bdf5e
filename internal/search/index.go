package search

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// version changes when documents are cut otherwise: the index is made anew then.
const version = 1

// rootsAtOnce bounds how many records are read and indexed in one transaction.
const rootsAtOnce = 200

// Names finds what a place and the places above it are called, for everybody who
// asks for something by its place.
type Names func(ctx context.Context) (func(region.Code) string, error)

// Service keeps the index of one database.
type Service struct {
	db      *db.DB
	names   Names
	sources []Source
	engine  engine
}

// New makes the service of a database over the program's sources.
func New(d *db.DB, names Names, sources ...Source) *Service {
	return &Service{db: d, names: names, sources: sources, engine: engineOf(d.Dialect())}
}

// made is the lane that keeps the version of the index instead of a position.
const made = -1

// positions is how far the trail was followed; ok is false when the index has to
// be made first.
func (s *Service) positions(ctx context.Context) (at gate.Place, ok bool, err error) {
	var rows []struct{ Lane, Seq int64 }
	err = s.db.Select(ctx, &rows, `SELECT lane, seq FROM search_position`)
	at = gate.Place{}
	for _, r := range rows {
		if r.Lane == made {
			ok = r.Seq == version
			continue
		}
		at[r.Lane] = r.Seq
	}
	return at, ok, err
}

// Follow brings into the index what changed since the last time, and makes the
// index when there is none. It returns how many documents it wrote or took out. Run again
// after a failure it goes on where it stood.
func (s *Service) Follow(ctx context.Context) (int, error) {
	from, ok, err := s.positions(ctx)
	if err != nil {
		return 0, err
	}
	if !ok {
		return s.Rebuild(ctx)
	}
	to, err := gate.End(ctx, s.db)
	if err != nil || !ahead(to, from) {
		return 0, err
	}
	written := 0
	for _, source := range s.sources {
		roots, err := s.heard(ctx, source, from, to)
		if err != nil {
			return written, err
		}
		n, err := s.refresh(ctx, source, roots)
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, s.reached(ctx, to)
}

func ahead(to, from gate.Place) bool {
	for lane, seq := range to {
		if seq > from[lane] {
			return true
		}
	}
	return false
}

// heard are the roots of a source that changed between two places of the trail.
func (s *Service) heard(ctx context.Context, source Source, from, to gate.Place) ([]string, error) {
	var kinds []string
	for kind := range source.Heard {
		kinds = append(kinds, kind)
	}
	changed, err := gate.Changed(ctx, s.db, from, to, kinds...)
	if err != nil {
		return nil, err
	}
	ids := map[string][]string{}
	for _, record := range changed {
		ids[record.Kind] = append(ids[record.Kind], record.ID)
	}
	var roots []string
	for kind, of := range ids {
		find := source.Heard[kind]
		if find == nil {
			roots = append(roots, of...)
			continue
		}
		for part := range slices.Chunk(of, rootsAtOnce) {
			found, err := find(ctx, s.db, part)
			if err != nil {
				return nil, err
			}
			roots = append(roots, found...)
		}
	}
	slices.Sort(roots)
	return slices.Compact(roots), nil
}

// refresh reads roots and brings their documents up to date.
func (s *Service) refresh(ctx context.Context, source Source, roots []string) (int, error) {
	if len(roots) == 0 {
		return 0, nil
	}
	names, err := s.names(ctx)
	if err != nil {
		return 0, err
	}
	written := 0
	for part := range slices.Chunk(roots, rootsAtOnce) {
		n := 0
		err := s.write(ctx, func(ctx context.Context, tx *db.Tx) error {
			documents, err := source.Read(ctx, tx, Pick{IDs: part})
			if err != nil {
				return err
			}
			n, err = s.put(ctx, tx, source.Name, part, documents, names)
			return err
		})
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// write makes a change of the index, one at a time: who reads a record inside it
// writes what nobody has overtaken.
func (s *Service) write(ctx context.Context, fn func(ctx context.Context, tx *db.Tx) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if tx.Dialect() == db.Postgres {
			var held int64
			if err := tx.Get(ctx, &held, `SELECT seq FROM search_position WHERE lane = ? FOR UPDATE`, made); err != nil {
				return err
			}
		}
		return fn(ctx, tx)
	})
}

// reached notes how far the trail was followed; never back.
func (s *Service) reached(ctx context.Context, to gate.Place) error {
	return s.write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for lane, seq := range to {
			if _, err := tx.Exec(ctx, `INSERT INTO search_position (lane, seq) VALUES (?, ?)
				ON CONFLICT (lane) DO UPDATE SET seq = excluded.seq WHERE search_position.seq < excluded.seq`, lane, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// Rebuild brings the whole index in line with the records (重建索引): what is right
// in it stays. It returns how many documents it wrote or took out. People may search meanwhile.
func (s *Service) Rebuild(ctx context.Context) (int, error) {
	_, ok, err := s.positions(ctx)
	if err != nil {
		return 0, err
	}
	if !ok {
		if err := s.write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.clear(ctx, tx) }); err != nil {
			return 0, err
		}
	}
	to, err := gate.End(ctx, s.db)
	if err != nil {
		return 0, err
	}
	written := 0
	for _, source := range s.sources {
		n, err := s.rebuild(ctx, source)
		written += n
		if err != nil {
			return written, err
		}
	}
	if err := s.reached(ctx, to); err != nil {
		return written, err
	}
	return written, s.write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.forget(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE search_position SET seq = ? WHERE lane = ?`, version, made)
		return err
	})
}

// rebuild goes through all of a source, and then looks again at what the index
// holds beyond that: it is not public any more, or has just become so.
func (s *Service) rebuild(ctx context.Context, source Source) (int, error) {
	names, err := s.names(ctx)
	if err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	written, after := 0, ""
	for {
		var roots []string
		n := 0
		err := s.write(ctx, func(ctx context.Context, tx *db.Tx) error {
			documents, err := source.Read(ctx, tx, Pick{After: after, N: rootsAtOnce})
			if err != nil {
				return err
			}
			roots = rootsOf(documents)
			n, err = s.put(ctx, tx, source.Name, roots, documents, names)
			return err
		})
		written += n
		if err != nil {
			return written, err
		}
		if len(roots) == 0 {
			break
		}
		for _, root := range roots {
			seen[root] = true
		}
		after = roots[len(roots)-1]
	}
	var held []string
	if err := s.db.Select(ctx, &held, `SELECT DISTINCT root FROM search_document WHERE source = ?`, source.Name); err != nil {
		return written, err
	}
	n, err := s.refresh(ctx, source, slices.DeleteFunc(held, func(root string) bool { return seen[root] }))
	return written + n, err
}

func rootsOf(documents []Document) []string {
	var roots []string
	for i := range documents {
		if i == 0 || documents[i].Root != documents[i-1].Root {
			roots = append(roots, documents[i].Root)
		}
	}
	return roots
}

// clear empties the index.
func (s *Service) clear(ctx context.Context, tx *db.Tx) error {
	return s.drop(ctx, tx, `1 = 1`)
}

// forget takes out the documents of sources that the program no longer has.
func (s *Service) forget(ctx context.Context, tx *db.Tx) error {
	var args []any
	for _, source := range s.sources {
		args = append(args, source.Name)
	}
	if len(args) == 0 {
		return s.clear(ctx, tx)
	}
	return s.drop(ctx, tx, `source NOT IN (`+db.Marks(len(args))+`)`, args...)
}
