package api_test

import (
	"net/http"
	"net/url"
	"testing"
)

type searchFound struct {
	Items []struct{ Kind, ID, Of, Region, Title, Text string }
	Kinds []struct {
		Kind string
		N    int
	}
	Total      int
	More, Near bool
	Next       string
}

// A newcomer's program looks for who tests yarn; what is not published is not found.
func TestAProgramSearchesPublicRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.lab()
		l.centre.Post("/platforms", l.platform("name", "射阳县化纤技术平台")).Is(http.StatusCreated) // stays unpublished
		if _, err := w.app.Search.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		asks := func(query string) (f searchFound) {
			w.Get("/search?" + query).Is(http.StatusOK).Into(&f)
			return f
		}
		q := func(words string) string { return "q=" + url.QueryEscape(words) }
		f := asks(q("纤维检测"))
		if f.Total != 1 || f.Items[0].Kind != "techplatform" || "/platforms/"+f.Items[0].ID != l.path || f.Near {
			t.Errorf("by its service: %+v", f)
		}
		f = asks(q("射阳 强力仪"))
		if f.Total != 1 || f.Items[0].Kind != "instrument" || f.Items[0].ID != l.instrument || "/platforms/"+f.Items[0].Of != l.path {
			t.Errorf("an instrument: %+v", f)
		}
		if f = asks(q("化纤")); f.Total != 0 {
			t.Errorf("what is not published is found: %+v", f)
		}
		f = asks(q("纺织") + "&kind=instrument&region=" + string(county))
		if f.Total != 1 || len(f.Kinds) != 2 {
			t.Errorf("by kind: %+v", f)
		}
		if f = asks(q("纺织") + "&region=320925"); f.Total != 0 {
			t.Errorf("elsewhere: %+v", f)
		}
		first := asks(q("纺织") + "&limit=1")
		if second := asks(q("纺织") + "&limit=1&after=" + first.Next); len(second.Items) != 1 || second.Items[0].ID == first.Items[0].ID {
			t.Errorf("the second page: %+v", second)
		}
		w.Get("/search").Is(http.StatusUnprocessableEntity)
		w.Unwisely().Get("/search?q=a&kind=nothing").Is(http.StatusUnprocessableEntity)
		w.Get("/search?q=a&after=rubbish").Is(http.StatusUnprocessableEntity)
	})
}
