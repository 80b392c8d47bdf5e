package park_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/testkit/sheet"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// plans is the table of a world's plans.
func (w *world) plans() sheet.Kind {
	return sheet.Kind{
		Table: park.PlanTable(), Import: w.ImportPlans, DB: w.db,
		Export: func(ctx context.Context, by authz.Actor, put func([]string) error) error {
			return w.ExportPlans(ctx, by, city, text.Zh, put)
		},
	}
}

// Plans come in for their review, and those that were approved before with their
// document; what goes out comes in elsewhere the same.
func TestPlansComeInAndGoOut(t *testing.T) {
	sheet.Story{
		Name: "plans",
		Of:   func(t *testing.T, source string) sheet.Kind { return open(t, source).plans() },
		By:   official(city), Stranger: official(jianhu), Unable: looker(city),
		Head: "region,year,title,land,floor_area,parks,text,approved_on,document\n",
		Good: []string{
			"320924100,2008,合德镇中小企业园建设规划,600000,300000,1,\"多层厂房为主，\n分两期\",2008-06-30,盐企发〔2008〕30号\n",
			"320924101,2008,临海镇中小企业园建设规划,400000,200000,2,,,\n",
		},
		Unknown: "330102001,2008,合德镇中小企业园建设规划,600000,300000,1,,2008-06-30,盐企发〔2008〕30号\n",
		Bad: map[string][]string{
			"330102,1900,园,0,-1,很多,,2099-01-01,\n":                                   {"330102 不归你管", "编制年度：", "规划名称：", "规划用地（平方米）：", "规划建筑面积（平方米）：", "规划园区（个）：", "通过日期：", "批复或纪要：通过日期和批复文件要一起填"},
			"320924101,2008,换了名称的规划,400000,200000,2,,,\n":                            {"规划名称：这个镇这一年的规划已经登记"},
			"320924101,2008,临海镇中小企业园建设规划,400000,200000,2,,2008-07-01,盐企发〔2008〕31号\n": {"通过日期：这个镇这一年的规划已经登记"},
			"320924,2009,射阳县中小企业园建设规划,400000,200000,2,,,\n":                          {"镇"},
		},
		Out: []string{"分两期\",2008-06-30,盐企发〔2008〕30号,", "临海镇中小企业园建设规划,400000,200000,2,,,,"},
	}.Tell(t)
}

// A county sends in its towns' plans; that one was approved is the city's to say, and
// counts from its day.
func TestThatAPlanWasApprovedIsTheCitysToSay(t *testing.T) {
	w := open(t, t.TempDir())
	const file = "region,year,title,land,floor_area,parks,approved_on,document\n320924100,2007,合德镇中小企业园建设规划,600000,300000,1,2008-06-30,盐企发〔2008〕30号\n"
	k := w.plans()
	if said := k.Bring(t, official(sheyang), file, false); said.Rejected != 1 || said.Why[0] != "批复或纪要：这一项要有相应权限的人才能填" {
		t.Errorf("a county approves: %+v", said)
	}
	if said := k.Bring(t, official(city), file, false); said.New != 1 {
		t.Fatalf("the city: %+v", said)
	}
	if n := w.value("park.plans", "2008-01-01", "2008-12-31"); n != 1 {
		t.Errorf("%d plans count in 2008, want 1", n)
	}
	if out := k.Out(t, looker(sheyang), xfer.CSV); out != k.Out(t, official(city), xfer.CSV) {
		t.Errorf("who looks sees\n%s", out)
	}
}
