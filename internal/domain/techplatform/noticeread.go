package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// NoticeDetail is all that a page about one notice shows its reader.
type NoticeDetail struct {
	Notice
	Matches []Match      // of a published one
	Events  []flow.Event // for its party and the offices
	Intros  []Intro      // those that the reader sees
	Open    []flow.Step  // what the reader may do now
	Inside  bool         // the reader sees it although it may not be published
}

// Notice is one notice: published ones everybody sees, others their party and
// the offices of its place; else NotFound. Whom to ask is told to its party alone.
func (s *Service) Notice(ctx context.Context, by authz.Actor, id string) (NoticeDetail, error) {
	n, err := oneNotice(ctx, s.db, by.Scope(SeeNotice), id)
	d := NoticeDetail{Inside: err == nil}
	if fault.Is(err, fault.NotFound) {
		n, err = s.shown(ctx, s.db, id)
	}
	if err != nil {
		return NoticeDetail{}, err
	}
	d.Notice = n
	if !by.May(ReviseNotice, sideOf(n.Party)) {
		d.Contact = ""
	}
	if d.Inside {
		if d.Events, err = flow.History(ctx, s.db, gate.Record{Kind: NoticeKind, ID: id}); err != nil {
			return d, err
		}
		d.Open = noticeLife.Open(n.State, func(do authz.Permission) bool {
			return by.May(do, n.on(do)) && (do != CheckNotice && do != PublishNotice || n.reviewable(do, by.ID) == nil)
		})
	}
	if scope := by.Scope(SeeIntro); !scope.Empty() {
		if d.Intros, _, err = s.Intros(ctx, by, IntroFilter{Notice: id}, db.Page{Limit: 50}); err != nil {
			return d, err
		}
	}
	if n.Public(s.today()) {
		d.Matches, err = s.matches(ctx, &n)
	}
	return d, err
}

// Notices is a page of notices within a scope, the newest first, with how many
// there are. Whom to ask is left out.
func (s *Service) Notices(ctx context.Context, scope authz.Scope, f NoticeFilter, page db.Page) (list []Notice, next string, total int, err error) {
	if list, next, err = manyNotices(ctx, s.db, scope, f, page); err != nil {
		return nil, "", 0, err
	}
	for i := range list {
		list[i].Contact = ""
	}
	total, err = countNotices(ctx, s.db, scope, f)
	return list, next, total, err
}

// PublicNotices is a page of the published ones.
func (s *Service) PublicNotices(ctx context.Context, f NoticeFilter, page db.Page) ([]Notice, string, int, error) {
	f.public = s.today()
	return s.Notices(ctx, authz.Unbounded("published notices are public"), f, page)
}

// PublicIndustries are the divisions that published notices belong to, sorted:
// what their list can be narrowed by.
func (s *Service) PublicIndustries(ctx context.Context) ([]string, error) {
	var all []string
	err := s.db.Select(ctx, &all, `SELECT DISTINCT substr(n.industry, 1, 3) FROM techplatform_notice n WHERE n.state = ? AND (n.until = '' OR n.until >= ?) ORDER BY 1`,
		string(Shown), s.today())
	return all, err
}

// Waiting are the notices that wait for the actor's review, as Notices.
func (s *Service) Waiting(ctx context.Context, by authz.Actor, f NoticeFilter, page db.Page) ([]Notice, string, int, error) {
	f.waiting = &by
	return s.Notices(ctx, by.Scope(SeeNotice), f, page)
}

// IntroDetail is all that a page about one introduction shows.
type IntroDetail struct {
	Intro
	Events []flow.Event
	Open   []flow.Step // what the reader may do now
}

// Intro is one introduction within what the actor may see, else NotFound. Whom to
// ask is told to the two sides alone.
func (s *Service) Intro(ctx context.Context, by authz.Actor, id string) (IntroDetail, error) {
	i, err := oneIntro(ctx, s.db, by.Scope(SeeIntro), id)
	if err != nil {
		return IntroDetail{}, err
	}
	d := IntroDetail{Intro: i}
	d.readBy(by)
	if d.Events, err = flow.History(ctx, s.db, gate.Record{Kind: IntroKind, ID: id}); err != nil {
		return d, err
	}
	d.Open = introLife.Open(i.State, func(do authz.Permission) bool {
		return by.May(do, i.on(do)) && (do != ConfirmIntro || i.confirmable(by) == nil)
	})
	return d, nil
}

// readBy leaves out whom to ask for readers who are not of either side, and says
// whether it waits for the reader.
func (i *Intro) readBy(by authz.Actor) {
	i.Yours = i.State == Claimed && by.May(ConfirmIntro, i.on(ConfirmIntro)) && i.confirmable(by) == nil
	if !by.May(AgreeIntro, i.on(AgreeIntro)) {
		i.OwnerAsk, i.Contact = "", ""
	}
}

// Intros is a page of introductions that the actor sees, the newest first.
func (s *Service) Intros(ctx context.Context, by authz.Actor, f IntroFilter, page db.Page) ([]Intro, string, error) {
	list, next, err := manyIntros(ctx, s.db, by.Scope(SeeIntro), f, page)
	for i := range list {
		list[i].readBy(by)
	}
	return list, next, err
}
