package institution

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/xfer"
)

// Table is the register as a spreadsheet (服务机构名录): the profile, the tier and
// the recognition of today, and the first of the people to speak to.
func Table() *xfer.Table {
	return &xfer.Table{Name: Record, Title: "institution.table", Columns: []xfer.Column{
		{Key: "name", Label: "institution.column.name", Required: true, Example: "射阳县中小企业服务中心"},
		{Key: "code", Label: "institution.column.code", Type: xfer.Code, Hint: "institution.column.code_hint"},
		{Key: "region", Label: "institution.column.region", Type: xfer.Place, Required: true, Example: "320924"},
		{Key: "kinds", Label: "institution.column.kinds", Type: xfer.Choices, Required: true, Options: xfer.OptionsOf(Kinds()), Hint: "institution.column.kinds_hint"},
		{Key: "level", Label: "institution.column.level", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Levels())},
		{Key: "founded", Label: "institution.column.founded", Type: xfer.Date, Example: "1999-06-01"},
		{Key: "since", Label: "institution.column.since", Type: xfer.Date, Hint: "institution.column.since_hint"},
		{Key: "capital", Label: "institution.column.capital", Type: xfer.Money, Example: "50000000"},
		{Key: "about", Label: "institution.column.about"},
		{Key: "address", Label: "institution.column.address"},
		{Key: "website", Label: "institution.column.website"},
		{Key: "published", Label: "institution.column.published", Type: xfer.Choice, Options: []xfer.Option{{Value: yes, Label: "xfer.yes"}, {Value: no, Label: "xfer.no"}}},
		{Key: "ended", Label: "institution.column.ended", Type: xfer.Date},
		{Key: "tier", Label: "institution.column.tier", Type: xfer.Choice, Options: xfer.OptionsOf(Tiers()), Hint: "institution.column.tier_hint"},
		{Key: "tier_from", Label: "institution.column.tier_from", Type: xfer.Date},
		{Key: "tier_to", Label: "institution.column.tier_to", Type: xfer.Date, Hint: "institution.column.to_hint"},
		{Key: "tier_document", Label: "institution.column.tier_document"},
		{Key: "demonstration_from", Label: "institution.column.demonstration_from", Type: xfer.Date, Hint: "institution.column.demonstration_hint"},
		{Key: "demonstration_to", Label: "institution.column.demonstration_to", Type: xfer.Date, Hint: "institution.column.to_hint"},
		{Key: "demonstration_document", Label: "institution.column.demonstration_document"},
		{Key: "contact_name", Label: "institution.column.contact_name", Hint: "institution.column.contact_hint"},
		{Key: "contact_post", Label: "institution.column.contact_post"},
		{Key: "contact_phone", Label: "institution.column.contact_phone", Type: xfer.Code},
		{Key: "contact_email", Label: "institution.column.contact_email"},
	}}
}

// How published stands in a cell.
const (
	yes = "yes"
	no  = "no"
)

// Import lands rows of Table as an actor (导入服务机构名录). A row is known by its
// code, without one by its name and place.
func (s *Service) Import(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Register) {
		return nil, fault.Closed()
	}
	i := &importer{s: s, by: by}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, nil
}

type importer struct {
	xfer.Land
	s  *Service
	by authz.Actor
}

// line is what a row says, and once it is sorted what it changes.
type line struct {
	profile   Profile
	published string // "" when the row does not say
	ended     string
	tier      Term // Tier is NoTier when the row does not say
	shown     Term // From is "" when the row does not say
	person    Person

	old   *known
	next  Institution
	steps []authz.Permission // what it takes, in the order in which it is done
}

func (i *importer) Prepare(r *xfer.Row) {
	l := &line{
		profile: Profile{
			Name: r.Text("name"), Code: r.Code("code"), Region: r.Place("region"), Level: Level(r.Pick("level")),
			Founded: r.Day("founded"), Since: r.Day("since"), About: r.Text("about"), Address: r.Text("address"), Website: r.Text("website"),
		},
		published: r.Pick("published"), ended: r.Day("ended"),
		tier:   Term{Tier: Tier(r.Pick("tier")), From: r.Day("tier_from"), To: r.Day("tier_to"), Document: r.Text("tier_document")},
		shown:  Term{From: r.Day("demonstration_from"), To: r.Day("demonstration_to"), Document: r.Text("demonstration_document")},
		person: Person{Name: r.Text("contact_name"), Post: r.Text("contact_post"), Phone: r.Code("contact_phone"), Email: r.Text("contact_email")},
	}
	for _, k := range r.Picks("kinds") {
		l.profile.Kinds = append(l.profile.Kinds, Kind(k))
	}
	if fen := r.Fen("capital"); fen != nil {
		l.profile.Capital = *fen
	}
	r.BreakAll("", l.profile.check())
	if l.tier != (Term{}) {
		fault.Choice(&r.Bad, "tier", l.tier.Tier, Tiers())
		r.BreakAll("tier_", l.tier.check())
		if l.tier.Tier == Core && len(l.profile.Kinds) > 0 && l.profile.Kinds[0] != ServiceCentre {
			r.Break("tier", "institution.conflict.core")
		}
	}
	if l.shown != (Term{}) {
		r.BreakAll("demonstration_", l.shown.check())
	}
	if l.person != (Person{}) {
		r.BreakAll("contact_", checkPeople([]Person{l.person}))
	}
	r.Value = l
	r.Keys = []string{l.key()}
}

// key is what a row is known by.
func (l *line) key() string {
	if l.profile.Code != "" {
		return codeKey(l.profile.Code)
	}
	return l.name()
}

func (l *line) name() string { return nameKey(l.profile) }

func codeKey(code string) string { return "code " + code }

func nameKey(p Profile) string { return "name " + string(p.Region) + " " + p.Name }

// known is an institution in the register with what a row is compared to.
type known struct {
	Institution
	terms  []Term
	people []Person
}

func (i *importer) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	byKey, err := i.s.known(ctx, r, rows)
	if err != nil {
		return err
	}
	scope := i.by.Scope(See)
	once := xfer.Once{}
	for _, row := range rows {
		l := row.Value.(*line)
		l.old, l.next, l.steps = nil, Institution{}, nil
		found := byKey[l.key()]
		if l.profile.Code == "" || len(found) == 0 {
			broken := len(row.Bad)
			if found = i.named(row, l, byKey[l.name()], scope); len(row.Bad) > broken {
				continue
			}
		}
		switch {
		case len(found) == 0:
			i.fresh(row, l)
		case !scope.Reaches(found[0].Target()): // only a code reaches beyond
			row.Break("code", "institution.conflict.code")
		case !once.Taken(row, string(found[0].ID)):
			l.old = found[0]
			i.compare(row, l)
		}
	}
	return nil
}

// named is the institution without a code that a row names by name and place. One
// that has a code is known by that alone: a row without it is broken.
func (i *importer) named(r *xfer.Row, l *line, all []*known, scope authz.Scope) []*known {
	var found, coded []*known
	for _, k := range all {
		switch {
		case !scope.Reaches(k.Target()):
		case k.Code == "":
			found = append(found, k)
		default:
			coded = append(coded, k)
		}
	}
	switch {
	case len(found) > 1:
		r.Break("name", "institution.import.several", "n", len(found))
	case len(found) == 0 && len(coded) > 0 && l.profile.Code == "":
		r.Break("code", "institution.import.code")
	}
	return found
}

// may notes the rights that a row's steps need and the actor lacks, at the
// columns that ask for them.
func (i *importer) may(r *xfer.Row, l *line, at authz.Target) {
	column := map[authz.Permission]string{
		Publish: "published", End: "ended", SetTier: "tier", SetDemonstration: "demonstration_from", SetContacts: "contact_name",
	}
	if !r.Sound("region") { // whose it is cannot be said
		return
	}
	for _, do := range l.steps {
		switch {
		case i.by.May(do, at):
		case !r.Sound("region"): // it is somebody else's: no right to any of it
		case do == Register || do == Edit:
			r.Break("region", "xfer.row.foreign", "value", string(l.next.Region))
		default:
			r.Break(column[do], "xfer.row.right")
		}
	}
}

func (i *importer) fresh(r *xfer.Row, l *line) {
	r.Outcome = xfer.New
	l.next = Institution{ID: ID(db.NewID()), Profile: l.profile, Published: l.published == yes, Ended: l.ended, Version: 1}
	l.steps = []authz.Permission{Register}
	l.also(l.next.Published, Publish)
	l.also(l.ended != "", End)
	l.also(l.tier.Tier != NoTier, SetTier)
	l.also(l.shown.From != "", SetDemonstration)
	l.lies(r, l.next.Founded, i.s.today(), nil)
	l.also(l.person != (Person{}), SetContacts)
	if l.next.Published && l.ended != "" {
		r.Break("published", "institution.import.ended")
	}
	i.may(r, l, l.next.Target())
}

func (l *line) also(yes bool, do authz.Permission) {
	if yes {
		l.steps = append(l.steps, do)
	}
}

// compare finds out what a row changes of an institution, and whether it may.
func (i *importer) compare(r *xfer.Row, l *line) {
	old := l.old.Institution
	l.next = old
	l.next.Profile = merged(r, old.Profile, l.profile)
	if l.ended != "" {
		l.next.Ended = l.ended
	}
	ends := l.next.Ended != old.Ended
	if ends {
		l.next.Published = false
	}
	if l.published != "" {
		l.next.Published = l.published == yes
	}
	if l.next.Published && l.next.Ended != "" {
		r.Break("published", "institution.import.ended")
	}
	if r.Has("ended") && l.ended == "" && old.Ended != "" {
		r.Break("ended", "institution.import.back")
	}
	l.also(!l.next.same(old.Profile), Edit)
	l.also(l.next.Published != old.Published && !ends, Publish)
	l.also(ends, End)
	l.also(l.tier.Tier != NoTier && !l.old.has(l.tier), SetTier)
	l.also(l.shown.From != "" && !l.old.has(l.shown), SetDemonstration)
	if slices.Contains(l.steps, SetDemonstration) {
		l.lies(r, l.next.Founded, i.s.today(), l.old.terms)
	}
	l.also(l.person != (Person{}) && (len(l.old.people) == 0 || l.old.people[0] != l.person), SetContacts)
	r.Outcome = xfer.Changed
	if len(l.steps) == 0 {
		r.Outcome = xfer.Unchanged
	}
	i.may(r, l, old.Target())
	if there := authz.At(l.next.Region).Of(authz.Institution, string(old.ID)); slices.Contains(l.steps, Edit) && !i.by.May(Edit, there) && !r.Bad.Has("region") {
		r.Break("region", "xfer.row.foreign", "value", string(l.next.Region))
	}
}

// lies tells when the term as a demonstration institution cannot lie where it does
// among those it has: a title that is on file is changed there.
func (l *line) lies(r *xfer.Row, founded, today string, has []Term) {
	t := &l.shown
	switch {
	case t.From == "":
		return
	case t.From > today:
		r.Break("demonstration_from", "recognition.import.future")
	case t.From < founded:
		r.Break("demonstration_from", "recognition.import.before", "day", founded)
	}
	if t.Document == "" {
		r.Break("demonstration_document", "field.required")
	}
	for _, o := range has {
		renewed := o.From < t.From && (o.To == "" || o.To > today)
		if o.Tier == NoTier && !renewed && (o.To == "" || t.From < o.To) && (t.To == "" || o.From < t.To) {
			r.Break("demonstration_from", "recognition.import.held", "from", o.From)
			return
		}
	}
}

// has reports whether the term is on file.
func (k *known) has(t Term) bool {
	return slices.ContainsFunc(k.terms, func(o Term) bool {
		o.ID = ""
		return o == t
	})
}

// same reports whether a profile says the same; since when it is on the register
// is not compared.
func (p Profile) same(o Profile) bool {
	return p.Name == o.Name && p.Region == o.Region && slices.Equal(p.Kinds, o.Kinds) && p.Level == o.Level && p.Code == o.Code &&
		p.Founded == o.Founded && p.Capital == o.Capital && p.About == o.About && p.Address == o.Address && p.Website == o.Website
}

// merged takes from a row the columns that its file has. A code that it does not
// give stays: it may be what the institution is known by elsewhere.
func merged(r *xfer.Row, old, row Profile) Profile {
	next := old
	next.Name, next.Region, next.Kinds, next.Level = row.Name, row.Region, row.Kinds, row.Level // required columns
	if row.Code != "" {
		next.Code = row.Code
	}
	for key, take := range map[string]func(){
		"founded": func() { next.Founded = row.Founded }, "capital": func() { next.Capital = row.Capital },
		"about": func() { next.About = row.About }, "address": func() { next.Address = row.Address },
		"website": func() { next.Website = row.Website },
	} {
		if r.Has(key) {
			take()
		}
	}
	return next
}
