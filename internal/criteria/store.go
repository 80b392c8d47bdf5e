package criteria

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// operatorFrom is where the versions of operators begin, so that they never
// meet those that a later release ships.
const operatorFrom = 1001

type record struct {
	ID        string `db:"id"`
	Version   int    `db:"version"`
	From      string `db:"valid_from"`
	To        string `db:"valid_to"`
	Published int64  `db:"published_at"`
	Body      string `db:"body"`
}

func (r record) set() (*Set, error) {
	var s Set
	if err := json.Unmarshal([]byte(r.Body), &s); err != nil {
		return nil, fmt.Errorf("criteria %s version %d: %w", r.ID, r.Version, err)
	}
	s.ID, s.Version, s.From, s.To = r.ID, r.Version, r.From, r.To
	return &s, nil
}

func (r record) stamp() (string, error) {
	s, err := r.set()
	if err != nil {
		return "", err
	}
	return s.Stamp()
}

const selectSet = `SELECT id, version, valid_from, valid_to, published_at, body FROM criteria_set `

// Load is the published set of the id that is in force on the day: of several,
// the highest version, so an operator's own goes before one shipped. NotFound
// when none is.
func Load(ctx context.Context, r db.Reader, id, day string) (*Set, error) {
	var rec record
	if err := r.Get(ctx, &rec, selectSet+`WHERE id = ? AND published_at > 0 AND valid_from <= ?
		AND (valid_to = '' OR valid_to > ?) ORDER BY version DESC LIMIT 1`, id, day, day); err != nil {
		return nil, err
	}
	return rec.set()
}

// LoadVersion is one version, published or not: what an old decision was made by.
func LoadVersion(ctx context.Context, r db.Reader, id string, version int) (*Set, error) {
	rec, err := one(ctx, r, id, version)
	if err != nil {
		return nil, err
	}
	return rec.set()
}

func one(ctx context.Context, r db.Reader, id string, version int) (record, error) {
	var rec record
	err := r.Get(ctx, &rec, selectSet+`WHERE id = ? AND version = ?`, id, version)
	return rec, err
}

// LoadAll is the set in force on the day of every id that begins with the prefix
// (policy.), in the order of ids: one query for a whole matching.
func LoadAll(ctx context.Context, r db.Reader, prefix, day string) ([]*Set, error) {
	var recs []record
	if err := r.Select(ctx, &recs, selectSet+`WHERE id >= ? AND id < ? AND published_at > 0 AND valid_from <= ?
		AND (valid_to = '' OR valid_to > ?) ORDER BY id, version DESC`, prefix, prefix+"\uffff", day, day); err != nil {
		return nil, err
	}
	var sets []*Set
	for _, rec := range recs {
		if len(sets) > 0 && sets[len(sets)-1].ID == rec.ID {
			continue
		}
		s, err := rec.set()
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return sets, nil
}

// Versions are all versions of an id, the newest first, drafts among them.
func Versions(ctx context.Context, r db.Reader, id string) ([]*Set, error) {
	var recs []record
	if err := r.Select(ctx, &recs, selectSet+`WHERE id = ? ORDER BY version DESC`, id); err != nil {
		return nil, err
	}
	sets := make([]*Set, len(recs))
	for i, rec := range recs {
		var err error
		if sets[i], err = rec.set(); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// Drafts are the versions of an id that are not published.
func Drafts(ctx context.Context, r db.Reader, id string) (map[int]bool, error) {
	var versions []int
	err := r.Select(ctx, &versions, `SELECT version FROM criteria_set WHERE id = ? AND published_at = 0`, id)
	drafts := map[int]bool{}
	for _, v := range versions {
		drafts[v] = true
	}
	return drafts, err
}

// Stamp tells one wording of a set from another: who changes a draft hands back
// the stamp of what they read.
func (s *Set) Stamp() (string, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12]), nil
}

// Draft keeps a set as an operator's draft and returns its version: a new one
// for Version 0, else the draft of that version is replaced. It is Stale when the
// draft has another Stamp than was, unless that is empty. A published version is a
// Conflict, since decisions were made by it. The owner of the id calls it inside
// its own gate.Write.
func Draft(ctx context.Context, tx *db.Tx, s Set, was string) (int, error) {
	if err := s.Check(); err != nil {
		return 0, err
	}
	if s.Version == 0 {
		var highest int
		if err := tx.Get(ctx, &highest, `SELECT coalesce(max(version), 0) FROM criteria_set WHERE id = ?`, s.ID); err != nil {
			return 0, err
		}
		s.Version = max(highest+1, operatorFrom)
		return s.Version, insert(ctx, tx, s, 0)
	}
	body, err := json.Marshal(s)
	if err != nil {
		return 0, err
	}
	kept, err := one(ctx, tx, s.ID, s.Version)
	if err != nil {
		return 0, err
	}
	if kept.Published > 0 {
		return 0, fault.New(fault.Conflict, "criteria.published")
	}
	switch stamp, err := kept.stamp(); {
	case err != nil:
		return 0, err
	case was != "" && was != stamp:
		return 0, fault.New(fault.Stale, "fault.stale")
	}
	// On PostgreSQL another may have written since it was read.
	n, err := tx.Exec(ctx, `UPDATE criteria_set SET body = ?, valid_from = ?, valid_to = ?
		WHERE id = ? AND version = ? AND published_at = 0 AND body = ?`, string(body), s.From, s.To, s.ID, s.Version, kept.Body)
	if err == nil && n == 0 {
		err = fault.New(fault.Stale, "fault.stale")
	}
	return s.Version, err
}

// Drop takes a draft away for good. Conflict when it was published.
func Drop(ctx context.Context, tx *db.Tx, id string, version int) error {
	n, err := tx.Exec(ctx, `DELETE FROM criteria_set WHERE id = ? AND version = ? AND published_at = 0`, id, version)
	if err == nil && n == 0 {
		err = published(ctx, tx, id, version)
	}
	return err
}

// Publish puts a draft in force from its first day on; it never changes again.
// Conflict when it was published before.
func Publish(ctx context.Context, tx *db.Tx, id string, version int) error {
	n, err := tx.Exec(ctx, `UPDATE criteria_set SET published_at = ? WHERE id = ? AND version = ? AND published_at = 0`,
		db.Millis(tx.Now), id, version)
	if err == nil && n == 0 {
		err = published(ctx, tx, id, version)
	}
	return err
}

// published tells why a draft was not there: NotFound, or published already.
func published(ctx context.Context, tx *db.Tx, id string, version int) error {
	if _, err := LoadVersion(ctx, tx, id, version); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "criteria.published")
}

// Seed publishes the sets that a domain ships, those whose version is not on
// file: every *.json in files is one Set or a list of them. It may be called at
// every start. A shipped version that differs from the one on file is a defect:
// a changed rule is a new version.
func Seed(ctx context.Context, tx *db.Tx, files fs.FS) error {
	sets, err := Read(files)
	if err != nil {
		return err
	}
	for _, s := range sets {
		kept, err := LoadVersion(ctx, tx, s.ID, s.Version)
		switch {
		case fault.Is(err, fault.NotFound):
			if err := insert(ctx, tx, s, db.Millis(tx.Now)); err != nil {
				return err
			}
		case err != nil:
			return err
		case !reflect.DeepEqual(*kept, s):
			return fmt.Errorf("criteria %s version %d is in use and cannot change: ship it as a new version", s.ID, s.Version)
		}
	}
	return nil
}

// Read reads and checks the sets of every *.json in files, in the order of names.
func Read(files fs.FS) ([]Set, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	var all []Set
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		var sets []Set
		if err := json.Unmarshal(raw, &sets); err != nil {
			var one Set
			if json.Unmarshal(raw, &one) != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			sets = []Set{one}
		}
		for _, s := range sets {
			if s.Version < 1 || s.Version >= operatorFrom {
				return nil, fmt.Errorf("%s: %s: a shipped version is 1 to %d", name, s.ID, operatorFrom-1)
			}
			if err := s.Check(); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, s.ID, err)
			}
		}
		all = append(all, sets...)
	}
	return all, nil
}

func insert(ctx context.Context, tx *db.Tx, s Set, published int64) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO criteria_set (id, version, valid_from, valid_to, published_at, body)
		VALUES (?,?,?,?,?,?)`, s.ID, s.Version, s.From, s.To, published, string(body))
	return err
}

// Published reports whether a version is in use, or will be: then it never changes.
func Published(ctx context.Context, r db.Reader, id string, version int) (bool, error) {
	var at int64
	err := r.Get(ctx, &at, `SELECT published_at FROM criteria_set WHERE id = ? AND version = ?`, id, version)
	return at > 0, err
}
