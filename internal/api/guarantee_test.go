package api_test

import (
	"net/http"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const seeGuarantee, workGuarantee = "guarantee:read", "guarantee:write"

const wan = 10_000_00 // fen

// vault is a guarantor with books, a bank, an enterprise and their programs.
type vault struct {
	*world
	guarantor, bank, enterprise             string
	centre, head, second, teller, own, none *apitest.Client
	today                                   string
}

func (w *world) vault() *vault {
	w.t.Helper()
	v := &vault{world: w, today: w.day(0)}
	register := w.key(w.staff, lookAt, keep)
	v.guarantor = register.Post("/institutions", guarantor()).Is(http.StatusCreated).ID()
	v.bank = register.Post("/institutions", guarantor("name", "射阳农村商业银行", "kinds", []string{"bank"}, "code", code(901))).Is(http.StatusCreated).ID()
	at := func(name, role, institution string) *apitest.Client {
		return w.key(w.person(name, account.Grant{Role: role, Party: authz.Party{Kind: authz.Institution, ID: institution}}), seeGuarantee, workGuarantee)
	}
	v.head, v.second, v.teller = at("沈芳", app.RoleInstitution, v.guarantor), at("刘洋", app.RoleInstitution, v.guarantor), at("钱进", app.RoleInstitution, v.bank)
	v.centre, v.none = w.key(w.staff, seeGuarantee, workGuarantee), w.key(w.neighbour, seeGuarantee, workGuarantee)
	v.own, v.enterprise = w.owned(31, seeGuarantee, workGuarantee)
	v.none.Post("/guarantors", v.books()).Is(http.StatusNotFound)
	v.centre.Post("/guarantors", v.books()).Is(http.StatusCreated)
	v.centre.Post("/guarantors", v.books()).Is(http.StatusConflict)
	return v
}

func (v *vault) books() map[string]any {
	return map[string]any{
		"institution": v.guarantor, "type": "policy", "level": "county", "since": "2020-01-01",
		"finance": map[string]any{"from": "2020-01-01", "registered": 10_000 * wan, "net_assets": 10_000 * wan, "source": "验资报告"},
	}
}

func (v *vault) wish(amount int64, more ...any) map[string]any {
	return with(map[string]any{
		"guarantor": v.guarantor, "enterprise": v.enterprise, "bank": v.bank, "amount": amount, "months": 12, "purpose": "采购棉花", "security": []string{"equipment"},
	}, more...)
}

type guaranteed struct {
	ID, Number, State string
	Granted           int64
	Balance           struct{ Committed, Outstanding, Claims, Losses, Repaid, Paid, Recovered int64 }
	Approvals         []struct{ Name string }
	Meeting           *struct{ Passed bool }
	Postings          []struct {
		Account string
		Amount  int64
	}
	Limits []struct{ Kind string }
	Can    []string
}

// signed brings an application as far as the contract.
func (v *vault) signed(amount int64) (string, *apitest.Answer) {
	v.t.Helper()
	at := v.own.Post("/guarantees", v.wish(amount)).Is(http.StatusCreated)
	path := "/guarantees/" + at.ID()
	at = v.head.With("If-Match", at.ETag()).Post(path+"/accept", nil).Is(http.StatusOK)
	at = v.head.With("If-Match", at.ETag()).Post(path+"/examine", map[string]any{"on": v.today, "amount": amount, "opinion": "经营正常，还款有来源，可以担保"}).Is(http.StatusOK)
	votes := []map[string]any{{"name": "周明", "voice": "for"}, {"name": "吴敏", "voice": "for"}, {"name": "郑华", "voice": "for"}, {"name": "王强", "voice": "for"}, {"name": "冯军", "voice": "against"}}
	at = v.head.With("If-Match", at.ETag()).Post(path+"/review", map[string]any{"on": v.today, "votes": votes}).Is(http.StatusOK)
	granted := map[string]any{"amount": amount, "months": 12}
	at = v.head.With("If-Match", at.ETag()).Post(path+"/approve", granted).Is(http.StatusOK)
	var g guaranteed
	if at.Into(&g); g.State == "reviewed" { // above the set amount a second person has to
		v.head.With("If-Match", at.ETag()).Post(path+"/approve", granted).Is(http.StatusConflict)
		at = v.second.With("If-Match", at.ETag()).Post(path+"/approve", granted).Is(http.StatusOK)
	}
	if at.Into(&g); g.State != "approved" || g.Balance.Committed != amount || g.Meeting == nil || !g.Meeting.Passed {
		v.t.Fatalf("approved it is %+v", g)
	}
	bad := v.head.With("If-Match", at.ETag()).Unwisely().Post(path+"/sign", map[string]any{
		"on": v.today, "amount": amount, "fee": 150, "bank": v.bank, "backers": []map[string]any{{"number": "none", "amount": amount + 1}},
	}).Is(http.StatusUnprocessableEntity).Pointers()
	if want := []string{"/backers/0/number", "/backers/0/amount"}; !slices.Equal(bad, want) {
		v.t.Errorf("backers are broken at %v, want %v", bad, want)
	}
	at = v.head.With("If-Match", at.ETag()).Post(path+"/sign", map[string]any{"on": v.today, "amount": amount, "fee": 150, "bank": v.bank}).Is(http.StatusOK)
	return path, at
}

// atAGlance checks that the county's board has the contract, and what it is made of.
func (v *vault) atAGlance(amount int64) {
	v.t.Helper()
	if _, err := v.app.Ledger.RollAll(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
	var b struct {
		Values    map[string]int64
		Contracts int64
		Parts     []struct{ Region string }
	}
	if v.centre.Get("/guarantee-board?region=320924").Is(http.StatusOK).Into(&b); b.Values["amount"] != amount || b.Contracts != 1 {
		v.t.Errorf("the board is %+v", b)
	}
	var behind struct {
		Items []struct {
			Guarantee string
			Adds      int64
		}
		Total int
	}
	v.centre.Get("/guarantee-board/amount?region=320924&total=true").Is(http.StatusOK).Into(&behind)
	if behind.Total != 1 || behind.Items[0].Adds != amount || behind.Items[0].Guarantee == "" {
		v.t.Errorf("behind the amount is %+v", behind)
	}
	v.none.Get("/guarantee-board?region=320924").Is(http.StatusNotFound)
	v.centre.Unwisely().Get("/guarantee-board/nothing?region=320924").Is(http.StatusUnprocessableEntity)
}

// From the application to the release, each side by its own program.
func TestProgramsCarryAGuaranteeFromApplicationToRelease(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.vault()
		broken := v.own.Unwisely().Post("/guarantees", v.wish(-1, "months", 0, "purpose", "", "security", []string{"gold"}, "guarantor", v.bank)).Is(http.StatusUnprocessableEntity).Broken()
		if slices.Sort(broken); !slices.Equal(broken, []string{"amount", "guarantor", "months", "purpose", "security"}) {
			t.Errorf("an application is broken at %v", broken)
		}
		v.none.Post("/guarantees", v.wish(50*wan)).Is(http.StatusNotFound) // another county's enterprise
		const amount = 600 * wan
		path, at := v.signed(amount)
		v.none.Get(path).Is(http.StatusNotFound)
		var g guaranteed
		if v.own.Get(path).Is(http.StatusOK).Into(&g); g.Meeting != nil || len(g.Approvals) != 0 || len(g.Limits) != 0 {
			t.Errorf("the enterprise reads what the guarantor keeps to itself: %+v", g)
		}
		v.atAGlance(amount)
		v.own.With("If-Match", at.ETag()).Post(path+"/lend", map[string]any{"number": "JK-1", "on": v.today, "amount": amount}).Is(http.StatusForbidden)
		at = v.teller.With("If-Match", at.ETag()).Post(path+"/lend", map[string]any{"number": "JK-1", "on": v.today, "amount": amount}).Is(http.StatusOK)
		v.head.With("If-Match", at.ETag()).Post(path+"/release", nil).Is(http.StatusConflict) // something is outstanding
		repaid := map[string]any{"on": v.today, "amount": 400 * wan}
		old := at.ETag()
		at = v.teller.With("If-Match", old, "Idempotency-Key", "repaid").Post(path+"/repay", repaid).Is(http.StatusOK)
		v.teller.With("If-Match", old, "Idempotency-Key", "repaid").Post(path+"/repay", repaid).Is(http.StatusOK)
		v.teller.With("If-Match", old).Post(path+"/repay", repaid).Is(http.StatusPreconditionFailed)
		v.teller.With("If-Match", at.ETag()).Post(path+"/repay", map[string]any{"on": v.today, "amount": 201 * wan}).Is(http.StatusUnprocessableEntity)
		at = v.teller.With("If-Match", at.ETag()).Post(path+"/repay", map[string]any{"on": v.today, "amount": 200 * wan}).Is(http.StatusOK)
		if v.head.With("If-Match", at.ETag()).Post(path+"/release", nil).Is(http.StatusOK).Into(&g); g.State != "released" || g.Balance.Outstanding != 0 || g.Balance.Repaid != amount {
			t.Errorf("released it is %+v", g)
		}
		var list struct {
			Items []struct {
				Number        string
				GuarantorName string `json:"guarantor_name"`
			}
		}
		for who, program := range map[string]*apitest.Client{"enterprise": v.own, "bank": v.teller, "guarantor": v.head, "centre": v.centre} {
			if program.Get("/guarantees?state=released").Is(http.StatusOK).Into(&list); len(list.Items) != 1 || list.Items[0].GuarantorName == "" {
				t.Errorf("the %s lists %+v", who, list.Items)
			}
		}
		if v.none.Get("/guarantees").Is(http.StatusOK).Into(&list); len(list.Items) != 0 {
			t.Errorf("another county lists %+v", list.Items)
		}
	})
}

// A claim is paid and partly recovered; another contract is undone; a bank's
// proposal is refused, and an application taken back.
func TestGuaranteesThatEndOtherwise(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.vault()
		path, at := v.signed(100 * wan)
		at = v.teller.With("If-Match", at.ETag()).Post(path+"/lend", map[string]any{"number": "JK-1", "on": v.today, "amount": 100 * wan}).Is(http.StatusOK)
		until := w.day(540)
		at = v.head.With("If-Match", at.ETag()).Post(path+"/extend", map[string]any{"until": until, "reason": "货款没有收回"}).Is(http.StatusOK)
		v.head.With("If-Match", at.ETag()).Post(path+"/claim", map[string]any{"on": v.today, "amount": 101 * wan}).Is(http.StatusUnprocessableEntity)
		at = v.head.With("If-Match", at.ETag()).Post(path+"/claim", map[string]any{"on": v.today, "amount": 100 * wan}).Is(http.StatusOK)
		at = v.head.With("If-Match", at.ETag()).Post(path+"/recover", map[string]any{"on": v.today, "amount": 30 * wan}).Is(http.StatusOK)
		at = v.head.With("If-Match", at.ETag()).Post(path+"/write-off", map[string]any{"on": v.today, "reason": "法院裁定终结执行"}).Is(http.StatusOK)
		var g guaranteed
		if at.Into(&g); g.State != "written_off" || g.Balance.Claims != 0 || g.Balance.Losses != 70*wan || g.Balance.Recovered != 30*wan {
			t.Errorf("written off it is %+v", g)
		}
		path, at = v.signed(50 * wan)
		v.own.With("If-Match", at.ETag()).Post(path+"/cancel", map[string]any{"reason": "签错了"}).Is(http.StatusForbidden)
		if v.head.With("If-Match", at.ETag()).Post(path+"/cancel", map[string]any{"reason": "签错了"}).Is(http.StatusOK).Into(&g); g.State != "cancelled" || g.Balance.Outstanding != 0 {
			t.Errorf("undone it is %+v", g)
		}
		proposal := v.wish(50*wan, "number", code(31))
		delete(proposal, "enterprise")
		at = v.teller.Post("/guarantees/proposals", proposal).Is(http.StatusCreated)
		path = "/guarantees/" + at.ID()
		v.head.With("If-Match", at.ETag()).Post(path+"/accept", nil).Is(http.StatusConflict) // the enterprise has not agreed
		at = v.own.With("If-Match", at.ETag()).Post(path+"/agree", nil).Is(http.StatusOK)
		if v.head.With("If-Match", at.ETag()).Post(path+"/refuse", map[string]any{"reason": "刚刚代偿过"}).Is(http.StatusOK).Into(&g); g.State != "refused" {
			t.Errorf("refused it is %+v", g)
		}
		at = v.own.Post("/guarantees", v.wish(20*wan)).Is(http.StatusCreated)
		v.own.With("If-Match", at.ETag()).Post("/guarantees/"+at.ID()+"/withdraw", map[string]any{"reason": "不需要了"}).Is(http.StatusOK)
	})
}

// A financing need is offered on by a guarantor and a bank; the enterprise chooses.
func TestAFinancingNeedIsOfferedOnAndChosen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.vault()
		until := w.day(30)
		post := func(key string) (string, *apitest.Answer) {
			at := v.own.With("Idempotency-Key", key).Post("/financing-needs", map[string]any{
				"enterprise": v.enterprise, "amount": 80 * wan, "months": 12, "purpose": "采购棉花", "wanted_by": until,
			}).Is(http.StatusCreated)
			return "/financing-needs/" + at.ID(), at
		}
		path, _ := post("first")
		if again, _ := post("first"); again != path {
			t.Errorf("sent twice it is %s and %s", path, again)
		}
		v.none.Get(path).Is(http.StatusNotFound)
		offer := func(institution string) map[string]any {
			return map[string]any{"institution": institution, "amount": 80 * wan, "months": 12, "rate": 450, "words": "三天放款", "until": until}
		}
		v.own.Post(path+"/offers", offer(v.bank)).Is(http.StatusForbidden) // no institution of theirs
		v.head.Post(path+"/offers", offer(v.guarantor)).Is(http.StatusOK)
		var n struct {
			State, Case string
			Days        *int64
			Offers      []struct{ ID, Institution string }
		}
		v.teller.Post(path+"/offers", offer(v.bank)).Is(http.StatusOK).Into(&n)
		if len(n.Offers) != 1 || n.Offers[0].Institution != v.bank {
			t.Errorf("the bank sees the offers %+v", n.Offers)
		}
		at := v.own.Get(path).Is(http.StatusOK)
		if at.Into(&n); len(n.Offers) != 2 {
			t.Fatalf("the enterprise sees the offers %+v", n.Offers)
		}
		chosen := map[string]string{}
		for _, o := range n.Offers {
			chosen[o.Institution] = o.ID
		}
		v.teller.With("If-Match", at.ETag()).Post(path+"/choose", map[string]any{"offer": chosen[v.bank]}).Is(http.StatusForbidden)
		at = v.own.With("If-Match", at.ETag()).Post(path+"/choose", map[string]any{"offer": chosen[v.bank]}).Is(http.StatusOK)
		at = v.teller.With("If-Match", at.ETag()).Post(path+"/fund", map[string]any{"number": "JK-9", "on": v.today, "amount": 80 * wan}).Is(http.StatusOK)
		if at.Into(&n); n.State != "funded" || n.Days == nil {
			t.Errorf("funded it is %+v", n)
		}
		path, _ = post("second")
		v.head.Post(path+"/offers", offer(v.guarantor)).Is(http.StatusOK)
		at = v.own.Get(path).Is(http.StatusOK)
		at.Into(&n)
		at = v.own.With("If-Match", at.ETag()).Post(path+"/choose", map[string]any{"offer": n.Offers[0].ID}).Is(http.StatusOK)
		if at.Into(&n); n.Case == "" {
			t.Fatalf("a guarantor's offer became %+v", n)
		}
		v.head.Get("/guarantees/" + n.Case).Is(http.StatusOK)
		v.own.With("If-Match", at.ETag()).Post(path+"/withdraw", map[string]any{"reason": "不要了"}).Is(http.StatusConflict) // its case is under way
	})
}

// The books of a guarantor, a pool with its members, and the rules of limits.
func TestTheBooksOfGuarantorsAndTheRulesOfLimits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.vault()
		path := "/guarantors/" + v.guarantor
		at := v.centre.Get(path).Is(http.StatusOK)
		v.none.Get(path).Is(http.StatusNotFound)
		finance := map[string]any{"from": "2021-01-01", "registered": 12_000 * wan, "net_assets": 12_500 * wan, "compensation": 300 * wan, "source": "年度审计报告"}
		v.teller.With("If-Match", at.ETag()).Post(path+"/finances", finance).Is(http.StatusNotFound)
		at = v.centre.With("If-Match", at.ETag()).Post(path+"/finances", finance).Is(http.StatusOK)
		broken := v.centre.With("If-Match", at.ETag()).Put(path+"/outlets", map[string]any{"outlets": []map[string]any{
			{"town": string(town), "from": "2021-01-01"}, {"town": string(town), "from": "2999-01-01"}, {"town": "320924", "from": "2021-01-01", "to": "2020-01-01"},
		}}).Is(http.StatusUnprocessableEntity).Pointers()
		broken = append(broken, v.centre.With("If-Match", at.ETag()).Put(path+"/banks", map[string]any{"banks": []map[string]any{
			{"bank": v.bank, "from": "2021-01-01"}, {"bank": "none", "line": -1, "from": "2021-01-01"},
		}}).Is(http.StatusUnprocessableEntity).Pointers()...)
		if want := []string{"/outlets/1/town", "/outlets/1/from", "/outlets/2/town", "/outlets/2/to", "/banks/1/bank", "/banks/1/line"}; !slices.Equal(broken, want) {
			t.Errorf("lists are broken at %v, want %v", broken, want)
		}
		at = v.centre.With("If-Match", at.ETag()).Put(path+"/outlets", map[string]any{"outlets": []map[string]any{{"town": string(town), "from": "2021-01-01"}}}).Is(http.StatusOK)
		at = v.centre.With("If-Match", at.ETag()).Put(path+"/banks", map[string]any{"banks": []map[string]any{{"bank": v.bank, "line": 5_000 * wan, "from": "2021-01-01"}}}).Is(http.StatusOK)
		var b struct {
			Type     string
			Finance  struct{ Registered int64 }
			Finances []struct{ From string }
			Outlets  []struct{ Town string }
			Banks    []struct{ Name string }
			Members  []struct {
				ID, Name, Left string
				Paid           int64
			}
			Limits []struct{ Kind string }
		}
		if at.Into(&b); b.Finance.Registered != 12_000*wan || len(b.Finances) != 2 || len(b.Outlets) != 1 || b.Banks[0].Name != "射阳农村商业银行" || len(b.Limits) == 0 {
			t.Errorf("the books are %+v", b)
		}
		v.centre.With("If-Match", at.ETag()).Put(path, map[string]any{
			"type": "mutual", "level": "county", "since": "2020-01-01", "park_name": "合德园区", "multiple": 500, "member_cap": 300,
			"from": "2021-01-01", "source": "改制批复",
		}).Is(http.StatusOK)
		v.centre.Post(path+"/members", map[string]any{"number": code(31), "on": v.today, "paid": 10 * wan}).Is(http.StatusOK).Into(&b)
		if len(b.Members) != 1 || b.Members[0].Paid != 10*wan {
			t.Fatalf("the members are %+v", b.Members)
		}
		more := path + "/members/" + b.Members[0].ID + "/pay"
		v.centre.Post(more, map[string]any{"on": v.today, "paid": 5 * wan}).Is(http.StatusOK).Into(&b)
		v.centre.Post(path+"/members", map[string]any{"number": code(31), "on": v.today, "paid": 1 * wan}).Is(http.StatusOK).Into(&b)
		if len(b.Members) != 1 || b.Members[0].Paid != 16*wan {
			t.Errorf("after paying in more the members are %+v", b.Members)
		}
		if bad := v.centre.Unwisely().Post(more, map[string]any{"on": "2019-12-31", "paid": -1}).Is(http.StatusUnprocessableEntity).Broken(); len(bad) != 2 {
			t.Errorf("paying in more is broken at %v", bad)
		}
		v.centre.Unwisely().Post(more, map[string]any{"on": w.day(-1), "paid": wan}).Is(http.StatusUnprocessableEntity) // before it joined
		v.centre.Post(path+"/members/nobody/pay", map[string]any{"on": v.today, "paid": wan}).Is(http.StatusNotFound)
		v.none.Post(more, map[string]any{"on": v.today, "paid": wan}).Is(http.StatusNotFound)
		v.own.Post(more, map[string]any{"on": v.today, "paid": wan}).Is(http.StatusNotFound)
		v.centre.Post(path+"/members", map[string]any{"number": "没有", "on": v.today, "paid": 0}).Is(http.StatusUnprocessableEntity)
		v.centre.Post(path+"/members/"+b.Members[0].ID+"/leave", map[string]any{"on": v.today, "reason": "搬走了"}).Is(http.StatusOK).Into(&b)
		if b.Members[0].Left != v.today || b.Members[0].Paid != 0 {
			t.Errorf("who left is %+v", b.Members)
		}
		w.Get("/published" + path).Is(http.StatusNotFound) // its institution is not published
		register := w.key(w.staff, lookAt, keep)
		register.With("If-Match", register.Get("/institutions/"+v.guarantor).ETag()).Post("/institutions/"+v.guarantor+"/publish", nil).Is(http.StatusOK)
		w.Get("/published" + path).Is(http.StatusOK)
		var shown struct{ Total int }
		if w.Get("/published/guarantors?total=true").Is(http.StatusOK).Into(&shown); shown.Total != 1 {
			t.Errorf("anybody finds %d guarantors", shown.Total)
		}
		w.Get("/published/guarantee-coverage?region=320924").Is(http.StatusOK)
		var near struct{ Items []struct{ ID string } }
		if v.own.Get("/guarantors/serving?region=" + string(town)).Is(http.StatusOK).Into(&near); len(near.Items) != 1 || near.Items[0].ID != v.guarantor {
			t.Errorf("an enterprise of the town can turn to %+v", near.Items)
		}
		related := "/enterprises/" + v.enterprise + "/related-group"
		v.centre.Put(related, map[string]any{"group": "鹤乡集团"}).Is(http.StatusNoContent)
		v.none.Put(related, map[string]any{"group": "鹤乡集团"}).Is(http.StatusNotFound)
		at = v.centre.Get(path)
		v.centre.With("If-Match", at.ETag()).Post(path+"/close", map[string]any{"day": v.today, "reason": "不再经营"}).Is(http.StatusOK)

		province := w.key(w.person("省局", account.Grant{Role: app.RoleOfficial, Region: "320000"}), seeGuarantee, workGuarantee)
		var rules struct {
			Items []map[string]any
		}
		w.Get("/guarantee-rules").Is(http.StatusOK).Into(&rules)
		shipped := len(rules.Items)
		draft := map[string]any{
			"name": map[string]any{"zh": "市里自定的限额", "en": ""}, "from": "2026-01-01", "law": "盐金〔2026〕1 号", "grade": "A", "base": "net_assets",
			"single": 1_000, "group": 1_500, "leverage": 1_000, "two_above": 100 * wan, "quorum": 3, "pass": 6_667, "warn": 8_000,
		}
		v.centre.Post("/guarantee-rules", draft).Is(http.StatusForbidden)
		wrong := province.Unwisely().Post("/guarantee-rules", with(draft, "single", 20_000, "quorum", 0)).Is(http.StatusUnprocessableEntity).Broken()
		if !slices.Contains(wrong, "single") || !slices.Contains(wrong, "quorum") {
			t.Errorf("a rule is broken at %v", wrong)
		}
		province.Post("/guarantee-rules", with(draft, "single", 1_000, "quorum", 3)).Is(http.StatusOK).Into(&rules)
		var id string
		for _, r := range rules.Items {
			if r["law"] == "盐金〔2026〕1 号" {
				id, _ = r["id"].(string)
			}
		}
		province.Post("/guarantee-rules/"+id+"/publish", nil).Is(http.StatusOK)
		if w.Get("/guarantee-rules").Is(http.StatusOK).Into(&rules); len(rules.Items) != shipped+1 {
			t.Errorf("%d rules are public, want %d", len(rules.Items), shipped+1)
		}
		province.Post("/guarantee-rules", with(draft, "id", id)).Is(http.StatusConflict)
	})
}
