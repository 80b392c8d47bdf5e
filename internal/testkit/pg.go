package testkit

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"qiban.dev/qiban/internal/testkit/pgserver"
)

// PostgresEnv names the variable with the address of a server that tests may
// use; make test sets it. Without it each test process starts its own.
const PostgresEnv = "QIBAN_TEST_PG"

// Postgres returns the URL of a fresh, empty PostgreSQL database, dropped when
// the test ends. Its server keeps nothing through a crash: a test that crashes
// the server takes DurablePostgres. Without PostgreSQL installed the test
// fails and names the command that installs it; it is never skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	return freshDatabase(t, testServer(t), "")
}

// DurablePostgres starts a server for this test alone, whose commits survive
// Crash and Restart, and returns it with the URL of a fresh database in it.
func DurablePostgres(t testing.TB) (server *pgserver.Server, database string) {
	t.Helper()
	server, err := pgserver.Start(context.Background(), pgserver.Options{Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop) // and with it every database
	name := newName()
	execute(t, server.URL, createDatabase(name, ""))
	return server, ofTest(t, withDatabase(server.URL, name))
}

// EachDatabase runs fn as a subtest on either database. source is empty and
// of its own: a folder for SQLite, a URL for PostgreSQL, as db.Open takes them.
func EachDatabase(t *testing.T, fn func(t *testing.T, source string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, t.TempDir()) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// ownServer is the server of a process that was given none. It ends with the
// process: its supervisor waits on a pipe that only we hold.
var ownServer = sync.OnceValues(func() (*pgserver.Server, error) {
	return pgserver.Start(context.Background(), pgserver.Options{})
})

func testServer(t testing.TB) string {
	t.Helper()
	if given := os.Getenv(PostgresEnv); given != "" {
		return given
	}
	server, err := ownServer()
	if err != nil {
		t.Fatal(err)
	}
	return server.URL
}

// freshDatabase makes a database as a copy of the template (template0 when
// empty) and drops it after the test, whoever is still connected, with its
// uploads.
func freshDatabase(t testing.TB, server, template string) string {
	t.Helper()
	name := newName()
	execute(t, server, createDatabase(name, template))
	t.Cleanup(func() { execute(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return ofTest(t, withDatabase(server, name))
}

func newName() string { return "q_" + strings.ToLower(rand.Text()[:16]) }

func createDatabase(name, template string) string {
	if template == "" {
		template = "template0"
	}
	return "CREATE DATABASE " + name + " TEMPLATE " + template +
		" ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
}

// withDatabase is the server's URL with another database in it.
func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("the PostgreSQL server for tests does not answer: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
