package testkit_test

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"qiban.dev/qiban/internal/testkit"
)

func TestEachTestGetsAnEmptyDatabaseThatComparesTextByBytes(t *testing.T) {
	first, second := testkit.Postgres(t), testkit.Postgres(t)
	if first == second {
		t.Fatalf("two tests share the database %s", first)
	}
	ask(t, first, "CREATE TABLE need (id TEXT)", nil)

	var tables int
	ask(t, second, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'", &tables)
	if tables != 0 {
		t.Errorf("a fresh database holds %d tables, want none", tables)
	}
	var upperFirst bool
	ask(t, second, "SELECT 'Z' < 'a' AND '盐' < '阜'", &upperFirst)
	if !upperFirst {
		t.Error("text is compared by a language's rules, want by bytes as SQLite does")
	}
}

func TestADatabaseIsDroppedAfterItsTestEvenWhileSomebodyIsConnected(t *testing.T) {
	server := testkit.Postgres(t)
	var name string
	t.Run("a careless test", func(t *testing.T) {
		source := testkit.Postgres(t)
		conn, err := pgx.Connect(t.Context(), source) // never closed by its test
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var left int
	ask(t, server, "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'", &left)
	if left != 0 {
		t.Errorf("the database %s is still there after its test", name)
	}
}

func TestEachDatabaseRunsOnceOnEither(t *testing.T) {
	seen := map[string]string{}
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		seen[t.Name()[strings.LastIndex(t.Name(), "/")+1:]] = source
	})
	folder := seen["sqlite"]
	if u, err := url.Parse(seen["postgres"]); err != nil || u.Scheme != "postgres" {
		t.Errorf("the postgres subtest got %q, want a postgres:// URL", seen["postgres"])
	}
	if strings.Contains(folder, "://") || folder == "" {
		t.Errorf("the sqlite subtest got %q, want a folder", folder)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder outlived its subtest: %v", err)
	}
	if len(seen) != 2 {
		t.Errorf("ran on %v, want sqlite and postgres", seen)
	}
}

func TestACommitOnADurableServerOutlivesACrash(t *testing.T) {
	server, source := testkit.DurablePostgres(t)
	ask(t, source, "CREATE TABLE promise (word TEXT)", nil)
	ask(t, source, "INSERT INTO promise VALUES ('kept')", nil)
	// Somebody who is being served when it happens gets no answer either.
	busy, err := pgx.Connect(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close(context.Background()) }()
	answered := make(chan error, 1)
	go func() {
		_, err := busy.Exec(t.Context(), "SELECT count(*) FROM generate_series(1, 50000000)")
		answered <- err
	}()
	for served := 0; served == 0; {
		ask(t, source, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active' AND pid <> pg_backend_pid()", &served)
	}
	if err := server.Crash(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err == nil {
		t.Fatal("the crashed server still answers those it was serving")
	}
	if conn, err := pgx.Connect(t.Context(), source); err == nil {
		_ = conn.Close(t.Context())
		t.Fatal("the crashed server still answers")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	var word sql.NullString
	ask(t, source, "SELECT max(word) FROM promise", &word)
	if word.String != "kept" {
		t.Errorf("after the crash the promise is %q, want kept", word.String)
	}
}

// ask runs one statement on a connection of its own; dst may be nil.
func ask(t *testing.T, source, statement string, dst any) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if dst == nil {
		_, err = conn.Exec(ctx, statement)
	} else {
		err = conn.QueryRow(ctx, statement).Scan(dst)
	}
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
