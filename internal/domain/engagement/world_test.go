package engagement_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
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
	hede    = region.Code("320924100") // 合德镇
	linhai  = region.Code("320924103") // 临海镇
)

// world is a city with two counties, an enterprise and three institutions, at
// the end of 2008.
type world struct {
	*engagement.Service
	t            *testing.T
	db           *db.DB
	ledger       *ledger.Ledger
	flow         *flow.Service
	enterprises  *enterprise.Service
	institutions *institution.Service
	clock        time.Time
	files        *files.Service
	told         *[]told
	news         *[]string

	mill                      enterprise.ID // 射阳县鹤乡纺织有限公司, 合德镇
	centre, guarantor, mutual institution.ID
}

// told is a message somebody got.
type told struct {
	To  string
	Key string
}

type inbox struct {
	all *[]told
	mu  *sync.Mutex
}

// stumble is the title of a need that cannot be posted: telling of it fails.
const stumble = "这一件提不成"

func (i inbox) Tell(_ context.Context, _ *db.Tx, m engagement.Message, persons ...string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, p := range persons {
		*i.all = append(*i.all, told{p, m.Key})
	}
	return nil
}

func (i inbox) TellHolders(_ context.Context, _ *db.Tx, right authz.Permission, over authz.Target, m engagement.Message) error {
	if slices.Contains(m.Args, any(stumble)) {
		return errors.New("no notice could be given")
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	to := string(over.Region)
	for _, p := range over.Parties {
		to += p.Kind
	}
	*i.all = append(*i.all, told{right.Verb() + "@" + to, m.Key})
	return nil
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
	w := &world{t: t, clock: at("2008-12-25", 9), told: &[]told{}, news: &[]string{}}
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time { return w.clock }})
	w.must(err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(t.Context())
	w.must(err)
	w.must(d.Write(t.Context(), flow.Seed))
	g := gate.New(d, "yc")
	w.db = d
	w.ledger, err = ledger.New(d, "yc", append(engagement.Measures(), institution.Measures()...))
	w.must(err)
	w.flow = flow.New(d, g, city)
	w.enterprises, err = enterprise.New(d, g, enterprise.Hooks{Merged: engagement.Rejoin, Separated: engagement.Rejoin})
	w.must(err)
	w.institutions = institution.New(d, g, w.ledger, institution.Hooks{})
	store, err := files.OpenStore(t.Context(), filepath.Join(t.TempDir(), "files"))
	w.must(err)
	w.files = files.New(d, g, store, files.Limits{File: 1 << 20, PerRecord: 3, Owner: 8 << 20, Site: 64 << 20})
	w.Service = engagement.New(d, g, w.ledger, w.flow, engagement.Hooks{
		Files: w.files, Notify: inbox{w.told, &sync.Mutex{}},
		Enqueue: func(_ context.Context, _ *db.Tx, name string, _ any) error {
			*w.news = append(*w.news, name)
			return nil
		},
		Holds: func(_ context.Context, _ db.Reader, person string, _ authz.Permission, _ authz.Target) (bool, error) {
			return person != "a stranger", nil
		},
	})
	w.mill = w.enterprise("射阳县鹤乡纺织有限公司", hede, 1)
	w.centre = w.institution("射阳县中小企业服务中心", institution.ServiceCentre, institution.CountyWide, hede, 0)
	w.guarantor = w.institution("射阳县中小企业信用担保中心", institution.Guarantor, institution.CountyWide, hede, 500)
	w.mutual = w.institution("合德镇纺织企业互助担保会", institution.Guarantor, institution.TownWide, hede, 200)
	return w
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

// institution registers one that offers financing up to so many 万元 a case.
func (w *world) institution(name string, kind institution.Kind, level institution.Level, town region.Code, wan int64) institution.ID {
	w.t.Helper()
	i, err := w.institutions.Register(w.t.Context(), staff(city), institution.Profile{
		Name: name, Region: town, Kinds: []institution.Kind{kind}, Level: level,
	}, "")
	w.must(err)
	if wan > 0 {
		_, err = w.institutions.SetOffering(w.t.Context(), staff(city), i.ID, 1, institution.Offering{
			Theme: institution.Financing, Form: institution.ExpertTeam, Name: "流动资金贷款担保", MaxAmount: wan * 1_000_000, Fee: institution.Low,
		})
		w.must(err)
	}
	return i.ID
}

func role(may []authz.Permission, g authz.Grant) []authz.Grant {
	g.Role = authz.Role{Permissions: may}
	return []authz.Grant{g}
}

// staff may do everything there, but not speak for those who asked.
func staff(at region.Code) authz.Actor {
	may := append(engagement.Permissions(), institution.Permissions()...)
	may = append(may, enterprise.Permissions()...)
	return authz.Actor{Kind: authz.Human, ID: "staff-" + string(at), Name: "王海燕", Grants: role(may, authz.Grant{Region: at})}
}

// looker sees everything there and may do nothing.
func looker(at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "looker", Grants: role([]authz.Permission{engagement.See}, authz.Grant{Region: at})}
}

func owner(id enterprise.ID) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "owner-" + string(id), Name: "陈国华", Grants: role(engagement.Permissions(),
		authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(id)}})}
}

func founder(id string) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: id, Name: "周素兰", Grants: role(engagement.Permissions(),
		authz.Grant{Party: authz.Party{Kind: authz.Person, ID: id}})}
}

func people(id institution.ID) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "people-" + string(id), Name: "李建", Grants: role(engagement.Permissions(),
		authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(id)}})}
}

func loan() engagement.Content {
	return engagement.Content{
		Theme: institution.Financing, Title: "流动资金贷款担保 300 万元",
		Text:   "春节前采购棉花 180 吨，备足一季度外贸订单的原料。出口货款 3 月底前回笼，用于归还。",
		Amount: 300_000_000, Months: 6, Collateral: []engagement.Collateral{engagement.Property, engagement.Equipment}, WantedBy: "2009-02-20",
	}
}

func chen() engagement.Contact {
	return engagement.Contact{Name: "陈国华", Post: "总经理", Phone: "138 0000 0000"}
}

func work(day string) engagement.Work {
	return engagement.Work{
		On: day, Theme: institution.Financing, Form: institution.ExpertTeam, Amount: 300_000_000, Quantity: 1, Text: "担保贷款 300 万元，期限 6 个月",
		Manner: engagement.Manner{Reach: "personal", Topic: "保增长促发展"},
	}
}

func (w *world) post() engagement.Need {
	w.t.Helper()
	n, err := w.Post(w.t.Context(), owner(w.mill), engagement.Posting{Enterprise: string(w.mill), Content: loan(), Contact: chen()})
	w.must(err)
	return n
}

// at brings a new need into a state along the plain way.
func (w *world) at(state flow.State) engagement.Need {
	w.t.Helper()
	ctx, county, mill := w.t.Context(), staff(sheyang), owner(w.mill)
	n := w.post()
	step := func(next engagement.Need, err error) {
		w.t.Helper()
		w.must(err)
		n = next
	}
	switch state {
	case engagement.Posted:
		return n
	case engagement.Referred:
		step(w.Refer(ctx, county, n.ID, n.Version, city, "要市里协调"))
		return n
	case engagement.Withdrawn:
		step(w.Withdraw(ctx, mill, n.ID, n.Version, "不需要了"))
		return n
	case engagement.Refused:
		step(w.Refuse(ctx, county, n.ID, n.Version, "不属于服务范围"))
		return n
	default:
	}
	step(w.Accept(ctx, county, n.ID, n.Version))
	switch state {
	case engagement.Taken:
		return n
	case engagement.Waiting:
		step(w.Ask(ctx, county, n.ID, n.Version, "请补 11 月报表"))
		return n
	default:
	}
	step(w.Offer(ctx, county, n.ID, n.Version, w.guarantor, ""))
	if state == engagement.Offered {
		return n
	}
	step(w.AcceptOffer(ctx, people(w.guarantor), n.ID, n.Version))
	if state == engagement.InProgress {
		return n
	}
	next, _, err := w.Deliver(ctx, people(w.guarantor), n.ID, n.Version, work(flow.DayOf(w.clock)))
	step(next, err)
	step(w.Finish(ctx, people(w.guarantor), n.ID, n.Version))
	if state == engagement.Delivered {
		return n
	}
	step(w.Confirm(ctx, mill, n.ID, n.Version))
	if state == engagement.Rateable {
		return n
	}
	step(w.Rate(ctx, mill, n.ID, n.Version, engagement.Rating{OnTime: true, Solved: engagement.Yes, Score: 5}))
	return n
}

// delivery is the id of the need's only delivery.
func (w *world) delivery(id engagement.ID) string {
	w.t.Helper()
	d, err := w.Get(w.t.Context(), staff(city), id)
	w.must(err)
	if len(d.Deliveries) != 1 {
		w.t.Fatalf("%d deliveries", len(d.Deliveries))
	}
	return d.Deliveries[0].ID
}

func (w *world) audits(id engagement.ID) int {
	w.t.Helper()
	trail, err := gate.Trail(w.t.Context(), w.db, gate.Record{Kind: engagement.Kind, ID: string(id)})
	w.must(err)
	return len(trail)
}

func (w *world) facts() int {
	w.t.Helper()
	var n int
	w.must(w.db.Get(w.t.Context(), &n, `SELECT COUNT(*) FROM ledger_fact`))
	return n
}

// figure is a measure of a year below a region.
func (w *world) figure(measure string, in region.Code, where ...ledger.Cond) int64 {
	w.t.Helper()
	v, err := w.ledger.Value(w.t.Context(), w.db, ledger.Query{
		Measure: "engagement." + measure, Region: in, From: "2008-01-01", To: "2009-12-31", Where: where,
	})
	w.must(err)
	return v
}
