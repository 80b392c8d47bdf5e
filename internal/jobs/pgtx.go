package jobs

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

type conn = pgx.Conn

// joined is the transaction that a connection is already in, as River wants to
// see it. Its end belongs to whoever began it: Commit and Rollback do nothing.
type joined struct {
	*conn
	depth int
}

func (j joined) Conn() *pgx.Conn                { return j.conn }
func (j joined) Commit(context.Context) error   { return nil }
func (j joined) Rollback(context.Context) error { return nil }

// LargeObjects is not for jobs: it answers with an unusable handle.
func (j joined) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Begin opens a savepoint, which its caller does end.
func (j joined) Begin(ctx context.Context) (pgx.Tx, error) {
	s := &savepoint{joined: joined{j.conn, j.depth + 1}}
	_, err := j.Exec(ctx, "SAVEPOINT "+s.name())
	return s, err
}

type savepoint struct {
	joined
	ended bool
}

func (s *savepoint) name() string { return fmt.Sprintf("job_%d", s.depth) }

func (s *savepoint) Commit(ctx context.Context) error { return s.end(ctx, "RELEASE ") }

func (s *savepoint) Rollback(ctx context.Context) error { return s.end(ctx, "ROLLBACK TO ") }

func (s *savepoint) end(ctx context.Context, how string) error {
	if s.ended {
		return pgx.ErrTxClosed
	}
	s.ended = true
	_, err := s.Exec(ctx, how+s.name())
	return err
}
