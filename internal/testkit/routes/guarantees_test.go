package routes_test

import (
	"net/url"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
)

// The own county's institution guarantees for its enterprise what the county's
// bank lends; the office sees it, and only the three act.

func lender(w *world.World) authz.Target {
	return authz.Target{}.Of(authz.Institution, string(w.At[world.Below.Name].Institution))
}

func caseIn(state flow.State) record {
	return record{
		"guarantee_case", in(state, func(r *world.Records) map[flow.State]string { return r.Guarantees.Cases }), guarantee.See, union(ours, asker, helper, lender),
	}
}

// needIn is a financing need: the county's guarantors and banks find it.
func needIn(state flow.State) record {
	r := caseIn(state)
	r.table, r.id = "guarantee_need", in(state, func(r *world.Records) map[flow.State]string { return r.Guarantees.Needs })
	return r
}

func books() record {
	return record{"guarantor", func(w *world.World) string { return ownInstitution(w)["id"] }, guarantee.See, institutionOf(world.Own)}
}

func pool() record {
	return record{"guarantor", made(func(r *world.Records) string { return r.Guarantees.Pool }), guarantee.See, poolTarget}
}

func poolTarget(w *world.World) authz.Target {
	return authz.At(world.Own.Town).Of(authz.Institution, w.At[world.Own.Name].Guarantees.Pool)
}

// caseStep is a step of a case: as its page and the API call it, from a state it
// can be taken from, what the right is held over, and what a program sends.
type caseStep struct {
	name, call string
	do         authz.Permission
	state      flow.State
	on         target
	body       func(today string) object
}

const asked = 100_000_000 // fen

func caseSteps() []caseStep {
	client := union(ours, asker)
	why := func(string) object { return object{"reason": "情况有变化"} }
	moved := func(today string) object { return object{"on": today, "amount": asked / 10} }
	return []caseStep{
		{"agree", "agree", guarantee.Agree, guarantee.Proposed, client, nil},
		{"accept", "accept", guarantee.Accept, guarantee.Applied, helper, nil},
		{"refuse", "refuse", guarantee.Refuse, guarantee.Applied, helper, why},
		{"withdraw", "withdraw", guarantee.Withdraw, guarantee.Applied, client, why},
		{"examine", "examine", guarantee.Examine, guarantee.Accepted, helper, func(today string) object {
			return object{"on": today, "amount": asked, "opinion": "订单真实，设备足值，可以担保"}
		}},
		{"review", "review", guarantee.Review, guarantee.Examined, helper, func(today string) object {
			var votes []object
			for _, name := range []string{"周明", "吴敏", "郑华", "王强", "冯军"} {
				votes = append(votes, object{"name": name, "voice": "for"})
			}
			return object{"on": today, "votes": votes}
		}},
		{"approve", "approve", guarantee.Approve, guarantee.Reviewed, helper, func(string) object { return object{"amount": asked, "months": 6} }},
		{"sign", "sign", guarantee.Sign, guarantee.Approved, helper, func(today string) object { return object{"on": today, "amount": asked, "fee": 150} }},
		{"lend", "lend", guarantee.Lend, guarantee.Signed, lender, func(today string) object { return object{"number": "JK-2", "on": today, "amount": asked} }},
		{"repay", "repay", guarantee.Repay, guarantee.Lent, union(lender, helper), moved},
		{"extend", "extend", guarantee.Extend, guarantee.Lent, helper, func(today string) object {
			return object{"until": flow.AddDays(today, 300), "reason": "货款没有收回"}
		}},
		{"release", "release", guarantee.Release, guarantee.Lent, helper, nil},
		{"claim", "claim", guarantee.PayClaim, guarantee.Lent, helper, moved},
		{"recover", "recover", guarantee.Recover, guarantee.Claimed, helper, moved},
		{"writeoff", "write-off", guarantee.WriteOff, guarantee.Claimed, helper, func(today string) object { return object{"on": today, "reason": "法院裁定终结执行"} }},
		{"cancel", "cancel", guarantee.Cancel, guarantee.Signed, union(ours, helper), why},
	}
}

// needSteps are those of a financing need.
func needSteps() []caseStep {
	client := union(ours, asker)
	return []caseStep{
		{"offer", "offers", guarantee.MakeOffer, guarantee.NeedOpen, union(helper, lender), nil},
		{"choose", "choose", guarantee.Choose, guarantee.NeedOpen, client, nil},
		{"fund", "fund", guarantee.Fund, guarantee.NeedChosen, lender, func(today string) object {
			return object{"number": "JK-3", "on": today, "amount": asked}
		}},
		{"withdraw", "withdraw", guarantee.WithdrawNeed, guarantee.NeedOpen, client, func(string) object { return object{"reason": "不需要了"} }},
	}
}

func guarantees() map[string][]ask {
	b, p, lent, wanted := books(), pool(), caseIn(guarantee.Lent), needIn(guarantee.NeedOpen)
	applying := func(more ...string) func(*world.World) url.Values {
		return func(w *world.World) url.Values {
			v := url.Values{"amount": {"100"}, "months": {"6"}, "purpose": {"采购棉花，备足原料"}, "number": {world.Code(1)}}
			v.Set("guarantor", ownInstitution(w)["id"])
			v.Set("bank", string(w.At[world.Below.Name].Institution))
			v.Set("enterprise", string(w.At[world.Own.Name].Enterprise))
			return v
		}
	}
	beginning := func(w *world.World) url.Values {
		return url.Values{"institution": {ownInstitution(w)["id"]}, "type": {"policy"}, "level": {"county"}, "since": {"2010-01-01"}, "registered": {"1000"}, "net_assets": {"1000"}, "source": {"验资报告"}}
	}
	rows := map[string][]ask{
		"GET /guarantors":                      {{who: anyone}},
		"GET /guarantors/{id}":                 {{who: anyone, path: published}},
		"GET /my/guarantees":                   {{who: signedIn}},
		"GET /guarantees":                      {{who: signedIn}},
		"GET /guarantees/new":                  {{who: signedIn}},
		"POST /guarantees/new":                 {{who: over(guarantee.Apply, union(ours, asker)), form: applying()}},
		"GET /guarantees/propose":              {{who: over(guarantee.Propose, lender)}},
		"POST /guarantees/propose":             {{who: over(guarantee.Propose, lender), form: applying()}},
		"GET /guarantees/{id}":                 {{who: lent.look(), path: lent.path()}},
		"GET /financing":                       {{who: signedIn}},
		"GET /financing/new":                   {{who: signedIn}},
		"POST /financing/new":                  {{who: over(guarantee.PostNeed, union(ours, asker)), form: applying()}},
		"GET /financing/{id}":                  {{who: wanted.look(), path: wanted.path()}},
		"GET /bench/guarantees":                {{who: desk(guarantee.See)}},
		"GET /bench/guarantees/board":          {{who: desk(guarantee.See)}},
		"GET /bench/guarantees/board/{number}": {{who: desk(guarantee.See), path: fill("number", string(guarantee.AmountNumber))}},
		"GET /bench/guarantors":                {{who: desk(guarantee.See)}},
		"GET /bench/guarantors/new":            {{who: desk(guarantee.Confirm)}},
		"POST /bench/guarantors/new":           {{who: over(guarantee.Confirm, onlyPlace(institutionOf(world.Own))), form: beginning}},
		"GET /guarantors/{id}/manage":          {{who: b.look(), path: b.path()}},
	}
	draft := func(w *world.World) map[string]string {
		return map[string]string{"id": w.At[world.Own.Name].Guarantees.Rule}
	}
	limits := fields("name", "市里自定的限额", "from", "2026-01-01", "law", "盐金〔2026〕1 号", "grade", "A", "base", "net_assets", "single", "10",
		"leverage", "10", "two_above", "200", "quorum", "3", "pass", "66.67", "warn", "80")
	rows["GET /bench/guarantees/rules"] = []ask{{who: desk(guarantee.See)}}
	rows["GET /bench/guarantees/rules/new"] = []ask{{who: desk(guarantee.SetRule)}}
	rows["POST /bench/guarantees/rules/new"] = []ask{{who: over(guarantee.SetRule, judges), form: limits}}
	rows["GET /bench/guarantees/rules/{id}"] = []ask{{who: desk(guarantee.SetRule), path: draft}, {who: desk(guarantee.See), path: fill("id", "2017")}}
	rows["GET /bench/guarantees/rules/{id}/edit"] = []ask{{who: desk(guarantee.SetRule), path: draft}}
	rows["POST /bench/guarantees/rules/{id}/edit"] = []ask{{who: known(guarantee.SetRule, judges), path: draft, form: limits}}
	rows["POST /bench/guarantees/rules/{id}/publish"] = []ask{{who: known(guarantee.SetRule, judges), path: draft}}
	rows["POST /guarantees/{id}/{do}"] = []ask{lent.page("relate", guarantee.Relate, union(ours, asker), "group", "鹤乡集团")}
	for _, s := range caseSteps() {
		rows["POST /guarantees/{id}/{do}"] = append(rows["POST /guarantees/{id}/{do}"], caseIn(s.state).page(s.name, s.do, s.on,
			"reason", "情况有变化", "amount", "10", "on", "2026-01-05", "opinion", "订单真实，设备足值，可以担保", "months", "6"))
	}
	for _, s := range needSteps() {
		rows["POST /financing/{id}/{do}"] = append(rows["POST /financing/{id}/{do}"], needIn(s.state).page(s.name, s.do, s.on,
			"reason", "不需要了", "amount", "10", "months", "6", "rate", "4.5", "on", "2026-01-05"))
	}
	for _, s := range []struct {
		name string
		do   authz.Permission
	}{{"keep", guarantee.Keep}, {"finance", guarantee.Keep}, {"statement", guarantee.Keep}, {"outlets", guarantee.Keep}, {"banks", guarantee.Keep}, {"close", guarantee.Keep}} {
		rows["POST /guarantors/{id}/manage/{do}"] = append(rows["POST /guarantors/{id}/manage/{do}"], b.page(s.name, s.do, institutionOf(world.Own),
			"type", "policy", "level", "county", "since", "2010-01-01", "from", "2020-01-01", "registered", "1000", "net_assets", "1000", "source", "年度审计报告",
			"total", "1000", "on", "2020-01-01", "towns", string(world.Own.Town), "day", "2026-01-31", "reason", "已经停业"))
	}
	for _, name := range []string{"confirm", "decline"} {
		a := b.page(name, guarantee.Confirm, onlyPlace(institutionOf(world.Own)))
		a.form = func(w *world.World) url.Values {
			return url.Values{"filing": {w.At[world.Own.Name].Guarantees.Filing}, "reason": {"没有附审计报告"}}
		}
		rows["POST /guarantors/{id}/manage/{do}"] = append(rows["POST /guarantors/{id}/manage/{do}"], a)
	}
	for name, do := range map[string]authz.Permission{"join": guarantee.Join, "leave": guarantee.Leave, "earn": guarantee.Earn} {
		a := p.page(name, do, poolTarget)
		a.form = func(w *world.World) url.Values {
			return url.Values{
				"number": {world.Code(1)}, "paid": {"10"}, "on": {"2021-01-06"}, "member": {w.At[world.Own.Name].Guarantees.Member}, "reason": {"不再参加"},
				"way": {"in"}, "amount": {"1"}, "words": {"存款利息"},
			}
		}
		rows["POST /guarantors/{id}/manage/{do}"] = append(rows["POST /guarantors/{id}/manage/{do}"], a)
	}
	return rows
}
