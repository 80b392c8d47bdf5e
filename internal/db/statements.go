package db

import (
	"container/list"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

// SQLite compiles a statement each time it is asked, which costs more than most
// of our queries. Each connection therefore keeps its statements of late
// compiled; pgx does the same for PostgreSQL.
const (
	statementsKept  = 96   // of one connection
	statementsBytes = 8000 // longer ones are put together from what was asked, and seldom come again
)

// openPool is a pool of connections to a SQLite file that keep their statements.
func openPool(dsn string) *sqlx.DB {
	return sqlx.NewDb(sql.OpenDB(&connector{dsn: dsn, driver: &sqlite.Driver{}}), "sqlite")
}

// connector opens connections to one SQLite file.
type connector struct {
	dsn    string
	driver *sqlite.Driver
}

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	raw, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	inner, ok := raw.(liteConn)
	if !ok {
		return nil, errors.Join(errors.New("db: the SQLite driver lacks what a connection must have"), raw.Close())
	}
	return &keeper{liteConn: inner, kept: map[string]*list.Element{}, order: list.New()}, nil
}

func (c *connector) Driver() driver.Driver { return c.driver }

// liteConn is what database/sql uses of a connection of the driver.
type liteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// liteStmt is what it uses of a statement.
type liteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keeper is a connection that keeps its statements compiled, those used last.
// database/sql lets one goroutine at a time use a connection.
type keeper struct {
	liteConn
	kept  map[string]*list.Element
	order *list.List // of *compiled, the one used last in front
}

type compiled struct {
	liteStmt
	query string
	busy  bool // its rows are being read: the same query asked meanwhile compiles anew
}

// statement is the query compiled. again must be called when it has done its
// work.
func (k *keeper) statement(ctx context.Context, query string) (s *compiled, again func() error, err error) {
	if at, ok := k.kept[query]; ok {
		if s := at.Value.(*compiled); !s.busy {
			k.order.MoveToFront(at)
			s.busy = true
			return s, func() error { s.busy = false; return nil }, nil
		}
	}
	raw, err := k.PrepareContext(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	s = &compiled{liteStmt: raw.(liteStmt), query: query, busy: true}
	if _, twice := k.kept[query]; twice || len(query) > statementsBytes {
		return s, s.Close, nil
	}
	if err := k.room(); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	k.kept[query] = k.order.PushFront(s)
	return s, func() error { s.busy = false; return nil }, nil
}

// room lets the statement go that was not used for longest.
func (k *keeper) room() error {
	for at := k.order.Back(); k.order.Len() >= statementsKept && at != nil; {
		s, before := at.Value.(*compiled), at.Prev()
		if !s.busy {
			k.order.Remove(at)
			delete(k.kept, s.query)
			if err := s.Close(); err != nil {
				return err
			}
		}
		at = before
	}
	return nil
}

func (k *keeper) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, again, err := k.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, args)
	return res, errors.Join(err, again())
}

func (k *keeper) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, again, err := k.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, again())
	}
	return &answer{rows, again}, nil
}

// Close lets every statement go, then the connection.
func (k *keeper) Close() error {
	var err error
	for at := k.order.Front(); at != nil; at = at.Next() {
		err = errors.Join(err, at.Value.(*compiled).Close())
	}
	return errors.Join(err, k.liteConn.Close())
}

// answer is the rows of a kept statement.
type answer struct {
	driver.Rows
	again func() error
}

func (a *answer) Close() error { return errors.Join(a.Rows.Close(), a.again()) }
