package institution_test

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

// hold uploads a document and answers its token.
func (w *world) hold(by authz.Actor, name, words string) string {
	w.t.Helper()
	p, err := w.files.Hold(w.t.Context(), by, files.Incoming{Name: name, Data: strings.NewReader("%PDF-1.4\n" + words), Form: "form"})
	ok(w.t, err)
	return p.Token
}

// shows are the documents of an institution, as somebody who sees its entry finds them.
func (w *world) shows(by authz.Actor, id institution.ID) []files.File {
	w.t.Helper()
	d, err := w.Get(w.t.Context(), by.Scope(institution.See), id)
	ok(w.t, err)
	return d.Files
}

// opens reports whether somebody may open a document.
func (w *world) opens(by authz.Actor, id institution.ID, file string) bool {
	w.t.Helper()
	_, in, err := w.OpenFile(w.t.Context(), by, id, file)
	if fault.Is(err, fault.NotFound) {
		return false
	}
	ok(w.t, err)
	_, err = io.Copy(io.Discard, in)
	ok(w.t, errors.Join(err, in.Close()))
	return true
}

// with are the rights over one institution that its people of one role hold.
func with(id institution.ID, may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "clerk", Grants: []authz.Grant{{
		Role: authz.Role{Permissions: may}, Party: authz.Party{Kind: authz.Institution, ID: string(id)},
	}}}
}

// The head of a guarantor brings its licence. Its people open it freely, the
// offices above leave a trace, and nobody else learns that it is there.
func TestALicenceIsOpenedByThoseWhoSeeTheEntry(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		i := w.register(t, profile("射阳县信用担保中心", institution.Guarantor))
		other := w.register(t, profile("射阳县技术平台", institution.TechnologyPlatform))
		head, clerk := owner(i.ID), with(i.ID, institution.See)
		i, err := w.SetPapers(ctx, head, i.ID, i.Version, files.Papers{Add: []string{w.hold(head, "许可证.pdf", "licence")}}, "")
		ok(t, err)
		list := w.shows(clerk, i.ID)
		if len(list) != 1 || list[0].Name != "许可证.pdf" || list[0].Owner != (authz.Party{Kind: authz.Institution, ID: string(i.ID)}) {
			t.Fatalf("its own people see %+v", list)
		}
		file := list[0].ID
		for who, c := range map[string]struct {
			by   authz.Actor
			want bool
		}{
			"the head": {head, true}, "a clerk": {clerk, true}, "the county": {official(sheyang), true}, "the city": {official(city), true},
			"the next county": {official(jianhu), false}, "another institution": {owner(other.ID), false},
			"who may only edit": {with(i.ID, institution.Edit), false}, "nobody": {authz.Actor{}, false},
		} {
			if got := w.opens(c.by, i.ID, file); got != c.want {
				t.Errorf("%s opens the licence: %v", who, got)
			}
		}
		if w.opens(head, i.ID, string(i.ID)) || w.opens(official(city), other.ID, file) || w.opens(official(city), "none", file) {
			t.Error("an address that is none opens something")
		}
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: "institution", ID: string(i.ID)})
		ok(t, err)
		read := map[string]int{}
		for _, e := range trail {
			if strings.Contains(e.Detail, "file "+file) {
				read[e.ActorID]++
			}
		}
		if len(read) != 2 || read["official-320924"] != 1 || read["official-320900"] != 1 {
			t.Errorf("noted are the readings of %v, want one of the county and one of the city", read)
		}

		i, err = w.Publish(ctx, official(sheyang), i.ID, i.Version, true)
		ok(t, err)
		shown, err := w.Published(ctx, i.ID)
		ok(t, err)
		if len(shown.Files) != 0 {
			t.Errorf("the portal shows %+v", shown.Files)
		}
	})
}

// Who may edit the profile brings documents and takes them off; a refused change
// leaves everything as it was, and the upload with who made it.
func TestDocumentsOfAnInstitutionComeAndGo(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, county := t.Context(), official(sheyang)
		i := w.register(t, profile("射阳县信用担保中心", institution.Guarantor))
		other := w.register(t, profile("射阳县技术平台", institution.TechnologyPlatform))
		head, facts := owner(i.ID), w.facts()
		token := w.hold(head, "执照.pdf", "licence")
		add := files.Papers{Add: []string{token}}
		for why, c := range map[string]struct {
			by      authz.Actor
			version int
			papers  files.Papers
			want    fault.Kind
		}{
			"out of date":           {head, i.Version - 1, add, fault.Stale},
			"nothing at all":        {head, i.Version, files.Papers{}, fault.Invalid},
			"a clerk":               {with(i.ID, institution.See), i.Version, add, fault.Denied},
			"the next county":       {official(jianhu), i.Version, add, fault.NotFound},
			"nobody":                {authz.Actor{}, i.Version, add, fault.NotFound},
			"somebody else's token": {county, i.Version, add, fault.Invalid},
		} {
			if _, err := w.SetPapers(ctx, c.by, i.ID, c.version, c.papers, ""); !fault.Is(err, c.want) {
				t.Errorf("%s: %v", why, err)
			}
		}
		if got := w.audits(t, i.ID); got != 1 || len(w.shows(head, i.ID)) != 0 {
			t.Errorf("%d entries and %d documents after what was refused", got, len(w.shows(head, i.ID)))
		}

		i, err := w.SetPapers(ctx, head, i.ID, i.Version, add, "")
		ok(t, err)
		old := w.shows(head, i.ID)[0].ID
		three := []string{w.hold(county, "1.pdf", "1"), w.hold(county, "2.pdf", "2"), w.hold(county, "3.pdf", "3")}
		if _, err := w.SetPapers(ctx, county, i.ID, i.Version, files.Papers{Add: three}, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("four on one record: %v", err)
		}
		w.clock = w.clock.Add(time.Minute) // the trail tells them apart by it
		i, err = w.SetPapers(ctx, county, i.ID, i.Version, files.Papers{Add: three, Remove: []string{old}}, "")
		ok(t, err)
		if n := len(w.shows(head, i.ID)); n != 3 || w.opens(head, i.ID, old) {
			t.Errorf("%d documents after one was taken off for three", n)
		}
		_, err = w.SetPapers(ctx, county, other.ID, other.Version, files.Papers{Remove: []string{w.shows(head, i.ID)[0].ID}}, "")
		ok(t, err)
		if n := len(w.shows(head, i.ID)); n != 3 {
			t.Errorf("another institution's change leaves %d", n)
		}
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: files.Kind, ID: old})
		ok(t, err)
		if len(trail) != 2 || trail[0].ActorID != "owner" || trail[1].ActorID != "official-320924" || trail[1].Action != string(institution.Edit) {
			t.Errorf("the trail of the document: %+v", trail)
		}
		if w.audits(t, i.ID) != 3 || w.facts() != facts {
			t.Errorf("%d entries: registered, brought and replaced; and %d facts that say nothing new", w.audits(t, i.ID), w.facts()-facts)
		}
	})
}

// What is uploaded counts against the institution, whoever brings it.
func TestTheQuotaOfAnInstitutionIsItsOwn(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, county := t.Context(), official(sheyang)
		i := w.register(t, profile("射阳县信用担保中心", institution.Guarantor))
		big := strings.Repeat("x", 600<<10)
		i, err := w.SetPapers(ctx, county, i.ID, i.Version, files.Papers{Add: []string{w.hold(county, "1.pdf", big)}}, "")
		ok(t, err)
		head := owner(i.ID)
		second := files.Papers{Add: []string{w.hold(head, "2.pdf", big+"2")}}
		_, err = w.SetPapers(ctx, head, i.ID, i.Version, second, "")
		if broken := fault.FieldsOf(err); len(broken) != 1 || broken[0].Key != "files.field.quota" {
			t.Fatalf("over its quota: %v", err)
		}
		second.Remove = []string{w.shows(head, i.ID)[0].ID}
		_, err = w.SetPapers(ctx, head, i.ID, i.Version, second, "")
		ok(t, err)
	})
}

// A press that comes five times at once brings the document once.
func TestAPressThatComesTwiceBringsItOnce(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := open(t, source)
		i := w.register(t, profile("射阳县信用担保中心", institution.Guarantor))
		head := owner(i.ID)
		p := files.Papers{Add: []string{w.hold(head, "执照.pdf", "licence")}}
		press := func() {
			if got, err := w.SetPapers(t.Context(), head, i.ID, i.Version, p, "the form's number"); err != nil || got.Version != i.Version+1 {
				t.Errorf("version %d: %v", got.Version, err)
			}
		}
		var all sync.WaitGroup
		for range 5 {
			all.Go(press)
		}
		all.Wait()
		press() // and once more, much later
		if n, entries := len(w.shows(head, i.ID)), w.audits(t, i.ID); n != 1 || entries != 2 {
			t.Errorf("%d documents, %d entries", n, entries)
		}
	})
}
