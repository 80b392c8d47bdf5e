package yearbook_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/text"
)

// prose is all that the chapter says, section by section.
func prose(t *testing.T, c *yearbook.Chapter) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Write(&b, yearbook.Markdown); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func (w *world) draft(lang text.Lang) *yearbook.Chapter {
	w.t.Helper()
	c, err := w.Draft(w.t.Context(), yancheng, 2008, lang)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestTheChapterSaysWhatHasDataAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if c := w.draft(text.Zh); !c.Empty() {
			t.Fatalf("before anything is on record the chapter says: %s", prose(t, c))
		}
		w.reported(sheyang, 2007, map[string]float64{"G5": 2_597_484_277})
		w.reported(sheyang, 2008, map[string]float64{"G5": 4_130_000_000, "G7": 2983, "P2": 3_140_000, "G1": 10, "G2": 0})
		zh := prose(t, w.draft(text.Zh))
		for _, words := range []string{"担保41.3亿元", "比上年增长59%", "2980多户", "314万平方米", "2008年，全市"} {
			if !strings.Contains(zh, words) {
				t.Errorf("it does not say %q: %s", words, zh)
			}
		}
		for _, words := range []string{"超过1亿元", "互助", "⟦", "{", "—"} {
			if strings.Contains(zh, words) {
				t.Errorf("it says %q: %s", words, zh)
			}
		}
		en := prose(t, w.draft(text.En))
		for _, words := range []string{"4.13 billion yuan", "more than 2,980", "up 59% on the year before", "In 2008"} {
			if !strings.Contains(en, words) {
				t.Errorf("it does not say %q: %s", words, en)
			}
		}
	})
}

func TestADecreaseIsSaidAsOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reported(sheyang, 2007, map[string]float64{"G5": 1000})
		w.reported(sheyang, 2008, map[string]float64{"G5": 968})
		if zh := prose(t, w.draft(text.Zh)); !strings.Contains(zh, "比上年下降3.2%") || strings.Contains(zh, "-3.2") {
			t.Errorf("it says: %s", zh)
		}
	})
}

func TestAnEditionStaysAsItWasRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, err := w.Freeze(ctx, editor(), yancheng, 2008, "")
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("an empty chapter is frozen: %v", err)
		}
		w.delivered(hede, "e1", "2008-03-02", "2008-04-02")
		if _, err := w.Freeze(ctx, official("wang", sheyang, yearbook.Freeze), yancheng, 2008, ""); !fault.Is(err, fault.Denied) {
			t.Errorf("a county freezes the city's chapter: %v", err)
		}
		if _, err := w.Freeze(ctx, authz.Actor{}, yancheng, 2008, ""); !fault.Is(err, fault.SignIn) {
			t.Errorf("nobody freezes it: %v", err)
		}
		before, err := w.Published(ctx, yancheng, 2008, 0, text.Zh)
		if err != nil || before.Edition != 0 {
			t.Fatalf("without an edition the public reads %+v (%v)", before, err)
		}
		if n, err := w.Freeze(ctx, editor(), yancheng, 2008, ""); err != nil || n != 1 {
			t.Fatalf("edition %d: %v", n, err)
		}
		w.delivered(hede, "e2", "2008-05-02")
		first, err := w.Published(ctx, yancheng, 2008, 0, text.Zh)
		if err != nil || first.Edition != 1 || !strings.Contains(prose(t, first), "2次") {
			t.Errorf("the public reads edition %d: %s (%v)", first.Edition, prose(t, first), err)
		}
		if now := prose(t, w.draft(text.Zh)); !strings.Contains(now, "3次") {
			t.Errorf("the draft says %s", now)
		}
		if n, err := w.Freeze(ctx, editor(), yancheng, 2008, ""); err != nil || n != 2 {
			t.Errorf("edition %d: %v", n, err)
		}
		if old, err := w.Edition(ctx, yancheng, 2008, 1, text.En); err != nil || !strings.Contains(prose(t, old), "2 ") {
			t.Errorf("the first edition in English: %v", err)
		}
		if _, err := w.Edition(ctx, yancheng, 2008, 3, text.Zh); !fault.Is(err, fault.NotFound) {
			t.Errorf("an edition that is not there answers %v", err)
		}
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: "yearbook_edition", ID: "320900-2008-1"})
		if err != nil || len(trail) != 1 {
			t.Errorf("%d entries in the audit trail (%v)", len(trail), err)
		}
	})
}

func TestTheChapterLeavesAsDataThatSaysWhatItIs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reported(sheyang, 2008, map[string]float64{"P3": 1006})
		var b bytes.Buffer
		if err := w.draft(text.Zh).Write(&b, yearbook.JSON); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Region  string
			Figures []struct {
				ID      string
				Exact   *float64
				Origin  *string
				Phrase  *string
				Records struct{ Link string }
			}
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for _, f := range got.Figures {
			switch f.ID {
			case "P3":
				if *f.Exact != 1006 || *f.Origin != "reported" || *f.Phrase != "1006户" || f.Records.Link != "/figures/P3?region=320900&year=2008" {
					t.Errorf("P3 leaves as %+v", f)
				}
			case "P1":
				if f.Exact != nil || f.Phrase != nil {
					t.Errorf("a figure without data leaves as %v", *f.Exact)
				}
			}
		}
		b.Reset()
		if err := w.draft(text.Zh).Write(&b, yearbook.HTML); err != nil || !strings.Contains(b.String(), `data-figure="P3"`) {
			t.Errorf("as a page: %v", err)
		}
	})
}

func TestFindingsComeWithTheChapter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reported(sheyang, 2008, map[string]float64{"T7": 357})
		found, err := w.Findings(t.Context(), w.draft(text.Zh))
		if err != nil {
			t.Fatal(err)
		}
		rules := map[indicator.Rule]bool{}
		for _, f := range found {
			if f.Figure == "T7" {
				rules[f.Rule] = true
			}
		}
		if !rules[indicator.NearlyExact] || !rules[indicator.NotReported] || len(rules) != 2 {
			t.Errorf("found %+v", found)
		}
	})
}
