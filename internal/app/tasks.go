package app

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// callbackShare is how many closed needs of a hundred are called back.
const callbackShare = 10

// watch looks after needs that nobody is looking at just now: it reminds, tells
// the level above what is overdue, lets lapse what nobody confirms, and picks
// what is called back.
func (a *App) watch(ctx context.Context) error {
	robot := engagement.Robot()
	for _, task := range []struct {
		count string
		run   func(context.Context, authz.Actor) (int, error)
	}{
		{"reminded", a.Engagement.RemindAll},
		{"escalated", a.Engagement.EscalateAll},
		{"lapsed", a.Engagement.LapseAll},
		{"picked", func(ctx context.Context, by authz.Actor) (int, error) {
			return a.Engagement.PickCallbacks(ctx, by, callbackShare)
		}},
	} {
		n, err := task.run(ctx, robot)
		jobs.Count(ctx, task.count, int64(n))
		if err != nil {
			return err
		}
	}
	return nil
}

// news are the jobs by which one domain learns what happened in another. Nobody
// acts on these yet but the run records; evaluation of institutions will.
func (a *App) news() []jobs.Kind {
	heard := func(name string) jobs.Kind {
		return jobs.KindOf(name, func(ctx context.Context, _ engagement.News) error {
			jobs.Count(ctx, "needs", 1)
			return nil
		})
	}
	return []jobs.Kind{
		heard(engagement.NewsClosed), heard(engagement.NewsRated), heard(engagement.NewsOverdue),
		jobs.KindOf(retimeJob, a.retime),
		jobs.KindOf("enterprise.reclassify", func(ctx context.Context, _ struct{}) error { return a.reclassify(ctx) }),
	}
}

// retimeJob works out anew by when every open need is due.
const retimeJob = "engagement.retime"

func (a *App) retime(ctx context.Context, _ struct{}) error {
	n, err := a.Engagement.RetimeAll(ctx, engagement.Robot())
	jobs.Count(ctx, "retimed", int64(n))
	return err
}

// askRetime has every open need timed anew once the change is made.
func (a *App) askRetime(ctx context.Context, tx *db.Tx) error {
	return a.Jobs.Enqueue(ctx, tx, retimeJob, struct{}{})
}

// similarJob looks for entries of the register that may be one enterprise.
const similarJob = "enterprise.similar"

func (a *App) findSimilar(ctx context.Context) error {
	tree, err := a.Territory.Tree(ctx)
	if err != nil {
		return err
	}
	today := string(ledger.DateOf(a.DB.Now()))
	n, err := a.Enterprise.FindSimilar(ctx, func(county region.Code) string {
		place, _ := tree.Place(county, today) // without one, names begin with nothing that is known
		return place.Short
	})
	jobs.Count(ctx, "pairs", int64(n))
	return err
}

// reclassify brings every size class up to date after a rule has changed.
func (a *App) reclassify(ctx context.Context) error {
	const batch = 200
	by := authz.System("reclassify", enterprise.EditRule)
	after := enterprise.ID("")
	for {
		next, err := a.Enterprise.Reclassify(ctx, by, a.Place, after, batch)
		if err != nil || next == "" {
			return err
		}
		after = next
	}
}
