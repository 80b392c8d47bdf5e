package gate_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

const (
	accept  authz.Permission = "need.accept"
	tellAll authz.Permission = "need.tell"
)

// hall is an office with a gate and a table of needs.
type hall struct {
	*gate.Gate
	t     *testing.T
	db    *db.DB
	clerk authz.Actor
}

func newHall(t *testing.T, source string) *hall {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, source, db.Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(ctx)
	must(t, err)
	must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE demo_need (id TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL)`)
		return err
	}))
	return &hall{
		Gate: gate.New(d, "320900"), t: t, db: d,
		clerk: authz.Actor{Kind: authz.Human, ID: "wang", Grants: []authz.Grant{
			{Role: authz.Role{Name: "clerk", Permissions: []authz.Permission{accept, tellAll}}, Region: "320924"},
		}},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *hall) count(query string, args ...any) int64 {
	h.t.Helper()
	var n int64
	must(h.t, h.db.Get(context.Background(), &n, query, args...))
	return n
}

// change is the clerk's acceptance of a need in the county.
func (h *hall) change(id string) *gate.Change {
	return &gate.Change{By: h.clerk, Do: accept, On: authz.At("320924"), Record: gate.Record{Kind: "need", ID: id}}
}

func insert(id string) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO demo_need (id, state) VALUES (?, 'accepted')`, id)
		return err
	}
}

func (h *hall) verify() int64 {
	h.t.Helper()
	n, err := gate.Verify(context.Background(), h.db)
	must(h.t, err)
	return n
}

func TestWhoMayNotIsTurnedAwayBeforeTheWriterIsOpened(t *testing.T) {
	h := newHall(t, t.TempDir())
	var queries atomic.Int64
	ctx := db.CountQueries(context.Background(), &queries)
	for _, c := range []struct {
		who    string
		spoil  func(*gate.Change)
		answer fault.Kind
	}{
		{"nobody", func(c *gate.Change) { c.By = authz.Actor{} }, fault.SignIn},
		{"somebody without grants", func(c *gate.Change) { c.By.Grants = nil }, fault.Denied},
		{"the clerk of another county", func(c *gate.Change) { c.On = authz.At("320923") }, fault.Denied},
		{"the clerk with a right not held", func(c *gate.Change) { c.Do = "need.delete" }, fault.Denied},
		{"the clerk about a record without a place", func(c *gate.Change) { c.On = authz.Target{} }, fault.Denied},
		{"an empty permission", func(c *gate.Change) { c.Do = "" }, fault.Denied},
	} {
		change := h.change("n1")
		c.spoil(change)
		began := func(context.Context, *db.Tx) error {
			t.Errorf("%s: the write began", c.who)
			return nil
		}
		for name, err := range map[string]error{
			"Check":    gate.Check(change),
			"Write":    h.Write(ctx, change, began),
			"Disclose": h.Disclose(ctx, change, "phone"),
		} {
			if !fault.Is(err, c.answer) {
				t.Errorf("%s, %s: %v, want %v", c.who, name, err, c.answer)
			}
		}
	}
	if queries.Load() != 0 || h.verify() != 0 {
		t.Errorf("%d queries, %d audit entries", queries.Load(), h.verify())
	}
}

func TestEveryChangeLeavesItsTrace(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		c := h.change("")
		must(t, h.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
			c.Record.ID = "n1" // known only inside
			c.Detail = map[string]any{"why": "材料齐全", "after": 2}
			return insert("n1")(ctx, tx)
		}))
		entries, err := gate.Trail(ctx, h.db, gate.Record{Kind: "need", ID: "n1"})
		must(t, err)
		if len(entries) != 1 {
			t.Fatalf("%d entries", len(entries))
		}
		e := entries[0]
		if e.Seq != 1 || e.Site != "320900" || e.ActorKind != "person" || e.ActorID != "wang" || e.Action != "need.accept" ||
			e.Region != "320924" || e.Detail != `{"after":2,"why":"材料齐全"}` || e.At == 0 {
			t.Errorf("%+v", e)
		}
		must(t, h.Disclose(ctx, h.change("n1"), "phone"))
		entries, err = gate.Trail(ctx, h.db, gate.Record{Kind: "need", ID: "n1"})
		must(t, err)
		if len(entries) != 2 || entries[1].Detail != `{"read":"phone"}` {
			t.Errorf("%+v", entries)
		}
		if n := h.verify(); n != 2 {
			t.Errorf("%d entries", n)
		}
	})
}

func TestAChangeThatFailsLeavesNeitherRecordNorTrace(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		refused := errors.New("refused")
		for name, fn := range map[string]func(context.Context, *db.Tx) error{
			"an error": func(ctx context.Context, tx *db.Tx) error {
				must(t, insert("n1")(ctx, tx))
				return refused
			},
			"a panic": func(ctx context.Context, tx *db.Tx) error {
				must(t, insert("n2")(ctx, tx))
				panic("a defect")
			},
			"a second change without the right": func(ctx context.Context, tx *db.Tx) error {
				must(t, insert("n3")(ctx, tx))
				also := h.change("n4")
				also.On = authz.At("320900")
				return h.Also(ctx, tx, also, func(ctx context.Context) error { return insert("n4")(ctx, tx) })
			},
			"a second change that fails": func(ctx context.Context, tx *db.Tx) error {
				must(t, insert("n5")(ctx, tx))
				return h.Also(ctx, tx, h.change("n6"), func(context.Context) error { return refused })
			},
		} {
			c := h.change("n")
			c.Once = name
			if err := h.Write(ctx, c, fn); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		if needs, once := h.count(`SELECT count(*) FROM demo_need`), h.count(`SELECT count(*) FROM gate_once`); needs != 0 || once != 0 || h.verify() != 0 {
			t.Errorf("%d needs, %d keys, %d entries", needs, once, h.verify())
		}
	})
}

func TestARequestThatIsRepeatedChangesNothing(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		ask := func(by, key, id string) error {
			c := h.change(id)
			c.By.ID, c.Once = by, key
			return h.Write(ctx, c, insert(id))
		}
		must(t, ask("wang", "k1", "n1"))
		err := ask("wang", "k1", "n2")
		if id, again := gate.Again(err); !again || id != "n1" {
			t.Errorf("the second time: %v", err)
		}
		must(t, ask("li", "k1", "n3"))   // somebody else's key
		must(t, ask("wang", "k2", "n4")) // another request
		must(t, ask("wang", "", "n5"))
		must(t, ask("wang", "", "n6")) // without a key nothing is a repetition
		if n := h.count(`SELECT count(*) FROM demo_need`); n != 5 || h.verify() != 5 {
			t.Errorf("%d needs, %d entries", n, h.verify())
		}
		if _, again := gate.Again(errors.New("other")); again {
			t.Error("any error is a repetition")
		}
		must(t, h.Forget(ctx, h.count(`SELECT max(at) FROM gate_once`)+1))
		must(t, ask("wang", "k1", "n7"))
	})
}

func TestTwentyOfOneRequestAtOnceAreOne(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		for round := range 5 {
			var made, again atomic.Int64
			ids := make([]string, 20)
			var wait sync.WaitGroup
			for i := range 20 {
				wait.Go(func() {
					id := fmt.Sprintf("round %d try %d", round, i)
					c := h.change(id)
					c.Once = fmt.Sprint(round)
					err := h.Write(ctx, c, insert(id))
					if first, ok := gate.Again(err); ok {
						again.Add(1)
						ids[i] = first
					} else if err == nil {
						made.Add(1)
						ids[i] = id
					} else {
						t.Error(err)
					}
				})
			}
			wait.Wait()
			if made.Load() != 1 || again.Load() != 19 {
				t.Fatalf("made %d times, repeated %d", made.Load(), again.Load())
			}
			for _, id := range ids {
				if id != ids[0] || h.count(`SELECT count(*) FROM demo_need WHERE id = ?`, id) != 1 {
					t.Fatalf("they were told of different records: %v", ids)
				}
			}
		}
		if n := h.count(`SELECT count(*) FROM demo_need`); n != 5 || h.verify() != 5 {
			t.Errorf("%d needs, %d entries", n, h.verify())
		}
	})
}

func TestTheLanesHoldUnderManyWriters(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		var wait sync.WaitGroup
		for who := range 12 {
			wait.Go(func() {
				for i := range 15 {
					id := fmt.Sprintf("%d/%d", who, i)
					c := h.change(id)
					c.By.ID = fmt.Sprint(who)
					err := h.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
						if err := insert(id)(ctx, tx); err != nil {
							return err
						}
						if i%3 == 1 {
							return fault.New(fault.Conflict, "fault.conflict")
						}
						// A second record in the same change: on PostgreSQL a second lane,
						// taken in any order.
						also := h.change(id + " other")
						also.Do = tellAll
						return h.Also(ctx, tx, also, func(ctx context.Context) error { return insert(id+" other")(ctx, tx) })
					})
					if (i%3 == 1) != fault.Is(err, fault.Conflict) || i%3 != 1 && err != nil {
						t.Errorf("%s: %v", id, err)
					}
				}
			})
		}
		wait.Wait()
		if entries, needs := h.verify(), h.count(`SELECT count(*) FROM demo_need`); entries != 240 || needs != 240 {
			t.Errorf("%d entries for %d needs", entries, needs)
		}
		lanes := h.count(`SELECT count(*) FROM audit_head`)
		if h.db.Dialect() == db.SQLite && lanes != 1 || h.db.Dialect() == db.Postgres && lanes < 4 {
			t.Errorf("%d lanes on %s", lanes, h.db.Dialect())
		}
	})
}

func TestTamperingIsFound(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		for i := range 6 { // of one person about one record: one lane
			c := h.change("n1")
			c.Detail = map[string]any{"step": i}
			must(t, h.Write(ctx, c, func(context.Context, *db.Tx) error { return nil }))
		}
		for name, c := range map[string]struct {
			statement string
			seq       int64
		}{
			"an edited reason":         {`UPDATE audit_entry SET detail = '{"step":9}' WHERE seq = 3`, 3},
			"another actor":            {`UPDATE audit_entry SET actor_id = 'li' WHERE seq = 2`, 2},
			"another time":             {`UPDATE audit_entry SET at = at + 1 WHERE seq = 6`, 6},
			"another place":            {`UPDATE audit_entry SET region = '320923' WHERE seq = 1`, 1},
			"another site":             {`UPDATE audit_entry SET site = '' WHERE seq = 1`, 1},
			"another record":           {`UPDATE audit_entry SET record_id = 'n2' WHERE seq = 4`, 4},
			"another hash":             {`UPDATE audit_entry SET hash = 'x' WHERE seq = 4`, 4},
			"the first removed":        {`DELETE FROM audit_entry WHERE seq = 1`, 2},
			"one removed in between":   {`DELETE FROM audit_entry WHERE seq = 3`, 4},
			"the last removed":         {`DELETE FROM audit_entry WHERE seq = 6`, 6},
			"all removed":              {`DELETE FROM audit_entry`, 6},
			"one added":                {addition, 7},
			"the end forgotten":        {`DELETE FROM audit_head`, 6},
			"the end moved":            {`UPDATE audit_head SET seq = 5`, 5},
			"removed and closed up":    {`DELETE FROM audit_entry WHERE seq = 3; UPDATE audit_entry SET seq = seq + 1000 WHERE seq > 3; UPDATE audit_entry SET seq = seq - 1001 WHERE seq > 1000`, 3},
			"the last two exchanged":   {`UPDATE audit_entry SET seq = 99 WHERE seq = 6; UPDATE audit_entry SET seq = 6 WHERE seq = 5; UPDATE audit_entry SET seq = 5 WHERE seq = 99`, 5},
			"moved into another lane":  {`UPDATE audit_entry SET lane = lane + 1`, 1},
			"a lane made up beside it": {`INSERT INTO audit_head (lane, seq, hash) VALUES (99, 4, 'x')`, 4},
		} {
			// Verify reads what is committed, so each forgery is made and taken back.
			before := snapshot(t, h.db)
			must(t, h.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				for _, s := range strings.Split(c.statement, ";") {
					if _, err := tx.Exec(ctx, s); err != nil {
						return err
					}
				}
				return nil
			}))
			_, err := gate.Verify(ctx, h.db)
			var b *gate.Break
			if !errors.As(err, &b) || b.Seq != c.seq {
				t.Errorf("%s: %v, want a break at entry %d", name, err, c.seq)
			}
			restore(t, h.db, before)
			if n := h.verify(); n != 6 {
				t.Fatalf("%s was not taken back", name)
			}
		}
	})
}

const addition = `INSERT INTO audit_entry (lane, seq, at, site, actor_kind, actor_id, action, record_kind, record_id, region, detail, hash)
	SELECT lane, 7, at, site, actor_kind, actor_id, action, record_kind, record_id, region, detail, hash FROM audit_entry WHERE seq = 6`

type trail struct {
	entries []gate.Entry
	heads   []gate.Entry
}

func snapshot(t *testing.T, d *db.DB) (s trail) {
	t.Helper()
	ctx := context.Background()
	must(t, d.Select(ctx, &s.entries, `SELECT * FROM audit_entry`))
	must(t, d.Select(ctx, &s.heads, `SELECT lane, seq, hash FROM audit_head`))
	return s
}

func restore(t *testing.T, d *db.DB, s trail) {
	t.Helper()
	must(t, d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for _, query := range []string{`DELETE FROM audit_entry`, `DELETE FROM audit_head`} {
			if _, err := tx.Exec(ctx, query); err != nil {
				return err
			}
		}
		for _, e := range s.entries {
			if _, err := tx.Exec(ctx, `INSERT INTO audit_entry (lane, seq, at, site, actor_kind, actor_id, action, record_kind, record_id, region, detail, hash)
				VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`, e.Lane, e.Seq, e.At, e.Site, e.ActorKind, e.ActorID, e.Action,
				e.RecordKind, e.RecordID, e.Region, e.Detail, e.Hash); err != nil {
				return err
			}
		}
		for _, e := range s.heads {
			if _, err := tx.Exec(ctx, `INSERT INTO audit_head (lane, seq, hash) VALUES (?,?,?)`, e.Lane, e.Seq, e.Hash); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestTheTrailIsListedWithinReachNewestFirst(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, h := context.Background(), newHall(t, source)
		for i := range 7 {
			c := h.change(fmt.Sprint(i))
			c.By.ID = fmt.Sprint(i) // spread over the lanes
			must(t, h.Write(ctx, c, func(context.Context, *db.Tx) error { return nil }))
		}
		must(t, h.Write(ctx, &gate.Change{By: authz.System("roll", accept), Do: accept, Record: gate.Record{Kind: "roll"}},
			func(context.Context, *db.Tx) error { return nil }))
		list := func(s authz.Scope) (all []gate.Entry) {
			page := db.Page{Limit: 3}
			for more := true; more; more = page.After != "" {
				entries, next, err := gate.List(ctx, h.db, s, gate.Filter{}, page)
				must(t, err)
				all = append(all, entries...)
				page.After = next
			}
			return all
		}
		for name, c := range map[string]struct {
			scope authz.Scope
			want  int
		}{
			"the county":         {authz.Within("320924"), 7},
			"the city":           {authz.Within("320900"), 7},
			"another county":     {authz.Within("320923"), 0},
			"everything":         {authz.Unbounded("doctor"), 8},
			"nothing":            {authz.Scope{}, 0},
			"an own enterprise":  {authz.Own(authz.Party{Kind: authz.Enterprise, ID: "e"}), 0},
			"the clerk's reach":  {h.clerk.Scope(accept), 7},
			"a right not held":   {h.clerk.Scope("need.delete"), 0},
			"one's whole county": {h.clerk.Scope(tellAll), 7},
		} {
			all := list(c.scope)
			seen := map[string]bool{}
			for i, e := range all {
				seen[fmt.Sprint(e.Lane, "/", e.Seq)] = true
				if i > 0 && e.At > all[i-1].At {
					t.Errorf("%s: entry %d is newer than the one before", name, i)
				}
			}
			if len(all) != c.want || len(seen) != c.want {
				t.Errorf("%s: %d entries, %d different, want %d", name, len(all), len(seen), c.want)
			}
		}
		for _, after := range []string{"junk", db.Cursor("1", "2"), db.Cursor("a", "b", "c")} {
			if _, _, err := gate.List(ctx, h.db, authz.Unbounded("test"), gate.Filter{}, db.Page{After: after}); !fault.Is(err, fault.Invalid) {
				t.Errorf("the cursor %q: %v", after, err)
			}
		}
	})
}

func TestTheAuditorNarrowsTheTrail(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, day := context.Background(), time.Date(2009, 1, 5, 1, 0, 0, 0, time.UTC)
		now := day
		d, err := db.Open(ctx, source, db.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now }})
		must(t, err)
		t.Cleanup(func() { _ = d.Close() })
		_, err = d.Migrate(ctx)
		must(t, err)
		g := gate.New(d, "320900")
		did := func(hours int, who string, do authz.Permission, record gate.Record) {
			now = day.Add(time.Duration(hours) * time.Hour)
			by := authz.System(who, do)
			must(t, g.Write(ctx, &gate.Change{By: by, Do: do, On: authz.At("320924"), Record: record},
				func(context.Context, *db.Tx) error { return nil }))
		}
		did(0, "wang", accept, gate.Record{Kind: "need", ID: "n1"})
		did(1, "wang", tellAll, gate.Record{Kind: "need", ID: "n2"})
		did(2, "li", accept, gate.Record{Kind: "need", ID: "n2"})
		did(30, "li", accept, gate.Record{Kind: "offer", ID: "n2"})
		for name, c := range map[string]struct {
			filter gate.Filter
			want   string
		}{
			"everything":     {gate.Filter{}, "30 2 1 0"},
			"one person":     {gate.Filter{Actors: []string{"wang"}}, "1 0"},
			"two people":     {gate.Filter{Actors: []string{"wang", "li"}}, "30 2 1 0"},
			"nobody":         {gate.Filter{Actors: []string{}}, ""},
			"an action":      {gate.Filter{Action: string(tellAll)}, "1"},
			"a kind":         {gate.Filter{Record: gate.Record{Kind: "need"}}, "2 1 0"},
			"a record":       {gate.Filter{Record: gate.Record{Kind: "need", ID: "n2"}}, "2 1"},
			"from then on":   {gate.Filter{Since: db.Millis(day.Add(2 * time.Hour))}, "30 2"},
			"until then":     {gate.Filter{Before: db.Millis(day.Add(2 * time.Hour))}, "1 0"},
			"all of it":      {gate.Filter{Actors: []string{"li"}, Action: string(accept), Record: gate.Record{Kind: "offer"}, Since: 1}, "30"},
			"what never was": {gate.Filter{Action: "need.delete"}, ""},
		} {
			var got []string
			page := db.Page{Limit: 1}
			for more := true; more; more = page.After != "" {
				entries, next, err := gate.List(ctx, d, authz.Within("320900"), c.filter, page)
				must(t, err)
				for _, e := range entries {
					got = append(got, fmt.Sprint(db.Time(e.At).Sub(day).Hours()))
				}
				page.After = next
			}
			n, err := gate.Count(ctx, d, authz.Within("320900"), c.filter)
			must(t, err)
			if all := strings.Join(got, " "); all != c.want || int(n) != len(got) {
				t.Errorf("%s: %q, counted %d, want %q", name, all, n, c.want)
			}
		}
		if n, err := gate.Count(ctx, d, authz.Within("320923"), gate.Filter{}); err != nil || n != 0 {
			t.Errorf("another county has %d entries, %v", n, err)
		}
	})
}

func TestAClosedDatabaseTurnsChangesAway(t *testing.T) {
	ctx, h := context.Background(), newHall(t, t.TempDir())
	must(t, h.db.Close())
	if err := h.Write(ctx, h.change("n1"), insert("n1")); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}
