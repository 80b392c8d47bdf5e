package recognition_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/text"
)

// said is what a reader is told of an error.
func said(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return ""
	}
	return text.Zh.T(e.Key, e.Args...)
}

// A park is excellent at everything but its results, which have a minimum of their
// own: it is not proposed, and not awarded either.
func TestAGroupBelowItsMinimumIsNotRecognised(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.checked(w.call(3), "p1")
		var ids []string
		for _, id := range []string{"e1", "e2", "e3"} {
			ids = append(ids, id)
			w.pool = append(w.pool, recognition.Person{ID: id, Name: id})
		}
		a, err := w.Assign(ctx, official(city), a.ID, a.Version, ids)
		ok(t, err)
		for i, id := range ids {
			p := points(100)
			p["growth"], p["jobs"], p["bonus"] = 50, 40+float64(i), 100 // 发展成效 18.2 of at least 20
			a, err = w.Review(ctx, reviewer(id), a.ID, recognition.Opinion{Points: p, Words: "同意推荐"})
			ok(t, err)
			d, err := w.Detail(ctx, official(city), a.ID)
			ok(t, err)
			if want := i / 2; len(d.Short) != want {
				t.Errorf("after %d of 3 scores %d fall short, want %d", i+1, len(d.Short), want)
			}
		}
		if a.Score < 7500 {
			t.Fatalf("the total must pass for this to say anything: %d", a.Score)
		}
		d, err := w.Detail(ctx, official(city), a.ID)
		ok(t, err)
		if d.Short[0].Item.ID != "effect" || d.Short[0].Score != 1820 {
			t.Errorf("short is %s with %d", d.Short[0].Item.ID, d.Short[0].Score)
		}
		if d, err := w.Detail(ctx, operator("p1"), a.ID); err != nil || len(d.Short) != 0 {
			t.Errorf("the applicant sees %d shortfalls (%v)", len(d.Short), err)
		}
		_, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		wants(t, "a group below its minimum", err, fault.Conflict)
		if got, want := said(err), "“发展成效”平均 18.2 分，没有达到本项最低 20 分"; got != want {
			t.Errorf("the office is told %s, want %s", got, want)
		}
		// One that was proposed in spite of it is not awarded.
		ok(t, w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE recognition_application SET state = 'public', public_on = '2008-05-01', public_to = '2008-05-08' WHERE id = ?`, a.ID)
			return err
		}))
		_, _, err = w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		wants(t, "awarded below a minimum", err, fault.Conflict)
	})
}

// base2017 is a base's application in a call of 2017, with everything but the eight
// functions filled in: at least four of them are needed.
func (w *world) base2017() recognition.Application {
	w.t.Helper()
	ctx, by := w.t.Context(), operator("p1")
	w.on("2017-06-01")
	c, err := w.Announce(ctx, official(city), recognition.Call{
		Title: "base.startup", Office: city, Name: "2017年基地申报", Year: 2017, Opens: "2017-06-01", Closes: "2017-06-30",
	}, "")
	ok(w.t, err)
	a, err := w.Begin(ctx, by, c.ID, "p1", "")
	ok(w.t, err)
	for _, line := range []string{"premises", "coaching"} {
		held, err := w.files.Hold(ctx, by, files.Incoming{Name: line + ".txt", Data: strings.NewReader(line)})
		ok(w.t, err)
		a, err = w.Prove(ctx, by, a.ID, a.Version, line, files.Papers{Add: []string{held.Token}})
		ok(w.t, err)
	}
	return a
}

func functions(more recognition.Inputs) recognition.Entry {
	in := recognition.Inputs{
		"provincial": {Value: 1}, "legal": {Value: 1}, "years": {Value: 5}, "tenants": {Value: 90}, "jobs": {Value: 1600}, "staff": {Value: 12},
		"coaches": {Value: 3}, "gathered": {Value: 6}, "public_share": {Value: 25},
	}
	maps.Copy(in, more)
	return recognition.Entry{Inputs: in}
}

// Of eight functions four are needed, and a person judges three: with none filled
// in nobody can tell, so it is neither handed in nor passed.
func TestAGroupThatNobodyFilledInIsNotHandedIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), operator("p1")
		a := w.base2017()
		a, err := w.Fill(ctx, by, a.ID, a.Version, functions(nil))
		ok(t, err)
		_, err = w.Submit(ctx, by, a.ID, a.Version, "")
		wants(t, "none of the eight", err, fault.Invalid, "in_info_served")
		f := fault.FieldsOf(err)
		if got, want := text.Zh.T(f[0].Key, f[0].Args...), "“服务功能（八项中至少四项）”填得不够：至少要有 4 项填齐才能判断"; got != want || len(f) != 1 {
			t.Errorf("it says %s, want %s", got, want)
		}
		// One that came in before is not passed.
		ok(t, w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE recognition_application SET state = 'submitted' WHERE id = ?`, a.ID)
			return err
		}))
		_, err = w.Check(ctx, official(sheyang), a.ID, a.Version, "")
		wants(t, "the first check of what nobody can tell", err, fault.Conflict)
		a, err = w.Return(ctx, official(sheyang), a.ID, a.Version, "服务功能没有填")
		ok(t, err)
		a, err = w.Fill(ctx, by, a.ID, a.Version, functions(recognition.Inputs{"coached": {Value: 60}})) // and three to judge
		ok(t, err)
		a, err = w.Submit(ctx, by, a.ID, a.Version, "")
		ok(t, err)
		_, err = w.Check(ctx, official(sheyang), a.ID, a.Version, "")
		ok(t, err)
	})
}

// What is filled in has to be possible, by what the criterion says of itself.
func TestAValueIsOneThatCanBe(t *testing.T) {
	most := 400.0
	rule := func(id, unit string, kind criteria.Kind, most *float64) criteria.Rule {
		need := 1.0
		return criteria.Rule{ID: id, Name: criteria.Words{Zh: id}, Op: criteria.AtLeast, Need: &need, Unit: criteria.Words{Zh: unit}, Kind: kind, Most: most}
	}
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), operator("p1")
		set := criteria.Set{
			Name: criteria.Words{Zh: "条件"}, Source: criteria.Source{Law: "某号文件", Grade: "A"}, Rule: &criteria.Rule{All: []criteria.Rule{
				rule("growth", "%", criteria.Growth, nil), rule("share", "%", "", nil), rule("ratio", "%", criteria.Amount, nil), rule("staff", "人", "", nil),
				rule("area", "平方米", "", nil), rule("rooms", "间", criteria.Count, &most), rule("income", "万元", "", nil),
			}},
		}
		version, err := w.DraftCriteria(ctx, official(city), city, "park.a", set, "")
		ok(t, err)
		ok(t, w.PublishCriteria(ctx, official(city), city, "park.a", version))
		a, err := w.Begin(ctx, by, w.call(0).ID, "p1", "")
		ok(t, err)
		for _, tc := range []struct {
			id   string
			can  []float64
			cant []float64
		}{
			{"growth", []float64{-20, 0, 35.5, -100, 1000}, []float64{-101, 1001}},
			{"share", []float64{0, 66.67, 100}, []float64{-1, 100.01, 150, 500}},
			{"ratio", []float64{0, 130}, []float64{-1}},
			{"staff", []float64{0, 12, 1_000_000}, []float64{3.5, -3, 2_000_000}},
			{"area", []float64{1234.5}, []float64{-1, 1_000_000_000}},
			{"rooms", []float64{400}, []float64{401, 1.5}},
			{"income", []float64{300.55}, []float64{-1, 1e12}},
		} {
			for _, n := range tc.can {
				a, err = w.Fill(ctx, by, a.ID, a.Version, recognition.Entry{Inputs: recognition.Inputs{tc.id: {Value: n}}})
				if err != nil {
					t.Fatalf("%s = %v: %v", tc.id, n, err)
				}
			}
			for _, n := range tc.cant {
				_, err := w.Fill(ctx, by, a.ID, a.Version, recognition.Entry{Inputs: recognition.Inputs{tc.id: {Value: n}}})
				wants(t, tc.id, err, fault.Invalid, recognition.Field(tc.id))
			}
		}
	})
}

// A condition that no application could answer would bar all of them.
func TestAConditionCanBeAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		set := criteria.Set{
			Name: criteria.Words{Zh: "条件"}, Source: criteria.Source{Law: "某号文件", Grade: "A"}, Rule: &criteria.Rule{All: []criteria.Rule{
				{ID: "trade", Name: criteria.Words{Zh: "行业"}, Op: criteria.Prefix, Among: []string{"17"}},
				{Any: []criteria.Rule{{ID: "area", Name: criteria.Words{Zh: "面积"}, Op: criteria.AtLeast, Than: "plan"}}},
			}},
		}
		_, err := w.DraftCriteria(t.Context(), official(city), city, "park.a", set, "")
		wants(t, "words are never asked for", err, fault.Invalid, "rule.all.0.op", "rule.all.1.any.0.than")
	})
}

// A term of months ends with its month, and a call that nobody can answer any more
// is not published.
func TestTermsAndCallsHaveDaysThatAre(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		d, err := w.Title(ctx, "park.a")
		ok(t, err)
		d.Months = 6
		_, err = w.SetTitle(ctx, official(city), city, d.Title)
		ok(t, err)
		a := w.scored(w.call(0), "p1", 90, 90, 90)
		w.on("2008-08-20")
		a, err = w.Publicise(ctx, official(city), a.ID, a.Version)
		ok(t, err)
		w.on("2008-08-31")
		_, id, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		if g, err := w.Award(ctx, official(city), id); err != nil || g.To != "2009-02-28" {
			t.Errorf("six months from 31 August end on %s (%v)", g.To, err)
		}
		past := recognition.Call{Title: "park.a", Office: city, Name: "早已截止的申报", Year: 2008, Opens: "2008-08-01", Closes: "2008-08-30"}
		_, err = w.Announce(ctx, official(city), past, "")
		wants(t, "a call that ended yesterday", err, fault.Invalid, "closes")
		past.Closes = "2008-08-31"
		_, err = w.Announce(ctx, official(city), past, "")
		ok(t, err)
	})
}
