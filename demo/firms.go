package demo

import (
	"context"
	"fmt"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/region"
)

// firm is a made-up enterprise with its owner.
type firm struct {
	id     enterprise.ID
	name   string
	town   region.Code
	office region.Code
	trade  string
	owner  string
	phone  string
	by     authz.Actor

	code string
	year enterprise.Figures
	old  enterprise.Figures
	open string
	sign bool // its owner can sign in

	patents []string // their numbers
}

// firmsInAll is how many enterprises are made, spread over the nine counties.
const firmsInAll = 1500

// townsOf are an office's towns of 2008; the city's own firms sit in its districts.
func (l *loader) townsOf(office region.Code) []territory.Place {
	if towns, ok := l.towns[office]; ok {
		return towns
	}
	within := office
	if office == City {
		within = "320902"
	}
	var towns []territory.Place
	for _, p := range l.tree.Under(within, region.Town, "2008-06-30") {
		if p.Township() {
			towns = append(towns, p)
		}
	}
	l.towns[office] = towns
	return towns
}

// enterprises makes the firms of 2008, each with an organisation code, verified,
// with figures for two years and an owner.
func (l *loader) enterprises(ctx context.Context) error {
	numbers := phones{next: 200_000}
	var all []*firm
	for i, n := range share(firmsInAll, weights[""][:9], nil) {
		office := offices[i]
		towns := l.townsOf(office)
		place, _ := l.tree.Place(office, "2008-06-30")
		for k := range int(n) {
			trade := trades[(k+i)%len(trades)]
			f := &firm{
				office: office, town: towns[l.rng.IntN(len(towns))].Code, trade: trade.name,
				name:  place.Name + brands[(k/len(trades))%len(brands)] + trade.name + "有限公司",
				owner: person(l.rng), phone: numbers.number(), code: madeUpCode(len(all) + 1),
				open: fmt.Sprintf("%d-%02d-%02d", 1994+l.rng.IntN(13), 1+l.rng.IntN(12), 1+l.rng.IntN(28)),
			}
			f.year, f.old = l.figures()
			if office == sheyang && k == 0 {
				f.name, f.town, f.trade = "射阳县鹤乡纺织有限公司", "320924100", "纺织"
				f.owner, f.phone, f.sign = "陈国华", ownerPhone, true
			}
			all = append(all, f)
			l.firms[office] = append(l.firms[office], f)
		}
	}
	l.at(on("2008-01-02", 9, 0))
	return parallel(ctx, all, func(ctx context.Context, f **firm) error { return l.enter(ctx, *f) })
}

// figures are two made-up years of a small or medium enterprise.
func (l *loader) figures() (year, before enterprise.Figures) {
	people := int64(12 + l.rng.IntN(60)*l.rng.IntN(12))
	revenue := people * int64(18+l.rng.IntN(30)) * 1_000_000 // 18 to 47 (ten thousand yuan) a head
	assets := revenue * int64(60+l.rng.IntN(70)) / 100
	p0, r0, a0 := people*9/10, revenue*85/100, assets*88/100
	return enterprise.Figures{Employees: &people, Revenue: &revenue, Assets: &assets},
		enterprise.Figures{Employees: &p0, Revenue: &r0, Assets: &a0}
}

// enter registers, checks and describes one firm, and makes its owner's account.
func (l *loader) enter(ctx context.Context, f *firm) error {
	by := l.staff[f.office]
	var code string
	for _, t := range trades {
		if t.name == f.trade {
			code = t.code
		}
	}
	id, err := l.Enterprise.Register(ctx, by, enterprise.Registration{
		Profile: enterprise.Profile{
			Name: f.name, Region: f.town, Address: "演示地址", LegalForm: enterprise.Company,
			Industry: enterprise.Industry{Edition: "2002", Code: code}, Established: f.open,
		},
		Codes: []string{f.code}, On: "2007-12-31", Evidence: "演示数据",
		Contact: enterprise.Contact{Person: f.owner, Phone: f.phone},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	f.id = id
	if err := l.Enterprise.Verify(ctx, by, id, 1); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	for year, figures := range map[int]enterprise.Figures{2007: f.year, 2006: f.old} {
		y := enterprise.Year{Year: year, Figures: figures, Source: enterprise.AnnualReturn}
		if err := l.Enterprise.SetYear(ctx, by, id, y); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	party := authz.Party{Kind: authz.Enterprise, ID: string(id)}
	in := account.NewPerson{
		Phone: f.phone, Name: f.owner, Region: f.town, Demo: true,
		Grants: []account.Grant{{Role: roleOwner, Party: party}},
	}
	if f.sign {
		in.Password = Password
	}
	person, err := l.Account.Provision(ctx, maker(), in)
	f.by = l.actor(person, f.owner, roleOwner, "", party)
	return err
}
