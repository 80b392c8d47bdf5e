package techplatform

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// BaseTable is the specialty industry bases as a spreadsheet (特色产业基地). A base is
// known by its name and place.
func BaseTable() *xfer.Table {
	return &xfer.Table{Name: "industry-base", Title: "tech.table.base", Columns: []xfer.Column{
		{Key: "base", Label: "tech.column.base_name", Required: true, Example: "射阳县纺织产业基地"},
		{Key: "region", Label: "tech.column.region", Type: xfer.Place, Required: true, Example: "320924"},
		{Key: "industry", Label: "tech.form.industry", Required: true, Example: "纺织"},
		{Key: "since", Label: "tech.column.since", Type: xfer.Date, Required: true, Example: "2006-01-01"},
		{Key: "ended", Label: "tech.column.base_ended", Type: xfer.Date},
		{Key: "about", Label: "tech.form.about"},
	}}
}

// LinkTable is which platforms serve which bases, as a spreadsheet (基地配套平台).
func LinkTable() *xfer.Table {
	return &xfer.Table{Name: "base-platform", Title: "tech.table.link", Columns: []xfer.Column{
		{Key: "base", Label: "tech.column.base_name", Required: true, Example: "射阳县纺织产业基地"},
		{Key: "platform", Label: "tech.column.platform", Required: true, Example: "射阳县纺织技术服务平台"},
		{Key: "functions", Label: "tech.form.functions", Type: xfer.Choices, Required: true, Options: xfer.OptionsOf(Functions())},
		{Key: "since", Label: "tech.column.linked", Type: xfer.Date, Required: true, Example: "2007-01-01"},
	}}
}

// basesCalled are the bases of a name within the scope.
func (s *Service) basesCalled(ctx context.Context, scope authz.Scope, name string) ([]Base, error) {
	where, args := scope.SQL(authz.Columns{Region: "b.region"})
	var rows []baseRow
	err := s.db.Select(ctx, &rows, `SELECT `+baseColumns+` FROM techplatform_base b WHERE b.name = ? AND `+where+` ORDER BY b.id LIMIT 9`,
		append([]any{name}, args...)...)
	return db.As(rows, (*baseRow).base), err
}

// baseCalled is the base that a row names, zero when there is not exactly one within
// the scope.
func (s *Service) baseCalled(ctx context.Context, scope authz.Scope, r *xfer.Row, name string) (Base, error) {
	all, err := s.basesCalled(ctx, scope, name)
	if err == nil && len(all) == 1 {
		return all[0], nil
	}
	if !r.Bad.Has("base") {
		r.Break("base", "tech.import.base", "value", name)
	}
	return Base{}, err
}

// ImportBases lands rows of BaseTable as an actor (导入特色产业基地), as AddBase and
// EditBase do.
func (s *Service) ImportBases(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, SetBase, func(r *xfer.Row) Base {
		b := Base{
			Name: r.Text("base"), Region: r.Place("region"), Industry: r.Text("industry"), Since: r.Day("since"), Ended: r.Day("ended"), About: r.Text("about"),
		}
		r.Keys = []string{string(b.Region) + " " + b.Name}
		return b
	}, (*Service).takeBase)
}

func (s *Service) takeBase(ctx context.Context, by authz.Actor, r *xfer.Row, in Base) error {
	if !by.May(SetBase, in.Target()) && !r.Bad.Has("region") {
		r.Break("region", "xfer.row.foreign", "value", string(in.Region))
	}
	all, err := s.basesCalled(ctx, by.Scope(SetBase), in.Name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(b Base) bool { return b.Region == in.Region })
	if i < 0 {
		r.Outcome = xfer.New
		_, err = s.AddBase(ctx, by, in, "")
		return xfer.Columns(err, "name", "base")
	}
	was := all[i]
	r.Keep(map[string]func(){"ended": func() { in.Ended = was.Ended }, "about": func() { in.About = was.About }})
	if in.Industry == was.Industry && in.Since == was.Since && in.Ended == was.Ended && in.About == was.About {
		r.Outcome = xfer.Unchanged
		return nil
	}
	r.Outcome = xfer.Changed
	_, err = s.EditBase(ctx, by, was.ID, was.Version, in)
	return xfer.Columns(err, "name", "base")
}

// eachBase goes through the bases of a place that the actor sees.
func (s *Service) eachBase(ctx context.Context, by authz.Actor, at region.Code, do func(*Base) error) error {
	all, err := s.Bases(ctx, at)
	scope := by.Scope(See)
	for i := range all {
		if err == nil && scope.Reaches(all[i].Target()) {
			err = do(&all[i])
		}
	}
	return err
}

// ExportBases writes the bases within the actor's reach (导出特色产业基地).
func (s *Service) ExportBases(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	return s.eachBase(ctx, by, at, func(b *Base) error {
		return put([]string{b.Name, string(b.Region), b.Industry, b.Since, b.Ended, b.About})
	})
}

// linkLine is what a row of LinkTable says.
type linkLine struct {
	base, platform string
	link           Link
}

// ImportLinks lands rows of LinkTable as an actor (导入基地配套平台), as LinkPlatform does.
func (s *Service) ImportLinks(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, SetBase, func(r *xfer.Row) linkLine {
		l := linkLine{base: r.Text("base"), platform: r.Text("platform"), link: Link{Since: r.Day("since")}}
		for _, f := range r.Picks("functions") {
			l.link.Functions = append(l.link.Functions, Function(f))
		}
		r.Keys = []string{l.base + "\x00" + l.platform}
		return l
	}, (*Service).takeLink)
}

func (s *Service) takeLink(ctx context.Context, by authz.Actor, r *xfer.Row, l linkLine) error {
	b, err := s.baseCalled(ctx, by.Scope(SetBase), r, l.base)
	if err != nil {
		return err
	}
	p, err := s.named(ctx, by.Scope(See), r, l.platform)
	if err != nil || b.ID == "" || p.ID == "" {
		return err
	}
	l.link.Platform = p.ID
	on, err := links(ctx, s.db, `l.base_id = ? AND l.platform_id = ?`, string(b.ID), string(p.ID))
	if err != nil {
		return err
	}
	r.Outcome = xfer.New
	if len(on) > 0 {
		r.Outcome = xfer.Changed
		if list(on[0].Functions) == list(l.link.Functions) && on[0].Since == l.link.Since {
			r.Outcome = xfer.Unchanged
			return nil
		}
	}
	_, err = s.LinkPlatform(ctx, by, b.ID, b.Version, l.link)
	return err
}

// ExportLinks writes which platforms serve the bases within the actor's reach
// (导出基地配套平台).
func (s *Service) ExportLinks(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	var bases []Base
	var ids []any
	err := s.eachBase(ctx, by, at, func(b *Base) error {
		bases, ids = append(bases, *b), append(ids, string(b.ID))
		return nil
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	all, err := links(ctx, s.db, `l.base_id IN (`+db.Marks(len(ids))+`)`, ids...)
	of := db.Grouped(all, func(l *Link) (BaseID, Link) { return l.Base, *l })
	for _, b := range bases {
		for _, l := range of[b.ID] {
			if err == nil {
				err = put([]string{b.Name, l.Name, xfer.Joined(l.Functions), l.Since})
			}
		}
	}
	return err
}
