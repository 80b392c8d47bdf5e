package search_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
	"qiban.dev/qiban/internal/testkit"
)

const hang authz.Permission = "board.hang"

// hall is a house with notices on a board: those that hang are public. A notice
// may have slips of paper below it, which are found by themselves.
type hall struct {
	*search.Service
	t     *testing.T
	db    *db.DB
	gate  *gate.Gate
	clerk authz.Actor
}

func newHall(t *testing.T, source string) *hall {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, source, db.Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(ctx)
	must(t, err)
	must(t, d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TABLE demo_notice (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, region TEXT NOT NULL,
			title TEXT NOT NULL, body TEXT NOT NULL, hangs BIGINT NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `CREATE TABLE demo_slip (id TEXT NOT NULL PRIMARY KEY, notice TEXT NOT NULL, title TEXT NOT NULL)`)
		return err
	}))
	h := &hall{
		t: t, db: d, gate: gate.New(d, "320900"),
		clerk: authz.Actor{Kind: authz.Human, ID: "wang", Grants: []authz.Grant{
			{Role: authz.Role{Name: "clerk", Permissions: []authz.Permission{hang}}, Region: "320900"},
		}},
	}
	h.Service = search.New(d, places, notices())
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func places(context.Context) (func(region.Code) string, error) {
	names := map[region.Code]string{"320924": "盐城市射阳县", "320981": "盐城市东台市"}
	return func(c region.Code) string { return names[c.At(region.County)] }, nil
}

func notices() search.Source {
	return search.Source{
		Name: "notice",
		Heard: map[string]func(context.Context, db.Reader, []string) ([]string, error){
			"notice": nil,
			"slip": func(ctx context.Context, r db.Reader, ids []string) (roots []string, err error) {
				where, args := search.Pick{IDs: ids}.Where("id")
				return roots, r.Select(ctx, &roots, `SELECT notice FROM demo_slip WHERE `+where, args...)
			},
		},
		Read: func(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
			where, args := p.Where("id")
			var rows []struct {
				ID, Kind, Title, Body string
				Region                region.Code
			}
			if err := r.Select(ctx, &rows, `SELECT id, kind, region, title, body FROM demo_notice WHERE hangs = 1 AND `+where, args...); err != nil {
				return nil, err
			}
			var all []search.Document
			for _, n := range rows {
				all = append(all, search.Document{Kind: n.Kind, Record: n.ID, Root: n.ID, Region: n.Region, Title: n.Title, Body: n.Body})
				var slips []struct{ ID, Title string }
				if err := r.Select(ctx, &slips, `SELECT id, title FROM demo_slip WHERE notice = ? ORDER BY id`, n.ID); err != nil {
					return nil, err
				}
				for _, s := range slips {
					all = append(all, search.Document{Kind: "slip", Record: s.ID, Root: n.ID, Region: n.Region, Title: s.Title})
				}
			}
			return all, nil
		},
	}
}

// does writes through the gate, as every change is written.
func (h *hall) does(kind, id, statement string, args ...any) {
	h.t.Helper()
	c := gate.Change{By: h.clerk, Do: hang, On: authz.At("320924"), Record: gate.Record{Kind: kind, ID: id}}
	must(h.t, h.gate.Write(context.Background(), &c, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	}))
}

func (h *hall) hangs(id, title, body string) { h.hangsAt("320924", id, title, body) }

func (h *hall) hangsAt(at region.Code, id, title, body string) {
	h.t.Helper()
	h.does("notice", id, `INSERT INTO demo_notice (id, kind, region, title, body, hangs) VALUES (?, 'notice', ?, ?, ?, 1)`, id, string(at), title, body)
}

func (h *hall) follows() int {
	h.t.Helper()
	n, err := h.Follow(context.Background())
	must(h.t, err)
	return n
}

func (h *hall) asks(q search.Query) search.Found {
	h.t.Helper()
	f, err := h.Find(context.Background(), q, db.Page{})
	must(h.t, err)
	return f
}

// finds checks which records a question finds, in their order.
func (h *hall) finds(words string, want ...string) {
	h.t.Helper()
	var got []string
	for _, hit := range h.asks(search.Query{Text: words}).Hits {
		got = append(got, hit.Record)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		h.t.Errorf("%q finds %v, not %v", words, got, want)
	}
}

func each(t *testing.T, fn func(t *testing.T, h *hall)) {
	testkit.EachDatabase(t, func(t *testing.T, source string) { fn(t, newHall(t, source)) })
}

func TestWhatIsPublicIsFoundByAnyOfItsWords(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.hangs("a", "射阳县纺织技术服务平台", "提供棉纱强力检测，按 GB/T 3916 出具报告。")
		h.hangs("b", "建湖石油机械检测中心", "阀门与钻具的无损检测、纺织机械也可以。")
		h.hangsAt("320981", "c", "ISO9001 认证辅导", "Advice on ＩＳＯ 14001 and café management.")
		h.follows()
		h.finds("纺织", "a", "b")         // in the title first
		h.finds("纺", "a", "b")          // one character
		h.finds("纱", "a")               // wherever it stands
		h.finds("棉纱强力", "a")            // a row of pairs
		h.finds("检测 平台", "a")           // both words, wherever
		h.finds("检测中心", "b")            // not 检测 here and 中心 there
		h.finds("iso", "c")             // letters small or large, by their beginning
		h.finds("ｉｓｏ１４００１")             // what stands apart is not one word
		h.finds("14001", "c")           // full-width as half-width
		h.finds("GB/T 3916", "a")       // signs do not count
		h.finds("东台 认证", "c")           // by its place
		h.finds("CAFÉ", "c")            // other alphabets
		h.finds("射阳县纺织技术服务平台", "a")     // its whole name
		h.finds("\" OR 1=1 -- ' ) *")   // nothing of the database's own language
		h.finds("'); DROP TABLE x; 棉纱") // only words: all of them have to be there
		h.finds("")
		h.finds("……！")
	})
}

func TestWhatChangesIsFoundAsItIsNow(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.hangs("a", "棉纱检测", "每周三。")
		if h.follows() != 1 {
			t.Error("the first making of the index did not write one document")
		}
		h.does("notice", "a", `UPDATE demo_notice SET title = '面料检测' WHERE id = 'a'`)
		h.does("slip", "s", `INSERT INTO demo_slip (id, notice, title) VALUES ('s', 'a', '预约单')`)
		h.finds("棉纱", "a")
		if n := h.follows(); n != 3 {
			t.Errorf("%d documents were written: the old one out, the new one in, and the slip", n)
		}
		h.finds("棉纱")
		h.finds("面料", "a")
		h.finds("预约", "s")
		if n := h.follows(); n != 0 {
			t.Errorf("%d documents were written although nothing had changed", n)
		}
		h.does("notice", "a", `UPDATE demo_notice SET hangs = 0 WHERE id = 'a'`)
		h.follows()
		h.finds("面料")
		h.finds("预约")
	})
}

func TestTheIndexCanBeMadeAnewAndThenOnlyWhatWasWrongIsWritten(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := context.Background()
		for i := range 450 { // more than are read at once
			h.hangs(fmt.Sprintf("n%03d", i), fmt.Sprintf("告示第%d号", i), "机床转让")
		}
		if n := h.follows(); n != 450 {
			t.Fatalf("%d documents in a new index", n)
		}
		// Somebody wrote past the gate, so that the trail says nothing of it.
		must(t, h.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE demo_notice SET title = '改过的告示' WHERE id = 'n007'`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `DELETE FROM demo_notice WHERE id = 'n400'`)
			return err
		}))
		if n, err := h.Rebuild(ctx); n != 3 || err != nil {
			t.Errorf("%d documents were written, %v: one changed, one gone", n, err)
		}
		h.finds("改过", "n007")
		if f := h.asks(search.Query{Text: "机床"}); f.Total != 449 {
			t.Errorf("%d notices", f.Total)
		}
		// A source that the program no longer has is forgotten.
		if _, err := search.New(h.db, places).Rebuild(ctx); err != nil {
			t.Error(err)
		}
		h.finds("机床")
	})
}

func TestAPageAtATime(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for i := range 45 {
			h.hangs(fmt.Sprintf("n%02d", i), fmt.Sprintf("告示第%02d号", i), "")
		}
		h.follows()
		seen, page, pages := map[string]bool{}, db.Page{}, 0
		for {
			f, err := h.Find(context.Background(), search.Query{Text: "告示"}, page)
			must(t, err)
			pages++
			for _, hit := range f.Hits {
				seen[hit.Record] = true
			}
			if f.Total != 45 {
				t.Fatalf("a total of %d", f.Total)
			}
			if page.After = f.Next; f.Next == "" {
				break
			}
		}
		if pages != 3 || len(seen) != 45 {
			t.Errorf("%d pages with %d notices", pages, len(seen))
		}
		for _, after := range []string{"rubbish", db.Cursor("-1"), db.Cursor("x"), db.Cursor("99999999")} {
			if _, err := h.Find(context.Background(), search.Query{Text: "告示"}, db.Page{After: after}); !fault.Is(err, fault.Invalid) {
				t.Errorf("the cursor %q gives %v", after, err)
			}
		}
		if _, err := h.Find(context.Background(), search.Query{Text: strings.Repeat("告", 101)}, db.Page{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a question of 101 characters gives %v", err)
		}
	})
}

func TestByKindAndPlace(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.hangs("a", "检测告示", "")
		h.hangsAt("320981", "b", "检测告示", "")
		h.does("slip", "s", `INSERT INTO demo_slip (id, notice, title) VALUES ('s', 'b', '检测单')`)
		h.follows()
		f := h.asks(search.Query{Text: "检测"})
		if fmt.Sprint(f.Kinds) != "[{notice 2} {slip 1}]" || f.Total != 3 {
			t.Errorf("found %+v", f)
		}
		f = h.asks(search.Query{Text: "检测", Kind: "slip"})
		if fmt.Sprint(f.Kinds) != "[{notice 2} {slip 1}]" || f.Total != 1 || f.Hits[0].Root != "b" {
			t.Errorf("of the slips %+v", f)
		}
		f = h.asks(search.Query{Text: "检测", Within: "320981"})
		if f.Total != 2 {
			t.Errorf("in Dongtai %+v", f)
		}
	})
}

func TestWhatHoldsMostOfTheWordsIsShownWhenNothingHoldsAll(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.hangs("a", "棉纱检测", "强力与条干")
		h.hangs("b", "阀门检测", "")
		h.follows()
		f := h.asks(search.Query{Text: "棉纱强力检测"})
		if !f.Near || len(f.Hits) != 1 || f.Hits[0].Record != "a" {
			t.Errorf("found %+v", f)
		}
		if f := h.asks(search.Query{Text: "担保贷款"}); f.Near || f.Total != 0 {
			t.Errorf("found %+v", f)
		}
	})
}

func TestWhatWasAskedForIsMarked(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.hangs("a", "ＩＳＯ 认证", strings.Repeat("前言。", 60)+"这里说到棉纱检测的价格。"+strings.Repeat("后记。", 60))
		h.follows()
		hit := h.asks(search.Query{Text: "棉纱检测 iso"}).Hits[0]
		if fmt.Sprint(hit.Title) != "[{ＩＳＯ true} { 认证 false}]" {
			t.Errorf("title %v", hit.Title)
		}
		var whole string
		marked := ""
		for _, p := range hit.Text {
			whole += p.Text
			if p.Marked {
				marked += p.Text
			}
		}
		if marked != "棉纱检测" || !strings.HasPrefix(whole, "…") || !strings.HasSuffix(whole, "…") || utf8.RuneCountInString(whole) > 92 {
			t.Errorf("text %v", hit.Text)
		}
	})
}

// What anybody writes is found by any part of it that they look for, whatever
// the characters, and both databases agree.
func TestAnyPartOfATextFindsIt(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			title := rapid.StringOfN(rapid.RuneFrom([]rune("纺织检测ABab12-'\"\\（）　é \u0301😀")), 1, 30, -1).Draw(r, "title")
			id := fmt.Sprintf("r%05d", n)
			h.hangs(id, title, "")
			if _, err := h.Follow(context.Background()); err != nil {
				r.Fatal(err)
			}
			rs := []rune(title)
			from := rapid.IntRange(0, len(rs)).Draw(r, "from")
			to := rapid.IntRange(from, len(rs)).Draw(r, "to")
			part := string(rs[from:to])
			if from > 0 && strings.ContainsAny(part, "ABab12é\u0301") {
				part = title // letters are found by the beginning of their word only
			}
			f, err := h.Find(context.Background(), search.Query{Text: part}, db.Page{Limit: 200})
			if err != nil {
				r.Fatalf("%q: %v", part, err)
			}
			held := f.Total > 200 || !search.HasWords(part)
			for _, hit := range f.Hits {
				held = held || hit.Record == id
			}
			if !held || f.Near {
				r.Fatalf("%q of %q is not found", part, title)
			}
		})
	})
}
