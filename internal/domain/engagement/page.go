package engagement

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// Page says which part of a list is wanted; it is the lists' own type, for
// pages, which do not know the database.
type Page = db.Page

// Check tells everything that Post would find wrong with a posting, without
// posting it: a form in steps asks after each. Nothing is looked up.
func (s *Service) Check(in Posting) fault.Fields {
	f := in.Content.check(flow.DayOf(s.db.Now()))
	in.Contact.check(&f)
	if in.Enterprise == "" && !in.Region.Valid() {
		f.Add("region", "field.choice")
	}
	return f
}

// Count is how many needs List finds in all.
func (s *Service) Count(ctx context.Context, scope authz.Scope, f Filter) (int, error) {
	where, args := scope.SQLWithin(f.Region, columns())
	more, values := f.sql(s.life)
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM need n WHERE `+where+more, append(args, values...)...)
	return n, err
}
