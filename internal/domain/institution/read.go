package institution

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Detail is all that a page about one institution shows, without its people.
type Detail struct {
	Institution
	Offerings []Offering
	Terms     []Term       // of tiers and recognitions, oldest first
	Tasks     []Task       // newest year first
	Files     []files.File // its documents, oldest first; not public
}

// Get is the institution if the scope reaches it, else NotFound.
func (s *Service) Get(ctx context.Context, scope authz.Scope, id ID) (Detail, error) {
	d, err := s.detail(ctx, scope, id)
	if err == nil {
		d.Files, err = files.Of(ctx, s.db, d.papers().Record)
	}
	return d, err
}

// detail is all of it but its documents.
func (s *Service) detail(ctx context.Context, scope authz.Scope, id ID) (Detail, error) {
	var d Detail
	var err error
	if d.Institution, err = one(ctx, s.db, scope, id, s.today()); err != nil {
		return Detail{}, err
	}
	if d.Offerings, err = offerings(ctx, s.db, id); err != nil {
		return Detail{}, err
	}
	if d.Terms, err = terms(ctx, s.db, id); err != nil {
		return Detail{}, err
	}
	d.Tasks, err = tasks(ctx, s.db, id)
	return d, err
}

// Published is the institution as the portal shows it: its services that are on
// offer. NotFound while it is not published.
func (s *Service) Published(ctx context.Context, id ID) (Detail, error) {
	d, err := s.detail(ctx, authz.Unbounded("published institutions are public"), id)
	if err != nil {
		return Detail{}, err
	}
	if !d.Published {
		return Detail{}, fault.Missing()
	}
	var open []Offering
	for _, o := range d.Offerings {
		if !o.Ended {
			open = append(open, o)
		}
	}
	d.Offerings, d.Tasks = open, nil
	return d, nil
}

// List is a page of institutions by name, with the cursor of the next page.
func (s *Service) List(ctx context.Context, scope authz.Scope, f Filter, page db.Page) ([]Institution, string, error) {
	return many(ctx, s.db, scope, f, page, s.today())
}

// Public is a page of the published institutions, for the portal.
func (s *Service) Public(ctx context.Context, f Filter, page db.Page) ([]Institution, string, error) {
	f.Published, f.Ended = true, false
	return many(ctx, s.db, authz.Unbounded("published institutions are public"), f, page, s.today())
}

// Count is how many institutions the filter finds within the scope.
func (s *Service) Count(ctx context.Context, scope authz.Scope, f Filter) (int, error) {
	return count(ctx, s.db, scope, f, s.today())
}

// CountPublic is how many published institutions the filter finds.
func (s *Service) CountPublic(ctx context.Context, f Filter) (int, error) {
	f.Published, f.Ended = true, false
	return count(ctx, s.db, authz.Unbounded("published institutions are public"), f, s.today())
}

// CountByCounty is how many published institutions sit in each county below the
// region. Those of the city itself, at no county's place, are under its code.
func (s *Service) CountByCounty(ctx context.Context, within region.Code) (map[region.Code]int, error) {
	var rows []struct {
		County region.Code `db:"county"`
		N      int         `db:"n"`
	}
	span := within.Span()
	err := s.db.Select(ctx, &rows, `SELECT substr(region, 1, 6) AS county, COUNT(*) AS n FROM institution
		WHERE region >= ? AND region < ? AND published = 1 AND (ended = '' OR ended > ?) GROUP BY substr(region, 1, 6)`,
		span.From, span.To, s.today())
	counts := make(map[region.Code]int, len(rows))
	for _, r := range rows {
		counts[r.County] = r.N
	}
	return counts, err
}

// Contacts are the people to speak to. Whoever is not the institution itself
// leaves a trace by reading them.
func (s *Service) Contacts(ctx context.Context, by authz.Actor, id ID) ([]Person, error) {
	i, err := s.reach(ctx, by, id, SeeContacts)
	if err != nil {
		return nil, err
	}
	c := gate.Change{By: by, Do: SeeContacts, On: i.Target(), Record: gate.Record{Kind: Record, ID: string(id)}}
	own := by.May(SeeContacts, authz.Target{}.Of(authz.Institution, string(id)))
	if !own {
		if err := s.gate.Disclose(ctx, &c, "contacts"); err != nil {
			return nil, err
		}
	}
	return people(ctx, s.db, id)
}

// Names are the names of institutions by id; unknown ids are left out. It is for
// other domains' records that the reader may already see.
func Names(ctx context.Context, r db.Reader, ids ...string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	marks, args := "", make([]any, len(ids))
	for i, id := range ids {
		marks += ",?"
		args[i] = id
	}
	var rows []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	err := r.Select(ctx, &rows, `SELECT id, name FROM institution WHERE id IN (`+marks[1:]+`)`, args...)
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, err
}

// Named are the institutions that a table calls by their full names, as far as the
// scope reaches, by name; a name that several of them have is left out.
func Named(ctx context.Context, r db.Reader, s authz.Scope, day ledger.Date, names ...string) (map[string]Institution, error) {
	where, args := s.SQL(columns())
	found := map[string]Institution{}
	var several []string
	for part := range slices.Chunk(names, 500) {
		values := []any{string(day), string(day), string(day), string(day)}
		for _, name := range part {
			values = append(values, name)
		}
		var rows []row
		if err := r.Select(ctx, &rows, `SELECT `+institutionColumns+fromInstitution+` WHERE i.name IN (`+db.Marks(len(part))+`) AND `+where,
			append(values, args...)...); err != nil {
			return nil, err
		}
		for n := range rows {
			i := rows[n].institution()
			if was, ok := found[i.Name]; ok && was.ID != i.ID {
				several = append(several, i.Name)
			}
			found[i.Name] = i
		}
	}
	for _, name := range several {
		delete(found, name)
	}
	return found, nil
}

// Called are the institutions on the register that somebody means by a name, as
// far as the scope reaches: the one of that full name, else all whose names
// contain it, at most 200, by name.
func (s *Service) Called(ctx context.Context, scope authz.Scope, name string) ([]Institution, error) {
	day := s.today()
	exact, err := Named(ctx, s.db, scope, ledger.Date(day), name)
	if err != nil {
		return nil, err
	}
	if i, ok := exact[name]; ok && (i.Ended == "" || i.Ended > day) {
		return []Institution{i}, nil
	}
	all, _, err := s.List(ctx, scope, Filter{Text: name}, db.Page{Limit: 200})
	return slices.DeleteFunc(all, func(i Institution) bool { return !strings.Contains(i.Name, name) }), err
}

// On is the institution as it stood on a day, whoever asks: what another domain
// needs to count what it did. NotFound when there is none.
func On(ctx context.Context, r db.Reader, id ID, day ledger.Date) (Institution, error) {
	return one(ctx, r, authz.Unbounded("counted, not shown"), id, string(day))
}
