package techplatform

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// PlatformTable is the technology platforms as a spreadsheet (技术平台), each with the
// level of today. A platform is known by its name and place.
func PlatformTable() *xfer.Table {
	return &xfer.Table{Name: "technology-platform", Title: "tech.table.platform", Columns: []xfer.Column{
		{Key: "name", Label: "tech.column.platform", Required: true, Example: "科行公司技术平台"},
		{Key: "region", Label: "tech.column.region", Type: xfer.Place, Required: true, Example: "320924100"},
		{Key: "kind", Label: "tech.form.kind", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Kinds())},
		{Key: "institution", Label: "tech.column.institution", Required: true, Hint: "tech.column.institution_hint"},
		{Key: "base", Label: "tech.column.base", Hint: "tech.column.base_hint"},
		{Key: "functions", Label: "tech.form.functions", Type: xfer.Choices, Required: true, Options: xfer.OptionsOf(Functions())},
		{Key: "industry", Label: "tech.form.industry", Required: true, Example: "纺织"},
		{Key: "founded", Label: "tech.form.founded", Type: xfer.Date, Required: true, Example: "2006-05-01"},
		{Key: "address", Label: "tech.form.address"},
		{Key: "about", Label: "tech.form.about"},
		{Key: "level", Label: "tech.column.level", Type: xfer.Choice, Options: xfer.OptionsOf(Levels()), Hint: "tech.column.level_hint"},
		{Key: "level_from", Label: "tech.column.level_from", Type: xfer.Date},
		{Key: "level_to", Label: "tech.column.level_to", Type: xfer.Date},
		{Key: "level_document", Label: "tech.column.level_document"},
		{Key: "published", Label: "tech.column.published", Type: xfer.YesNo},
		{Key: "ended", Label: "tech.column.ended", Type: xfer.Date},
	}}
}

// within is the same use cases as part of a transaction that is under way.
func (s *Service) within(in *gate.Gate) *Service {
	own := *s
	own.gate, own.db = in, in.DB()
	return &own
}

// steps is an importer whose rows are taken by use cases of a transaction.
func steps[L any](s *Service, by authz.Actor, do authz.Permission, read func(*xfer.Row) L,
	take func(s *Service, ctx context.Context, by authz.Actor, r *xfer.Row, l L) error,
) (xfer.Importer, error) {
	return xfer.ByUseCases(s.gate, by, do, read, func(ctx context.Context, in *gate.Gate, r *xfer.Row, l L) error {
		return take(s.within(in), ctx, by, r, l)
	})
}

// called are the platforms of a name within the scope.
func (s *Service) called(ctx context.Context, scope authz.Scope, name string) ([]Platform, error) {
	where, args := scope.SQL(platformScope())
	var rows []platformRow
	err := s.db.Select(ctx, &rows, `SELECT `+platformColumns+fromPlatform+` WHERE p.name = ? AND `+where+` ORDER BY p.id LIMIT 9`,
		append([]any{s.today(), s.today(), name}, args...)...)
	return db.As(rows, (*platformRow).platform), err
}

// named is the platform that a row names, zero when there is not exactly one within
// the scope.
func (s *Service) named(ctx context.Context, scope authz.Scope, r *xfer.Row, name string) (Platform, error) {
	all, err := s.called(ctx, scope, name)
	switch {
	case err != nil || len(all) == 1 || r.Bad.Has("platform"):
	case len(all) == 0:
		r.Break("platform", "tech.import.platform", "value", name)
	default:
		r.Break("platform", "tech.import.several", "value", name)
	}
	if len(all) != 1 {
		return Platform{}, err
	}
	return all[0], err
}

// platformLine is what a row of PlatformTable says.
type platformLine struct {
	profile           Profile
	institution, base string
	level             Term
	shown, says       bool // says whether the row says so
	ended             string
}

// ImportPlatforms lands rows of PlatformTable as an actor (导入技术平台), as Register,
// Edit, SetLevel, Publish and End do.
func (s *Service) ImportPlatforms(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Register, func(r *xfer.Row) platformLine {
		l := platformLine{
			institution: r.Text("institution"), base: r.Text("base"), ended: r.Day("ended"),
			level: Term{Level: Level(r.Pick("level")), From: r.Day("level_from"), To: r.Day("level_to"), Document: r.Text("level_document")},
			profile: Profile{
				Name: r.Text("name"), Kind: Kind(r.Pick("kind")), Region: r.Place("region"), Industry: r.Text("industry"), Founded: r.Day("founded"),
				Address: r.Text("address"), About: r.Text("about"),
			},
		}
		for _, f := range r.Picks("functions") {
			l.profile.Functions = append(l.profile.Functions, Function(f))
		}
		l.shown, l.says = r.Yes("published")
		if l.shown && l.ended != "" {
			r.Break("published", "tech.import.published")
		}
		if l.level != (Term{}) {
			if l.level.Level == NoLevel && !r.Bad.Has("level") {
				r.Break("level", "field.required")
			}
			r.BreakAll("level_", l.level.check())
		}
		r.Keys = []string{string(l.profile.Region) + " " + l.profile.Name}
		return l
	}, (*Service).takePlatform)
}

func (s *Service) takePlatform(ctx context.Context, by authz.Actor, r *xfer.Row, l platformLine) error {
	if !by.May(Register, authz.At(l.profile.Region)) && !r.Bad.Has("region") {
		r.Break("region", "xfer.row.foreign", "value", string(l.profile.Region))
	}
	if err := s.partners(ctx, r, &l); err != nil {
		return err
	}
	all, err := s.called(ctx, by.Scope(Register), l.profile.Name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(p Platform) bool { return p.Region == l.profile.Region })
	var p Platform
	if i < 0 {
		r.Outcome = xfer.New
		p, err = s.Register(ctx, by, l.profile, nil, "")
	} else {
		p, err = s.amend(ctx, by, r, l.profile, all[i])
	}
	if err != nil {
		return err
	}
	return s.further(ctx, by, r, l, p)
}

// partners finds the institution and the base that a row names.
func (s *Service) partners(ctx context.Context, r *xfer.Row, l *platformLine) error {
	known, err := institution.Named(ctx, s.db, authz.Unbounded("a platform names who runs it"), ledger.Date(s.today()), l.institution)
	if err != nil {
		return err
	}
	if l.profile.Institution = known[l.institution].ID; l.profile.Institution == "" && !r.Bad.Has("institution") {
		r.Break("institution", "tech.import.institution", "value", l.institution)
	}
	if l.base == "" {
		return nil
	}
	b, err := s.baseCalled(ctx, authz.Unbounded("bases are public"), r, l.base)
	l.profile.Base = string(b.ID)
	return err
}

// amend is what a row changes of the profile of a platform that is on file.
func (s *Service) amend(ctx context.Context, by authz.Actor, r *xfer.Row, in Profile, was Platform) (Platform, error) {
	r.Outcome = xfer.Unchanged
	r.Keep(map[string]func(){
		"base": func() { in.Base = was.Base }, "address": func() { in.Address = was.Address }, "about": func() { in.About = was.About },
	})
	if in.same(&was.Profile) {
		return was, nil
	}
	r.Outcome = xfer.Changed
	return s.Edit(ctx, by, was.ID, was.Version, in)
}

// same reports whether a profile says the same.
func (p *Profile) same(o *Profile) bool {
	return list(p.Functions) == list(o.Functions) && p.Name == o.Name && p.Kind == o.Kind && p.Institution == o.Institution && p.Base == o.Base &&
		p.Industry == o.Industry && p.Region == o.Region && p.Founded == o.Founded && p.Address == o.Address && p.About == o.About
}

// further takes the steps of a row that follow its profile: level, portal, end.
func (s *Service) further(ctx context.Context, by authz.Actor, r *xfer.Row, l platformLine, p Platform) (err error) {
	changes := func() {
		if r.Outcome == xfer.Unchanged {
			r.Outcome = xfer.Changed
		}
	}
	has, err := terms(ctx, s.db, p.ID)
	if err != nil {
		return err
	}
	onFile := slices.ContainsFunc(has, func(t Term) bool { t.ID = ""; return t == l.level })
	if l.level.Level != NoLevel && !onFile {
		changes()
		p, err = s.SetLevel(ctx, by, p.ID, p.Version, l.level)
		if fault.Is(err, fault.Denied) {
			r.Break("level", "xfer.row.right")
			return nil
		}
		if err != nil {
			return xfer.Columns(err, "from", "level_from", "to", "level_to", "document", "level_document")
		}
	}
	if l.says && l.shown != p.Published {
		changes()
		if p, err = s.Publish(ctx, by, p.ID, p.Version, l.shown); err != nil {
			return err
		}
	}
	switch {
	case l.ended == p.Ended, l.ended == "" && !r.Has("ended"):
		return nil
	case p.Ended != "":
		r.Break("ended", "tech.import.back")
		return nil
	}
	changes()
	_, err = s.End(ctx, by, p.ID, p.Version, l.ended, text.Zh.T("tech.import.ended"))
	return xfer.Columns(err, "day", "ended")
}

// each goes through the platforms within the actor's reach, with what is read of each:
// once for a page of them.
func each[T any](ctx context.Context, s *Service, by authz.Actor, at region.Code,
	read func(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]T, error), do func(p *Platform, all []T) error,
) error {
	return db.Pages(func(page db.Page) ([]Platform, string, error) {
		return s.List(ctx, by.Scope(See), Filter{Region: at, Ended: true}, page)
	}, func(list []Platform) error {
		ids := make([]ID, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		all, err := read(ctx, s.db, ids...)
		for i := range list {
			if err == nil {
				err = do(&list[i], all[list[i].ID])
			}
		}
		return err
	})
}

// ExportPlatforms writes the platforms within the actor's reach (导出技术平台).
func (s *Service) ExportPlatforms(ctx context.Context, by authz.Actor, at region.Code, lang text.Lang, put func(cells []string) error) error {
	type of struct{ institution, base string }
	names := map[ID]of{}
	read := func(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]Term, error) {
		type row struct {
			ID          ID
			Institution string
			Base        string
		}
		rows, err := db.InAll[row](ctx, r, ids, `SELECT p.id, COALESCE(i.name, '') AS institution, COALESCE(b.name, '') AS base FROM techplatform p
			LEFT JOIN institution i ON i.id = p.institution_id LEFT JOIN techplatform_base b ON b.id = p.base_id WHERE p.id IN (?)`)
		for _, x := range rows {
			names[x.ID] = of{x.Institution, x.Base}
		}
		if err != nil {
			return nil, err
		}
		return termsOf(ctx, r, ids...)
	}
	return each(ctx, s, by, at, read, func(p *Platform, all []Term) error {
		var level Term
		if i := slices.IndexFunc(all, func(t Term) bool { return t.On(s.today()) }); i >= 0 {
			level = all[i]
		}
		return put([]string{
			p.Name, string(p.Region), string(p.Kind), names[p.ID].institution, names[p.ID].base, xfer.Joined(p.Functions), p.Industry, p.Founded,
			p.Address, p.About, string(level.Level), level.From, level.To, level.Document, xfer.Bool(p.Published, lang), p.Ended,
		})
	})
}
