package api_test

import (
	"net/http"
	"testing"
)

type chapter struct {
	Edition  int
	Language string
	Sections []struct {
		Paragraphs [][]struct {
			Text   string
			Figure *string
		}
	}
	Findings []struct{ Rule string }
}

// names reports whether the prose names the figure.
func (c chapter) names(id string) bool {
	for _, s := range c.Sections {
		for _, p := range s.Paragraphs {
			for _, span := range p {
				if span.Figure != nil && *span.Figure == id {
					return true
				}
			}
		}
	}
	return false
}

func TestAnEditionIsFrozenOnceAndReadByEverybody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sheyang, yancheng := w.key(w.staff, readFigures, writeFigures, "yearbook:write"), w.official()
		yancheng.Post("/yearbook/editions", ofYear("320900", 2025)).Is(http.StatusConflict) // nothing to say yet
		at, etag := w.reported(sheyang, yancheng)

		var draft chapter
		yancheng.Get("/yearbook/draft?year=2025&lang=en").Is(http.StatusOK).Into(&draft)
		if draft.Edition != 0 || draft.Language != "en" || !draft.names("P3") || len(draft.Findings) == 0 {
			t.Errorf("the draft is %+v", draft)
		}
		sheyang.Get("/yearbook/draft?year=2025").Is(http.StatusNotFound)
		sheyang.Get("/yearbook/draft?year=2025&region=320924").Is(http.StatusOK)
		sheyang.Post("/yearbook/editions", ofYear("320924", 2025)).Is(http.StatusForbidden)
		w.key(w.neighbour, "yearbook:write").Post("/yearbook/editions", ofYear("320924", 2025)).Is(http.StatusNotFound)
		w.Unwisely().Get("/yearbook/draft?year=2025").Is(http.StatusUnauthorized)

		once := yancheng.With("Idempotency-Key", "freeze-2025")
		first := once.Post("/yearbook/editions", ofYear("320900", 2025)).Is(http.StatusCreated)
		again := once.Post("/yearbook/editions", ofYear("320900", 2025)).Is(http.StatusCreated)
		if again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("Location") != first.Header.Get("Location") || string(again.Body) != string(first.Body) {
			t.Errorf("the repeat answered %q, first %q", again.Header.Get("Location"), first.Header.Get("Location"))
		}
		if n := w.count(`SELECT COUNT(*) FROM yearbook_edition`); n != 1 {
			t.Errorf("%d editions were made", n)
		}

		// What is corrected later changes the draft, not the edition.
		reopened := yancheng.With("If-Match", etag).Post(at+"/reopen", map[string]any{"reason": "漏了一家"}).Is(http.StatusOK)
		sheyang.With("If-Match", reopened.ETag()).Put(at, map[string]any{"values": map[string]any{"G5": 1}}).Is(http.StatusOK)
		for _, path := range []string{"/yearbook/editions/320900-2025-1", "/yearbook?year=2025", "/yearbook?year=2025&edition=1"} {
			var frozen chapter
			w.Get(path).Is(http.StatusOK).Into(&frozen)
			if frozen.Edition != 1 || frozen.Language != "zh" || !frozen.names("P3") {
				t.Errorf("%s is %+v", path, frozen)
			}
		}
		var list struct {
			Items []struct {
				ID      string
				Edition int
			}
		}
		if w.Get("/yearbook/editions?year=2025").Is(http.StatusOK).Into(&list); len(list.Items) != 1 || list.Items[0].ID != "320900-2025-1" {
			t.Errorf("the editions are %+v", list)
		}
		for _, none := range []string{"320900-2025-2", "320900-2025", "320900-x-1", "320900-2025-0"} {
			w.Get("/yearbook/editions/" + none).Is(http.StatusNotFound)
		}
		w.Get("/yearbook?region=320924100").Is(http.StatusNotFound) // a town has no chapter
	})
}
