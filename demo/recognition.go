package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const roleReviewer = "reviewer"

// panel are the three experts of every review.
var panel = []struct{ phone, name string }{
	{"13800000021", "沈文博"}, {"13800000022", "顾晓梅"}, {"13800000023", "陆建中"},
}

// The titles of parks that were given in 2008.
const (
	gradeA    = "park.a"
	modelPark = "park.model"
)

// awarded is the day of both decisions.
const awarded = "2008-11-20"

// standard is the standard of 2008 for a title of parks: as the program's own,
// with thresholds of the time.
func standard(name string, area, tenants float64, to string) criteria.Set {
	line := func(id, zh, en string, weight float64, guideZh, guideEn string) criteria.Item {
		return criteria.Item{
			ID: id, Name: criteria.Words{Zh: zh, En: en}, Weight: weight, Guide: criteria.Words{Zh: guideZh, En: guideEn},
			Evidence: proofs[id].title != "",
		}
	}
	floor := func(id, zh, en string, need float64, unit, unitEn string) criteria.Rule {
		return criteria.Rule{
			ID: id, Name: criteria.Words{Zh: zh, En: en}, Op: criteria.AtLeast, Need: &need, Unit: criteria.Words{Zh: unit, En: unitEn},
		}
	}
	bonus := line("bonus", "特色产业集聚", "Specialty industry", 5,
		"设在特色产业基地内 100 分；主导产业占一半以上 60 分；其他 0 至 40 分",
		"Within a specialty base: 100; one industry has more than half: 60; else 0 to 40")
	bonus.Bonus = true
	return criteria.Set{
		Name: criteria.Words{Zh: name + "（2008，演示）", En: "Standard of 2008 (demonstration)"}, From: "2008-01-01", To: to,
		Source: criteria.Source{Law: "演示数据：按本系统默认评分表编写", Grade: "P"},
		Rule: &criteria.Rule{Name: criteria.Words{Zh: "申报条件", En: "Conditions"}, All: []criteria.Rule{
			floor("factory_area", "建成标准厂房面积", "Completed standard factory floor area", area, "平方米", "m²"),
			floor("tenants", "入园中小企业", "SMEs in the park", tenants, "户", "enterprises"),
			{ID: "guaranteed", Name: criteria.Words{Zh: "园内企业能得到互助担保", En: "Mutual guarantees for its tenants"}, Op: criteria.Flag},
		}},
		Score: &criteria.Scorecard{Pass: 75, BonusCap: 5, Items: []criteria.Item{
			line("plan", "规划与布局", "Plan and layout", 25,
				"规划经评审并严格执行 90 分以上；执行有偏差 70 至 89 分；没有评审过的规划 60 分以下",
				"Reviewed plan, strictly kept: 90 and more; kept in part: 70 to 89; no reviewed plan: below 60"),
			line("facility", "公用设施", "Shared facilities", 20,
				"水、电、路、污水和办公、仓储、宿舍齐全 90 分以上；缺一项减 10 分",
				"Water, power, roads, sewage, offices, storage and dormitories: 90 and more; 10 less for each that is missing"),
			line("growth", "入园企业成长", "Growth of tenants", 30,
				"入园企业销售和用工都增长两成以上 90 分以上；增长一成 75 分左右；没有增长 60 分以下",
				"Sales and jobs of tenants up by a fifth: 90 and more; by a tenth: about 75; no growth: below 60"),
			line("service", "园区服务", "Services in the park", 25,
				"有专人，创业辅导、融资、培训都有记录 90 分以上；有其中两项 75 分左右；一项 60 分左右",
				"Own staff, with coaching, financing and training on record: 90 and more; two of them: about 75; one: about 60"),
			bonus,
		}},
	}
}

// proofs are the documents that lines of the standards ask for, by line.
var proofs = map[string]struct{ title, text string }{
	"facility": {"公用设施清单", "办公、仓储、宿舍、供水、供电、道路和污水处理都已建成使用。"},
	"growth":   {"入园企业成长情况表", "入园企业的销售收入、用工人数和纳税都比上年增加。"},
}

// reviewers makes the accounts of the panel.
func (l *loader) reviewers(ctx context.Context) error {
	for _, e := range panel {
		id, err := l.Account.Provision(ctx, maker(), account.NewPerson{
			Phone: e.phone, Name: e.name, Region: City, Password: Password, Demo: true, Grants: []account.Grant{{Role: roleReviewer, Region: City}},
		})
		if err != nil {
			return err
		}
		l.experts = append(l.experts, l.actor(id, e.name, roleReviewer, City, authz.Party{}))
	}
	return nil
}

// page is a page of a list, of the shape that the domain's lists take.
type page = struct {
	Limit int
	After string
}

// round is one call for applications with the days of its steps.
type round struct {
	call   recognition.Call
	by     *recognition.Service
	days   func(step int) time.Time // announced, applied, checked, assigned, reviewed, public, decided
	people func(office region.Code) authz.Actor
}

// recognition gives grade A and the name of model park as it was done in 2008:
// by calls, applications, reviewers and publicity.
func (l *loader) recognition(ctx context.Context) error {
	l.at(on("2008-08-04", 9, 0))
	if err := l.reviewers(ctx); err != nil {
		return err
	}
	plan := []string{"2008-08-08", "2008-09-03", "2008-09-16", "2008-09-22", "2008-10-14", "2008-11-10", awarded}
	for _, title := range []struct {
		id, name, number string
		area, tenants    float64
		to               string // the standard holds until then
		has              func(*site) bool
	}{
		{gradeA, "市定A级中小企业园标准", "46", 8_000, 5, "2009-01-01", func(s *site) bool { return s.grade != "" }},
		{modelPark, "示范中小企业园标准", "47", 10_000, 5, "", func(s *site) bool { return s.model != "" }},
	} {
		if err := l.terms(ctx, title.id, 0); err != nil { // no end was set then
			return err
		}
		version, err := l.Recognition.DraftCriteria(ctx, l.official, City, title.id, standard(title.name, title.area, title.tenants, title.to), "")
		if err == nil {
			err = l.Recognition.PublishCriteria(ctx, l.official, City, title.id, version)
		}
		if err != nil {
			return err
		}
		r := round{
			call: recognition.Call{
				Title: title.id, Office: City, Name: "关于申报" + title.name[:len(title.name)-len("标准")] + "的通知（演示）", Document: "盐中小企〔2008〕31号（演示）",
				Year: 2008, Opens: "2008-08-11", Closes: "2008-09-12", Quota: 12, Text: "各县（市、区）择优推荐，材料报市中小企业局。（演示数据）",
			},
			by: l.Recognition, days: func(step int) time.Time { return on(plan[step], 9, 0) },
			people: func(office region.Code) authz.Actor { return l.staff[office] },
		}
		var best, rest []*site
		for _, s := range l.sites {
			switch {
			case title.has(s):
				best = append(best, s)
			case s.key && s.works.Begun < "2008" && len(rest) < 2 && s.ready("2008-09-01") >= int64(title.area):
				rest = append(rest, s)
			}
		}
		if err := l.hold(ctx, r, best, rest, title.number); err != nil {
			return fmt.Errorf("%s: %w", title.id, err)
		}
	}
	return nil
}

// ready is how much factory area of a park was finished on a day.
func (s *site) ready(day string) (area int64) {
	for _, p := range s.plots {
		if p.done != "" && p.done <= day && p.kind.Factory() {
			area += p.area
		}
	}
	return area
}

// terms sets how many months a title is given for.
func (l *loader) terms(ctx context.Context, title string, months int) error {
	t, err := l.Recognition.Title(ctx, title)
	if err == nil {
		t.Months = months
		_, err = l.Recognition.SetTitle(ctx, l.official, City, t.Title)
	}
	return err
}

// hold takes a call from its beginning to its end: the best are given the title,
// the rest do not reach the mark.
func (l *loader) hold(ctx context.Context, r round, best, rest []*site, number string) error {
	l.time = r.days(0)
	l.at(l.time)
	c, err := r.by.Announce(ctx, l.official, r.call, "")
	if err != nil {
		return err
	}
	for i, s := range slices.Concat(best, rest) {
		points := 82 + float64(i*7%13)
		if i >= len(best) {
			points = 66
		}
		a, err := l.apply(ctx, r, c, s)
		if err == nil {
			a, err = l.review(ctx, r, a, points)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		l.at(r.days(5))
		if i >= len(best) {
			_, err = r.by.Refuse(ctx, l.official, a.ID, a.Version, "平均分没有达到合格线")
		} else if a, err = r.by.Publicise(ctx, l.official, a.ID, a.Version); err == nil {
			l.at(r.days(6))
			_, _, err = r.by.Decide(ctx, l.official, a.ID, a.Version, "盐中小企〔2008〕"+number+"号（演示）")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	l.at(r.days(6).Add(time.Hour))
	_, err = r.by.Close(ctx, l.official, c.ID, c.Version)
	return err
}

// apply hands a park's application in, with its evidence; what the register does
// not know is made up.
func (l *loader) apply(ctx context.Context, r round, c recognition.Call, s *site) (recognition.Application, error) {
	l.at(r.days(1))
	by := r.people(s.office)
	mine, err := r.by.Mine(ctx, by, &c, s.name)
	if err != nil {
		return recognition.Application{}, err
	}
	i := slices.IndexFunc(mine, func(x recognition.Subject) bool { return x.Name == s.name })
	if i < 0 {
		return recognition.Application{}, fmt.Errorf("%s is not among the %d parks of its office", s.name, len(mine))
	}
	a, err := r.by.Begin(ctx, by, c.ID, mine[i].ID, "")
	if err != nil {
		return a, err
	}
	values := recognition.Inputs{"guaranteed": {Value: 1}}
	maps.Copy(values, a.Inputs)
	a, err = r.by.Fill(ctx, by, a.ID, a.Version, recognition.Entry{Inputs: values, Words: s.name + "自愿申报，承诺材料属实。（演示数据）"})
	for _, line := range slices.Sorted(maps.Keys(proofs)) {
		var token string
		if err == nil {
			token, err = l.paper(ctx, by, proofs[line].title, "申报单位："+s.name, proofs[line].text)
		}
		if err == nil {
			a, err = r.by.Prove(ctx, by, a.ID, a.Version, line, files.Papers{Add: []string{token}})
		}
	}
	if err == nil {
		a, err = r.by.Submit(ctx, by, a.ID, a.Version, "")
	}
	return a, err
}

// review has an application checked, and scored by the experts but those for whom
// it still waits.
func (l *loader) review(ctx context.Context, r round, a recognition.Application, points float64, waits ...int) (recognition.Application, error) {
	l.at(r.days(2))
	a, err := r.by.Check(ctx, r.people(City), a.ID, a.Version, "材料齐全")
	if err != nil {
		return a, err
	}
	var ids []string
	for _, e := range l.experts {
		ids = append(ids, e.ID)
	}
	l.at(r.days(3))
	a, err = r.by.Assign(ctx, l.official, a.ID, a.Version, ids)
	for i, e := range l.experts {
		if slices.Contains(waits, i) || err != nil {
			continue
		}
		l.at(r.days(4).Add(time.Duration(1+i) * time.Hour))
		n := points + float64(2*i-2)
		a, err = r.by.Review(ctx, e, a.ID, recognition.Opinion{
			Points: map[string]float64{"plan": n, "facility": n - 2, "growth": n + 2, "service": n - 1, "bonus": 20},
			Words:  []string{"规划执行较好，建议推荐。", "企业成长较快，公用设施还要完善。", "服务机构进园，综合评价较好。"}[i],
		})
	}
	return a, err
}

// openRecognition is what waits today: a call that is open, with applications to
// check, to score and to decide, and titles whose report or re-check is due.
func (l *loader) openRecognition(ctx context.Context) error {
	l.at(l.Now)
	for _, title := range []string{gradeA, modelPark} {
		if err := l.terms(ctx, title, 36); err != nil {
			return err
		}
	}
	if err := l.reports(ctx); err != nil {
		return err
	}
	today := flow.DayOf(l.Now)
	ago, lately := []int{28, 25, 23, 22, 20, 18, 0}, []int{28, 7, 4, 3, 2, 0, 0} // working days
	then := func(ago []int) func(step int) time.Time { return func(step int) time.Time { return l.ago(ago[step]) } }
	r := round{
		call: recognition.Call{
			Title: modelPark, Office: City, Name: fmt.Sprintf("关于申报%d年示范中小企业园的通知（演示）", l.Now.Year()), Document: "演示文号",
			Year: l.Now.Year(), Opens: flow.DayOf(l.ago(ago[0])), Closes: flow.AddDays(today, 20), Quota: 5, Text: "材料先报所在县（市、区）服务中心初审。（演示数据）",
		},
		by: l.RecognitionToday, days: then(ago),
		people: func(office region.Code) authz.Actor { return l.of(office, today) },
	}
	l.at(r.days(0))
	c, err := r.by.Announce(ctx, l.official, r.call, "")
	if err != nil {
		return err
	}
	waiting := slices.DeleteFunc(slices.Clone(l.sites), func(s *site) bool {
		return s.model != "" || s.grade != "" || s.ready(today) < 30_000
	})
	here := func(office region.Code) *site {
		i := slices.IndexFunc(waiting, func(s *site) bool { return s.office == office })
		return waiting[max(i, 0)]
	}
	for _, one := range []struct {
		office region.Code
		upTo   flow.State
		ago    []int
		waits  []int // the experts that it waits for: one is late, each has something to do
	}{
		{sheyang, recognition.Submitted, ago, nil},
		{"320921", recognition.Reviewing, ago, []int{0}},
		{"320923", recognition.Reviewing, lately, []int{0, 1, 2}},
		{"320922", recognition.Publicised, ago, nil},
	} {
		s := here(one.office)
		r.days = then(one.ago)
		a, err := l.apply(ctx, r, c, s)
		switch {
		case err != nil:
		case one.upTo == recognition.Reviewing:
			_, err = l.review(ctx, r, a, 84, one.waits...)
		case one.upTo == recognition.Publicised:
			if a, err = l.review(ctx, r, a, 88); err == nil {
				l.at(r.days(5))
				_, err = r.by.Publicise(ctx, l.official, a.ID, a.Version)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	l.at(l.Now)
	for _, title := range []struct{ id, name string }{
		{"institution.demonstration", "示范服务机构"}, {"techplatform.city", "市级技术服务平台"}, {"base.specialty", "市级特色产业基地"},
	} {
		if _, err := r.by.Announce(ctx, l.official, recognition.Call{
			Title: title.id, Office: City, Name: fmt.Sprintf("关于申报%d年%s的通知（演示）", l.Now.Year(), title.name), Document: "演示文号",
			Year: l.Now.Year(), Opens: today, Closes: flow.AddDays(today, 45), Quota: 10,
		}, ""); err != nil {
			return err
		}
	}
	return nil
}

// reports has the report of last year sent for all parks of grade A but two.
func (l *loader) reports(ctx context.Context) error {
	today := flow.DayOf(l.Now)
	held, _, err := l.Recognition.Awards(ctx, authz.Unbounded("the loader sees all it made"), recognition.AwardFilter{On: today, Subject: "park"}, page{Limit: 200})
	for i, w := range held {
		if i < 2 || err != nil {
			continue
		}
		_, err = l.Recognition.Report(ctx, l.of(w.Region.At(region.County), today), w.ID, w.Version, recognition.Yearly{
			Year: l.Now.Year() - 1, Words: "园区运营正常，入园企业稳定，年度数据见统计报表。（演示数据）",
		})
	}
	return err
}

// of is the service centre of an office of 2008 or of today, as it is placed now.
func (l *loader) of(office region.Code, today string) authz.Actor {
	staff, ok := l.staff[office]
	if !ok { // a county that was re-coded since
		for then, s := range l.staff {
			if l.tree.Heir(then, today) == office {
				staff = s
			}
		}
	}
	if heir := l.tree.Heir(office, today); heir != "" {
		office = heir
	}
	return l.actor(staff.ID, staff.Name, roleStaff, office, authz.Party{})
}
