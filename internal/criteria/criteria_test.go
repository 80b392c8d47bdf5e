package criteria_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/text"
)

// platform is the first part of 国家中小企业公共服务示范平台认定管理办法.
const platform = `{
  "id": "test.platform", "version": 1, "name": ["示范平台", "Demonstration platform"], "from": "2017-07-03",
  "source": {"law": "国家中小企业公共服务示范平台认定管理办法", "number": "工信部企业〔2017〕156号", "grade": "B"},
  "rule": {"name": ["基本条件", "Basic conditions"], "all": [
    {"id": "assets", "name": ["资产总额", "Assets"], "op": ">=", "need": 300, "unit": ["万元", "10,000 yuan"]},
    {"id": "satisfaction", "name": ["用户满意度", "Satisfaction"], "op": ">=", "need": 80, "unit": "%"},
    {"id": "legal", "name": ["独立法人", "Legal person"], "op": "flag"},
    {"id": "steady", "name": ["服务企业数稳步增长", "Steady growth"], "op": "judge"},
    {"name": ["功能", "Functions"], "min": 1, "of": [
      {"id": "activities", "name": ["服务活动", "Activities"], "op": ">=", "need": 8, "unit": ["次", "times"]},
      {"id": "kinds", "name": ["服务类型", "Kinds"], "op": "in", "among": ["培训", "融资"]}
    ]}
  ]}
}`

func set(t *testing.T, raw string) *criteria.Set {
	t.Helper()
	var s criteria.Set
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return &s
}

func TestAnApplicantSeesWhichConditionIsNotMetAndByHowMuch(t *testing.T) {
	a := set(t, platform).Evaluate(criteria.Inputs{
		"assets": criteria.Wan(2_865_000_000), "satisfaction": criteria.Ratio(3, 4), "legal": criteria.Yes(true),
		"activities": criteria.Int(3), "kinds": criteria.Texts("融资"),
	})
	if a.Verdict != criteria.Unmet {
		t.Errorf("one condition fails, so the whole does: %s", a.Verdict)
	}
	var lines []string
	for _, l := range a.Leaves() {
		lines = append(lines, l.Line(text.Zh))
		if l.Source.Number != "工信部企业〔2017〕156号" {
			t.Errorf("%s has no source", l.Rule.ID)
		}
	}
	want := []string{
		"资产总额 2865 万元，达到 300 万元", "用户满意度 75%，低于 80%，差 5 个百分点", "独立法人：符合",
		"服务企业数稳步增长，由人来定", "服务活动 3 次，低于 8 次，差 5 次", "服务类型相符：融资",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
}

func TestWhatIsMissingIsAskedForBeforeAPersonJudges(t *testing.T) {
	s := set(t, platform)
	in := criteria.Inputs{"assets": criteria.Int(300), "satisfaction": criteria.Int(80), "kinds": criteria.Texts("培训")}
	if a := s.Evaluate(in); a.Verdict != criteria.Unknown || !slices.Equal(a.Missing(), []string{"legal", "activities"}) {
		t.Errorf("%s, missing %v", a.Verdict, a.Missing())
	}
	in["legal"] = criteria.Yes(true)
	a := s.Evaluate(in)
	if a.Verdict != criteria.ToJudge {
		t.Errorf("now only the judgement is open: %s", a.Verdict)
	}
	if met, of := a.Count(); met != 4 || of != 6 {
		t.Errorf("%d of %d", met, of)
	}
	in["steady"] = criteria.Yes(true)
	if a := s.Evaluate(in); a.Verdict != criteria.Met {
		t.Errorf("a person has judged: %s", a.Verdict)
	}
	in["steady"] = criteria.Yes(false)
	if a := s.Evaluate(in); a.Verdict != criteria.Unmet {
		t.Errorf("a person has refused: %s", a.Verdict)
	}
}

// Whatever is filled in later, a verdict of met or unmet must never turn.
func TestAVerdictThatIsSureNeverTurns(t *testing.T) {
	s := set(t, platform)
	rng := rand.New(rand.NewPCG(7, 156))
	all := func() criteria.Inputs {
		return criteria.Inputs{
			"assets": criteria.Int(298 + rng.IntN(4)), "satisfaction": criteria.Int(78 + rng.IntN(4)),
			"legal": criteria.Yes(rng.IntN(4) > 0), "steady": criteria.Yes(rng.IntN(4) > 0),
			"activities": criteria.Int(6 + rng.IntN(4)), "kinds": criteria.Texts([]string{"培训", "信息"}[rng.IntN(2)]),
		}
	}
	sure := 0
	for range 3000 {
		full := all()
		part := criteria.Inputs{}
		for name, v := range full {
			if rng.IntN(3) > 0 {
				part[name] = v
			}
		}
		early, late := s.Evaluate(part).Verdict, s.Evaluate(full).Verdict
		if early == criteria.Met || early == criteria.Unmet {
			sure++
			if early != late {
				t.Fatalf("%s became %s: %v then %v", early, late, part, full)
			}
		}
		if late != criteria.Met && late != criteria.Unmet {
			t.Fatalf("everything is known, yet %s", late)
		}
	}
	if sure < 300 {
		t.Errorf("only %d sure verdicts: the test tests little", sure)
	}
}

func TestOneInputIsComparedWithAnotherInWordsOfItsOwn(t *testing.T) {
	s := set(t, `{"id":"test.match","version":1,"name":"相符","source":{"law":"本项目默认值","grade":"P"},"rule":
	  {"id":"limit","name":"单笔上限","op":">=","than":"amount","unit":"万元",
	   "met":["单笔上限 {got}，够 {need}","Up to {got} each, enough for {need}"],"unmet":["单笔上限 {got}，低于 {need}",""],"ask":["不知道要多少",""]}}`)
	for _, tc := range []struct {
		in   criteria.Inputs
		want string
	}{
		{criteria.Inputs{"limit": criteria.Int(500), "amount": criteria.Int(300)}, "单笔上限 500 万元，够 300 万元"},
		{criteria.Inputs{"limit": criteria.Int(200), "amount": criteria.Int(300)}, "单笔上限 200 万元，低于 300 万元"},
		{criteria.Inputs{"limit": criteria.Int(200)}, "不知道要多少"},
	} {
		if got := s.Evaluate(tc.in).Line(text.Zh); got != tc.want {
			t.Errorf("%s, want %s", got, tc.want)
		}
	}
	if got := s.Evaluate(criteria.Inputs{"limit": criteria.Int(500)}).Missing(); !slices.Equal(got, []string{"amount"}) {
		t.Errorf("missing: %v", got)
	}
}

func TestEachComparisonAtItsBoundary(t *testing.T) {
	for _, tc := range []struct {
		op    string
		yes   []float64
		no    []float64
		extra string
	}{
		{">=", []float64{10, 11}, []float64{9.99}, ""},
		{">", []float64{10.01}, []float64{10, 9}, ""},
		{"<=", []float64{10, 9}, []float64{10.01}, ""},
		{"<", []float64{9.99}, []float64{10, 11}, ""},
		{"between", []float64{10, 15, 20}, []float64{9.99, 20.01}, `,"upper":20`},
	} {
		s := set(t, `{"id":"t","version":1,"name":"t","source":{"law":"l","grade":"P"},"rule":{"id":"x","name":"x","op":"`+tc.op+`","need":10`+tc.extra+`}}`)
		for _, v := range tc.yes {
			if got := s.Evaluate(criteria.Inputs{"x": criteria.Num(v)}).Verdict; got != criteria.Met {
				t.Errorf("%v %s 10: %s", v, tc.op, got)
			}
		}
		for _, v := range tc.no {
			if got := s.Evaluate(criteria.Inputs{"x": criteria.Num(v)}).Verdict; got != criteria.Unmet {
				t.Errorf("%v %s 10: %s", v, tc.op, got)
			}
		}
	}
	// Every share of a whole that is exactly 3% meets 3%.
	s := set(t, `{"id":"t","version":1,"name":"t","source":{"law":"l","grade":"P"},"rule":{"id":"x","name":"x","op":">=","need":3}}`)
	for n := int64(1); n < 5000; n++ {
		if got := s.Evaluate(criteria.Inputs{"x": criteria.Ratio(3*n, 100*n)}).Verdict; got != criteria.Met {
			t.Fatalf("%d of %d", 3*n, 100*n)
		}
	}
	s = set(t, `{"id":"t","version":1,"name":"t","source":{"law":"l","grade":"P"},"rule":{"id":"x","name":"x","op":"prefix","among":["C17","D"]}}`)
	for code, want := range map[string]criteria.Verdict{"C1711": criteria.Met, "D44": criteria.Met, "C18": criteria.Unmet} {
		if got := s.Evaluate(criteria.Inputs{"x": criteria.Texts(code)}).Verdict; got != want {
			t.Errorf("%s: %s", code, got)
		}
	}
}

func TestTheLowestMetricDecidesTheTier(t *testing.T) {
	s := set(t, `{"id":"test.size","version":1,"name":"工业企业规模","source":{"law":"中小企业标准暂行规定","number":"国经贸中小企〔2003〕143号","grade":"B"},
	  "tiers":{"order":["small","medium","large"],"metrics":[
	    {"input":"staff","name":"从业人员","unit":"人","floors":[300,2000]},
	    {"input":"sales","name":"销售额","unit":"万元","floors":[3000,30000]},
	    {"input":"assets","name":"资产总额","unit":"万元","floors":[4000,40000]}]}}`)
	n := criteria.Int[int]
	for _, tc := range []struct {
		in           criteria.Inputs
		tier, atMost string
	}{
		{criteria.Inputs{"staff": n(2000), "sales": n(30000), "assets": n(40000)}, "large", "large"},
		{criteria.Inputs{"staff": n(2000), "sales": n(30000), "assets": n(39999)}, "medium", "medium"},
		{criteria.Inputs{"staff": n(300), "sales": n(3000), "assets": n(3999)}, "small", "small"},
		{criteria.Inputs{"staff": n(300), "sales": n(3000)}, "", "medium"},
		{criteria.Inputs{"staff": n(299)}, "small", "small"},
		{criteria.Inputs{}, "", "large"},
	} {
		if g := s.Tiers.Grade(tc.in); g.Tier != tc.tier || g.AtMost != tc.atMost {
			t.Errorf("%v: %q, at most %q", tc.in, g.Tier, g.AtMost)
		}
	}
	g := s.Tiers.Grade(criteria.Inputs{"staff": n(186), "sales": n(2460), "assets": n(4310)})
	if g.Metrics[0].Short != 114 || g.Metrics[1].Short != 540 || g.Metrics[2].Over != 310 || g.Metrics[2].Tier != "medium" {
		t.Errorf("%+v", g.Metrics)
	}
}
