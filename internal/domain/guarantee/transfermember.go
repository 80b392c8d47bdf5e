package guarantee

import (
	"cmp"
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// MemberTable is the members of mutual pools as a spreadsheet (互助会员): what each
// has paid in, when it joined and when it left. A membership is known by pool,
// enterprise and the day of joining.
func MemberTable() *xfer.Table {
	return &xfer.Table{Name: "pool-member", Title: "guarantee.table.member", Columns: []xfer.Column{
		{Key: "pool", Label: "guarantee.column.pool", Required: true, Example: "合德镇纺织企业互助担保会"},
		{Key: "code", Label: "guarantee.column.code", Type: xfer.Code, Required: true, Hint: "guarantee.column.member_hint"},
		{Key: "name", Label: "guarantee.column.client", Type: xfer.Note},
		{Key: "joined", Label: "guarantee.column.joined", Type: xfer.Date, Required: true, Example: "2007-03-01"},
		{Key: "paid", Label: "guarantee.column.paid", Type: xfer.Money, Required: true, Example: "200000"},
		{Key: "left", Label: "guarantee.column.left", Type: xfer.Date},
		{Key: "reason", Label: "guarantee.column.left_reason", Hint: "guarantee.column.left_reason_hint"},
		{Key: "payout", Label: "guarantee.column.payout", Type: xfer.Note},
	}}
}

// memberLine is what a row of MemberTable says.
type memberLine struct {
	pool, code, joined, left, reason string
	paid                             int64
}

// ImportMembers lands rows of MemberTable as an actor (导入互助会员): as Join and
// Leave do. What somebody who left was paid follows from the fund as it stands
// when the row lands.
func (s *Service) ImportMembers(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Join, func(r *xfer.Row) memberLine {
		l := memberLine{
			r.Text("pool"), enterprise.Normalise(r.Code("code")), r.Day("joined"), r.Day("left"),
			cmp.Or(r.Text("reason"), text.Zh.T("guarantee.import.left")), r.Amount("paid"),
		}
		if l.left != "" && l.left < l.joined {
			r.Break("left", "guarantee.field.before", "day", l.joined)
		}
		r.Keys = []string{l.pool + "\x00" + l.code + "\x00" + l.joined}
		return l
	}, (*Service).takeMember)
}

// check tells what is wrong with a row whatever its pool is.
func (l *memberLine) check(today string) fault.Fields {
	var f fault.Fields
	between(&f, "joined", l.joined, "", today)
	money(&f, "paid", l.paid)
	return f
}

func (s *Service) takeMember(ctx context.Context, by authz.Actor, r *xfer.Row, l memberLine) error {
	all, err := s.called(ctx, s.db, by.Scope(Join), l.pool)
	if err != nil {
		return err
	}
	pool, known := all[l.pool]
	near := authz.Within(countyOf(pool.Region))
	if !known {
		r.BreakAll("", l.check(s.today()).Err())
		if !r.Bad.Has("pool") {
			r.Break("pool", "guarantee.import.guarantor", "name", l.pool)
		}
		near = authz.Unbounded("being on the register is no secret")
	}
	found, err := s.membersOf(ctx, pool.ID)
	if err != nil {
		return err
	}
	firm, err := enterprise.ByNumber(ctx, s.db, near, l.code)
	if err != nil {
		return err
	}
	if firm[l.code].ID == "" && !r.Bad.Has("code") {
		r.Break("code", "guarantee.field.number")
	}
	of := func(m Member) bool { return m.Enterprise == string(firm[l.code].ID) }
	i := slices.IndexFunc(found, func(m Member) bool { return of(m) && m.Joined == l.joined })
	r.Outcome = xfer.New
	var m Member
	switch {
	case i >= 0:
		m, r.Outcome = found[i], xfer.Unchanged
		if paid := cmp.Or(m.Paid, m.Settlement.Paid); paid != l.paid {
			r.Break("paid", "guarantee.import.paid", "paid", yuan(paid))
		}
	case slices.ContainsFunc(found, func(m Member) bool { return of(m) && m.Left == "" }):
		r.Break("joined", "guarantee.import.member")
		return nil
	default:
		m, err = s.Join(ctx, by, pool.ID, Joining{Number: l.code, On: l.joined, Paid: l.paid})
		if err = xfer.Columns(err, "on", "joined", "number", "code"); err != nil {
			return err
		}
	}
	switch {
	case l.left == m.Left, l.left == "" && !r.Has("left"):
		return nil
	case m.Left != "":
		r.Break("left", "guarantee.import.gone", "day", m.Left)
		return nil
	case r.Outcome == xfer.Unchanged:
		r.Outcome = xfer.Changed
	}
	_, err = s.Leave(ctx, by, pool.ID, m.ID, l.left, l.reason)
	return xfer.Columns(err, "on", "left")
}

// membersOf are all members of a pool with what they got who left.
func (s *Service) membersOf(ctx context.Context, pool institution.ID) ([]Member, error) {
	all, err := members(ctx, s.db, pool, false)
	if err == nil {
		err = settle(ctx, s.db, pool, Sums{}, all)
	}
	return all, err
}

// ExportMembers writes the members of the pools within the actor's reach, those
// who left too (导出互助会员).
func (s *Service) ExportMembers(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	var codes map[string]string
	read := func(ctx context.Context, r db.Reader, pools ...institution.ID) (map[institution.ID][]Member, error) {
		all, err := membersIn(ctx, r, false, pools...)
		if err != nil {
			return nil, err
		}
		past, err := settled(ctx, r, pools...)
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(all))
		for i := range all {
			ids[i], all[i].Settlement = all[i].Enterprise, past[all[i].ID]
		}
		codes, err = enterprise.Codes(ctx, r, ids...)
		return db.Grouped(all, func(m *Member) (institution.ID, Member) { return m.Pool, *m }), err
	}
	return eachBook(ctx, s, by, at, read, func(g *Guarantor, all []Member) error {
		for _, m := range all {
			paid, payout := m.Paid, ""
			if m.Left != "" {
				paid, payout = m.Settlement.Paid, xfer.Amount(m.Settlement.Payout)
			}
			if err := put([]string{g.Name, codes[m.Enterprise], m.Name, m.Joined, xfer.Amount(paid), m.Left, "", payout}); err != nil {
				return err
			}
		}
		return nil
	})
}
