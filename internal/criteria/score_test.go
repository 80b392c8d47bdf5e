package criteria_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

// innovative is the scorecard of 创新型中小企业, with a bonus line added.
const innovative = `{"id":"test.innovative","version":1,"name":"创新型中小企业","from":"2022-08-01",
 "source":{"law":"优质中小企业梯度培育管理暂行办法","number":"工信部企业〔2022〕63号","article":"附件1","grade":"B"},
 "score":{"pass":60,"bonus_cap":5,"items":[
  {"id":"new","name":"创新能力","weight":40,"floor":20,"items":[
    {"id":"patents","name":"知识产权","weight":20,"full":20,"evidence":true},
    {"id":"research","name":"研发费用占比","unit":"%","weight":20,"full":20,"bands":[{"from":5,"points":20},{"from":3,"points":15},{"from":2,"points":10},{"from":1,"points":5},{"points":0}]}]},
  {"id":"growth","name":"成长性","weight":30,"floor":15,"items":[
    {"id":"revenue","name":"增长率","unit":"%","weight":20,"full":20,"bands":[{"from":15,"points":20},{"from":10,"points":15},{"from":5,"points":10},{"from":0,"points":5},{"points":0}]},
    {"id":"solid","name":"资产负债率合理","weight":10}]},
  {"id":"special","name":"专业化","weight":30,"floor":15},
  {"id":"extra","name":"表彰","weight":8,"bonus":true}]}}`

func TestAScoreShowsWhereItsPointsComeFrom(t *testing.T) {
	s := set(t, innovative)
	in := criteria.Inputs{
		"patents": criteria.Int(15), "research": criteria.Num(3), "revenue": criteria.Num(9.99),
		"solid": criteria.Yes(true), "special": criteria.Int(60), "extra": criteria.Int(100),
	}
	got := s.Score.Evaluate(in, map[string]bool{"patents": true})
	// 15 + 15 (3% is on the boundary: the higher band) + 10 + 10 + 60% of 30 + the bonus of 8, cut to 5.
	if got.Total != 73 || got.Bonus != 5 || got.Verdict != criteria.Met || got.Open != 0 {
		t.Errorf("%+v", got)
	}
	if group := got.Items[0]; group.Score != 30 || group.Items[1].Points != 15 {
		t.Errorf("%+v", group)
	}

	unproved := s.Score.Evaluate(in, nil)
	if unproved.Total != 58 || unproved.Open != 1 || !unproved.Items[0].Items[0].Unproved || unproved.Possible != 73 {
		t.Errorf("without evidence the patents count nothing yet: %+v", unproved)
	}
	if unproved.Verdict != criteria.Unknown || !unproved.Items[0].Short {
		t.Errorf("and may still pass: %s", unproved.Verdict)
	}
	delete(in, "special")
	if open := s.Score.Evaluate(in, map[string]bool{"patents": true}); open.Verdict != criteria.Unknown || open.Total != 55 || open.Possible != 85 {
		t.Errorf("%+v", open)
	}
	in["special"] = criteria.Int(49) // 14.7 of the 15 its group must reach
	if short := s.Score.Evaluate(in, map[string]bool{"patents": true}); short.Total < 60 || short.Verdict != criteria.Unmet {
		t.Errorf("enough in all, but too little in one group: %+v", short)
	}
}

func TestASetThatDoesNotHoldTogetherIsRefused(t *testing.T) {
	spoil := func(old, new string) string { return strings.Replace(innovative, old, new, 1) }
	for want, raw := range map[string]string{
		"criteria.check.weights":   spoil(`"name":"专业化","weight":30`, `"name":"专业化","weight":20`),
		"criteria.check.group":     spoil(`"weight":40,"floor":20`, `"weight":41,"floor":20`),
		"criteria.check.floor":     spoil(`"floor":15}`, `"floor":31}`),
		"criteria.check.weight":    spoil(`"weight":40,"floor":20`, `"weight":0,"floor":0`),
		"criteria.check.most":      strings.Replace(platform, `"need": 300`, `"need": 300, "most": 0`, 1),
		"field.choice":             strings.Replace(platform, `"need": 300`, `"need": 300, "kind": "odd"`, 1),
		"criteria.check.bands":     spoil(`{"from":5,"points":20}`, `{"from":1,"points":20}`),
		"criteria.check.named":     spoil(`"id":"solid"`, `"id":"research"`),
		"criteria.check.source":    spoil(`"grade":"B"`, `"grade":"?"`),
		"criteria.check.span":      spoil(`"from":"2022-08-01"`, `"from":"2022-08-01","to":"2022-08-01"`),
		"criteria.check.empty":     `{"id":"x","name":"x","source":{"law":"l","grade":"P"}}`,
		"criteria.check.form":      strings.Replace(platform, `"op": "flag"`, `"op": "flag", "all": [{}]`, 1),
		"criteria.check.parts":     strings.Replace(platform, `"min": 1`, `"min": 3`, 1),
		"criteria.check.threshold": strings.Replace(platform, `"need": 300, `, ``, 1),
		"criteria.check.floors":    `{"id":"x","name":"x","source":{"law":"l","grade":"P"},"tiers":{"order":["a","b"],"metrics":[{"input":"i","name":"n","floors":[1,2]}]}}`,
	} {
		var s criteria.Set
		if err := json.Unmarshal([]byte(raw), &s); err != nil {
			t.Fatal(err)
		}
		err := s.Check()
		if err == nil || !strings.Contains(err.Error(), want) || !text.Has(want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// JSON cannot say them, a form's text can: what is no number is never kept.
func TestWhatIsNoNumberIsRefused(t *testing.T) {
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for want, spoil := range map[string]func(s *criteria.Set){
			"score.pass":          func(s *criteria.Set) { s.Score.Pass = n },
			"score.bonus_cap":     func(s *criteria.Set) { s.Score.BonusCap = n },
			"score.items.0.floor": func(s *criteria.Set) { s.Score.Items[0].Floor = n },
			"score.items.0.bands": func(s *criteria.Set) { s.Score.Items[0].Bands = []criteria.Band{{From: &n, Points: 1}} },
			"score.items.0.most":  func(s *criteria.Set) { s.Score.Items[0].Most = &n },
			"rule.need":           func(s *criteria.Set) { s.Rule.Need = &n },
		} {
			need := 1.0
			s := criteria.Set{
				ID: "test.numbers", Name: criteria.Words{Zh: "数"}, Source: criteria.Source{Law: "某号文件", Grade: "A"},
				Rule:  &criteria.Rule{ID: "staff", Name: criteria.Words{Zh: "人员"}, Op: criteria.AtLeast, Need: &need},
				Score: &criteria.Scorecard{Items: []criteria.Item{{ID: "work", Name: criteria.Words{Zh: "服务"}, Weight: 100}}},
			}
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			spoil(&s)
			if err := s.Check(); !fault.FieldsOf(err).Has(want) {
				t.Errorf("%v in %s: %v", n, want, err)
			}
		}
	}
}

func TestADecisionOf2009IsStillExplainedByTheRulesOf2009(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := context.Background()
		d, err := db.Open(ctx, source, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		if _, err := d.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		write := func(fn func(ctx context.Context, tx *db.Tx) error) error { return d.Write(ctx, fn) }
		files := fstest.MapFS{
			"a.json": {Data: []byte(`[` + innovative + `,` + platform + `]`)},
		}
		for range 2 { // as at every start
			if err := write(func(ctx context.Context, tx *db.Tx) error { return criteria.Seed(ctx, tx, files) }); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := criteria.Load(ctx, d, "test.platform", "2017-07-02"); !fault.Is(err, fault.NotFound) {
			t.Errorf("before its first day: %v", err)
		}
		s, err := criteria.Load(ctx, d, "test.platform", "2020-01-01")
		if err != nil || s.Version != 1 || len(s.Rule.All) != 5 {
			t.Fatalf("%+v %v", s, err)
		}
		changed := fstest.MapFS{"a.json": {Data: []byte(strings.Replace(platform, `"need": 300`, `"need": 500`, 1))}}
		if err := write(func(ctx context.Context, tx *db.Tx) error { return criteria.Seed(ctx, tx, changed) }); err == nil {
			t.Error("a shipped version cannot be changed in place")
		}

		// The operator raises the floor from 2026 on.
		next := *s
		rule := *s.Rule
		next.Rule, next.Version, next.From = &rule, 0, "2026-01-01"
		five := 500.0
		rule.All = append([]criteria.Rule(nil), rule.All...)
		rule.All[0].Need = &five
		var version int
		draft := func(s criteria.Set) error {
			return write(func(ctx context.Context, tx *db.Tx) (err error) {
				version, err = criteria.Draft(ctx, tx, s, "")
				return err
			})
		}
		if err := draft(next); err != nil || version != 1001 {
			t.Fatalf("%d %v", version, err)
		}
		next.Version = version
		if err := draft(next); err != nil {
			t.Errorf("a draft may be changed: %v", err)
		}
		if s, err := criteria.Load(ctx, d, "test.platform", "2026-06-01"); err != nil || s.Version != 1 {
			t.Errorf("a draft is not in force: %v", err)
		}
		publish := func() error {
			return write(func(ctx context.Context, tx *db.Tx) error {
				return criteria.Publish(ctx, tx, "test.platform", version)
			})
		}
		if err := publish(); err != nil {
			t.Fatal(err)
		}
		if err := publish(); !fault.Is(err, fault.Conflict) {
			t.Errorf("once only: %v", err)
		}
		if err := draft(next); !fault.Is(err, fault.Conflict) {
			t.Errorf("a published version cannot change: %v", err)
		}
		for day, want := range map[string]float64{"2025-12-31": 300, "2026-01-01": 500} {
			s, err := criteria.Load(ctx, d, "test.platform", day)
			if err != nil || *s.Rule.All[0].Need != want {
				t.Errorf("%s: %v", day, err)
			}
		}
		if s, err := criteria.LoadVersion(ctx, d, "test.platform", 1); err != nil || *s.Rule.All[0].Need != 300 {
			t.Errorf("the first version: %v", err)
		}
		if all, err := criteria.LoadAll(ctx, d, "test.", "2026-06-01"); err != nil || len(all) != 2 || all[1].Version != 1001 {
			t.Errorf("one of each: %v %v", all, err)
		}
		if all, err := criteria.Versions(ctx, d, "test.platform"); err != nil || len(all) != 2 || all[0].Version != 1001 {
			t.Errorf("both versions: %v %v", all, err)
		}
	})
}
