package faults_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/pgserver"
)

// rowsOfImport take several transactions to land, so that there is a middle to
// be killed in.
const rowsOfImport = 30_000

// An import is killed again and again, on PostgreSQL once together with the
// database. What it had landed stays, the next run goes on from there, and in
// the end every row is there once.
func TestAnImportThatIsKilledGoesOnWhereItWas(t *testing.T) {
	for name, source := range map[string]func(t *testing.T) (string, *pgserver.Server){
		"sqlite": func(t *testing.T) (string, *pgserver.Server) { t.Helper(); return testkit.Migrated(t), nil },
		"postgres": func(t *testing.T) (string, *pgserver.Server) {
			t.Helper()
			s, url := testkit.DurablePostgres(t)
			return url, s
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, server := source(t)
			h := &house{source: at}
			list := filepath.Join(t.TempDir(), "firms.csv")
			f, err := os.Create(list)
			must(t, err)
			must(t, testkit.WriteEnterprises(f, rowsOfImport, 3, []testkit.Town{{Code: "320924100", County: "射阳县", Name: "合德镇"}}))
			must(t, f.Close())
			out, err := testkit.Command(t, at, "migrate").CombinedOutput()
			must(t, err)
			t.Logf("%s", out)
			seen := 0
			for round := range 3 {
				n := h.killImport(t, list, seen)
				if n <= seen || n >= rowsOfImport {
					t.Fatalf("round %d killed the import at %d rows after %d: not in its middle", round, n, seen)
				}
				if server != nil && round == 1 {
					must(t, server.Crash())
					must(t, server.Restart(t.Context()))
				}
				seen = h.landed(t)
				h.whole(t)
			}
			out, err = testkit.Command(t, at, "import", "enterprise", list).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "0 changed") || !strings.Contains(string(out), "0 rejected") {
				t.Fatalf("the run to the end: %v\n%s", err, out)
			}
			h.whole(t)
			before := h.traces(t)
			h.look(t, func(a *app.App) {
				for _, what := range []string{
					`SELECT count(*) FROM enterprise`, `SELECT count(DISTINCT value) FROM enterprise_identifier`,
					`SELECT count(*) FROM ledger_fact WHERE record_kind = 'enterprise'`,
					`SELECT count(DISTINCT record_id) FROM audit_entry WHERE record_kind = 'enterprise'`,
					`SELECT count(*) FROM audit_entry WHERE record_kind = 'enterprise'`,
				} {
					if n := one[int](t, a, what); n != rowsOfImport {
						t.Errorf("%s: %d, want %d", what, n, rowsOfImport)
					}
				}
			})
			out, err = testkit.Command(t, at, "import", "enterprise", list).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "30000 rows: 0 new, 0 changed, 30000 unchanged, 0 rejected") {
				t.Errorf("once more: %v\n%s", err, out)
			}
			if after := h.traces(t); after != before {
				t.Errorf("once more left %d entries and facts after %d", after, before)
			}
		})
	}
}

// killImport starts an import and kills it once it has landed more rows than
// were there before; it says how many are there when it is dead.
func (h *house) killImport(t *testing.T, list string, before int) int {
	t.Helper()
	cmd := testkit.Command(t, h.source, "import", "enterprise", list)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	must(t, cmd.Start())
	h.look(t, func(a *app.App) {
		within(t, time.Minute, "rows land", func() bool {
			return one[int](t, a, `SELECT count(*) FROM enterprise`) > before
		})
	})
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it says that it was killed
	if said.Len() > 0 {
		t.Errorf("it had something to say before it was killed: %s", said.String())
	}
	return h.landed(t)
}

func (h *house) landed(t *testing.T) (n int) {
	t.Helper()
	h.look(t, func(a *app.App) { n = one[int](t, a, `SELECT count(*) FROM enterprise`) })
	return n
}

// traces counts what a change of anything would add to.
func (h *house) traces(t *testing.T) (n int64) {
	t.Helper()
	h.look(t, func(a *app.App) {
		entries, err := gate.Verify(t.Context(), a.DB)
		must(t, err)
		n = entries + one[int64](t, a, `SELECT count(*) FROM ledger_fact`)
	})
	return n
}
