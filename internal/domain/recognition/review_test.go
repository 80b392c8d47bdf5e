package recognition_test

import (
	"fmt"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
)

func TestReviewersAreBlindAndWithoutTies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.checked(w.call(0), "p1")
		w.pool = []recognition.Person{{ID: "e1", Name: "甲"}, {ID: "e2", Name: "乙"}, {ID: "e3", Name: "丙"}, {ID: "own", Name: "丁"}, {ID: "said", Name: "戊"}}
		w.ties["own"] = []authz.Party{{Kind: authz.Institution, ID: "op-p1"}}
		said := reviewer("said")
		said.Grants = append(said.Grants, authz.Grant{
			Role: authz.Role{Permissions: []authz.Permission{recognition.Declare}}, Party: authz.Party{Kind: authz.Person, ID: "said"},
		})
		ok(t, w.Declare(ctx, said, "第p1中小企业园", "曾任园区顾问"))
		all, err := w.Candidates(ctx, official(city), a.ID)
		ok(t, err)
		if len(all) != 5 || all[3].Tied == "" || all[4].Reason != "曾任园区顾问" || all[0].Tied != "" {
			t.Errorf("the candidates are %+v", all)
		}
		for _, tied := range []string{"own", "said", "nobody"} {
			_, err = w.Assign(ctx, official(city), a.ID, a.Version, []string{"e1", tied})
			wants(t, tied, err, fault.Invalid, "reviewers")
		}
		a, err = w.Assign(ctx, official(city), a.ID, a.Version, []string{"e1", "e2", "e3"})
		ok(t, err)
		_, err = w.Detail(ctx, reviewer("own"), a.ID)
		wants(t, "a reviewer who was not asked", err, fault.NotFound)
		_, err = w.Review(ctx, reviewer("own"), a.ID, recognition.Opinion{Points: points(1), Words: "同意"})
		wants(t, "scored without being asked", err, fault.NotFound)
		bad := points(80)
		delete(bad, "plan")
		bad["jobs"] = 101
		_, err = w.Review(ctx, reviewer("e1"), a.ID, recognition.Opinion{Points: bad})
		wants(t, "a line left out, one too high, no words", err, fault.Invalid, "in_plan", "in_jobs", "words")
		_, err = w.Review(ctx, reviewer("e1"), a.ID, recognition.Opinion{Points: points(70), Words: "规划一般"})
		ok(t, err)
		_, err = w.Review(ctx, reviewer("e1"), a.ID, recognition.Opinion{Points: points(99), Words: "改高一点"})
		wants(t, "scores are final", err, fault.Conflict)
		sees := func(by authz.Actor) (lines int, known int) {
			d, err := w.Detail(ctx, by, a.ID)
			ok(t, err)
			for _, r := range d.Reviews {
				if r.Total > 0 {
					known++
				}
			}
			return len(d.Reviews), known
		}
		w.ties["e2"] = []authz.Party{{Kind: authz.Institution, ID: "op-p1"}}
		_, err = w.Review(ctx, reviewer("e2"), a.ID, recognition.Opinion{Points: points(1), Words: "同意"})
		wants(t, "who has begun to act for the park since", err, fault.Conflict)
		delete(w.ties, "e2")
		if lines, known := sees(reviewer("e2")); lines != 1 || known != 0 {
			t.Errorf("who has not scored sees %d reviews, %d with points", lines, known)
		}
		if lines, known := sees(official(city)); lines != 3 || known != 0 {
			t.Errorf("while they are at it the office sees %d reviews, %d with points", lines, known)
		}
		if lines, _ := sees(operator("p1")); lines != 0 {
			t.Errorf("the applicant sees %d reviews", lines)
		}
		_, err = w.Recuse(ctx, reviewer("e3"), a.ID, "与园区有业务往来")
		ok(t, err)
		_, err = w.Detail(ctx, reviewer("e3"), a.ID)
		wants(t, "who stepped back reads on", err, fault.NotFound)
		now, err := w.Review(ctx, reviewer("e2"), a.ID, recognition.Opinion{Points: points(80), Words: "较好"})
		ok(t, err)
		if now.State != recognition.Reviewing {
			t.Errorf("two of three scores make it %s", now.State)
		}
		_, err = w.Assign(ctx, official(city), a.ID, now.Version, []string{"e3"})
		wants(t, "who stepped back is asked again", err, fault.Invalid, "reviewers")
		w.pool = append(w.pool, recognition.Person{ID: "e4", Name: "己"})
		now, err = w.Assign(ctx, official(city), a.ID, now.Version, []string{"e4"})
		ok(t, err)
		now, err = w.Review(ctx, reviewer("e4"), a.ID, recognition.Opinion{Points: points(75), Words: "较好"})
		ok(t, err)
		if now.State != recognition.Scored {
			t.Errorf("three scores make it %s", now.State)
		}
		if lines, known := sees(official(city)); lines != 4 || known != 3 {
			t.Errorf("then the office sees %d reviews, %d with points", lines, known)
		}
		if lines, known := sees(reviewer("e2")); lines != 4 || known != 3 {
			t.Errorf("a reviewer who has scored sees %d reviews, %d with points", lines, known)
		}
	})
}

// Twelve reviewers hand in at the same moment: each counts, once.
func TestReviewersScoreSideBySide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.checked(w.call(0), "p1")
		var ids []string
		for i := range 12 {
			ids = append(ids, fmt.Sprintf("e%02d", i))
			w.pool = append(w.pool, recognition.Person{ID: ids[i], Name: ids[i]})
		}
		_, err := w.Assign(ctx, official(city), a.ID, a.Version, ids)
		ok(t, err)
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() {
				if _, err := w.Review(ctx, reviewer(id), a.ID, recognition.Opinion{Points: points(float64(70 + i)), Words: "同意"}); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			})
		}
		all.Wait()
		d, err := w.Detail(ctx, official(city), a.ID)
		ok(t, err)
		if d.State != recognition.Scored || len(d.Reviews) != 12 || d.Spread != 935 {
			t.Errorf("it is %s with %d reviews, %d apart", d.State, len(d.Reviews), d.Spread)
		}
	})
}
