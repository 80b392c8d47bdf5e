package techplatform_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
	"qiban.dev/qiban/internal/testkit"
)

// What is published is found by its words, never by who to ask; what was taken
// back is found no more.
func TestPublishedNeedsAndOffersAreFound(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		index := search.New(w.db, func(context.Context) (func(region.Code) string, error) {
			return func(region.Code) string { return "" }, nil
		}, w.Searched()...)
		finds := func(words string, want int) {
			t.Helper()
			if _, err := index.Follow(t.Context()); err != nil {
				t.Fatal(err)
			}
			f, err := index.Find(t.Context(), search.Query{Text: words}, db.Page{})
			if err != nil || f.Near || f.Total != want {
				t.Errorf("%q finds %d, want %d: %v", words, f.Total, want, err)
			}
		}
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
