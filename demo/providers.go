package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
)

// provider is an institution with the person who works there.
type provider struct {
	id   institution.ID
	name string
	by   authz.Actor
}

// others is how many institutions are neither centre nor demonstration
// institution: the chapter says 1000多.
const others = 1046

// blueprint is an institution to be made.
type blueprint struct {
	profile   institution.Profile
	tier      institution.Tier
	recognise bool
	offers    []institution.Offering
	staffed   bool
	phone     string // of somebody who can sign in
	person    string
	serves    []institution.Theme // of its office's needs
	lab       bool                // runs a technology platform
	bank      bool
	backs     guarantee.Type // a guarantor's; empty for others
	capital   [2]int64       // a guarantor's at the end of 2007 and of 2008, in ten thousand yuan
	since     string         // the day its books begin
	made      *provider
	office    region.Code
}

// institutions makes the ten service centres, twenty demonstration institutions,
// the guarantors and banks, the technology platforms, and over a thousand others.
func (l *loader) institutions(ctx context.Context) error {
	plans := l.blueprints()
	slices.SortStableFunc(plans, func(a, b blueprint) int { return cmp.Compare(a.year(), b.year()) })
	later := slices.IndexFunc(plans, func(b blueprint) bool { return b.year() == 2008 })
	l.at(on("2007-06-04", 9, 0))
	err := l.foundAll(ctx, plans[:later])
	if err == nil {
		l.at(on("2008-09-01", 9, 0))
		err = l.foundAll(ctx, plans[later:])
	}
	l.backers(plans)
	for _, b := range plans {
		if b.lab {
			l.labs = append(l.labs, &lab{provider: b.made, office: b.office})
		}
	}
	return err
}

// year is when it comes onto the register.
func (b *blueprint) year() int {
	if b.since > "2008" {
		return 2008
	}
	return 2007
}

// foundAll puts institutions onto the register and notes who does what.
func (l *loader) foundAll(ctx context.Context, plans []blueprint) error {
	var mu sync.Mutex
	return parallel(ctx, plans, func(ctx context.Context, b *blueprint) (err error) {
		if b.made, err = l.found(ctx, b); err != nil || !b.staffed || b.lab || b.bank {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if l.providers[b.office] == nil {
			l.providers[b.office] = map[institution.Theme]*provider{}
		}
		for _, theme := range b.serves {
			l.providers[b.office][theme] = b.made
		}
		return nil
	})
}

// blueprints are all institutions to be made.
func (l *loader) blueprints() []blueprint {
	var plans []blueprint
	for _, office := range offices {
		plans = append(plans, l.main(office)...)
	}
	plans = append(plans, l.backing()...)
	for i, n := range share(8, weights["S"], nil) {
		for k := range n {
			plans = append(plans, l.platform(offices[i], int(k)))
		}
	}
	known := 0 // neither centre nor demonstration institution
	for i := range plans {
		if plans[i].profile.Kinds[0] != institution.ServiceCentre && !plans[i].recognise {
			known++
		}
	}
	for i, n := range share(int64(others-known), weights["T"], nil) {
		for k := range n {
			plans = append(plans, l.intermediary(offices[i], int(k)))
		}
	}
	keepContact(plans)
	numbers := phones{next: 100_000}
	for i := range plans {
		if plans[i].staffed && plans[i].phone == "" {
			plans[i].phone, plans[i].person = numbers.number(), person(l.rng)
		}
	}
	return plans
}

// keepContact puts fifty intermediaries into the contact tier (联系层).
func keepContact(plans []blueprint) {
	for i, n := range share(50, weights["T"], nil) {
		for k := len(plans) - 1; k >= 0 && n > 0; k-- {
			if plans[k].office == offices[i] && plans[k].profile.Kinds[0] == institution.Intermediary && plans[k].tier == "" {
				plans[k].tier = institution.Contact
				n--
			}
		}
	}
}

// parallel does many independent things at once: their writes share commits.
func parallel[T any](ctx context.Context, items []T, do func(context.Context, *T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for i := range items {
		group.Go(func() error { return do(ctx, &items[i]) })
	}
	return group.Wait()
}

// main are the institutions of an office that did the needs of 2008.
func (l *loader) main(office region.Code) []blueprint {
	place, _ := l.tree.Place(office, "2008-06-30")
	level, scope := institution.CountyWide, []region.Code{office}
	if office == City {
		level = institution.Municipal
	}
	offer := func(theme institution.Theme, form institution.Form, name string, most int64) institution.Offering {
		return institution.Offering{
			Theme: theme, Form: form, Name: name, Description: name + "，按需求约定时间和方式",
			Regions: scope, MaxAmount: most, Capacity: 40, Fee: institution.Free,
		}
	}
	profile := func(kind institution.Kind, name string, since string) institution.Profile {
		return institution.Profile{
			Name: name, Region: office, Kinds: []institution.Kind{kind}, Level: level,
			Founded: since, Since: since, About: "演示数据。" + name, Address: place.Name + "（演示地址）",
		}
	}
	guarantor, most := place.Name+"中小企业信用担保中心", int64(5_000_000_00)
	if office == City {
		guarantor, most = "盐城市中小企业担保有限公司", 10_000_000_00
	}
	g := profile(institution.Guarantor, guarantor, "2004-03-18")
	g.Capital = policyCapital[office][1] * wan
	backing := blueprint{
		backs: guarantee.Policy, since: g.Since, capital: policyCapital[office],
		profile: g, staffed: true, office: office, serves: []institution.Theme{institution.Financing},
		offers: []institution.Offering{
			offer(institution.Financing, institution.ExpertTeam, "流动资金贷款担保", most),
			offer(institution.Financing, institution.Event, "银保企对接会", 0),
		},
	}
	if office == sheyang {
		backing.phone, backing.person = clerkPhone, "李建"
	}
	return []blueprint{
		{
			profile: profile(institution.ServiceCentre, place.Name+"中小企业服务中心", "2005-01-10"), tier: institution.Core,
			staffed: true, office: office, serves: []institution.Theme{institution.Development},
			offers: []institution.Offering{offer(institution.Development, institution.Media, "政策解读和申报辅导", 0)},
		},
		{
			profile: profile(institution.TrainingBody, place.Name+"中小企业培训学校", "2005-09-01"), tier: institution.Close, recognise: true,
			staffed: true, office: office, serves: []institution.Theme{institution.Capability, institution.Startup},
			offers: []institution.Offering{
				offer(institution.Capability, institution.Training, "订单培训", 0),
				offer(institution.Startup, institution.Training, "创业辅导", 0),
			},
		},
		{
			profile: profile(institution.Intermediary, place.Name+"生产力促进中心", "2005-05-12"), tier: institution.Close, recognise: true,
			staffed: true, office: office, serves: []institution.Theme{institution.Transformation, institution.Markets},
			offers: []institution.Offering{
				offer(institution.Transformation, institution.ExpertTeam, "专家会诊", 0),
				offer(institution.Markets, institution.Event, "展销和电子商务对接", 0),
			},
		},
		backing,
	}
}

func (l *loader) platform(office region.Code, n int) blueprint {
	place, _ := l.tree.Place(office, "2008-06-30")
	name, phone, person := fmt.Sprintf("%s%s技术研究所", place.Name, trades[(n*7+len(place.Name))%len(trades)].name), "", ""
	if office == kexing && n == 0 {
		name, phone, person = "科行环保技术公司", labPhone, "刘志明"
	}
	return blueprint{office: office, lab: true, staffed: true, phone: phone, person: person, profile: institution.Profile{
		Name: name, Region: office,
		Kinds: []institution.Kind{institution.TechnologyPlatform}, Level: institution.CountyWide, Since: "2006-04-08", About: "演示数据。产品检测与工艺改进",
	}, offers: []institution.Offering{{
		Theme: institution.Transformation, Form: institution.ExpertTeam, Name: "产品检测与工艺改进",
		Description: "检测、试验和工艺改进", Regions: []region.Code{office}, Fee: institution.Low,
	}}}
}

// kinds of intermediary, in turn.
var callings = []string{"会计师事务所", "管理咨询中心", "专利事务所", "信息服务部", "质量认证咨询公司", "人才服务中心", "物流服务公司", "广告策划公司", "资产评估事务所", "软件服务公司"}

func (l *loader) intermediary(office region.Code, n int) blueprint {
	place, _ := l.tree.Place(office, "2008-06-30")
	name := place.Name + brands[(n/len(callings))%len(brands)] + callings[n%len(callings)]
	if round := n / (len(callings) * len(brands)); round > 0 {
		name += fmt.Sprintf("（%d部）", round+1)
	}
	return blueprint{office: office, profile: institution.Profile{
		Name: name, Region: office, Kinds: []institution.Kind{institution.Intermediary}, Level: institution.CountyWide,
		Since: "2006-08-15", About: "演示数据",
	}}
}

// found puts an institution on the register, publishes it, and gives it its
// services, tier, recognition and person.
func (l *loader) found(ctx context.Context, b *blueprint) (*provider, error) {
	i, err := l.Institution.Register(ctx, l.official, b.profile, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.profile.Name, err)
	}
	if i, err = l.Institution.Publish(ctx, l.official, i.ID, i.Version, true); err != nil {
		return nil, err
	}
	for _, o := range b.offers {
		if i, err = l.Institution.SetOffering(ctx, l.official, i.ID, i.Version, o); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
	}
	if b.tier != "" {
		term := institution.Term{Tier: b.tier, From: "2007-01-01", Document: "演示文件"}
		if i, err = l.Institution.SetTier(ctx, l.official, i.ID, i.Version, term); err != nil {
			return nil, err
		}
	}
	if b.recognise {
		term := institution.Term{From: "2007-01-01", Document: "演示文件"}
		if i, err = l.Institution.Recognise(ctx, l.official, i.ID, i.Version, term); err != nil {
			return nil, err
		}
	}
	made := &provider{id: i.ID, name: i.Name}
	if !b.staffed {
		return made, nil
	}
	party := authz.Party{Kind: authz.Institution, ID: string(i.ID)}
	in := account.NewPerson{
		Phone: b.phone, Name: b.person, Region: b.profile.Region, Demo: true,
		Grants: []account.Grant{{Role: roleInstitution, Party: party}},
	}
	if b.phone == clerkPhone || b.phone == labPhone || b.phone == bankPhone {
		in.Password = Password
	}
	id, err := l.Account.Provision(ctx, maker(), in)
	if err != nil {
		return nil, err
	}
	made.by = l.actor(id, b.person, roleInstitution, "", party)
	return made, nil
}
