package world

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
)

// Guarantees are a place's records of guarantees. All are of Own: its institution
// is the guarantor, the one of Below the bank; a pool has its enterprise as the
// one member; cases and financing needs are in the states that steps begin from.
type Guarantees struct {
	Pool, Member string
	Filing       string // of the institution's, for the office to confirm
	Cases, Needs map[flow.State]string
	Offer        string // the bank's, on the need that is open
	Rule         string // a draft
}

// amount is what is asked for everywhere: a million yuan, in fen.
const amount = 100_000_000

func (w *World) guarantees(at Place) {
	w.t.Helper()
	ctx, office, r := w.t.Context(), w.Office(at.Town), w.At[at.Name]
	r.Guarantees = Guarantees{Cases: map[flow.State]string{}, Needs: map[flow.State]string{}}
	books := guarantee.Profile{Type: guarantee.Policy, Level: institution.CountyWide, Since: "2010-01-01"}
	money := guarantee.Finance{Registered: 100 * amount, NetAssets: 100 * amount, Source: "验资报告"}
	switch at {
	case Above: // one that everybody may read of
		_, err := w.Guarantee.Open(ctx, office, r.Institution, books, money)
		w.must(err)
		return
	case Own:
	default:
		return
	}
	_, err := w.Guarantee.Open(ctx, office, r.Institution, books, money)
	w.must(err)
	pool, err := w.Institution.Register(ctx, office, institution.Profile{
		Name: Mark(at, "互助会"), Region: at.Town, Kinds: []institution.Kind{institution.Guarantor}, Level: institution.TownWide,
	}, "")
	w.must(err)
	books.Type, books.Level, books.ParkName, books.Multiple, books.MemberCap = guarantee.Mutual, institution.TownWide, "纺织园", 500, 300
	_, err = w.Guarantee.Open(ctx, office, pool.ID, books, money)
	w.must(err)
	m, err := w.Guarantee.Join(ctx, office, pool.ID, guarantee.Joining{Number: Code(1), On: "2020-01-06", Paid: amount})
	w.must(err)
	r.Guarantees.Pool, r.Guarantees.Member = string(pool.ID), m.ID
	_, guarantor, _, _ := w.parties()
	money.From = "2020-01-06"
	_, err = w.Guarantee.SetFinance(ctx, guarantor, r.Institution, 1, money)
	w.must(err)
	r.Guarantees.Filing = w.One(`SELECT id FROM guarantor_filing WHERE state = 'open'`)
}

// applications bring cases and financing needs of Own as far as their states.
func (w *World) applications() {
	w.t.Helper()
	g := w.At[Own.Name].Guarantees
	for _, state := range guarantee.Lifecycle().States {
		if !guarantee.Lifecycle().Ended(state) {
			g.Cases[state] = string(w.guarantee(state))
		}
	}
	for _, state := range []flow.State{guarantee.NeedOpen, guarantee.NeedChosen} {
		g.Needs[state] = w.financing(state)
	}
	rule, err := w.Guarantee.RuleOn(w.t.Context(), flow.DayOf(w.DB.Now()))
	w.must(err)
	rule.ID, rule.From = "", "2030-01-01"
	w.At[Own.Name].Guarantees.Rule, err = w.Guarantee.SetRule(w.t.Context(), w.Office(Above.Over), Above.Over, rule)
	w.must(err)
	w.At[Own.Name].Guarantees.Offer = w.offerOn(g.Needs[guarantee.NeedOpen])
}

// parties are those of Own's guarantees, each with every right.
func (w *World) parties() (client, guarantor, second, bank authz.Actor) {
	own := w.At[Own.Name]
	client = w.actor("client", "owner", authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(own.Enterprise)}})
	guarantor = w.actor("first", "institution", authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(own.Institution)}})
	bank = w.actor("bank", "institution", authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(w.At[Below.Name].Institution)}})
	second = guarantor
	second.ID = "second"
	return client, guarantor, second, bank
}

func wished() guarantee.Wish {
	return guarantee.Wish{Amount: amount, Months: 6, Purpose: "采购棉花，备足一季度订单的原料", Security: []guarantee.Security{guarantee.Equipment}}
}

func (w *World) guarantee(state flow.State) guarantee.ID {
	w.t.Helper()
	ctx, own, g, today := w.t.Context(), w.At[Own.Name], w.Guarantee, flow.DayOf(w.DB.Now())
	client, we, second, bank := w.parties()
	in := guarantee.Application{
		Guarantor: own.Institution, Bank: w.At[Below.Name].Institution, Enterprise: string(own.Enterprise), Number: Code(1), Wish: wished(),
	}
	if state == guarantee.Proposed {
		c, err := g.Propose(ctx, bank, in)
		w.must(err)
		return c.ID
	}
	c, err := g.Apply(ctx, client, in)
	w.must(err)
	for _, step := range []func() (guarantee.Case, error){
		func() (guarantee.Case, error) { return g.Accept(ctx, we, c.ID, c.Version) },
		func() (guarantee.Case, error) {
			return g.Examine(ctx, we, c.ID, c.Version, guarantee.Finding{On: today, Amount: amount, Opinion: "订单真实，设备足值，可以担保"})
		},
		func() (guarantee.Case, error) {
			m := guarantee.Meeting{On: today}
			for _, name := range []string{"周明", "吴敏", "郑华", "王强", "冯军"} {
				m.Votes = append(m.Votes, guarantee.Vote{Name: name, Voice: guarantee.For})
			}
			return g.Review(ctx, we, c.ID, c.Version, m)
		},
		func() (guarantee.Case, error) {
			c, err := g.Approve(ctx, we, c.ID, c.Version, guarantee.Approving{Amount: amount, Months: 6})
			if err == nil && c.State == guarantee.Reviewed {
				c, err = g.Approve(ctx, second, c.ID, c.Version, guarantee.Approving{})
			}
			return c, err
		},
		func() (guarantee.Case, error) {
			return g.Sign(ctx, we, c.ID, c.Version, guarantee.Signing{On: today, Amount: amount, Fee: 150})
		},
		func() (guarantee.Case, error) {
			return g.Lend(ctx, bank, c.ID, c.Version, guarantee.Loan{On: today, Amount: amount, Number: "JK-1"})
		},
		func() (guarantee.Case, error) {
			return g.PayClaim(ctx, we, c.ID, c.Version, guarantee.Movement{On: today, Amount: amount})
		},
	} {
		if c.State == state {
			break
		}
		c, err = step()
		w.must(err)
	}
	return c.ID
}

// financing is a need that the bank has made an offer on, and its offer chosen.
func (w *World) financing(state flow.State) string {
	w.t.Helper()
	ctx, g := w.t.Context(), w.Guarantee
	client, _, _, bank := w.parties()
	n, err := g.PostNeed(ctx, client, guarantee.NeedPosting{Enterprise: string(w.At[Own.Name].Enterprise), Wish: wished()})
	w.must(err)
	_, err = g.MakeOffer(ctx, bank, n.ID, guarantee.Offer{Amount: amount, Months: 6, Rate: 450, Until: flow.AddDays(flow.DayOf(w.DB.Now()), 30)})
	w.must(err)
	if state == guarantee.NeedChosen {
		_, err = g.Choose(ctx, client, n.ID, n.Version, w.offerOn(n.ID))
		w.must(err)
	}
	return n.ID
}

func (w *World) offerOn(need string) string {
	return w.One(`SELECT id FROM guarantee_offer WHERE need_id = ?`, need)
}
