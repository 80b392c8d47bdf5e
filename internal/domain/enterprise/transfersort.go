package enterprise

import (
	"cmp"
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/xfer"
)

// change is a row beside the entry it is about.
type change struct {
	row     *xfer.Row
	line    *line
	old     Enterprise // zero for a new one
	contact Contact    // the old one's
	next    Enterprise
	codes   []Identifier // nil: as they are
	person  *Contact     // nil: as it is
	do      authz.Permission
	taken   bool // a verified entry beyond the actor's reach has a number of the row
}

// sort finds the entry of every row, and what the row changes. Rows that cannot
// land are broken.
func (i *importer) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	i.mu.Lock()
	err := i.err
	i.mu.Unlock()
	if err != nil {
		return err
	}
	known, err := known(ctx, r, rows, func(row *xfer.Row) []Identifier { return row.Value.(*line).codes })
	if err != nil {
		return err
	}
	once := xfer.Once{}
	for _, row := range rows {
		c := &change{row: row, line: row.Value.(*line)}
		c.line.change = c
		i.pick(c, known)
		switch {
		case row.Bad.Has(""): // which entry it is about cannot be said
			continue
		case c.old.ID != "" && once.Taken(row, string(c.old.ID)):
			continue
		case c.old.ID == "":
			i.fresh(c)
		default:
			i.compare(c)
		}
		if c.taken && c.next.Status == Verified && (c.codes != nil || c.do == Verify) {
			row.Break(creditColumn, "enterprise.verify.taken")
		}
	}
	return nil
}

// entry is an enterprise in the register with what a row is compared to.
type entry struct {
	Enterprise
	contact Contact
}

// known are the live entries that hold one of the rows' numbers, by number.
func known(ctx context.Context, r db.Reader, rows []*xfer.Row, codes func(*xfer.Row) []Identifier) (map[string][]*entry, error) {
	var values []any
	for _, row := range rows {
		for _, c := range codes(row) {
			values = append(values, c.Value)
		}
	}
	all := map[ID]*entry{}
	for part := range slices.Chunk(values, 1000) {
		if err := loadHolders(ctx, r, part, all); err != nil {
			return nil, err
		}
	}
	byNumber := map[string][]*entry{}
	for _, e := range all {
		for _, h := range e.Identifiers {
			byNumber[h.Value] = append(byNumber[h.Value], e)
		}
	}
	return byNumber, nil
}

// holder is the entry that numbers are about: the verified one, else the only
// one; nil for none. More than one break the row. An entry beyond the reach is
// as if it were not there, but that taken tells of a verified one.
func holder(row *xfer.Row, scope authz.Scope, codes []Identifier, known map[string][]*entry) (e *entry, taken bool) {
	var found []*entry
	for _, code := range codes {
		for _, e := range known[code.Value] {
			if !scope.Reaches(e.Target()) {
				taken = taken || e.Status == Verified
				continue
			}
			if !slices.Contains(found, e) {
				found = append(found, e)
			}
		}
	}
	if len(found) > 1 {
		if sure := slices.DeleteFunc(slices.Clone(found), func(e *entry) bool { return e.Status != Verified }); len(sure) == 1 {
			found = sure
		}
	}
	switch len(found) {
	case 0:
		return nil, taken
	case 1:
		return found[0], taken
	}
	row.Break("", "enterprise.import.several", "n", len(found))
	return nil, taken
}

// pick chooses the entry a row is about.
func (i *importer) pick(c *change, known map[string][]*entry) {
	var e *entry
	if e, c.taken = holder(c.row, i.by.Scope(View), c.line.codes, known); e != nil {
		c.old, c.contact = e.Enterprise, e.contact
	}
}

func (i *importer) fresh(c *change) {
	c.row.Outcome = xfer.New
	c.next = Enterprise{
		ID: ID(db.NewID()), Profile: c.line.profile, Status: Lifecycle().Start, Size: Unknown, CreatedBy: i.by.ID, Version: 1,
	}
	if c.line.status != "" {
		c.next.Status = c.line.status
	}
	if entering(c.next.Status) != "" {
		c.next.Reason = c.line.reason
	}
	c.codes, c.person = c.line.codes, &c.line.contact
}

// compare finds out what a row changes of an entry, and whether it may.
func (i *importer) compare(c *change) {
	r, l, old := c.row, c.line, c.old
	c.next = old
	c.next.Profile = merged(r, old.Profile, l.profile)
	if codes := joined(old.own(), l.codes); !sameCodes(old.own(), codes) {
		c.codes = codes
	}
	if contact := joinedContact(c.contact, l.contact); contact != c.contact {
		c.person = &contact
	}
	same := c.next.Profile == old.Profile && c.codes == nil && c.person == nil
	if l.status != "" && l.status != old.Status {
		if old.Status != Unverified || l.status != Verified {
			r.Break("status", "enterprise.import.status")
		} else {
			c.do, c.next.Status, c.next.Reason, same = Verify, Verified, "", false
		}
	}
	if same {
		r.Outcome = xfer.Unchanged
		return
	}
	r.Outcome = xfer.Changed
	i.mayAmend(c)
}

func (i *importer) mayAmend(c *change) {
	r, old := c.row, c.old
	there := authz.At(c.next.Profile.Region).Of(authz.Enterprise, string(old.ID))
	if !i.by.May(Edit, old.Target()) || !i.by.May(Edit, there) {
		r.Break("region", "xfer.row.foreign", "value", string(old.Profile.Region))
		return
	}
	state, err := stepOf(old, Edit)
	if err != nil {
		r.Break("", "enterprise.import.closed")
		return
	}
	if c.do == "" {
		if c.next.Status = state; state != old.Status {
			c.next.Reason = ""
		}
	}
	if err := locked(i.by, old, c.next.Profile, c.codes); err != nil {
		for _, f := range fault.FieldsOf(err) {
			if f.Name == codeField {
				f.Name = creditColumn
			}
			r.Break(f.Name, f.Key, f.Args...)
		}
	}
}

// merged takes from a row the columns that its file has.
func merged(r *xfer.Row, old, row Profile) Profile {
	next := old
	for key, take := range map[string]func(){
		"name": func() { next.Name = row.Name }, "short_name": func() { next.ShortName = row.ShortName },
		"region": func() { next.Region = row.Region }, "address": func() { next.Address = row.Address },
		"legal_form": func() { next.LegalForm = row.LegalForm }, "industry": func() { next.Industry = row.Industry },
		"established": func() { next.Established = row.Established },
	} {
		if r.Has(key) {
			take()
		}
	}
	return next
}

// joinedContact takes what a row says of the contact. Lists are exported without
// contacts unless asked: an empty cell says nothing of them, and leaves what is.
func joinedContact(old, row Contact) Contact {
	return Contact{
		Person: cmp.Or(row.Person, old.Person), Phone: cmp.Or(row.Phone, old.Phone), Mail: cmp.Or(row.Mail, old.Mail),
	}
}

// joined are an enterprise's own numbers with those of a row: one of a kind
// takes the place of the one it had.
func joined(own, row []Identifier) []Identifier {
	out := slices.Clone(own)
	for _, id := range row {
		is := func(o Identifier) bool { return o.Kind == id.Kind && o.Value == id.Value }
		if slices.ContainsFunc(own, is) {
			continue
		}
		out = append(slices.DeleteFunc(out, func(o Identifier) bool { return o.Kind == id.Kind }), id)
	}
	return out
}
