package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// kexing is the county (盐都区) of the platform that became a national one in 2008.
const kexing region.Code = "320903"

// lab is a technology platform with those who run it.
type lab struct {
	*provider
	office   region.Code
	platform techplatform.Platform
	services []techplatform.Offering // the professional ones first
	machine  string
}

// What the chapter counts: services in all and up to 2007, and the different
// enterprises they were for. Part of the professional services of 2008 were
// ordered; the rest was entered from the platforms' books.
var (
	comprehensive = [2]int{304, 381}
	professional  = [2]int{497, 622}
	servedFirms   = [2]int{988, 1236}
)

// orderedIn2008 is how many orders of the year are shown from booking to rating.
const orderedIn2008 = 12

// technology makes the specialty bases, the eight common platforms and the ten of
// bases, and what they did up to the end of 2008.
func (l *loader) technology(ctx context.Context) error {
	l.at(on("2008-03-03", 9, 0))
	bases, err := l.bases(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(l.labs, func(a, b *lab) int { // the national one leads
		return map[bool]int{true: -1}[a.name == "科行环保技术公司"] - map[bool]int{true: -1}[b.name == "科行环保技术公司"]
	})
	for n, p := range l.labs {
		if err := l.common(ctx, n, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	for n, b := range bases[:10] {
		if err := l.based(ctx, n, b); err != nil {
			return fmt.Errorf("%s: %w", b.Name, err)
		}
	}
	return l.books(ctx)
}

// bases are the twenty specialty industry bases; sixteen were planned by 2007.
func (l *loader) bases(ctx context.Context) ([]techplatform.Base, error) {
	var all []techplatform.Base
	for i, n := range share(20, weights[""][:9], nil) {
		place, _ := l.tree.Place(offices[i], "2008-06-30")
		for k := range int(n) {
			trade := trades[(i*3+k*5)%len(trades)].name
			since := "2006-10-18"
			if len(all)%5 == 4 {
				since = "2008-02-26"
			}
			b, err := l.Technology.AddBase(ctx, l.official, techplatform.Base{
				Name: place.Name + trade + "特色产业基地", Region: offices[i], Industry: trade, Since: since,
				About: "演示数据。" + place.Name + "的" + trade + "企业集中在这里，共用检测、培训和研发服务。",
			}, "")
			if err != nil {
				return nil, err
			}
			all = append(all, b)
		}
	}
	return all, nil
}

// risen is when a common platform was founded and at which levels it stood: four
// of six were of the province by 2007, five of eight in 2008, one of them of the nation.
var risen = []struct {
	founded string
	levels  []techplatform.Term
}{
	{"2003-05-18", []techplatform.Term{{Level: techplatform.Province, From: "2006-09-01"}, {Level: techplatform.Nation, From: "2008-09-10"}}},
	{"2004-04-06", []techplatform.Term{{Level: techplatform.City, From: "2004-05-01"}, {Level: techplatform.Province, From: "2006-09-01"}}},
	{"2004-09-20", []techplatform.Term{{Level: techplatform.City, From: "2005-01-01"}, {Level: techplatform.Province, From: "2007-06-01"}}},
	{"2005-05-11", []techplatform.Term{{Level: techplatform.City, From: "2005-09-01"}, {Level: techplatform.Province, From: "2007-06-01"}}},
	{"2005-10-25", []techplatform.Term{{Level: techplatform.City, From: "2006-01-01"}, {Level: techplatform.Province, From: "2008-08-15"}}},
	{"2006-04-08", []techplatform.Term{{Level: techplatform.City, From: "2006-06-01"}}},
	{"2008-03-12", []techplatform.Term{{Level: techplatform.City, From: "2008-06-01"}}},
	{"2008-05-22", []techplatform.Term{{Level: techplatform.City, From: "2008-06-01"}}},
}

var universities = []string{"盐城工学院", "江南大学", "南京工业大学", "东华大学", "江苏大学", "扬州大学", "南京理工大学", "苏州大学"}

// common makes one of the eight common platforms.
func (l *loader) common(ctx context.Context, n int, p *lab) error {
	place, _ := l.tree.Place(p.office, "2008-06-30")
	trade := trades[(n*7+5)%len(trades)].name
	name := place.Name + trade + "共性技术服务平台"
	if n == 0 {
		trade, name = "环保设备", "科行公司技术平台"
	}
	l.at(on("2008-06-02", 9, 0))
	err := l.furnish(ctx, p, techplatform.Profile{
		Name: name, Kind: techplatform.Common, Institution: p.id, Industry: trade, Region: p.office, Founded: risen[n].founded,
		Functions: []techplatform.Function{techplatform.Testing, techplatform.Research},
		Address:   place.Name + "（演示地址）", About: "演示数据。为" + trade + "企业做检测、试验和工艺改进。",
	}, n)
	if err != nil {
		return err
	}
	l.at(on("2008-10-06", 9, 0))
	for _, t := range risen[n].levels {
		t.Document = "演示认定文件"
		if p.platform, err = l.Technology.SetLevel(ctx, l.official, p.platform.ID, p.platform.Version, t); err != nil {
			return err
		}
	}
	p.platform, err = l.Technology.Publish(ctx, l.official, p.platform.ID, p.platform.Version, true)
	return err
}

// based sets up one of the ten platforms of bases, run by the county's
// productivity centre with a university.
func (l *loader) based(ctx context.Context, n int, b techplatform.Base) error {
	l.at(on("2008-11-03", 9, 0))
	office := b.Region
	p := &lab{provider: l.providers[office][institution.Transformation], office: office}
	functions := techplatform.Functions()
	err := l.furnish(ctx, p, techplatform.Profile{
		Name: b.Name + "技术服务平台", Kind: techplatform.InBase, Base: string(b.ID), Institution: p.id, Industry: b.Industry, Region: office,
		Founded: fmt.Sprintf("2008-%02d-15", 2+n%9), Functions: functions[n%3 : n%3+2],
		About: "演示数据。设在" + b.Name + "。",
	}, n+3)
	if err == nil {
		_, err = l.Technology.Publish(ctx, l.official, p.platform.ID, p.platform.Version, true)
	}
	return err
}

// furnish registers a platform with its founders, services and instrument.
func (l *loader) furnish(ctx context.Context, p *lab, in techplatform.Profile, n int) error {
	firm := l.firms[p.near()][n]
	step := func(got techplatform.Platform, err error) error {
		p.platform = got
		return err
	}
	err := step(l.Technology.Register(ctx, l.official, in, []techplatform.Founder{
		{Kind: techplatform.University, Name: universities[n%len(universities)], What: techplatform.Technology, Amount: int64(80+10*n) * 1_000_000},
		{Kind: techplatform.Firm, Name: firm.name, What: techplatform.Funds, Amount: int64(200+30*n) * 1_000_000},
		{Kind: techplatform.Firm, Name: l.firms[p.near()][n+1].name, What: techplatform.Premises, Note: "提供试验场地"},
	}, ""))
	for _, o := range []techplatform.Offering{
		{Kind: techplatform.Professional, Name: in.Industry + "产品检测", Description: "按标准取样、检测，出具报告。", Price: int64(300+20*n) * 100, Unit: "次", FreeShare: 20},
		{Kind: techplatform.Professional, Name: "委托试验", Description: "按企业的要求安排试验。", Price: int64(800+50*n) * 100, Unit: "次", FreeShare: 10},
		{Kind: techplatform.Comprehensive, Name: "工艺改进方案", Description: "工程师到企业看现场，提出改进方案。", Unit: "次", FreeShare: 100},
	} {
		if err == nil {
			err = step(l.Technology.SetOffering(ctx, l.official, p.platform.ID, p.platform.Version, o))
		}
	}
	for _, i := range []techplatform.Instrument{
		{Name: "万能材料试验机", Model: "WDW-100", Price: 8_000, Opens: 510, Closes: 1050, About: "拉伸、压缩、弯曲试验"},
		{Name: "红外光谱仪", Model: "Nicolet 6700", Price: 15_000, Opens: 540, Closes: 1020, About: "成分分析"},
	} {
		if err == nil {
			err = step(l.Technology.SetInstrument(ctx, l.official, p.platform.ID, p.platform.Version, i))
		}
	}
	if err != nil {
		return err
	}
	d, err := l.Technology.Get(ctx, l.official.Scope(techplatform.See), p.platform.ID)
	p.services = d.Offerings
	if len(d.Instruments) > 0 {
		p.machine = d.Instruments[0].ID
	}
	return err
}

// near is the county whose firms a platform works with first.
func (p *lab) near() region.Code {
	if p.office == City {
		return "320902"
	}
	return p.office
}

var (
	tests     = []string{"产品出厂检测", "原材料成分分析", "拉伸强度试验", "新产品型式试验", "环保排放检测"}
	diagnoses = []string{"生产工艺会诊", "质量管理体系辅导", "节能改造方案", "技术人员集中培训"}
)

// books enters what the platforms did up to 2007, what they did in 2008, and the
// orders of that year. Each of the enterprises comes up at least once.
func (l *loader) books(ctx context.Context) error {
	firms := l.clients()
	early, late := firms[:servedFirms[0]], firms[servedFirms[0]:]
	l.at(on("2008-01-05", 9, 0))
	if err := l.enterBook(ctx, l.labs[:6], early, comprehensive[0], professional[0], func(n int) time.Time {
		return on("2006-06-01", 0, 0).AddDate(0, 0, n*570/(comprehensive[0]+professional[0]))
	}); err != nil {
		return err
	}
	if err := l.ordered(ctx, late[:orderedIn2008]); err != nil {
		return err
	}
	l.at(on("2009-01-05", 9, 0))
	done := [2]int{comprehensive[1] - comprehensive[0], professional[1] - professional[0] - orderedIn2008}
	// Those who come again are not others: a tenth of the year's clients were known.
	again := append(slices.Clone(late[orderedIn2008:]), early[:len(late)/10]...)
	return l.enterBook(ctx, l.labs, again, done[0], done[1], func(n int) time.Time {
		return on("2008-05-26", 0, 0).AddDate(0, 0, n*215/(done[0]+done[1]))
	})
}

// clients are the enterprises that the platforms serve, spread over the counties
// like all enterprises, in an order of chance.
func (l *loader) clients() []*firm {
	var all []*firm
	for i, n := range share(int64(servedFirms[1]), weights[""][:9], nil) {
		all = append(all, l.firms[offices[i]][:n]...)
	}
	l.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// enterBook spreads so many services over the platforms, and the firms over the
// services: some are for two or three at once.
func (l *loader) enterBook(ctx context.Context, labs []*lab, firms []*firm, whole, special int, when func(n int) time.Time) error {
	works := make([]techplatform.Work, whole+special)
	for n := range works {
		w := &works[n]
		w.On, w.Kind, w.Title = when(n).Format(time.DateOnly), techplatform.Professional, tests[n%len(tests)]
		if n*whole/(whole+special) != (n+1)*whole/(whole+special) {
			w.Kind, w.Title = techplatform.Comprehensive, diagnoses[n%len(diagnoses)]
		} else if n%5 > 0 { // every fifth is within the free share
			w.Fee = int64(30+n%50) * 1_000
		}
	}
	for n, f := range firms {
		w := &works[n%len(works)]
		w.Enterprises = append(w.Enterprises, string(f.id))
	}
	for n := len(firms); n < len(works); n++ { // more services than firms: some come twice
		works[n].Enterprises = []string{string(firms[n%len(firms)].id)}
	}
	for k, p := range labs {
		var own []techplatform.Work
		for n := k; n < len(works); n += len(labs) {
			own = append(own, works[n])
		}
		if err := l.Technology.EnterWorks(ctx, l.official, p.platform.ID, own); err != nil {
			return fmt.Errorf("%s: %w", p.platform.Name, err)
		}
	}
	return nil
}

// ordered takes orders of the national platform from booking to rating.
func (l *loader) ordered(ctx context.Context, firms []*firm) error {
	p := l.labs[0]
	for n, f := range firms {
		day := on("2008-11-03", 9, 0).AddDate(0, 0, n*3)
		for wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday; wd = day.Weekday() {
			day = day.AddDate(0, 0, 1)
		}
		l.at(day)
		o, err := l.Technology.Place(ctx, f.by, p.platform.ID, f.id, techplatform.Wish{
			Service: p.services[0].ID, Title: tests[n%len(tests)], Text: "样品已备好，请按标准检测并出报告。（演示数据）",
			Instrument: p.machine, Slot: techplatform.Slot{Day: day.Format(time.DateOnly), From: 600 + n%4*60, To: 660 + n%4*60},
		}, "")
		for _, s := range []struct {
			hours int
			do    func() (techplatform.Order, error)
		}{
			{0, func() (techplatform.Order, error) { return l.Technology.Accept(ctx, p.by, o.ID, o.Version) }},
			{6, func() (techplatform.Order, error) {
				return l.report(ctx, l.Technology, p, &o, techplatform.Delivery{
					On: day.Format(time.DateOnly), Report: "按标准检测，结果合格，数据见报告。", Fee: p.services[0].Price,
				})
			}},
			{7, func() (techplatform.Order, error) { return l.Technology.Confirm(ctx, f.by, o.ID, o.Version) }},
			{7, func() (techplatform.Order, error) {
				return l.Technology.Rate(ctx, f.by, o.ID, o.Version, techplatform.Rating{Score: 3 + n%3, OnTime: n%4 > 0, Words: "报告清楚。"})
			}},
		} {
			if err != nil {
				return fmt.Errorf("order of %s: %w", f.name, err)
			}
			l.at(day.Add(time.Duration(s.hours) * time.Hour))
			o, err = s.do()
		}
		if err != nil {
			return fmt.Errorf("order of %s: %w", f.name, err)
		}
	}
	return nil
}

// orders are those that are open on the day of loading: one to be accepted, one
// in work, one whose report the enterprise has to look at.
func (l *loader) orders(ctx context.Context) error {
	l.at(l.Now)
	p, f := l.labs[0], l.firms[sheyang][0]
	today := l.Now.In(on("2008-01-01", 0, 0).Location()).Format(time.DateOnly)
	for n, title := range []string{"棉纱强力检测", "布料成分分析", "染色废水检测"} {
		o, err := l.TechToday.Place(ctx, f.by, p.platform.ID, f.id, techplatform.Wish{
			Service: p.services[n%2].ID, Title: title, Text: "出口订单要附检测报告，样品明天送到。（演示数据）",
		}, "")
		if err == nil && n > 0 {
			o, err = l.TechToday.Accept(ctx, p.by, o.ID, o.Version)
		}
		if err == nil && n > 1 {
			_, err = l.report(ctx, l.TechToday, p, &o, techplatform.Delivery{
				On: today, Report: "化学需氧量 82 毫克每升，符合排放标准。", Fee: p.services[n%2].Price,
			})
		}
		if err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
	}
	return nil
}

// said are services that platforms entered by themselves and that wait for the
// office of their place, and one that it returned.
func (l *loader) said(ctx context.Context) error {
	l.at(l.Now)
	today := flow.DayOf(l.Now)
	for n, title := range []string{"棉纱批次检测", "液压件耐压试验", "除尘滤袋透气检测", "质量管理体系辅导", "布料色牢度检测"} {
		p := l.labs[n%3]
		w := techplatform.Work{Kind: techplatform.Professional, On: today, Title: title, Fee: int64(n) * 20_000}
		for i := range 1 + n%2 {
			w.Enterprises = append(w.Enterprises, string(l.firms[sheyang][n+i].id))
		}
		got, err := l.TechToday.RecordWork(ctx, p.by, p.platform.ID, w, "")
		if err == nil && n == 4 {
			_, err = l.TechToday.ReturnWork(ctx, l.official, got.ID, got.Version, "没有附检测报告编号，请补全后重新登记")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
	}
	return nil
}

// report hands in what a platform found, with its report as a document.
func (l *loader) report(ctx context.Context, tech *techplatform.Service, p *lab, o *techplatform.Order, d techplatform.Delivery) (techplatform.Order, error) {
	token, err := l.paper(ctx, p.by, "检测报告", "委托企业："+o.Requester, "检测项目："+o.Title, "检测日期："+d.On, d.Report)
	if err != nil {
		return *o, err
	}
	return tech.Deliver(ctx, p.by, o.ID, o.Version, d, files.Papers{Add: []string{token}}, "")
}
