package routes_test

import (
	"qiban.dev/qiban/internal/domain/guarantee"
)

// guarantees are the routes of guarantees. The world has none: what is below an
// id turns everybody away alike; the domain's own tests ask who reaches which.
func guarantees() map[string][]ask {
	rows := map[string][]ask{
		"GET /guarantors":                      {{who: anyone}},
		"GET /my/guarantees":                   {{who: signedIn}},
		"GET /guarantees":                      {{who: signedIn}},
		"GET /guarantees/new":                  {{who: signedIn}},
		"GET /financing":                       {{who: signedIn}},
		"GET /financing/new":                   {{who: signedIn}},
		"GET /bench/guarantees":                {{who: desk(guarantee.See)}},
		"GET /bench/guarantees/board":          {{who: desk(guarantee.See)}},
		"GET /bench/guarantees/board/{number}": {{who: desk(guarantee.See), path: fill("number", string(guarantee.AmountNumber))}},
		"GET /bench/guarantors":                {{who: desk(guarantee.See)}},
		"GET /bench/guarantors/new":            {{who: desk(guarantee.Keep)}},
	}
	for _, pattern := range []string{
		"GET /guarantors/{id}", "POST /guarantees/new", "GET /guarantees/propose", "POST /guarantees/propose", "GET /guarantees/{id}",
		"POST /guarantees/{id}/{do}", "POST /financing/new", "GET /financing/{id}", "POST /financing/{id}/{do}",
		"POST /bench/guarantors/new", "GET /guarantors/{id}/manage", "POST /guarantors/{id}/manage/{do}",
	} {
		rows[pattern] = nil
	}
	return rows
}
