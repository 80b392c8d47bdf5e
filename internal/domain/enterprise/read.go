package enterprise

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/gate"
)

// Get is one enterprise within what the actor may see.
func (s *Service) Get(ctx context.Context, by authz.Actor, id ID) (Enterprise, error) {
	return Load(ctx, s.db, by.Scope(View), id)
}

// List is a page of what the actor may see, with the next page's cursor.
func (s *Service) List(ctx context.Context, by authz.Actor, f Filter, page db.Page) ([]Enterprise, string, error) {
	return Select(ctx, s.db, by.Scope(View), s.canonical(f), page)
}

// Count is how many the actor may see of what the filter finds.
func (s *Service) Count(ctx context.Context, by authz.Actor, f Filter) (int, error) {
	return Count(ctx, s.db, by.Scope(View), s.canonical(f))
}

func (s *Service) canonical(f Filter) Filter {
	if ind, ok := s.standard.Canonical(f.Industry); ok {
		f.Industry = ind
	}
	return f
}

// Industry is a code of GB/T 4754-2017 as it is written, C17 for 17, and whether
// there is one such.
func (s *Service) Industry(code string) (string, bool) {
	ind, ok := s.standard.Canonical(Industry{"2017", code})
	return ind.Code, ok
}

// Contact is the person to speak to. Every reading stands in the audit trail.
func (s *Service) Contact(ctx context.Context, by authz.Actor, id ID) (Contact, error) {
	e, err := s.Get(ctx, by, id)
	if err != nil {
		return Contact{}, err
	}
	c := gate.Change{By: by, Do: ViewContact, On: e.Target(), Record: gate.Record{Kind: Kind, ID: string(id)}}
	if err := s.gate.Disclose(ctx, &c, "contact"); err != nil {
		return Contact{}, err
	}
	return loadContact(ctx, s.db, id)
}

// Years are the figures of every year known, the newest first.
func (s *Service) Years(ctx context.Context, by authz.Actor, id ID) ([]Year, error) {
	if _, err := s.Get(ctx, by, id); err != nil {
		return nil, err
	}
	return loadYears(ctx, s.db, id)
}

// SetYear records the figures of a year; y.Version is 0 for a new year and the
// version read for a correction. The size class follows.
func (s *Service) SetYear(ctx context.Context, by authz.Actor, id ID, y Year) error {
	e, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	c := gate.Change{
		By: by, Do: Edit, On: e.Target(), Record: gate.Record{Kind: Kind, ID: string(id)},
		Detail: map[string]any{"year": y.Year, "source": y.Source},
	}
	if err := gate.Check(&c); err != nil {
		return err
	}
	if err := checkYear(y, dayOf(s.db.Now())); err != nil {
		return err
	}
	if e.AliasOf != "" || e.Status == Closed {
		_, err := stepOf(e, Edit)
		return err
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	y.Via = ""
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := putYear(ctx, tx, id, y, by.ID); err != nil {
			return err
		}
		return s.refresh(ctx, tx, id, rules)
	})
}
