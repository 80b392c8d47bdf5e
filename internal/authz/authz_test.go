package authz_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

const (
	accept authz.Permission = "engagement.need.accept"
	view   authz.Permission = "engagement.need.view"
	edit   authz.Permission = "enterprise.profile.edit"
)

var (
	clerk = authz.Role{Name: "clerk", Permissions: []authz.Permission{accept, view}}
	owner = authz.Role{Name: "owner", Permissions: []authz.Permission{view, edit}}
)

func person(grants ...authz.Grant) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "p", Grants: grants}
}

func TestWhoMayDoWhat(t *testing.T) {
	own := authz.Party{Kind: authz.Enterprise, ID: "e1"}
	sheyang := person(authz.Grant{Role: clerk, Region: "320924"}) // 射阳县
	city := person(authz.Grant{Role: clerk, Region: "320900"})
	boss := person(authz.Grant{Role: owner, Party: own})
	for _, c := range []struct {
		who  string
		by   authz.Actor
		do   authz.Permission
		on   authz.Target
		want bool
	}{
		{"a clerk in the county", sheyang, accept, authz.At("320924"), true},
		{"a clerk in a town of the county", sheyang, accept, authz.At("320924100"), true},
		{"a clerk one county further", sheyang, accept, authz.At("320923"), false},
		{"a clerk of the county about the city", sheyang, accept, authz.At("320900"), false},
		{"a clerk of the city about the county", city, accept, authz.At("320924"), true},
		{"a clerk without the permission", sheyang, edit, authz.At("320924"), false},
		{"a clerk about a record without a place", sheyang, accept, authz.Target{}, false},
		{"an owner about the own enterprise anywhere", boss, edit, authz.At("110101").Of(authz.Enterprise, "e1"), true},
		{"an owner about another enterprise", boss, edit, authz.At("320924").Of(authz.Enterprise, "e2"), false},
		{"an owner about an institution of the same id", boss, edit, authz.At("320924").Of(authz.Institution, "e1"), false},
		{"an owner about a second party", boss, view, authz.At("320924").Of(authz.Institution, "i1").Of(authz.Enterprise, "e1"), true},
		{"the system for what it was named for", authz.System("roll", view), view, authz.Target{}, true},
		{"the system for something else", authz.System("roll", view), edit, authz.Target{}, false},
		{"a visitor for the named purpose", authz.Anyone("register", edit), edit, authz.At("320924"), true},
		{"nobody", authz.Actor{}, view, authz.At("320924"), false},
		{"a person with the system's kind of grant", person(authz.Grant{Role: clerk}), accept, authz.At("320924"), false},
		{"a key with it", authz.Actor{Kind: authz.Key, Grants: []authz.Grant{{Role: clerk}}}, accept, authz.At("320924"), false},
		{"a peer site with it", authz.Actor{Kind: authz.Peer, Grants: []authz.Grant{{Role: clerk}}}, accept, authz.At("320924"), false},
		{"nobody with it", authz.Actor{Grants: []authz.Grant{{Role: clerk}}}, accept, authz.At("320924"), false},
		{"a grant over a region that is none", person(authz.Grant{Role: clerk, Region: "32"}), accept, authz.At("320924"), false},
		{
			"a grant over a party without an id", person(authz.Grant{Role: owner, Party: authz.Party{Kind: authz.Enterprise}}), edit,
			authz.Target{Parties: []authz.Party{{Kind: authz.Enterprise}}},
			false,
		},
	} {
		if got := c.by.May(c.do, c.on); got != c.want {
			t.Errorf("%s: %t, want %t", c.who, got, c.want)
		}
	}
}

func TestZeroValuesReachNothing(t *testing.T) {
	everywhere := authz.Target{Region: "320924", Parties: []authz.Party{{}, {Kind: authz.Enterprise}, {Kind: authz.Enterprise, ID: "e1"}}}
	for name, s := range map[string]authz.Scope{
		"the zero scope":              {},
		"nobody's scope":              authz.Actor{}.Scope(view),
		"unbounded without a reason":  authz.Unbounded(""),
		"within no place":             authz.Within(""),
		"within a malformed place":    authz.Within("3209"),
		"own without parties":         authz.Own(),
		"own of a party without id":   authz.Own(authz.Party{Kind: authz.Enterprise}),
		"own of the zero party":       authz.Own(authz.Party{}),
		"a grant over an empty party": person(authz.Grant{Role: clerk, Party: authz.Party{Kind: authz.Enterprise}}).Scope(view),
		"a grant over nothing":        person(authz.Grant{Role: clerk}).Scope(view),
		"another permission's scope":  person(authz.Grant{Role: clerk, Region: "320900"}).Scope(edit),
	} {
		if !s.Empty() || s.Reaches(everywhere) || s.Reaches(authz.Target{}) {
			t.Errorf("%s is empty: %t, reaches everything: %t, reaches nothing: %t", name, s.Empty(), s.Reaches(everywhere), s.Reaches(authz.Target{}))
		}
		if sql, args := s.SQL(columns); sql != "(1=0)" || len(args) != 0 {
			t.Errorf("%s asks %s %v", name, sql, args)
		}
	}
	if person(authz.Grant{Role: clerk}).Somewhere(view) || person(authz.Grant{Role: clerk, Party: authz.Party{Kind: authz.Enterprise}}).Somewhere(view) {
		t.Error("a grant over nothing shows a menu")
	}
}

var columns = authz.Columns{Region: "r.region", Party: map[string]string{authz.Enterprise: "r.enterprise", authz.Institution: "r.institution"}}

// record is a row with a place and up to two parties, as domains keep them:
// empty text where there is none.
type record struct {
	Region      string `db:"region"`
	Enterprise  string `db:"enterprise"`
	Institution string `db:"institution"`
}

func (r record) target() authz.Target {
	return authz.At(region.Code(r.Region)).Of(authz.Enterprise, r.Enterprise).Of(authz.Institution, r.Institution)
}

var (
	places = []string{"", "320000", "320900", "320924", "320924100", "320924101", "320981", "320981001", "330000", "330100", "310000", "329", "32092", "x"}
	firms  = []string{"", "e1", "e2", "' OR 1=1 --"}
	houses = []string{"", "i1", "e1"}
)

func table(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), t.TempDir(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE r (region TEXT NOT NULL, enterprise TEXT NOT NULL, institution TEXT NOT NULL)`)
		for _, place := range places {
			for _, firm := range firms {
				for _, house := range houses {
					if err == nil {
						_, err = tx.Exec(ctx, `INSERT INTO r VALUES (?, ?, ?)`, place, firm, house)
					}
				}
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAListShowsExactlyWhatTheScopeReaches(t *testing.T) {
	d := table(t)
	var all []record
	if err := d.Select(context.Background(), &all, `SELECT * FROM r`); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		grant := rapid.Custom(func(t *rapid.T) authz.Grant {
			g := authz.Grant{Role: rapid.SampledFrom([]authz.Role{clerk, owner}).Draw(t, "role")}
			switch rapid.IntRange(0, 3).Draw(t, "over") {
			case 0, 1:
				g.Region = region.Code(rapid.SampledFrom(places).Draw(t, "place"))
			case 2:
				g.Party = authz.Party{Kind: authz.Enterprise, ID: rapid.SampledFrom(firms).Draw(t, "firm")}
			case 3:
				g.Party = authz.Party{
					Kind: rapid.SampledFrom([]string{authz.Institution, authz.Person, ""}).Draw(t, "kind"),
					ID:   rapid.SampledFrom(houses).Draw(t, "house"),
				}
			}
			return g
		})
		by := authz.Actor{
			Kind:   rapid.SampledFrom([]authz.Kind{authz.Nobody, authz.Human, authz.Key, authz.Job, authz.Visitor, authz.Peer}).Draw(t, "kind"),
			ID:     "x",
			Grants: rapid.SliceOfN(grant, 0, 4).Draw(t, "grants"),
		}
		p := rapid.SampledFrom([]authz.Permission{accept, view, edit}).Draw(t, "permission")
		s := by.Scope(p)
		where, args := s.SQL(columns)
		var got []record
		if err := d.Select(context.Background(), &got, `SELECT * FROM r WHERE 1=1 AND `+where, args...); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		shown := map[record]bool{}
		for _, r := range got {
			shown[r] = true
		}
		for _, r := range all {
			if shown[r] != s.Reaches(r.target()) {
				t.Fatalf("%+v is in the list: %t, within reach: %t (%s %v)", r, shown[r], s.Reaches(r.target()), where, args)
			}
			// The scope and the right are one: what may be done is in the list and the other way round.
			if valid := r.Region == "" || region.Code(r.Region).Valid(); valid && shown[r] != by.May(p, r.target()) {
				t.Fatalf("%+v is in the list: %t, may be changed: %t (%s %v)", r, shown[r], by.May(p, r.target()), where, args)
			}
		}
		place := region.Code(rapid.SampledFrom(append(places, "")).Draw(t, "within"))
		where, args = s.SQLWithin(place, columns)
		var within []record
		if err := d.Select(context.Background(), &within, `SELECT * FROM r WHERE 1=1 AND `+where, args...); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		for _, r := range all {
			want := shown[r] && (!place.Valid() || place.Span().Holds(region.Code(r.Region)))
			if slices.Contains(within, r) != want {
				t.Fatalf("%+v is in the list within %q: %t (%s %v)", r, place, !want, where, args)
			}
		}
		if s.Empty() && len(got) != 0 || by.Somewhere(p) == s.Empty() {
			t.Fatalf("empty %t, somewhere %t, %d shown", s.Empty(), by.Somewhere(p), len(got))
		}
	})
}

func TestAListWithoutTheColumnsShowsNothing(t *testing.T) {
	for _, s := range []authz.Scope{authz.Within("320900"), authz.Own(authz.Party{Kind: authz.Enterprise, ID: "e1"})} {
		if where, args := s.SQL(authz.Columns{}); where != "(1=0)" || args != nil {
			t.Errorf("asks %s %v", where, args)
		}
	}
	if where, _ := authz.Unbounded("published").SQL(authz.Columns{}); where != "(1=1)" {
		t.Errorf("asks %s", where)
	}
}

func TestAPersonsGrantsAreListedOnce(t *testing.T) {
	e1, e2 := authz.Party{Kind: authz.Enterprise, ID: "e1"}, authz.Party{Kind: authz.Enterprise, ID: "e2"}
	by := person(authz.Grant{Role: owner, Party: e1}, authz.Grant{Role: owner, Party: e2}, authz.Grant{Role: clerk, Party: e1},
		authz.Grant{Role: clerk, Region: "320924"}, authz.Grant{Role: clerk, Region: "320924"}, authz.Grant{Role: owner, Party: authz.Party{Kind: authz.Enterprise}})
	if got := by.Parties(authz.Enterprise, view); !slices.Equal(got, []string{"e1", "e2"}) {
		t.Errorf("acts for %v", got)
	}
	if got := by.Parties(authz.Institution, view); got != nil {
		t.Errorf("acts for institutions %v", got)
	}
	if got := by.Regions(accept); !slices.Equal(got, []region.Code{"320924"}) {
		t.Errorf("works in %v", got)
	}
	if got := by.Regions(edit); got != nil {
		t.Errorf("edits in %v", got)
	}
}

func TestATargetIsNotSharedBetweenItsCopies(t *testing.T) {
	base := authz.At("320924").Of(authz.Enterprise, "e1")
	a, b := base.Of(authz.Institution, "i1"), base.Of(authz.Institution, "i2")
	if fmt.Sprint(a.Parties, b.Parties) != "[{enterprise e1} {institution i1}] [{enterprise e1} {institution i2}]" {
		t.Errorf("%v %v", a.Parties, b.Parties)
	}
	if len(base.Of(authz.Person, "").Parties) != 1 {
		t.Error("a party without an id was added")
	}
}

func TestAPermissionNamesItsVerbAndItsWords(t *testing.T) {
	for p, want := range map[authz.Permission]string{accept: "accept", "open": "open", "": ""} {
		if p.Verb() != want || p.Key() != "permission."+string(p) {
			t.Errorf("%q: %q, %q", p, p.Verb(), p.Key())
		}
	}
}
