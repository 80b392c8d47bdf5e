package flow_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

const (
	seeCase    authz.Permission = "case.see"
	acceptCase authz.Permission = "case.accept"
	closeCase  authz.Permission = "case.close"
)

// letter is a record that goes through a small process.
type letter struct {
	ID      string      `db:"id"`
	Region  region.Code `db:"region"`
	State   flow.State  `db:"state"`
	Version int         `db:"version"`
}

func letters() *flow.Process[letter] {
	return &flow.Process[letter]{
		Kept: gate.Kept[letter]{
			Kind: "case", See: seeCase,
			Load: func(ctx context.Context, r db.Reader, s authz.Scope, id string) (l letter, err error) {
				where, args := s.SQL(authz.Columns{Region: "region"})
				return l, r.Get(ctx, &l, `SELECT id, region, state, version FROM demo_case WHERE id = ? AND `+where, append([]any{id}, args...)...)
			},
			Target:  func(l *letter) authz.Target { return authz.At(l.Region) },
			Version: func(l *letter) int { return l.Version },
			Save: func(ctx context.Context, tx *db.Tx, l *letter) error {
				l.Version++
				return tx.ExecOne(ctx, `UPDATE demo_case SET state = ?, version = ? WHERE id = ? AND version = ?`,
					string(l.State), l.Version, l.ID, l.Version-1)
			},
		},
		Life: flow.Lifecycle{
			Name: "case", States: []flow.State{"posted", "accepted", "closed"}, Start: "posted", Ends: []flow.State{"closed"},
			Steps: []flow.Step{
				{Do: acceptCase, From: []flow.State{"posted"}, To: "accepted"},
				{Do: closeCase, From: []flow.State{"accepted"}, To: "closed"},
			},
		},
		State: func(l *letter) *flow.State { return &l.State },
	}
}

func TestARecordGoesThroughItsProcessInOneOrderOfChecks(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := context.Background()
		d, _ := seeded(t, source)
		g := gate.New(d, "320900")
		if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `CREATE TABLE demo_case (id TEXT PRIMARY KEY, region TEXT, state TEXT, version BIGINT)`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO demo_case VALUES ('1', '320924100', 'posted', 1)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p := letters()
		clerk := office(seeCase, acceptCase, closeCase)
		elsewhere := authz.Actor{Kind: authz.Human, ID: "li", Grants: []authz.Grant{
			{Role: authz.Role{Name: "clerk", Permissions: []authz.Permission{seeCase, acceptCase}}, Region: "320923"},
		}}
		fails := func(context.Context, *db.Tx, *letter) error { return fault.New(fault.Conflict, "flow.conflict.none") }
		for _, step := range []struct {
			who     string
			by      authz.Actor
			version int
			move    flow.Move
			fn      func(context.Context, *db.Tx, *letter) error
			want    fault.Kind
			ok      bool
		}{
			{who: "nobody", version: 1, move: flow.Move{Do: acceptCase}, want: fault.NotFound},
			{who: "another county", by: elsewhere, version: 1, move: flow.Move{Do: acceptCase}, want: fault.NotFound},
			{who: "who may only look", by: office(seeCase), version: 7, move: flow.Move{Do: closeCase}, want: fault.Denied},
			{who: "the wrong step", by: clerk, version: 7, move: flow.Move{Do: closeCase}, want: fault.Conflict},
			{who: "an old page", by: clerk, version: 7, move: flow.Move{Do: acceptCase}, want: fault.Stale},
			{who: "a step that fails", by: clerk, version: 1, move: flow.Move{Do: acceptCase}, fn: fails, want: fault.Conflict},
			{who: "the clerk", by: clerk, version: 1, move: flow.Move{Do: acceptCase, Note: "材料齐全", Once: "a"}, ok: true},
			{who: "the clerk, later", by: clerk, version: 2, move: flow.Move{Do: closeCase}, ok: true},
		} {
			got, err := p.Take(ctx, g, step.by, "1", step.version, step.move, step.fn)
			if step.ok != (err == nil) || !step.ok && !fault.Is(err, step.want) {
				t.Errorf("%s: %+v, %v", step.who, got, err)
			}
			if fault.Is(err, fault.Stale) && (got.State != "posted" || got.Version != 1) {
				t.Errorf("%s is not shown the record as it is now: %+v", step.who, got)
			}
			if fault.Is(err, fault.Denied) && got != (letter{}) {
				t.Errorf("%s is shown %+v", step.who, got)
			}
		}
		if _, err := p.Take(ctx, g, clerk, "1", 1, flow.Move{Do: acceptCase, Once: "a"}, nil); err == nil {
			t.Error("a repeated request is carried out twice")
		} else if id, again := gate.Again(err); !again || id != "1" {
			t.Errorf("a repeated request: %v", err)
		}
		events, err := flow.History(ctx, d, gate.Record{Kind: "case", ID: "1"})
		if err != nil || len(events) != 2 {
			t.Fatalf("history %+v: %v", events, err)
		}
		if e := events[0]; e.From != "posted" || e.To != "accepted" || e.Note != "材料齐全" || e.ByName != "王海燕" || e.Kind != authz.Human || e.At.IsZero() {
			t.Errorf("the first line is %+v", e)
		}
		if e := events[1]; e.Do != closeCase || e.To != "closed" {
			t.Errorf("the second line is %+v", e)
		}
		var entries int
		if err := d.Get(ctx, &entries, `SELECT COUNT(*) FROM audit_entry WHERE record_kind = 'case'`); err != nil || entries != 2 {
			t.Errorf("%d audit entries: %v", entries, err)
		}
	})
}
