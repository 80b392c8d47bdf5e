package routes_test

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/testkit/world"
)

// technology are the pages of technology platforms. The world has no platform and
// no order: what belongs to one turns everybody away alike. Who may what with one
// is in the domain's own tests.
func technology() map[string][]ask {
	place := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	return map[string][]ask{
		"GET /platforms":           {{who: anyone}},
		"GET /industry-bases":      {{who: anyone}},
		"GET /orders":              {{who: signedIn}},
		"GET /patents":             {{who: anyone}},
		"GET /patents/new":         {{who: somewhere(techplatform.KeepPatent)}},
		"POST /patents/new":        {{who: somewhere(techplatform.KeepPatent), form: fields("number", "无")}},
		"GET /bench/platforms":     {{who: desk(techplatform.See)}},
		"GET /bench/platforms/new": {{who: desk(techplatform.Register)}},
		"POST /bench/platforms/new": {{who: over(techplatform.Register, place), form: fields(
			"name", "射阳县纺织平台", "kind", "common", "institution", unfiled, "industry", "纺织", "region", string(world.Own.Over), "founded", "2020-01-01")}},
		"GET /bench/industry-bases/new": {{who: desk(techplatform.SetBase)}},
		"POST /bench/industry-bases/new": {{who: over(techplatform.SetBase, place), form: fields(
			"name", "射阳县纺织基地", "industry", "纺织", "region", string(world.Own.Over), "since", "2020-01-01")}},
		"GET /platforms/{id}":                          nil,
		"GET /platforms/{id}/instruments/{instrument}": nil,
		"GET /platforms/{id}/order":                    nil,
		"POST /platforms/{id}/order":                   nil,
		"GET /platforms/{id}/manage":                   nil,
		"POST /platforms/{id}/manage/{do}":             nil,
		"GET /industry-bases/{id}":                     nil,
		"POST /industry-bases/{id}/{do}":               nil,
		"GET /patents/{id}":                            nil,
		"POST /patents/{id}/{do}":                      nil,
		"GET /orders/{id}":                             nil,
		"POST /orders/{id}/{do}":                       nil,
		"GET /orders/{id}/files/{file}":                nil,
	}
}
