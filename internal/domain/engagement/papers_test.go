package engagement_test

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

func paper(words string) []byte { return []byte("%PDF-1.4\n" + words) }

// hold uploads a document and answers its token.
func (w *world) hold(by authz.Actor, name, words string) string {
	w.t.Helper()
	p, err := w.files.Hold(w.t.Context(), by, files.Incoming{Name: name, Data: bytes.NewReader(paper(words)), Form: "form"})
	w.must(err)
	return p.Token
}

// reads reports whether somebody may open a document, and what is in it.
func (w *world) reads(by authz.Actor, id engagement.ID, file, words string) bool {
	w.t.Helper()
	f, in, err := w.OpenFile(w.t.Context(), by, id, file)
	if fault.Is(err, fault.NotFound) {
		return false
	}
	w.must(err)
	raw, err := io.ReadAll(in)
	w.must(errors.Join(err, in.Close()))
	if !bytes.Equal(raw, paper(words)) || f.ID != file {
		w.t.Errorf("%s says %q", f.Name, raw)
	}
	return true
}

// An enterprise brings a plan with its need, the institution a report with its
// delivery; each is seen by those it concerns and by nobody else.
func TestDocumentsAreSeenByThoseTheyConcern(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill, county, helper := t.Context(), owner(w.mill), staff(sheyang), people(w.guarantor)
		n, err := w.Post(ctx, mill, engagement.Posting{
			Enterprise: string(w.mill), Content: loan(), Contact: chen(), Papers: []string{w.hold(mill, "采购计划.pdf", "plan")},
		})
		w.must(err)
		d, err := w.Get(ctx, county, n.ID)
		w.must(err)
		if len(d.Files) != 1 || d.Files[0].Name != "采购计划.pdf" || d.Files[0].Owner.ID != string(w.mill) {
			t.Fatalf("the county sees %+v", d.Files)
		}
		plan := d.Files[0].ID
		n, err = w.Accept(ctx, county, n.ID, n.Version)
		w.must(err)
		n, err = w.Offer(ctx, county, n.ID, n.Version, w.guarantor, "")
		w.must(err)
		if w.reads(helper, n.ID, plan, "plan") {
			t.Error("an institution that is only asked reads the plan")
		}
		n, err = w.AcceptOffer(ctx, helper, n.ID, n.Version)
		w.must(err)
		n, _, err = w.Deliver(ctx, helper, n.ID, n.Version, work("2008-12-25"), files.Papers{Add: []string{w.hold(helper, "担保意见.pdf", "report")}})
		w.must(err)
		d, err = w.Get(ctx, mill, n.ID)
		w.must(err)
		if len(d.Files) != 2 || !d.Files[1].On(engagement.DeliveryKind, d.Deliveries[0].ID) {
			t.Fatalf("the mill sees %+v", d.Files)
		}
		report := d.Files[1].ID
		for who, c := range map[string]struct {
			by   authz.Actor
			both bool
		}{
			"the mill": {mill, true}, "the county": {county, true}, "the city": {looker(city), true}, "the institution": {helper, true},
			"the next county": {staff(jianhu), false}, "another institution": {people(w.mutual), false},
			"another enterprise": {owner("other"), false}, "a founder": {founder("zhou"), false}, "nobody": {authz.Actor{}, false},
		} {
			if got := [2]bool{w.reads(c.by, n.ID, plan, "plan"), w.reads(c.by, n.ID, report, "report")}; got != [2]bool{c.both, c.both} {
				t.Errorf("%s reads plan and report: %v", who, got)
			}
		}
		other := w.post()
		if w.reads(county, other.ID, plan, "plan") {
			t.Error("the plan is found on another need")
		}
		w.must(checkReads(w, n.ID, map[string]int{"staff-320924": 2, "looker": 2, "people-" + string(w.guarantor): 1}))
	})
}

// checkReads compares how often people read documents that are not theirs.
func checkReads(w *world, id engagement.ID, want map[string]int) error {
	trail, err := gate.Trail(w.t.Context(), w.db, gate.Record{Kind: engagement.Kind, ID: string(id)})
	got := map[string]int{}
	for _, e := range trail {
		if e.Action == string(engagement.See) {
			got[e.ActorID]++
		}
	}
	for who, n := range want {
		if got[who] != n {
			w.t.Errorf("%s left %d traces, want %d", who, got[who], n)
		}
		delete(got, who)
	}
	if len(got) > 0 {
		w.t.Errorf("these read their own, and are noted: %v", got)
	}
	return err
}

// What was asked for is brought, what is wrong is taken off, and a refused step
// changes no document.
func TestDocumentsComeAndGoWithTheirStep(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill, helper := t.Context(), owner(w.mill), people(w.guarantor)
		n := w.at(engagement.Waiting)
		token := w.hold(mill, "报表.pdf", "figures")
		if _, err := w.Supply(ctx, mill, n.ID, n.Version-1, "补上报表", files.Papers{Add: []string{token}}); !fault.Is(err, fault.Stale) {
			t.Errorf("stale: %v", err)
		}
		if _, err := w.Supply(ctx, helper, n.ID, n.Version, "补上报表", files.Papers{Add: []string{token}}); !fault.Is(err, fault.NotFound) {
			t.Errorf("not theirs: %v", err)
		}
		n, err := w.Supply(ctx, mill, n.ID, n.Version, "补上报表", files.Papers{Add: []string{token}})
		w.must(err)
		d, err := w.Get(ctx, mill, n.ID)
		w.must(err)
		old := d.Files[0].ID
		four := []string{w.hold(mill, "1.pdf", "1"), w.hold(mill, "2.pdf", "2"), w.hold(mill, "3.pdf", "3"), w.hold(mill, "4.pdf", "4")}
		if _, err := w.Edit(ctx, mill, n.ID, n.Version, loan(), nil, files.Papers{Add: four, Remove: []string{old}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("four on one record: %v", err)
		}
		n, err = w.Edit(ctx, mill, n.ID, n.Version, loan(), nil, files.Papers{Add: four[:3], Remove: []string{old}})
		w.must(err)
		d, err = w.Get(ctx, mill, n.ID)
		w.must(err)
		if len(d.Files) != 3 || w.reads(mill, n.ID, old, "figures") {
			t.Errorf("%d documents after the change", len(d.Files))
		}
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: files.Kind, ID: old})
		w.must(err)
		if len(trail) != 2 || trail[0].Action != string(engagement.Supply) || trail[1].Action != string(engagement.Edit) {
			t.Errorf("the trail of the document: %+v", trail)
		}
		if got := w.audits(n.ID); got != 5 {
			t.Errorf("%d entries: posted, accepted, asked, supplied, edited, and nothing for what was refused", got)
		}
	})
}

// A press that comes five times at once posts one need with its document.
func TestAPressThatComesTwiceAttachesOnce(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		w := open(t, source)
		mill := owner(w.mill)
		in := engagement.Posting{
			Enterprise: string(w.mill), Content: loan(), Contact: chen(), Once: "once", Papers: []string{w.hold(mill, "a.pdf", "a")},
		}
		var all sync.WaitGroup
		made := make([]engagement.ID, 5)
		for i := range made {
			all.Go(func() {
				n, err := w.Post(t.Context(), mill, in)
				if err != nil {
					t.Error(err)
				}
				made[i] = n.ID
			})
		}
		all.Wait()
		for _, id := range made {
			if id != made[0] {
				t.Errorf("two needs: %v", made)
			}
		}
		d, err := w.Get(t.Context(), mill, made[0])
		w.must(err)
		if len(d.Files) != 1 {
			t.Errorf("%d documents", len(d.Files))
		}
	})
}
