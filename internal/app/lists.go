package app

import (
	"context"
	"slices"
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
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// noticeVersion is the version of the privacy notice people agree to.
const noticeVersion = "2026-11"

// measures are every domain's.
func measures() []ledger.Measure {
	return slices.Concat(indicator.Measures(), enterprise.Measures(), institution.Measures(), engagement.Measures(),
		park.Measures(), recognition.Measures(), techplatform.Measures(), guarantee.Measures())
}

// moves carry every domain's records along when a place is re-coded.
func moves() []territory.Move {
	return []territory.Move{
		func(ctx context.Context, tx *db.Tx, from, to region.Code) error {
			_, err := account.MoveRegion(ctx, tx, from, to)
			return err
		},
		enterprise.Move, institution.Move, engagement.Moved, park.Move, recognition.Moved, techplatform.Move, guarantee.Move,
	}
}

// kinds are every job.
func (a *App) kinds() []jobs.Kind {
	every := func(name string, s jobs.Schedule, run func(context.Context) error) jobs.Kind {
		return jobs.KindOf(name, func(ctx context.Context, _ struct{}) error { return run(ctx) }, jobs.On(s))
	}
	return slices.Concat(a.Notify.Kinds(), a.news(), []jobs.Kind{
		every("ledger.roll", jobs.Every(2*time.Second), a.roll),
		every("engagement.watch", jobs.Every(5*time.Minute), a.watch),
		every("recognition.expire", jobs.Daily(0, 20), a.expireAwards),
		every("recognition.late", jobs.Daily(8, 40), func(ctx context.Context) error {
			n, err := a.Recognition.TellLate(ctx, authz.System("recognition.late", recognition.Watch))
			jobs.Count(ctx, "told", int64(n))
			return err
		}),
		every("techplatform.late", jobs.Daily(8, 30), func(ctx context.Context) error {
			n, err := a.Technology.TellLate(ctx, authz.System("techplatform.late", techplatform.Watch))
			jobs.Count(ctx, "told", int64(n))
			return err
		}),
		every("techplatform.expire", jobs.Daily(0, 30), func(ctx context.Context) error {
			n, err := a.Technology.ExpireNotices(ctx, authz.System("techplatform.expire", techplatform.ExpireNotice))
			jobs.Count(ctx, "expired", int64(n))
			return err
		}),
		every("guarantee.towns", jobs.Daily(4, 20), func(ctx context.Context) error {
			return a.Guarantee.CountTowns(ctx, authz.System("guarantee.towns", guarantee.Count), a.Place)
		}),
		jobs.KindOf("search.follow", a.followSearch, jobs.On(jobs.Every(2*time.Second)), jobs.Queue("search"), jobs.Timeout(time.Hour)),
		jobs.KindOf("search.rebuild", a.rebuildSearch, jobs.On(jobs.Daily(4, 40)), jobs.Queue("search"), jobs.Timeout(time.Hour)),
		every("account.sweep", jobs.Daily(3, 10), a.Account.Sweep),
		every("gate.forget", jobs.Daily(3, 30), func(ctx context.Context) error {
			return a.Gate.Forget(ctx, db.Millis(a.DB.Now().AddDate(0, 0, -30)))
		}),
		jobs.KindOf(xfer.CheckJob, a.transferJob, jobs.Queue("xfer"), jobs.Timeout(time.Hour)),
		jobs.KindOf(xfer.ImportJob, a.transferJob, jobs.Queue("xfer"), jobs.Timeout(time.Hour)),
		every("xfer.sweep", jobs.Daily(3, 50), func(ctx context.Context) error {
			return a.Transfer.Sweep(ctx, db.Millis(a.DB.Now().AddDate(0, 0, -30)))
		}),
		every(similarJob, jobs.Daily(4, 10), a.findSimilar),
		every("app.drafts", jobs.Daily(3, 40), a.forgetDrafts),
		every("files.sweep", jobs.Daily(3, 50), a.sweepFiles),
	})
}

// sweepFiles removes uploads that nobody came back for and what nothing refers to.
func (a *App) sweepFiles(ctx context.Context) error {
	done, err := a.Files.Sweep(ctx)
	jobs.Count(ctx, "pending", done.Pending)
	jobs.Count(ctx, "blobs", done.Blobs)
	jobs.Count(ctx, "bytes", done.Bytes)
	if done.Strange > 0 {
		a.Log.WarnContext(ctx, "objects in the upload store that are not ours are left alone", "n", done.Strange)
	}
	return err
}

// backupLong bounds the nightly backup of a large installation.
const backupLong = 6 * time.Hour

// nightlies are the backups, where they are asked for: a queue of their own, so
// that only a process that knows the folder takes the job.
func (a *App) nightlies(c config.Backups) []jobs.Kind {
	if c.Folder == "" {
		return nil
	}
	return []jobs.Kind{jobs.KindOf("app.backup", func(ctx context.Context, _ struct{}) error { return a.nightly(ctx, c) },
		jobs.On(jobs.Daily(2, 30)), jobs.Queue("backup"), jobs.Timeout(backupLong), jobs.Attempts(3))}
}

// followSearch brings what has changed into the search index.
func (a *App) followSearch(ctx context.Context, _ struct{}) error {
	n, err := a.Search.Follow(ctx)
	jobs.Count(ctx, "documents", int64(n))
	return err
}

// rebuildSearch brings the index in line with what no change of a record tells
// of: a day that has come, a place or an enterprise with a new name.
func (a *App) rebuildSearch(ctx context.Context, _ struct{}) error {
	n, err := a.Search.Rebuild(ctx)
	jobs.Count(ctx, "documents", int64(n))
	return err
}

// roll moves the ledger's tail into its cells.
func (a *App) roll(ctx context.Context) error {
	n, err := a.Ledger.RollAll(ctx)
	jobs.Count(ctx, "facts", int64(n))
	return err
}
