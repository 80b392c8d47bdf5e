package world

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
)

// Recognitions are the records of recognition, all of Own: its county calls for
// applications for a title of the world's own, and its park applies, once in each
// call. Calls are by the state of the application they have; the one without any
// is under the empty state.
type Recognitions struct {
	Title        string
	Draft        int // version of its criteria that is not published
	Calls        map[flow.State]string
	Applications map[flow.State]string
	Over         string // an application whose publicity has ended
	Objection    string // on the one that is public
	Reviewer     string // person, to whom the one under review is assigned
	Awards       map[flow.State]string
	Tie          string // that the reviewer declared
}

// recognitions makes them all.
func (w *World) recognitions() {
	w.t.Helper()
	r := w.At[Own.Name]
	r.Recognitions = Recognitions{
		Title: "park.world", Calls: map[flow.State]string{}, Applications: map[flow.State]string{}, Awards: map[flow.State]string{},
		Reviewer: w.Person("reviewer", Own).ID,
	}
	x := &r.Recognitions
	x.Draft = w.title(x.Title)
	w.title("park.again")
	x.Calls[""] = w.call(x.Title)
	for _, state := range []flow.State{
		recognition.Draft, recognition.Submitted, recognition.Checked, recognition.Reviewing, recognition.Scored, recognition.Publicised,
	} {
		x.Calls[state] = w.call(x.Title)
		x.Applications[state] = w.application(x.Calls[state], state).ID
	}
	founder := authz.Actor{Kind: authz.Human, ID: r.Founder, Name: "造册人", Grants: []authz.Grant{{
		Role: authz.Role{Permissions: []authz.Permission{recognition.Object}}, Party: authz.Party{Kind: authz.Person, ID: r.Founder},
	}}}
	var err error
	x.Objection, err = w.Recognition.Object(w.t.Context(), founder, x.Applications[recognition.Publicised], "多层厂房没有达到规定的比例。", "")
	w.must(err)
	x.Over = w.elapsed(w.application(w.call(x.Title), recognition.Publicised)).ID
	x.Awards[recognition.Valid] = w.award(x.Title).ID
	again := w.award("park.again")
	again, err = w.Recognition.Recheck(w.t.Context(), w.Office(Own.Over), again.ID, again.Version)
	w.must(err)
	x.Awards[recognition.Rechecking] = again.ID
	reviewer := authz.Actor{Kind: authz.Human, ID: x.Reviewer, Name: "评审人", Grants: []authz.Grant{{
		Role: authz.Role{Permissions: []authz.Permission{recognition.Declare}}, Party: authz.Party{Kind: authz.Person, ID: x.Reviewer},
	}}}
	w.must(w.Recognition.Declare(w.t.Context(), reviewer, Mark(Own, "纺织有限公司"), "曾任顾问"))
	ties, err := w.Recognition.OwnTies(w.t.Context(), reviewer)
	w.must(err)
	x.Tie = ties[0].ID
}

// title adds one for parks that one reviewer is enough for, with criteria in force
// and another version drafted, whose number it answers.
func (w *World) title(id string) int {
	w.t.Helper()
	ctx, by, home := w.t.Context(), w.Office(Above.Over), Above.Over
	_, err := w.Recognition.SetTitle(ctx, by, home, recognition.Title{
		ID: id, Name: criteria.Words{Zh: "示范园区", En: "Model park"}, Subject: "park", Below: "B",
		Terms: recognition.Terms{Grade: "A", Months: 36, Publicity: 5, Reviewers: 1},
	})
	w.must(err)
	set := criteria.Set{
		Name: criteria.Words{Zh: "示范园区标准"}, Source: criteria.Source{Law: "某号文件", Grade: "A"},
		Rule:  &criteria.Rule{All: []criteria.Rule{{ID: "operating", Name: criteria.Words{Zh: "已投入运营"}, Op: criteria.Flag}}},
		Score: &criteria.Scorecard{Pass: 60, Items: []criteria.Item{{ID: "service", Name: criteria.Words{Zh: "园区服务"}, Weight: 100}}},
	}
	version, err := w.Recognition.DraftCriteria(ctx, by, home, id, set, "")
	w.must(err)
	w.must(w.Recognition.PublishCriteria(ctx, by, home, id, version))
	version, err = w.Recognition.DraftCriteria(ctx, by, home, id, set, "")
	w.must(err)
	return version
}

// call is one that takes applications today.
func (w *World) call(title string) string {
	w.t.Helper()
	today := flow.DayOf(w.DB.Now())
	c, err := w.Recognition.Announce(w.t.Context(), w.Office(Own.Over), recognition.Call{
		Title: title, Office: Own.Over, Name: "示范园区申报通知", Year: 2026, Opens: today, Closes: flow.AddDays(today, 30),
	}, "")
	w.must(err)
	return c.ID
}

// application is the own park's in a call, brought to the state.
func (w *World) application(call string, state flow.State) recognition.Application {
	w.t.Helper()
	ctx, office, reviewer := w.t.Context(), w.Office(Own.Over), w.Person("reviewer", Own)
	checker := office // somebody else than who filled it in
	checker.ID = "checker"
	a, err := w.Recognition.Begin(ctx, office, call, w.At[Own.Name].Parks.Park, "")
	w.must(err)
	for _, step := range []func() (recognition.Application, error){
		func() (recognition.Application, error) {
			a, err = w.Recognition.Fill(ctx, office, a.ID, a.Version, recognition.Entry{Inputs: recognition.Inputs{"operating": {Value: 1}}})
			w.must(err)
			a, err = w.Recognition.Prove(ctx, office, a.ID, a.Version, "service", files.Papers{Add: w.papers(office, Own, "证明"+call)})
			w.must(err)
			return w.Recognition.Submit(ctx, office, a.ID, a.Version, "")
		},
		func() (recognition.Application, error) {
			return w.Recognition.Check(ctx, checker, a.ID, a.Version, "")
		},
		func() (recognition.Application, error) {
			return w.Recognition.Assign(ctx, office, a.ID, a.Version, []string{reviewer.ID})
		},
		func() (recognition.Application, error) {
			by := reviewer.Actor
			if by.ID == "" { // their session is made later
				by = w.Office(Own.Over)
				by.ID = reviewer.ID
			}
			return w.Recognition.Review(ctx, by, a.ID, recognition.Opinion{Points: map[string]float64{"service": 80}, Words: "同意推荐"})
		},
		func() (recognition.Application, error) {
			return w.Recognition.Publicise(ctx, office, a.ID, a.Version)
		},
	} {
		if a.State == state {
			break
		}
		a, err = step()
		w.must(err)
	}
	return a
}

// elapsed lets the days of publicity go by.
func (w *World) elapsed(a recognition.Application) recognition.Application {
	w.t.Helper()
	w.must(w.DB.Write(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE recognition_application SET public_on = '2020-01-06', public_to = '2020-01-13' WHERE id = ?`, a.ID)
		return err
	}))
	return a
}

// award is a title that the own park holds.
func (w *World) award(title string) recognition.Award {
	w.t.Helper()
	ctx, office := w.t.Context(), w.Office(Own.Over)
	a := w.elapsed(w.application(w.call(title), recognition.Publicised))
	_, id, err := w.Recognition.Decide(ctx, office, a.ID, a.Version, "盐中小企〔2026〕1号")
	w.must(err)
	d, err := w.Recognition.Award(ctx, office, id)
	w.must(err)
	return d.Award
}
