package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/metrics"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/replica"
)

type serveCommand struct {
	config.Store
	config.Serve
	Demo bool `help:"Load the demonstration year first when the database is empty, and print its sign-ins."`
}

// collectAt lets the heap grow to three times what lives in it before it is
// collected: a tenth less work at each request for some ten megabytes.
const collectAt = 200

// Run serves until it is told to stop, then lets what is under way finish.
func (c *serveCommand) Run(ctx context.Context, out io.Writer, errs errorStream) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	signal.Ignore(syscall.SIGXFSZ) // a file that may not grow is told to those who save, like a full disk
	log := logger(errs, c.Log)
	slog.SetDefault(log)
	use := db.Serving
	if c.ReadOnly {
		use = db.Looking
	}
	claim, err := db.Take(ctx, c.Source(), use, log)
	if err != nil {
		return err
	}
	defer func() { _ = claim.Release() }()
	key, err := c.Secret(c.Store)
	if err != nil {
		return err
	}
	// Listening first says at once when the address is taken.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", c.Addr, err)
	}
	defer func() { _ = listener.Close() }()
	a, err := Open(ctx, c.Store, Options{
		Key: key, Place: region.Code(c.Place), ReadOnly: c.ReadOnly, Mail: c.mail(), Contact: c.Contact, Upload: c.Upload, Backups: c.Backups, Log: log,
	})
	if err != nil {
		return err
	}
	copied, err := c.replicate(ctx, out, log)
	defer func() { err = errors.Join(err, a.Close(), copied()) }()
	if err != nil {
		return err
	}
	if c.Demo {
		if err := a.demonstrate(ctx, out); err != nil {
			return err
		}
	}
	handler, err := a.handled(ctx, out, c.Serve)
	if err != nil {
		return err
	}
	if !c.ReadOnly {
		if err := a.Jobs.Start(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "Qiban 企伴 is at %s\n", address(c.URL, listener.Addr()))
	return serve(ctx, a.Log, listener, handler, func() { a.drain(c.Drain) }, a.Jobs.Stop)
}

// replicate begins to copy the database when that was asked for. What it returns
// copies the rest once the database is closed.
func (c *serveCommand) replicate(ctx context.Context, out io.Writer, log *slog.Logger) (end func() error, err error) {
	nothing := func() error { return nil }
	switch {
	case c.Replica == "" || c.ReadOnly:
		return nothing, nil
	case c.DB != "":
		return nothing, usageError{errors.New("--replicate is for the embedded database; PostgreSQL has standbys of its own")}
	}
	r, err := replica.Start(ctx, c.Data, c.Replica, log.With("part", "replica"))
	if err != nil {
		return nothing, err
	}
	fmt.Fprintf(out, "The database is copied about every %s; the first copy is complete.\n", replica.Delay)
	return func() error {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLong)
		defer cancel()
		return r.Close(last)
	}, nil
}

// handled is the handler, counted when metrics are asked for.
func (a *App) handled(ctx context.Context, out io.Writer, c config.Serve) (http.Handler, error) {
	if c.Metrics == "" {
		return a.Handler(c)
	}
	m := metrics.New(Version)
	m.Read(a.figures)
	a.observe = m.Observe
	handler, err := a.Handler(c)
	if err != nil {
		return nil, err
	}
	at, err := a.measured(ctx, c.Metrics, m)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "Metrics are at http://%s/metrics\n", at)
	return m.Underway(handler), nil
}

func logger(to io.Writer, c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo
	}
	how := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, how))
	}
	return slog.New(slog.NewTextHandler(to, how))
}

func (c *serveCommand) mail() notify.Mail {
	m := notify.Mail{From: c.Mail.From, Site: c.URL, User: c.Mail.User, Password: c.Mail.Password, Folder: c.Mail.Folder}
	m.Host, m.Port = c.Mail.HostPort()
	return m
}

func address(url string, at net.Addr) string {
	if url != "" {
		return url
	}
	if tcp, ok := at.(*net.TCPAddr); ok && (tcp.IP.IsLoopback() || tcp.IP.IsUnspecified()) {
		return fmt.Sprintf("http://localhost:%d", tcp.Port)
	}
	return "http://" + at.String()
}

// How long a client may take: to send its headers and its request, and to take
// the answer. Slow ones must not hold the others up.
const (
	headersLong  = 5 * time.Second
	requestLong  = 30 * time.Second
	answerLong   = 60 * time.Second
	idleLong     = 120 * time.Second
	mostHeaders  = 32 << 10
	shutdownLong = 20 * time.Second
)

// serve answers until the context ends, calls before, finishes what is under way
// and calls after.
func serve(ctx context.Context, log *slog.Logger, l net.Listener, h http.Handler, before func(), after func(context.Context) error) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headersLong, ReadTimeout: requestLong, WriteTimeout: answerLong,
		IdleTimeout: idleLong, MaxHeaderBytes: mostHeaders, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: finishing what is under way; a second signal ends it at once")
	before()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLong)
	defer cancel()
	err := server.Shutdown(last)
	return errors.Join(err, after(last))
}

// drain says no to probes and goes on answering for a while, so that a proxy
// notices before anybody is turned away.
func (a *App) drain(long time.Duration) {
	a.stopping.Store(true)
	time.Sleep(long)
}
