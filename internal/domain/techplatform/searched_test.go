package techplatform_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
	"qiban.dev/qiban/internal/testkit"
)

// finder makes an index, and follows what happened before it looks for words.
func (w *world) finder() func(words string, want int) {
	w.t.Helper()
	index := search.New(w.db, func(context.Context) (func(region.Code) string, error) {
		return func(region.Code) string { return "" }, nil
	}, w.Searched()...)
	return func(words string, want int) {
		w.t.Helper()
		_, err := index.Follow(w.t.Context())
		w.must(err)
		f, err := index.Find(w.t.Context(), search.Query{Text: words}, db.Page{})
		w.must(err)
		if f.Near {
			f.Total = 0
		}
		if f.Total != want {
			w.t.Errorf("%q finds %d, want %d", words, f.Total, want)
		}
	}
}

// What is published is found by its words, never by who to ask; what was taken
// back is found no more.
func TestPublishedNeedsAndOffersAreFound(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		finds := w.finder()
		n := w.noticeIn(techplatform.Checked, techplatform.Wanted)
		finds("断头自动检测", 0)
		n, err := w.PublishNotice(t.Context(), staff(city), n.ID, n.Version)
		w.must(err)
		finds("断头自动检测", 1)
		finds("漏报率", 1)
		finds("82330000", 0)
		_, err = w.RecallNotice(t.Context(), owner(w.mill), n.ID, n.Version)
		w.must(err)
		finds("断头自动检测", 0)
	})
}

// A holder takes another name: its patents are found by that one, and not by the
// old one any more.
func TestAPatentIsFoundByTheNewNameOfItsHolder(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, finds := t.Context(), w.finder()
		_, err := w.EnterPatent(ctx, owner(w.mill), w.mill, "", patent("ZL200820123456.7", "2008-03-05", "2008-12-17"), "")
		w.must(err)
		finds("断头检测装置", 1)
		for _, number := range []string{"200820123456.7", "2008201234567", "ZL200820123456.7", "ZL2008201234567"} {
			finds(number, 1)
		}
		finds("黄海精密机械", 0)
		firm, err := w.enterprises.Get(ctx, staff(city), w.mill)
		w.must(err)
		was := firm.Profile.Name
		finds(was, 1)
		firm.Profile.Name = "黄海精密机械有限公司"
		w.must(w.enterprises.Edit(ctx, staff(city), w.mill, firm.Version, enterprise.Amendment{Profile: firm.Profile}))
		finds("黄海精密机械", 1)
		finds(was, 0)
	})
}

// A new product is found once the province has confirmed it, by its certificate,
// its applicant and its grade too.
func TestAConfirmedNewProductIsFound(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		finds := w.finder()
		p := w.productIn(techplatform.ProductForwarded)
		finds(p.Name, 0)
		_, err := w.ConfirmProduct(t.Context(), staff(city), p.ID, p.Version, found())
		w.must(err)
		finds(p.Name, 1)
		finds(p.Applicant, 1)
	})
}
