// Package app is what the program consists of (组装): it opens the database,
// builds every service, and lists every measure, job, role, route and command.
// Nothing registers itself; a new domain is named here.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
	"qiban.dev/qiban/internal/xfer"
)

// App is the open program.
type App struct {
	Place region.Code // the place this installation serves
	Log   *slog.Logger
	clock *clock
	key   []byte
	// demo is whether the records are those of the demonstration year.
	demo atomic.Bool
	// stopping is whether the process has been told to end: a proxy sends no more.
	stopping atomic.Bool
	readOnly bool
	// observe hears of every request; nil unless metrics are asked for.
	observe func(route string, status int, took time.Duration)
	contact config.Contact

	DB          *db.DB
	Gate        *gate.Gate
	Ledger      *ledger.Ledger
	Flow        *flow.Service
	Jobs        *jobs.Jobs
	Notify      *notify.Notify
	Files       *files.Service
	Territory   *territory.Service
	Account     *account.Service
	Indicator   *indicator.Service
	Enterprise  *enterprise.Service
	Institution *institution.Service
	Engagement  *engagement.Service
	Park        *park.Service
	Recognition *recognition.Service
	Technology  *techplatform.Service
	Guarantee   *guarantee.Service
	Yearbook    *yearbook.Service
	Search      *search.Service
	Transfer    *xfer.Desk
}

// Options is how to open the program; the zero value reads and writes quietly.
type Options struct {
	Place    region.Code
	Key      []byte // 32 secret bytes; nil makes new ones, for commands that sign nobody in
	Mail     notify.Mail
	Contact  config.Contact
	Upload   config.Upload // the defaults when zero
	Backups  config.Backups
	ReadOnly bool
	Cache    int // as db.Options.Cache
	Log      *slog.Logger
	Argon    *account.Argon   // as account.Config.Argon
	Clock    func() time.Time // nil is the system's; stories that take years turn one of their own
}

// clock is the program's own, unless the demonstration is being loaded.
type clock struct {
	own func() time.Time
	set atomic.Pointer[func() time.Time]
}

func (c *clock) Now() time.Time {
	if set := c.set.Load(); set != nil {
		return (*set)()
	}
	return c.own()
}

// Open opens the database, brings its schema and shipped data up to date, and
// builds every service.
func Open(ctx context.Context, store config.Store, opts Options) (*App, error) {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Place == "" {
		opts.Place = config.DefaultPlace
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Key == nil {
		opts.Key = make([]byte, 32)
		if _, err := rand.Read(opts.Key); err != nil {
			return nil, err
		}
	}
	if !opts.ReadOnly {
		if err := changing(store); err != nil {
			return nil, err
		}
	}
	if opts.ReadOnly && store.DB == "" {
		if _, err := os.Stat(filepath.Join(store.Data, "qiban.db")); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database in the folder %s", store.Data)
		}
	}
	a := &App{Place: opts.Place, Log: opts.Log, clock: &clock{own: opts.Clock}, key: opts.Key, contact: opts.Contact, readOnly: opts.ReadOnly}
	var err error
	a.DB, err = db.Open(ctx, store.Source(), db.Options{Log: opts.Log, Clock: a.clock.Now, ReadOnly: opts.ReadOnly, Cache: opts.Cache})
	if err != nil {
		return nil, err
	}
	uploads, err := files.OpenStore(ctx, store.Uploads())
	if err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	if err := a.build(ctx, uploads, opts); err != nil {
		return nil, errors.Join(err, uploads.Close(), a.DB.Close())
	}
	return a, nil
}

// changing refuses whoever would change something where the operator has said
// that nothing is to change.
func changing(store config.Store) error {
	if store.ReadOnly {
		return errors.New("nothing was changed: this installation is read-only (--read-only or QIBAN_READ_ONLY)")
	}
	looked, err := db.Looked(store.Source())
	if looked {
		err = fmt.Errorf("nothing was changed: a qiban serve --read-only shows the folder %s; stop that one first", store.Data)
	}
	return err
}

func (a *App) build(ctx context.Context, uploads *files.Store, opts Options) error {
	if !opts.ReadOnly {
		if _, err := a.DB.Migrate(ctx); err != nil {
			return err
		}
		if err := jobs.Migrate(ctx, a.DB); err != nil {
			return err
		}
	}
	if pending, err := a.DB.Pending(ctx); err != nil {
		return err
	} else if pending {
		return errors.New("the database is older than this program, or empty; run: qiban migrate")
	}
	a.Gate = gate.New(a.DB, string(a.Place))
	a.Files = files.New(a.DB, a.Gate, uploads, uploadLimits(opts.Upload))
	a.Flow = flow.New(a.DB, a.Gate, a.Place)
	a.Flow.WhenChanged(a.askRetime)
	a.Territory = territory.New(a.DB, a.Gate, moves()...)
	for _, step := range []func(context.Context, Options) error{a.people, a.counting, a.serving} {
		if err := step(ctx, opts); err != nil {
			return err
		}
	}
	if !opts.ReadOnly {
		if err := a.seed(ctx); err != nil {
			return err
		}
	}
	return a.noticeDemo(ctx)
}

// people builds the queue, the inboxes and the accounts, which need each other.
func (a *App) people(_ context.Context, opts Options) error {
	var err error
	if a.Jobs, err = jobs.New(a.DB, a.Log); err != nil {
		return err
	}
	a.Notify, err = notify.New(a.DB, a.Jobs, notify.Options{Mail: opts.Mail, Holders: a.holders, People: a.toTell})
	if err != nil {
		return err
	}
	cfg := account.Config{
		Key: a.key, Home: a.Place, Site: "Qiban 企伴", Notice: noticeVersion, Roles: roles(), Scopes: scopes(),
		Tell: a.tell, ExemptDemo: true, Argon: opts.Argon,
	}
	if a.Notify.Mails() {
		cfg.Mail = a.mail
	}
	a.Account, err = account.New(a.DB, a.Gate, cfg)
	return err
}

// counting builds the ledger and what writes figures.
func (a *App) counting(context.Context, Options) error {
	var err error
	a.Ledger, err = ledger.New(a.DB, string(a.Place), measures())
	if err != nil {
		return err
	}
	a.Ledger = a.Ledger.WithLineage(a.heir)
	a.Indicator = indicator.New(a.DB, a.Gate, a.Ledger, places{a.Territory})
	a.Yearbook = yearbook.New(a.DB, a.Gate, a.Indicator, places{a.Territory}.both)
	return nil
}

// serving builds the domains that enterprises and institutions meet.
func (a *App) serving(_ context.Context, opts Options) error {
	var err error
	a.Enterprise, err = enterprise.New(a.DB, a.Gate, a.enterpriseHooks())
	if err != nil {
		return err
	}
	a.Institution = institution.New(a.DB, a.Gate, a.Ledger, a.institutionHooks())
	a.Engagement = engagement.New(a.DB, a.Gate, a.Ledger, a.Flow, engagement.Hooks{
		Notify: needNews{a}, Holds: a.holds, Files: a.Files, Enqueue: func(ctx context.Context, tx *db.Tx, name string, args any) error {
			return a.Jobs.Enqueue(ctx, tx, name, args)
		},
	})
	a.Park = park.New(a.DB, a.Gate, a.Ledger, a.Territory, a.parkHooks())
	a.Recognition = recognition.New(a.DB, a.Gate, a.Ledger, a.Flow, a.recognitionHooks())
	a.Technology = techplatform.New(a.DB, a.Gate, a.Ledger, a.Flow, a.techHooks())
	if a.Guarantee, err = guarantee.New(a.DB, a.Gate, a.Ledger, a.guaranteeHooks()); err != nil {
		return err
	}
	a.Search = search.New(a.DB, a.everyName, slices.Concat([]search.Source{a.Institution.Searched(), a.Park.Searched()}, a.Technology.Searched(), a.Recognition.Searched())...)
	a.Transfer = xfer.NewDesk(a.DB, a.Gate, a.transferHooks())
	return a.Jobs.Add(slices.Concat(a.kinds(), a.nightlies(opts.Backups))...)
}

// Version is this program's.
const Version = "0.1.0"

// seedVersion counts the changes to what the program ships as data: calendars,
// limits, regions, definitions. A higher number fills in what is new.
const seedVersion = 5

// Seeding is the right of the program to put its shipped data in place.
const Seeding authz.Permission = "app.data.seed"

// seed puts shipped data into a database that does not have it yet. What an
// operator changed stays.
func (a *App) seed(ctx context.Context) error {
	c := &gate.Change{
		By: authz.System("seed", Seeding), Do: Seeding, On: authz.At(a.Place),
		Record: gate.Record{Kind: "seed", ID: strconv.Itoa(seedVersion)}, Once: "seed-" + strconv.Itoa(seedVersion),
	}
	err := a.Gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		for _, fill := range []func(context.Context, *db.Tx) error{flow.Seed, territory.Seed, a.Indicator.Seed, recognition.Seed, a.askRetime} {
			if err := fill(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if _, again := gate.Again(err); err != nil && !again {
		return err
	}
	return a.Account.Seed(ctx)
}

// noticeDemo finds out whether the records are those of the demonstration.
func (a *App) noticeDemo(ctx context.Context) error {
	trail, err := gate.Trail(ctx, a.DB, demonstration)
	a.demo.Store(len(trail) > 0)
	return err
}

// demonstration is the record of the audit trail that the loading leaves behind.
var demonstration = gate.Record{Kind: "demonstration", ID: "yancheng-2008"}

// Close ends the program's use of the database and of the uploads.
func (a *App) Close() error { return errors.Join(a.Files.Store().Close(), a.DB.Close()) }

// uploadLimits are the limits of a configuration, in bytes.
func uploadLimits(c config.Upload) files.Limits {
	if c == (config.Upload{}) {
		c = config.DefaultUpload()
	}
	return files.Limits{File: c.File << 20, PerRecord: c.Each, Owner: c.Owner << 20, Site: c.Site << 20}
}
