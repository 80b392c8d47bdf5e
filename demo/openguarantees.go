package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
)

// pending is a guarantee that is open on the day of loading, and how far it has
// come. The county's guarantor finds one of every state.
type pending struct {
	firm   int // of the county's firms
	amount int64
	words  string
	until  flow.State
}

var sheyangGuarantees = []pending{
	{0, 160, "采购棉花，备足一季度外贸订单的原料", guarantee.Applied},
	{4, 90, "收购菊花，烘干加工后交货", guarantee.Accepted},
	{6, 120, "购买两台数控机床的首付", guarantee.Examined},
	{8, 300, "扩建二期厂房，付工程款", guarantee.Reviewed},
	{10, 150, "采购原材料，订单已签", guarantee.Approved},
	{12, 180, "备货出口，信用证已开", guarantee.Signed},
	{14, 200, "补充流动资金，货款两个月后回笼", guarantee.Lent},
	{16, 80, "更新锅炉，达到排放标准", guarantee.Claimed},
}

// openGuarantees makes what is open today: cases of the county's guarantor, and
// a financing need that a guarantor and a bank have answered.
func (l *loader) openGuarantees(ctx context.Context) error {
	l.at(l.Now)
	if err := l.Guarantee.CountTowns(ctx, authz.System("demonstration", guarantee.Count), City); err != nil {
		return err
	}
	i := slices.IndexFunc(l.guarantors, func(b *backer) bool { return b.typ == guarantee.Policy && b.office == sheyang })
	b := l.guarantors[i]
	party := authz.Party{Kind: authz.Institution, ID: string(b.id)}
	second := "孙立新" // above two million yuan two people approve
	id, err := l.Account.Provision(ctx, maker(), account.NewPerson{
		Phone: "13800000012", Name: second, Region: sheyang, Password: Password, Demo: true, Grants: []account.Grant{{Role: roleInstitution, Party: party}},
	})
	if err != nil {
		return err
	}
	chief := l.actor(id, second, roleInstitution, "", party)
	for _, p := range sheyangGuarantees {
		if err := l.pend(ctx, b, chief, p); err != nil {
			return fmt.Errorf("%s: %w", p.words, err)
		}
	}
	return l.financing(ctx, b)
}

// pend brings one case to where it is to stand.
func (l *loader) pend(ctx context.Context, b *backer, chief authz.Actor, p pending) error {
	f, amount, today := l.firms[sheyang][p.firm], p.amount*wan, flow.DayOf(l.Now)
	c, err := l.Guarantees.Apply(ctx, f.by, guarantee.Application{
		Guarantor: b.id, Enterprise: string(f.id), Bank: b.bank.id,
		Wish: guarantee.Wish{Amount: amount, Months: 12, Purpose: p.words + "（演示数据）", Security: []guarantee.Security{guarantee.Equipment}},
	})
	votes := []guarantee.Vote{
		{Name: "孙立新", Voice: guarantee.For},
		{Name: "戴德胜", Voice: guarantee.For},
		{Name: "姜玉龙", Voice: guarantee.For},
		{Name: "仇正东", Voice: guarantee.Abstain, Words: "担心货款回笼"},
	}
	g := l.Guarantees
	for _, s := range []struct {
		to flow.State
		do func() (guarantee.Case, error)
	}{
		{guarantee.Accepted, func() (guarantee.Case, error) { return g.Accept(ctx, b.by, c.ID, c.Version) }},
		{guarantee.Examined, func() (guarantee.Case, error) {
			return g.Examine(ctx, b.by, c.ID, c.Version, guarantee.Finding{On: today, Amount: amount, Opinion: "订单和纳税记录真实，设备足值，可以担保。"})
		}},
		{guarantee.Reviewed, func() (guarantee.Case, error) {
			return g.Review(ctx, chief, c.ID, c.Version, guarantee.Meeting{On: today, Votes: votes})
		}},
		{guarantee.Approved, func() (guarantee.Case, error) {
			return g.Approve(ctx, b.by, c.ID, c.Version, guarantee.Approving{Amount: amount, Months: 12})
		}},
		{guarantee.Signed, func() (guarantee.Case, error) {
			return g.Sign(ctx, b.by, c.ID, c.Version, guarantee.Signing{On: today, Amount: amount, Fee: 150})
		}},
		{guarantee.Lent, func() (guarantee.Case, error) {
			return g.Lend(ctx, b.bank.by, c.ID, c.Version, guarantee.Loan{On: today, Amount: amount})
		}},
		{guarantee.Claimed, func() (guarantee.Case, error) {
			return g.PayClaim(ctx, b.by, c.ID, c.Version, guarantee.Movement{On: today, Amount: amount})
		}},
	} {
		if err != nil || c.State == p.until {
			break
		}
		c, err = s.do()
	}
	return err
}

// financing posts a need of today with two offers.
func (l *loader) financing(ctx context.Context, b *backer) error {
	f := l.firms[sheyang][2]
	n, err := l.Guarantees.PostNeed(ctx, f.by, guarantee.NeedPosting{
		Enterprise: string(f.id),
		Wish:       guarantee.Wish{Amount: 240 * wan, Months: 12, Purpose: "新上一条生产线，差流动资金（演示数据）", Security: []guarantee.Security{guarantee.Property}},
	})
	until := flow.DayOf(l.Now.Add(20 * 24 * time.Hour))
	for _, o := range []struct {
		by   authz.Actor
		from institution.ID
		rate int64
	}{{b.by, b.id, 150}, {b.bank.by, b.bank.id, 435}} {
		if err == nil {
			_, err = l.Guarantees.MakeOffer(ctx, o.by, n.ID, guarantee.Offer{Institution: o.from, Amount: 200 * wan, Months: 12, Rate: o.rate, Until: until, Words: "可以一周内办结（演示数据）"})
		}
	}
	return err
}
