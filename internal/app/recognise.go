package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// recognitionHooks tell recognition what can be recognised, who may review, and
// whom reviewers act for.
func (a *App) recognitionHooks() recognition.Hooks {
	return recognition.Hooks{
		Notify: a.Notify, Files: a.Files,
		Subjects: []recognition.Subjects{a.institutionSubjects(), a.parkSubjects(), a.platformSubjects(), a.baseSubjects()},
		Reviewers: func(ctx context.Context, r db.Reader, over authz.Target) ([]recognition.Person, error) {
			refs, err := a.Account.Holders(ctx, r, recognition.Review, over)
			people := make([]recognition.Person, len(refs))
			for i, p := range refs {
				people[i] = recognition.Person{ID: p.ID, Name: p.Name}
			}
			return people, err
		},
		Ties:  a.Account.Parties,
		Party: a.applicant,
	}
}

// applicant finds an institution by its full name, or an enterprise by its full
// name or credit code; NotFound when there is none, or more than one.
func (a *App) applicant(ctx context.Context, r db.Reader, name string) (authz.Party, string, error) {
	all := authz.Unbounded("a tie may be to anybody in the register")
	institutions, _, err := a.Institution.List(ctx, all, institution.Filter{Text: name}, db.Page{Limit: recognition.MostSubjects})
	if err != nil {
		return authz.Party{}, "", err
	}
	for i := range institutions {
		if o := &institutions[i]; o.Name == name {
			return authz.Party{Kind: authz.Institution, ID: string(o.ID)}, o.Name, nil
		}
	}
	firms, _, err := enterprise.Select(ctx, r, all, enterprise.Filter{Text: name}, db.Page{Limit: recognition.MostSubjects})
	if err != nil {
		return authz.Party{}, "", err
	}
	if len(firms) > 1 { // the text is part of the names of others
		firms = slices.DeleteFunc(firms, func(e enterprise.Enterprise) bool { return e.Profile.Name != name })
	}
	if len(firms) != 1 || firms[0].Profile.Name != name && strings.Contains(firms[0].Profile.Name, name) {
		return authz.Party{}, "", fault.Missing()
	}
	return authz.Party{Kind: authz.Enterprise, ID: string(firms[0].ID)}, firms[0].Profile.Name, nil
}

// demonstrationTitle is the title whose award is the register's own recognition
// as a demonstration institution.
const demonstrationTitle = "institution.demonstration"

func institutionSubject(i *institution.Institution) recognition.Subject {
	return recognition.Subject{
		Kind: "institution", ID: string(i.ID), Name: i.Name, Region: i.Region, Since: i.Founded,
		Party: authz.Party{Kind: authz.Institution, ID: string(i.ID)},
	}
}

// demonstrationTerms are the terms for which an institution is and was a
// demonstration institution.
func demonstrationTerms(all []recognition.Award) []institution.Term {
	var terms []institution.Term
	for i := range all {
		if s, ok := full(&all[i]); ok && all[i].Title == demonstrationTitle {
			terms = append(terms, institution.Term{From: s.From, To: s.To, Document: all[i].Document})
		}
	}
	return terms
}

// full is the time of an award in which it gives the grade of its title: a grade
// below is none that the registers of institutions and parks know.
func full(w *recognition.Award) (recognition.Span, bool) {
	all := w.Spans()
	if len(all) == 0 || w.Regraded != "" && w.Regraded <= w.From {
		return recognition.Span{}, false
	}
	return all[0], true
}

// institutionHooks are what the register of institutions asks of the rest of the
// program.
func (a *App) institutionHooks() institution.Hooks {
	award := func(i *institution.Institution) recognition.Award {
		return recognition.Award{Title: demonstrationTitle, Subject: institutionSubject(i), Office: cityOf(i.Region)}
	}
	return institution.Hooks{
		Files: a.Files,
		Award: func(ctx context.Context, tx *db.Tx, c gate.Change, i *institution.Institution, t institution.Term) ([]institution.Term, error) {
			w := award(i)
			w.From, w.To, w.Document = t.From, t.To, t.Document
			all, err := a.Recognition.Record(ctx, tx, c, w)
			return demonstrationTerms(all), err
		},
		Revoke: func(ctx context.Context, tx *db.Tx, c gate.Change, i *institution.Institution, day, reason string) ([]institution.Term, error) {
			all, err := a.Recognition.TakeBack(ctx, tx, c, award(i), day, reason)
			return demonstrationTerms(all), err
		},
	}
}

// cityOf is the office whose titles are recorded for a place: its city, or the
// place itself above that.
func cityOf(at region.Code) region.Code { return cmp.Or(at.At(region.City), at) }

// institutionSubjects are the institutions of the register.
func (a *App) institutionSubjects() recognition.Subjects {
	subject := institutionSubject
	return recognition.Subjects{
		Kind: "institution",
		Mine: func(ctx context.Context, by authz.Actor, text string) ([]recognition.Subject, error) {
			list, _, err := a.Institution.List(ctx, by.Scope(recognition.Apply), institution.Filter{Text: text}, db.Page{Limit: recognition.MostSubjects})
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
				institution.Filter{Region: at, Text: name, Ended: true}, db.Page{Limit: recognition.MostSubjects})
			return named(list, err, subject, name, at)
		},
		Knows: a.knownOfInstitution,
		Held: func(ctx context.Context, tx *db.Tx, by authz.Actor, w *recognition.Award, all []recognition.Award) error {
			if w.Title != demonstrationTitle {
				return nil // it stands among the awards alone
			}
			return a.Institution.Awarded(ctx, tx, by, institution.ID(w.Subject.ID), demonstrationTerms(all))
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
	if i.Founded != "" {
		known["years"] = recognition.Known{Value: criteria.Int(yearsSince(i.Founded, to)), From: "register"}
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

// parkTitles are the titles that a park's own record knows.
var parkTitles = map[park.Grade]string{park.GradeA: "park.a", park.ModelPark: "park.model"}

func parkSubject(p *park.Park) recognition.Subject {
	s := recognition.Subject{Kind: "park", ID: string(p.ID), Name: p.Name, Region: p.Region, Since: p.Since()}
	if p.OperatorID != "" {
		s.Party = authz.Party{Kind: authz.Institution, ID: string(p.OperatorID)}
	}
	return s
}

// parkTerms are the terms that a park has and had by its titles.
func parkTerms(all []recognition.Award) []park.Term {
	var terms []park.Term
	for i := range all {
		for grade, title := range parkTitles {
			if s, ok := full(&all[i]); ok && all[i].Title == title {
				terms = append(terms, park.Term{Grade: grade, From: s.From, To: s.To, Document: all[i].Document})
			}
		}
	}
	return terms
}

// parkAward is what a park is given or loses by hand.
func parkAward(p *park.Park, t park.Term) recognition.Award {
	return recognition.Award{
		Title: parkTitles[t.Grade], Subject: parkSubject(p), Office: cityOf(p.Region), From: t.From, To: t.To, Document: t.Document,
	}
}

// parkSubjects are the parks of the register.
func (a *App) parkSubjects() recognition.Subjects {
	subject := parkSubject
	return recognition.Subjects{
		Kind: "park",
		Mine: func(ctx context.Context, by authz.Actor, text string) ([]recognition.Subject, error) {
			list, _, err := a.Park.List(ctx, by.Scope(recognition.Apply), park.Filter{Text: text}, db.Page{Limit: recognition.MostSubjects})
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
			list, _, err := a.Park.List(ctx, authz.Unbounded("rows of an import name it"), park.Filter{Region: at, Text: name, Ended: true}, db.Page{Limit: recognition.MostSubjects})
			return named(list, err, subject, name, at)
		},
		Knows: a.knownOfPark,
		Held: func(ctx context.Context, tx *db.Tx, by authz.Actor, w *recognition.Award, all []recognition.Award) error {
			if w.Title != parkTitles[park.GradeA] && w.Title != parkTitles[park.ModelPark] {
				return nil // it stands among the awards alone
			}
			return a.Park.Awarded(ctx, tx, by, park.ID(w.Subject.ID), parkTerms(all))
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
