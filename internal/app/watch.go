package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/metrics"
)

// What a proxy, a monitor and Prometheus ask of a running program.

// probes answers whether the process lives (/healthz) and whether it should be
// sent requests (/readyz), before sessions, limits and the log.
func (a *App) probes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			answer(w, nil)
		case "/readyz":
			ctx, cancel := context.WithTimeout(r.Context(), readyLong)
			defer cancel()
			answer(w, a.ready(ctx))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// readyLong is how long the database may take to answer a probe.
const readyLong = 2 * time.Second

// answer is a probe's. What is wrong is said in the program's own words only.
func answer(w http.ResponseWriter, wrong error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if wrong == nil {
		fmt.Fprintln(w, "ok")
		return
	}
	w.Header().Set("Retry-After", "5")
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintln(w, wrong)
}

var (
	errStopping   = errors.New("stopping")
	errNoDatabase = errors.New("the database does not answer")
	errOldSchema  = errors.New("the schema is older than the program")
)

// ready says what is in the way of answering requests, nil when nothing is.
func (a *App) ready(ctx context.Context) error {
	if a.stopping.Load() {
		return errStopping
	}
	have, err := db.Versions(ctx, a.DB)
	if err != nil {
		return errNoDatabase
	}
	known, err := db.Known()
	if err != nil {
		return err
	}
	for _, v := range known {
		if !slices.Contains(have, v) {
			return errOldSchema
		}
	}
	return nil
}

// measured serves metrics on an address of its own until the context ends.
func (a *App) measured(ctx context.Context, addr string, m *metrics.Metrics) (net.Addr, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for metrics on %s: %w", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: headersLong, ReadTimeout: requestLong, WriteTimeout: answerLong, MaxHeaderBytes: mostHeaders}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.Log.Error("metrics are no longer answered", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return listener.Addr(), nil
}

// figures are the numbers that Prometheus reads from the database at each visit.
func (a *App) figures(ctx context.Context) ([]metrics.Value, error) {
	s := a.DB.Stats()
	values := []metrics.Value{
		{Name: "qiban_db_writes_total", Help: "Writes asked for.", Grows: true, Is: float64(s.Writes)},
		{Name: "qiban_db_commits_total", Help: "Transactions committed; writes over commits is the size of a batch.", Grows: true, Is: float64(s.Batches)},
		{Name: "qiban_db_commits_failed_total", Help: "Transactions that could not be committed.", Grows: true, Is: float64(s.Failed)},
		{Name: "qiban_db_commit_seconds_total", Help: "Time spent in commits.", Grows: true, Is: s.Committing.Seconds()},
		{Name: "qiban_db_writes_waiting", Help: "Writes that wait for the writer.", Is: float64(s.Waiting)},
		{Name: "qiban_db_readers", Help: "Connections that read.", Is: float64(s.Reading)},
	}
	var tail, sessions int64
	if err := errors.Join(
		a.DB.Get(ctx, &tail, `SELECT count(*) FROM ledger_tail`),
		a.DB.Get(ctx, &sessions, `SELECT count(*) FROM account_session WHERE ended_at = 0 AND ends_at > ?`, db.Millis(a.DB.Now())),
	); err != nil {
		return values, err
	}
	values = append(values,
		metrics.Value{Name: "qiban_ledger_tail", Help: "Facts that the roll-ups do not hold yet.", Is: float64(tail)},
		metrics.Value{Name: "qiban_sessions", Help: "Sessions that are open.", Is: float64(sessions)})
	backlogs, err := jobs.Backlogs(ctx, a.DB)
	for _, k := range a.Jobs.Kinds() { // those known only: a name in the database is no label
		i := slices.IndexFunc(backlogs, func(b jobs.Backlog) bool { return b.Kind == k.Name })
		var b jobs.Backlog
		if i >= 0 {
			b = backlogs[i]
		}
		const help = "Jobs that wait, run, or were given up in the last days."
		for state, n := range map[string]int64{"waiting": b.Waiting, "running": b.Running, "given_up": b.GivenUp} {
			values = append(values, metrics.Value{Name: "qiban_jobs", Help: help, Labels: []string{"kind", k.Name, "state", state}, Is: float64(n)})
		}
	}
	return values, err
}
