package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/region"
)

// backer is a guarantor with its books.
type backer struct {
	*provider
	typ     guarantee.Type
	level   institution.Level
	office  region.Code
	town    region.Code // of a pool
	since   string
	capital [2]int64 // in ten thousand yuan; the second from raised on
	bank    *provider
	members []*member
	deals   int // contracts so far
}

// member is an enterprise in a pool with what it paid in, in ten thousand yuan.
type member struct {
	*firm
	joined string
	paid   int64
}

// raised is the day on which guarantors raised their capital in 2008.
const raised = "2008-03-18"

// capitalOn is the registered capital on a day.
func (b *backer) capitalOn(day string) int64 {
	if day < raised {
		return b.capital[0]
	}
	return b.capital[1]
}

// policyCapital is what the ten policy guarantors had at the end of 2007 and of
// 2008: eight of them 50 million yuan or more and four above 100 million, then
// all ten and six. One lies on either bound.
var policyCapital = map[region.Code][2]int64{
	"320921": {3000, 5000}, "320922": {4000, 6000}, "320923": {8000, 8000}, "320924": {8000, 12000}, "320925": {10000, 11000},
	"320902": {10000, 10000}, "320903": {13000, 13000}, "320982": {12000, 12000}, "320981": {15000, 15000}, City: {20000, 20000},
}

// Where commercial guarantors are, and how many pools have less than the
// chapter's million yuan.
var commercial = []region.Code{"320902", "320903", "320982", "320981", "320925"}

const smallPools = 5

// The chapter counts 102 pools of a million yuan or more; 81 were there by 2007.
const (
	pools    = 102
	poolsNew = 21
)

// mutualCapital is a pool's, in ten thousand yuan.
func mutualCapital(n int) int64 { return 100 + int64(n*37%11)*50 }

// backing are the guarantors and banks among the institutions to be made.
func (l *loader) backing() []blueprint {
	var plans []blueprint
	late := 0
	for i, n := range share(pools, weights["P"], nil) {
		for k := range int(n) {
			b := l.mutual(offices[i], k)
			if k >= 3 && k%4 == 3 && late < poolsNew {
				b.since = fmt.Sprintf("2008-%02d-%02d", 2+late%6, 4+late)
				b.profile.Since, b.profile.Founded = b.since, b.since
				late++
			}
			plans = append(plans, b)
		}
	}
	for i := range smallPools {
		office := offices[i*2]
		b := l.mutual(office, 20+i)
		b.capital = [2]int64{50 + 10*int64(i), 50 + 10*int64(i)}
		b.profile.Name, b.profile.Capital = l.tree.Name(b.profile.Region, "2008-06-30")+"个体工商户互助担保会", b.capital[1]*wan
		plans = append(plans, b)
	}
	for i, office := range commercial {
		place, _ := l.tree.Place(office, "2008-06-30")
		capital := [2]int64{3000 + 500*int64(i), 3000 + 500*int64(i)}
		plans = append(plans, blueprint{
			office: office, backs: guarantee.Commercial, since: "2005-09-06", capital: capital,
			profile: institution.Profile{
				Name: place.Name + brands[i+4] + "投资担保有限公司", Region: office, Kinds: []institution.Kind{institution.Guarantor},
				Level: institution.CountyWide, Since: "2005-09-06", Capital: capital[1] * wan, About: "演示数据。商业性融资担保",
			},
		})
	}
	for _, office := range offices {
		place, _ := l.tree.Place(office, "2008-06-30")
		b := blueprint{office: office, bank: true, profile: institution.Profile{
			Name: place.Name + "农村合作银行", Region: office, Kinds: []institution.Kind{institution.Bank}, Level: institution.CountyWide,
			Since: "2005-06-28", About: "演示数据。与担保机构合作的银行",
		}}
		if office == City {
			b.profile.Name, b.profile.Level = "盐城市商业银行", institution.Municipal
		}
		if office == sheyang {
			b.staffed, b.phone, b.person = true, bankPhone, "吴建国"
		}
		plans = append(plans, b)
	}
	return plans
}

// wan is ten thousand yuan in fen.
const wan = 1_000_000

func (l *loader) mutual(office region.Code, n int) blueprint {
	towns := l.townsOf(office)
	town, capital := towns[n%len(towns)], [2]int64{mutualCapital(n), mutualCapital(n)}
	name := fmt.Sprintf("%s%s企业互助担保会", town.Name, trades[n%len(trades)].name)
	return blueprint{
		office: office, backs: guarantee.Mutual, since: "2006-11-20", capital: capital,
		profile: institution.Profile{
			Name: name, Region: town.Code, Kinds: []institution.Kind{institution.Guarantor}, Level: institution.TownWide,
			Since: "2006-11-20", Founded: "2006-11-20", Capital: capital[1] * wan, About: "演示数据。会员企业互助担保",
		},
		offers: []institution.Offering{{
			Theme: institution.Financing, Form: institution.ExpertTeam, Name: "会员互助担保",
			Description: "会员企业之间互助担保", Regions: []region.Code{town.Code}, MaxAmount: 2_000_000_00, Fee: institution.Low,
		}},
	}
}

// backers sorts out who of the institutions guarantees and lends.
func (l *loader) backers(plans []blueprint) {
	banks := map[region.Code]*provider{}
	for i := range plans {
		if b := &plans[i]; b.bank {
			banks[b.office] = b.made
		}
	}
	for i := range plans {
		b := &plans[i]
		if b.backs == "" {
			continue
		}
		one := &backer{
			provider: b.made, typ: b.backs, level: b.profile.Level, office: b.office, since: b.since, capital: b.capital, bank: banks[b.office],
		}
		if b.backs == guarantee.Mutual {
			one.town = b.profile.Region
		}
		l.guarantors = append(l.guarantors, one)
	}
	l.banks = banks
}

// guaranteeBooks opens the books of the guarantors: capital from day to day, what a pool
// agreed with its bank and its members, outlets, banks.
func (l *loader) guaranteeBooks(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(2008, 102)) //nolint:gosec // the same year every time
	grounds, err := l.grounds(ctx)
	if err != nil {
		return err
	}
	free := l.enrol(rng)
	towns := l.uncovered()
	l.at(on("2009-01-02", 9, 0)) // the year's books are closed
	err = parallel(ctx, l.guarantors, func(ctx context.Context, b **backer) error {
		if err := l.openBook(ctx, *b, grounds[(*b).town], towns[*b]); err != nil {
			return fmt.Errorf("%s: %w", (*b).name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.direct = free
	return l.Guarantee.CountTowns(ctx, authz.System("demonstration", guarantee.Count), City)
}

// grounds are the parks that pools rest on, one for a town.
func (l *loader) grounds(ctx context.Context) (map[region.Code]park.Park, error) {
	found, cursor := map[region.Code]park.Park{}, ""
	for {
		list, next, err := l.Park.List(ctx, l.official.Scope(park.See), park.Filter{Region: City}, db.Page{Limit: 200, After: cursor})
		for _, p := range list {
			found[p.Region] = p
		}
		if err != nil || next == "" {
			return found, err
		}
		cursor = next
	}
}

// enrol decides who belongs to which pool: six to ten enterprises, of the town
// where it has so many. What is left over are the counties' other enterprises.
func (l *loader) enrol(rng *rand.Rand) map[region.Code][]*firm {
	free := map[region.Code][]*firm{}
	for _, office := range offices[:9] {
		all := slices.Concat(l.firms[office], l.others[office])
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		free[office] = all
	}
	for _, b := range l.guarantors {
		if b.typ != guarantee.Mutual {
			continue
		}
		all := free[b.office]
		slices.SortStableFunc(all, func(x, y *firm) int { // those of the town first
			return map[bool]int{true: -1}[x.town == b.town] - map[bool]int{true: -1}[y.town == b.town]
		})
		n := 6 + rng.IntN(5)
		heft := make([]int64, n)
		for i := range heft {
			heft[i] = int64(6 + rng.IntN(7))
		}
		for i, paid := range share(b.capital[1], heft, nil) {
			b.members = append(b.members, &member{all[i], b.since, paid})
		}
		free[b.office] = all[n:]
	}
	for _, office := range offices[:9] {
		all := free[office]
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	return free
}

// uncovered are towns without a pool, for the outlets of the counties' policy
// guarantors: one of three gets one, in 2008.
func (l *loader) uncovered() map[*backer][]guarantee.Outlet {
	has := map[region.Code]bool{}
	for _, b := range l.guarantors {
		has[b.town] = true
	}
	outlets := map[*backer][]guarantee.Outlet{}
	for _, b := range l.guarantors {
		if b.typ != guarantee.Policy || b.office == City {
			continue
		}
		n := 0
		for _, t := range l.townsOf(b.office) {
			if has[t.Code] {
				continue
			}
			if n++; n%3 == 1 {
				outlets[b] = append(outlets[b], guarantee.Outlet{Town: t.Code, From: "2008-04-15"})
			}
		}
	}
	return outlets
}

// What pools agreed: the bank lends six times what was paid in, a member is
// guaranteed up to ten times its share.
const (
	multiple  = 6
	memberCap = 10
)

// openBook opens the books of one guarantor.
func (l *loader) openBook(ctx context.Context, b *backer, ground park.Park, outlets []guarantee.Outlet) error {
	profile := guarantee.Profile{Type: b.typ, Level: b.level, Since: b.since}
	if b.typ == guarantee.Mutual {
		profile.Park, profile.ParkName = string(ground.ID), ground.Name
		profile.Multiple, profile.MemberCap = multiple*100, memberCap*100
	}
	g, err := l.Guarantee.Open(ctx, l.official, b.id, profile, finance(b.since, b.capital[0], "验资报告（演示）"))
	if err == nil && b.capital[1] > b.capital[0] {
		g, err = l.Guarantee.SetFinance(ctx, l.official, b.id, g.Version, finance(raised, b.capital[1], "增资验资报告（演示）"))
	}
	if err == nil && b.typ == guarantee.Policy {
		year := finance("2008-12-31", b.capital[1], "2008年度审计报告（演示）")
		year.NetAssets += year.NetAssets / 20
		year.Unearned, year.Compensation, year.General = b.capital[1]*wan/50, b.capital[1]*wan/25, b.capital[1]*wan/100
		g, err = l.Guarantee.SetFinance(ctx, l.official, b.id, g.Version, year)
	}
	if err == nil && len(outlets) > 0 {
		g, err = l.Guarantee.SetOutlets(ctx, l.official, b.id, g.Version, outlets)
	}
	if err == nil {
		_, err = l.Guarantee.SetBanks(ctx, l.official, b.id, g.Version, []guarantee.Partner{
			{Bank: b.bank.id, Line: b.capital[1] * multiple * wan, From: b.since},
		})
	}
	for _, m := range b.members {
		if err == nil {
			_, err = l.Guarantee.Join(ctx, l.official, b.id, guarantee.Joining{Number: m.code, On: m.joined, Paid: m.paid * wan})
		}
	}
	return err
}

// finance is a line of a guarantor's books.
func finance(from string, capital int64, source string) guarantee.Finance {
	return guarantee.Finance{From: from, Registered: capital * wan, NetAssets: capital * wan, Source: source}
}
