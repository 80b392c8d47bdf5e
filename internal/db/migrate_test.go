package db_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/migrations"
)

var update = flag.Bool("update", false, "write the schemas as they are into migrations/")

func TestTheSchemaIsTheOneOnRecord(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), open(t, source)
		_, err := d.Migrate(ctx)
		must(t, err)
		got := schema(t, d)

		golden := "../../migrations/schema." + string(d.Dialect()) + ".sql"
		if *update {
			must(t, os.WriteFile(golden, []byte(got), 0o600))
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		if got != string(want) {
			t.Errorf("%s is not the schema that the migrations make; if they are right:\n"+
				"go test ./internal/db -run Schema -update\n%s", golden, firstDifference(string(want), got))
		}
		// All the way down, and up again to the same.
		provider, err := d.Provider()
		must(t, err)
		_, err = provider.DownTo(ctx, 0)
		must(t, err)
		if left := strings.TrimPrefix(schema(t, d), head(d)); left != "" {
			t.Errorf("what the migrations leave behind on the way down:\n%s", left)
		}
		pending, err := d.Pending(ctx)
		must(t, err)
		n, err := d.Migrate(ctx)
		must(t, err)
		if !pending || n == 0 || schema(t, d) != got {
			t.Errorf("going up again (pending %t) ran %d files and gave another schema", pending, n)
		}
		if pending, err := d.Pending(ctx); pending || err != nil {
			t.Errorf("still pending: %t, %v", pending, err)
		}
	})
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		var left, right string
		if i < len(a) {
			left = a[i]
		}
		if i < len(b) {
			right = b[i]
		}
		if left != right {
			return fmt.Sprintf("line %d\n  on record: %s\n  made:      %s", i+1, left, right)
		}
	}
	return ""
}

func head(d *db.DB) string {
	return "-- Written by: go test ./internal/db -run Schema -update\n-- The schema on " + string(d.Dialect()) + ", as the migrations make it.\n\n"
}

func schema(t *testing.T, d *db.DB) string {
	t.Helper()
	parts, err := db.Schema(context.Background(), d)
	must(t, err)
	text := head(d)
	for _, p := range parts {
		text += p + ";\n"
	}
	return text
}

func TestEveryMigrationSaysWhoOwnsItAndHowToUndoIt(t *testing.T) {
	names, err := fs.Glob(migrations.Files, "*.sql")
	must(t, err)
	if len(names) == 0 {
		t.Fatal("no migrations")
	}
	numbers := map[string]string{}
	for _, name := range names {
		raw, err := migrations.Files.ReadFile(name)
		must(t, err)
		number, _, found := strings.Cut(name, "_")
		if other := numbers[number]; other != "" || !found {
			t.Errorf("%s: the number is not its own (%s)", name, other)
		}
		numbers[number] = name
		if !regexp.MustCompile(`^-- owner: [a-z/]+\n`).Match(raw) {
			t.Errorf("%s does not begin with its owner", name)
		}
		for _, part := range []string{"-- +goose Up\n", "-- +goose Down\n"} {
			if strings.Count(string(raw), part) != 1 {
				t.Errorf("%s lacks %q", name, strings.TrimSpace(part))
			}
		}
		if regexp.MustCompile(`(?i)\b(INTEGER|INT|REAL|FLOAT|BOOLEAN|TIMESTAMP|SERIAL|VARCHAR)\b`).MatchString(withoutComments(string(raw))) {
			t.Errorf("%s uses a type that the two databases take differently: write TEXT, BIGINT or BYTEA", name)
		}
	}
}

func withoutComments(sql string) string {
	return regexp.MustCompile(`--[^\n]*`).ReplaceAllString(sql, "")
}

func TestSeveralProcessesMayMigrateAtOnce(t *testing.T) {
	source := testkit.Postgres(t)
	var ran sync.Map
	var wait sync.WaitGroup
	for i := range 3 {
		d := open(t, source)
		wait.Go(func() {
			n, err := d.Migrate(context.Background())
			if err != nil {
				t.Error(err)
			}
			ran.Store(i, n)
		})
	}
	wait.Wait()
	total := 0
	ran.Range(func(_, n any) bool { total += n.(int); return true })
	names, err := fs.Glob(migrations.Files, "*.sql")
	must(t, err)
	if total != len(names) {
		t.Errorf("%d of %d files were run", total, len(names))
	}
}

// What an operator changed by hand in the schema is found and named.
func TestChangesPastTheMigrationsAreFound(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		ctx, d := context.Background(), open(t, source)
		drift, err := db.Drift(ctx, d)
		must(t, err)
		if len(drift) > 0 {
			t.Fatalf("a fresh database differs: %v", drift)
		}
		must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, statement := range []string{
				`DROP INDEX need_due`, `CREATE TABLE mine (id TEXT)`, `CREATE INDEX job_run_mine ON job_run (outcome)`,
				`ALTER TABLE notify_wish ADD COLUMN extra TEXT`, `DROP TABLE app_draft`, `ALTER TABLE job_run DROP COLUMN counts`,
			} {
				if _, err := tx.Exec(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		}))
		drift, err = db.Drift(ctx, d)
		must(t, err)
		for _, want := range []string{
			"index need_due is missing", "table mine is not the program's", "index job_run_mine is not the program's",
			"table notify_wish has \"extra TEXT", "table app_draft is missing", "table job_run lacks \"counts TEXT NOT NULL",
		} {
			if !strings.Contains(strings.ToLower(strings.Join(drift, "\n")), strings.ToLower(want)) {
				t.Errorf("%q is not among\n%s", want, strings.Join(drift, "\n"))
			}
		}
	})
}
