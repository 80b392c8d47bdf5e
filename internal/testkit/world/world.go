package world

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// Place is one of the five, as seen from the first.
type Place struct {
	Name string
	Over region.Code // what its officials work for
	Town region.Code // where its records lie
}

// The five places. The records of Own lie in another town than those of Below.
var (
	Own     = Place{"own county", "320924", "320924101"}
	Beside  = Place{"sibling county", "320925", "320925101"}
	Below   = Place{"child town", "320924100", "320924100"}
	Above   = Place{"parent city", "320900", "320902100"}
	Outside = Place{"other province", "340111", "340111100"}
)

// Places are all five, the first Own.
func Places() []Place { return []Place{Own, Beside, Below, Above, Outside} }

// Person is somebody with one role, placed somewhere, and signed in.
type Person struct {
	Role  string // empty for nobody
	At    Place
	ID    string
	Token string // of their session
	Actor authz.Actor
}

func (p Person) String() string {
	if p.Role == "" {
		return "nobody"
	}
	return p.Role + " of the " + p.At.Name
}

// Records are those of one place.
type Records struct {
	Enterprise   enterprise.ID
	Institution  institution.ID
	Founder      string // a person without any grant
	Needs        map[string]engagement.ID
	Claim        string
	Invitation   string // to the place's office
	Colleague    string // invitation to the enterprise
	Parks        Parks
	Guarantees   Guarantees
	Platforms    Platforms
	Recognitions Recognitions
}

// World is the open program with its people and records.
type World struct {
	*app.App
	Handler http.Handler
	People  []Person // the first is nobody
	At      map[string]*Records

	t      testing.TB
	source string
	files  string // where uploads lie: they stay as they are
	saved  []byte // the database as New left it
}

// Key is the secret of every world.
func Key() []byte { return []byte("0123456789abcdef0123456789abcdef") }

// New fills a world in a folder of the test.
func New(t testing.TB, source string) *World {
	t.Helper()
	w := &World{t: t, source: source, files: testkit.Store(source).Uploads(), At: map[string]*Records{}}
	w.open()
	w.regions()
	w.People = append(w.People, Person{})
	for _, at := range Places() {
		w.At[at.Name] = &Records{Needs: map[string]engagement.ID{}}
		w.fill(at)
	}
	for _, at := range Places() {
		w.needs(at)
		w.parks(at)
		w.guarantees(at)
		w.platforms(at)
	}
	w.applications()
	w.recognitions()
	w.sheet()
	w.sessions()
	w.keys()
	if postgres(source) {
		return w
	}
	w.must(w.Close()) // the file is whole once it is closed
	var err error
	w.saved, err = os.ReadFile(filepath.Join(source, "qiban.db"))
	w.must(err)
	w.open()
	return w
}

func postgres(source string) bool { return strings.Contains(source, "://") }

// Reset makes everything as New left it. It is for SQLite.
func (w *World) Reset() {
	w.t.Helper()
	w.source = w.t.TempDir()
	w.must(os.WriteFile(filepath.Join(w.source, "qiban.db"), w.saved, 0o600))
	w.must(w.Close())
	w.open()
}

func (w *World) open() {
	w.t.Helper()
	store := testkit.Store(w.source)
	store.Files = w.files
	var err error
	w.App, err = app.Open(w.t.Context(), store, app.Options{Key: Key(), Log: slog.New(slog.DiscardHandler)})
	w.must(err)
	opened := w.App
	w.t.Cleanup(func() { _ = opened.Close() })
	w.Handler, err = w.App.Handler(config.Serve{})
	w.must(err)
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// One is a single value from the database, as text.
func (w *World) One(query string, args ...any) string {
	w.t.Helper()
	var value string
	w.must(w.DB.Get(w.t.Context(), &value, query, args...))
	return value
}

// regions adds the other province to the tree, which ships with one only.
func (w *World) regions() {
	w.t.Helper()
	w.must(w.DB.Write(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for code, name := range map[region.Code]string{"340000": "安徽省", "340100": "合肥市", "340111": "包河区", "340111100": "大圩镇"} {
			if _, err := tx.Exec(ctx, `INSERT INTO territory_region
				(code, valid_from, valid_to, name, name_en, short_name, level, parent, kind, known_from, grade, note)
				VALUES (?,'','',?,?,?,?,?,?,'','A','')`,
				string(code), name, name, name, int(code.Level()), string(code.Parent()), string(territory.Admin)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE territory_version SET version = version + 1`)
		return err
	}))
}

// SecretFile writes the secret of the world into a folder, for a program that
// serves it: everybody stays signed in.
func SecretFile(t testing.TB, folder string) string {
	t.Helper()
	file := filepath.Join(folder, "secret")
	if err := os.WriteFile(file, []byte(hex.EncodeToString(Key())), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Person finds somebody by role and place.
func (w *World) Person(role string, at Place) Person {
	w.t.Helper()
	for _, p := range w.People {
		if p.Role == role && p.At == at {
			return p
		}
	}
	w.t.Fatalf("there is no %s of the %s", role, at.Name)
	return Person{}
}

// Office is an official of a place with every right of both offices' roles,
// for making records.
func (w *World) Office(over region.Code) authz.Actor {
	roles, err := w.Account.Roles(w.t.Context())
	w.must(err)
	by := authz.Actor{Kind: authz.Human, ID: "maker", Name: "造册人"}
	for _, r := range roles {
		if r.Over == account.OverRegion && r.Admin == "" {
			by.Grants = append(by.Grants, authz.Grant{Role: r.Role, Region: over})
		}
	}
	return by
}

// fill makes the organisations and people of a place.
func (w *World) fill(at Place) {
	w.t.Helper()
	ctx, r, office := w.t.Context(), w.At[at.Name], w.Office(at.Town)
	n := len(w.At)
	var err error
	r.Enterprise, err = w.Enterprise.Register(ctx, office, enterprise.Registration{
		Profile: enterprise.Profile{Name: Mark(at, "纺织有限公司"), Region: at.Town}, Codes: []string{Code(n)},
		Contact: enterprise.Contact{Person: Mark(at, "厂长"), Phone: "0515-82300000"},
	})
	w.must(err)
	kind := institution.Guarantor
	if at == Below { // the bank of the county
		kind = institution.Bank
	}
	i, err := w.Institution.Register(ctx, office, institution.Profile{
		Name: Mark(at, "担保中心"), Region: at.Town, Kinds: []institution.Kind{kind}, Level: institution.CountyWide,
	}, "")
	w.must(err)
	r.Institution = i.ID
	i, err = w.Institution.SetOffering(ctx, office, i.ID, i.Version, institution.Offering{
		Theme: institution.Financing, Form: institution.ExpertTeam, Name: "流动资金贷款担保", MaxAmount: 500_000_000, Fee: institution.Low,
	})
	w.must(err)
	i, err = w.Institution.AssignTask(ctx, office, i.ID, i.Version, institution.Task{Year: 2026, Title: Mark(at, "专题任务"), Status: institution.TaskGiven})
	w.must(err)
	i, err = w.Institution.SetPapers(ctx, office, i.ID, i.Version, files.Papers{Add: w.papers(office, at, "许可证")}, "")
	w.must(err)
	if at == Above { // one that everybody may read of
		_, err = w.Institution.Publish(ctx, office, i.ID, i.Version, true)
		w.must(err)
	}
	w.enrol(at, n)
	w.invite(at, n)
	founder := w.actor(r.Founder, account.Self, authz.Grant{Party: authz.Party{Kind: authz.Person, ID: r.Founder}})
	claim, err := w.Enterprise.FileClaim(ctx, founder, enterprise.ClaimForm{Code: Code(n), Region: at.Town, Evidence: "营业执照副本一份，待核对。", Papers: w.papers(founder, at, "营业执照")})
	w.must(err)
	r.Claim = claim.ID
}

// enrol makes the people of a place, one of every role.
func (w *World) enrol(at Place, n int) {
	w.t.Helper()
	ctx, r := w.t.Context(), w.At[at.Name]
	maker := authz.System("world", account.Create, account.Give)
	roles, err := w.Account.Roles(ctx)
	w.must(err)
	enrol := func(name string, grants ...account.Grant) {
		w.t.Helper()
		person := account.NewPerson{
			Phone: fmt.Sprintf("139%08d", 1000*n+len(w.People)), Name: Mark(at, name), Region: at.Town, Demo: true, Grants: grants,
		}
		if at == Outside { // an installation keeps accounts of its own place only
			person.Region = ""
		}
		id, err := w.Account.Provision(ctx, maker, person)
		w.must(err)
		w.People = append(w.People, Person{Role: name, At: at, ID: id})
	}
	enrol(account.Self)
	r.Founder = w.People[len(w.People)-1].ID
	for _, role := range roles {
		g := account.Grant{Role: role.Name}
		switch role.Over {
		case authz.Enterprise:
			g.Party = authz.Party{Kind: authz.Enterprise, ID: string(r.Enterprise)}
		case authz.Institution:
			g.Party = authz.Party{Kind: authz.Institution, ID: string(r.Institution)}
		default:
			g.Region = at.Over
		}
		enrol(role.Name, g)
	}
}

// invite has somebody invited to the office, and somebody to the enterprise.
func (w *World) invite(at Place, n int) {
	w.t.Helper()
	ctx, r := w.t.Context(), w.At[at.Name]
	var err error
	r.Invitation, _, err = w.Account.InvitePerson(ctx, w.Office(at.Over), account.NewInvitation{
		Login: fmt.Sprintf("138%08d", n), Name: Mark(at, "受邀人"), Role: "centre-staff", Region: at.Over,
	})
	w.must(err)
	roles, err := w.Account.Roles(ctx)
	w.must(err)
	owner := authz.Actor{Kind: authz.Human, ID: "maker", Name: "造册人"}
	for _, role := range roles { // whoever passes a role on holds all of it
		if role.Over == authz.Enterprise {
			owner.Grants = append(owner.Grants, authz.Grant{Role: role.Role, Party: authz.Party{Kind: authz.Enterprise, ID: string(r.Enterprise)}})
		}
	}
	r.Colleague, _, err = w.Account.InvitePerson(ctx, owner, account.NewInvitation{
		Login: fmt.Sprintf("137%08d", n), Name: Mark(at, "同事"), Role: "enterprise-staff", Party: owner.Grants[0].Party,
	})
	w.must(err)
}

// actor is somebody with one role, as a session would resolve them.
func (w *World) actor(id, role string, g authz.Grant) authz.Actor {
	w.t.Helper()
	g.Role = authz.Role{Name: role, Permissions: slices.Concat(
		engagement.Permissions(), enterprise.Permissions(), park.Permissions(), guarantee.Permissions(), techplatform.Permissions())}
	return authz.Actor{Kind: authz.Human, ID: id, Name: "造册人", Grants: []authz.Grant{g}}
}

// Mark is a name that is found only on pages that show a record of the place.
func Mark(at Place, what string) string { return "记号" + string(at.Town) + what }

// Code is the n-th valid 组织机构代码.
func Code(n int) string {
	body, sum := fmt.Sprintf("%08d", 73000000+n), 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	return body + "-" + string("0123456789X"[(11-sum%11)%11])
}
