package recognition_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

const (
	city    region.Code = "320900"
	sheyang region.Code = "320924"
	jianhu  region.Code = "320925"
	hede    region.Code = "320924100"
	longg   region.Code = "320903109"
)

// world is recognition with parks that exist only here.
type world struct {
	*recognition.Service
	t      *testing.T
	db     *db.DB
	ledger *ledger.Ledger
	files  *files.Service
	clock  time.Time
	parks  map[string]recognition.Subject
	grades map[string]string // what the parks' own records were told
	pool   []recognition.Person
	ties   map[string][]authz.Party
}

func open(t *testing.T, source string) *world {
	t.Helper()
	w := &world{
		t: t, clock: time.Date(2008, 6, 2, 9, 0, 0, 0, ledger.Shanghai), grades: map[string]string{},
		ties: map[string][]authz.Party{}, parks: map[string]recognition.Subject{},
	}
	for i, at := range []region.Code{hede, longg, "320925101"} {
		id := fmt.Sprintf("p%d", i+1)
		w.parks[id] = recognition.Subject{Kind: "park", ID: id, Name: "第" + id + "中小企业园", Region: at, Party: authz.Party{Kind: authz.Institution, ID: "op-" + id}}
	}
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time { return w.clock }})
	ok(t, err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(t.Context())
	ok(t, err)
	w.db = d
	w.ledger, err = ledger.New(d, "yc", recognition.Measures())
	ok(t, err)
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	ok(t, err)
	g := gate.New(d, "yc")
	w.files = files.New(d, g, store, files.Limits{File: 1 << 20, PerRecord: 9, Owner: 1 << 20, Site: 64 << 20})
	f := flow.New(d, g, city)
	inbox, err := notify.New(d, nil, notify.Options{
		Holders: func(_ context.Context, _ db.Reader, p authz.Permission, over authz.Target) ([]notify.Person, error) {
			to := string(over.Region)
			for _, party := range over.Parties {
				to += party.ID
			}
			return []notify.Person{{ID: p.Verb() + " " + to}}, nil
		},
		People: func(context.Context, db.Reader, []string) ([]notify.Person, error) { return nil, nil },
	})
	ok(t, err)
	w.Service = recognition.New(d, g, w.ledger, f, recognition.Hooks{
		Subjects: []recognition.Subjects{{
			Kind: "park",
			Find: func(_ context.Context, _ db.Reader, id string) (recognition.Subject, error) {
				p, found := w.parks[id]
				if !found {
					return p, fault.Missing()
				}
				return p, nil
			},
			Named: func(_ context.Context, _ db.Reader, name string, at region.Code) (recognition.Subject, error) {
				for _, p := range w.parks {
					if p.Name == name && p.Region == at {
						return p, nil
					}
				}
				return recognition.Subject{}, fault.Missing()
			},
			Knows: func(_ context.Context, _ db.Reader, _ recognition.Subject, _ string) (map[string]recognition.Known, error) {
				return map[string]recognition.Known{
					"factory_area": {Value: criteria.Num(42000), From: "register"}, "tenants": {Value: criteria.Num(18), From: "register"},
					"operating": {Value: criteria.Int(1), From: "register"}, "multi_share": {Value: criteria.Ratio(2, 3), From: "register"},
				}, nil
			},
			Awarded: func(_ context.Context, _ *db.Tx, _ authz.Actor, a *recognition.Award) error {
				w.grades[a.Subject.ID] = a.Grade
				return nil
			},
			Ended: func(_ context.Context, _ *db.Tx, _ authz.Actor, a *recognition.Award, _ string) error {
				delete(w.grades, a.Subject.ID)
				return nil
			},
		}},
		Files: w.files, Notify: inbox,
		Reviewers: func(context.Context, db.Reader, authz.Target) ([]recognition.Person, error) { return w.pool, nil },
		Ties:      func(_ context.Context, _ db.Reader, person string) ([]authz.Party, error) { return w.ties[person], nil },
	})
	ok(t, d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return errors.Join(recognition.Seed(ctx, tx), recognition.Seed(ctx, tx), flow.Seed(ctx, tx)) // twice, as at every start
	}))
	return w
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	testkit.EachDatabase(t, func(t *testing.T, source string) { fn(t, open(t, source)) })
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t testing.TB, what string, err error, kind fault.Kind, field ...string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
		return
	}
	for _, f := range field {
		if !fault.FieldsOf(err).Has(f) {
			t.Errorf("%s: %v does not name %s", what, err, f)
		}
	}
}

func (w *world) days(n int) { w.clock = w.clock.AddDate(0, 0, n) }

func official(at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "official-" + string(at), Name: "周明", Grants: []authz.Grant{
		{Role: authz.Role{Permissions: slices.DeleteFunc(recognition.Permissions(), func(p authz.Permission) bool {
			return p == recognition.Review || p == recognition.Recuse || p == recognition.Object || p == recognition.Expire
		})}, Region: at},
	}}
}

func operator(park string) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "boss-" + park, Name: "陈国华", Grants: []authz.Grant{{
		Role: authz.Role{Permissions: []authz.Permission{
			recognition.See, recognition.Apply, recognition.Submit, recognition.Withdraw, recognition.Report,
		}}, Party: authz.Party{Kind: authz.Institution, ID: "op-" + park},
	}}}
}

func reviewer(id string) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: id, Name: id, Grants: []authz.Grant{{
		Role: authz.Role{Permissions: []authz.Permission{recognition.Review, recognition.Recuse}}, Region: city,
	}}}
}

func anyone(id string) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: id, Name: "李四", Grants: []authz.Grant{{
		Role: authz.Role{Permissions: []authz.Permission{recognition.Object}}, Party: authz.Party{Kind: authz.Person, ID: id},
	}}}
}

func (w *world) call(quota int) recognition.Call {
	w.t.Helper()
	c, err := w.Announce(w.t.Context(), official(city), recognition.Call{
		Title: "park.a", Office: city, Name: "2008年A级园申报", Document: "盐中小企〔2008〕9号", Year: 2008,
		Opens: "2008-06-01", Closes: "2008-06-30", Quota: quota,
	}, "")
	ok(w.t, err)
	return c
}

// complete is what a park fills in that the register does not know.
func complete() recognition.Entry {
	return recognition.Entry{Words: "园区情况", Inputs: recognition.Inputs{
		"operating": {Value: 1}, "multi_share": {Value: 60}, "guaranteed": {Value: 1}, "occupied": {Value: 85},
		"factory_area": {Value: 42000}, "tenants": {Value: 18},
	}}
}

// applied is an application of the park in the call, handed in with all evidence.
func (w *world) applied(c recognition.Call, park string) recognition.Application {
	w.t.Helper()
	ctx, by := w.t.Context(), operator(park)
	a, err := w.Begin(ctx, by, c.ID, park, "")
	ok(w.t, err)
	a, err = w.Fill(ctx, by, a.ID, a.Version, complete())
	ok(w.t, err)
	for _, line := range []string{"facility", "jobs"} {
		held, err := w.files.Hold(ctx, by, files.Incoming{Name: line + ".txt", Data: strings.NewReader(park + line + "证明")})
		ok(w.t, err)
		a, err = w.Prove(ctx, by, a.ID, a.Version, line, files.Papers{Add: []string{held.Token}})
		ok(w.t, err)
	}
	a, err = w.Submit(ctx, by, a.ID, a.Version, "")
	ok(w.t, err)
	return a
}

func (w *world) checked(c recognition.Call, park string) recognition.Application {
	w.t.Helper()
	a := w.applied(c, park)
	a, err := w.Check(w.t.Context(), official(a.Region.At(region.County)), a.ID, a.Version, "材料齐全")
	ok(w.t, err)
	return a
}

func points(n float64) map[string]float64 {
	return map[string]float64{"plan": n, "facility": n, "growth": n, "jobs": n, "service": n, "bonus": 0}
}

// scored is an application that three reviewers gave the points.
func (w *world) scored(c recognition.Call, park string, each ...float64) recognition.Application {
	w.t.Helper()
	ctx := w.t.Context()
	a := w.checked(c, park)
	w.pool = nil
	var ids []string
	for i := range each {
		ids = append(ids, fmt.Sprintf("expert%d", i+1))
		w.pool = append(w.pool, recognition.Person{ID: ids[i], Name: "专家" + ids[i]})
	}
	a, err := w.Assign(ctx, official(city), a.ID, a.Version, ids)
	ok(w.t, err)
	for i, n := range each {
		a, err = w.Review(ctx, reviewer(ids[i]), a.ID, recognition.Opinion{Points: points(n), Words: "同意推荐"})
		ok(w.t, err)
	}
	return a
}

// The story of the issue: a grade-A park, three reviewers, publicity, an
// objection, the decision, a term, a report, a re-check.
func TestAParkBecomesGradeA(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(1)
		a, err := w.Begin(ctx, operator("p1"), c.ID, "p1", "form-1")
		ok(t, err)
		if again, err := w.Begin(ctx, operator("p1"), c.ID, "p1", "form-1"); err != nil || again.ID != a.ID {
			t.Errorf("sent twice it is %s (%v), not %s", again.ID, err, a.ID)
		}
		if in := a.Inputs["factory_area"]; in.Value != 42000 || in.From != "register" {
			t.Errorf("the register's floor area is filled in as %+v", in)
		}
		if in := a.Inputs["operating"]; !in.Flag || a.Inputs["multi_share"].Value != 66.67 {
			t.Errorf("what the register knows is filled in as %+v", a.Inputs)
		}
		_, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		wants(t, "handed in half empty", err, fault.Invalid, "in_guaranteed", "in_occupied", "in_facility", "in_jobs")
		a, err = w.Withdraw(ctx, operator("p1"), a.ID, a.Version)
		ok(t, err)

		a = w.scored(c, "p1", 90, 80, 88)
		if a.State != recognition.Scored || a.Spread != 850 {
			t.Fatalf("after three reviews it is %s with %d, %d apart", a.State, a.Score, a.Spread)
		}
		// n points by hand are 0.85 n, and 85 % occupied adds 12.75
		if a.Score != 8585 {
			t.Errorf("the average is %d, want 8585", a.Score)
		}
		ranked, err := w.Rankings(ctx, official(city), c.ID)
		if err != nil || len(ranked) != 1 || ranked[0].ID != a.ID {
			t.Errorf("the ranking is %v (%v)", ranked, err)
		}
		a, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		ok(t, err)
		if a.Public != "2008-06-02" || a.PublicTo != "2008-06-10" { // five working days over the Dragon Boat holiday
			t.Errorf("it is public %s to %s", a.Public, a.PublicTo)
		}
		_, _, err = w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		wants(t, "decided while it is public", err, fault.Conflict)
		objection, err := w.Object(ctx, anyone("li"), a.ID, "园区的多层厂房没有达到百分之五十。", "")
		ok(t, err)
		w.days(10)
		if _, err = w.Object(ctx, anyone("li"), a.ID, "公示结束以后才提出的异议。", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("an objection that comes too late: %v", err)
		}
		_, _, err = w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		wants(t, "decided with an open objection", err, fault.Conflict)
		a, err = w.Answer(ctx, official(city), a.ID, a.Version, objection, "已核实，占比为60%", false)
		ok(t, err)
		a, award, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		if a.State != recognition.Recognised || w.grades["p1"] != "A" {
			t.Errorf("it is %s, the park's own record says %q", a.State, w.grades["p1"])
		}
		count := func(day string, want int64) {
			t.Helper()
			n, err := w.ledger.Value(ctx, w.db, ledger.Query{Measure: "recognition.awards", Region: city, To: ledger.Date(day)})
			if err != nil || n != want {
				t.Errorf("on %s there are %d awards (%v), want %d", day, n, err, want)
			}
		}
		count("2008-06-11", 0)
		count("2008-06-12", 1)
		count("2011-06-11", 1)
		count("2011-06-12", 0)
		d, err := w.Award(ctx, operator("p1"), award)
		ok(t, err)
		if d.To != "2011-06-12" || !d.May(recognition.Report) || d.May(recognition.Revoke) {
			t.Errorf("the holder sees %+v", d.Award)
		}
		_, err = w.Report(ctx, operator("p1"), award, d.Version, recognition.Yearly{Year: 2009, Words: "今年新入园企业二十户。"})
		wants(t, "a report of a year to come", err, fault.Invalid, "year")
		g, err := w.Report(ctx, operator("p1"), award, d.Version, recognition.Yearly{Year: 2008, Words: "今年新入园企业二十户。"})
		ok(t, err)
		w.clock = time.Date(2011, 5, 4, 9, 0, 0, 0, ledger.Shanghai)
		g, err = w.Recheck(ctx, official(city), award, g.Version)
		ok(t, err)
		_, err = w.Downgrade(ctx, official(city), award, g.Version, "盐中小企〔2011〕3号")
		wants(t, "no grade below A", err, fault.Conflict)
		g, err = w.Extend(ctx, official(city), award, g.Version, "盐中小企〔2011〕3号")
		ok(t, err)
		count("2011-06-12", 1)
		count("2014-06-12", 0)
		_, err = w.Revoke(ctx, official(sheyang), award, g.Version, "不再符合条件")
		wants(t, "a county takes back what the city gave", err, fault.Denied)
		_, err = w.Revoke(ctx, official(city), award, g.Version, "不再符合条件")
		ok(t, err)
		count("2011-05-03", 1)
		count("2011-05-04", 0)
		if w.grades["p1"] != "" {
			t.Errorf("the park's own record still says %q", w.grades["p1"])
		}
		if _, err := w.Close(ctx, official(city), c.ID, c.Version); err != nil {
			t.Errorf("all are decided: %v", err)
		}
	})
}

// Each act, by somebody who may not, in a state that does not allow it, or on an
// old page.
func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		a := w.applied(c, "p1")
		_, err := w.Check(ctx, official(jianhu), a.ID, a.Version, "")
		wants(t, "another county", err, fault.NotFound)
		_, err = w.Check(ctx, operator("p1"), a.ID, a.Version, "")
		wants(t, "the applicant checks itself", err, fault.Denied)
		_, err = w.Check(ctx, official(sheyang), a.ID, a.Version+1, "")
		wants(t, "an old page", err, fault.Stale)
		_, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		wants(t, "made public before the first check", err, fault.Conflict)
		_, err = w.Withdraw(ctx, operator("p2"), a.ID, a.Version)
		wants(t, "another park's people", err, fault.NotFound)
		_, err = w.Begin(ctx, operator("p2"), c.ID, "p1", "")
		wants(t, "for another park", err, fault.Invalid, "subject")
		_, err = w.Begin(ctx, operator("p1"), c.ID, "p1", "")
		wants(t, "a second time", err, fault.Conflict)
		_, err = w.Return(ctx, official(sheyang), a.ID, a.Version, " ")
		wants(t, "without a reason", err, fault.Invalid, "reason")
		a, err = w.Return(ctx, official(sheyang), a.ID, a.Version, "缺少排污证明")
		ok(t, err)
		if a.State != recognition.Draft || a.Reason != "缺少排污证明" {
			t.Errorf("it is %s because of %q", a.State, a.Reason)
		}
		w.clock = time.Date(2008, 7, 1, 9, 0, 0, 0, ledger.Shanghai)
		_, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		wants(t, "after the call has ended", err, fault.Conflict)
		w.clock = time.Date(2008, 6, 3, 9, 0, 0, 0, ledger.Shanghai)
		in := complete()
		in.Inputs["multi_share"] = recognition.Input{Value: 20}
		a, err = w.Fill(ctx, operator("p1"), a.ID, a.Version, in)
		ok(t, err)
		a, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		ok(t, err)
		_, err = w.Check(ctx, official(sheyang), a.ID, a.Version, "")
		wants(t, "a condition is not met", err, fault.Conflict)
		county := official(sheyang)
		county.Grants = append(county.Grants, operator("p1").Grants...)
		a, err = w.Return(ctx, official(sheyang), a.ID, a.Version, "多层厂房占比填错")
		ok(t, err)
		a, err = w.Fill(ctx, operator("p1"), a.ID, a.Version, complete())
		ok(t, err)
		a, err = w.Submit(ctx, operator("p1"), a.ID, a.Version, "")
		ok(t, err)
		_, err = w.Check(ctx, county, a.ID, a.Version, "")
		wants(t, "somebody who also works for the park", err, fault.Conflict)
		a, err = w.Check(ctx, official(sheyang), a.ID, a.Version, "")
		ok(t, err)
		_, err = w.Assign(ctx, official(sheyang), a.ID, a.Version, []string{"x"})
		wants(t, "the county assigns for the city", err, fault.Denied)
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: recognition.KindApplication, ID: a.ID})
		if err != nil || len(trail) < 9 {
			t.Errorf("%d entries in the audit trail (%v)", len(trail), err)
		}
		_, err = w.Close(ctx, official(city), c.ID, c.Version)
		wants(t, "an application is undecided", err, fault.Conflict)
	})
}

func TestReviewersAreBlindAndWithoutTies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.checked(w.call(0), "p1")
		w.pool = []recognition.Person{{ID: "e1", Name: "甲"}, {ID: "e2", Name: "乙"}, {ID: "e3", Name: "丙"}, {ID: "own", Name: "丁"}, {ID: "said", Name: "戊"}}
		w.ties["own"] = []authz.Party{{Kind: authz.Institution, ID: "op-p1"}}
		said := reviewer("said")
		said.Grants = append(said.Grants, authz.Grant{
			Role: authz.Role{Permissions: []authz.Permission{recognition.Declare}}, Party: authz.Party{Kind: authz.Person, ID: "said"},
		})
		ok(t, w.Declare(ctx, said, authz.Party{Kind: authz.Institution, ID: "op-p1"}, "第p1中小企业园", "曾任园区顾问"))
		all, err := w.Candidates(ctx, official(city), a.ID)
		ok(t, err)
		if len(all) != 5 || all[3].Tied == "" || all[4].Reason != "曾任园区顾问" || all[0].Tied != "" {
			t.Errorf("the candidates are %+v", all)
		}
		for _, tied := range []string{"own", "said", "nobody"} {
			_, err = w.Assign(ctx, official(city), a.ID, a.Version, []string{"e1", tied})
			wants(t, tied, err, fault.Invalid, "reviewers")
		}
		a, err = w.Assign(ctx, official(city), a.ID, a.Version, []string{"e1", "e2", "e3"})
		ok(t, err)
		_, err = w.Detail(ctx, reviewer("own"), a.ID)
		wants(t, "a reviewer who was not asked", err, fault.NotFound)
		_, err = w.Review(ctx, reviewer("own"), a.ID, recognition.Opinion{Points: points(1), Words: "同意"})
		wants(t, "scored without being asked", err, fault.NotFound)
		bad := points(80)
		delete(bad, "plan")
		bad["jobs"] = 101
		_, err = w.Review(ctx, reviewer("e1"), a.ID, recognition.Opinion{Points: bad})
		wants(t, "a line left out, one too high, no words", err, fault.Invalid, "in_plan", "in_jobs", "words")
		_, err = w.Review(ctx, reviewer("e1"), a.ID, recognition.Opinion{Points: points(70), Words: "规划一般"})
		ok(t, err)
		_, err = w.Review(ctx, reviewer("e1"), a.ID, recognition.Opinion{Points: points(99), Words: "改高一点"})
		wants(t, "scores are final", err, fault.Conflict)
		sees := func(by authz.Actor) (lines int, known int) {
			d, err := w.Detail(ctx, by, a.ID)
			ok(t, err)
			for _, r := range d.Reviews {
				if r.Total > 0 {
					known++
				}
			}
			return len(d.Reviews), known
		}
		if lines, known := sees(reviewer("e2")); lines != 1 || known != 0 {
			t.Errorf("who has not scored sees %d reviews, %d with points", lines, known)
		}
		if lines, known := sees(official(city)); lines != 3 || known != 0 {
			t.Errorf("while they are at it the office sees %d reviews, %d with points", lines, known)
		}
		if lines, _ := sees(operator("p1")); lines != 0 {
			t.Errorf("the applicant sees %d reviews", lines)
		}
		_, err = w.Recuse(ctx, reviewer("e3"), a.ID, "与园区有业务往来")
		ok(t, err)
		_, err = w.Detail(ctx, reviewer("e3"), a.ID)
		wants(t, "who stepped back reads on", err, fault.NotFound)
		now, err := w.Review(ctx, reviewer("e2"), a.ID, recognition.Opinion{Points: points(80), Words: "较好"})
		ok(t, err)
		if now.State != recognition.Reviewing {
			t.Errorf("two of three scores make it %s", now.State)
		}
		_, err = w.Assign(ctx, official(city), a.ID, now.Version, []string{"e3"})
		wants(t, "who stepped back is asked again", err, fault.Invalid, "reviewers")
		w.pool = append(w.pool, recognition.Person{ID: "e4", Name: "己"})
		now, err = w.Assign(ctx, official(city), a.ID, now.Version, []string{"e4"})
		ok(t, err)
		now, err = w.Review(ctx, reviewer("e4"), a.ID, recognition.Opinion{Points: points(75), Words: "较好"})
		ok(t, err)
		if now.State != recognition.Scored {
			t.Errorf("three scores make it %s", now.State)
		}
		if lines, known := sees(official(city)); lines != 4 || known != 3 {
			t.Errorf("then the office sees %d reviews, %d with points", lines, known)
		}
		if lines, known := sees(reviewer("e2")); lines != 4 || known != 3 {
			t.Errorf("a reviewer who has scored sees %d reviews, %d with points", lines, known)
		}
	})
}

// Thirty reviewers hand in at the same moment: each counts, once.
func TestReviewersScoreSideBySide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.checked(w.call(0), "p1")
		var ids []string
		for i := range 12 {
			ids = append(ids, fmt.Sprintf("e%02d", i))
			w.pool = append(w.pool, recognition.Person{ID: ids[i], Name: ids[i]})
		}
		_, err := w.Assign(ctx, official(city), a.ID, a.Version, ids)
		ok(t, err)
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() {
				if _, err := w.Review(ctx, reviewer(id), a.ID, recognition.Opinion{Points: points(float64(70 + i)), Words: "同意"}); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			})
		}
		all.Wait()
		d, err := w.Detail(ctx, official(city), a.ID)
		ok(t, err)
		if d.State != recognition.Scored || len(d.Reviews) != 12 || d.Spread != 935 {
			t.Errorf("it is %s with %d reviews, %d apart", d.State, len(d.Reviews), d.Spread)
		}
	})
}

// Two proposals race for the only place that a call has.
func TestTheQuotaHoldsWhenTwoAreProposedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(1)
		one, two := w.scored(c, "p1", 90, 90, 90), w.scored(c, "p2", 92, 92, 92)
		low := w.scored(c, "p3", 40, 50, 60)
		_, err := w.Publicise(ctx, official(city), low.ID, low.Version)
		wants(t, "a score that does not pass", err, fault.Conflict)
		var all sync.WaitGroup
		errs := make([]error, 2)
		for i, a := range []recognition.Application{one, two} {
			all.Go(func() { _, errs[i] = w.Publicise(ctx, official(city), a.ID, a.Version) })
		}
		all.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("of two for one place: %v, %v", errs[0], errs[1])
		}
		for _, err := range errs {
			if err != nil {
				wants(t, "the second", err, fault.Conflict)
			}
		}
		public, err := w.Publicity(ctx)
		if err != nil || len(public) != 1 {
			t.Errorf("%d are public (%v)", len(public), err)
		}
	})
}

// An operator edits the standard: a draft is checked and replaced, a version in
// use never changes, and an older call keeps its own.
func TestAStandardIsEditedWithoutAProgrammer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		set, published, err := w.Criteria(ctx, "park.a", 1)
		ok(t, err)
		if !published {
			t.Fatal("what is shipped is in use")
		}
		next := *set
		next.Version, next.From = 0, "2009-01-01"
		card := *set.Score
		card.Items = slices.Clone(card.Items)
		card.Items[0].Weight = 35
		next.Score = &card
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next)
		wants(t, "weights that do not add up", err, fault.Invalid, "score.items")
		card.Items[0].Weight = 40
		card.Pass = 85
		_, err = w.DraftCriteria(ctx, official(sheyang), city, "park.a", next)
		wants(t, "a county edits the city's standard", err, fault.Denied)
		v, err := w.DraftCriteria(ctx, official(city), city, "park.a", next)
		ok(t, err)
		next.Version = v
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next)
		ok(t, err)
		ok(t, w.PublishCriteria(ctx, official(city), city, "park.a", v))
		_, err = w.DraftCriteria(ctx, official(city), city, "park.a", next)
		wants(t, "a version in use", err, fault.Conflict)
		d, err := w.Call(ctx, c.ID)
		if err != nil || d.Criteria.Score.Pass != 75 {
			t.Errorf("the call goes by a pass mark of %v (%v)", d.Criteria.Score.Pass, err)
		}
		w.clock = time.Date(2009, 3, 2, 9, 0, 0, 0, ledger.Shanghai)
		later, err := w.Announce(ctx, official(city), recognition.Call{
			Title: "park.a", Office: city, Name: "2009年A级园申报", Year: 2009, Opens: "2009-03-01", Closes: "2009-03-31",
		}, "")
		if err != nil || later.CriteriaVersion != v {
			t.Errorf("the next call goes by version %d (%v), want %d", later.CriteriaVersion, err, v)
		}
		_, err = w.Announce(ctx, official(city), recognition.Call{Title: "none", Office: city, Name: "没有的称号", Year: 2009, Opens: "2009-03-01", Closes: "2009-02-01"}, "")
		wants(t, "ends before it begins", err, fault.Invalid, "closes")
		_, err = w.SetTitle(ctx, official(city), city, recognition.Title{ID: "Bad Id", Name: criteria.Words{Zh: "园"}, Subject: "moon", Months: -1})
		wants(t, "a title that is wrong everywhere", err, fault.Invalid, "id", "name", "subject", "months")
		title, err := w.SetTitle(ctx, official(city), city, recognition.Title{ID: "park.b", Name: criteria.Words{Zh: "市定B级中小企业园"}, Subject: "park", Grade: "B", Months: 24})
		ok(t, err)
		_, err = w.SetTitle(ctx, official(city), city, recognition.Title{ID: "park.b", Name: criteria.Words{Zh: "再来一个"}, Subject: "park"})
		wants(t, "an id that is taken", err, fault.Invalid, "id")
		title.Months = 36
		_, err = w.SetTitle(ctx, official(city), city, title)
		ok(t, err)
		_, err = w.SetTitle(ctx, official(city), city, title)
		wants(t, "an old page", err, fault.Stale)
	})
}

// A title that is downgraded counts under its new grade from then on.
func TestADowngradeCountsFromItsDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		title, err := w.Title(ctx, "park.a")
		ok(t, err)
		title.Below = "B"
		_, err = w.SetTitle(ctx, official(city), city, title.Title)
		ok(t, err)
		a := w.scored(w.call(0), "p1", 90, 90, 90)
		a, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		ok(t, err)
		w.days(20)
		_, award, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		w.days(365)
		g, err := w.Recheck(ctx, official(city), award, 1)
		ok(t, err)
		g, err = w.Downgrade(ctx, official(city), award, g.Version, "盐中小企〔2009〕20号")
		ok(t, err)
		if g.Grade != "B" || w.grades["p1"] != "B" {
			t.Errorf("its grade is %s, its own record says %s", g.Grade, w.grades["p1"])
		}
		for day, want := range map[string]string{"2008-12-31": "A", "2009-12-31": "B"} {
			cells, err := w.ledger.Read(ctx, w.db, ledger.Query{Measure: "recognition.awards", Region: city, To: ledger.Date(day), By: []string{"grade"}})
			if err != nil || len(cells) != 1 || cells[0].Keys[0] != want || cells[0].Value != 1 {
				t.Errorf("on %s: %+v (%v), want one of grade %s", day, cells, err, want)
			}
		}
		w.clock = time.Date(2012, 1, 2, 9, 0, 0, 0, ledger.Shanghai)
		for range 2 { // a job comes again
			_, err := w.ExpireAll(ctx, recognition.Robot())
			ok(t, err)
		}
		d, err := w.Award(ctx, official(city), award)
		if err != nil || d.State != recognition.Expired {
			t.Errorf("after its term it is %s (%v)", d.State, err)
		}
	})
}

// For every place, the list and the single record agree on who reaches what.
func TestTheListAgreesWithTheScope(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.call(0)
		all := []recognition.Application{w.applied(c, "p1"), w.applied(c, "p2"), w.applied(c, "p3")}
		actors := []authz.Actor{{}, operator("p1"), operator("p2"), reviewer("e1")}
		for _, at := range []region.Code{"320000", city, sheyang, jianhu, hede, longg, "320903", "320100"} {
			actors = append(actors, official(at))
		}
		for _, by := range actors {
			list, _, err := w.Applications(ctx, by.Scope(recognition.See), recognition.Filter{}, db.Page{})
			ok(t, err)
			for _, a := range all {
				in := slices.ContainsFunc(list, func(l recognition.Application) bool { return l.ID == a.ID })
				_, err := w.Detail(ctx, by, a.ID)
				if in != by.Scope(recognition.See).Reaches(a.Target()) || in != (err == nil) {
					t.Errorf("%s and %s: in the list %v, by itself %v", by.ID, a.Name, in, err)
				}
			}
			n, err := w.Count(ctx, by.Scope(recognition.See), recognition.Filter{})
			if err != nil || n != len(list) {
				t.Errorf("%s counts %d of %d (%v)", by.ID, n, len(list), err)
			}
		}
	})
}

func TestTheProcessesAreWhole(t *testing.T) {
	for _, l := range []flow.Lifecycle{recognition.Lifecycle(), recognition.CallLifecycle(), recognition.AwardLifecycle()} {
		if err := l.Check(); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
}
