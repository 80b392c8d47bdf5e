package guarantee

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// Table is contracts as a spreadsheet (担保合同): those concluded before come in by
// it, and all go out.
func Table() *xfer.Table {
	return &xfer.Table{Name: Kind, Title: "guarantee.table", Columns: []xfer.Column{
		{Key: "guarantor", Label: "guarantee.column.guarantor", Required: true, Example: "射阳县中小企业信用担保中心"},
		{Key: "number", Label: "guarantee.column.number", Required: true, Example: "射担2008-031"},
		{Key: "code", Label: "guarantee.column.code", Type: xfer.Code, Required: true, Hint: "guarantee.column.code_hint"},
		{Key: "client", Label: "guarantee.column.client", Type: xfer.Note},
		{Key: "bank", Label: "guarantee.column.bank"},
		{Key: "signed", Label: "guarantee.column.signed", Type: xfer.Date, Required: true, Example: "2008-03-03"},
		{Key: "until", Label: "guarantee.column.until", Type: xfer.Date, Required: true, Example: "2008-09-03"},
		{Key: "amount", Label: "guarantee.column.amount", Type: xfer.Money, Required: true, Example: "1000000"},
		{Key: "fee", Label: "guarantee.column.fee", Type: xfer.Decimal, Example: "1.5"},
		{Key: "purpose", Label: "guarantee.column.purpose"},
		{Key: "security", Label: "guarantee.column.security", Type: xfer.Choices, Options: xfer.OptionsOf(Securities())},
		{Key: "backers", Label: "guarantee.column.backers", Type: xfer.Code, Example: "71526726-X；19220382-1", Hint: "guarantee.column.backers_hint"},
		{Key: "backed", Label: "guarantee.column.backed", Type: xfer.Money, Example: "500000；300000", Hint: "guarantee.column.backed_hint"},
		{Key: "backer_names", Label: "guarantee.column.backer_names", Type: xfer.Note},
		{Key: "lent", Label: "guarantee.column.lent", Type: xfer.Date},
		{Key: "loan", Label: "guarantee.column.loan", Type: xfer.Money},
		{Key: "repaid_on", Label: "guarantee.column.repaid_on", Type: xfer.Date},
		{Key: "repaid", Label: "guarantee.column.repaid", Type: xfer.Money, Hint: "guarantee.column.repaid_hint"},
		{Key: "claimed_on", Label: "guarantee.column.claimed_on", Type: xfer.Date},
		{Key: "claimed", Label: "guarantee.column.claimed", Type: xfer.Money},
		{Key: "recovered_on", Label: "guarantee.column.recovered_on", Type: xfer.Date},
		{Key: "recovered", Label: "guarantee.column.recovered", Type: xfer.Money},
		{Key: "released", Label: "guarantee.column.released", Type: xfer.Date},
		{Key: "state", Label: "guarantee.column.state", Type: xfer.Note},
		{Key: "outstanding", Label: "guarantee.column.outstanding", Type: xfer.Note},
	}}
}

// ImportContracts lands rows of Table as an actor (导入存量担保合同): a contract is
// known by its guarantor and number. One that is on file stays as it is.
func (s *Service) ImportContracts(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	if !by.Somewhere(Import) {
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

// line is what a row says, and once it is sorted whom it is about.
type line struct {
	concluded
	guarantor, code, bank string
}

func (i *importer) Prepare(r *xfer.Row) {
	l := &line{guarantor: r.Text("guarantor"), code: enterprise.Normalise(r.Code("code")), bank: r.Text("bank")}
	l.Contract = Contract{
		Purpose: r.Text("purpose"),
		Deal:    Deal{Number: r.Text("number"), On: r.Day("signed"), Until: r.Day("until"), Amount: r.Amount("amount")},
		Loan:    Loan{On: r.Day("lent"), Amount: r.Amount("loan")},
		Repaid:  Movement{On: r.Day("repaid_on"), Amount: r.Amount("repaid")}, Claimed: Movement{On: r.Day("claimed_on"), Amount: r.Amount("claimed")},
		Recovered: Movement{On: r.Day("recovered_on"), Amount: r.Amount("recovered")}, Released: r.Day("released"),
	}
	if l.Loan.On != "" && l.Loan.Amount == 0 {
		l.Loan.Amount = l.Deal.Amount
	}
	if fee := r.Decimal("fee"); fee != nil {
		l.Deal.Fee = int64(*fee*100 + 0.5)
	}
	for _, p := range r.Picks("security") {
		l.Security = append(l.Security, Security(p))
	}
	amounts := r.Amounts("backed")
	for i, number := range xfer.Listed(r.Code("backers")) {
		b := Backer{Number: number}
		if i < len(amounts) {
			b.Amount = amounts[i]
		}
		l.Backers = append(l.Backers, b)
	}
	if len(amounts) > len(l.Backers) && !r.Bad.Has("backers") {
		r.Break("backed", "guarantee.import.backed")
	}
	r.Value, r.Keys = l, []string{l.guarantor + "\x00" + l.Deal.Number}
}

func (i *importer) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	guarantors, err := i.s.called(ctx, r, i.by.Scope(See), distinct(rows, func(l *line) string { return l.guarantor })...)
	if err != nil {
		return err
	}
	banks, err := institution.Named(ctx, r, authz.Unbounded("a contract names its bank"), ledgerDay(i.s.today()),
		distinct(rows, func(l *line) string { return l.bank })...)
	if err != nil {
		return err
	}
	clients, err := enterprise.ByNumber(ctx, r, authz.Unbounded("a contract names its client by number"),
		distinct(rows, func(l *line) string { return l.code })...)
	if err != nil {
		return err
	}
	ids := make([]institution.ID, 0, len(guarantors))
	for _, g := range guarantors {
		ids = append(ids, g.ID)
	}
	past, err := standingsOf(ctx, r, ids...)
	if err != nil {
		return err
	}
	list := make([]*concluded, len(rows))
	for n, row := range rows {
		l := row.Value.(*line)
		l.of, l.client, list[n] = nil, nil, &l.concluded
		switch of, found := guarantors[l.guarantor]; {
		case !found:
			row.Break("guarantor", "guarantee.import.guarantor", "name", l.guarantor)
		case !i.by.May(Import, of.Target()):
			row.Break("guarantor", "xfer.row.right")
		default:
			l.of, l.Guarantor = of.on(past[of.ID], l.Deal.On), of.ID
		}
		if e, found := clients[l.code]; found {
			l.client, l.Enterprise = &e, string(e.ID)
		} else {
			row.Break("code", "guarantee.field.number")
		}
		bank := banks[l.bank]
		l.Bank = bank.ID
		if l.bank != "" && !slices.Contains(bank.Kinds, institution.Bank) {
			row.Break("bank", "guarantee.import.bank", "name", l.bank)
		}
	}
	if err := whoBacked(ctx, r, list); err != nil {
		return err
	}
	for _, row := range rows {
		l := row.Value.(*line)
		for _, bad := range l.check(i.s.today()) {
			if _, n, field, ok := fault.Item(bad.Name); ok && field == "number" {
				row.Break("backers", "guarantee.import.backer", "number", l.Backers[n].Number, "why", text.Key(bad.Key))
			} else if ok {
				row.Break("backed", bad.Key, bad.Args...)
			} else {
				row.Break(bad.Name, bad.Key, bad.Args...)
			}
		}
		row.Outcome = xfer.New
	}
	return i.known(ctx, r, rows)
}

// known finds rows whose contract is on file: it stays as it is, and a row that
// says otherwise is broken.
func (i *importer) known(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	once := xfer.Once{}
	for part := range slices.Chunk(rows, 300) {
		var args []any
		for _, row := range part {
			args = append(args, row.Value.(*line).Deal.Number)
		}
		var old []caseRow
		if err := r.Select(ctx, &old, `SELECT `+caseColumns+` FROM guarantee_case c WHERE c.deal_number IN (`+db.Marks(len(args))+`) AND c.state <> ?`,
			append(args, string(Cancelled))...); err != nil {
			return err
		}
		ids := make([]ID, len(old))
		for n := range old {
			ids[n] = old[n].ID
		}
		behind, err := backers(ctx, r, ids...)
		if err != nil {
			return err
		}
		for _, row := range part {
			l := row.Value.(*line)
			if len(row.Bad) > 0 || once.Taken(row, string(l.Guarantor)+l.Deal.Number) {
				continue
			}
			for n := range old {
				if c := old[n].value(); c.Guarantor == l.Guarantor && c.Deal.Number == l.Deal.Number {
					l.known(row, &c, behind[c.ID])
				}
			}
		}
	}
	return nil
}

// known compares a row with its contract on file.
func (l *line) known(row *xfer.Row, c *Case, behind []Backer) {
	row.Outcome = xfer.Unchanged
	if c.Enterprise != l.Enterprise || c.Deal.Amount != l.Deal.Amount || c.Deal.On != l.Deal.On {
		row.Break("number", "guarantee.import.differs", "number", c.Number)
	}
	if row.Has("backers") && !sameBackers(l.Backers, behind) {
		row.Break("backers", "guarantee.import.differs", "number", c.Number)
	}
}

// sameBackers reports whether the same stand behind a contract with the same amounts.
func sameBackers(a, b []Backer) bool {
	amounts := map[string]int64{}
	for _, x := range b {
		amounts[x.Enterprise] = x.Amount
	}
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x Backer) bool { return amounts[x.Enterprise] != x.Amount })
}

func (i *importer) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	list := make([]concluded, len(rows))
	for n, row := range rows {
		list[n] = row.Value.(*line).concluded
	}
	_, err := i.s.conclude(ctx, tx, b, i.by, list)
	return err
}

// called are the guarantors of the names, as far as the scope reaches; a name that
// several have is left out.
func (s *Service) called(ctx context.Context, r db.Reader, scope authz.Scope, names ...string) (map[string]Guarantor, error) {
	found, err := institution.Named(ctx, r, scope, ledgerDay(s.today()), names...)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Guarantor, len(found))
	for name, i := range found {
		g, err := oneGuarantor(ctx, r, scope, i.ID, s.today())
		if fault.Is(err, fault.NotFound) { // an institution without such books
			continue
		}
		if err != nil {
			return nil, err
		}
		all[name] = g
	}
	return all, nil
}

// distinct are the words of rows, each once, without the empty.
func distinct(rows []*xfer.Row, of func(*line) string) []string {
	seen := map[string]bool{"": true}
	var all []string
	for _, row := range rows {
		if s := of(row.Value.(*line)); !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	return all
}
