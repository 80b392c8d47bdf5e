package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// noticeProcess is how notices are kept and go on.
var noticeProcess = flow.Process[Notice]{
	Kept: gate.Kept[Notice]{
		Kind: NoticeKind, See: SeeNotice, Load: oneNotice, Save: updateNotice, Target: (*Notice).view, On: (*Notice).on,
		Version: func(n *Notice) int { return n.Version },
	},
	Life: noticeLife, State: func(n *Notice) *flow.State { return &n.State },
}

// partner is an enterprise or institution as it stands today.
type partner struct {
	authz.Party
	Name   string
	Region region.Code
}

// speaks is the party that the actor wants to act for: NotFound when it does not,
// or when the party no longer stands.
func (s *Service) speaks(ctx context.Context, by authz.Actor, do authz.Permission, p authz.Party) (partner, error) {
	if !by.May(do, sideOf(p)) {
		return partner{}, fault.Missing()
	}
	if p.Kind == authz.Enterprise {
		e, err := enterprise.Load(ctx, s.db, authz.Own(p), enterprise.ID(p.ID))
		if err == nil && (e.AliasOf != "" || e.Status == enterprise.Closed) {
			err = fault.Missing()
		}
		return partner{p, e.Profile.Name, e.Profile.Region}, err
	}
	i, err := institution.On(ctx, s.db, institution.ID(p.ID), ledger.Date(s.today()))
	if err == nil && i.Ended != "" && i.Ended <= s.today() {
		err = fault.Missing()
	}
	return partner{p, i.Name, i.Region}, err
}

// industry is the code of an industry as it is written, C17 for 17.
func (s *Service) industry(code string) (string, bool) {
	if s.hooks.Industry == nil {
		return code, true
	}
	return s.hooks.Industry(code)
}

// SubmitNotice posts a technology need or offer of an enterprise or institution
// for review (发布技术需求或成果). A party that the actor does not speak for is
// NotFound; a need of an institution is Invalid. once is the request's
// idempotency key.
func (s *Service) SubmitNotice(ctx context.Context, by authz.Actor, of authz.Party, side Side, in NoticeProfile, once string) (Notice, error) {
	p, err := s.speaks(ctx, by, SubmitNotice, of)
	if err != nil {
		return Notice{}, err
	}
	f := in.check(s.industry)
	fault.Choice(&f, "side", side, Sides())
	if side == Wanted && of.Kind != authz.Enterprise {
		f.Add("side", "technotice.field.side")
	}
	if err := f.Err(); err != nil {
		return Notice{}, err
	}
	n := Notice{
		ID: db.NewID(), Side: side, NoticeProfile: in, Party: of, Name: p.Name, Region: p.Region, State: Submitted, SubmittedBy: by.ID, Version: 1,
	}
	c := gate.Change{By: by, Do: SubmitNotice, On: sideOf(of), Once: once, Record: gate.Record{Kind: NoticeKind, ID: n.ID}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if n.Number, err = nextNumber(ctx, tx, side.prefix()); err != nil {
			return err
		}
		n.Since, n.UpdatedAt = tx.Now, tx.Now
		if err := insertNotice(ctx, tx, &n); err != nil {
			return err
		}
		c.Detail = map[string]any{"number": n.Number, "side": side}
		if err := flow.Note(ctx, tx, c.Record, flow.Began(by, SubmitNotice, Submitted, "")); err != nil {
			return err
		}
		return s.tell(ctx, tx, &n, CheckNotice, "technotice.told.submitted")
	})
	if id, again := gate.Again(err); again {
		return oneNotice(ctx, s.db, by.Scope(SubmitNotice), id)
	}
	return n, err
}

// message is a word about the notice.
func (n *Notice) message(key string, args ...any) Message {
	return Message{
		Key: key, Record: gate.Record{Kind: NoticeKind, ID: n.ID},
		Args: append([]any{"number", n.Number, "title", n.Title, "party", n.Name}, args...),
	}
}

// takeNotice takes one step of a notice; what the portal shows of it is told to
// the ledger.
func (s *Service) takeNotice(ctx context.Context, by authz.Actor, id string, version int, m flow.Move,
	fn func(ctx context.Context, tx *db.Tx, n *Notice) error,
) (Notice, error) {
	return noticeProcess.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Notice) error {
		was := n.PublishedOn != ""
		n.Since = tx.Now
		if n.State != Shown {
			n.PublishedOn, n.Until = "", ""
		}
		if err := fn(ctx, tx, n); err != nil {
			return err
		}
		return s.countNotice(ctx, tx, n, was)
	})
}

// countNotice tells the ledger that a notice is published or no longer.
func (s *Service) countNotice(ctx context.Context, tx *db.Tx, n *Notice, was bool) error {
	is := n.PublishedOn != ""
	if is == was {
		return nil
	}
	f := ledger.Fact{
		Stream: streamNotice, OccurredOn: ledger.DateOf(tx.Now), Region: n.Region, Subject: ledger.Subject{Kind: NoticeKind, ID: n.ID},
		Record: ledger.Record{Kind: NoticeKind, ID: n.ID}, Quantity: db.Bool(is),
	}
	if is {
		f.Dims = [ledger.Dims]string{string(n.Side)}
	}
	switch n.Party.Kind {
	case authz.Enterprise:
		f.Enterprise = n.Party.ID
	case authz.Institution:
		f.Institution = n.Party.ID
	}
	_, err := s.ledger.Post(ctx, tx, f)
	return err
}

// ReviseNotice changes what a notice says and sends it to the first review again
// (修改后重新送审): after it was returned, when it has expired, or while it is shown,
// which takes it off the portal until it is reviewed.
func (s *Service) ReviseNotice(ctx context.Context, by authz.Actor, id string, version int, in NoticeProfile) (Notice, error) {
	f := in.check(s.industry)
	return s.takeNotice(ctx, by, id, version, flow.Move{Do: ReviseNotice}, func(ctx context.Context, tx *db.Tx, n *Notice) error {
		if err := f.Err(); err != nil {
			return err
		}
		n.NoticeProfile, n.SubmittedBy, n.CheckedBy = in, by.ID, ""
		return s.tell(ctx, tx, n, CheckNotice, "technotice.told.submitted")
	})
}

// CheckNotice passes the first review (初审通过), by somebody else than who wrote
// it: else a Conflict.
func (s *Service) CheckNotice(ctx context.Context, by authz.Actor, id string, version int) (Notice, error) {
	return s.takeNotice(ctx, by, id, version, flow.Move{Do: CheckNotice}, func(ctx context.Context, tx *db.Tx, n *Notice) error {
		if err := n.reviewable(CheckNotice, by.ID); err != nil {
			return err
		}
		n.CheckedBy = by.ID
		return s.tell(ctx, tx, n, PublishNotice, "technotice.told.checked")
	})
}

// PublishNotice passes the second review and shows the notice for the term that
// is set now (复核通过并公布). The same person as in the first is a Conflict.
func (s *Service) PublishNotice(ctx context.Context, by authz.Actor, id string, version int) (Notice, error) {
	times, err := s.Times(ctx)
	if err != nil {
		return Notice{}, err
	}
	return s.takeNotice(ctx, by, id, version, flow.Move{Do: PublishNotice}, func(ctx context.Context, tx *db.Tx, n *Notice) error {
		if err := n.reviewable(PublishNotice, by.ID); err != nil {
			return err
		}
		n.PublishedOn = flow.DayOf(tx.Now)
		if limit, ok := times.limits.Find(noticeLife.Name, "term", n.PublishedOn); ok {
			n.Until = times.calendar.Due(tx.Now, limit).On
		}
		return s.tell(ctx, tx, n, RecallNotice, "technotice.told.published", "until", n.Until)
	})
}

// ReturnNotice sends a notice back to its party with a reason (退回修改), from
// either review or off the portal.
func (s *Service) ReturnNotice(ctx context.Context, by authz.Actor, id string, version int, reason string) (Notice, error) {
	if err := fault.NoReason(&reason); err != nil {
		if _, lost := noticeProcess.Allow(ctx, s.db, by, id, ReturnNotice); lost != nil {
			err = lost
		}
		return Notice{}, err
	}
	m := flow.Move{Do: ReturnNotice, Note: reason, Detail: map[string]any{"reason": reason}}
	return s.takeNotice(ctx, by, id, version, m, func(ctx context.Context, tx *db.Tx, n *Notice) error {
		n.CheckedBy = ""
		return s.tell(ctx, tx, n, ReviseNotice, "technotice.told.returned", "reason", reason)
	})
}

// RecallNotice takes a notice back for good (撤回).
func (s *Service) RecallNotice(ctx context.Context, by authz.Actor, id string, version int) (Notice, error) {
	return s.takeNotice(ctx, by, id, version, flow.Move{Do: RecallNotice}, func(context.Context, *db.Tx, *Notice) error { return nil })
}

// ExpireNotices takes off the portal what has been shown for its term (到期下架) and
// tells its parties; a job calls it. It returns how many there were.
func (s *Service) ExpireNotices(ctx context.Context, by authz.Actor) (int, error) {
	where, args := by.Scope(ExpireNotice).SQL(noticeScope())
	var rows []struct {
		ID      string `db:"id"`
		Version int    `db:"version"`
	}
	if err := s.db.Select(ctx, &rows, `SELECT n.id, n.version FROM techplatform_notice n WHERE `+where+` AND n.state = ? AND n.until <> '' AND n.until < ?
		ORDER BY n.until, n.id`, append(args, string(Shown), s.today())...); err != nil {
		return 0, err
	}
	done := 0
	for _, r := range rows {
		_, err := s.takeNotice(ctx, by, r.ID, r.Version, flow.Move{Do: ExpireNotice}, func(ctx context.Context, tx *db.Tx, n *Notice) error {
			return s.tell(ctx, tx, n, ReviseNotice, "technotice.told.expired")
		})
		if fault.Is(err, fault.Stale) || fault.Is(err, fault.Conflict) { // its party has just taken a step
			continue
		}
		if err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
