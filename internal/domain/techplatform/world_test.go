package techplatform_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

const (
	city    = region.Code("320900")
	sheyang = region.Code("320924")
	jianhu  = region.Code("320925")
	yandu   = region.Code("320903")
	hede    = region.Code("320924100") // 合德镇
)

// world is a city with an enterprise in each of two counties, and a platform
// that runs in a third, at the beginning of 2009.
type world struct {
	*techplatform.Service
	t           *testing.T
	db          *db.DB
	ledger      *ledger.Ledger
	files       *files.Service
	enterprises *enterprise.Service
	clock       time.Time
	told        *[]string // parties
	offices     *[]string
	settled     *int // year

	mill, forge enterprise.ID // 合德镇纺织厂, 建湖液压件厂
	college     institution.ID
	lab         techplatform.Platform // 科行, in 盐都区, published
	testing     string                // its professional service
	machine     string                // its instrument
}

func at(day string, hour int) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, day, flow.Shanghai())
	if err != nil {
		panic(err)
	}
	return d.Add(time.Duration(hour) * time.Hour)
}

func open(t *testing.T, source string) *world {
	t.Helper()
	w := &world{t: t, clock: at("2009-01-06", 9), told: &[]string{}, offices: &[]string{}, settled: new(int)}
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time { return w.clock }})
	w.must(err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(t.Context())
	w.must(err)
	w.must(d.Write(t.Context(), flow.Seed))
	g := gate.New(d, "yc")
	w.db = d
	w.ledger, err = ledger.New(d, "yc", append(techplatform.Measures(), institution.Measures()...))
	w.must(err)
	merge := func(merged bool) func(ctx context.Context, tx *db.Tx, from, to enterprise.ID) error {
		return func(ctx context.Context, tx *db.Tx, from, to enterprise.ID) error {
			change := w.ledger.Unmerge
			if merged {
				change = w.ledger.Merge
			}
			if err := change(ctx, tx, authz.Enterprise, string(from), string(to)); err != nil {
				return err
			}
			return techplatform.Rejoin(ctx, tx, from, to)
		}
	}
	w.enterprises, err = enterprise.New(d, g, enterprise.Hooks{Merged: merge(true), Separated: merge(false)})
	w.must(err)
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	w.must(err)
	w.files = files.New(d, g, store, files.Limits{File: 1 << 20, PerRecord: 3, Owner: 8 << 20, Site: 64 << 20})
	var mu sync.Mutex
	w.Service = techplatform.New(d, g, w.ledger, flow.New(d, g, city), techplatform.Hooks{
		Files: w.files, Industry: w.enterprises.Industry,
		Settled: func(_ context.Context, _ db.Reader, _ region.Code, year int) (bool, error) {
			return year == *w.settled, nil
		},
		Tell: func(_ context.Context, _ *db.Tx, right authz.Permission, over authz.Target, m techplatform.Message) error {
			mu.Lock()
			defer mu.Unlock()
			for _, p := range over.Parties {
				*w.told = append(*w.told, p.Kind+" "+right.Verb()+" "+m.Key)
			}
			if len(over.Parties) == 0 {
				*w.offices = append(*w.offices, string(over.Region)+" "+right.Verb()+" "+m.Key)
			}
			return nil
		},
	})
	i, err := institution.New(d, g, w.ledger, institution.Hooks{}).Register(t.Context(), staff(city), institution.Profile{
		Name: "盐城科行环保技术有限公司", Region: yandu, Kinds: []institution.Kind{institution.TechnologyPlatform}, Level: institution.Municipal,
	}, "")
	w.must(err)
	w.college = i.ID
	w.mill, w.forge = w.enterprise("射阳县鹤乡纺织有限公司", hede, 1), w.enterprise("建湖县液压件厂", "320925101", 2)
	w.furnish()
	return w
}

// furnish registers the platform with two services and an instrument.
func (w *world) furnish() {
	w.t.Helper()
	ctx, office := w.t.Context(), staff(city)
	step := func(p techplatform.Platform, err error) {
		w.t.Helper()
		w.must(err)
		w.lab = p
	}
	step(w.Register(ctx, office, profile("科行公司技术平台", w.college), []techplatform.Founder{
		{Kind: techplatform.University, Name: "盐城工学院", What: techplatform.Technology, Amount: 200_000_000},
		{Kind: techplatform.Firm, Name: "江苏科行集团", What: techplatform.Funds, Amount: 500_000_000},
	}, ""))
	step(w.SetLevel(ctx, office, w.lab.ID, w.lab.Version, techplatform.Term{Level: techplatform.Nation, From: "2007-06-01", Document: "国家级平台名单"}))
	step(w.SetOffering(ctx, office, w.lab.ID, w.lab.Version, techplatform.Offering{
		Kind: techplatform.Professional, Name: "除尘效率检测", Price: 50_000, Unit: "次", FreeShare: 20,
	}))
	step(w.SetOffering(ctx, office, w.lab.ID, w.lab.Version, techplatform.Offering{Kind: techplatform.Comprehensive, Name: "工艺改进方案", Unit: "次"}))
	step(w.SetInstrument(ctx, office, w.lab.ID, w.lab.Version, techplatform.Instrument{
		Name: "烟气分析仪", Model: "Testo 350", Price: 20_000, Opens: 510, Closes: 1050,
	}))
	step(w.Publish(ctx, office, w.lab.ID, w.lab.Version, true))
	d, err := w.Published(ctx, w.lab.ID)
	w.must(err)
	w.testing, w.machine = d.Offerings[0].ID, d.Instruments[0].ID
}

func profile(name string, by institution.ID) techplatform.Profile {
	return techplatform.Profile{
		Name: name, Kind: techplatform.Common, Institution: by, Functions: []techplatform.Function{techplatform.Testing, techplatform.Research},
		Industry: "环保机械", Region: yandu, Founded: "2006-04-08",
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// organisationCode is the n-th valid 组织机构代码.
func organisationCode(n int) string {
	body, sum := fmt.Sprintf("%08d", 73000000+n), 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	return body + "-" + string("0123456789X"[(11-sum%11)%11])
}

func (w *world) enterprise(name string, town region.Code, n int) enterprise.ID {
	w.t.Helper()
	id, err := w.enterprises.Register(w.t.Context(), staff(city), enterprise.Registration{
		Profile: enterprise.Profile{Name: name, Region: town}, Codes: []string{organisationCode(n)},
	})
	w.must(err)
	return id
}

func role(may []authz.Permission, g authz.Grant) []authz.Grant {
	g.Role = authz.Role{Permissions: may}
	return []authz.Grant{g}
}

// staff may do everything there, but not speak for enterprises and platforms.
func staff(at region.Code) authz.Actor {
	may := append(techplatform.Permissions(), institution.Permissions()...)
	may = append(may, enterprise.Permissions()...)
	return authz.Actor{Kind: authz.Human, ID: "staff-" + string(at), Name: "王海燕", Grants: role(may, authz.Grant{Region: at})}
}

// looker sees everything there and may do nothing.
func looker(at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "looker", Grants: role([]authz.Permission{techplatform.See, techplatform.SeeOrder}, authz.Grant{Region: at})}
}

func owner(id enterprise.ID) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "owner-" + string(id), Name: "陈国华", Grants: role(techplatform.Permissions(),
		authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(id)}})}
}

func people(id institution.ID) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "people-" + string(id), Name: "刘工", Grants: role(techplatform.Permissions(),
		authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(id)}})}
}

func (w *world) wish() techplatform.Wish {
	return techplatform.Wish{Service: w.testing, Title: "除尘器出厂检测", Text: "一台布袋除尘器出厂前要做效率检测。"}
}

// booked is the same with the instrument, on a day from one hour to another.
func (w *world) booked(day string, from, to int) techplatform.Wish {
	wish := w.wish()
	wish.Instrument, wish.Slot = w.machine, techplatform.Slot{Day: day, From: from * 60, To: to * 60}
	return wish
}

func (w *world) place(wish techplatform.Wish) techplatform.Order {
	w.t.Helper()
	o, err := w.Place(w.t.Context(), owner(w.mill), w.lab.ID, w.mill, wish, "")
	w.must(err)
	return o
}

// in brings a new order with nothing booked into a state along the plain way.
func (w *world) in(state flow.State) techplatform.Order {
	w.t.Helper()
	ctx, mill, lab := w.t.Context(), owner(w.mill), people(w.college)
	o := w.place(w.wish())
	step := func(next techplatform.Order, err error) {
		w.t.Helper()
		w.must(err)
		o = next
	}
	switch state {
	case techplatform.Placed:
		return o
	case techplatform.Refused:
		step(w.Refuse(ctx, lab, o.ID, o.Version, "设备在检修"))
		return o
	case techplatform.Withdrawn:
		step(w.Withdraw(ctx, mill, o.ID, o.Version, "不需要了"))
		return o
	default:
	}
	step(w.Accept(ctx, lab, o.ID, o.Version))
	if state == techplatform.Accepted {
		return o
	}
	step(w.Deliver(ctx, lab, o.ID, o.Version, delivery(), files.Papers{}, ""))
	if state == techplatform.Delivered {
		return o
	}
	step(w.Confirm(ctx, mill, o.ID, o.Version))
	if state == techplatform.Confirmed {
		return o
	}
	step(w.Rate(ctx, mill, o.ID, o.Version, techplatform.Rating{Score: 5, OnTime: true}))
	return o
}

func delivery() techplatform.Delivery {
	return techplatform.Delivery{On: "2009-01-06", Report: "除尘效率 99.2%，合格。", Fee: 50_000}
}

// hold uploads a document and answers its token.
func (w *world) hold(by authz.Actor, name string) string {
	w.t.Helper()
	p, err := w.files.Hold(w.t.Context(), by, files.Incoming{Name: name, Data: bytes.NewReader([]byte("%PDF-1.4\n" + name)), Form: "form"})
	w.must(err)
	return p.Token
}

func (w *world) audits(kind, id string) int {
	w.t.Helper()
	trail, err := gate.Trail(w.t.Context(), w.db, gate.Record{Kind: kind, ID: id})
	w.must(err)
	return len(trail)
}

func (w *world) facts() int {
	w.t.Helper()
	var n int
	w.must(w.db.Get(w.t.Context(), &n, `SELECT COUNT(*) FROM ledger_fact`))
	return n
}

// figure is a measure below a place up to the end of a day, since the beginning.
func (w *world) figure(measure string, in region.Code, day ledger.Date, where ...ledger.Cond) int64 {
	w.t.Helper()
	v, err := w.ledger.Value(w.t.Context(), w.db, ledger.Query{Measure: "techplatform." + measure, Region: in, To: day, Where: where})
	w.must(err)
	return v
}

func is(dim string, values ...string) ledger.Cond { return ledger.Cond{Dim: dim, In: values} }
