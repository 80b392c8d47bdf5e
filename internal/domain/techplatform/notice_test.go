package techplatform_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

type notice = techplatform.Notice

func firm(id enterprise.ID) authz.Party {
	return authz.Party{Kind: authz.Enterprise, ID: string(id)}
}

func (w *world) collegeParty() authz.Party {
	return authz.Party{Kind: authz.Institution, ID: string(w.college)}
}

func breaks() techplatform.NoticeProfile {
	return techplatform.NoticeProfile{
		Title: "细纱机断头自动检测", Text: "细纱机断头全靠人工巡回发现，希望能自动检测断头并报警，漏报率低于百分之一。", Industry: "17",
		Amount: 300_000_00, Contact: "王工 0515-82330000",
	}
}

func sensor() techplatform.NoticeProfile {
	return techplatform.NoticeProfile{
		Title: "光电式细纱机断头检测装置", Text: "用光电传感器逐锭检测断头，已在两家纺织厂试用，可以转让或合作生产。", Industry: "C17",
		Amount: 200_000_00, Contact: "刘工 0515-88160000",
	}
}

// submit posts one of the mill's, or of the college's.
func (w *world) submit(in techplatform.NoticeProfile, side techplatform.Side) notice {
	w.t.Helper()
	by, as := owner(w.mill), firm(w.mill)
	if side == techplatform.Offered {
		by, as = people(w.college), w.collegeParty()
	}
	n, err := w.SubmitNotice(w.t.Context(), by, as, side, in, "")
	w.must(err)
	return n
}

// noticeIn brings a need of the mill, or an offer of the college, into a state.
func (w *world) noticeIn(state flow.State, side techplatform.Side) notice {
	w.t.Helper()
	ctx, county := w.t.Context(), staff(sheyang)
	in := breaks()
	if side == techplatform.Offered {
		in, county = sensor(), staff(yandu)
	}
	n := w.submit(in, side)
	step := func(next notice, err error) {
		w.t.Helper()
		w.must(err)
		n = next
	}
	switch state { //nolint:exhaustive // the others are on the plain way
	case techplatform.Submitted:
		return n
	case techplatform.Returned:
		step(w.ReturnNotice(ctx, county, n.ID, n.Version, "指标没有写清楚"))
		return n
	case techplatform.Recalled:
		step(w.RecallNotice(ctx, owner(w.mill), n.ID, n.Version))
		return n
	}
	step(w.CheckNotice(ctx, county, n.ID, n.Version))
	if state == techplatform.Shown {
		step(w.PublishNotice(ctx, staff(city), n.ID, n.Version))
	}
	return n
}

// Each step by the one whose it is, by others, out of turn and out of date.
func TestStepsOfANotice(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		twice := func(by authz.Actor, p ...authz.Permission) authz.Actor {
			by.ID, by.Grants = "looker", role(append(p, techplatform.SeeNotice), authz.Grant{Region: city})
			return by
		}
		for _, a := range []struct {
			name             string
			in, to, conflict flow.State
			by, denied       authz.Actor
			do               func(w *world, by authz.Actor, n notice, version int) (notice, error)
			facts            int
		}{
			{"check", techplatform.Submitted, techplatform.Checked, techplatform.Shown, staff(sheyang), owner(w.mill), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.CheckNotice(w.t.Context(), by, n.ID, v)
			}, 0},
			{"publish", techplatform.Checked, techplatform.Shown, techplatform.Submitted, staff(city), staff(sheyang), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.PublishNotice(w.t.Context(), by, n.ID, v)
			}, 1},
			{"return at the county", techplatform.Submitted, techplatform.Returned, techplatform.Returned, staff(sheyang), owner(w.mill), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.ReturnNotice(w.t.Context(), by, n.ID, v, "指标没有写清楚")
			}, 0},
			{"return at the city", techplatform.Checked, techplatform.Returned, techplatform.Returned, staff(city), staff(sheyang), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.ReturnNotice(w.t.Context(), by, n.ID, v, "指标没有写清楚")
			}, 0},
			{"take off the portal", techplatform.Shown, techplatform.Returned, techplatform.Recalled, staff(city), staff(sheyang), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.ReturnNotice(w.t.Context(), by, n.ID, v, "联系不上")
			}, 1},
			{"revise", techplatform.Returned, techplatform.Submitted, techplatform.Recalled, owner(w.mill), staff(sheyang), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.ReviseNotice(w.t.Context(), by, n.ID, v, breaks())
			}, 0},
			{"revise what is shown", techplatform.Shown, techplatform.Submitted, techplatform.Recalled, owner(w.mill), staff(city), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.ReviseNotice(w.t.Context(), by, n.ID, v, breaks())
			}, 1},
			{"withdraw", techplatform.Shown, techplatform.Recalled, techplatform.Recalled, owner(w.mill), twice(authz.Actor{Kind: authz.Human}), func(w *world, by authz.Actor, n notice, v int) (notice, error) {
				return w.RecallNotice(w.t.Context(), by, n.ID, v)
			}, 1},
		} {
			t.Run(a.name, func(t *testing.T) {
				w.t = t
				n := w.noticeIn(a.in, techplatform.Wanted)
				audits, facts := w.audits(techplatform.NoticeKind, n.ID), w.facts()
				refused := func(who string, by authz.Actor, n notice, version int, want fault.Kind) {
					t.Helper()
					if _, err := a.do(w, by, n, version); !fault.Is(err, want) {
						t.Errorf("%s: got %v, want %v", who, err, want)
					}
				}
				refused("the next county", staff(jianhu), n, n.Version, fault.NotFound)
				refused("another enterprise", owner(w.forge), n, n.Version, fault.NotFound)
				refused("nobody", authz.Actor{}, n, n.Version, fault.NotFound)
				refused("one who only sees it", a.denied, n, n.Version, fault.Denied)
				refused("one who read an older version", a.by, n, n.Version-1, fault.Stale)
				if w.audits(techplatform.NoticeKind, n.ID) != audits || w.facts() != facts {
					t.Fatal("refused steps left something behind")
				}
				other := w.noticeIn(a.conflict, techplatform.Wanted)
				refused("out of turn", a.by, other, other.Version, fault.Conflict)
				facts = w.facts()
				next, err := a.do(w, a.by, n, n.Version)
				w.must(err)
				if next.State != a.to || next.Version != n.Version+1 || w.audits(techplatform.NoticeKind, n.ID) != audits+1 || w.facts() != facts+a.facts {
					t.Errorf("now %s version %d with %d entries and %d facts", next.State, next.Version, w.audits(techplatform.NoticeKind, n.ID)-audits, w.facts()-facts)
				}
				d, err := w.Notice(t.Context(), staff(city), n.ID)
				if w.must(err); d.Events[len(d.Events)-1].To != a.to {
					t.Errorf("the history ends with %+v", d.Events[len(d.Events)-1])
				}
			})
		}
	})
}

// A need is posted, sent back, corrected and published by two people; it finds
// the college's offer, the two are introduced and come to terms, which counts
// until it is taken back.
func TestANeedFindsItsOffer(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill, lab := t.Context(), owner(w.mill), people(w.college)
		bad := techplatform.NoticeProfile{Title: "检测", Text: "要检测", Industry: "99", Amount: -1}
		_, err := w.SubmitNotice(ctx, mill, firm(w.mill), techplatform.Wanted, bad, "")
		for _, name := range []string{"title", "text", "industry", "amount", "contact"} {
			if f := fault.FieldsOf(err); !f.Has(name) {
				t.Errorf("%s is not named: %v", name, err)
			}
		}
		if _, err := w.SubmitNotice(ctx, owner(w.forge), firm(w.mill), techplatform.Wanted, breaks(), ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("for another's enterprise: %v", err)
		}
		if _, err := w.SubmitNotice(ctx, staff(sheyang), firm(w.mill), techplatform.Wanted, breaks(), ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("by the office: %v", err)
		}
		_, err = w.SubmitNotice(ctx, lab, w.collegeParty(), techplatform.Wanted, breaks(), "")
		if f := fault.FieldsOf(err); !f.Has("side") {
			t.Errorf("a need of an institution: %v", err)
		}
		n, err := w.SubmitNotice(ctx, mill, firm(w.mill), techplatform.Wanted, breaks(), "form")
		w.must(err)
		again, err := w.SubmitNotice(ctx, mill, firm(w.mill), techplatform.Wanted, breaks(), "form")
		if w.must(err); again.ID != n.ID || n.Number != "JX-2009-00001" || n.Industry != "C17" || n.Region != hede {
			t.Errorf("on file as %+v, then %s", n, again.ID)
		}
		if _, err := w.ReturnNotice(ctx, staff(sheyang), n.ID, n.Version, " "); len(fault.FieldsOf(err)) != 1 {
			t.Errorf("returned without a reason: %v", err)
		}
		n, err = w.ReturnNotice(ctx, staff(sheyang), n.ID, n.Version, "漏报率没有写")
		w.must(err)
		n, err = w.ReviseNotice(ctx, mill, n.ID, n.Version, breaks())
		w.must(err)
		waits := func(by authz.Actor, want int) {
			t.Helper()
			if got, err := w.NoticeDesk(ctx, by); err != nil || got.N != want || got.Timed != (want > 0) {
				t.Errorf("%s: %+v wait for %s, want %d (%v)", n.State, got, by.ID, want, err)
			}
		}
		waits(staff(sheyang), 1)
		waits(staff(jianhu), 0)
		waits(staff(city), 0)
		if _, err := w.Notice(ctx, owner(w.forge), n.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("it is seen before it is published: %v", err)
		}
		n, err = w.CheckNotice(ctx, staff(sheyang), n.ID, n.Version)
		w.must(err)
		waits(staff(sheyang), 0)
		waits(staff(city), 1)
		n, err = w.PublishNotice(ctx, staff(city), n.ID, n.Version)
		if w.must(err); n.PublishedOn != "2009-01-06" || n.Until != "2009-07-06" { // 180 days end on a Sunday
			t.Errorf("published on %s until %s", n.PublishedOn, n.Until)
		}
		offer := w.noticeIn(techplatform.Shown, techplatform.Offered)
		dull := sensor()
		dull.Title, dull.Text, dull.Industry = "菊花烘干热风循环装置", "热风循环利用，烘干一批菊花比原来省一半的煤。", "C13"
		p := w.submit(dull, techplatform.Offered)
		p, err = w.CheckNotice(ctx, staff(yandu), p.ID, p.Version)
		w.must(err)
		_, err = w.PublishNotice(ctx, staff(city), p.ID, p.Version)
		w.must(err)

		d, err := w.Notice(ctx, authz.Actor{}, n.ID)
		w.must(err)
		if len(d.Matches) != 1 || d.Contact != "" || d.Matches[0].Contact != "" || len(d.Events) != 0 {
			t.Fatalf("anybody sees %+v", d)
		}
		m := d.Matches[0]
		if m.ID != offer.ID || m.Alike != criteria.Met || m.Fits != criteria.Met || m.Price != criteria.Met || !slices.Contains(m.Words, "细纱机断头检测") && !slices.Contains(m.Words, "细纱机断头") {
			t.Errorf("it matches %s with %d because of %q", m.Title, m.Rank, m.Words)
		}
		if back, err := w.Notice(ctx, authz.Actor{}, offer.ID); err != nil || len(back.Matches) != 1 || back.Matches[0].ID != n.ID || back.Matches[0].Rank != m.Rank {
			t.Errorf("the other way round: %+v (%v)", back.Matches, err)
		}
		w.introduce(n, mill, lab)
	})
}

// introduce goes on with the need: the college answers it.
func (w *world) introduce(n notice, mill, lab authz.Actor) {
	w.t.Helper()
	ctx, t := w.t.Context(), w.t
	*w.told = nil
	say := techplatform.Answer{Words: "我们的装置可以改到贵厂的细纱机上。", Contact: "刘工 0515-88160000"}
	if _, err := w.Express(ctx, mill, n.ID, firm(w.mill), say, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("one's own: %v", err)
	}
	if _, err := w.Express(ctx, mill, n.ID, w.collegeParty(), say, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("in another's name: %v", err)
	}
	if _, err := w.Express(ctx, lab, n.ID, w.collegeParty(), techplatform.Answer{}, ""); len(fault.FieldsOf(err)) != 2 {
		t.Errorf("an empty answer: %v", err)
	}
	i, err := w.Express(ctx, lab, n.ID, w.collegeParty(), say, "form")
	w.must(err)
	if again, err := w.Express(ctx, lab, n.ID, w.collegeParty(), say, "form"); err != nil || again.ID != i.ID {
		t.Errorf("sent twice: %v (%v)", again.ID, err)
	}
	if _, err := w.Express(ctx, lab, n.ID, w.collegeParty(), say, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("answered twice: %v", err)
	}
	for who, c := range map[string]struct {
		by       authz.Actor
		contacts bool
		want     fault.Kind
	}{
		"the mill": {mill, true, 0}, "the college": {lab, true, 0}, "the county": {staff(sheyang), false, 0},
		"another county": {staff(jianhu), false, fault.NotFound}, "another enterprise": {owner(w.forge), false, fault.NotFound},
	} {
		d, err := w.Intro(ctx, c.by, i.ID)
		if c.want != 0 {
			if !fault.Is(err, c.want) {
				t.Errorf("%s: %v", who, err)
			}
			continue
		}
		if w.must(err); (d.Contact != "") != c.contacts || (d.OwnerAsk != "") != c.contacts || (len(d.Open) > 0) != c.contacts {
			t.Errorf("%s sees %+v", who, d)
		}
	}
	agreed := func(count, amount int64) {
		t.Helper()
		if a, b := w.figure("agreements", sheyang, "2009-12-31"), w.figure("agreed_amount", city, "2009-12-31", is("side", "need")); a != count || b != amount {
			t.Errorf("%d agreements over %d", a, b)
		}
	}
	w.clock = at("2009-02-03", 9)
	_, err = w.AgreeIntro(ctx, mill, i.ID, i.Version, "2009-02-04", -1)
	if f := fault.FieldsOf(err); !f.Has("on") || !f.Has("amount") {
		t.Errorf("tomorrow, for a negative amount: %v", err)
	}
	for who, c := range map[string]struct {
		by      authz.Actor
		version int
		want    fault.Kind
	}{"the county": {staff(sheyang), i.Version, fault.Denied}, "late": {mill, i.Version + 1, fault.Stale}, "another": {owner(w.forge), i.Version, fault.NotFound}} {
		if _, err := w.AgreeIntro(ctx, c.by, i.ID, c.version, "2009-02-03", 0); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", who, err)
		}
	}
	agreed(0, 0)
	i, err = w.AgreeIntro(ctx, mill, i.ID, i.Version, "2009-02-02", 180_000_00)
	w.must(err)
	agreed(0, 0) // one side's word
	for who, c := range map[string]struct {
		by      authz.Actor
		version int
		want    fault.Kind
	}{"who said so": {mill, i.Version, fault.Denied}, "the county": {staff(sheyang), i.Version, fault.Denied}, "late": {lab, i.Version - 1, fault.Stale}, "another": {owner(w.forge), i.Version, fault.NotFound}} {
		if _, err := w.ConfirmIntro(ctx, c.by, i.ID, c.version); !fault.Is(err, c.want) {
			t.Errorf("confirmed by %s: %v", who, err)
		}
	}
	both := lab // somebody who speaks for either side
	both.ID, both.Grants = mill.ID, append(slices.Clone(lab.Grants), mill.Grants...)
	if _, err := w.ConfirmIntro(ctx, both, i.ID, i.Version); !fault.Is(err, fault.Conflict) {
		t.Errorf("confirmed by the same person: %v", err)
	}
	for who, c := range map[string]struct {
		by    authz.Actor
		yours bool
	}{"the mill": {mill, false}, "the college": {lab, true}, "the county": {staff(sheyang), false}, "the same person": {both, false}} {
		list, _, err := w.Intros(ctx, c.by, techplatform.IntroFilter{Notice: n.ID}, db.Page{})
		if w.must(err); len(list) != 1 || list[0].Yours != c.yours {
			t.Errorf("%s: %+v", who, list)
		}
		d, err := w.Intro(ctx, c.by, i.ID)
		if w.must(err); slices.ContainsFunc(d.Open, func(s flow.Step) bool { return s.Do == techplatform.ConfirmIntro }) != c.yours {
			t.Errorf("%s is offered %+v", who, d.Open)
		}
	}
	i, err = w.ConfirmIntro(ctx, lab, i.ID, i.Version)
	w.must(err)
	agreed(1, 180_000_00)
	if _, err := w.PartIntro(ctx, mill, i.ID, i.Version, "没有谈成"); !fault.Is(err, fault.Conflict) {
		t.Errorf("ended after the agreement: %v", err)
	}
	i, err = w.UndoIntro(ctx, lab, i.ID, i.Version, "合同还没有签")
	w.must(err)
	agreed(0, 0)
	_, err = w.PartIntro(ctx, mill, i.ID, i.Version, "价格谈不拢")
	w.must(err)
	if _, err := w.Express(ctx, lab, n.ID, w.collegeParty(), say, ""); err != nil {
		t.Errorf("a new try after it came to nothing: %v", err)
	}
	want := []string{
		"enterprise agree techintro.told.need", "institution agree techintro.told.agreed", "enterprise agree techintro.told.confirmed", "enterprise agree techintro.told.undone",
		"institution agree techintro.told.ended", "enterprise agree techintro.told.need",
	}
	if !slices.Equal(*w.told, want) {
		t.Errorf("told: %q", *w.told)
	}
	w.must(w.enterprises.Merge(ctx, staff(city), w.mill, 1, w.forge, "同一家企业登记了两次"))
	if d, err := w.Intro(ctx, owner(w.forge), i.ID); err != nil || d.Owner != firm(w.forge) {
		t.Errorf("after the merger it is of %+v (%v)", d.Owner, err)
	}
	if _, err := gate.Verify(ctx, w.db); err != nil {
		t.Error(err)
	}
}

// Two reviews are two people's: not the same one twice, not whoever wrote it,
// and of two who review at once only one does.
func TestTwoReviewsAreTwoPeoples(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		other := staff(city)
		other.ID = "colleague"
		n := w.submit(breaks(), techplatform.Wanted)
		n, err := w.CheckNotice(ctx, staff(city), n.ID, n.Version)
		w.must(err)
		if _, err := w.PublishNotice(ctx, staff(city), n.ID, n.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("the first reviewer published it: %v", err)
		}
		d, err := w.Notice(ctx, staff(city), n.ID)
		w.must(err)
		if slices.ContainsFunc(d.Open, func(s flow.Step) bool { return s.Do == techplatform.PublishNotice }) {
			t.Error("the first reviewer is offered the second review")
		}
		if got, err := w.NoticeDesk(ctx, staff(city)); err != nil || got.N != 0 {
			t.Errorf("%d wait for the first reviewer (%v)", got.N, err)
		}
		_, err = w.PublishNotice(ctx, other, n.ID, n.Version)
		w.must(err)

		writer := owner(w.mill)
		writer.ID = other.ID // an official who also speaks for the enterprise
		own, err := w.SubmitNotice(ctx, writer, firm(w.mill), techplatform.Wanted, breaks(), "")
		w.must(err)
		if _, err := w.CheckNotice(ctx, other, own.ID, own.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("whoever wrote it reviews it: %v", err)
		}

		raced := w.submit(breaks(), techplatform.Wanted)
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for k := range errs {
			by := staff(sheyang)
			by.ID = strings.Repeat("r", k+1)
			wg.Go(func() { _, errs[k] = w.CheckNotice(ctx, by, raced.ID, raced.Version) })
		}
		wg.Wait()
		passed := 0
		for _, err := range errs {
			switch {
			case err == nil:
				passed++
			case !fault.Is(err, fault.Stale) && !fault.Is(err, fault.Conflict):
				t.Errorf("the slower: %v", err)
			}
		}
		if now, err := w.Notice(ctx, staff(city), raced.ID); err != nil || passed != 1 || now.Version != raced.Version+1 || len(now.Events) != 2 {
			t.Errorf("%d first reviews passed, version %d (%v)", passed, now.Version, err)
		}
	})
}

// A notice is shown for the term that is set on the day it is published, and no
// longer: readers do not wait for the job.
func TestANoticeExpires(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, robot := t.Context(), authz.System("expire", techplatform.ExpireNotice)
		first := w.noticeIn(techplatform.Shown, techplatform.Wanted)
		clerk := authz.Actor{Kind: authz.Human, ID: "clerk", Grants: role([]authz.Permission{flow.SetLimit}, authz.Grant{Region: city})}
		w.must(flow.New(w.db, gate.New(w.db, "yc"), city).Change(ctx, clerk, flow.Limit{
			Type: "technotice", Step: "term", Amount: 30, Unit: flow.Days, From: "2009-01-07", Source: "市局通知", Grade: "P",
		}))
		w.clock = at("2009-01-07", 9)
		second := w.noticeIn(techplatform.Shown, techplatform.Wanted)
		if first.Until != "2009-07-06" || second.Until != "2009-02-06" {
			t.Errorf("until %s and %s", first.Until, second.Until)
		}
		w.clock = at("2009-02-06", 23)
		expired := func(want int, words ...string) {
			t.Helper()
			*w.told = nil
			if n, err := w.ExpireNotices(ctx, robot); err != nil || n != want || !slices.Equal(*w.told, words) {
				t.Errorf("%s: %d expired, told %q (%v)", flow.DayOf(w.clock), n, *w.told, err)
			}
		}
		expired(0)
		if n := w.figure("notices", sheyang, "2009-02-06", is("side", "need")); n != 2 {
			t.Errorf("%d are published", n)
		}
		w.clock = at("2009-02-07", 0)
		if _, err := w.Notice(ctx, authz.Actor{}, second.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("it is seen after its term: %v", err)
		}
		if _, err := w.Express(ctx, people(w.college), second.ID, w.collegeParty(), techplatform.Answer{Words: "可以提供", Contact: "刘工 0515"}, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("it is answered after its term: %v", err)
		}
		expired(1, "enterprise revise technotice.told.expired")
		expired(0)
		if n := w.figure("notices", city, "2009-02-07"); n != 1 {
			t.Errorf("%d are published", n)
		}
		n, err := w.Notice(ctx, owner(w.mill), second.ID)
		w.must(err)
		renewed, err := w.ReviseNotice(ctx, owner(w.mill), n.ID, n.Version, n.NoticeProfile)
		if w.must(err); renewed.State != techplatform.Submitted {
			t.Errorf("sent again it is %s", renewed.State)
		}
		if _, err := w.ExpireNotices(ctx, authz.Actor{}); err != nil {
			t.Error(err)
		}
	})
}

// The public list is narrowed by side, industry, place and words; what is not
// published is not on it.
func TestNoticesAreFound(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		w.noticeIn(techplatform.Shown, techplatform.Wanted)
		w.noticeIn(techplatform.Shown, techplatform.Offered)
		w.noticeIn(techplatform.Checked, techplatform.Wanted)
		for name, c := range map[string]struct {
			f    techplatform.NoticeFilter
			want int
		}{
			"all": {techplatform.NoticeFilter{}, 2}, "needs": {techplatform.NoticeFilter{Side: techplatform.Wanted}, 1},
			"industry": {techplatform.NoticeFilter{Industry: "C17"}, 2}, "section": {techplatform.NoticeFilter{Industry: "C"}, 2},
			"another": {techplatform.NoticeFilter{Industry: "C13"}, 0}, "words": {techplatform.NoticeFilter{Text: "光电"}, 1},
			"party": {techplatform.NoticeFilter{Text: "鹤乡"}, 1}, "number": {techplatform.NoticeFilter{Text: "JC-2009-00001"}, 1},
			"place": {techplatform.NoticeFilter{Region: sheyang}, 1}, "percent": {techplatform.NoticeFilter{Text: "%"}, 0},
			"state": {techplatform.NoticeFilter{State: techplatform.Checked}, 0},
		} {
			list, _, total, err := w.PublicNotices(ctx, c.f, db.Page{})
			if err != nil || len(list) != c.want || total != c.want {
				t.Errorf("%s: %d of %d, want %d (%v)", name, len(list), total, c.want, err)
			}
		}
		if all, err := w.PublicIndustries(ctx); err != nil || !slices.Equal(all, []string{"C17"}) {
			t.Errorf("industries %q (%v)", all, err)
		}
		first, next, _, err := w.PublicNotices(ctx, techplatform.NoticeFilter{}, db.Page{Limit: 1})
		w.must(err)
		second, end, _, err := w.PublicNotices(ctx, techplatform.NoticeFilter{}, db.Page{Limit: 1, After: next})
		if w.must(err); first[0].ID == second[0].ID || end != "" {
			t.Error("the second page repeats the first")
		}
		list, _, _, err := w.Notices(ctx, owner(w.mill).Scope(techplatform.SeeNotice), techplatform.NoticeFilter{Party: firm(w.mill)}, db.Page{})
		if w.must(err); len(list) != 2 {
			t.Errorf("the mill has %d", len(list))
		}
		if err := w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return techplatform.Move(ctx, tx, hede, "320924101") }); err != nil {
			t.Fatal(err)
		}
		if list, _, _, err := w.PublicNotices(ctx, techplatform.NoticeFilter{Region: "320924101"}, db.Page{}); err != nil || len(list) != 1 {
			t.Errorf("after the town was re-coded: %d (%v)", len(list), err)
		}
	})
}
