package routes_test

import (
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/testkit/world"
)

// parks are the routes of parks. The world has none: what is below an id turns
// everybody away alike; the domain's own tests ask who reaches which.
func parks() map[string][]ask {
	own := func(w *world.World) string { return "e=" + string(w.At[world.Own.Name].Enterprise) }
	mine := over(park.Seek, onlyParty(enterpriseOf(world.Own)))
	rows := map[string][]ask{
		"GET /my/space":            {{who: mine, query: own}},
		"GET /space/new":           {{who: mine, query: own}},
		"GET /parks":               {{who: anyone}},
		"GET /parks/space":         {{who: anyone}},
		"GET /bench/parks":         {{who: desk(park.See)}},
		"GET /bench/parks/new":     {{who: desk(park.Register)}},
		"GET /bench/space":         {{who: desk(park.SeeWish)}},
		"GET /bench/parkplans":     {{who: desk(park.SeePlan)}},
		"GET /bench/parkplans/new": {{who: desk(park.SubmitPlan)}},
	}
	for _, pattern := range []string{
		"GET /parks/{id}", "GET /parks/{id}/photos/{file}", "POST /space/new", "GET /space/{id}", "POST /space/{id}/{do}",
		"POST /bench/parks/new", "GET /bench/parks/{id}", "GET /bench/parks/{id}/edit", "POST /bench/parks/{id}/edit",
		"GET /bench/parks/{id}/buildings", "POST /bench/parks/{id}/buildings", "POST /bench/parks/{id}/photos", "POST /bench/parks/{id}/{do}",
		"GET /bench/tenants/{id}", "POST /bench/tenants/{id}/{do}", "POST /bench/parkplans/new", "GET /bench/parkplans/{id}",
		"GET /bench/parkplans/{id}/files/{file}", "POST /bench/parkplans/{id}/{do}",
	} {
		rows[pattern] = nil
	}
	return rows
}
