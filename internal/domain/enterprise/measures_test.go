package enterprise_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
)

func TestTheLedgerCountsTheRegister(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := newWorld(t, source)
		ctx := t.Context()
		book, err := ledger.New(w.db, "test", enterprise.Measures())
		w.ok(err)
		w.Service, err = enterprise.New(w.db, gate.New(w.db, "test"), enterprise.Hooks{
			Post: func(ctx context.Context, tx *db.Tx, facts ...ledger.Fact) error {
				_, err := book.Post(ctx, tx, facts...)
				return err
			},
			Merged: func(ctx context.Context, tx *db.Tx, from, to enterprise.ID) error {
				return book.Merge(ctx, tx, authz.Enterprise, string(from), string(to))
			},
			Separated: func(ctx context.Context, tx *db.Tx, from, to enterprise.ID) error {
				return book.Unmerge(ctx, tx, authz.Enterprise, string(from), string(to))
			},
		})
		w.ok(err)
		first := w.verified("鹤乡纺织有限公司", hede, mill)
		gone := w.verified("丹顶鹤食品有限公司", linhai, crane)
		w.registers(staff("320923"), "阜宁风机有限公司", donggou, another, false)
		ask := func(q ledger.Query) int64 {
			t.Helper()
			q.Measure, q.From, q.To = "enterprise.registered", "2009-01-01", "2009-12-31"
			n, err := book.Value(ctx, w.db, q)
			w.ok(err)
			return n
		}
		verified := []ledger.Cond{{Dim: "status", In: []string{"verified"}}}
		if all, of := ask(ledger.Query{Region: "320900"}), ask(ledger.Query{Region: "320900", Where: verified}); all != 3 || of != 2 {
			t.Errorf("%d on the register, %d verified; want 3 and 2", all, of)
		}
		twin := w.registers(staff(sheyang), "鹤乡纺织厂", hede, mill, false)
		w.ok(w.Merge(ctx, staff(sheyang), twin, 1, first, "同一家企业"))
		if all, of := ask(ledger.Query{Region: "320900"}), ask(ledger.Query{Region: "320900", Where: verified}); all != 3 || of != 2 {
			t.Errorf("after a merge %d on the register, %d verified; want 3 and 2", all, of)
		}
		w.ok(w.Separate(ctx, staff(sheyang), twin, 2, "核对后是两家"))
		if all := ask(ledger.Query{Region: "320900"}); all != 4 {
			t.Errorf("after undoing it %d on the register, want 4", all)
		}
		w.ok(w.Close(ctx, staff(sheyang), gone, 2, "已经办理注销登记"))
		if n := ask(ledger.Query{Region: sheyang}); n != 2 {
			t.Errorf("after one closed, %d in the county, want 2", n)
		}
	})
}
