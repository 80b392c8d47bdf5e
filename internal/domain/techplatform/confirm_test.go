package techplatform_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// says enters a service of the day as the actor.
func (w *world) says(by authz.Actor, title string) techplatform.Work {
	w.t.Helper()
	got, err := w.RecordWork(w.t.Context(), by, w.lab.ID, techplatform.Work{
		Kind: techplatform.Professional, On: "2009-01-05", Title: title, Fee: 30_000, Enterprises: []string{string(w.mill), string(w.forge)},
	}, "")
	w.must(err)
	return got
}

// A platform's people enter what they did; no figure knows of it until the county
// has confirmed it, and it counts on its own day then, at the level of that day.
func TestWhatAPlatformSaysWaitsForItsOffice(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, lab, office := t.Context(), people(w.college), staff(yandu)
		counts := func(what string, services, fees, firms, page int64) {
			t.Helper()
			d, err := w.Published(ctx, w.lab.ID)
			w.must(err)
			did, err := techplatform.Did(ctx, w.db, w.lab.ID, "2009-01-01", "2009-12-31")
			w.must(err)
			got := []int64{
				w.figure("services", city, "2009-01-05", is("level", "nation")), w.figure("fees", yandu, "2009-12-31"), w.figure("enterprises", city, "2009-12-31"),
				d.Standing.Works, d.Standing.Firms, did.Works,
			}
			if want := []int64{services, fees, firms, page, firms, page}; !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		said := w.says(lab, "棉纱检测")
		if said.State != techplatform.WorkWaiting || w.facts() != len(w.standing()) {
			t.Fatalf("the platform's own word: %+v and %d facts", said, w.facts())
		}
		counts("while it waits", 0, 0, 0, 0)
		if _, err := w.ConfirmWork(ctx, staff(jianhu), said.ID, said.Version); !fault.Is(err, fault.NotFound) {
			t.Errorf("another county's office: %v", err)
		}
		if _, err := w.ConfirmWork(ctx, lab, said.ID, said.Version); !fault.Is(err, fault.Denied) {
			t.Errorf("the platform itself: %v", err)
		}
		own := office // one who worked at the platform before
		own.ID = lab.ID
		if _, err := w.ConfirmWork(ctx, own, said.ID, said.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("whoever entered it: %v", err)
		}
		if _, err := w.ConfirmWork(ctx, office, said.ID, said.Version+1); !fault.Is(err, fault.Stale) {
			t.Errorf("another version: %v", err)
		}
		desk := func(by authz.Actor) int {
			t.Helper()
			d, err := w.WorkDesk(ctx, by)
			w.must(err)
			return d.N
		}
		if got := []int{desk(office), desk(own), desk(staff(jianhu)), desk(lab)}; !slices.Equal(got, []int{1, 0, 0, 0}) {
			t.Errorf("waits for the office, for whoever entered it, another county, the platform: %v", got)
		}
		done, err := w.ConfirmWork(ctx, office, said.ID, said.Version)
		w.must(err)
		counts("confirmed", 1, 30_000, 2, 1)
		if again, err := w.ConfirmWork(ctx, office, said.ID, done.Version); !fault.Is(err, fault.Conflict) || again.State != techplatform.WorkCounted {
			t.Errorf("twice: %v %+v", err, again)
		}
		if desk(office) != 0 || w.audits(techplatform.WorkKind, said.ID) != 2 {
			t.Errorf("%d wait, %d entries in the trail", desk(office), w.audits(techplatform.WorkKind, said.ID))
		}
		if _, err = w.WithdrawWork(ctx, lab, said.ID, done.Version, "重复登记"); err != nil {
			t.Fatal(err)
		}
		counts("withdrawn", 0, 0, 0, 0)
		if ofOffice := w.says(office, "工艺会诊"); ofOffice.State != techplatform.WorkCounted {
			t.Errorf("the office's own: %+v", ofOffice)
		}
		counts("of the office's", 1, 30_000, 2, 1)
		if n := w.figure("services", city, "2009-01-04"); n != 0 {
			t.Errorf("%d services the day before", n)
		}
	})
}

// standing are the facts of the platform itself.
func (w *world) standing() []string {
	w.t.Helper()
	var ids []string
	w.must(w.db.Select(w.t.Context(), &ids, `SELECT record_id FROM ledger_fact WHERE record_kind <> ?`, techplatform.WorkKind))
	return ids
}

// What is returned never counts; its people are told why, and enter it anew.
func TestWhatIsReturnedIsEnteredAnew(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, lab, office := t.Context(), people(w.college), staff(yandu)
		said := w.says(lab, "棉纱检测")
		for _, reason := range []string{"", "不对啊", strings.Repeat("长", 201)} {
			if _, err := w.ReturnWork(ctx, office, said.ID, said.Version, reason); !fault.FieldsOf(err).Has("reason") {
				t.Errorf("for %q: %v", reason, err)
			}
		}
		if _, err := w.ReturnWork(ctx, staff(jianhu), said.ID, said.Version, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("another county without a reason: %v", err)
		}
		*w.told = nil
		back, err := w.ReturnWork(ctx, office, said.ID, said.Version, " 缺检测报告 ")
		w.must(err)
		if back.State != techplatform.WorkReturned || back.Returned != "缺检测报告" {
			t.Errorf("returned: %+v", back)
		}
		if want := []string{"institution record tech.told.work_returned"}; !slices.Equal(*w.told, want) {
			t.Errorf("told: %q", *w.told)
		}
		if _, err := w.ConfirmWork(ctx, office, said.ID, back.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("confirming what was returned: %v", err)
		}
		if _, err := w.WithdrawWork(ctx, lab, said.ID, back.Version, "不要了"); !fault.Is(err, fault.Conflict) {
			t.Errorf("withdrawing it: %v", err)
		}
		if n, err := w.ConfirmWorks(ctx, office, []string{said.ID}); n != 0 || err != nil {
			t.Errorf("with others: %d %v", n, err)
		}
		anew := w.says(lab, "棉纱检测")
		list, _, err := w.Works(ctx, office.Scope(techplatform.See), techplatform.WorkFilter{State: techplatform.WorkWaiting}, db.Page{})
		w.must(err)
		if len(list) != 1 || list[0].ID != anew.ID || w.figure("services", city, "2009-12-31") != 0 {
			t.Errorf("waiting: %+v", list)
		}
	})
}

// A settled year takes nothing in any more; what waits of it can be returned.
func TestASettledYearTakesNothingIn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, office := t.Context(), staff(yandu)
		said := w.says(people(w.college), "棉纱检测")
		facts := w.facts()
		*w.settled = 2009
		_, err := w.ConfirmWork(ctx, office, said.ID, said.Version)
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Key != "tech.conflict.settled" {
			t.Errorf("one: %v", err)
		}
		if n, err := w.ConfirmWorks(ctx, office, []string{said.ID}); n != 0 || !fault.Is(err, fault.Conflict) {
			t.Errorf("with others: %d, %v", n, err)
		}
		if got, _, err := w.Work(ctx, office, said.ID); err != nil || got.State != techplatform.WorkWaiting || w.facts() != facts {
			t.Errorf("it is %+v with %d facts more: %v", got, w.facts()-facts, err)
		}
		_, err = w.ReturnWork(ctx, office, said.ID, said.Version, "这一年已经定案")
		w.must(err)
	})
}

// Many are confirmed at once, all or none; of twenty who do so at the same moment
// one has an effect, and none of them doubles it.
func TestManyAreConfirmedAtOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, lab, office := t.Context(), people(w.college), staff(yandu)
		one, two, three := w.says(lab, "棉纱检测"), w.says(lab, "布料检测"), w.says(lab, "染色检测")
		for name, c := range map[string]struct {
			by   authz.Actor
			ids  []string
			want fault.Kind
		}{
			"none":           {office, nil, fault.Invalid},
			"another county": {staff(jianhu), []string{one.ID}, fault.NotFound},
			"with a strange": {office, []string{one.ID, "nobody"}, fault.NotFound},
			"the platform":   {lab, []string{one.ID}, fault.Denied},
			"too many":       {office, many(2001), fault.Invalid},
		} {
			if n, err := w.ConfirmWorks(ctx, c.by, c.ids); n != 0 || !fault.Is(err, c.want) {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		own := office
		own.ID = lab.ID
		if _, err := w.ConfirmWorks(ctx, own, []string{one.ID, two.ID}); !fault.Is(err, fault.Conflict) || w.figure("services", city, "2009-12-31") != 0 {
			t.Errorf("whoever entered one of them: %v", err)
		}
		var wait sync.WaitGroup
		var mu sync.Mutex
		effects := 0
		for range 20 {
			wait.Go(func() {
				n, err := w.ConfirmWorks(ctx, office, []string{one.ID, two.ID, two.ID})
				mu.Lock()
				defer mu.Unlock()
				effects += n
				if err != nil && !fault.Is(err, fault.Stale) {
					t.Errorf("at the same moment: %v", err)
				}
			})
			wait.Go(func() {
				_, err := w.ConfirmWork(ctx, office, three.ID, three.Version)
				if err != nil && !fault.Is(err, fault.Stale) && !fault.Is(err, fault.Conflict) {
					t.Errorf("one, at the same moment: %v", err)
				}
			})
		}
		wait.Wait()
		if n := w.figure("services", city, "2009-12-31"); n != 3 || effects != 2 {
			t.Errorf("%d services, %d confirmed together; want 3 and 2", n, effects)
		}
		if n := w.figure("served", city, "2009-12-31"); n != 6 {
			t.Errorf("%d served, want 6", n)
		}
		if n := w.audits(techplatform.WorkKind, one.ID); n != 2 {
			t.Errorf("%d entries in the trail", n)
		}
	})
}

func many(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.Repeat("x", i+1)
	}
	return list
}

// A book that the platform brings waits, one of the office counts, and the table
// that goes out says which is which.
func TestABookOfThePlatformWaits(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		lab, office := people(w.college), staff(city)
		row := func(title string) string {
			return "科行公司技术平台,professional,2009-01-05," + title + "," + organisationCode(1) + ",1200\n"
		}
		if said := w.bring(lab, row("棉纱检测")); said.New != 1 || w.figure("services", city, "2009-12-31") != 0 {
			t.Fatalf("the platform's book: %+v", said)
		}
		if said := w.bring(lab, row("棉纱检测")); said.Unchanged != 1 {
			t.Errorf("again: %+v", said)
		}
		if said := w.bring(office, row("布料检测")); said.New != 1 || w.figure("services", city, "2009-12-31") != 1 {
			t.Errorf("the office's: %+v", said)
		}
		w.must(w.EnterWorks(t.Context(), lab, w.lab.ID, []techplatform.Work{{Kind: techplatform.Professional, On: "2009-01-05", Title: "染色检测", Enterprises: []string{string(w.mill)}}}))
		if n := w.figure("services", city, "2009-12-31"); n != 1 {
			t.Errorf("%d services", n)
		}
		var out strings.Builder
		table, err := xfer.NewWriter(&out, techplatform.WorkTable(), xfer.CSV, text.Zh)
		w.must(err)
		w.must(w.ExportWorks(t.Context(), office, techplatform.WorkFilter{}, xfer.Put(table, techplatform.WorkTable(), text.Zh)))
		w.must(table.Close())
		if strings.Count(out.String(), "待确认") != 2 || strings.Count(out.String(), "已计入") != 1 {
			t.Errorf("the export:\n%s", out.String())
		}
		all, _, err := w.Works(t.Context(), office.Scope(techplatform.See), techplatform.WorkFilter{}, db.Page{})
		w.must(err)
		for i := range all { // as on a site that has none of them
			_, err := w.WithdrawWork(t.Context(), lab, all[i].ID, all[i].Version, "另一处重新导入")
			w.must(err)
		}
		if said := w.land(techplatform.WorkTable(), w.ImportWorks, office, out.String(), false); said.New != 3 || w.figure("services", city, "2009-12-31") != 1 {
			t.Errorf("what went out comes in: %+v, %d services", said, w.figure("services", city, "2009-12-31"))
		}
	})
}
