package gate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// Entry is one line of the audit trail (审计记录). Each entry's hash covers its
// content and the hash before it in the same lane, so an edited or removed
// entry breaks the chain.
type Entry struct {
	Lane       int64  `db:"lane"`
	Seq        int64  `db:"seq"` // 1, 2, 3 … without gaps in a lane
	At         int64  `db:"at"`  // Unix milliseconds
	Site       string `db:"site"`
	ActorKind  string `db:"actor_kind"`
	ActorID    string `db:"actor_id"`
	Action     string `db:"action"`
	RecordKind string `db:"record_kind"`
	RecordID   string `db:"record_id"`
	Region     string `db:"region"`
	Detail     string `db:"detail"` // JSON
	Hash       string `db:"hash"`
}

const entryColumns = `lane, seq, at, site, actor_kind, actor_id, action, record_kind, record_id, region, detail, hash`

// PostgreSQL commits in parallel, and a chain is a queue: several lanes keep
// writers from waiting for each other's fsync. SQLite has one writer anyway.
func (g *Gate) lane(c *Change) int64 {
	if g.db.Dialect() == db.SQLite {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.By.ID + c.Record.ID))
	return int64(h.Sum32() % 16)
}

// append writes the entry as the last thing a transaction does: on PostgreSQL
// it holds the lane until the commit.
func (g *Gate) append(ctx context.Context, tx *db.Tx, c *Change) error {
	e, err := g.entry(tx, c, g.lane(c))
	if err != nil {
		return err
	}
	prev, err := g.head(ctx, tx, e.Lane)
	if err != nil {
		return err
	}
	e.Seq = prev.Seq + 1
	e.Hash = e.chain(prev.Hash)
	values := e.values()
	if err := tx.InsertAll(ctx, intoEntry, len(values), values); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE audit_head SET seq = ?, hash = ? WHERE lane = ?`, e.Seq, e.Hash, e.Lane)
	return err
}

const intoEntry = `INSERT INTO audit_entry (` + entryColumns + `)`

// entry is what the trail keeps of a change, but for its place in the chain.
func (g *Gate) entry(tx *db.Tx, c *Change, lane int64) (Entry, error) {
	what, err := detail(c)
	return Entry{
		Lane: lane, At: db.Millis(tx.Now), Site: g.site,
		ActorKind: string(c.By.Kind), ActorID: c.By.ID, Action: string(c.Do),
		RecordKind: c.Record.Kind, RecordID: c.Record.ID, Region: string(c.On.Region), Detail: what,
	}, err
}

// values are in the order of entryColumns.
func (e Entry) values() []any {
	return []any{
		e.Lane, e.Seq, e.At, e.Site, e.ActorKind, e.ActorID, e.Action,
		e.RecordKind, e.RecordID, e.Region, e.Detail, e.Hash,
	}
}

// head reads the lane's end, and holds it on PostgreSQL.
func (g *Gate) head(ctx context.Context, tx *db.Tx, lane int64) (Entry, error) {
	query := `SELECT lane, seq, hash FROM audit_head WHERE lane = ?`
	if tx.Dialect() == db.Postgres {
		query += ` FOR UPDATE`
	}
	var e Entry
	err := tx.Get(ctx, &e, query, lane)
	if !fault.Is(err, fault.NotFound) {
		return e, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO audit_head (lane, seq, hash) VALUES (?, 0, '') ON CONFLICT DO NOTHING`, lane); err != nil {
		return e, err
	}
	return e, tx.Get(ctx, &e, query, lane)
}

// chain is the entry's hash after prev: SHA-256 over the JSON of every field
// but the hash itself, in a fixed order.
func (e Entry) chain(prev string) string {
	raw, err := json.Marshal([]any{
		prev, e.Lane, e.Seq, e.At, e.Site, e.ActorKind, e.ActorID, e.Action,
		e.RecordKind, e.RecordID, e.Region, e.Detail,
	})
	if err != nil {
		panic(err) // strings and integers always marshal
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Break is a place where the audit trail does not hold.
type Break struct {
	Lane, Seq int64
	Why       string
}

func (b *Break) Error() string {
	return fmt.Sprintf("audit trail broken at lane %d entry %d: %s", b.Lane, b.Seq, b.Why)
}

// Verify reads the whole trail and checks every hash. It returns the number of
// entries, and a *Break at the first that was altered, removed or added.
func Verify(ctx context.Context, d *db.DB) (entries int64, err error) {
	err = d.Snapshot(ctx, func(ctx context.Context, r db.Reader) error {
		ends := map[int64]Entry{}
		err := r.Each(ctx, func(rows *sqlx.Rows) error {
			var e Entry
			if err := rows.StructScan(&e); err != nil {
				return err
			}
			before := ends[e.Lane]
			if e.Seq != before.Seq+1 {
				return &Break{e.Lane, e.Seq, fmt.Sprintf("entry %d is missing", before.Seq+1)}
			}
			if e.Hash != e.chain(before.Hash) {
				return &Break{e.Lane, e.Seq, "its content and its hash disagree"}
			}
			ends[e.Lane] = e
			entries++
			return nil
		}, `SELECT `+entryColumns+` FROM audit_entry ORDER BY lane, seq`)
		if err != nil {
			return err
		}
		var heads []Entry
		if err := r.Select(ctx, &heads, `SELECT lane, seq, hash FROM audit_head`); err != nil {
			return err
		}
		for _, h := range heads {
			if end := ends[h.Lane]; end.Seq != h.Seq || end.Hash != h.Hash {
				return &Break{h.Lane, h.Seq, "entries are missing at the end"}
			}
			delete(ends, h.Lane)
		}
		for lane, end := range ends {
			return &Break{lane, end.Seq, "the lane has no end"}
		}
		return nil
	})
	return entries, err
}

// Trail is the history of one record, oldest first.
func Trail(ctx context.Context, r db.Reader, record Record) ([]Entry, error) {
	var entries []Entry
	err := r.Select(ctx, &entries, `SELECT `+entryColumns+` FROM audit_entry
		WHERE record_kind = ? AND record_id = ? ORDER BY at, lane, seq`, record.Kind, record.ID)
	return entries, err
}

// Filter narrows a list of the trail; the zero value takes every entry.
type Filter struct {
	// Since and Before are Unix milliseconds: at Since or later, and earlier
	// than Before. 0 leaves that end open.
	Since, Before int64
	// Actors are the ids of those who acted; nil is everybody, an empty list nobody.
	Actors []string
	Action string
	Record Record // without an ID every record of the kind
}

// where is the filter within a scope as a condition.
func (f Filter) where(s authz.Scope) (string, []any) {
	where, args := s.SQL(authz.Columns{Region: "region"})
	add := func(condition string, values ...any) {
		where += ` AND ` + condition
		args = append(args, values...)
	}
	if f.Since != 0 {
		add(`at >= ?`, f.Since)
	}
	if f.Before != 0 {
		add(`at < ?`, f.Before)
	}
	if f.Actors != nil {
		ids := make([]any, len(f.Actors))
		for i, id := range f.Actors {
			ids[i] = id
		}
		add(`actor_id IN (`+cmp.Or(strings.TrimSuffix(strings.Repeat(`?,`, len(ids)), `,`), `NULL`)+`)`, ids...)
	}
	if f.Action != "" {
		add(`action = ?`, f.Action)
	}
	if f.Record.Kind != "" {
		add(`record_kind = ?`, f.Record.Kind)
	}
	if f.Record.ID != "" {
		add(`record_id = ?`, f.Record.ID)
	}
	return where, args
}

// List is a page of the trail within a scope, newest first, with the cursor of
// the next page.
func List(ctx context.Context, r db.Reader, s authz.Scope, f Filter, page db.Page) ([]Entry, string, error) {
	keys, err := page.Keys(3)
	if err != nil {
		return nil, "", err
	}
	where, args := f.where(s)
	if keys != nil {
		where += ` AND (at < ? OR (at = ? AND (lane > ? OR (lane = ? AND seq < ?))))`
		nums, err := integers(keys)
		if err != nil {
			return nil, "", err
		}
		args = append(args, nums[0], nums[0], nums[1], nums[1], nums[2])
	}
	var entries []Entry
	size := page.Size()
	if err := r.Select(ctx, &entries, `SELECT `+entryColumns+` FROM audit_entry WHERE `+where+`
		ORDER BY at DESC, lane, seq DESC LIMIT ?`, append(args, size+1)...); err != nil {
		return nil, "", err
	}
	if len(entries) <= size {
		return entries, "", nil
	}
	entries = entries[:size]
	last := entries[size-1]
	return entries, db.Cursor(fmt.Sprint(last.At), fmt.Sprint(last.Lane), fmt.Sprint(last.Seq)), nil
}

// Count is how many entries List would give in all.
func Count(ctx context.Context, r db.Reader, s authz.Scope, f Filter) (int64, error) {
	where, args := f.where(s)
	var n int64
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM audit_entry WHERE `+where, args...)
	return n, err
}

func integers(keys []string) ([]int64, error) {
	nums := make([]int64, len(keys))
	for i, k := range keys {
		if _, err := fmt.Sscan(k, &nums[i]); err != nil {
			return nil, fault.Fields{{Name: "after", Key: "field.cursor"}}.Err()
		}
	}
	return nums, nil
}
