package recognition_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
)

// A call is found while it takes applications: by its name, by the title it is for,
// by what it says, and by what it is.
func TestACallIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		index := search.New(w.db, func(context.Context) (func(region.Code) string, error) {
			return func(region.Code) string { return "盐城市" }, nil
		}, w.Searched()...)
		finds := func(words string, want int) {
			t.Helper()
			f, err := index.Find(ctx, search.Query{Text: words, Kind: recognition.KindCall}, db.Page{})
			ok(t, err)
			if f.Near {
				f.Total = 0
			}
			if f.Total != want {
				t.Errorf("%q finds %d calls, want %d", words, f.Total, want)
			}
		}
		c := w.call(0)
		_, err := index.Follow(ctx)
		ok(t, err)
		for _, words := range []string{"申报通知", c.Name, c.Document, "市定A级中小企业园 盐城市", "call for applications"} {
			finds(words, 1)
		}
		_, err = w.Close(ctx, official(city), c.ID, c.Version)
		ok(t, err)
		_, err = index.Follow(ctx)
		ok(t, err)
		finds("申报通知", 0)
		w.call(0)
		w.days(400)
		_, err = index.Rebuild(ctx)
		ok(t, err)
		finds("申报通知", 0) // it has run out
	})
}

// What is public is found while its days last, and a title while it holds: by the
// name it was given under, and by the one its subject has today.
func TestWhatIsPublicAndWhatHoldsIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		index := search.New(w.db, func(context.Context) (func(region.Code) string, error) {
			return func(region.Code) string { return "射阳县" }, nil
		}, w.Searched()...)
		finds := func(words, kind string, want int) {
			t.Helper()
			_, err := index.Follow(ctx)
			ok(t, err)
			f, err := index.Find(ctx, search.Query{Text: words, Kind: kind}, db.Page{})
			ok(t, err)
			if f.Near {
				f.Total = 0
			}
			if f.Total != want {
				t.Errorf("%q finds %d of %s, want %d", words, f.Total, kind, want)
			}
		}
		const public, held = recognition.KindApplication, recognition.KindAward
		a := w.scored(w.call(0), "p1", 90, 80, 88)
		finds("第p1中小企业园", public, 0)
		a, err := w.Publicise(ctx, official(city), a.ID, a.Version)
		ok(t, err)
		finds("第p1中小企业园 公示", public, 1)
		finds("A级园申报", public, 1) // the call
		finds("园区情况", public, 0)  // the applicant's own account is not public
		w.days(20)
		_, err = index.Rebuild(ctx)
		ok(t, err)
		finds("第p1中小企业园", public, 0)
		_, id, err := w.Decide(ctx, official(city), a.ID, a.Version, "盐中小企〔2008〕20号")
		ok(t, err)
		finds("市定A级中小企业园 射阳县", held, 1)
		finds("20号", held, 1)

		p := w.parks["p1"]
		p.Name = "合德科技园"
		w.parks["p1"] = p
		const rename authz.Permission = "park.edit"
		clerk := authz.Actor{Kind: authz.Human, ID: "clerk", Grants: []authz.Grant{{Role: authz.Role{Permissions: []authz.Permission{rename}}, Region: city}}}
		ok(t, gate.New(w.db, "yc").Write(ctx, &gate.Change{By: clerk, Do: rename, On: authz.At(hede), Record: gate.Record{Kind: "park", ID: "p1"}},
			func(context.Context, *db.Tx) error { return nil }))
		finds("合德科技园", held, 1)
		finds("第p1中小企业园", held, 1) // as it was awarded

		d, err := w.Award(ctx, official(city), id)
		ok(t, err)
		one, _, err := w.Awards(ctx, authz.Unbounded("what holds is public"), recognition.AwardFilter{On: "2008-06-22", Award: id}, db.Page{})
		if ok(t, err); len(one) != 1 || one[0].ID != id {
			t.Errorf("where it leads are %v", one)
		}
		_, err = w.Revoke(ctx, official(city), id, d.Version, "不再符合条件")
		ok(t, err)
		finds("市定A级中小企业园", held, 0)
	})
}
