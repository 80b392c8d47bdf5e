package routes_test

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/testkit/world"
)

// recognitions are the routes of recognition. The world has no call and no
// application: what is below an id turns everybody away alike; the domain's own
// tests ask who reaches which.
func recognitions() map[string][]ask {
	place := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	title := fill("id", "platform.national")
	return map[string][]ask{
		"GET /recognition":                 {{who: anyone}},
		"GET /recognition/awards":          {{who: anyone}},
		"GET /my/recognition":              {{who: signedIn}},
		"GET /bench/recognition":           {{who: desk(recognition.See)}},
		"GET /bench/recognition/calls":     {{who: desk(recognition.See)}},
		"GET /bench/recognition/calls/new": {{who: desk(recognition.Announce)}},
		"POST /bench/recognition/calls/new": {{who: over(recognition.Announce, place), form: fields(
			"title", "platform.national", "office", string(world.Own.Over), "name", "认定申报通知", "year", "2025", "opens", "2025-01-01", "closes", "2025-02-01")}},
		"GET /bench/recognition/titles":                   {{who: desk(recognition.See)}},
		"GET /bench/recognition/titles/new":               {{who: desk(recognition.EditTitle)}},
		"GET /bench/recognition/titles/{id}":              {{who: desk(recognition.See), path: title}},
		"GET /bench/recognition/titles/{id}/criteria":     {{who: desk(recognition.EditTitle), path: title}},
		"GET /bench/reviews":                              {{who: desk(recognition.Review)}},
		"POST /bench/recognition/titles/new":              nil,
		"POST /bench/recognition/titles/{id}":             nil,
		"POST /bench/recognition/titles/{id}/criteria":    nil,
		"POST /bench/recognition/titles/{id}/publish":     nil,
		"GET /bench/recognition/calls/{id}":               nil,
		"POST /bench/recognition/calls/{id}/close":        nil,
		"GET /recognition/calls/{id}":                     nil,
		"POST /recognition/calls/{id}/apply":              nil,
		"GET /recognition/public/{id}":                    nil,
		"POST /recognition/public/{id}/object":            nil,
		"GET /recognition/applications/{id}":              nil,
		"GET /recognition/applications/{id}/files/{file}": nil,
		"POST /recognition/applications/{id}/prove":       nil,
		"POST /recognition/applications/{id}/{do}":        nil,
		"GET /recognition/awards/{id}":                    nil,
		"POST /recognition/awards/{id}/{do}":              nil,
		"GET /bench/reviews/{id}":                         nil,
		"POST /bench/reviews/{id}/score":                  nil,
		"POST /bench/reviews/{id}/recuse":                 nil,
	}
}
