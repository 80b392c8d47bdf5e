package routes_test

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/testkit/world"
)

// platformOperations are the operations of technology platforms.
func platformOperations() map[string]map[string][]ask {
	place := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	write := map[string][]ask{
		"POST /platforms": {{who: over(techplatform.Register, place), body: func(w *world.World) any {
			return object{
				"name": "射阳县纺织平台", "kind": "common", "institution": w.At[world.Own.Name].Institution, "industry": "纺织", "region": world.Own.Over, "founded": "2020-01-01",
			}
		}}},
		"POST /industry-bases": {{who: over(techplatform.SetBase, place), body: sent(object{
			"name": "射阳县纺织基地", "industry": "纺织", "region": world.Own.Over, "since": "2020-01-01",
		})}},
		"PUT /platforms/{id}": nil, "PUT /platforms/{id}/founders": nil, "PUT /platforms/{id}/services/{service}": nil,
		"PUT /platforms/{id}/instruments/{instrument}": nil, "POST /platforms/{id}/bookings/{booking}/release": nil,
		"POST /platform-works": nil, "POST /platform-works/{id}/withdraw": nil, "POST /platform-orders": nil,
		"PUT /industry-bases/{id}": nil, "POST /industry-bases/{id}/platforms": nil,
	}
	for path, steps := range map[string][]string{
		"platforms":       {"publish", "hide", "end", "level", "services", "instruments", "bookings"},
		"platform-orders": {"accept", "refuse", "withdraw", "rebook", "deliver", "confirm", "dispute", "rate", "take-back"},
	} {
		for _, do := range steps {
			write["POST /"+path+"/{id}/"+do] = nil
		}
	}
	return map[string]map[string][]ask{
		open: {
			"GET /published/platforms": {{who: anyone}}, "GET /published/platforms/{id}": nil,
			"GET /published/platforms/{id}/instruments/{instrument}": nil, "GET /industry-bases": {{who: anyone}}, "GET /industry-bases/{id}": nil,
		},
		"platform:read": {
			"GET /platforms": {{who: signedIn}}, "GET /platforms/{id}": nil, "GET /platforms/{id}/bookings": nil,
			"GET /platform-works": {{who: signedIn}}, "GET /platform-works/{id}": nil,
			"GET /platform-orders": {{who: signedIn}}, "GET /platform-orders/{id}": nil, "GET /platform-orders/{id}/files/{file}": nil,
		},
		"platform:write": write,
	}
}
