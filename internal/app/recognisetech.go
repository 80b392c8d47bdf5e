package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// levelTitles begin the titles under which a level that was given elsewhere is put
// on file. Any title of technology platforms whose grade is a level gives it.
const levelTitles = techplatform.PlatformKind + "."

func platformSubject(p *techplatform.Platform) recognition.Subject {
	return recognition.Subject{
		Kind: techplatform.PlatformKind, ID: string(p.ID), Name: p.Name, Region: p.Region, Since: p.Founded,
		Party: authz.Party{Kind: authz.Institution, ID: string(p.Institution)},
	}
}

// platformTerms are the terms at a level that a platform has and had by its titles.
func platformTerms(all []recognition.Award) []techplatform.Term {
	var terms []techplatform.Term
	for i := range all {
		for _, s := range all[i].Spans() {
			if level := techplatform.Level(s.Grade); slices.Contains(techplatform.Levels(), level) {
				terms = append(terms, techplatform.Term{Level: level, From: s.From, To: s.To, Document: all[i].Document})
			}
		}
	}
	return terms
}

// platformAward puts a level that was given elsewhere on file, or ends those that
// hold on a day.
func (a *App) platformAward(ctx context.Context, tx *db.Tx, c gate.Change, p *techplatform.Platform, t techplatform.Term) ([]techplatform.Term, error) {
	w := recognition.Award{Subject: platformSubject(p), Office: cityOf(p.Region), From: t.From, To: t.To, Document: t.Document}
	if t.Level != techplatform.NoLevel {
		w.Title = levelTitles + string(t.Level)
		all, err := a.Recognition.Record(ctx, tx, c, w)
		return platformTerms(all), err
	}
	var all []recognition.Award
	var none error
	for _, level := range techplatform.Levels() {
		w.Title = levelTitles + string(level)
		now, err := a.Recognition.TakeBack(ctx, tx, c, w, t.From, t.Document)
		switch {
		case fault.Is(err, fault.Conflict):
			none = err
		case err != nil:
			return nil, err
		default:
			all = now
		}
	}
	if all == nil {
		return nil, none
	}
	return platformTerms(all), nil
}

// platformSubjects are the technology platforms.
func (a *App) platformSubjects() recognition.Subjects {
	list := func(ctx context.Context, s authz.Scope, f techplatform.Filter) ([]techplatform.Platform, error) {
		found, _, err := a.Technology.List(ctx, s, f, db.Page{Limit: recognition.MostSubjects})
		return found, err
	}
	return recognition.Subjects{
		Kind: techplatform.PlatformKind,
		Mine: func(ctx context.Context, by authz.Actor, text string) ([]recognition.Subject, error) {
			found, err := list(ctx, by.Scope(recognition.Apply), techplatform.Filter{Text: text})
			return db.As(found, platformSubject), err
		},
		Find: func(ctx context.Context, _ db.Reader, id string) (recognition.Subject, error) {
			d, err := a.Technology.Get(ctx, authz.Unbounded("its right is checked when it applies"), techplatform.ID(id))
			return platformSubject(&d.Platform), err
		},
		Named: func(ctx context.Context, _ db.Reader, name string, at region.Code) (recognition.Subject, error) {
			found, err := list(ctx, authz.Unbounded("rows of an import name it"), techplatform.Filter{Region: at, Text: name, Ended: true})
			return named(found, err, platformSubject, name, at)
		},
		Knows: a.knownOfPlatform,
		Held: func(ctx context.Context, tx *db.Tx, by authz.Actor, w *recognition.Award, all []recognition.Award) error {
			return a.Technology.Awarded(ctx, tx, by, techplatform.ID(w.Subject.ID), platformTerms(all))
		},
	}
}

// knownOfPlatform is what the register and the service records say of a platform as
// of a day: years since it was founded, its instruments, and of the twelve months
// before the enterprises served, the services done, the share of them without a
// fee, and of the orders that were rated the share that was found good.
func (a *App) knownOfPlatform(ctx context.Context, r db.Reader, s recognition.Subject, day string) (map[string]recognition.Known, error) {
	d, err := a.Technology.Get(ctx, authz.Unbounded("its right is checked when it applies"), techplatform.ID(s.ID))
	if err != nil {
		return nil, err
	}
	to, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, err
	}
	did, err := techplatform.Did(ctx, r, d.ID, to.AddDate(-1, 0, 1).Format(time.DateOnly), day)
	if err != nil {
		return nil, err
	}
	used := 0
	for _, i := range d.Instruments {
		if !i.Ended {
			used++
		}
	}
	known := map[string]recognition.Known{
		"years": {Value: criteria.Int(yearsSince(d.Founded, to)), From: "register"}, "instruments": {Value: criteria.Int(used), From: "register"},
		"served": {Value: criteria.Int(did.Firms), From: "ledger"}, "reach": {Value: criteria.Int(did.Firms), From: "ledger"},
		"services": {Value: criteria.Int(did.Works), From: "ledger"},
	}
	if did.Works > 0 {
		known["public_share"] = recognition.Known{Value: criteria.Ratio(did.Free, did.Works), From: "ledger"}
	}
	if did.Rated > 0 {
		known["satisfaction"] = recognition.Known{Value: criteria.Ratio(did.Happy, did.Rated), From: "ledger"}
	}
	return known, nil
}

// yearsSince are the whole years from an ISO date to a day; 0 where it is none.
func yearsSince(iso string, to time.Time) int {
	from, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return 0
	}
	years := to.Year() - from.Year()
	if to.Format("01-02") < from.Format("01-02") {
		years--
	}
	return max(years, 0)
}

func baseSubject(b *techplatform.Base) recognition.Subject {
	return recognition.Subject{Kind: techplatform.BaseKind, ID: string(b.ID), Name: b.Name, Region: b.Region, Since: b.Since}
}

// baseSubjects are the specialty industry bases. Nobody runs one: the office of its
// place applies. Their titles stand among the awards alone.
func (a *App) baseSubjects() recognition.Subjects {
	return recognition.Subjects{
		Kind: techplatform.BaseKind,
		Mine: func(ctx context.Context, by authz.Actor, text string) ([]recognition.Subject, error) {
			all, err := a.Technology.Bases(ctx, a.Place)
			all = slices.DeleteFunc(all, func(b techplatform.Base) bool {
				return b.Ended != "" || !strings.Contains(b.Name, text) || !by.May(recognition.Apply, b.Target())
			})
			return db.As(all, baseSubject), err
		},
		Find: func(ctx context.Context, _ db.Reader, id string) (recognition.Subject, error) {
			b, _, err := a.Technology.Base(ctx, techplatform.BaseID(id))
			return baseSubject(&b), err
		},
		Named: func(ctx context.Context, _ db.Reader, name string, at region.Code) (recognition.Subject, error) {
			all, err := a.Technology.Bases(ctx, at)
			return named(all, err, baseSubject, name, at)
		},
		Knows: func(ctx context.Context, _ db.Reader, s recognition.Subject, day string) (map[string]recognition.Known, error) {
			b, served, err := a.Technology.Base(ctx, techplatform.BaseID(s.ID))
			if err != nil {
				return nil, err
			}
			to, err := time.Parse(time.DateOnly, day)
			return map[string]recognition.Known{
				"years":     {Value: criteria.Int(yearsSince(b.Since, to)), From: "register"},
				"platforms": {Value: criteria.Int(len(served)), From: "register"},
			}, err
		},
	}
}
