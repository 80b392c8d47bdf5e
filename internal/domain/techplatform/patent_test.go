package techplatform_test

import (
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
)

func patent(number, applied, granted string) techplatform.PatentProfile {
	return techplatform.PatentProfile{Number: number, Title: "一种细纱机的断头检测装置", Applied: applied, Granted: granted}
}

// The number says which kind of patent it is and guards itself against a slip.
func TestThePatentNumberTellsItsKind(t *testing.T) {
	for _, c := range []struct {
		written, number string
		kind            techplatform.PatentKind
	}{
		{"200310102344.5", "200310102344.5", techplatform.Invention},
		{"ZL 2008 2 0123456.7", "200820123456.7", techplatform.Utility},
		{"zl2008201234567", "200820123456.7", techplatform.Utility},
		{"CN200730098765．4", "200730098765.4", techplatform.Design},
		{"98109729.4", "98109729.4", techplatform.Invention}, // before October 2003
		{"200820123456.8", "", ""},                           // a slip in the check digit
		{"200820132456.7", "", ""},                           // two digits changed about
		{"200840123456.7", "", ""},                           // no such kind
		{"2008201234567890.1", "", ""},
		{"专利", "", ""},
		{"", "", ""},
		{".", "", ""},
	} {
		number, kind, ok := techplatform.ParsePatent(c.written)
		if ok != (c.number != "") || ok && (number != c.number || kind != c.kind) {
			t.Errorf("%q is read as %q, %s, %v", c.written, number, kind, ok)
		}
	}
}

func TestAPatentIsKeptByItsHolderAndTheOffice(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill := t.Context(), owner(w.mill)
		p, err := w.EnterPatent(ctx, mill, w.mill, "", patent("ZL200820123456.7", "2008-03-05", "2008-12-17"), "once")
		w.must(err)
		if p.Number != "200820123456.7" || p.Kind != techplatform.Utility || p.Region != hede || p.Ends != "2018-03-05" {
			t.Errorf("it is on file as %+v", p)
		}
		again, err := w.EnterPatent(ctx, mill, w.mill, "", patent("ZL200820123456.7", "2008-03-05", "2008-12-17"), "once")
		if w.must(err); again.ID != p.ID {
			t.Error("the repeated request entered it twice")
		}
		_, err = w.EnterPatent(ctx, staff(jianhu), "", organisationCode(2), patent("200820123456.7", "2008-03-05", ""), "")
		if f := fault.FieldsOf(err); !f.Has("number") {
			t.Errorf("another with the number: %v", err)
		}
		_, err = w.EnterPatent(ctx, staff(jianhu), "", organisationCode(1), patent("200810243210.8", "2008-09-01", ""), "")
		if f := fault.FieldsOf(err); !f.Has("code") {
			t.Errorf("another county's enterprise: %v", err)
		}
		_, err = w.EnterPatent(ctx, mill, w.forge, "", patent("200810243210.8", "2008-09-01", ""), "")
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("another's enterprise: %v", err)
		}
		bad := patent("200820123456.1", "2010-01-01", "2010-01-01")
		bad.Title = ""
		_, err = w.EnterPatent(ctx, mill, w.mill, "", bad, "")
		for _, name := range []string{"number", "title", "applied"} {
			if f := fault.FieldsOf(err); !f.Has(name) {
				t.Errorf("%s is not named: %v", name, err)
			}
		}
		edited := p.PatentProfile
		edited.Title, edited.OnOffer = "细纱机断头检测装置", true
		for name, c := range map[string]struct {
			by      authz.Actor
			version int
			want    fault.Kind
		}{
			"looker": {authz.Actor{Kind: authz.Human, ID: "l", Grants: role([]authz.Permission{techplatform.SeePatent}, authz.Grant{Region: city})}, p.Version, fault.Denied},
			"other":  {owner(w.forge), p.Version, fault.NotFound}, "county": {staff(jianhu), p.Version, fault.NotFound}, "late": {mill, p.Version + 1, fault.Stale},
		} {
			if _, err := w.EditPatent(ctx, c.by, p.ID, c.version, edited); !fault.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		p, err = w.EditPatent(ctx, staff(sheyang), p.ID, p.Version, edited)
		if w.must(err); p.Title != edited.Title || p.Version != 2 || w.audits(techplatform.PatentRecord, p.ID) != 2 {
			t.Errorf("after the edit: %+v, %d entries", p, w.audits(techplatform.PatentRecord, p.ID))
		}
	})
}

// What a patent earns is seen by its holder and the offices alone, counts in its
// year and is taken off again without a trace in the figures.
func TestPatentsCountWhileTheyAreInForce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill := t.Context(), owner(w.mill)
		p, err := w.EnterPatent(ctx, mill, w.mill, "", patent("200820123456.7", "2008-03-05", "2008-12-17"), "")
		w.must(err)
		_, err = w.EnterPatent(ctx, owner(w.forge), w.forge, "", patent("200810243210.8", "2008-09-01", ""), "")
		w.must(err)
		for day, want := range map[string]int64{"2008-12-16": 0, "2008-12-17": 1, "2018-03-04": 1, "2018-03-05": 0} {
			if got := w.figure("patents", city, ledger.Date(day)); got != want {
				t.Errorf("%s: %d in force, want %d", day, got, want)
			}
		}
		use := techplatform.Use{Year: 2008, Way: techplatform.OwnUse, What: "检测装置", Revenue: 1_200_000_00}
		p, err = w.RecordUse(ctx, mill, p.ID, p.Version, use)
		w.must(err)
		if _, err := w.RecordUse(ctx, mill, p.ID, p.Version, use); !fault.FieldsOf(err).Has("what") {
			t.Errorf("the same use twice: %v", err)
		}
		use.Way, use.What, use.Revenue = techplatform.Licence, "建湖县液压件厂", 80_000_00
		p, err = w.RecordUse(ctx, mill, p.ID, p.Version, use)
		w.must(err)
		if all, licences := w.figure("patent_revenue", sheyang, "2008-12-31"), w.figure("patent_revenue", city, "2008-12-31", is("way", "licence")); all != 1_280_000_00 || licences != 80_000_00 {
			t.Errorf("earned %d, of it by licence %d", all, licences)
		}
		use.Year, use.Revenue = 2010, -1
		_, err = w.RecordUse(ctx, mill, p.ID, p.Version, use)
		if f := fault.FieldsOf(err); !f.Has("year") || !f.Has("revenue") {
			t.Errorf("a year to come and a negative amount: %v", err)
		}
		_, uses, err := w.Patent(ctx, mill, p.ID)
		if w.must(err); len(uses) != 2 {
			t.Fatalf("%d uses", len(uses))
		}
		if seen, others, err := w.Patent(ctx, owner(w.forge), p.ID); err != nil || seen.ID != p.ID || others != nil {
			t.Errorf("another sees %v (%v)", others, err)
		}
		if _, err := w.DropUse(ctx, mill, p.ID, p.Version, "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such use: %v", err)
		}
		p, err = w.DropUse(ctx, mill, p.ID, p.Version, uses[0].ID)
		w.must(err)
		if got := w.figure("patent_revenue", city, "2008-12-31"); got != 1_280_000_00-uses[0].Revenue {
			t.Errorf("earned %d after one was taken off", got)
		}
		edited := p.PatentProfile
		edited.Ended = "2008-12-30"
		_, err = w.EditPatent(ctx, mill, p.ID, p.Version, edited)
		w.must(err)
		if got := w.figure("patents", city, "2008-12-31"); got != 0 {
			t.Errorf("given up, still %d in force", got)
		}
		if _, err := gate.Verify(ctx, w.db); err != nil {
			t.Error(err)
		}
	})
}

// The search finds a patent by its title, holder and number, however written,
// and by where it stands on the day.
func TestPatentsAreSearched(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		offered := patent("200810243210.8", "2008-09-01", "")
		offered.Title, offered.OnOffer = "节能液压站", true
		_, err := w.EnterPatent(ctx, owner(w.mill), w.mill, "", patent("200820123456.7", "2008-03-05", "2008-12-17"), "")
		w.must(err)
		_, err = w.EnterPatent(ctx, owner(w.forge), w.forge, "", offered, "")
		w.must(err)
		for name, c := range map[string]struct {
			f    techplatform.PatentFilter
			want int
		}{
			"all": {techplatform.PatentFilter{}, 2}, "title": {techplatform.PatentFilter{Text: "断头"}, 1},
			"holder": {techplatform.PatentFilter{Text: "液压件"}, 1}, "number": {techplatform.PatentFilter{Text: "ZL 2008 2 0123456.7"}, 1},
			"percent": {techplatform.PatentFilter{Text: "%"}, 0}, "kind": {techplatform.PatentFilter{Kind: techplatform.Invention}, 1},
			"valid": {techplatform.PatentFilter{Status: techplatform.InForce}, 1}, "pending": {techplatform.PatentFilter{Status: techplatform.Pending}, 1},
			"lapsed": {techplatform.PatentFilter{Status: techplatform.Lapsed}, 0}, "offer": {techplatform.PatentFilter{Offer: true}, 1},
			"place": {techplatform.PatentFilter{Region: sheyang}, 1},
		} {
			list, _, total, err := w.Patents(ctx, c.f, db.Page{})
			if err != nil || len(list) != c.want || total != c.want {
				t.Errorf("%s: %d of %d, want %d (%v)", name, len(list), total, c.want, err)
			}
		}
		first, next, _, err := w.Patents(ctx, techplatform.PatentFilter{}, db.Page{Limit: 1})
		w.must(err)
		second, end, _, err := w.Patents(ctx, techplatform.PatentFilter{}, db.Page{Limit: 1, After: next})
		if w.must(err); first[0].ID == second[0].ID || end != "" {
			t.Error("the second page repeats the first")
		}
		// Merged, the mill's patent belongs to the forge.
		w.must(w.enterprises.Merge(ctx, staff(city), w.mill, 1, w.forge, "同一家企业登记了两次"))
		if list, _, _, err := w.Patents(ctx, techplatform.PatentFilter{Text: "断头"}, db.Page{}); err != nil || list[0].Enterprise != string(w.forge) {
			t.Errorf("after the merger: %+v (%v)", list, err)
		}
	})
}
