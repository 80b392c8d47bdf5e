package guarantee_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
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
	linhai  = region.Code("320924101") // 临海镇
	wan     = int64(1_000_000)         // 万元 in fen
)

// world is a city with two counties in 2008: a policy guarantor, a mutual pool,
// a bank and some enterprises of Sheyang.
type world struct {
	*guarantee.Service
	t            *testing.T
	db           *db.DB
	ledger       *ledger.Ledger
	enterprises  *enterprise.Service
	institutions *institution.Service
	clock        time.Time
	tree         *territory.Tree
	n            int

	mill, inn    enterprise.ID
	policy, pool institution.ID
	bank         institution.ID
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
	w := openBare(t, source)
	// 60 million yuan of capital: one client up to 6 million, ten times in all.
	w.books(w.policy, guarantee.Policy, institution.CountyWide, 6000*wan)
	w.books(w.pool, guarantee.Mutual, institution.TownWide, 200*wan)
	return w
}

// openBare is the world before anybody has books.
func openBare(t *testing.T, source string) *world {
	t.Helper()
	w := &world{t: t, clock: at("2008-03-03", 9)}
	d, err := db.Open(t.Context(), source, db.Options{Clock: func() time.Time { return w.clock }})
	w.must(err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(t.Context())
	w.must(err)
	w.must(d.Write(t.Context(), territory.Seed))
	g := gate.New(d, "yc")
	w.db = d
	w.ledger, err = ledger.New(d, "yc", append(guarantee.Measures(), institution.Measures()...))
	w.must(err)
	w.enterprises, err = enterprise.New(d, g, enterprise.Hooks{Merged: guarantee.Rejoin, Separated: guarantee.Rejoin})
	w.must(err)
	w.institutions = institution.New(d, g, w.ledger, institution.Hooks{})
	w.tree, err = territory.LoadTree(t.Context(), d)
	w.must(err)
	w.Service, err = guarantee.New(d, g, w.ledger, guarantee.Hooks{
		Tree: func(context.Context) (*territory.Tree, error) { return w.tree, nil },
	})
	w.must(err)
	w.mill = w.enterprise("射阳县鹤乡纺织有限公司", hede)
	w.inn = w.enterprise("射阳县临海食品有限公司", linhai)
	w.bank = w.institution("射阳农村合作银行", institution.Bank, institution.CountyWide, sheyang)
	w.policy = w.institution("射阳县中小企业信用担保中心", institution.Guarantor, institution.CountyWide, sheyang)
	w.pool = w.institution("合德镇纺织企业互助担保会", institution.Guarantor, institution.TownWide, hede)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// code is the n-th valid 组织机构代码.
func code(n int) string {
	body, sum := fmt.Sprintf("%08d", 73000000+n), 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	return body + "-" + string("0123456789X"[(11-sum%11)%11])
}

func (w *world) enterprise(name string, town region.Code) enterprise.ID {
	w.t.Helper()
	w.n++
	id, err := w.enterprises.Register(w.t.Context(), staff(city), enterprise.Registration{
		Profile: enterprise.Profile{Name: name, Region: town}, Codes: []string{code(w.n)},
	})
	w.must(err)
	return id
}

func (w *world) institution(name string, kind institution.Kind, level institution.Level, place region.Code) institution.ID {
	w.t.Helper()
	i, err := w.institutions.Register(w.t.Context(), staff(city), institution.Profile{
		Name: name, Region: place, Kinds: []institution.Kind{kind}, Level: level, Since: "2004-03-18",
	}, "")
	w.must(err)
	return i.ID
}

func (w *world) guarantor(name string, typ guarantee.Type, level institution.Level, place region.Code, capital int64) institution.ID {
	w.t.Helper()
	id := w.institution(name, institution.Guarantor, level, place)
	w.books(id, typ, level, capital)
	return id
}

func (w *world) books(id institution.ID, typ guarantee.Type, level institution.Level, capital int64) {
	w.t.Helper()
	p := guarantee.Profile{Type: typ, Level: level, Since: "2004-03-18"}
	if typ == guarantee.Mutual {
		p.Park, p.ParkName, p.Multiple, p.MemberCap = "park-1", "合德纺织园", 500, 1000
	}
	_, err := w.Open(w.t.Context(), staff(city), id, p, guarantee.Finance{Registered: capital, NetAssets: capital, Source: "验资报告"})
	w.must(err)
}

func role(may []authz.Permission, g authz.Grant) []authz.Grant {
	g.Role = authz.Role{Permissions: may}
	return []authz.Grant{g}
}

func all() []authz.Permission {
	return append(append(guarantee.Permissions(), institution.Permissions()...), enterprise.Permissions()...)
}

// staff may do everything there.
func staff(at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "staff-" + string(at), Name: "王海燕", Grants: role(all(), authz.Grant{Region: at})}
}

// looker sees everything there and may do nothing.
func looker(at region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "looker", Grants: role([]authz.Permission{guarantee.See}, authz.Grant{Region: at})}
}

func owner(id enterprise.ID) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "owner-" + string(id), Name: "陈国华", Grants: role(all(),
		authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(id)}})}
}

// people of an institution; several of one are told apart by name.
func people(id institution.ID, name string) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: name + "-" + string(id), Name: name, Grants: role(all(),
		authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(id)}})}
}

func wish(fen int64) guarantee.Wish {
	return guarantee.Wish{Amount: fen, Months: 6, Purpose: "采购棉花，备足外贸订单的原料", Security: []guarantee.Security{guarantee.Equipment}}
}

func (w *world) apply(id enterprise.ID, fen int64) guarantee.Case {
	w.t.Helper()
	c, err := w.Apply(w.t.Context(), owner(id), guarantee.Application{Guarantor: w.policy, Enterprise: string(id), Bank: w.bank, Wish: wish(fen)})
	w.must(err)
	return c
}

func votes(yes, no int) guarantee.Meeting {
	m := guarantee.Meeting{On: "2008-03-03"}
	for n := range yes + no {
		v := guarantee.Vote{Name: fmt.Sprintf("委员%d", n+1), Voice: guarantee.For}
		if n >= yes {
			v.Voice = guarantee.Against
		}
		m.Votes = append(m.Votes, v)
	}
	return m
}

// at brings a new case of the mill's into a state along the plain way.
func (w *world) at(state flow.State) guarantee.Case { return w.brought(w.mill, 100*wan, state) }

func (w *world) brought(client enterprise.ID, fen int64, state flow.State) guarantee.Case {
	w.t.Helper()
	ctx, we, bank := w.t.Context(), people(w.policy, "李建"), people(w.bank, "吴行长")
	day := flow.DayOf(w.clock)
	var c guarantee.Case
	step := func(next guarantee.Case, err error) {
		w.t.Helper()
		w.must(err)
		c = next
	}
	if state == guarantee.Proposed {
		step(w.Propose(ctx, bank, guarantee.Application{Guarantor: w.policy, Number: code(1), Bank: w.bank, Wish: wish(fen)}))
		return c
	}
	c = w.apply(client, fen)
	way := []struct {
		to flow.State
		do func()
	}{
		{guarantee.Accepted, func() { step(w.Accept(ctx, we, c.ID, c.Version)) }},
		{guarantee.Examined, func() {
			step(w.Examine(ctx, we, c.ID, c.Version, guarantee.Finding{On: day, Amount: fen, Opinion: "订单真实，设备足值，可以担保"}))
		}},
		{guarantee.Reviewed, func() {
			m := votes(3, 0)
			m.On = day
			step(w.Review(ctx, we, c.ID, c.Version, m))
		}},
		{guarantee.Approved, func() {
			step(w.Approve(ctx, we, c.ID, c.Version, guarantee.Approving{Amount: fen, Months: 6}))
			if c.State == guarantee.Reviewed {
				step(w.Approve(ctx, people(w.policy, "孙主任"), c.ID, c.Version, guarantee.Approving{}))
			}
		}},
		{guarantee.Signed, func() {
			step(w.Sign(ctx, we, c.ID, c.Version, guarantee.Signing{On: day, Amount: fen, Fee: 150}))
		}},
		{guarantee.Lent, func() { step(w.Lend(ctx, bank, c.ID, c.Version, guarantee.Loan{On: day, Amount: fen, Number: "JK-1"})) }},
		{guarantee.Claimed, func() {
			if state != guarantee.Released {
				step(w.PayClaim(ctx, we, c.ID, c.Version, guarantee.Movement{On: day, Amount: fen}))
			}
		}},
		{guarantee.Released, func() {
			step(w.Repay(ctx, bank, c.ID, c.Version, guarantee.Movement{On: day, Amount: fen}))
			step(w.Release(ctx, we, c.ID, c.Version))
		}},
	}
	for _, s := range way {
		if c.State == state {
			return c
		}
		s.do()
	}
	if c.State != state {
		w.t.Fatalf("the plain way led to %s, not %s", c.State, state)
	}
	return c
}

func (w *world) audits(id guarantee.ID) int {
	w.t.Helper()
	trail, err := gate.Trail(w.t.Context(), w.db, gate.Record{Kind: guarantee.Kind, ID: string(id)})
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
		Measure: "guarantee." + measure, Region: in, From: "2008-01-01", To: "2008-12-31", Where: where,
	})
	w.must(err)
	return v
}
