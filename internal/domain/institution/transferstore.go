package institution

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/xfer"
)

// known are the institutions that the rows may be about, by code and by name and
// place, with their terms and people.
func (s *Service) known(ctx context.Context, r db.Reader, rows []*xfer.Row) (map[string][]*known, error) {
	byKey := map[string][]*known{}
	for part := range slices.Chunk(rows, 500) {
		var codes, names []any
		for _, row := range part {
			l := row.Value.(*line)
			codes, names = append(codes, l.profile.Code), append(names, l.profile.Name)
		}
		day := s.today()
		args := slices.Concat([]any{day, day, day, day}, codes, names)
		var found []row
		if err := r.Select(ctx, &found, `SELECT `+institutionColumns+fromInstitution+`
			WHERE (i.code <> '' AND i.code IN (`+db.Marks(len(codes))+`)) OR i.name IN (`+db.Marks(len(names))+`)`, args...); err != nil {
			return nil, err
		}
		all := make([]*known, len(found))
		for n := range found {
			all[n] = &known{Institution: found[n].institution()}
		}
		if err := withMore(ctx, r, all); err != nil {
			return nil, err
		}
		for _, k := range all {
			for _, key := range []string{codeKey(k.Code), nameKey(k.Profile)} {
				if !slices.ContainsFunc(byKey[key], func(o *known) bool { return o.ID == k.ID }) && key != codeKey("") {
					byKey[key] = append(byKey[key], k)
				}
			}
		}
	}
	return byKey, nil
}

// withMore loads the terms and the people of institutions.
func withMore(ctx context.Context, r db.Reader, all []*known) error {
	if len(all) == 0 {
		return nil
	}
	ids, byID := make([]any, len(all)), map[string]*known{}
	for n, k := range all {
		ids[n], byID[string(k.ID)] = string(k.ID), k
	}
	var spans []struct {
		Institution string `db:"institution_id"`
		Term
	}
	if err := r.Select(ctx, &spans, `SELECT institution_id, id, tier, valid_from AS "from", valid_to AS "to", document FROM institution_term
		WHERE institution_id IN (`+db.Marks(len(ids))+`) ORDER BY valid_from, id`, ids...); err != nil {
		return err
	}
	for _, t := range spans {
		byID[t.Institution].terms = append(byID[t.Institution].terms, t.Term)
	}
	var people []struct {
		Institution string `db:"institution_id"`
		Person
	}
	if err := r.Select(ctx, &people, `SELECT institution_id, name, post, phone, email FROM institution_contact
		WHERE institution_id IN (`+db.Marks(len(ids))+`) ORDER BY institution_id, position`, ids...); err != nil {
		return err
	}
	for _, p := range people {
		byID[p.Institution].people = append(byID[p.Institution].people, p.Person)
	}
	return nil
}

func (i *importer) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	for _, r := range rows {
		l := r.Value.(*line)
		on := l.next.Target()
		if l.old != nil {
			on = l.old.Target()
		}
		for _, do := range l.steps {
			if err := b.Add(&gate.Change{
				By: i.by, Do: do, On: on, Record: gate.Record{Kind: Record, ID: string(l.next.ID)},
				Detail: map[string]any{"import": true},
			}); err != nil {
				return err
			}
		}
		land := i.enter
		if l.old != nil {
			land = i.amend
		}
		if err := land(ctx, tx, l); err != nil {
			return err
		}
	}
	return nil
}

// enter writes a new institution with its terms, and counts it since it is on
// the register.
func (i *importer) enter(ctx context.Context, tx *db.Tx, l *line) error {
	next := l.next
	if next.Since == "" {
		next.Since = i.s.today()
	}
	if err := taken(insert(ctx, tx, &next)); err != nil {
		return err
	}
	for _, do := range l.steps[1:] {
		if err := i.part(ctx, tx, l, do, &next); err != nil {
			return err
		}
	}
	after, err := standingOf(ctx, tx, &next)
	if err != nil {
		return err
	}
	return i.s.count(ctx, tx, next.ID, &standing{}, after, "")
}

// amend takes an institution through the steps that its row asks for, each as
// its page does.
func (i *importer) amend(ctx context.Context, tx *db.Tx, l *line) error {
	now := l.old.Institution
	for _, do := range l.steps {
		from := i.s.today()
		if do == End || do == SetTier || do == SetDemonstration {
			from = "" // they hold from their own day on
		}
		if err := i.s.alter(ctx, tx, &now, from, func(ctx context.Context, tx *db.Tx, now *Institution) error {
			return i.part(ctx, tx, l, do, now)
		}); err != nil {
			return err
		}
	}
	return nil
}

// part does one step of a row.
func (i *importer) part(ctx context.Context, tx *db.Tx, l *line, do authz.Permission, now *Institution) error {
	switch do {
	case Edit:
		now.Profile = l.next.Profile
	case Publish:
		now.Published = l.next.Published
	case End:
		now.Ended, now.Published = l.next.Ended, false
	case SetTier:
		return addTerm(ctx, tx, now.ID, false, l.tier)
	case SetDemonstration:
		c := gate.Change{
			By: i.by, Do: do, On: now.Target(), Record: gate.Record{Kind: Record, ID: string(now.ID)}, Detail: map[string]any{"import": true},
		}
		return i.s.award(ctx, tx, c, now, l.shown)
	case SetContacts:
		people := []Person{l.person}
		if l.old != nil && len(l.old.people) > 1 {
			people = append(people, l.old.people[1:]...)
		}
		return putPeople(ctx, tx, now.ID, people)
	}
	return nil
}

// Export writes the institutions that the filter finds within the actor's reach,
// by name, those off the register too (导出服务机构名录). With contacts the first
// person to speak to is in it where the actor has the right to that, Denied when
// nowhere; each institution's trail says that they were read.
func (s *Service) Export(ctx context.Context, by authz.Actor, f Filter, contacts bool, put func(cells []string) error) error {
	if contacts && !by.Somewhere(ExportContacts) {
		return fault.Closed()
	}
	return db.Pages(func(page db.Page) ([]Institution, string, error) { return s.List(ctx, by.Scope(See), f, page) }, func(list []Institution) error {
		all, read := make([]*known, len(list)), map[gate.Record]authz.Target{}
		for n := range list {
			all[n] = &known{Institution: list[n]}
		}
		if err := withMore(ctx, s.db, all); err != nil {
			return err
		}
		for _, k := range all {
			switch {
			case !contacts || !by.May(ExportContacts, k.Target()):
				k.people = nil
			case len(k.people) > 0:
				read[gate.Record{Kind: Record, ID: string(k.ID)}] = k.Target()
			}
		}
		if err := xfer.Read(ctx, s.gate, by, ExportContacts, "contacts", read); err != nil {
			return err
		}
		for _, k := range all {
			if err := put(k.cells(s.today())); err != nil {
				return err
			}
		}
		return nil
	})
}

// cells is an institution in the order of the Table's columns, with the tier and
// the recognition that hold on the day.
func (k *known) cells(day string) []string {
	var tier, shown Term
	for _, t := range k.terms {
		switch {
		case !t.On(day):
		case t.Tier == NoTier:
			shown = t
		default:
			tier = t
		}
	}
	published, capital := no, ""
	if k.Published {
		published = yes
	}
	if k.Capital != 0 {
		capital = xfer.Yuan(&k.Capital)
	}
	var person Person
	if len(k.people) > 0 {
		person = k.people[0]
	}
	return []string{
		k.Name, k.Code, string(k.Region), xfer.Joined(k.Kinds), string(k.Level), k.Founded, k.Since, capital, k.About, k.Address,
		k.Website, published, k.Ended, string(tier.Tier), tier.From, tier.To, tier.Document, shown.From, shown.To, shown.Document,
		person.Name, person.Post, person.Phone, person.Email,
	}
}
