package recognition_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
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
		w.parks[id] = recognition.Subject{Kind: "park", ID: id, Name: "第" + id + "中小企业园", Region: at, Since: "2001-05-01", Party: authz.Party{Kind: authz.Institution, ID: "op-" + id}}
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
			Held: func(_ context.Context, _ *db.Tx, _ authz.Actor, a *recognition.Award, all []recognition.Award) error {
				delete(w.grades, a.Subject.ID)
				today := string(ledger.DateOf(w.clock))
				for i := range all {
					for _, s := range all[i].Spans() {
						if s.From <= today && (s.To == "" || today < s.To) {
							w.grades[a.Subject.ID] = s.Grade
						}
					}
				}
				return nil
			},
		}},
		Files: w.files, Notify: inbox,
		Reviewers: func(context.Context, db.Reader, authz.Target) ([]recognition.Person, error) { return w.pool, nil },
		Party: func(_ context.Context, _ db.Reader, name string) (authz.Party, string, error) {
			for _, p := range w.parks {
				if p.Name == name || p.Party.ID == name {
					return p.Party, p.Name, nil
				}
			}
			return authz.Party{}, "", fault.Missing()
		},
		Ties: func(_ context.Context, _ db.Reader, person string) ([]authz.Party, error) { return w.ties[person], nil },
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

// on makes it the morning of a day.
func (w *world) on(day string) {
	at, err := time.ParseInLocation(time.DateOnly+" 15", day+" 09", ledger.Shanghai)
	ok(w.t, err)
	w.clock = at
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
