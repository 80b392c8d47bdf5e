package guarantee_test

import (
	"errors"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
)

// The members of a pool stand behind each other's contracts (会员联保): whoever does is
// a member, is not the client itself, and stays until the contract has ended. Merged
// entries are one.
func TestMembersStandBehindEachOther(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, chair := t.Context(), people(w.pool, "会长")
		forge := w.enterprise("射阳县合德锻造厂", hede) // code 3
		members := map[int]guarantee.Member{}
		for _, n := range []int{1, 2} {
			m, err := w.Join(ctx, chair, w.pool, guarantee.Joining{Number: code(n), On: "2008-03-03", Paid: 20 * wan})
			w.must(err)
			members[n] = m
		}
		c, err := w.approve(w.pool, w.mill, 10*wan)
		w.must(err)
		sign := func(all ...guarantee.Backer) error {
			next, err := w.Sign(ctx, chair, c.ID, c.Version, guarantee.Signing{On: "2008-03-03", Amount: 10 * wan, Fee: 100, Backers: all})
			if err == nil {
				c = next
			}
			return err
		}
		err = sign(guarantee.Backer{Number: code(1), Amount: 11 * wan}, guarantee.Backer{Number: code(3), Amount: wan}, guarantee.Backer{Number: "none", Amount: wan})
		f := fault.FieldsOf(err)
		for _, want := range []string{"backers.0.number", "backers.0.amount", "backers.1.number", "backers.2.number"} {
			if !f.Has(want) {
				t.Errorf("nothing is said of %s: %v", want, err)
			}
		}
		w.must(sign(guarantee.Backer{Number: code(2), Amount: 6 * wan}))
		d, err := w.Get(ctx, owner(w.mill), c.ID)
		w.must(err)
		if len(d.Backers) != 1 || d.Backers[0].Name != "射阳县临海食品有限公司" || d.Backers[0].Amount != 6*wan {
			t.Errorf("behind it stand %+v", d.Backers)
		}
		leave := func() error {
			_, err := w.Leave(ctx, chair, w.pool, members[2].ID, "2008-03-03", "转行")
			return err
		}
		asked, err := w.Apply(ctx, owner(w.inn), guarantee.Application{Guarantor: w.pool, Enterprise: string(w.inn), Bank: w.bank, Wish: wish(5 * wan)})
		w.must(err)
		if err := leave(); !fault.Is(err, fault.Conflict) {
			t.Errorf("left while it stands behind another's contract: %v", err)
		}
		w.must(w.enterprises.Merge(ctx, staff(city), w.inn, 1, forge, "同一家企业"))
		d, err = w.Get(ctx, chair, c.ID)
		w.must(err)
		if len(d.Backers) != 1 || d.Backers[0].Enterprise != string(forge) {
			t.Errorf("after the merger behind it stand %+v", d.Backers)
		}
		c, err = w.Cancel(ctx, chair, c.ID, c.Version, "合同没有履行")
		w.must(err)
		var told *fault.Error
		if err := leave(); !errors.As(err, &told) || told.Key != "guarantee.conflict.applied" || !slices.Contains(told.Args, any(asked.Number)) {
			t.Errorf("left while it asks for a guarantee: %v", err)
		}
		now, err := w.Get(ctx, chair, asked.ID) // of the enterprise that it was merged into
		w.must(err)
		_, err = w.Refuse(ctx, chair, now.ID, now.Version, "资料不全")
		w.must(err)
		w.must(leave())
	})
}
