package guarantee_test

import (
	"fmt"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

func (w *world) offer(id institution.ID, fen, rate int64) guarantee.Offer {
	return guarantee.Offer{Institution: id, Amount: fen, Months: 6, Rate: rate, Words: "三天内答复", Until: "2008-04-30"}
}

// A need is posted once; several of the place offer, the enterprise chooses, and
// the days from posting to money are counted.
func TestOneNeedManyOffers(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		far := w.institution("建湖农村合作银行", institution.Bank, institution.CountyWide, jianhu)
		school := w.institution("射阳县培训学校", institution.TrainingBody, institution.CountyWide, sheyang)
		n, err := w.PostNeed(ctx, owner(w.mill), guarantee.NeedPosting{Enterprise: string(w.mill), Wish: wish(300 * wan), WantedBy: "2008-05-01"})
		w.must(err)
		for who, by := range map[string]authz.Actor{
			"a bank of another county": people(far, "行长"), "a school": people(school, "校长"), "another enterprise": owner(w.inn), "nobody": {},
		} {
			if _, err := w.GetNeed(ctx, by, n.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s finds it: %v", who, err)
			}
			list, _, err := w.ListNeeds(ctx, by, guarantee.NeedFilter{}, db.Page{})
			if err != nil || len(list) != 0 {
				t.Errorf("%s lists it: %d, %v", who, len(list), err)
			}
		}
		for _, id := range []institution.ID{w.policy, w.bank} {
			_, err := w.MakeOffer(ctx, people(id, "李建"), n.ID, w.offer(id, 300*wan, 150))
			w.must(err)
		}
		_, err = w.MakeOffer(ctx, people(w.policy, "李建"), n.ID, w.offer(w.policy, 200*wan, 120)) // thinks again
		w.must(err)
		if _, err := w.MakeOffer(ctx, people(w.bank, "吴行长"), n.ID, w.offer(w.bank, 301*wan, 1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("more than was asked for: %v", err)
		}
		seen, err := w.GetNeed(ctx, people(w.bank, "吴行长"), n.ID)
		w.must(err)
		if len(seen.Offers) != 1 || seen.Offers[0].Institution != w.bank {
			t.Errorf("a bank sees others' offers: %+v", seen.Offers)
		}
		d, err := w.GetNeed(ctx, owner(w.mill), n.ID)
		w.must(err)
		if len(d.Offers) != 2 || d.Offers[0].Institution != w.policy || d.Offers[0].Amount != 200*wan {
			t.Fatalf("the enterprise sees %+v", d.Offers)
		}
		if _, err := w.Choose(ctx, people(w.policy, "李建"), n.ID, d.Version, d.Offers[0].ID); !fault.Is(err, fault.Denied) {
			t.Errorf("who offers does not choose: %v", err)
		}
		chosen, err := w.Choose(ctx, owner(w.mill), n.ID, d.Version, d.Offers[0].ID)
		w.must(err)
		if _, err := w.MakeOffer(ctx, people(w.bank, "吴行长"), n.ID, w.offer(w.bank, 100*wan, 1)); !fault.Is(err, fault.Conflict) {
			t.Errorf("an offer after the choice: %v", err)
		}
		w.clock = at("2008-03-15", 10)
		c := w.finish(chosen.Case)
		d, err = w.GetNeed(ctx, owner(w.mill), n.ID)
		w.must(err)
		if days, ok := d.Days(); !ok || days != 12 || d.State != guarantee.NeedFunded || c.Deal.Amount != 200*wan {
			t.Errorf("from posting to money: %d days, %s, %d", days, d.State, c.Deal.Amount)
		}
		if w.figure("days", city) != 12 || w.figure("loans", city) != 1 || w.figure("needs", city) != 1 {
			t.Errorf("figures: %d days of %d loans, %d needs", w.figure("days", city), w.figure("loans", city), w.figure("needs", city))
		}
	})
}

// finish takes an application of the policy guarantor's to the loan.
func (w *world) finish(id guarantee.ID) guarantee.Case {
	w.t.Helper()
	ctx, we := w.t.Context(), people(w.policy, "李建")
	day := w.clock.Format("2006-01-02")
	d, err := w.Get(ctx, we, id)
	w.must(err)
	c, err := w.Accept(ctx, we, id, d.Version)
	w.must(err)
	c, err = w.Examine(ctx, we, id, c.Version, guarantee.Finding{On: day, Amount: c.Amount, Opinion: "订单真实，设备足值，可以担保"})
	w.must(err)
	m := votes(3, 0)
	m.On = day
	c, err = w.Review(ctx, we, id, c.Version, m)
	w.must(err)
	c, err = w.Approve(ctx, we, id, c.Version, guarantee.Approving{Amount: c.Amount, Months: 6})
	w.must(err)
	c, err = w.Sign(ctx, we, id, c.Version, guarantee.Signing{On: day, Amount: c.Granted.Amount, Bank: w.bank})
	w.must(err)
	c, err = w.Lend(ctx, people(w.bank, "吴行长"), id, c.Version, guarantee.Loan{On: day, Amount: c.Deal.Amount})
	w.must(err)
	return c
}

// A bank that was chosen lends without a guarantee, and says so itself.
func TestABankLendsByItself(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		n, err := w.PostNeed(ctx, owner(w.mill), guarantee.NeedPosting{Enterprise: string(w.mill), Wish: wish(300 * wan)})
		w.must(err)
		_, err = w.MakeOffer(ctx, people(w.bank, "吴行长"), n.ID, w.offer(w.bank, 300*wan, 720))
		w.must(err)
		d, err := w.GetNeed(ctx, owner(w.mill), n.ID)
		w.must(err)
		n, err = w.Choose(ctx, owner(w.mill), n.ID, d.Version, d.Offers[0].ID)
		w.must(err)
		w.clock = at("2008-03-10", 10)
		loan := guarantee.Loan{On: "2008-03-10", Amount: 280 * wan}
		if _, err := w.Fund(ctx, people(w.policy, "李建"), n.ID, n.Version, loan); !fault.Is(err, fault.Denied) {
			t.Errorf("a guarantor of the place: %v", err)
		}
		n, err = w.Fund(ctx, people(w.bank, "吴行长"), n.ID, n.Version, loan)
		w.must(err)
		if days, _ := n.Days(); days != 7 || n.Funded != 280*wan {
			t.Errorf("%d days, %d", days, n.Funded)
		}
	})
}

func TestWhatIsAskedForIsChecked(t *testing.T) {
	w := open(t, t.TempDir())
	ctx := t.Context()
	for name, fen := range map[string]int64{"negative": -1, "nothing": 0, "absurd": 1 << 60} {
		_, err := w.Apply(ctx, owner(w.mill), guarantee.Application{Guarantor: w.policy, Enterprise: string(w.mill), Wish: wish(fen)})
		if !fault.FieldsOf(err).Has("amount") {
			t.Errorf("%s: %v", name, err)
		}
	}
	far := w.enterprise("建湖县近湖石油装备有限公司", "320925100")
	_, err := w.Apply(ctx, owner(far), guarantee.Application{Guarantor: w.policy, Enterprise: string(far), Wish: wish(wan)})
	if !fault.FieldsOf(err).Has("guarantor") {
		t.Errorf("another county's enterprise: %v", err)
	}
	if _, err := w.Apply(ctx, owner(w.inn), guarantee.Application{Guarantor: w.policy, Enterprise: string(w.mill), Wish: wish(wan)}); !fault.Is(err, fault.NotFound) {
		t.Errorf("for another enterprise: %v", err)
	}
	_, err = w.Apply(ctx, owner(w.mill), guarantee.Application{Guarantor: "no such", Enterprise: string(w.mill), Wish: guarantee.Wish{}})
	if f := fault.FieldsOf(err); !f.Has("amount") || !f.Has("months") || !f.Has("purpose") || !f.Has("guarantor") {
		t.Errorf("all that is broken is told at once: %v", err)
	}
	_, err = w.Propose(ctx, people(w.bank, "吴行长"), guarantee.Application{Guarantor: w.policy, Number: "no such", Bank: w.bank, Wish: wish(wan)})
	if !fault.FieldsOf(err).Has("number") {
		t.Errorf("a number that nobody has: %v", err)
	}
	if _, err := w.Propose(ctx, people(w.policy, "李建"), guarantee.Application{Guarantor: w.policy, Number: code(1), Bank: w.bank, Wish: wish(wan)}); !fault.Is(err, fault.Denied) {
		t.Errorf("in the name of a bank: %v", err)
	}
}

// The same request twice is one application.
func TestTheSameRequestTwice(t *testing.T) {
	w := open(t, t.TempDir())
	in := guarantee.Application{Guarantor: w.policy, Enterprise: string(w.mill), Wish: wish(wan), Once: "form-1"}
	a, err := w.Apply(t.Context(), owner(w.mill), in)
	w.must(err)
	b, err := w.Apply(t.Context(), owner(w.mill), in)
	w.must(err)
	if a.ID != b.ID || a.Number != b.Number {
		t.Errorf("%s and %s", a.Number, b.Number)
	}
}

// Two entries merged: its guarantees follow, and count together against limits.
func TestGuaranteesFollowAMergedEnterprise(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		c := w.brought(w.inn, 400*wan, guarantee.Approved)
		w.must(w.enterprises.Merge(ctx, staff(city), w.inn, 1, w.mill, "两条登记是同一户企业"))
		d, err := w.Get(ctx, owner(w.mill), c.ID)
		w.must(err)
		if d.Enterprise != string(w.mill) {
			t.Errorf("it belongs to %s", d.Enterprise)
		}
		if _, err := w.approve(w.policy, w.mill, 201*wan); !fault.Is(err, fault.Invalid) {
			t.Errorf("above 10 %% together: %v", err)
		}
	})
}

func TestRulesAreDataThatNeverChangesInUse(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, by := t.Context(), staff(city)
		shipped, err := w.RuleOn(ctx, "2008-03-03")
		w.must(err)
		own := shipped
		own.ID, own.From, own.To, own.Single, own.Published, own.Shipped = "", "2008-03-01", "", 500, false, false
		id, err := w.SetRule(ctx, by, city, own)
		w.must(err)
		if r, err := w.RuleOn(ctx, "2008-03-03"); err != nil || r.Single != 1000 {
			t.Errorf("a draft is in force: %d %v", r.Single, err)
		}
		w.must(w.PublishRule(ctx, by, city, id))
		_, err = w.approve(w.policy, w.mill, 301*wan)
		if got := over(err); len(got) != 1 || got[0] != "single" {
			t.Errorf("5 %% of 60 million: %v", err)
		}
		own.ID = id
		if _, err := w.SetRule(ctx, by, city, own); !fault.Is(err, fault.Conflict) {
			t.Errorf("a rule in force changes: %v", err)
		}
		if err := w.PublishRule(ctx, by, city, "2001"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a shipped one: %v", err)
		}
		if err := w.PublishRule(ctx, by, city, "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown one: %v", err)
		}
		own.ID, own.Group, own.Weights, own.Source.Grade = "", 100, []guarantee.Weight{{Class: "small", Share: 20_000}}, "Z"
		_, err = w.SetRule(ctx, by, city, own)
		if f := fault.FieldsOf(err); !f.Has("group") || !f.Has("weights") || !f.Has("grade") {
			t.Errorf("weights above the whole, a group below one client: %v", err)
		}
		if _, err := w.SetRule(ctx, looker(city), city, shipped); !fault.Is(err, fault.Denied) {
			t.Errorf("one who only looks: %v", err)
		}
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: guarantee.RuleKind, ID: id})
		w.must(err)
		if len(trail) != 2 {
			t.Errorf("%d entries", len(trail))
		}
	})
}

// What is asked for is at least a yuan; on credit goes with no security; rates
// are told in the unit of their field.
func TestWhatNobodyMeansIsRefused(t *testing.T) {
	w := open(t, t.TempDir())
	ctx := t.Context()
	in := guarantee.Application{Guarantor: w.policy, Enterprise: string(w.mill), Bank: w.bank, Wish: wish(1)}
	in.Security = []guarantee.Security{guarantee.NoneGiven, guarantee.Property}
	_, err := w.Apply(ctx, owner(w.mill), in)
	if got := fmt.Sprint(fields(err)); got != "[amount guarantee.field.amount security guarantee.field.unsecured]" {
		t.Errorf("one fen, on credit and with property: %s", got)
	}
	c := w.at(guarantee.Approved)
	_, err = w.Sign(ctx, people(w.policy, "李建"), c.ID, c.Version, guarantee.Signing{On: "2008-03-03", Amount: 100 * wan, Fee: 2001})
	if f := fault.FieldsOf(err); len(f) != 1 || f[0].Key != "guarantee.field.rate" || fmt.Sprint(f[0].Args) != "[most 20]" {
		t.Errorf("a fee of 20.01 %%: %+v", f)
	}
	rule, err := w.RuleOn(ctx, "2008-03-03")
	w.must(err)
	rule.ID, rule.Leverage = "", 1
	if _, err := w.SetRule(ctx, staff(city), city, rule); fmt.Sprint(fields(err)) != "[leverage guarantee.field.multiple]" {
		t.Errorf("leverage of a hundredth: %v", err)
	}
	n, err := w.CountNeeds(ctx, staff(city), guarantee.NeedFilter{})
	if err != nil || n != 0 {
		t.Errorf("%d needs, %v", n, err)
	}
}
