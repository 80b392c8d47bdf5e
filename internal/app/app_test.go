package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"

	"qiban.dev/qiban/demo"
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// chapter is what `qiban yearbook --format json` writes.
type chapter struct {
	Region   string
	Year     int
	AsOf     string `json:"as_of"`
	Edition  *int
	Sections []struct {
		Title      string
		Paragraphs []string
	}
	Figures []figure
}

type figure struct {
	ID           string
	Value, Exact *float64
	Unit         string
	Qualifier    string
	Phrase       *string
	Kind         string
	Origin       *string
	Previous     *float64
	Growth       *float64
	Rank         *struct{ Place, Of int }
	Of           *string
	TargetOf     *string `json:"target_of"`
	Records      struct {
		Count int
		Link  string
	}
}

// yearbook runs the command as a person would and reads what it wrote.
func yearbook(t *testing.T, source, place string, year int) chapter {
	t.Helper()
	var out, errs bytes.Buffer
	args := append([]string{"yearbook", "--region", place, "--year", strconv.Itoa(year), "--format", "json"}, testkit.Stored(source)...)
	if code := app.Run(t.Context(), args, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var c chapter
	d := json.NewDecoder(&out)
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(io.MultiReader(d.Buffered(), &out)); len(bytes.TrimSpace(rest)) > 0 {
		t.Fatalf("more than JSON on standard output: %s", rest)
	}
	return c
}

func (c chapter) figure(t *testing.T, id string) figure {
	t.Helper()
	for _, f := range c.Figures {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("the chapter of %s lists no %s", c.Region, id)
	return figure{}
}

func (c chapter) text() string {
	var all []string
	for _, s := range c.Sections {
		all = append(all, s.Paragraphs...)
	}
	return strings.Join(all, "")
}

// unit is one unit of the last place a published number gives: 10 of 2980.
func unit(n float64) float64 {
	u := 1.0
	for v := int64(n); v != 0 && v%10 == 0; v /= 10 {
		u *= 10
	}
	return u
}

func TestTheChapterOf2008ComesOutRight(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		c := yearbook(t, source, "320900", 2008)
		if c.Region != "320900" || c.Year != 2008 || c.AsOf != "2008-12-31" || c.Edition != nil {
			t.Errorf("region %s, year %d, as of %s, edition %v", c.Region, c.Year, c.AsOf, c.Edition)
		}
		file, err := os.Open("../../demo/yancheng2008/facts.csv")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil || len(rows) != 59 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, row := range rows[1:] {
			checkPublished(t, c.figure(t, row[0]), row)
		}
	})
}

// The new products are counted from their records, in the year of the province's
// answer: one that it refused, or that is on its way, is none.
func TestNewProductsAreCountedFromTheirRecords(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		c := yearbook(t, source, "320900", 2008)
		f := c.figure(t, "S8")
		if f.Exact == nil || *f.Exact != 4 || f.Previous == nil || *f.Previous != 2 || f.Growth == nil || *f.Growth != 100 ||
			*f.Origin != "computed" || f.Records.Count != 4 {
			t.Errorf("new products of 2008: %+v", f)
		}
		if !strings.Contains(c.text(), "当年有4项新产品通过省级鉴定") {
			t.Errorf("the chapter does not speak of them: %s", c.text())
		}
		if f := yearbook(t, source, "320924", 2008).figure(t, "S8"); *f.Exact != 1 {
			t.Errorf("those of Sheyang: %v", *f.Exact)
		}
	})
}

// checkPublished compares a figure with its line of the chapter.
func checkPublished(t *testing.T, f figure, row []string) {
	t.Helper()
	id, want := row[0], row
	value, err := strconv.ParseFloat(want[3], 64)
	if err != nil {
		t.Fatal(err)
	}
	if f.Value == nil || f.Exact == nil || f.Phrase == nil || f.Origin == nil {
		t.Errorf("%s has no data", id)
		return
	}
	if f.Unit != want[4] || f.Kind != want[5] || f.Qualifier != want[6] {
		t.Errorf("%s: %s %s %s, want %s %s %s", id, f.Unit, f.Kind, f.Qualifier, want[4], want[5], want[6])
	}
	exact, step := *f.Exact, unit(value)
	right := map[string]bool{
		"":   *f.Value == value,
		"多":  exact > value && exact <= value+step,
		"近":  exact <= value && exact > value-step,
		"达":  exact >= value,
		"以上": exact >= value,
		"等":  exact >= value,
	}[f.Qualifier]
	if id == "T7" {
		right = exact == 357
	}
	if !right {
		t.Errorf("%s is %v (%v), want %s%v", id, exact, *f.Value, want[6], value)
	}
	if (f.Of == nil) != (want[8] == "") || f.Of != nil && *f.Of != want[8] {
		t.Errorf("%s is a part of %v, want %q", id, f.Of, want[8])
	}
	if f.Records.Count == 0 {
		t.Errorf("%s has no records behind it", id)
	}
}

func TestAnEmptyFolderGivesAnEmptyChapterThatListsEveryFigure(t *testing.T) {
	c := yearbook(t, t.TempDir()+"/missing", "320900", 2008)
	if len(c.Figures) < 58 {
		t.Fatalf("%d figures", len(c.Figures))
	}
	for _, f := range c.Figures {
		if f.Value != nil || f.Origin != nil || f.Phrase != nil {
			t.Errorf("%s has data: %v", f.ID, *f.Value)
		}
	}
	if words := c.text(); words != "" {
		t.Errorf("it says %q", words)
	}
}

func TestEveryPlaceAndYearHasItsOwnChapter(t *testing.T) {
	source := testkit.DemoFolder(t)
	city, sheyang, before := yearbook(t, source, "320900", 2008), yearbook(t, source, "320924", 2008), yearbook(t, source, "320900", 2007)
	dafeng := yearbook(t, source, "320982", 2008) // a city of its own until 2015
	for _, c := range []struct {
		part  chapter
		words string
	}{{sheyang, "2008年，全县"}, {before, "2007年，全市"}, {dafeng, "2008年，全市"}} {
		if !strings.Contains(c.part.text(), c.words) {
			t.Errorf("%s %d does not begin with %s: %.60s", c.part.Region, c.part.Year, c.words, c.part.text())
		}
		if whole, part := city.figure(t, "G5"), c.part.figure(t, "G5"); part.Exact == nil || *part.Exact >= *whole.Exact {
			t.Errorf("%s %d: guarantees of %v", c.part.Region, c.part.Year, part.Exact)
		}
	}
	if f := before.figure(t, "G6"); f.Exact != nil {
		t.Errorf("2007 has no year before it, but grew by %v", *f.Exact)
	}
	if strings.Contains(before.text(), "比上年") {
		t.Error("the first year speaks of the year before")
	}
}

func TestTheCommandSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"yearbook", "--region", "32x", "--year", "2008"}, 2, "region code"},
		{[]string{"yearbook", "--region", "320900"}, 2, "--year"},
		{[]string{"yearbook", "--region", "320900", "--year", "2008", "--format", "pdf"}, 2, "pdf"},
		{[]string{"yearbook", "--region", "990000", "--year", "2008"}, 1, "not found"},
		{[]string{"dance"}, 2, "dance"},
	} {
		var out, errs bytes.Buffer
		code := app.Run(t.Context(), append(c.args, "--data", t.TempDir()), &out, &errs)
		if code != c.code || !strings.Contains(errs.String(), c.says) || out.Len() > 0 {
			t.Errorf("%v: exit %d, %q, %q", c.args, code, errs.String(), out.String())
		}
	}
}

// open is the program on a demonstration world.
func open(t *testing.T, source string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), testkit.Store(source), app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func clerk(id string, at region.Code, may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: id, Name: id, Grants: []authz.Grant{{Role: authz.Role{Name: "test", Permissions: may}, Region: at}}}
}

// A county corrects its return; what the city publishes follows, and nothing else.
func TestACorrectedReturnChangesTheCity(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		a, ctx := open(t, source), t.Context()
		before := figures(ctx, t, a)
		county := clerk("county", "320924", indicator.View, indicator.Fill, indicator.Submit)
		city := clerk("city", demo.City, indicator.View, indicator.Accept, indicator.Reopen)
		sheet, err := a.Indicator.Open(ctx, county, "320924", 2008)
		must(t, err)
		must(t, a.Indicator.Advance(ctx, city, sheet.ID, sheet.Version, indicator.Reopen, "两位数字录颠倒"))
		sheet, err = a.Indicator.Sheet(ctx, county, sheet.ID)
		must(t, err)
		sheet.Values["T3"] += 7
		must(t, a.Indicator.FillIn(ctx, county, sheet.ID, sheet.Version, sheet.Values))
		must(t, a.Indicator.Advance(ctx, county, sheet.ID, sheet.Version+1, indicator.Submit, ""))
		must(t, a.Indicator.Advance(ctx, city, sheet.ID, sheet.Version+2, indicator.Accept, ""))
		for id, was := range before {
			is := figures(ctx, t, a)[id]
			if id == "T3" {
				was += 7
			}
			if is != was {
				t.Errorf("%s is %v, want %v", id, is, was)
			}
		}
		if _, err := gate.Verify(ctx, a.DB); err != nil {
			t.Error(err)
		}
	})
}

func figures(ctx context.Context, t *testing.T, a *app.App) map[string]float64 {
	t.Helper()
	return figuresIn(ctx, t, a, demo.City, 2008)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The operator's check finds the demonstration in order, and a second loading
// is refused.
func TestTheDemonstrationIsInOrder(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		var out, errs bytes.Buffer
		if code := app.Run(t.Context(), append([]string{"doctor", "--full"}, testkit.Stored(source)...), &out, &errs); code != 0 {
			t.Fatalf("exit %d: %s%s", code, out.String(), errs.String())
		}
		if code := app.Run(t.Context(), append([]string{"demo"}, testkit.Stored(source)...), &out, &errs); code != 1 {
			t.Fatalf("a second demonstration: exit %d", code)
		}
	})
}

// Where people keep records of their own, --demo loads nothing and names no
// sign-ins that are not there.
func TestADemonstrationIsNotPromisedWhereThereIsNone(t *testing.T) {
	folder := t.TempDir()
	var out, errs bytes.Buffer
	args := []string{"user", "add", "13900000001", "--name", "李四", "--role", "official", "--data", folder}
	if code := app.Run(t.Context(), args, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	out.Reset()
	said := &until{words: "is at", then: cancel, to: &out}
	if code := app.Run(ctx, []string{"serve", "--demo", "--addr", "localhost:0", "--data", folder}, said, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	if !strings.Contains(out.String(), "nothing was loaded") || strings.Contains(out.String(), demo.Password) {
		t.Errorf("it says %q", out.String())
	}
}

// until calls then once the words were written.
type until struct {
	words string
	then  func()
	to    *bytes.Buffer
}

func (u *until) Write(p []byte) (int, error) {
	n, err := u.to.Write(p)
	if strings.Contains(u.to.String(), u.words) {
		u.then()
	}
	return n, err
}
