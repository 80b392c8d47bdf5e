package routes_test

import (
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/testkit/world"
)

// recognitionOperations are the operations of recognition.
func recognitionOperations() map[string]map[string][]ask {
	place := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	home := func(*world.World) authz.Target { return authz.At(world.Above.Over) }
	title := fill("id", "platform.national")
	write := map[string][]ask{
		"POST /recognition/calls": {{who: over(recognition.Announce, place), body: sent(object{
			"title": "platform.national", "office": world.Own.Over, "name": "认定申报通知", "year": 2025, "opens": "2025-01-01", "closes": "2025-02-01",
		})}},
		"POST /recognition/titles": {{who: over(recognition.EditTitle, home), body: sent(object{
			"id": "park.star", "subject": "park", "name": object{"zh": "星级园区", "en": ""}, "months": 12, "publicity": 3, "reviewers": 1,
		})}},
		"PUT /recognition/titles/{id}": {{who: known(recognition.EditTitle, home), path: title, match: words("1"), body: sent(object{
			"name": object{"zh": "国家级平台", "en": ""}, "months": 36, "publicity": 5, "reviewers": 5,
		})}},
		"POST /recognition/titles/{id}/criteria": {{who: known(recognition.EditTitle, home), path: title, body: sent(object{
			"name": object{"zh": "条件", "en": ""}, "source": object{"law": "某号文件", "grade": "A"},
			"rule": object{"id": "staff", "name": object{"zh": "人员", "en": ""}, "op": ">=", "need": 5},
		})}},
		"POST /recognition/titles/{id}/criteria/{number}/publish": nil,
		"POST /recognition/calls/{id}/close":                      nil,
		"POST /recognition/proposals/{id}/objections":             nil,
		"POST /recognition/applications":                          nil,
		"PUT /recognition/applications/{id}":                      nil,
	}
	for _, do := range []string{
		"evidence", "submit", "withdraw", "return", "check", "refuse", "reviewers", "review", "recuse", "publicise", "objections/{objection}/answer", "decide",
	} {
		write["POST /recognition/applications/{id}/"+do] = nil
	}
	for _, do := range []string{"report", "recheck", "extend", "downgrade", "revoke"} {
		write["POST /recognition/awards/{id}/"+do] = nil
	}
	return map[string]map[string][]ask{
		open: {
			"GET /recognition/calls": {{who: anyone}}, "GET /recognition/proposals": {{who: anyone}}, "GET /recognition/titles": {{who: anyone}},
			"GET /recognition/published-awards": {{who: anyone}}, "GET /recognition/calls/{id}": nil, "GET /recognition/proposals/{id}": nil,
		},
		"recognition:read": {
			"GET /recognition/titles/{id}":                    {{who: desk(recognition.See), path: title}},
			"GET /recognition/calls/{id}/subjects":            nil,
			"GET /recognition/calls/{id}/ranking":             nil,
			"GET /recognition/awards":                         {{who: signedIn}},
			"GET /recognition/awards/{id}":                    nil,
			"GET /recognition/applications":                   {{who: signedIn}},
			"GET /recognition/applications/{id}":              nil,
			"GET /recognition/applications/{id}/files/{file}": nil,
			"GET /recognition/applications/{id}/reviewers":    nil,
			"GET /recognition/reviews":                        {{who: desk(recognition.Review)}},
		},
		"recognition:write": write,
	}
}
