package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"qiban.dev/qiban/internal/db"
)

// Jobs is the queue of one database and the kinds that this program knows.
type Jobs struct {
	db      *db.DB
	log     *slog.Logger
	kinds   map[string]Kind
	workers *river.Workers
	river   client
	insert  inserter

	mu   sync.Mutex // guards quit and kept
	quit context.CancelFunc
	kept chan struct{}
}

// client is what River's clients for the two databases have in common.
type client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// How many jobs of a queue this process does at once, how long a stop lets
// them finish, and how long River keeps what is over (run records stay longer).
const (
	workersEach  = 4
	softStop     = 15 * time.Second
	keepFinished = 24 * time.Hour
)

// New makes the queue of a database for a list of kinds; names must differ. It
// only enqueues until Start. log nil is slog.Default.
func New(d *db.DB, log *slog.Logger, kinds ...Kind) (*Jobs, error) {
	if log == nil {
		log = slog.Default()
	}
	j := &Jobs{db: d, log: log, kinds: map[string]Kind{}, workers: river.NewWorkers()}
	return j, j.Add(kinds...)
}

// Add makes more kinds known: those of services that enqueue jobs themselves
// and so need the queue first. It must not be called after the first Enqueue
// or Start.
func (j *Jobs) Add(kinds ...Kind) error {
	for _, k := range kinds {
		k, err := k.filled()
		if err != nil {
			return err
		}
		if _, twice := j.kinds[k.Name]; twice {
			return fmt.Errorf("jobs: two kinds are named %s", k.Name)
		}
		j.kinds[k.Name] = k
		river.AddWorkerArgs(j.workers, payload{kind: k.Name}, river.Worker[payload](&worker{jobs: j, kind: k}))
	}
	var err error
	j.river, j.insert, err = j.connect(j.config())
	return err
}

// inserter adds a job to the queue within a transaction and returns its number.
type inserter func(ctx context.Context, tx *db.Tx, args payload, how *river.InsertOpts) (int64, error)

// connect makes a River client for the database's dialect.
func (j *Jobs) connect(config *river.Config) (client, inserter, error) {
	if j.db.Dialect() == db.SQLite {
		c, err := river.NewClient(riversqlite.New(j.db.Writer()), config)
		return c, func(ctx context.Context, tx *db.Tx, args payload, how *river.InsertOpts) (int64, error) {
			return numbered(c.InsertTx(ctx, tx.Raw(), args, how))
		}, err
	}
	c, err := river.NewClient(riverpgxv5.New(j.db.Pool()), config)
	return c, func(ctx context.Context, tx *db.Tx, args payload, how *river.InsertOpts) (int64, error) {
		return numbered(c.InsertTx(ctx, joined{conn: tx.Conn()}, args, how))
	}, err
}

func numbered(made *rivertype.JobInsertResult, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return made.Job.ID, nil
}

func (j *Jobs) config() *river.Config {
	queues := map[string]river.QueueConfig{
		commonQueue:   {MaxWorkers: workersEach},
		periodicQueue: {MaxWorkers: workersEach},
	}
	longest := defaultTimeout
	for _, k := range j.kinds {
		queues[k.Queue] = river.QueueConfig{MaxWorkers: workersEach}
		longest = max(longest, k.Timeout)
	}
	return &river.Config{
		Logger:  slog.New(quieter{j.log.Handler()}),
		Workers: j.workers, Queues: queues, PeriodicJobs: j.periodic(),
		JobTimeout: longest, RescueStuckJobsAfter: 2 * longest, SoftStopTimeout: softStop,
		CompletedJobRetentionPeriod: keepFinished, CancelledJobRetentionPeriod: keepFinished,
		FetchPollInterval: 2 * time.Second, // a notice wakes the queue sooner
		ReindexerSchedule: river.NeverSchedule(),
	}
}

// Kinds are the kinds in the order of their names.
func (j *Jobs) Kinds() []Kind {
	var kinds []Kind
	for _, name := range slices.Sorted(maps.Keys(j.kinds)) {
		kinds = append(kinds, j.kinds[name])
	}
	return kinds
}

// Migrate brings the queue's own tables up to this program's version. Several
// processes may call it at once.
func Migrate(ctx context.Context, d *db.DB) error {
	quiet := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	if d.Dialect() == db.SQLite {
		m, err := rivermigrate.New(riversqlite.New(d.Writer()), quiet)
		if err != nil {
			return err
		}
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	}
	one, err := d.Pool().Acquire(ctx)
	if err != nil {
		return err
	}
	defer one.Release()
	const lock = 7146825580613 // any number that nothing else locks
	if _, err := one.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(lock)); err != nil {
		return err
	}
	defer func() { _, _ = one.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(lock)) }()
	m, err := rivermigrate.New(riverpgxv5.New(d.Pool()), quiet)
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Start works the queue until Stop; the end of ctx alone does not end it. On
// SQLite only one process may work a database: jobs that an earlier one was
// killed in begin again at once. On PostgreSQL they begin again when twice
// their time limit has passed.
func (j *Jobs) Start(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.quit != nil {
		return errors.New("jobs: already started")
	}
	if err := j.rescue(ctx, j.db.Dialect() == db.SQLite); err != nil {
		return err
	}
	own, quit := context.WithCancel(context.WithoutCancel(ctx))
	if err := j.river.Start(own); err != nil {
		quit()
		return err
	}
	j.quit, j.kept = quit, make(chan struct{})
	go j.keep(own, j.kept)
	return nil
}

// Stop begins no more jobs and waits for those under way, cancelling them
// after 15 seconds or at the end of ctx; a cancelled job is tried again later.
func (j *Jobs) Stop(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.quit == nil {
		return nil
	}
	err := j.river.Stop(ctx)
	if err != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = j.river.StopAndCancel(last)
	}
	j.quit()
	<-j.kept
	j.quit = nil
	return err
}

// Settle works the queue in this call until nothing is due any more: for tests
// and commands. Periodic kinds are not asked for, and what waits for a later
// time stays. It must not be called between Start and Stop.
func (j *Jobs) Settle(ctx context.Context) error {
	config := j.config()
	config.PeriodicJobs, config.LeaderElectionDisabled, config.PollOnly = nil, true, true
	config.FetchCooldown, config.FetchPollInterval = 5*time.Millisecond, 10*time.Millisecond
	c, _, err := j.connect(config)
	if err != nil {
		return err
	}
	if err := j.rescue(ctx, false); err != nil {
		return err
	}
	if err := c.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	for left := int64(1); left > 0 && err == nil; {
		select {
		case <-time.After(10 * time.Millisecond):
			err = j.db.Get(ctx, &left, `SELECT count(*) FROM river_job WHERE state IN ('available', 'running')`)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*softStop)
	defer cancel()
	return errors.Join(err, c.Stop(last))
}

// quieter keeps River's news about its own routine out of the log.
type quieter struct{ slog.Handler }

func (q quieter) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// Handle leaves out what a queue says of itself that is being stopped.
func (q quieter) Handle(ctx context.Context, r slog.Record) error {
	stopped := false
	r.Attrs(func(a slog.Attr) bool {
		stopped = stopped || strings.HasSuffix(a.Value.String(), context.Canceled.Error())
		return !stopped
	})
	if stopped {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

func (q quieter) WithAttrs(a []slog.Attr) slog.Handler { return quieter{q.Handler.WithAttrs(a)} }

func (q quieter) WithGroup(name string) slog.Handler { return quieter{q.Handler.WithGroup(name)} }
