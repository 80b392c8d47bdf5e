package routes_test

import "qiban.dev/qiban/internal/testkit/world"

// guaranteeOperations are the operations of guarantees.
func guaranteeOperations() map[string]map[string][]ask {
	write := map[string][]ask{
		"POST /guarantees": nil, "POST /guarantees/proposals": nil, "POST /guarantors": nil, "PUT /guarantors/{id}": nil,
		"POST /guarantors/{id}/finances": nil, "PUT /guarantors/{id}/outlets": nil, "PUT /guarantors/{id}/banks": nil,
		"POST /guarantors/{id}/close": nil, "POST /guarantors/{id}/members": nil, "POST /guarantors/{id}/members/{member}/leave": nil,
		"PUT /enterprises/{id}/related-group": nil, "POST /financing-needs": nil, "POST /guarantee-rules": nil, "POST /guarantee-rules/{id}/publish": nil,
	}
	for _, do := range []string{
		"agree", "accept", "refuse", "withdraw", "examine", "review", "approve", "sign", "lend", "repay", "extend", "release", "claim", "recover", "write-off", "cancel",
	} {
		write["POST /guarantees/{id}/"+do] = nil
	}
	for _, do := range []string{"offers", "choose", "fund", "withdraw"} {
		write["POST /financing-needs/{id}/"+do] = nil
	}
	return map[string]map[string][]ask{
		open: {
			"GET /guarantee-rules": {{who: anyone}}, "GET /published/guarantors": {{who: anyone}}, "GET /published/guarantors/{id}": nil,
			"GET /published/guarantee-coverage": {{who: anyone}},
		},
		"guarantee:read": {
			"GET /guarantees": {{who: signedIn}}, "GET /guarantees/{id}": nil, "GET /guarantors": {{who: signedIn}}, "GET /guarantors/{id}": nil,
			"GET /guarantors/serving": {{who: signedIn, query: words("region=" + string(world.Own.Town))}},
			"GET /financing-needs":    {{who: signedIn}}, "GET /financing-needs/{id}": nil,
		},
		"guarantee:write": write,
	}
}
