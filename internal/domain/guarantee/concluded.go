package guarantee

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Contract is a guarantee concluded before it came into these books (存量合同),
// with what became of it since. Days are ISO text, empty for what has not
// happened; amounts are fen.
type Contract struct {
	Guarantor  institution.ID
	Bank       institution.ID // may be empty
	Enterprise string
	Purpose    string
	Security   []Security
	Deal       Deal
	Loan       Loan
	Repaid     Movement // by the enterprise
	Claimed    Movement // paid by the guarantor
	Recovered  Movement
	Released   string   // the day
	Backers    []Backer // found by their numbers
}

// concluded is a contract with whom it is about: the guarantor as what it was when
// the contract was signed.
type concluded struct {
	Contract
	of     *Guarantor
	client *enterprise.Enterprise
	behind behind
}

// check tells what is wrong with a contract: days that do not follow each other,
// amounts above what there was. Of a guarantor or a client that was not found it
// says nothing.
func (k *concluded) check(today string) fault.Fields {
	var f fault.Fields
	since, last := "", today
	if k.of != nil {
		since, last = k.of.Since, k.of.lastDay(today)
	}
	k.Deal.Number, k.Purpose = strings.TrimSpace(k.Deal.Number), strings.TrimSpace(k.Purpose)
	f.Length("number", k.Deal.Number, 1, 40)
	f.Length("purpose", k.Purpose, 0, 200)
	between(&f, "signed", k.Deal.On, since, last)
	f.Day("until", k.Deal.Until)
	if !f.Has("until") && !f.Has("signed") && k.Deal.Until <= k.Deal.On {
		f.Add("until", "guarantee.field.span")
	}
	money(&f, "amount", k.Deal.Amount)
	rate(&f, "fee", k.Deal.Fee, 20)
	secured(&f, k.Security)
	if k.of != nil && k.client != nil && !k.of.serves(k.client.Profile.Region) {
		f.Add("guarantor", "guarantee.field.elsewhere")
	}
	k.backed(&f)
	if !f.Has("signed") && !f.Has("amount") {
		k.checkCourse(&f, today)
	}
	return f
}

// backed finds who stands behind the contract and notes what is wrong with them.
func (k *concluded) backed(f *fault.Fields) {
	most := k.Deal.Amount
	if f.Has("amount") {
		most = mostAmount
	}
	ended := slices.Contains([]flow.State{Released, Recovered}, k.state())
	k.behind.check(f, k.Enterprise, k.of, ended, most, k.Backers)
}

// checkCourse follows what became of the contract.
func (k *concluded) checkCourse(f *fault.Fields, today string) {
	left := k.Deal.Amount
	if k.Loan != (Loan{}) {
		between(f, "lent", k.Loan.On, k.Deal.On, today)
		atMost(f, "loan", k.Loan.Amount, k.Deal.Amount, "guarantee.field.above_deal")
		left = k.Loan.Amount
	}
	step := func(day, name string, m Movement, most int64, above string) int64 {
		if m.On == "" && m.Amount == 0 {
			return 0
		}
		if k.Loan == (Loan{}) {
			f.Add(day, "guarantee.field.not_lent")
			return 0
		}
		between(f, day, m.On, k.Loan.On, today)
		atMost(f, name, m.Amount, most, above)
		return m.Amount
	}
	left -= step("repaid_on", "repaid", k.Repaid, left, "guarantee.field.above_outstanding")
	claimed := step("claimed_on", "claimed", k.Claimed, left, "guarantee.field.above_claim")
	step("recovered_on", "recovered", k.Recovered, claimed, "guarantee.field.above_claims")
	if k.Released != "" {
		between(f, "released", k.Released, max(k.Deal.On, k.Loan.On, k.Repaid.On), today)
		if claimed > 0 || k.Loan == (Loan{}) {
			f.Add("released", "guarantee.field.not_lent")
		}
	}
}

// value is the case that the contract is by now, without its number.
func (k *concluded) value() Case {
	return Case{
		ID: ID(db.NewID()), Region: k.client.Profile.Region, Guarantor: k.Guarantor, Bank: k.Bank, Enterprise: string(k.client.ID),
		Client: k.client.Profile.Name, Size: string(k.client.Size), State: k.state(), Applied: k.Deal.On, Deal: k.Deal, Loan: k.Loan,
		Wish:    Wish{Amount: k.Deal.Amount, Months: monthsBetween(k.Deal.On, k.Deal.Until), Purpose: k.Purpose, Security: k.Security},
		Granted: Grant{k.Deal.On, k.Deal.Amount, monthsBetween(k.Deal.On, k.Deal.Until)}, Book: true, Version: 1,
	}
}

// state is what the contract has come to by now.
func (k *concluded) state() flow.State {
	switch {
	case k.Released != "":
		return Released
	case k.Claimed.Amount > 0 && k.Recovered.Amount == k.Claimed.Amount && k.Repaid.Amount+k.Claimed.Amount == k.Loan.Amount:
		return Recovered
	case k.Claimed.Amount > 0:
		return Claimed
	case k.Loan != Loan{}:
		return Lent
	}
	return Signed
}

// course is every posting and fact of the contract. What a released one does not
// tell of was repaid on the day of its release.
func (k *concluded) course(c *Case) (lines []coursed, facts []ledger.Fact) {
	facts = c.contractFacts(k.of)
	add := func(do authz.Permission, moved string, e entry) {
		lines = append(lines, coursed{do, e})
		if e.account == Outstanding && do != Sign {
			facts = append(facts, c.outstandingFact(e.on, e.amount, k.of))
		}
		if moved != "" {
			facts = append(facts, c.movedFact(e.on, moved, max(e.amount, -e.amount), k.of))
		}
	}
	add(Sign, "", entry{Outstanding, k.Deal.On, k.Deal.Amount})
	left := k.Deal.Amount
	if k.Loan != (Loan{}) { // when it was asked for is not known: counted from the contract
		f := c.fact(streamMoney, k.Loan.On, k.of)
		f.Quantity, f.Amount = daysBetween(k.Deal.On, k.Loan.On), k.Loan.Amount
		facts = append(facts, f)
	}
	if unused := k.Deal.Amount - k.Loan.Amount; unused > 0 && k.Loan != (Loan{}) {
		add(Lend, movedUnlent, entry{Outstanding, k.Loan.On, -unused})
		left -= unused
	}
	if k.Repaid.Amount > 0 {
		add(Repay, movedRepaid, entry{Outstanding, k.Repaid.On, -k.Repaid.Amount})
		left -= k.Repaid.Amount
	}
	if k.Claimed.Amount > 0 {
		add(PayClaim, movedClaim, entry{Outstanding, k.Claimed.On, -k.Claimed.Amount})
		add(PayClaim, "", entry{Claims, k.Claimed.On, k.Claimed.Amount})
		left -= k.Claimed.Amount
	}
	if k.Recovered.Amount > 0 {
		add(Recover, movedRecovered, entry{Claims, k.Recovered.On, -k.Recovered.Amount})
	}
	if k.Released != "" && left > 0 {
		add(Repay, movedRepaid, entry{Outstanding, k.Released, -left})
	}
	return lines, facts
}

// coursed is a posting of a step that was taken before.
type coursed struct {
	do authz.Permission
	entry
}

// Conclude enters contracts concluded before, all or none (登记存量合同), and
// returns their cases. They are what happened: a limit that they break bars
// nothing, but the guarantor's page shows it. Broken fields are named by the
// contract's place in the list: contracts.3.amount.
func (s *Service) Conclude(ctx context.Context, by authz.Actor, all []Contract) ([]Case, error) {
	var cases []Case
	err := s.gate.Batch(ctx, func(ctx context.Context, tx *db.Tx, b *gate.Batch) error {
		list, err := s.parties(ctx, tx, by, all)
		if err != nil {
			return err
		}
		var f fault.Fields
		for i := range list {
			for _, bad := range list[i].check(dayOf(tx.Now)) {
				f.Add(fmt.Sprintf("contracts.%d.%s", i, bad.Name), bad.Key, bad.Args...)
			}
		}
		if err := f.Err(); err != nil {
			return err
		}
		cases, err = s.conclude(ctx, tx, b, by, list)
		return err
	})
	if db.Unique(err) {
		err = fault.Because(err, fault.Conflict, "guarantee.conflict.number")
	}
	return cases, err
}

// parties finds the guarantors and clients of contracts: NotFound for a guarantor
// whose books the actor may not keep, or an enterprise that is not there.
func (s *Service) parties(ctx context.Context, r db.Reader, by authz.Actor, all []Contract) ([]concluded, error) {
	list := make([]concluded, len(all))
	guarantors, clients := map[institution.ID]*Guarantor{}, map[string]*enterprise.Enterprise{}
	past := map[institution.ID][]Standing{}
	for i, k := range all {
		if guarantors[k.Guarantor] == nil {
			g, err := oneGuarantor(ctx, r, by.Scope(Import), k.Guarantor, s.today())
			if err != nil {
				return nil, err
			}
			if past[g.ID], err = standings(ctx, r, g.ID); err != nil {
				return nil, err
			}
			guarantors[k.Guarantor] = &g
		}
		if clients[k.Enterprise] == nil {
			e, err := enterprise.Load(ctx, r, authz.Unbounded("a contract names its client"), enterprise.ID(k.Enterprise))
			if err != nil {
				return nil, err
			}
			clients[k.Enterprise] = &e
		}
		list[i] = concluded{Contract: k, of: guarantors[k.Guarantor].on(past[k.Guarantor], k.Deal.On), client: clients[k.Enterprise]}
	}
	return list, whoBacked(ctx, r, pointers(list))
}

func pointers[T any](list []T) []*T {
	all := make([]*T, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return all
}

// whoBacked looks up who stands behind contracts.
func whoBacked(ctx context.Context, r db.Reader, list []*concluded) error {
	var of []*Guarantor
	var all []Backer
	for _, k := range list {
		if len(k.Backers) > 0 && len(k.Backers) <= mostBackers {
			of, all = append(of, k.of), append(all, k.Backers...)
		}
	}
	known, err := whoBacks(ctx, r, of, all...)
	for _, k := range list {
		k.behind = known
	}
	return err
}

// conclude writes contracts that were checked, each with an entry in the batch. Who
// stands behind them is looked at once more, under the guarantors' locks: a member
// may have left since.
func (s *Service) conclude(ctx context.Context, tx *db.Tx, b *gate.Batch, by authz.Actor, list []concluded) ([]Case, error) {
	if err := lockBooks(ctx, tx, list); err != nil {
		return nil, err
	}
	if err := whoBacked(ctx, tx, pointers(list)); err != nil {
		return nil, err
	}
	cases := make([]Case, len(list))
	byCounty := map[string][]*Case{}
	for i := range list {
		var f fault.Fields
		if list[i].backed(&f); len(f) > 0 {
			return nil, f.Err()
		}
		cases[i] = list[i].value()
		c := &cases[i]
		if err := b.Add(&gate.Change{
			By: by, Do: Import, On: list[i].of.Target(), Record: gate.Record{Kind: Kind, ID: string(c.ID)},
			Detail: map[string]any{"amount": c.Deal.Amount, "on": c.Deal.On},
		}); err != nil {
			return nil, err
		}
		key := string(countyOf(c.Region)) + c.Deal.On[:4]
		byCounty[key] = append(byCounty[key], c)
	}
	keys := make([]string, 0, len(byCounty))
	for key := range byCounty {
		keys = append(keys, key)
	}
	slices.Sort(keys) // one order for everybody
	for _, key := range keys {
		year := key[len(key)-4:]
		number, err := numbered(ctx, tx, "DB", region.Code(strings.TrimSuffix(key, year)), year, len(byCounty[key]))
		if err != nil {
			return nil, err
		}
		for i, c := range byCounty[key] {
			c.Number = number(i)
		}
	}
	if err := insertCases(ctx, tx, pointers(cases)...); err != nil {
		return nil, err
	}
	return cases, s.book(ctx, tx, by, list, cases)
}

// book writes the postings, facts and first lines of history of contracts.
func (s *Service) book(ctx context.Context, tx *db.Tx, by authz.Actor, list []concluded, cases []Case) error {
	var rows, behind []any
	var facts []ledger.Fact
	for i := range list {
		c := &cases[i]
		lines, more := list[i].course(c)
		facts, behind = append(facts, more...), backerRows(behind, c.ID, list[i].Backers)
		for _, l := range lines {
			rows = append(rows, db.NewID(), string(c.Guarantor), string(c.ID), string(l.account), l.on, l.amount, string(l.do), "",
				db.Millis(tx.Now), by.ID, by.Name)
		}
		if err := flow.Note(ctx, tx, gate.Record{Kind: Kind, ID: string(c.ID)}, flow.Began(by, Import, c.State, "")); err != nil {
			return err
		}
	}
	if err := tx.InsertAll(ctx, intoPosting, 11, rows); err != nil {
		return err
	}
	if err := insertBackers(ctx, tx, behind); err != nil {
		return err
	}
	_, err := s.ledger.Post(ctx, tx, facts...)
	return err
}

// lockBooks locks the guarantors of contracts, in one order for everybody.
func lockBooks(ctx context.Context, tx *db.Tx, list []concluded) error {
	ids := make([]institution.ID, len(list))
	for i := range list {
		ids[i] = list[i].Guarantor
	}
	slices.SortFunc(ids, func(a, b institution.ID) int { return cmp.Compare(a, b) })
	for _, id := range slices.Compact(ids) {
		if err := tx.Lock(ctx, "guarantor", string(id)); err != nil {
			return err
		}
	}
	return nil
}
