package territory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

const (
	in2008 = "2008-12-31"
	today  = "2026-11-23"
)

// officer of a place, with both rights.
func officer(of region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "li", Name: "李建", Grants: []authz.Grant{{
		Role:   authz.Role{Name: "admin", Permissions: []authz.Permission{territory.Reorganise, territory.SetKeyTown}},
		Region: of,
	}}}
}

func open(t *testing.T, source string) *db.DB {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, source, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as at every start
		if err := d.Write(ctx, territory.Seed); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func shippedTree(t *testing.T) *territory.Tree {
	t.Helper()
	tree, err := territory.New(open(t, t.TempDir()), nil).Tree(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func names(places []territory.Place) string {
	var all []string
	for _, p := range places {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

func codes(places []territory.Place) []region.Code {
	var all []region.Code
	for _, p := range places {
		all = append(all, p.Code)
	}
	return all
}

func TestYanchengOf2008HasNineCountiesAndTodayHasItsZone(t *testing.T) {
	tree := shippedTree(t)
	if got := names(tree.Children("320900", in2008)); got != "亭湖区 盐都区 响水县 滨海县 阜宁县 射阳县 建湖县 东台市 大丰市" {
		t.Errorf("2008: %s", got)
	}
	if got := names(tree.Children("320900", today)); got != "亭湖区 盐都区 大丰区 响水县 滨海县 阜宁县 射阳县 建湖县 盐城经济技术开发区 东台市" {
		t.Errorf("today: %s", got)
	}
	if got := tree.Children("320000", in2008); len(got) != 13 || got[8].Name != "盐城市" {
		t.Errorf("cities: %s", names(got))
	}
	if zone, ok := tree.Place("320971", today); !ok || zone.Kind != territory.Zone {
		t.Errorf("the zone: %+v", zone)
	}
	if got := names(tree.Children("320900", "2003-06-30")); !strings.HasPrefix(got, "城区 响水县") || !strings.Contains(got, "盐都县") {
		t.Errorf("2003: %s", got)
	}
	if got := tree.PathName("320924100", today); got != "江苏省 / 盐城市 / 射阳县 / 合德镇" {
		t.Error(got)
	}
	if len(tree.Path("320904", in2008)) != 0 || len(tree.Path("320924", in2008)) != 3 {
		t.Error("大丰区 was not there in 2008, 射阳县 was")
	}
}

func TestTheTownsAreTheList(t *testing.T) {
	tree := shippedTree(t)
	for county, n := range map[region.Code]int{
		"320902": 16, "320903": 16, "320904": 19, "320921": 11, "320922": 19,
		"320923": 17, "320924": 19, "320925": 14, "320971": 2, "320981": 21,
	} {
		if got := tree.Children(county, today); len(got) != n {
			t.Errorf("%s has %d towns, want %d", county, len(got), n)
		}
	}
	townships := 0
	all := tree.Under("320900", region.Town, today)
	for _, p := range all {
		if p.Township() {
			townships++
		}
		if p.Approximate(today) {
			t.Errorf("%s is known today", p.Name)
		}
	}
	if len(all) != 154 || townships != 123 {
		t.Errorf("%d units, %d of them towns and streets", len(all), townships)
	}
	then := tree.Under("320900", region.Town, in2008)
	if len(then) != 154 {
		t.Errorf("%d units in 2008", len(then))
	}
	for _, p := range then {
		if !p.Approximate(in2008) {
			t.Errorf("%s in 2008 is only projected", p.Name)
		}
	}
	if got := tree.Children("320982", in2008); len(got) != 19 || got[2].Name != "草堰镇" || got[2].Code != "320982101" {
		t.Errorf("大丰市: %s", names(got))
	}
}

func TestFiftyKeyTownsAreSpreadOverTheNineCounties(t *testing.T) {
	tree := shippedTree(t)
	all := tree.KeyTowns("320000", in2008)
	if len(all) != 50 {
		t.Fatalf("%d key towns", len(all))
	}
	for _, county := range tree.Children("320900", in2008) {
		if n := len(tree.KeyTowns(county.Code, in2008)); n < 4 || n > 8 {
			t.Errorf("%s has %d", county.Name, n)
		}
	}
	if key, synthetic := tree.KeyTown("320925001", in2008); !key || !synthetic {
		t.Error("近湖 is one, for demonstration")
	}
	if key, _ := tree.KeyTown("320925001", today); key {
		t.Error("the span has ended")
	}
}

func TestACodeLeadsToWhatItWasAndWhatItBecame(t *testing.T) {
	tree := shippedTree(t)
	for _, tc := range []struct {
		code region.Code
		day  string
		want region.Code
	}{
		{"320982", today, "320904"},
		{"320904", in2008, "320982"},
		{"320982101", today, "320904101"},
		{"320904101", in2008, "320982101"},
		{"320928", today, "320903"},
		{"320903", "2003-01-01", "320928"},
		{"320903100", "2003-01-01", "320928100"},
		{"320902107", "2007-07-31", "320924901"},
		{"320924901", in2008, "320902107"},
		{"320971100", in2008, "320902903"},
		{"320924", in2008, "320924"},
		{"320902", "2003-01-01", "320902"},
	} {
		if got := tree.AsOf(tc.code, tc.day); !slices.Equal(got, []region.Code{tc.want}) {
			t.Errorf("%s on %s: %v, want %s", tc.code, tc.day, got, tc.want)
		}
	}
	if got := tree.Heir("320928100", today); got != "320903100" {
		t.Errorf("the heir of a town of 盐都县: %s", got)
	}
	if got := tree.AsOf("999999", today); len(got) != 0 {
		t.Errorf("an unknown code: %v", got)
	}
	if tree.Name("320902", "2003-01-01") != "城区" || tree.Name("320904", in2008) != "大丰区" || tree.Name("999999", today) != "999999" {
		t.Error("names")
	}
	// There and back again, for every place of 2008.
	for _, level := range []region.Level{region.County, region.Town} {
		for _, p := range tree.Under("320900", level, in2008) {
			now := tree.Heir(p.Code, today)
			if _, ok := tree.Place(now, today); !ok {
				t.Errorf("%s %s has no heir today", p.Code, p.Name)
			}
			if back := tree.AsOf(now, in2008); !slices.Equal(back, []region.Code{p.Code}) {
				t.Errorf("%s → %s → %v", p.Code, now, back)
			}
		}
	}
}

func TestAPersonFindsAPlaceByItsName(t *testing.T) {
	tree := shippedTree(t)
	if got := tree.Search("320900", "大丰", in2008, 10); len(got) == 0 || got[0].Name != "大丰市" {
		t.Errorf("%s", names(got))
	}
	if got := tree.Search("320900", "sheyang", today, 10); names(got) != "射阳县" {
		t.Errorf("%s", names(got))
	}
	if got := tree.Search("320924", "盐", today, 10); names(got) != "盐场" {
		t.Errorf("only within 射阳县: %s", names(got))
	}
	node, ok := tree.Node("320900", region.County, in2008)
	if !ok || len(node.Children) != 9 || len(node.Children[0].Children) != 0 {
		t.Errorf("%+v", node)
	}
}

// records is a domain that keeps records with a region, and facts beside them.
func records(t *testing.T, d *db.DB) territory.Move {
	t.Helper()
	write(t, d, `CREATE TABLE sample_record (id TEXT, region TEXT)`)
	write(t, d, `CREATE TABLE sample_fact (id TEXT, region TEXT, day TEXT)`)
	return func(ctx context.Context, tx *db.Tx, from, to region.Code) error {
		_, err := tx.Exec(ctx, `UPDATE sample_record SET region = ? WHERE region = ?`, to, from)
		return err
	}
}

func write(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func regionOf(t *testing.T, d *db.DB, table, id string) region.Code {
	t.Helper()
	var code region.Code
	if err := d.Get(context.Background(), &code, `SELECT region FROM `+table+` WHERE id = ?`, id); err != nil {
		t.Fatal(err)
	}
	return code
}

func TestJianhuBecomesADistrictAndItsRecordsFollow(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := context.Background()
		d := open(t, source)
		move := records(t, d)
		s := territory.New(d, gate.New(d, "320900"), move)
		other := territory.New(d, gate.New(d, "320900"), move) // a second process
		if _, err := other.Tree(ctx); err != nil {
			t.Fatal(err)
		}
		write(t, d, `INSERT INTO sample_record VALUES ('firm', '320925108'), ('office', '320925'), ('else', '320924100')`)
		write(t, d, `INSERT INTO sample_fact VALUES ('course', '320925108', '2008-05-04')`)
		if err := s.MarkKeyTown(ctx, officer("320900"), "320925108", "2024-01-01", ""); err != nil {
			t.Fatal(err)
		}

		c := territory.Change{
			Kind: territory.Upgrade, On: "2026-10-01", From: []region.Code{"320925"},
			To: []territory.NewPlace{{Code: "320905", Name: "建湖区", NameEn: "Jianhu District", Short: "建湖"}}, Source: "国函〔2026〕1号",
		}
		if err := s.Reorganise(ctx, authz.Actor{}, c); !fault.Is(err, fault.SignIn) {
			t.Errorf("nobody: %v", err)
		}
		if err := s.Reorganise(ctx, officer("320925"), c); !fault.Is(err, fault.Denied) {
			t.Errorf("the county itself: %v", err)
		}
		turns, err := s.Preview(ctx, c)
		if err != nil || len(turns) != 15 {
			t.Errorf("the county and its fourteen towns: %v %v", turns, err)
		}
		if err := s.Reorganise(ctx, officer("320900"), c); err != nil {
			t.Fatal(err)
		}

		for id, want := range map[string]region.Code{"firm": "320905108", "office": "320905", "else": "320924100"} {
			if got := regionOf(t, d, "sample_record", id); got != want {
				t.Errorf("%s lies at %s, want %s", id, got, want)
			}
		}
		if got := regionOf(t, d, "sample_fact", "course"); got != "320925108" {
			t.Errorf("a fact keeps the code of its day, has %s", got)
		}
		tree, err := other.Tree(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := tree.AsOf("320905108", "2008-05-04"); !slices.Equal(got, []region.Code{"320925108"}) {
			t.Errorf("the figures of 建湖区 reach back: %v", got)
		}
		if got := tree.Heir("320925108", "2026-10-01"); got != "320905108" {
			t.Errorf("today's tree finds the fact at %s", got)
		}
		if tree.PathName("320905108", today) != "江苏省 / 盐城市 / 建湖区 / 上冈镇" || tree.Name("320925", "2026-09-30") != "建湖县" {
			t.Error("names before and after")
		}
		if key, synthetic := tree.KeyTown("320905108", "2026-10-01"); !key || synthetic {
			t.Error("the key town is still one")
		}
		if key, _ := tree.KeyTown("320925108", "2026-09-30"); !key {
			t.Error("and was one before")
		}
		trail, err := gate.Trail(ctx, d, gate.Record{Kind: "region", ID: "320925"})
		if err != nil || len(trail) != 1 {
			t.Errorf("one entry for all of it: %v %v", trail, err)
		}
		if err := s.Reorganise(ctx, officer("320900"), c); !fault.Is(err, fault.Invalid) {
			t.Errorf("it cannot be done twice: %v", err)
		}
		// A restart does not bring the county back.
		if err := d.Write(ctx, territory.Seed); err != nil {
			t.Fatal(err)
		}
		if tree, err := s.Tree(ctx); err != nil || len(tree.Children("320925", today)) != 0 || len(tree.Children("320905", today)) != 14 {
			t.Errorf("after a restart: %v", err)
		}
	})
}

func TestWhenADomainCannotMoveItsRecordsNothingChanges(t *testing.T) {
	ctx := context.Background()
	d := open(t, t.TempDir())
	broken := errors.New("no room")
	s := territory.New(d, gate.New(d, "320900"), records(t, d), func(context.Context, *db.Tx, region.Code, region.Code) error { return broken })
	write(t, d, `INSERT INTO sample_record VALUES ('firm', '320924100')`)
	c := territory.Change{
		Kind: territory.Moved, On: "2026-10-01", From: []region.Code{"320924100"},
		To: []territory.NewPlace{{Code: "320902109"}}, Source: "x",
	}
	if err := s.Reorganise(ctx, officer("320900"), c); !errors.Is(err, broken) {
		t.Fatalf("%v", err)
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := tree.Place("320902109", today); ok || regionOf(t, d, "sample_record", "firm") != "320924100" {
		t.Error("half of it was done")
	}
}

func TestTownsMergeSplitMoveAndAreRenamed(t *testing.T) {
	ctx := context.Background()
	d := open(t, t.TempDir())
	s := territory.New(d, gate.New(d, "320900"), records(t, d))
	write(t, d, `INSERT INTO sample_record VALUES ('a', '320921103'), ('b', '320921104'), ('c', '320924117')`)
	for _, c := range []territory.Change{
		{
			Kind: territory.Merge, On: "2026-01-01", From: []region.Code{"320921103", "320921104"},
			To: []territory.NewPlace{{Code: "320921103"}}, Source: "1",
		},
		{
			Kind: territory.Moved, On: "2026-02-01", From: []region.Code{"320924117"},
			To: []territory.NewPlace{{Code: "320902110"}}, Source: "2",
		},
		{
			Kind: territory.Rename, On: "2026-03-01", From: []region.Code{"320902110"},
			To: []territory.NewPlace{{Code: "320902110", Name: "黄沙港渔镇"}}, Source: "3",
		},
		{
			Kind: territory.Split, On: "2026-04-01", From: []region.Code{"320924100"},
			To: []territory.NewPlace{{Code: "320924100"}, {Code: "320924001", Name: "幸福街道"}}, Source: "4",
		},
		{
			Kind: territory.Split, On: "2026-05-01", From: []region.Code{"320924101"},
			To: []territory.NewPlace{{Code: "320924002", Name: "北街道"}, {Code: "320924003", Name: "南街道"}}, Source: "5",
		},
		{
			Kind: territory.Merge, On: "2026-06-01", From: []region.Code{"320902", "320971"},
			To: []territory.NewPlace{{Code: "320902"}}, Towns: map[region.Code]region.Code{"320971001": "320902011", "320971100": "320902111"}, Source: "6",
		},
	} {
		if err := s.Reorganise(ctx, officer("320900"), c); err != nil {
			t.Fatalf("%s %s: %v", c.Kind, c.From, err)
		}
	}
	for id, want := range map[string]region.Code{"a": "320921103", "b": "320921103", "c": "320902110"} {
		if got := regionOf(t, d, "sample_record", id); got != want {
			t.Errorf("%s lies at %s, want %s", id, got, want)
		}
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if tree.Name("320902110", "2026-02-15") != "黄沙港镇" || tree.Name("320902110", today) != "黄沙港渔镇" {
		t.Error("the name changed in March")
	}
	if got := tree.AsOf("320924101", today); !slices.Equal(got, []region.Code{"320924002", "320924003"}) {
		t.Errorf("a town that was split is two: %v", got)
	}
	if got := tree.Heir("320924101", today); got != "320924002" {
		t.Errorf("its records went to the first: %s", got)
	}
	if got := codes(tree.Children("320924", today)); !slices.Contains(got, "320924100") || !slices.Contains(got, "320924001") {
		t.Errorf("the town goes on beside the street: %v", got)
	}
	if got := tree.AsOf("320971", today); !slices.Equal(got, []region.Code{"320902"}) {
		t.Errorf("the zone went into the district: %v", got)
	}
	if got := tree.AsOf("320902111", in2008); !slices.Equal(got, []region.Code{"320902903"}) {
		t.Errorf("步凤镇 over two changes: %v", got)
	}
}

func TestAChangeThatDoesNotFitTheTreeSaysWhy(t *testing.T) {
	s := territory.New(open(t, t.TempDir()), nil)
	to := func(code region.Code) []territory.NewPlace { return []territory.NewPlace{{Code: code, Name: "新"}} }
	for want, c := range map[string]territory.Change{
		"territory.on.future":     {Kind: territory.Upgrade, On: "2999-01-01", From: []region.Code{"320924"}, To: to("320906"), Source: "x"},
		"field.date":              {Kind: territory.Upgrade, On: "soon", From: []region.Code{"320924"}, To: to("320906"), Source: "x"},
		"field.required":          {Kind: territory.Upgrade, On: "2020-01-01", From: []region.Code{"320924"}, To: to("320906")},
		"territory.shape.unknown": {Kind: "vanish", On: "2020-01-01", From: []region.Code{"320924"}, To: to("320906"), Source: "x"},
		"territory.shape.merge":   {Kind: territory.Merge, On: "2020-01-01", From: []region.Code{"320924"}, To: to("320906"), Source: "x"},
		"territory.shape.rename":  {Kind: territory.Rename, On: "2020-01-01", From: []region.Code{"320924"}, To: to("320906"), Source: "x"},
		"territory.shape.move":    {Kind: territory.Moved, On: "2020-01-01", From: []region.Code{"320924"}, To: to("320906"), Source: "x"},
		"territory.from.absent":   {Kind: territory.Upgrade, On: "2020-01-01", From: []region.Code{"320982"}, To: to("320906"), Source: "x"},
		"territory.on.early":      {Kind: territory.Upgrade, On: "2015-07-01", From: []region.Code{"320904"}, To: to("320906"), Source: "x"},
		"territory.level":         {Kind: territory.Merge, On: "2020-01-01", From: []region.Code{"320924", "320925101"}, To: to("320924"), Source: "x"},
		"territory.to.used":       {Kind: territory.Upgrade, On: "2020-01-01", From: []region.Code{"320924"}, To: to("320928"), Source: "x"},
		"territory.to.parent":     {Kind: territory.Moved, On: "2020-01-01", From: []region.Code{"320924100"}, To: to("320999100"), Source: "x"},
		"territory.towns.missing": {Kind: territory.Split, On: "2020-01-01", From: []region.Code{"320924"}, To: append(to("320906"), to("320907")...), Source: "x"},
		"territory.towns.place": {
			Kind: territory.Upgrade, On: "2020-01-01", From: []region.Code{"320924"}, To: to("320906"), Source: "x",
			Towns: map[region.Code]region.Code{"320924100": "320907100"},
		},
	} {
		_, err := s.Preview(context.Background(), c)
		var f *fault.Error
		if !errors.As(err, &f) || !slices.ContainsFunc(f.Fields, func(b fault.Field) bool { return b.Key == want }) {
			t.Errorf("%s: %v", want, err)
			continue
		}
		for _, b := range f.Fields {
			if !text.Has(b.Key) || strings.ContainsAny(text.Zh.T(b.Key, b.Args...), "{⟦") {
				t.Errorf("no full sentence for %s: %s", b.Key, text.Zh.T(b.Key, b.Args...))
			}
		}
	}
}
