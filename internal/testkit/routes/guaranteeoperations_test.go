package routes_test

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
)

// guaranteeOperations are the operations of guarantees.
func guaranteeOperations() map[string]map[string][]ask {
	b, p, lent, wanted, house := books(), pool(), caseIn(guarantee.Lent), needIn(guarantee.NeedOpen), institutionOf(world.Own)
	wish := func(w *world.World) any {
		return object{
			"guarantor": ownInstitution(w)["id"], "bank": w.At[world.Below.Name].Institution, "enterprise": w.At[world.Own.Name].Enterprise,
			"amount": asked, "months": 6, "purpose": "采购棉花，备足原料",
		}
	}
	proposal := func(w *world.World) any {
		o := wish(w).(object)
		delete(o, "enterprise")
		o["number"] = world.Code(1)
		return o
	}
	need := func(w *world.World) any {
		o := wish(w).(object)
		delete(o, "guarantor")
		delete(o, "bank")
		return o
	}
	finance := object{"from": "2021-01-01", "registered": 100 * asked, "net_assets": 100 * asked, "source": "年度审计报告"}
	statement := object{"on": "2021-01-01", "total": 100 * asked, "first": 60 * asked, "second": 20 * asked, "third": 10 * asked, "source": "年度审计报告"}
	filing := func(w *world.World) map[string]string {
		return map[string]string{"id": b.id(w), "filing": w.At[world.Own.Name].Guarantees.Filing}
	}
	member := func(w *world.World) map[string]string {
		return map[string]string{"id": p.id(w), "member": w.At[world.Own.Name].Guarantees.Member}
	}
	write := map[string][]ask{
		"POST /guarantees":           {{who: over(guarantee.Apply, union(ours, asker)), body: wish}},
		"POST /guarantees/proposals": {{who: over(guarantee.Propose, lender), body: proposal}},
		"POST /financing-needs":      {{who: over(guarantee.PostNeed, union(ours, asker)), body: need}},
		"POST /guarantors": {{who: over(guarantee.Confirm, onlyPlace(house)), body: func(w *world.World) any { // it has books: a conflict
			return object{"institution": ownInstitution(w)["id"], "type": "policy", "level": "county", "since": "2010-01-01", "finance": finance}
		}}},
		"PUT /guarantors/{id}":                           b.call(guarantee.Keep, house, object{"type": "policy", "level": "county", "since": "2010-01-01"}),
		"POST /guarantors/{id}/finances":                 b.call(guarantee.Keep, house, finance),
		"POST /guarantors/{id}/statements":               b.call(guarantee.Keep, house, statement),
		"POST /guarantors/{id}/filings/{filing}/confirm": {{who: b.does(guarantee.Confirm, onlyPlace(house)), path: filing}},
		"POST /guarantors/{id}/filings/{filing}/decline": {{who: b.does(guarantee.Confirm, onlyPlace(house)), path: filing, body: sent(object{"reason": "没有附审计报告"})}},
		"PUT /guarantors/{id}/outlets":                   b.call(guarantee.Keep, house, object{"outlets": []object{{"town": world.Own.Town, "from": "2021-01-01"}}}),
		"PUT /guarantors/{id}/banks":                     b.call(guarantee.Keep, house, object{"banks": []object{}}),
		"POST /guarantors/{id}/close":                    b.call(guarantee.Keep, house, object{"day": "2026-01-31", "reason": "已经停业"}),
		"POST /guarantors/{id}/fund":                     {{who: p.does(guarantee.Earn, poolTarget), path: p.path(), body: sent(object{"on": "2021-01-06", "amount": 100, "words": "存款利息"})}},
		"POST /guarantors/{id}/members":                  {{who: p.does(guarantee.Join, poolTarget), path: p.path(), body: sent(object{"number": world.Code(1), "on": "2021-01-06", "paid": asked})}},
		"POST /guarantors/{id}/members/{member}/pay":     {{who: p.does(guarantee.Join, poolTarget), path: member, body: sent(object{"on": "2021-01-06", "paid": asked})}},
		"POST /guarantors/{id}/members/{member}/leave":   {{who: p.does(guarantee.Leave, poolTarget), path: member, body: sent(object{"on": "2021-01-06", "reason": "不再参加"})}},
		"PUT /enterprises/{id}/related-group": {{who: over(guarantee.Relate, union(ours, asker)), body: sent(object{"group": "鹤乡集团"}), path: func(w *world.World) map[string]string {
			return map[string]string{"id": string(w.At[world.Own.Name].Enterprise)}
		}}},
		"POST /guarantee-rules": {{who: known(guarantee.SetRule, judges), body: sent(object{
			"name": object{"zh": "市里自定的限额", "en": ""}, "from": "2026-01-01", "law": "盐金〔2026〕1 号", "grade": "A", "base": "net_assets",
			"single": 1_000, "group": 1_500, "leverage": 1_000, "two_above": asked, "quorum": 3, "pass": 6_667, "warn": 8_000,
		})}},
		"POST /guarantee-rules/{id}/publish": {{who: known(guarantee.SetRule, judges), path: func(w *world.World) map[string]string {
			return map[string]string{"id": w.At[world.Own.Name].Guarantees.Rule}
		}}},
	}
	for _, s := range caseSteps() {
		write["POST /guarantees/{id}/"+s.call] = sentToday(caseIn(s.state), s)
	}
	for _, s := range needSteps() {
		write["POST /financing-needs/{id}/"+s.call] = sentToday(needIn(s.state), s)
	}
	write["POST /financing-needs/{id}/offers"][0].match = nil
	write["POST /financing-needs/{id}/offers"][0].body = func(w *world.World) any {
		return object{"institution": "", "amount": asked, "months": 6, "rate": 450, "until": flow.AddDays(today(w), 30)}
	}
	write["POST /financing-needs/{id}/choose"][0].body = func(w *world.World) any {
		return object{"offer": w.At[world.Own.Name].Guarantees.Offer}
	}
	return map[string]map[string][]ask{
		open: {
			"GET /guarantee-rules": {{who: anyone}}, "GET /published/guarantors": {{who: anyone}}, "GET /published/guarantors/{id}": {{who: anyone, path: published}},
			"GET /published/guarantee-coverage": {{who: anyone}},
		},
		"guarantee:read": {
			"GET /guarantees": {{who: signedIn}}, "GET /guarantees/{id}": {{who: lent.look(), path: lent.path()}},
			"GET /guarantors": {{who: signedIn}}, "GET /guarantors/{id}": {{who: b.look(), path: b.path()}},
			"GET /guarantors/{id}/asset-ratios": {{who: b.look(), path: b.path()}},
			"GET /guarantors/serving":           {{who: signedIn, query: words("region=" + string(world.Own.Town))}},
			"GET /guarantee-board":              {{who: over(guarantee.See, func(*world.World) authz.Target { return authz.At(world.Own.Over) }), query: words("region=" + string(world.Own.Over))}},
			"GET /guarantee-board/{number}":     {{who: over(guarantee.See, func(*world.World) authz.Target { return authz.At(world.Own.Over) }), query: words("region=" + string(world.Own.Over)), path: fill("number", "amount")}},
			"GET /financing-needs":              {{who: signedIn}}, "GET /financing-needs/{id}": {{who: wanted.look(), path: wanted.path()}},
		},
		"guarantee:write": write,
	}
}

// sentToday is a step that tells what happened on the day it is taken.
func sentToday(r record, s caseStep) []ask {
	a := ask{who: r.does(s.do, s.on), path: r.path(), match: r.now()}
	if s.body != nil {
		a.body = func(w *world.World) any { return s.body(today(w)) }
	}
	return []ask{a}
}
