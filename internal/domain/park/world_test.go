package park_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

const (
	city    = region.Code("320900")
	sheyang = region.Code("320924")
	jianhu  = region.Code("320925")
	hede    = region.Code("320924100") // 合德镇, a key town since 2008
	linhai  = region.Code("320924101") // 临海镇, one too
	plain   = region.Code("320924109") // 兴桥镇, none
)

type world struct {
	*park.Service
	t           *testing.T
	db          *db.DB
	gate        *gate.Gate
	ledger      *ledger.Ledger
	files       *files.Service
	territory   *territory.Service
	enterprises *enterprise.Service
	clock       time.Time
	told        []string
	firms       int
}

func open(t *testing.T, source string) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2008, 11, 3, 9, 0, 0, 0, ledger.Shanghai)}
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time { return w.clock }})
	w.must(err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(t.Context())
	w.must(err)
	w.must(d.Write(t.Context(), territory.Seed))
	w.db, w.gate = d, gate.New(d, "yc")
	w.ledger, err = ledger.New(d, "yc", append(park.Measures(), institution.Measures()...))
	w.must(err)
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	w.must(err)
	w.files = files.New(d, w.gate, store, files.Limits{File: 1 << 20, PerRecord: 3, Owner: 1 << 20, Site: 64 << 20})
	w.territory = territory.New(d, w.gate, park.Move)
	w.enterprises, err = enterprise.New(d, w.gate, enterprise.Hooks{Merged: park.Rejoin, Separated: park.Rejoin})
	w.must(err)
	w.Service = park.New(d, w.gate, w.ledger, w.territory, park.Hooks{
		Files: w.files,
		Told: func(_ context.Context, _ *db.Tx, right authz.Permission, _ authz.Target, n park.News) error {
			w.told = append(w.told, right.Verb()+" "+n.Key)
			return nil
		},
	})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// is fails unless the error is a fault of the kind; 0 for none.
func (w *world) is(err error, kind fault.Kind) {
	w.t.Helper()
	if kind == 0 && err == nil || kind != 0 && fault.Is(err, kind) {
		return
	}
	w.t.Errorf("got %v, want %v", err, kind)
}

// broken fails unless exactly the field is said to be broken, for the reason.
func (w *world) broken(err error, field, key string) {
	w.t.Helper()
	f := fault.FieldsOf(err)
	if len(f) != 1 || f[0].Name != field || f[0].Key != key {
		w.t.Errorf("got %v, want %s broken by %s", err, field, key)
	}
}

// level is what a stock is in the city on a day.
func (w *world) level(measure, day string, where ...ledger.Cond) int64 {
	w.t.Helper()
	return w.value(measure, "", day, where...)
}

// value is what a measure counts in the city over a span of days.
func (w *world) value(measure, from, to string, where ...ledger.Cond) int64 {
	w.t.Helper()
	n, err := w.ledger.Value(w.t.Context(), w.db, ledger.Query{
		Measure: measure, Region: city, From: ledger.Date(from), To: ledger.Date(to), Where: where,
	})
	w.must(err)
	return n
}

func (w *world) facts() int {
	w.t.Helper()
	var n int
	w.must(w.db.Get(w.t.Context(), &n, `SELECT COUNT(*) FROM ledger_fact`))
	return n
}

func (w *world) audits(kind, id string) int {
	w.t.Helper()
	trail, err := gate.Trail(w.t.Context(), w.db, gate.Record{Kind: kind, ID: id})
	w.must(err)
	return len(trail)
}

func may() []authz.Permission { return append(park.Permissions(), enterprise.Permissions()...) }

func person(id string, grants ...authz.Grant) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: id, Name: "王海燕", Grants: grants}
}

// official may do everything at the place.
func official(at region.Code) authz.Actor {
	return person("official-"+string(at), authz.Grant{Role: authz.Role{Permissions: may()}, Region: at})
}

// looker sees everything at the place and may do nothing.
func looker(at region.Code) authz.Actor {
	see := []authz.Permission{park.See, park.SeePlan, park.SeeWish}
	return person("looker", authz.Grant{Role: authz.Role{Permissions: see}, Region: at})
}

// owner acts for an enterprise.
func owner(id enterprise.ID) authz.Actor {
	return person("owner-"+string(id), authz.Grant{
		Role:  authz.Role{Permissions: []authz.Permission{enterprise.View, park.SeeWish, park.Seek, park.Apply, park.Withdraw}},
		Party: authz.Party{Kind: authz.Enterprise, ID: string(id)},
	})
}

// operator runs the parks of an institution.
func operator(id institution.ID) authz.Actor {
	return person("operator", authz.Grant{
		Role:  authz.Role{Permissions: []authz.Permission{park.See, park.Edit, park.Accept, park.SeeWish}},
		Party: authz.Party{Kind: authz.Institution, ID: string(id)},
	})
}

func (w *world) firm(town region.Code) enterprise.ID {
	w.t.Helper()
	w.firms++
	body, sum := fmt.Sprintf("%08d", 73000000+w.firms), 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	id, err := w.enterprises.Register(w.t.Context(), official(city), enterprise.Registration{
		Profile: enterprise.Profile{Name: fmt.Sprintf("盐城鹤乡第%d纺织有限公司", w.firms), Region: town},
		Codes:   []string{body + "-" + string("0123456789X"[(11-sum%11)%11])},
	})
	w.must(err)
	return id
}

// institution is one of the register, which may run parks.
func (w *world) institution(name string) institution.ID {
	w.t.Helper()
	by := person("registrar", authz.Grant{Role: authz.Role{Permissions: institution.Permissions()}, Region: city})
	i, err := institution.New(w.db, w.gate, w.ledger, institution.Hooks{}).Register(w.t.Context(), by, institution.Profile{
		Name: name, Region: hede, Kinds: []institution.Kind{institution.ServiceCentre}, Level: institution.CountyWide,
	}, "")
	w.must(err)
	return i.ID
}

func (w *world) park(name string, town region.Code, days park.Works) park.Park {
	w.t.Helper()
	p, err := w.Register(w.t.Context(), official(city), park.Profile{Name: name, Region: town, Land: 200_000, Works: days}, "")
	w.must(err)
	return p
}

func (w *world) house(p park.Park, name string, kind park.Kind, area int64, done string) park.House {
	w.t.Helper()
	floors := 1
	if kind == park.MultiStorey {
		floors = 4
	}
	h, err := w.AddBuilding(w.t.Context(), official(city), p.ID, park.House{
		Name: name, Kind: kind, Floors: floors, Area: area, Works: park.Works{Begun: "2007-03-01", Done: done},
	}, "")
	w.must(err)
	return h
}

func (w *world) enter(p park.Park, h park.House, e enterprise.ID, area int64, on string) (park.Tenancy, error) {
	return w.Enter(w.t.Context(), official(city), p.ID, park.Arrival{Enterprise: e, Building: h.ID, Area: area, On: on}, "")
}

func incoming(name, content string) files.Incoming {
	return files.Incoming{Name: name, Data: strings.NewReader(content), Form: "form"}
}

// freeSlot makes a plan as if it had never been, so that a table of steps can go on.
func freeSlot(plan string) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE park_plan SET state = 'withdrawn', slot = '' WHERE id = ?`, plan)
		return err
	}
}
