package app

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/recognition/recognitionweb"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/workbench"
)

// recognitionHooks tell recognition what can be recognised, who may review, and
// whom reviewers act for.
func (a *App) recognitionHooks() recognition.Hooks {
	return recognition.Hooks{
		Notify: a.Notify, Files: a.Files,
		Subjects: []recognition.Subjects{a.institutionSubjects(), a.parkSubjects()},
		Reviewers: func(ctx context.Context, r db.Reader, over authz.Target) ([]recognition.Person, error) {
			refs, err := a.Account.Holders(ctx, r, recognition.Review, over)
			people := make([]recognition.Person, len(refs))
			for i, p := range refs {
				people[i] = recognition.Person{ID: p.ID, Name: p.Name}
			}
			return people, err
		},
		Ties: a.Account.Parties,
	}
}

// mostSubjects is how many subjects an applicant chooses from.
const mostSubjects = 200

// demonstrationTitle is the title whose award is the register's own recognition
// as a demonstration institution.
const demonstrationTitle = "institution.demonstration"

// institutionSubjects are the institutions of the register.
func (a *App) institutionSubjects() recognition.Subjects {
	subject := func(i *institution.Institution) recognition.Subject {
		return recognition.Subject{
			Kind: "institution", ID: string(i.ID), Name: i.Name, Region: i.Region,
			Party: authz.Party{Kind: authz.Institution, ID: string(i.ID)},
		}
	}
	return recognition.Subjects{
		Kind: "institution",
		Mine: func(ctx context.Context, by authz.Actor) ([]recognition.Subject, error) {
			list, _, err := a.Institution.List(ctx, by.Scope(recognition.Apply), institution.Filter{}, db.Page{Limit: mostSubjects})
			all := make([]recognition.Subject, len(list))
			for i := range list {
				all[i] = subject(&list[i])
			}
			return all, err
		},
		Find: func(ctx context.Context, r db.Reader, id string) (recognition.Subject, error) {
			i, err := institution.On(ctx, r, institution.ID(id), ledger.DateOf(a.DB.Now()))
			return subject(&i), err
		},
		Named: func(ctx context.Context, _ db.Reader, name string, at region.Code) (recognition.Subject, error) {
			list, _, err := a.Institution.List(ctx, authz.Unbounded("rows of an import name it"),
				institution.Filter{Region: at, Text: name, Ended: true}, db.Page{Limit: mostSubjects})
			return named(list, err, subject, name, at)
		},
		Knows: a.knownOfInstitution,
		Awarded: func(ctx context.Context, tx *db.Tx, by authz.Actor, w *recognition.Award) error {
			if w.Title != demonstrationTitle {
				return nil // it stands among the awards alone
			}
			if w.Regraded != "" { // the grade below is none that the register knows
				return a.Institution.AwardEnded(ctx, tx, by, institution.ID(w.Subject.ID), w.Regraded)
			}
			return a.Institution.Awarded(ctx, tx, by, institution.ID(w.Subject.ID), institution.Term{From: w.From, To: w.To, Document: w.Document})
		},
		Ended: func(ctx context.Context, tx *db.Tx, by authz.Actor, w *recognition.Award, day string) error {
			if w.Title != demonstrationTitle {
				return nil
			}
			return a.Institution.AwardEnded(ctx, tx, by, institution.ID(w.Subject.ID), day)
		},
	}
}

// named is the subject of a list that has exactly the name and the place.
func named[T any](list []T, err error, of func(*T) recognition.Subject, name string, at region.Code) (recognition.Subject, error) {
	if err != nil {
		return recognition.Subject{}, err
	}
	for i := range list {
		if s := of(&list[i]); s.Name == name && s.Region == at {
			return s, nil
		}
	}
	return recognition.Subject{}, fault.Missing()
}

// knownOfInstitution is what the register and the service records say of an
// institution as of a day: years since it was founded, and of the twelve months
// before, the enterprises served and the share of those who rated it that had
// their problem solved.
func (a *App) knownOfInstitution(ctx context.Context, r db.Reader, s recognition.Subject, day string) (map[string]recognition.Known, error) {
	known := map[string]recognition.Known{}
	i, err := institution.On(ctx, r, institution.ID(s.ID), ledger.Date(day))
	if err != nil {
		return nil, err
	}
	to, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, err
	}
	if founded, err := time.Parse(time.DateOnly, i.Founded); err == nil {
		years := to.Year() - founded.Year()
		if to.YearDay() < founded.YearDay() {
			years--
		}
		known["years"] = recognition.Known{Value: criteria.Int(max(years, 0)), From: "register"}
	}
	work, err := engagement.ServedBy(ctx, r, i.ID, to.AddDate(-1, 0, 1).Format(time.DateOnly), day)
	if err != nil {
		return nil, err
	}
	known["served"] = recognition.Known{Value: criteria.Int(work.Enterprises), From: "ledger"}
	known["reach"] = known["served"]
	if work.Rated > 0 {
		known["satisfaction"] = recognition.Known{Value: criteria.Ratio(int64(work.Solved), int64(work.Rated)), From: "ledger"}
	}
	return known, nil
}

// expireAwards ends the titles whose term is over.
func (a *App) expireAwards(ctx context.Context) error {
	for {
		n, err := a.Recognition.ExpireAll(ctx, recognition.Robot())
		jobs.Count(ctx, "expired", int64(n))
		if err != nil || n == 0 {
			return err
		}
	}
}

// waiting is what waits for the reader besides needs.
func (a *App) waiting(ctx context.Context, by authz.Actor) ([]workbench.Waiting, error) {
	duties, err := a.Recognition.Todo(ctx, by)
	all := make([]workbench.Waiting, len(duties))
	for i, d := range duties {
		all[i] = workbench.Waiting{Key: d.Duty.Key(), N: d.N, Href: recognitionweb.DutyHref(d.Duty)}
	}
	if err != nil {
		return nil, err
	}
	n, err := a.Technology.CountWaiting(ctx, by)
	if n > 0 {
		all = append(all, workbench.Waiting{Key: "technotice.page.todo", N: n, Href: "/bench/technology"})
	}
	return all, err
}

// parkGrades are what the titles of parks mean in a park's own record.
var parkGrades = map[string]park.Grade{"park.a": park.GradeA, "park.model": park.ModelPark}

// parkSubjects are the parks of the register.
func (a *App) parkSubjects() recognition.Subjects {
	subject := func(p *park.Park) recognition.Subject {
		s := recognition.Subject{Kind: "park", ID: string(p.ID), Name: p.Name, Region: p.Region}
		if p.OperatorID != "" {
			s.Party = authz.Party{Kind: authz.Institution, ID: string(p.OperatorID)}
		}
		return s
	}
	return recognition.Subjects{
		Kind: "park",
		Mine: func(ctx context.Context, by authz.Actor) ([]recognition.Subject, error) {
			list, _, err := a.Park.List(ctx, by.Scope(recognition.Apply), park.Filter{}, db.Page{Limit: mostSubjects})
			all := make([]recognition.Subject, len(list))
			for i := range list {
				all[i] = subject(&list[i])
			}
			return all, err
		},
		Find: func(ctx context.Context, _ db.Reader, id string) (recognition.Subject, error) {
			d, err := a.Park.Get(ctx, authz.Unbounded("its right is checked when it applies"), park.ID(id))
			return subject(&d.Park), err
		},
		Named: func(ctx context.Context, _ db.Reader, name string, at region.Code) (recognition.Subject, error) {
			list, _, err := a.Park.List(ctx, authz.Unbounded("rows of an import name it"), park.Filter{Region: at, Text: name, Ended: true}, db.Page{Limit: mostSubjects})
			return named(list, err, subject, name, at)
		},
		Knows: a.knownOfPark,
		Awarded: func(ctx context.Context, tx *db.Tx, by authz.Actor, w *recognition.Award) error {
			grade, ok := parkGrades[w.Title]
			if !ok {
				return nil // it stands among the awards alone
			}
			if w.Regraded != "" { // the grade below is none that the register knows
				return a.Park.AwardEnded(ctx, tx, by, park.ID(w.Subject.ID), grade, w.Regraded)
			}
			return a.Park.Awarded(ctx, tx, by, park.ID(w.Subject.ID), park.Term{Grade: grade, From: w.From, To: w.To, Document: w.Document})
		},
		Ended: func(ctx context.Context, tx *db.Tx, by authz.Actor, w *recognition.Award, day string) error {
			grade, ok := parkGrades[w.Title]
			if !ok {
				return nil
			}
			return a.Park.AwardEnded(ctx, tx, by, park.ID(w.Subject.ID), grade, day)
		},
	}
}

// knownOfPark is what the register says of a park today: whether it operates, its
// completed standard factories and how much of them is multi-storey, its tenants
// and how much of its room they take.
func (a *App) knownOfPark(ctx context.Context, _ db.Reader, s recognition.Subject, day string) (map[string]recognition.Known, error) {
	d, err := a.Park.Get(ctx, authz.Unbounded("its right is checked when it applies"), park.ID(s.ID))
	if err != nil {
		return nil, err
	}
	register := func(v criteria.Value) recognition.Known { return recognition.Known{Value: v, From: "register"} }
	var multi int64
	for i := range d.Buildings {
		if h := &d.Buildings[i]; h.Kind == park.MultiStorey && h.Stage(day) == park.Done {
			multi += h.Area
		}
	}
	known := map[string]recognition.Known{
		"factory_area": register(criteria.Int(d.Factory)), "tenants": register(criteria.Int(d.Tenants)),
	}
	if d.Stage(day) == park.Done {
		known["operating"] = register(criteria.Int(1))
	}
	if d.Factory > 0 {
		known["multi_share"] = register(criteria.Ratio(multi, d.Factory))
	}
	if room := d.Factory + d.Shared; room > 0 {
		known["occupied"] = register(criteria.Ratio(d.Occupied, room))
	}
	return known, nil
}
