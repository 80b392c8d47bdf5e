package enterprise_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
)

type ctx = context.Context

func TestARegistrantLearnsNothingOfOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.registers(w.person("squatter"), "鹤乡纺织有限公司", donggou, mill, true)
		w.registers(w.person("owner"), "鹤乡纺织有限公司", hede, mill, true)
		w.registers(w.person("third"), "丹顶鹤食品有限公司", hede, crane, true)
		shapes := map[string]enterprise.MyClaim{}
		for _, p := range []string{"squatter", "owner", "third"} {
			claims, err := w.MyClaims(t.Context(), w.person(p))
			if err != nil || len(claims) != 1 {
				t.Fatal(claims, err)
			}
			c := claims[0]
			c.ID, c.Code, c.CreatedAt = "", "", c.DecidedAt
			shapes[p] = c
		}
		if !reflect.DeepEqual(shapes["owner"], shapes["third"]) || !reflect.DeepEqual(shapes["owner"], shapes["squatter"]) {
			t.Errorf("the answers differ: %+v", shapes)
		}
		if got := w.claimOf("owner"); got.Status != enterprise.ClaimDisputed || got.Contested == "" {
			t.Errorf("the staff does not see the dispute: %+v", got)
		}
		if got := w.holds(); got != "owner:鹤乡纺织有限公司 squatter:鹤乡纺织有限公司 third:丹顶鹤食品有限公司" {
			t.Errorf("who acts for what: %s", got)
		}
	})
}

func TestAClaimToAKnownAndToAnUnknownNumberAnswerAlike(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.verified("鹤乡纺织有限公司", hede, mill)
		var answers []enterprise.MyClaim
		for _, code := range []string{mill, crane} {
			c, err := w.FileClaim(t.Context(), w.person("gu"), enterprise.ClaimForm{Code: code, Region: donggou, Evidence: "我是法定代表人"})
			w.ok(err)
			c.ID, c.Code, c.CreatedAt = "", "", c.DecidedAt
			answers = append(answers, c)
		}
		if !reflect.DeepEqual(answers[0], answers[1]) {
			t.Errorf("%+v", answers)
		}
		_, err := w.FileClaim(t.Context(), w.person("gu"), enterprise.ClaimForm{Code: mill, Region: hede, Evidence: "再来一次"})
		w.want(fault.Conflict, err)
		list, _, err := w.Claims(t.Context(), staff(sheyang), enterprise.ClaimFilter{}, db.Page{})
		if err != nil || len(list) != 1 || list[0].Code != mill {
			t.Errorf("the county of the enterprise sees %+v, %v", list, err)
		}
		unknown := w.claimOf("gu")
		w.want(fault.Conflict, w.Decide(t.Context(), staff(funing), unknown.ID, unknown.Version, enterprise.Decision{Accept: true}))
		if w.holds() != "" {
			t.Errorf("a claim alone gave a right: %s", w.holds())
		}
	})
}

func TestTheTrueOwnerGetsThroughThoughSomebodyWasFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		squat := w.registers(w.person("squatter"), "鹤乡纺织有限公司", hede, mill, true)
		w.ok(w.Verify(ctx, staff(sheyang), squat, 1)) // with a forged licence
		own := w.registers(w.person("owner"), "射阳县鹤乡纺织有限公司", hede, mill, true)
		w.want(fault.Conflict, w.Verify(ctx, staff(sheyang), own, 1))

		c := w.claimOf("owner")
		w.want(fault.NotFound, w.Decide(ctx, viewer(), c.ID, c.Version, enterprise.Decision{Accept: true}))
		w.want(fault.Invalid, w.Decide(ctx, staff(sheyang), c.ID, c.Version, enterprise.Decision{Accept: true, Replace: true}))
		w.want(fault.NotFound, w.Decide(ctx, staff(funing), c.ID, c.Version, enterprise.Decision{Accept: true}))
		w.want(fault.Stale, w.Decide(ctx, staff(sheyang), c.ID, 9, enterprise.Decision{Accept: true, Reason: "执照原件在她手里"}))
		w.news = nil
		w.ok(w.Decide(ctx, staff(sheyang), c.ID, c.Version, enterprise.Decision{Accept: true, Replace: true, Reason: "执照原件在她手里"}))

		if got := w.holds(); got != "owner:鹤乡纺织有限公司" {
			t.Errorf("who acts for what: %s", got)
		}
		if e := w.get(own); e.AliasOf != squat || len(w.merges) != 1 {
			t.Errorf("the second entry: %+v, merges %v", e, w.merges)
		}
		if !slices.Equal(w.news, []string{"squatter lost", "owner accepted"}) {
			t.Errorf("news %v", w.news)
		}
		lost := w.claimOf("squatter")
		if lost.Status != enterprise.ClaimRejected || lost.Holds || lost.Reason != "执照原件在她手里" {
			t.Errorf("%+v", lost)
		}
	})
}

func TestARefusedRegistrantLosesTheEntryAndTheHolderIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		real := w.registers(w.person("owner"), "鹤乡纺织有限公司", hede, mill, true)
		w.ok(w.Verify(ctx, staff(sheyang), real, 1))
		fake := w.registers(w.person("squatter"), "鹤乡纺织有限公司", linhai, mill, true)
		c := w.claimOf("squatter")
		w.ok(w.Dispute(ctx, staff(sheyang), w.claimOf("owner").ID, w.claimOf("owner").Version, "两个人都说是自己的"))
		w.ok(w.AddEvidence(ctx, w.person("squatter"), c.ID, "我有公章"))
		w.want(fault.NotFound, w.AddEvidence(ctx, w.person("owner"), c.ID, "他没有公章"))
		w.news = nil
		c = w.claimOf("squatter")
		w.ok(w.Decide(ctx, staff(sheyang), c.ID, c.Version, enterprise.Decision{Reason: "没有出示执照"}))
		if !slices.Equal(w.news, []string{"squatter refused", "owner kept"}) {
			t.Errorf("news %v", w.news)
		}
		if got := w.holds(); got != "owner:鹤乡纺织有限公司" {
			t.Errorf("who acts for what: %s", got)
		}
		if e := w.get(fake); e.Status != enterprise.Rejected || e.Reason != "没有出示执照" {
			t.Errorf("%+v", e)
		}
		w.want(fault.Conflict, w.Decide(ctx, staff(sheyang), c.ID, c.Version+1, enterprise.Decision{Accept: true}))
	})
}

func TestAPartnerJoins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.registers(w.person("gu"), "鹤乡纺织有限公司", hede, mill, true)
		w.ok(w.Verify(ctx, staff(sheyang), id, 1))
		_, err := w.FileClaim(ctx, w.person("lu"), enterprise.ClaimForm{Code: mill, Region: hede, Evidence: "我是会计"})
		w.ok(err)
		c := w.claimOf("lu")
		w.news = nil
		w.ok(w.Decide(ctx, staff(sheyang), c.ID, c.Version, enterprise.Decision{Accept: true, Reason: "企业来电确认"}))
		if !slices.Equal(w.news, []string{"gu joined", "lu accepted"}) || w.holds() != "gu:鹤乡纺织有限公司 lu:鹤乡纺织有限公司" {
			t.Errorf("news %v, %s", w.news, w.holds())
		}
		held, err := w.Holders(ctx, staff(sheyang), id)
		if err != nil || len(held) != 2 {
			t.Errorf("%v %v", held, err)
		}
		if held, _ := w.Holders(ctx, w.person("gu"), id); len(held) != 0 {
			t.Errorf("an owner sees who else claims: %v", held)
		}
	})
}

func TestARegistrantWhoCorrectsTheNumberIsCheckedAgainstTheNewOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		known := w.verified("鹤乡纺织有限公司", hede, mill)
		id := w.registers(w.person("gu"), "鹤乡纺织厂", donggou, crane, true)
		if c := w.claimOf("gu"); c.Contested != "" || c.Region != donggou {
			t.Fatalf("%+v", c)
		}
		w.ok(w.Edit(ctx, w.person("gu"), id, 1, enterprise.Amendment{Profile: w.get(id).Profile, Codes: []string{mill}}))
		c := w.claimOf("gu")
		if c.Code != mill || c.Contested != known || c.Region != hede {
			t.Errorf("%+v", c)
		}
		w.ok(w.Decide(ctx, staff(sheyang), c.ID, c.Version, enterprise.Decision{Accept: true}))
		if w.holds() != "gu:鹤乡纺织有限公司" || w.get(id).AliasOf != known {
			t.Errorf("%s, %+v", w.holds(), w.get(id))
		}
	})
}
