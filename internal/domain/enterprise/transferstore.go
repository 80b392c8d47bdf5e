package enterprise

import (
	"context"
	"slices"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/xfer"
)

// loadHolders adds to all the live entries that hold one of the numbers, with
// their numbers and contacts.
func loadHolders(ctx context.Context, r db.Reader, numbers []any, all map[ID]*entry) error {
	var holders []any
	if err := r.Each(ctx, func(rows *sqlx.Rows) error {
		var id string
		err := rows.Scan(&id)
		holders = append(holders, id)
		return err
	}, `SELECT enterprise_id FROM enterprise_identifier WHERE value IN (`+db.Marks(len(numbers))+`)`, numbers...); err != nil || len(holders) == 0 {
		return err
	}
	var recs []record
	if err := r.Select(ctx, &recs, selectEnterprise+`e.id IN (`+db.Marks(len(holders))+`) AND e.alias_of = ''`, holders...); err != nil {
		return err
	}
	if len(recs) == 0 {
		return nil
	}
	list, ids := make([]Enterprise, len(recs)), make([]any, len(recs))
	for i, rec := range recs {
		list[i], ids[i] = rec.enterprise(), rec.ID
	}
	if err := withIdentifiers(ctx, r, list); err != nil {
		return err
	}
	for _, e := range list {
		all[e.ID] = &entry{Enterprise: e}
	}
	return eachContact(ctx, r, ids, func(id ID, c Contact) { all[id].contact = c })
}

func eachContact(ctx context.Context, r db.Reader, ids []any, fn func(ID, Contact)) error {
	return r.Each(ctx, func(rows *sqlx.Rows) error {
		var id ID
		var c Contact
		err := rows.Scan(&id, &c.Person, &c.Phone, &c.Mail)
		fn(id, c)
		return err
	}, `SELECT enterprise_id, person, phone, mail FROM enterprise_contact WHERE enterprise_id IN (`+db.Marks(len(ids))+`)`, ids...)
}

// enter writes the new entries, table by table.
func (i *importer) enter(ctx context.Context, tx *db.Tx, b *gate.Batch, changes []*change) error {
	var entries, codes, contacts []any
	var facts []ledger.Fact
	now := db.Millis(tx.Now)
	for _, c := range changes {
		if c.row.Outcome != xfer.New {
			continue
		}
		e := c.next
		if err := i.note(b, c, e.ID, Register); err != nil {
			return err
		}
		entries = append(entries, e.values(now)...)
		state := "claimed"
		if e.Status == Verified {
			state = "verified"
		}
		for _, code := range c.codes {
			codes = append(codes, codeValues(e.ID, code, state, "")...)
		}
		if *c.person != (Contact{}) {
			contacts = append(contacts, e.ID, c.person.Person, c.person.Phone, c.person.Mail, now)
		}
		on := ledger.DateOf(tx.Now)
		if c.line.since != "" {
			on = ledger.Date(c.line.since)
		}
		facts = append(facts, e.standing(on, e.counted()))
	}
	if len(entries) == 0 {
		return nil
	}
	for _, part := range []struct {
		into    string
		columns int
		rows    []any
	}{
		{insertEnterprise, enterpriseColumns, entries},
		{insertCode, codeColumns, codes},
		{`INSERT INTO enterprise_contact (enterprise_id, person, phone, mail, updated_at)`, 5, contacts},
	} {
		if err := tx.InsertAll(ctx, part.into, part.columns, part.rows); err != nil {
			return taken(err)
		}
	}
	return i.s.postAll(ctx, tx, facts)
}

// note puts a change into the audit trail: how an entry came in, and each step
// that it took with that.
func (i *importer) note(b *gate.Batch, c *change, id ID, do authz.Permission) error {
	on := authz.At(c.next.Profile.Region).Of(authz.Enterprise, string(id))
	detail := map[string]any{"import": true}
	if do == Edit {
		on = c.old.Target()
		detail = changed(c.old.Profile, c.next.Profile, c.codes != nil)
		detail["import"], detail["contact"] = true, c.person != nil
	}
	record := gate.Record{Kind: Kind, ID: string(id)}
	if err := b.Add(&gate.Change{By: i.by, Do: do, On: on, Record: record, Detail: detail}); err != nil {
		return err
	}
	step := c.do
	if do == Register {
		step = entering(c.next.Status)
	}
	if step == "" || do == Verify {
		return nil
	}
	return b.Add(&gate.Change{By: i.by, Do: step, On: on, Record: record, Detail: map[string]any{"import": true, "reason": c.next.Reason}})
}

// amend brings an entry up to what its row says.
func (i *importer) amend(ctx context.Context, tx *db.Tx, b *gate.Batch, c *change) error {
	do := Edit
	if c.do == Verify && c.next.Profile == c.old.Profile && c.codes == nil && c.person == nil {
		do = Verify
	}
	if err := i.note(b, c, c.old.ID, do); err != nil {
		return err
	}
	if c.next.Profile.Industry != c.old.Profile.Industry {
		if err := resize(ctx, tx, &c.next, i.rules); err != nil {
			return err
		}
	}
	if err := i.s.save(ctx, tx, c.old, c.next, c.codes, c.person); err != nil {
		return err
	}
	if c.do != Verify {
		return nil
	}
	if err := setCodeState(ctx, tx, c.old.ID, "claimed", "verified"); err != nil {
		return err
	}
	return i.s.acceptRegistrant(ctx, tx, i.by, c.next)
}

// Export writes the register within a place and the actor's reach, closed
// entries included and merged ones not, by place and name (导出企业名录). With
// contacts the persons to speak to are in it where the actor has the right to
// that, Denied when nowhere; each entry's trail says that they were read.
func (s *Service) Export(ctx context.Context, by authz.Actor, f Filter, contacts bool, put func(cells []string) error) error {
	if contacts && !by.Somewhere(ExportContact) {
		return fault.Closed()
	}
	return s.eachPage(ctx, by, f, func(list []Enterprise) error {
		people, err := s.exportContacts(ctx, by, list, contacts)
		if err != nil {
			return err
		}
		since, err := sinceWhen(ctx, s.db, list)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := put(cells(e, people[e.ID], since[e.ID])); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachPage goes through what the filter finds within the actor's reach, by place
// and name.
func (s *Service) eachPage(ctx context.Context, by authz.Actor, f Filter, fn func([]Enterprise) error) error {
	f.Order = byPlace
	return db.Pages(func(page db.Page) ([]Enterprise, string, error) { return s.List(ctx, by, f, page) }, fn)
}

// exportContacts notes the reading of each entry's contact before it is done.
func (s *Service) exportContacts(ctx context.Context, by authz.Actor, list []Enterprise, contacts bool) (map[ID]Contact, error) {
	people := map[ID]Contact{}
	if !contacts || len(list) == 0 {
		return people, nil
	}
	var ids []any
	for _, e := range list {
		if by.May(ExportContact, e.Target()) {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return people, nil
	}
	if err := eachContact(ctx, s.db, ids, func(id ID, c Contact) { people[id] = c }); err != nil {
		return nil, err
	}
	read := map[gate.Record]authz.Target{}
	for _, e := range list {
		if _, has := people[e.ID]; has {
			read[gate.Record{Kind: Kind, ID: string(e.ID)}] = e.Target()
		}
	}
	return people, xfer.Read(ctx, s.gate, by, ExportContact, "contact", read)
}

// sinceWhen is the day each entry came on the register.
func sinceWhen(ctx context.Context, r db.Reader, list []Enterprise) (map[ID]string, error) {
	days := map[ID]string{}
	if len(list) == 0 {
		return days, nil
	}
	args := []any{Kind}
	for _, e := range list {
		args = append(args, e.ID)
	}
	return days, r.Each(ctx, func(rows *sqlx.Rows) error {
		var id ID
		var day string
		err := rows.Scan(&id, &day)
		days[id] = day
		return err
	}, `SELECT record_id, MIN(occurred_on) FROM ledger_fact WHERE record_kind = ? AND record_id IN (`+db.Marks(len(list))+`)
		GROUP BY record_id`, args...)
}

// numberCells are an entry's own numbers in the order of the columns of numbers.
func (e Enterprise) numberCells() []string {
	cells := make([]string, len(numberColumns))
	for n, column := range numberColumns {
		if i := slices.IndexFunc(e.Identifiers, func(h Held) bool { return h.Via == "" && h.Kind == column.kind }); i >= 0 {
			cells[n] = e.Identifiers[i].Value
		}
	}
	return cells
}

// cells is an entry in the order of the Table's columns.
func cells(e Enterprise, c Contact, since string) []string {
	p := e.Profile
	reason := ""
	if e.Status == Rejected || e.Status == Closed {
		reason = e.Reason
	}
	return slices.Concat([]string{p.Name, p.ShortName}, e.numberCells(), []string{
		string(p.Region), p.Address, string(p.LegalForm), p.Industry.Code, p.Industry.Edition, p.Established, c.Person, c.Phone, c.Mail,
		string(e.Status), reason, since,
	})
}
