package routes_test

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/testkit/world"
)

// parkOperations are the operations of parks.
func parkOperations() map[string]map[string][]ask {
	p, y, pages := ownPark(), ownTenant(), parks()
	house := record{"park_building", houseOf, park.See, runBy}
	body := object{"name": "射阳县新园区", "region": world.Own.Town, "begun_on": "2010-01-01"}
	building := object{"name": "2号厂房", "kind": "office", "floors": 2, "area": 500, "done_on": "2012-01-01"}
	plan := object{"region": world.Own.Town, "year": 2025, "title": "工业集中区规划", "land": 100_000, "floor_area": 50_000, "parks": 1}
	ended := object{"day": "2026-01-31", "reason": "已经停办"}
	write := map[string][]ask{
		"POST /parks": {{who: over(park.Register, ours), body: sent(body)}},
		"POST /park-tenants": {{who: p.does(park.Enter, runBy), body: func(w *world.World) any {
			return object{"park": p.id(w), "enterprise": w.At[world.Own.Name].Enterprise, "building": houseOf(w), "area": 100, "on": "2026-01-05"}
		}}},
		// An enterprise that one does not see is a broken field, as one that is not there.
		"POST /space-wishes": {{who: seeking, body: func(w *world.World) any {
			return object{"enterprise": w.At[world.Own.Name].Enterprise, "county": world.Own.Over, "kind": "factory_multi", "area": 500}
		}}},
		"POST /park-plans": {{who: over(park.SubmitPlan, ours), body: sent(plan)}},
		"PUT /parks/{id}": {{who: p.does(park.Edit, runBy), path: p.path(), match: p.now(), body: func(w *world.World) any {
			return object{"name": "射阳县新园区", "region": world.Own.Town, "begun_on": "2010-01-01", "operator_id": w.At[world.Own.Name].Institution}
		}}},
		"PUT /park-buildings/{id}":         house.call(park.SetBuilding, runBy, building),
		"POST /park-buildings/{id}/remove": house.call(park.SetBuilding, runBy, nil),
		"POST /parks/{id}/buildings":       {{who: p.does(park.SetBuilding, runBy), path: p.path(), body: sent(building)}},
		"POST /parks/{id}/photos":          p.call(park.Edit, runBy, object{"remove_files": []string{unfiled}}),
		"POST /parks/{id}/publish":         p.call(park.Publish, runBy, nil),
		"POST /parks/{id}/hide":            p.call(park.Publish, runBy, nil),
		"POST /parks/{id}/end":             p.call(park.End, runBy, ended),
		"POST /parks/{id}/grade":           p.call(park.SetGrade, judges, object{"grade": "a", "from": "2026-01-01", "document": "某号文件"}),
		"POST /parks/{id}/grade/end":       p.call(park.SetGrade, judges, object{"grade": "a", "day": "2026-01-31", "reason": "复核未通过"}),
		"POST /park-tenants/{id}/grow":     y.call(park.Grow, runBy, nil),
		"POST /park-tenants/{id}/leave": y.call(park.Leave, runBy,
			object{"on": "2021-01-06", "way": "moved"}),
		"POST /park-tenants/{id}/undo": y.call(park.Undo, runBy, object{"reason": "登记错了"}),
	}
	write["POST /park-tenants/{id}/grow"][0].body = func(w *world.World) any {
		return object{"building": houseOf(w), "area": 900, "on": "2021-01-06"}
	}
	for _, s := range wishSteps() {
		r := wishOf(s.state)
		write["POST /space-wishes/{id}/"+s.call] = []ask{{who: r.does(s.do, r.seen), path: r.path(), match: r.now(), body: func(w *world.World) any {
			return map[authz.Permission]any{
				park.Apply: object{"building": houseOf(w)}, park.Accept: object{"note": ""}, park.Refuse: object{"reason": "面积不合适"},
				park.MoveIn: object{"on": "2026-01-05"},
			}[s.do]
		}}}
	}
	for _, s := range planSteps() {
		write["POST /park-plans/{id}/"+s.call] = planOf(s.state).call(s.do, s.on, map[authz.Permission]object{
			park.Opine: {"expert": "吴专家", "post": "规划院", "verdict": "agree", "words": "布局合理，同意。"}, park.ReturnPlan: {"reason": "面积请再核实"},
			park.ApprovePlan: {"document": "某号文件"}, park.WithdrawPlan: {"reason": "不再建设"},
			park.RevisePlan: {"region": world.Own.Town, "year": 2024, "title": "工业集中区规划", "land": 100_000, "floor_area": 50_000, "parks": 1, "note": "面积已核实"},
		}[s.do])
	}
	wish, review := wishOf(park.Applied), planOf(park.InReview)
	return map[string]map[string][]ask{
		open: {
			"GET /published/parks": {{who: anyone}}, "GET /published/vacancies": {{who: anyone}},
			"GET /published/parks/{id}": {{who: anyone, path: p.path()}}, "GET /published/parks/{id}/photos/{file}": pages["GET /parks/{id}/photos/{file}"],
		},
		"park:read": {
			"GET /parks":               {{who: signedIn, query: words("limit=200"), lists: park.See, marks: parkMarks}},
			"GET /parks/{id}":          {{who: p.look(), path: p.path()}},
			"GET /park-buildings/{id}": {{who: house.look(), path: house.path()}},
			"GET /park-tenants":        {{who: signedIn}}, "GET /park-tenants/{id}": {{who: y.look(), path: y.path()}},
			"GET /space-wishes": {{who: signedIn}}, "GET /space-wishes/{id}": {{who: wish.look(), path: wish.path()}},
			"GET /key-town-progress": {{who: desk(park.SeePlan)}}, "GET /park-plans/{id}": {{who: review.look(), path: review.path()}},
			"GET /park-plans/{id}/files/{file}": {{who: review.look(), path: paper(review.path(), park.PlanRecord)}},
		},
		"park:write": write,
	}
}

// seeking is who may seek space for the enterprise of the own place, or does not
// see it at all.
func seeking(w *world.World, by authz.Actor) (bool, bool) {
	firm := enterpriseOf(world.Own)(w)
	sees := by.May(enterprise.View, firm)
	return by.SignedIn() && (!sees || by.May(park.Seek, firm)), sees
}
