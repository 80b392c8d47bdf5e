package enterprise_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

const (
	hede    region.Code = "320924100" // 射阳县合德镇
	linhai  region.Code = "320924101" // 射阳县临海镇
	sheyang region.Code = "320924"
	donggou region.Code = "320923100" // 阜宁县
	funing  region.Code = "320923"

	mill    = "91320900140132611G"
	crane   = "91440300708461136T"
	another = "91330100799655058B"
)

// world is a register with the people around it.
type world struct {
	*enterprise.Service
	files  *files.Service
	t      *testing.T
	db     *db.DB
	grants map[string]map[string]bool // person → enterprises
	news   []string
	facts  []ledger.Fact
	merges []string
}

func newWorld(t *testing.T, source string) *world {
	t.Helper()
	clock := time.Date(2009, 1, 6, 2, 0, 0, 0, time.UTC)
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: d, grants: map[string]map[string]bool{}}
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	w.files = files.New(d, gate.New(d, "test"), store, files.Limits{File: 1 << 20, PerRecord: 5, Owner: 8 << 20, Site: 64 << 20})
	w.Service, err = enterprise.New(d, gate.New(d, "test"), enterprise.Hooks{
		Files: w.files,
		Post: func(_ context.Context, _ *db.Tx, facts ...ledger.Fact) error {
			w.facts = append(w.facts, facts...)
			return nil
		},
		Granted: func(_ context.Context, _ *db.Tx, person string, e enterprise.ID) error {
			if w.grants[person] == nil {
				w.grants[person] = map[string]bool{}
			}
			w.grants[person][string(e)] = true
			return nil
		},
		Revoked: func(_ context.Context, _ *db.Tx, person string, e enterprise.ID) error {
			delete(w.grants[person], string(e))
			return nil
		},
		Told: func(_ context.Context, _ *db.Tx, n enterprise.News) error {
			if s := text.Zh.T(n.Key, n.Args...); strings.ContainsAny(s, "⟦{") {
				t.Errorf("news cannot be read: %s", s)
			}
			w.news = append(w.news, n.Person+" "+strings.TrimPrefix(n.Key, "enterprise.news."))
			return nil
		},
		Merged: func(_ context.Context, _ *db.Tx, from, to enterprise.ID) error {
			w.merges = append(w.merges, string(from+">"+to))
			return nil
		},
		Separated: func(_ context.Context, _ *db.Tx, from, to enterprise.ID) error {
			w.merges = append(w.merges, string(from+"<"+to))
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	testkit.EachDatabase(t, func(t *testing.T, source string) { fn(t, newWorld(t, source)) })
}

// person is somebody with an account, acting for what was granted by now.
func (w *world) person(name string) authz.Actor {
	a := authz.Actor{Kind: authz.Human, ID: name, Name: name, Grants: []authz.Grant{{
		Role:  authz.Role{Name: "self", Permissions: []authz.Permission{enterprise.Register, enterprise.Claim}},
		Party: authz.Party{Kind: authz.Person, ID: name},
	}}}
	for _, id := range slices.Sorted(maps.Keys(w.grants[name])) {
		a.Grants = append(a.Grants, authz.Grant{
			Role: authz.Role{Name: "owner", Permissions: []authz.Permission{
				enterprise.View, enterprise.Edit, enterprise.ViewContact,
			}},
			Party: authz.Party{Kind: authz.Enterprise, ID: id},
		})
	}
	return a
}

// staff is an official of a place with every right there.
func staff(of region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "staff-" + string(of), Name: "王海燕", Grants: []authz.Grant{{
		Role: authz.Role{Name: "staff", Permissions: enterprise.Permissions()}, Region: of,
	}}}
}

func profile(name string, town region.Code) enterprise.Profile {
	return enterprise.Profile{
		Name: name, Region: town, LegalForm: enterprise.Company,
		Industry: enterprise.Industry{Edition: "2002", Code: "1711"}, Established: "1998-05-01",
	}
}

// registers makes an entry by its owner, or by staff when own is false.
func (w *world) registers(by authz.Actor, name string, town region.Code, code string, own bool) enterprise.ID {
	w.t.Helper()
	id, err := w.Register(w.t.Context(), by, enterprise.Registration{
		Profile: profile(name, town), Codes: []string{code}, Own: own, Evidence: "我是法定代表人",
		Contact: enterprise.Contact{Person: "顾鹤", Phone: "0515-82300000"},
	})
	if err != nil {
		w.t.Fatalf("%s registers %s: %v", by.ID, name, err)
	}
	return id
}

func (w *world) verified(name string, town region.Code, code string) enterprise.ID {
	w.t.Helper()
	id := w.registers(staff(town.At(region.County)), name, town, code, false)
	w.ok(w.Verify(w.t.Context(), staff(town.At(region.County)), id, w.get(id).Version))
	return id
}

func (w *world) get(id enterprise.ID) enterprise.Enterprise {
	w.t.Helper()
	e, err := enterprise.Load(w.t.Context(), w.db, authz.Unbounded("test"), id)
	w.ok(err)
	return e
}

// claimOf is the person's newest claim as the staff of the whole city sees it.
func (w *world) claimOf(person string) enterprise.ClaimRecord {
	w.t.Helper()
	claims, _, err := w.Claims(w.t.Context(), staff("320900"), enterprise.ClaimFilter{}, db.Page{})
	w.ok(err)
	for _, c := range slices.Backward(claims) {
		if c.Person == person {
			return c
		}
	}
	w.t.Fatalf("%s has no claim", person)
	return enterprise.ClaimRecord{}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) want(kind fault.Kind, err error) {
	w.t.Helper()
	if !fault.Is(err, kind) {
		w.t.Errorf("got %v, want %s", err, kind)
	}
}

// holds tells who acts for what, by the names of the enterprises.
func (w *world) holds() string {
	w.t.Helper()
	var all []string
	for _, person := range slices.Sorted(maps.Keys(w.grants)) {
		for id := range w.grants[person] {
			all = append(all, fmt.Sprintf("%s:%s", person, w.get(enterprise.ID(id)).Profile.Name))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (w *world) entries() int {
	w.t.Helper()
	var n int
	w.ok(w.db.Get(w.t.Context(), &n, `SELECT COUNT(*) FROM audit_entry`))
	return n
}

func yuan(wan int64) *int64 {
	fen := wan * 1_000_000
	return &fen
}
