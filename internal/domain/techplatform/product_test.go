package techplatform_test

import (
	"context"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

type product = techplatform.Product

func spindle() techplatform.ProductProfile {
	return techplatform.ProductProfile{Name: "断头自停细纱机", Industry: "C17", About: "逐锭检测断头并自停，用工减少四成，已有三家纺织厂使用。"}
}

func found() techplatform.Finding {
	return techplatform.Finding{Grade: "nation-leading", Certificate: "苏经信鉴字〔2009〕118 号", On: "2009-01-06"}
}

// evidence is a paper that somebody brings.
func (w *world) evidence(by authz.Actor) files.Papers {
	w.t.Helper()
	return files.Papers{Add: []string{w.hold(by, "查新报告.pdf")}}
}

func (w *world) apply(in techplatform.ProductProfile) product {
	w.t.Helper()
	mill := owner(w.mill)
	p, err := w.ApplyProduct(w.t.Context(), mill, w.mill, in, w.evidence(mill), "form")
	w.must(err)
	return p
}

// productIn brings one of the mill's into a state; idempotency keys are each one's own.
func (w *world) productIn(state flow.State) product {
	w.t.Helper()
	ctx, mill, of := w.t.Context(), owner(w.mill), staff(city)
	p, err := w.ApplyProduct(ctx, mill, w.mill, spindle(), w.evidence(mill), "")
	w.must(err)
	for _, step := range []func() (product, error){
		func() (product, error) { return w.CheckProduct(ctx, staff(sheyang), p.ID, p.Version) },
		func() (product, error) { return w.ForwardProduct(ctx, of, p.ID, p.Version) },
		func() (product, error) { return w.ConfirmProduct(ctx, of, p.ID, p.Version, found()) },
	} {
		if p.State == state {
			return p
		}
		switch {
		case state == techplatform.ProductReturned:
			p, err = w.ReturnProduct(ctx, staff(sheyang), p.ID, p.Version, "缺检测报告")
		case state == techplatform.ProductRefused && p.State == techplatform.ProductForwarded:
			p, err = w.RefuseProduct(ctx, of, p.ID, p.Version, "和现有产品相同")
		default:
			p, err = step()
		}
		w.must(err)
	}
	return p
}

// Each step by the one whose it is, by others, out of turn and out of date.
func TestStepsOfANewProduct(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		type do = func(by authz.Actor, p product, v int) (product, error)
		back := func(by authz.Actor, p product, v int) (product, error) {
			return w.ReturnProduct(ctx, by, p.ID, v, "缺检测报告")
		}
		for _, a := range []struct {
			name             string
			in, to, conflict flow.State
			by, denied       authz.Actor
			do               do
			facts            int
		}{
			{"check", techplatform.ProductApplied, techplatform.ProductChecked, techplatform.ProductForwarded, staff(sheyang), owner(w.mill), func(by authz.Actor, p product, v int) (product, error) {
				return w.CheckProduct(ctx, by, p.ID, v)
			}, 0},
			{"forward", techplatform.ProductChecked, techplatform.ProductForwarded, techplatform.ProductApplied, staff(city), staff(sheyang), func(by authz.Actor, p product, v int) (product, error) {
				return w.ForwardProduct(ctx, by, p.ID, v)
			}, 0},
			{"return at the county", techplatform.ProductApplied, techplatform.ProductReturned, techplatform.ProductReturned, staff(sheyang), owner(w.mill), back, 0},
			{"return at the city", techplatform.ProductChecked, techplatform.ProductReturned, techplatform.ProductConfirmed, staff(city), staff(sheyang), back, 0},
			{"return from the province", techplatform.ProductForwarded, techplatform.ProductReturned, techplatform.ProductRefused, staff(city), staff(sheyang), back, 0},
			{"confirm", techplatform.ProductForwarded, techplatform.ProductConfirmed, techplatform.ProductChecked, staff(city), staff(sheyang), func(by authz.Actor, p product, v int) (product, error) {
				return w.ConfirmProduct(ctx, by, p.ID, v, found())
			}, 1},
			{"refuse", techplatform.ProductForwarded, techplatform.ProductRefused, techplatform.ProductConfirmed, staff(city), owner(w.mill), func(by authz.Actor, p product, v int) (product, error) {
				return w.RefuseProduct(ctx, by, p.ID, v, "和现有产品相同")
			}, 0},
			{"reopen", techplatform.ProductConfirmed, techplatform.ProductForwarded, techplatform.ProductForwarded, staff(city), staff(sheyang), func(by authz.Actor, p product, v int) (product, error) {
				return w.ReopenProduct(ctx, by, p.ID, v, "证书号录错了")
			}, 1},
			{"revise", techplatform.ProductReturned, techplatform.ProductApplied, techplatform.ProductApplied, owner(w.mill), staff(sheyang), func(by authz.Actor, p product, v int) (product, error) {
				return w.ReviseProduct(ctx, by, p.ID, v, spindle(), files.Papers{})
			}, 0},
			{"withdraw", techplatform.ProductForwarded, techplatform.ProductDropped, techplatform.ProductRefused, owner(w.mill), staff(city), func(by authz.Actor, p product, v int) (product, error) {
				return w.DropProduct(ctx, by, p.ID, v)
			}, 0},
		} {
			t.Run(a.name, func(t *testing.T) {
				w.t = t
				p := w.productIn(a.in)
				audits, facts := w.audits(techplatform.ProductKind, p.ID), w.facts()
				refused := func(who string, by authz.Actor, p product, version int, want fault.Kind) {
					t.Helper()
					if _, err := a.do(by, p, version); !fault.Is(err, want) {
						t.Errorf("%s: got %v, want %v", who, err, want)
					}
				}
				refused("the next county", staff(jianhu), p, p.Version, fault.NotFound)
				refused("another enterprise", owner(w.forge), p, p.Version, fault.NotFound)
				refused("nobody", authz.Actor{}, p, p.Version, fault.NotFound)
				refused("one who only sees it", a.denied, p, p.Version, fault.Denied)
				refused("one who read an older version", a.by, p, p.Version-1, fault.Stale)
				if w.audits(techplatform.ProductKind, p.ID) != audits || w.facts() != facts {
					t.Fatal("refused steps left something behind")
				}
				other := w.productIn(a.conflict)
				refused("out of turn", a.by, other, other.Version, fault.Conflict)
				facts = w.facts()
				next, err := a.do(a.by, p, p.Version)
				w.must(err)
				if next.State != a.to || next.Version != p.Version+1 || w.audits(techplatform.ProductKind, p.ID) != audits+1 || w.facts() != facts+a.facts {
					t.Errorf("now %s with %d entries and %d facts", next.State, w.audits(techplatform.ProductKind, p.ID)-audits, w.facts()-facts)
				}
			})
		}
	})
}

// A new product goes from the enterprise over county and city to the province's
// answer; it is corrected on the way, seen by everybody once it is confirmed, and
// counts from the day of the answer.
func TestANewProductIsConfirmed(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill := t.Context(), owner(w.mill)
		_, err := w.EnterPatent(ctx, mill, w.mill, "", patent("200820123456.7", "2008-03-05", "2008-12-17"), "")
		w.must(err)
		_, err = w.EnterPatent(ctx, owner(w.forge), w.forge, "", patent("200810243210.8", "2008-09-01", ""), "")
		w.must(err)
		_, err = w.ApplyProduct(ctx, mill, w.mill, techplatform.ProductProfile{Name: "机", Patents: []string{"123"}}, files.Papers{}, "")
		for _, name := range []string{"name", "about", "industry", "patents", files.Field} {
			if f := fault.FieldsOf(err); !f.Has(name) {
				t.Errorf("%s is not named: %v", name, err)
			}
		}
		borrowed := spindle()
		borrowed.Patents = []string{"200810243210.8"}
		_, err = w.ApplyProduct(ctx, mill, w.mill, borrowed, w.evidence(mill), "")
		if f := fault.FieldsOf(err); !f.Has("patents") {
			t.Errorf("another's patent: %v", err)
		}
		if _, err := w.ApplyProduct(ctx, owner(w.forge), w.mill, spindle(), files.Papers{}, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's enterprise: %v", err)
		}
		in := spindle()
		in.Patents = []string{"ZL 200820123456.7"}
		p := w.apply(in)
		if again, err := w.ApplyProduct(ctx, mill, w.mill, in, w.evidence(mill), "form"); err != nil || again.ID != p.ID || p.Number != "XP-2009-00001" || !slices.Equal(again.Patents, []string{"200820123456.7"}) {
			t.Errorf("on file as %+v (%v)", again, err)
		}
		p, err = w.ReturnProduct(ctx, staff(sheyang), p.ID, p.Version, "缺检测报告")
		w.must(err)
		d, err := w.Product(ctx, mill, p.ID)
		w.must(err)
		if len(d.Files) != 1 || d.Events[len(d.Events)-1].Note != "缺检测报告" {
			t.Errorf("the enterprise sees %+v", d)
		}
		_, err = w.ReviseProduct(ctx, mill, p.ID, p.Version, in, files.Papers{Remove: []string{d.Files[0].ID}})
		if f := fault.FieldsOf(err); !f.Has(files.Field) {
			t.Errorf("without a paper: %v", err)
		}
		p, err = w.ReviseProduct(ctx, mill, p.ID, p.Version, in, w.evidence(mill))
		w.must(err)
		p, err = w.CheckProduct(ctx, staff(sheyang), p.ID, p.Version)
		w.must(err)
		p, err = w.ForwardProduct(ctx, staff(city), p.ID, p.Version)
		w.must(err)
		if _, err := w.Product(ctx, authz.Actor{}, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("it is seen before it is confirmed: %v", err)
		}
		_, err = w.ConfirmProduct(ctx, staff(city), p.ID, p.Version, techplatform.Finding{Grade: "best", On: "2009-01-07"})
		if f := fault.FieldsOf(err); !f.Has("grade") || !f.Has("certificate") || !f.Has("on") {
			t.Errorf("an answer of tomorrow that does not exist: %v", err)
		}
		p, err = w.ConfirmProduct(ctx, staff(city), p.ID, p.Version, found())
		w.must(err)
		counts := func(want int64) {
			t.Helper()
			if got := w.figure("products", sheyang, "2009-12-31", is("grade", "nation-leading")); got != want {
				t.Errorf("%d products are confirmed, want %d", got, want)
			}
		}
		counts(1)
		seen, err := w.Product(ctx, authz.Actor{}, p.ID)
		if w.must(err); seen.GradeName.Name != "国内领先" || seen.GradeName.In(true) != "Leading in the nation" || len(seen.Files)+len(seen.Events) != 0 {
			t.Errorf("anybody sees %+v", seen)
		}
		if _, _, err := w.OpenProductFile(ctx, owner(w.forge), p.ID, d.Files[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another reads the papers: %v", err)
		}
		if _, in, err := w.OpenProductFile(ctx, staff(sheyang), p.ID, d.Files[0].ID); err != nil || in.Close() != nil {
			t.Errorf("the county reads the papers: %v", err)
		}
		for name, c := range map[string]struct {
			f    techplatform.ProductFilter
			want int
		}{
			"all": {techplatform.ProductFilter{}, 1}, "grade": {techplatform.ProductFilter{Grade: "nation-leading"}, 1}, "another": {techplatform.ProductFilter{Grade: "world-advanced"}, 0},
			"name": {techplatform.ProductFilter{Text: "自停"}, 1}, "industry": {techplatform.ProductFilter{Industry: "C17"}, 1}, "place": {techplatform.ProductFilter{Region: jianhu}, 0},
		} {
			if list, _, total, err := w.PublicProducts(ctx, c.f, db.Page{}); err != nil || len(list) != c.want || total != c.want {
				t.Errorf("%s: %d of %d (%v)", name, len(list), total, err)
			}
		}
		p, err = w.ReopenProduct(ctx, staff(city), p.ID, p.Version, "证书号录错了")
		w.must(err)
		counts(0)
		_, err = w.ConfirmProduct(ctx, staff(city), p.ID, p.Version, found())
		w.must(err)
		counts(1)
		w.must(w.enterprises.Merge(ctx, staff(city), w.mill, 1, w.forge, "同一家企业登记了两次"))
		if list, _, _, err := w.PublicProducts(ctx, techplatform.ProductFilter{}, db.Page{}); err != nil || list[0].Enterprise != string(w.forge) {
			t.Errorf("after the merger: %+v (%v)", list, err)
		}
		if err := w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return techplatform.Move(ctx, tx, hede, "320924101") }); err != nil {
			t.Fatal(err)
		}
		if _, err := gate.Verify(ctx, w.db); err != nil {
			t.Error(err)
		}
	})
}

// Which answers the province may give is the operator's data: one is added, ended
// and no longer to be chosen; what was found with it keeps it.
func TestGradesAreData(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, of := t.Context(), staff(city)
		if _, err := w.SetGrade(ctx, staff(sheyang), authz.At(city), techplatform.Grade{Name: "填补空白", English: "First of its kind"}); !fault.Is(err, fault.Denied) {
			t.Errorf("by a county: %v", err)
		}
		_, err := w.SetGrade(ctx, of, authz.At(city), techplatform.Grade{Name: "国内领先", English: "", Position: -1})
		if f := fault.FieldsOf(err); !f.Has("english") || !f.Has("position") {
			t.Errorf("half a grade: %v", err)
		}
		_, err = w.SetGrade(ctx, of, authz.At(city), techplatform.Grade{Name: "国内领先", English: "Leading"})
		if f := fault.FieldsOf(err); !f.Has("name") {
			t.Errorf("one that is there: %v", err)
		}
		g, err := w.SetGrade(ctx, of, authz.At(city), techplatform.Grade{Name: "填补空白", English: "First of its kind", Position: 5})
		w.must(err)
		p := w.productIn(techplatform.ProductForwarded)
		answer := found()
		answer.Grade = g.ID
		p, err = w.ConfirmProduct(ctx, of, p.ID, p.Version, answer)
		w.must(err)
		g.Ended = true
		now, err := w.SetGrade(ctx, of, authz.At(city), g)
		w.must(err)
		if _, err := w.SetGrade(ctx, of, authz.At(city), g); !fault.Is(err, fault.Stale) {
			t.Errorf("changed as it was before: %v", err)
		}
		all, err := w.Grades(ctx)
		if w.must(err); len(all) != 5 || all[4].ID != now.ID || !all[4].Ended {
			t.Errorf("the grades are %+v", all)
		}
		if d, err := w.Product(ctx, authz.Actor{}, p.ID); err != nil || d.GradeName.Name != "填补空白" {
			t.Errorf("what was found: %+v (%v)", d.GradeName, err)
		}
		other := w.productIn(techplatform.ProductForwarded)
		_, err = w.ConfirmProduct(ctx, of, other.ID, other.Version, answer)
		if f := fault.FieldsOf(err); !f.Has("grade") {
			t.Errorf("a grade that is ended: %v", err)
		}
	})
}
