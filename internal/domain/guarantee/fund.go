package guarantee

import (
	"context"
	"math/bits"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Settlement is what a member gets when it leaves a pool, in fen: its part, by
// shares, of the fund as it stands then. A loss is so borne by all in proportion,
// and a surplus shared; claims not yet recovered count as lost, and what comes
// back later is the others'. Never more than the fund holds.
//
// Grade C: how a pool settles is for its own articles (章程) to say; no law of
// 2008 does. An operator whose articles differ enters the difference as income or
// expense of the fund before the member leaves.
type Settlement struct {
	Paid   int64 `db:"paid"`   // what the member has paid in
	Shares int64 `db:"shares"` // what all have
	Fund   int64 `db:"fund"`
	Payout int64 `db:"payout"`
}

// settlement of a member that has paid in so much.
func (s Sums) settlement(paid int64) Settlement {
	return Settlement{Paid: paid, Shares: s.Shares, Fund: s.Fund(), Payout: portion(max(0, s.Fund()), paid, s.Shares)}
}

// portion is sum × part ÷ whole, rounded down; 0 of nothing. None is below zero,
// and the part not above the whole.
func portion(sum, part, of int64) int64 {
	if of <= 0 || part <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(sum), uint64(part))
	quotient, _ := bits.Div64(hi, lo, uint64(of))
	return int64(quotient)
}

// Fund is what a pool has (基金余额): shares and income, less claims that were not
// recovered and what was written off.
func (s Sums) Fund() int64 { return s.Shares + s.Income - s.Claims - s.Losses }

// sumsOf are the balances of a guarantor's books.
func sumsOf(ctx context.Context, r db.Reader, id institution.ID) (Sums, error) {
	var sums Sums
	return sums, r.Get(ctx, &sums, `SELECT `+sumColumns+` FROM guarantee_posting p WHERE p.guarantor_id = ?`, string(id))
}

// Earn enters what a pool's fund has taken in, or spent when the amount is below
// zero (基金收支): fees, interest, costs; with a word of what it was. It is never
// more than the fund holds.
func (s *Service) Earn(ctx context.Context, by authz.Actor, pool institution.ID, in Movement) (Guarantor, error) {
	g, err := s.guarantors().Allow(ctx, s.db, by, string(pool), Earn)
	if err != nil {
		return g, err
	}
	var f fault.Fields
	in.Words = strings.TrimSpace(in.Words)
	between(&f, "on", in.On, g.Since, s.today())
	money(&f, "amount", max(in.Amount, -in.Amount))
	f.Length("words", in.Words, 2, 200)
	if err := f.Err(); err != nil {
		return g, err
	}
	c := gate.Change{
		By: by, Do: Earn, On: g.Target(), Record: gate.Record{Kind: GuarantorKind, ID: string(pool)},
		Detail: map[string]any{"amount": in.Amount, "on": in.On, "words": in.Words},
	}
	return g, s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if g.Type != Mutual {
			return fault.New(fault.Conflict, "guarantee.conflict.pool")
		}
		if err := tx.Lock(ctx, "guarantor", string(pool)); err != nil {
			return err
		}
		sums, err := sumsOf(ctx, tx, pool)
		if err != nil {
			return err
		}
		if left := sums.Fund() + in.Amount; in.Amount < 0 && left < 0 {
			return fault.Fields{{Name: "amount", Key: "guarantee.field.above_fund", Args: []any{"most", yuan(max(0, sums.Fund()))}}}.Err()
		}
		return post(ctx, tx, by, Earn, pool, string(pool), entry{Income, in.On, in.Amount})
	})
}

// settled are what members got who left a pool, by member.
func settled(ctx context.Context, r db.Reader, pools ...institution.ID) (map[string]Settlement, error) {
	type row struct {
		Member string `db:"member_id"`
		Settlement
	}
	rows, err := db.InAll[row](ctx, r, pools, `SELECT member_id, paid, shares, fund, payout FROM guarantor_settlement WHERE guarantor_id IN (?)`)
	all := map[string]Settlement{}
	for _, row := range rows {
		all[row.Member] = row.Settlement
	}
	return all, err
}

// settle tells each member what it gets: today, or when it left.
func settle(ctx context.Context, r db.Reader, pool institution.ID, sums Sums, all []Member) error {
	past, err := settled(ctx, r, pool)
	for i := range all {
		if m := &all[i]; m.Left == "" {
			m.Settlement = sums.settlement(m.Paid)
		} else {
			m.Settlement = past[m.ID]
		}
	}
	return err
}
