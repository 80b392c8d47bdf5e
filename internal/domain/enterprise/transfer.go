package enterprise

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// The columns of numbers, each of its kind.
const (
	creditColumn = "credit_code"
	orgColumn    = "organisation_code"
	regColumn    = "registration_number"
)

// numberColumns are the columns of numbers in the order in which an enterprise
// is known by them.
var numberColumns = []struct {
	key  string
	kind IdentifierKind
}{{creditColumn, CreditCode}, {orgColumn, OrganisationCode}, {regColumn, RegistrationNumber}}

// Table is the register as a spreadsheet (企业名录).
func Table() *xfer.Table {
	forms := make([]xfer.Option, 0, len(LegalForms()))
	for _, f := range LegalForms() {
		forms = append(forms, xfer.Option{Value: string(f), Label: "enterprise.form." + string(f)})
	}
	states := make([]xfer.Option, 0, 4)
	for _, s := range Lifecycle().States {
		states = append(states, xfer.Option{Value: string(s), Label: "enterprise.state." + string(s)})
	}
	return &xfer.Table{Name: Kind, Title: "enterprise.table", Columns: slices.Concat([]xfer.Column{
		{Key: "name", Label: "enterprise.column.name", Required: true, Example: "射阳县鹤乡纺织有限责任公司"},
		{Key: "short_name", Label: "enterprise.column.short_name", Example: "鹤乡纺织"},
	}, numbered(), []xfer.Column{
		{Key: "region", Label: "enterprise.column.region", Type: xfer.Place, Required: true, Example: "320924100"},
		{Key: "address", Label: "enterprise.column.address", Example: "合德镇人民路 1 号"},
		{Key: "legal_form", Label: "enterprise.column.legal_form", Type: xfer.Choice, Options: forms, Example: "company"},
		{Key: "industry", Label: "enterprise.column.industry", Type: xfer.Code, Example: "C1711", Hint: "enterprise.column.industry_hint"},
		{Key: "industry_edition", Label: "enterprise.column.industry_edition", Type: xfer.Code, Example: newestEdition, Hint: "enterprise.column.edition_hint"},
		{Key: "established", Label: "enterprise.column.established", Type: xfer.Date, Example: "2003-05-20"},
		{Key: "contact_person", Label: "enterprise.column.contact_person"},
		{Key: "contact_phone", Label: "enterprise.column.contact_phone", Type: xfer.Code},
		{Key: "contact_mail", Label: "enterprise.column.contact_mail"},
		{Key: "status", Label: "enterprise.column.status", Type: xfer.Choice, Options: states, Hint: "enterprise.column.status_hint"},
		{Key: "status_reason", Label: "enterprise.column.status_reason", Hint: "enterprise.column.status_reason_hint"},
		{Key: "since", Label: "enterprise.column.since", Type: xfer.Date, Hint: "enterprise.column.since_hint"},
	})}
}

// newestEdition is the edition of GB/T 4754 that a code without one is taken from.
const newestEdition = "2017"

// Import lands rows of Table as an actor (导入企业名录). A row is known by its
// numbers: new ones are registered, others brought up to what the file says.
func (s *Service) Import(ctx context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Register) {
		return nil, fault.Closed()
	}
	rules, err := s.Rules(ctx)
	i := &importer{
		s: s, by: by, rules: rules, today: dayOf(s.db.Now()), towns: map[region.Code]fault.Fields{}, ctx: ctx,
	}
	i.Land = xfer.Land{DB: s.db, Gate: s.gate, Sort: i.sort, Write: i.write}
	return i, err
}

type importer struct {
	xfer.Land
	s     *Service
	by    authz.Actor
	rules Rules
	today string
	//nolint:containedctx // of the whole import: what places exist is asked once for each
	ctx context.Context

	mu    sync.Mutex
	towns map[region.Code]fault.Fields // what is wrong with a town
	err   error                        // asking failed
}

// line is what a row says.
type line struct {
	profile Profile
	codes   []Identifier
	contact Contact
	status  flow.State // "" when the row does not say
	reason  string
	since   string
	change  *change // once it is sorted
}

func (i *importer) Prepare(r *xfer.Row) {
	l := &line{
		profile: Profile{
			Name: r.Text("name"), ShortName: r.Text("short_name"), Region: r.Place("region"), Address: r.Text("address"),
			LegalForm: LegalForm(r.Pick("legal_form")), Established: r.Day("established"),
			Industry: Industry{Code: r.Code("industry"), Edition: r.Code("industry_edition")},
		},
		contact: Contact{Person: r.Text("contact_person"), Phone: r.Code("contact_phone"), Mail: r.Text("contact_mail")},
		status:  flow.State(r.Pick("status")), reason: r.Text("status_reason"), since: r.Day("since"),
	}
	if l.profile.Industry.Code == "" {
		l.profile.Industry.Edition = ""
	} else if l.profile.Industry.Edition == "" {
		l.profile.Industry.Edition = newestEdition
	}
	l.profile = tidy(l.profile, i.rules)
	l.codes = numbers(r)
	i.check(r, l)
	r.Value = l
	for _, c := range l.codes {
		r.Keys = append(r.Keys, string(c.Kind)+c.Value)
	}
}

// numbers reads the columns of numbers; each takes its own kind only.
func numbers(r *xfer.Row) (codes []Identifier) {
	given := false
	for _, column := range numberColumns {
		typed := r.Code(column.key)
		given = given || typed != "" || r.Bad.Has(column.key)
		if typed == "" {
			continue
		}
		id, err := Parse(typed)
		switch {
		case err != nil:
			for _, f := range fault.FieldsOf(err) {
				r.Break(column.key, f.Key, f.Args...)
			}
		case id.Kind != column.kind:
			r.Break(column.key, "enterprise.import.kind")
		default:
			codes = append(codes, id)
		}
	}
	if !given {
		r.Break(creditColumn, "enterprise.import.number")
	}
	return codes
}

// numbered are the columns of numbers, as every table of enterprises has them.
func numbered() []xfer.Column {
	return []xfer.Column{
		{Key: creditColumn, Label: "enterprise.column.credit_code", Type: xfer.Code, Example: "91320900140132611G", Hint: "enterprise.column.credit_code_hint"},
		{Key: orgColumn, Label: "enterprise.column.organisation_code", Type: xfer.Code, Example: "140132611"},
		{Key: regColumn, Label: "enterprise.column.registration_number", Type: xfer.Code, Example: "320924000012345"},
	}
}

// check notes what the register's rules, and the actor's rights, say of a row.
func (i *importer) check(r *xfer.Row, l *line) {
	var bad fault.Fields
	checkProfile(l.profile, i.rules, i.today, &bad)
	checkContact(l.contact, &bad)
	if len(bad) == 0 || !bad.Has("region") {
		bad = append(bad, i.town(l.profile.Region)...)
	}
	for _, f := range bad {
		if !r.Bad.Has(f.Name) {
			r.Break(f.Name, f.Key, f.Args...)
		}
	}
	at := authz.At(l.profile.Region)
	if !r.Bad.Has("region") && !i.by.May(Register, at) {
		r.Break("region", "xfer.row.foreign", "value", string(l.profile.Region))
	}
	if do := entering(l.status); do != "" && !i.by.May(do, at) && !r.Bad.Has("region") {
		r.Break("status", "xfer.row.right")
	}
	if l.status == Rejected || l.status == Closed {
		for _, f := range fault.FieldsOf(checkReason(l.reason)) {
			r.Break("status_reason", f.Key, f.Args...)
		}
	}
	switch {
	case l.since == "":
	case l.since > i.today:
		r.Break("since", "field.date", "value", l.since)
	case l.since != i.today && !i.by.May(Verify, at) && !r.Bad.Has("region"):
		r.Break("since", "xfer.row.right")
	}
}

// entering is the right that takes a new entry to a state, "" for the first.
func entering(s flow.State) authz.Permission {
	switch s {
	case Verified:
		return Verify
	case Rejected:
		return Reject
	case Closed:
		return Close
	default:
		return ""
	}
}

// town is what is wrong with a town; the tree is asked once for each.
func (i *importer) town(town region.Code) fault.Fields {
	if i.s.hooks.Place == nil || town == "" {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	bad, known := i.towns[town]
	if known {
		return bad
	}
	if err := i.s.hooks.Place(i.ctx, i.s.db, town); err != nil {
		if bad = fault.FieldsOf(err); bad == nil {
			i.err = err
		}
	}
	i.towns[town] = bad
	return bad
}

// Compare has rows land by place and name: neighbours share the pages of most
// of the register's indexes.
func (i *importer) Compare(a, b *xfer.Row) int {
	x, y := a.Value.(*line).profile, b.Value.(*line).profile
	return cmp.Or(cmp.Compare(x.Region, y.Region), cmp.Compare(x.Name, y.Name))
}

func (i *importer) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	changes := make([]*change, len(rows))
	for n, r := range rows {
		changes[n] = r.Value.(*line).change
	}
	if err := i.enter(ctx, tx, b, changes); err != nil {
		return err
	}
	for _, c := range changes {
		if c.row.Outcome == xfer.Changed {
			if err := i.amend(ctx, tx, b, c); err != nil {
				return err
			}
		}
	}
	return nil
}
