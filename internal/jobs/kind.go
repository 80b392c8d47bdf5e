package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// Kind is one sort of job. The program's kinds are a list given to New.
type Kind struct {
	// Name is unique and stable, since it is stored: "notify.mail". The text key
	// Name + ".job" is its name for people.
	Name string
	// Queue keeps slow kinds from holding up the others: jobs of one queue wait
	// for each other only. Empty is the common queue, or the periodic one.
	Queue string
	// On repeats the job by the wall clock; nil runs it only when enqueued.
	On *Schedule
	// Timeout ends the context of one run; 0 is one minute.
	Timeout time.Duration
	// MaxAttempts counts the first run and the retries; 0 is 10, about four hours.
	MaxAttempts int
	// Retry is the pause after the failed attempt (1, 2, 3 …); nil grows from
	// one second by the fourth power.
	Retry func(attempt int) time.Duration
	// Run does the work. An error means again later, unless it is from GiveUp.
	Run func(ctx context.Context, args json.RawMessage) error
}

// Key is the text key of the kind's name for people.
func (k Kind) Key() string { return k.Name + ".job" }

// Periodic reports whether the kind repeats by itself.
func (k Kind) Periodic() bool { return k.On != nil }

// The defaults of a Kind, and the queues that always exist.
const (
	defaultTimeout  = time.Minute
	defaultAttempts = 10
	commonQueue     = "default"
	periodicQueue   = "periodic"
)

func (k Kind) filled() (Kind, error) {
	if k.Name == "" || k.Run == nil {
		return k, fmt.Errorf("jobs: the kind %q lacks a name or a function", k.Name)
	}
	if k.Queue == "" {
		k.Queue = commonQueue
		if k.Periodic() {
			k.Queue = periodicQueue
		}
	}
	if k.Timeout <= 0 {
		k.Timeout = defaultTimeout
	}
	if k.MaxAttempts <= 0 {
		k.MaxAttempts = defaultAttempts
	}
	return k, nil
}

// Option sets a field of a kind that KindOf makes.
type Option func(*Kind)

// Queue puts the kind in a queue of its own name.
func Queue(name string) Option { return func(k *Kind) { k.Queue = name } }

// On repeats the kind; each run gets the zero T.
func On(s Schedule) Option { return func(k *Kind) { k.On = &s } }

// Timeout bounds one run.
func Timeout(d time.Duration) Option { return func(k *Kind) { k.Timeout = d } }

// Attempts bounds how often a failing job is tried.
func Attempts(n int) Option { return func(k *Kind) { k.MaxAttempts = n } }

// Retry chooses the pause after each failed attempt.
func Retry(pause func(attempt int) time.Duration) Option { return func(k *Kind) { k.Retry = pause } }

// KindOf makes a kind whose arguments are a T, kept as JSON. Arguments that no
// longer fit T are given up, with the reason in the run's record.
func KindOf[T any](name string, run func(ctx context.Context, args T) error, options ...Option) Kind {
	k := Kind{Name: name, Run: func(ctx context.Context, raw json.RawMessage) error {
		var args T
		if err := json.Unmarshal(raw, &args); err != nil {
			return GiveUp(fmt.Errorf("arguments of %s: %w", name, err))
		}
		return run(ctx, args)
	}}
	for _, set := range options {
		set(&k)
	}
	return k
}

// GiveUp wraps an error that trying again cannot mend: the job ends here.
func GiveUp(err error) error { return river.JobCancel(err) }
