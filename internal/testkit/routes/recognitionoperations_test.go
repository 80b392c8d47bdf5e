package routes_test

import (
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/testkit/world"
)

// recognitionOperations are the operations of recognition.
func recognitionOperations() map[string]map[string][]ask {
	place := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	home := func(*world.World) authz.Target { return authz.At(world.Above.Over) }
	title := fill("id", "park.world")
	draft, reviewing, public, checked := applicationIn(recognition.Draft), applicationIn(recognition.Reviewing), applicationIn(recognition.Publicised), applicationIn(recognition.Checked)
	fresh, award := callWith(""), awardIn(recognition.Valid)
	write := map[string][]ask{
		"POST /recognition/calls": {{who: over(recognition.Announce, place), body: sent(object{
			"title": "platform.national", "office": world.Own.Over, "name": "认定申报通知", "year": 2025, "opens": "2025-01-01", "closes": "2099-02-01",
		})}},
		"POST /recognition/titles": {{who: over(recognition.EditTitle, home), body: sent(object{
			"id": "park.star", "subject": "park", "name": object{"zh": "星级园区", "en": ""}, "months": 12, "publicity": 3, "reviewers": 1,
		})}},
		"PUT /recognition/titles/{id}": {{who: known(recognition.EditTitle, home), path: title, match: words("1"), body: sent(object{
			"name": object{"zh": "示范园区", "en": ""}, "months": 36, "publicity": 5, "reviewers": 1,
		})}},
		"POST /recognition/titles/{id}/criteria": {{who: known(recognition.EditTitle, home), path: title, body: sent(object{
			"name": object{"zh": "条件", "en": ""}, "source": object{"law": "某号文件", "grade": "A"},
			"rule": object{"id": "staff", "name": object{"zh": "人员", "en": ""}, "op": ">=", "need": 5},
		})}},
		"POST /recognition/titles/{id}/criteria/{number}/drop": {{who: known(recognition.EditTitle, home), path: func(w *world.World) map[string]string {
			return map[string]string{"id": "park.world", "number": strconv.Itoa(w.At[world.Own.Name].Recognitions.Draft)}
		}}},
		"POST /recognition/titles/{id}/criteria/{number}/publish": {{who: known(recognition.EditTitle, home), path: func(w *world.World) map[string]string {
			return map[string]string{"id": "park.world", "number": strconv.Itoa(w.At[world.Own.Name].Recognitions.Draft)}
		}}},
		"POST /recognition/calls/{id}/prolong": {{who: known(recognition.Prolong, county), path: fresh.path(), match: fresh.now(), body: sent(object{"closes": nextMonth})}},
		"POST /recognition/calls/{id}/close":   {{who: known(recognition.Close, county), path: fresh.path(), match: fresh.now()}},
		"POST /recognition/proposals/{id}/objections": {{who: objector, path: public.path(), body: sent(object{
			"words": "多层厂房没有达到规定的比例。",
		})}},
		"POST /recognition/ties/{id}/end": {{who: assigned, path: func(w *world.World) map[string]string {
			return map[string]string{"id": w.At[world.Own.Name].Recognitions.Tie}
		}}},
		"POST /recognition/ties": {{who: declarer, body: sent(object{"party": world.Mark(world.Own, "纺织有限公司"), "reason": "曾任顾问"})}},
		// A subject that is not one's own is a broken field, as one that is not there.
		"POST /recognition/applications": {{who: signedIn, body: func(w *world.World) any {
			return object{"call": fresh.id(w), "subject": w.At[world.Own.Name].Parks.Park}
		}}},
		"PUT /recognition/applications/{id}": draft.call(recognition.Apply, runBy, object{"values": object{"operating": 1}}),
		"POST /recognition/applications/{id}/evidence": draft.call(recognition.Apply, runBy,
			object{"line": "service", "remove_files": []string{unfiled}}),
		"POST /recognition/applications/{id}/review": {{who: assigned, path: reviewing.path(), body: sent(object{"points": object{"service": 80}, "words": "同意推荐"})}},
		"POST /recognition/applications/{id}/recuse": {{who: assigned, path: reviewing.path(), body: sent(object{"reason": "与申报单位有关系"})}},
		"POST /recognition/applications/{id}/objections/{objection}/answer": {{
			who: public.does(recognition.Answer, county), match: public.now(), body: sent(object{"answer": "已经核实，符合规定"}),
			path: func(w *world.World) map[string]string {
				return map[string]string{"id": public.id(w), "objection": w.At[world.Own.Name].Recognitions.Objection}
			},
		}},
	}
	for _, s := range applicationSteps() {
		all := s.from.call(s.do, s.on, s.body)
		switch s.do {
		case recognition.Exclude:
			all[0].body = func(w *world.World) any {
				return object{"person": w.At[world.Own.Name].Recognitions.Reviewer, "reason": "亲属在园区任职"}
			}
		case recognition.Assign:
			all[0].body = func(w *world.World) any {
				return object{"reviewers": []string{w.At[world.Own.Name].Recognitions.Reviewer}}
			}
		}
		write["POST /recognition/applications/{id}/"+s.call] = all
	}
	for _, s := range awardSteps() {
		write["POST /recognition/awards/{id}/"+s.name] = s.from.call(s.do, s.on, s.body)
	}
	marks := func(w *world.World) []mark { return []mark{{world.Mark(world.Own, "园区"), runBy(w)}} }
	return map[string]map[string][]ask{
		open: {
			"GET /recognition/calls": {{who: anyone}}, "GET /recognition/proposals": {{who: anyone}}, "GET /recognition/titles": {{who: anyone}},
			"GET /recognition/published-awards": {{who: anyone}}, "GET /recognition/calls/{id}": {{who: anyone, path: fresh.path()}},
			"GET /recognition/proposals/{id}": {{who: anyone, path: public.path()}},
		},
		"recognition:read": {
			"GET /recognition/titles/{id}":         {{who: desk(recognition.See), path: title}},
			"GET /recognition/calls/{id}/subjects": {{who: signedIn, path: fresh.path()}},
			"GET /recognition/calls/{id}/ranking":  {{who: known(recognition.Publicise, county), path: callWith(recognition.Scored).path()}},
			"GET /recognition/awards":              {{who: signedIn, query: words("limit=200"), lists: recognition.See, marks: marks}},
			"GET /recognition/awards/{id}":         {{who: award.look(), path: award.path()}},
			"GET /recognition/applications":        {{who: signedIn, query: words("limit=200"), lists: recognition.See, marks: marks}},
			"GET /recognition/applications/{id}": {
				{who: draft.look(), path: draft.path()}, {who: either(reviewing.look(), assigned), path: reviewing.path()},
			},
			"GET /recognition/applications/{id}/files/{file}": {{who: either(reviewing.look(), assigned), path: paper(reviewing.path(), recognition.KindApplication)}},
			"GET /recognition/applications/{id}/reviewers":    {{who: checked.does(recognition.Assign, county), path: checked.path()}},
			"GET /recognition/ties":                           {{who: signedIn}},
			"GET /recognition/reviews":                        {{who: desk(recognition.Review)}},
		},
		"recognition:write": write,
	}
}
