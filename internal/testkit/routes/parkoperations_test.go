package routes_test

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/testkit/world"
)

// parkOperations are the operations of parks.
func parkOperations() map[string]map[string][]ask {
	town := func(*world.World) authz.Target { return authz.At(world.Own.Town) }
	write := map[string][]ask{
		"POST /parks":        {{who: over(park.Register, town), body: sent(object{"name": "射阳县新园区", "region": world.Own.Town})}},
		"POST /park-tenants": nil,
		// An enterprise that one does not see is a broken field, as one that is not there.
		"POST /space-wishes": {{who: seeking, body: func(w *world.World) any {
			return object{"enterprise": w.At[world.Own.Name].Enterprise, "county": world.Own.Over, "kind": "factory_multi", "area": 500}
		}}},
		"POST /park-plans": {{who: over(park.SubmitPlan, town), body: sent(object{
			"region": world.Own.Town, "year": 2025, "title": "工业集中区规划", "land": 100_000, "floor_area": 50_000, "parks": 1,
		})}},
		"PUT /parks/{id}": nil, "PUT /park-buildings/{id}": nil,
	}
	for path, steps := range map[string][]string{
		"parks":        {"publish", "hide", "end", "grade", "grade/end", "photos", "buildings"},
		"park-tenants": {"grow", "leave", "undo"},
		"space-wishes": {"apply", "accept", "refuse", "move-in", "withdraw"},
		"park-plans":   {"opinions", "return", "revise", "approve", "withdraw"},
	} {
		for _, do := range steps {
			write["POST /"+path+"/{id}/"+do] = nil
		}
	}
	return map[string]map[string][]ask{
		open: {
			"GET /published/parks": {{who: anyone}}, "GET /published/vacancies": {{who: anyone}},
			"GET /published/parks/{id}": nil, "GET /published/parks/{id}/photos/{file}": nil,
		},
		"park:read": {
			"GET /parks": {{who: signedIn}}, "GET /parks/{id}": nil, "GET /park-buildings/{id}": nil,
			"GET /park-tenants": {{who: signedIn}}, "GET /park-tenants/{id}": nil,
			"GET /space-wishes": {{who: signedIn}}, "GET /space-wishes/{id}": nil,
			"GET /key-town-progress": {{who: desk(park.SeePlan)}}, "GET /park-plans/{id}": nil, "GET /park-plans/{id}/files/{file}": nil,
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
