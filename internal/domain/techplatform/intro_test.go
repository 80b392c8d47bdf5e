package techplatform_test

import (
	"slices"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

// An agreement that the other side does not confirm is recalled to it once, then
// told to the county, which may have seen proof; of a confirmation and a
// withdrawal at once one holds, and the figure is as the record.
func TestAnAgreementWaitsForTheOtherSide(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill, lab := t.Context(), owner(w.mill), people(w.college)
		robot := authz.System("late", techplatform.Watch)
		say := techplatform.Answer{Words: "我们的装置可以改到贵厂的细纱机上。", Contact: "刘工 0515-88160000"}
		claimed := func() techplatform.Intro {
			t.Helper()
			i, err := w.Express(ctx, lab, w.noticeIn(techplatform.Shown, techplatform.Wanted).ID, w.collegeParty(), say, "")
			w.must(err)
			i, err = w.AgreeIntro(ctx, lab, i.ID, i.Version, flow.DayOf(w.clock), 90_000_00)
			w.must(err)
			return i
		}
		late := func(want int, parties, offices []string) {
			t.Helper()
			*w.told, *w.offices = nil, nil
			n, err := w.TellLate(ctx, robot)
			if w.must(err); n != want || !slices.Equal(*w.told, parties) || !slices.Equal(*w.offices, offices) {
				t.Errorf("%s: told of %d, %q and %q", flow.DayOf(w.clock), n, *w.told, *w.offices)
			}
		}
		i := claimed() // on 6 January 2009; ten working days
		w.clock = at("2009-01-20", 12)
		late(0, nil, nil)
		w.clock = at("2009-01-21", 9)
		late(1, []string{"enterprise confirm techintro.told.late"}, nil)
		late(0, nil, nil)
		w.clock = at("2009-02-16", 9)
		late(1, nil, []string{"320924 supervise techintro.told.above"})
		late(0, nil, nil)
		for who, c := range map[string]struct {
			by   authz.Actor
			want fault.Kind
		}{"the college": {lab, fault.Denied}, "the mill": {mill, fault.Denied}, "another county": {staff(jianhu), fault.NotFound}} {
			if _, err := w.ProveIntro(ctx, c.by, i.ID, i.Version, "技术合同登记 2009-017"); !fault.Is(err, c.want) {
				t.Errorf("proved by %s: %v", who, err)
			}
		}
		_, err := w.ProveIntro(ctx, staff(sheyang), i.ID, i.Version, " ")
		if f := fault.FieldsOf(err); !f.Has("proof") {
			t.Errorf("without saying what: %v", err)
		}
		*w.told = nil
		i, err = w.ProveIntro(ctx, staff(sheyang), i.ID, i.Version, "技术合同登记 2009-017")
		w.must(err)
		if i.State != techplatform.Agreed || !slices.Equal(*w.told, []string{"enterprise agree techintro.told.proved", "institution agree techintro.told.proved"}) {
			t.Errorf("%s, told %q", i.State, *w.told)
		}
		if a, b := w.figure("agreements", sheyang, "2009-12-31"), w.figure("agreed_amount", sheyang, "2009-12-31"); a != 1 || b != 90_000_00 {
			t.Errorf("%d agreements over %d", a, b)
		}
		if d, err := w.Intro(ctx, mill, i.ID); err != nil || d.Proof != "技术合同登记 2009-017" || d.Events[len(d.Events)-1].Note != d.Proof {
			t.Errorf("the mill reads %+v (%v)", d, err)
		}

		raced := claimed()
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for k := range errs {
			wg.Go(func() {
				switch k % 3 {
				case 0:
					_, errs[k] = w.ConfirmIntro(ctx, mill, raced.ID, raced.Version)
				case 1:
					_, errs[k] = w.UndoIntro(ctx, lab, raced.ID, raced.Version, "合同还没有签")
				default:
					_, errs[k] = w.ProveIntro(ctx, staff(sheyang), raced.ID, raced.Version, "技术合同登记 2009-018")
				}
			})
		}
		wg.Wait()
		passed := 0
		for _, err := range errs {
			switch {
			case err == nil:
				passed++
			case !fault.Is(err, fault.Stale) && !fault.Is(err, fault.Conflict):
				t.Errorf("the slower: %v", err)
			}
		}
		now, err := w.Intro(ctx, mill, raced.ID)
		w.must(err)
		want := int64(1)
		if now.State == techplatform.Agreed {
			want = 2
		}
		if got := w.figure("agreements", sheyang, "2009-12-31"); passed != 1 || got != want {
			t.Errorf("%d steps were taken, it is %s and %d agreements count, want %d", passed, now.State, got, want)
		}
		if _, err := gate.Verify(ctx, w.db); err != nil {
			t.Error(err)
		}
	})
}
