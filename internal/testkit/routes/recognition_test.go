package routes_test

import (
	"maps"
	"net/url"
	"strconv"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit/world"
)

// The own county calls for applications; the park in its town applies, run by its
// institution. One reviewer of the county's is at it.

func applicationIn(state flow.State) record {
	return record{
		"recognition_application", in(state, func(r *world.Records) map[flow.State]string { return r.Recognitions.Applications }), recognition.See, runBy,
	}
}

// publicOver is the application whose publicity has ended.
func publicOver() record {
	r := applicationIn(recognition.Publicised)
	r.id = made(func(r *world.Records) string { return r.Recognitions.Over })
	return r
}

func awardIn(state flow.State) record {
	return record{"recognition_award", in(state, func(r *world.Records) map[flow.State]string { return r.Recognitions.Awards }), recognition.See, runBy}
}

func callWith(state flow.State) record {
	return record{"recognition_call", in(state, func(r *world.Records) map[flow.State]string { return r.Recognitions.Calls }), recognition.See, county}
}

// assigned is who has the application under review on their desk.
func assigned(w *world.World, by authz.Actor) (bool, bool) {
	return by.ID == w.At[world.Own.Name].Recognitions.Reviewer, false
}

// objector is who may object to what is public: everybody, with their own name.
func objector(_ *world.World, by authz.Actor) (bool, bool) {
	return by.May(recognition.Object, authz.Target{}.Of(authz.Person, by.ID)), by.SignedIn()
}

// declarer is who may declare a tie of their own.
func declarer(_ *world.World, by authz.Actor) (bool, bool) {
	return by.May(recognition.Declare, authz.Target{}.Of(authz.Person, by.ID)), true
}

// nobody finds it.
func nobody(*world.World, authz.Actor) (bool, bool) { return false, false }

// applicationStep is a step of an application: as its page and the API call it,
// from which state, what the right is held over, and what is sent.
type applicationStep struct {
	name, call string
	do         authz.Permission
	from       record
	on         target
	body       object
}

func applicationSteps() []applicationStep {
	why := object{"reason": "材料不齐，请补充"}
	draft, submitted, checked := applicationIn(recognition.Draft), applicationIn(recognition.Submitted), applicationIn(recognition.Checked)
	return []applicationStep{
		{"submit", "submit", recognition.Submit, draft, runBy, nil},
		{"withdraw", "withdraw", recognition.Withdraw, submitted, helper, nil},
		{"return", "return", recognition.Return, submitted, runBy, why},
		{"check", "check", recognition.Check, submitted, runBy, object{"note": "齐全"}},
		{"refuse", "refuse", recognition.Refuse, submitted, county, why},
		{"assign", "reviewers", recognition.Assign, checked, county, nil},
		{"exclude", "exclude", recognition.Exclude, checked, county, nil},
		{"publicise", "publicise", recognition.Publicise, applicationIn(recognition.Scored), county, nil},
		{"decide", "decide", recognition.Decide, publicOver(), county, object{"document": "某号文件"}},
	}
}

// awardStep is the same for an award.
type awardStep struct {
	name string
	do   authz.Permission
	from record
	on   target
	body object
}

func awardSteps() []awardStep {
	valid, checking := awardIn(recognition.Valid), awardIn(recognition.Rechecking)
	paper := object{"document": "某号文件"}
	return []awardStep{
		{"report", recognition.Report, valid, runBy, object{"year": time.Now().In(ledger.Shanghai).Year(), "words": "今年新入园企业二十户，纳税增长一成。"}},
		{"recheck", recognition.Recheck, valid, county, nil},
		{"extend", recognition.Extend, checking, county, paper},
		{"downgrade", recognition.Downgrade, checking, county, paper},
		{"revoke", recognition.Revoke, valid, county, object{"reason": "不再符合条件"}},
	}
}

func recognitions() map[string][]ask {
	home := func(*world.World) authz.Target { return authz.At(world.Above.Over) }
	place := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	title := fill("id", "park.world")
	draft, reviewing, public := applicationIn(recognition.Draft), applicationIn(recognition.Reviewing), applicationIn(recognition.Publicised)
	tie := func(w *world.World) map[string]string {
		return map[string]string{"id": w.At[world.Own.Name].Recognitions.Tie}
	}
	fresh, award := callWith(""), awardIn(recognition.Valid)
	settings := []string{"name", "示范园区", "grade", "A", "below", "B", "months", "36", "reviewers", "1", "publicity", "5", "report_by", "3-31", "recheck", "90"}
	marks := func(*world.World) []mark { return []mark{{world.Mark(world.Own, "园区"), authz.At(world.Own.Town)}} }
	rows := map[string][]ask{
		"GET /recognition":                 {{who: anyone}},
		"GET /recognition/awards":          {{who: anyone}},
		"GET /recognition/calls/{id}":      {{who: anyone, path: fresh.path()}},
		"GET /recognition/public/{id}":     {{who: anyone, path: public.path()}},
		"GET /my/recognition":              {{who: signedIn}},
		"GET /bench/recognition":           {{who: desk(recognition.See), lists: recognition.See, marks: marks}},
		"GET /bench/recognition/calls":     {{who: desk(recognition.See)}},
		"GET /bench/recognition/calls/new": {{who: desk(recognition.Announce)}},
		"POST /bench/recognition/calls/new": {{who: over(recognition.Announce, place), form: fields(
			"title", "platform.national", "office", string(world.Own.Over), "name", "认定申报通知", "year", "2025", "opens", "2025-01-01", "closes", "2099-02-01")}},
		"GET /bench/recognition/calls/{id}":            {{who: desk(recognition.See), path: fresh.path()}, {who: desk(recognition.See), path: callWith(recognition.Scored).path()}},
		"POST /bench/recognition/calls/{id}/prolong":   {{who: known(recognition.Prolong, county), path: fresh.path(), form: fresh.form("closes", nextMonth)}},
		"POST /bench/recognition/calls/{id}/close":     {{who: known(recognition.Close, county), path: fresh.path(), form: fresh.form()}},
		"GET /bench/recognition/awards":                {{who: desk(recognition.See), lists: recognition.See, marks: marks}},
		"GET /bench/recognition/titles":                {{who: desk(recognition.See)}},
		"GET /bench/recognition/titles/new":            {{who: desk(recognition.EditTitle)}},
		"POST /bench/recognition/titles/new":           {{who: over(recognition.EditTitle, home), form: fields(append(settings, "id", "park.new", "subject", "park")...)}},
		"GET /bench/recognition/titles/{id}":           {{who: desk(recognition.See), path: title}},
		"POST /bench/recognition/titles/{id}":          {{who: known(recognition.EditTitle, home), path: title, form: fields(append(settings, "version", "1")...)}},
		"GET /bench/recognition/titles/{id}/criteria":  {{who: desk(recognition.EditTitle), path: title}},
		"POST /bench/recognition/titles/{id}/criteria": {{who: known(recognition.EditTitle, home), path: title, form: fields("name", "标准", "law", "某号文件", "source_grade", "A", "c_name1", "运营", "c_id1", "operating", "c_op1", "flag")}},
		"POST /bench/recognition/titles/{id}/drop": {{who: known(recognition.EditTitle, home), path: title, form: func(w *world.World) url.Values {
			return url.Values{"draft": {strconv.Itoa(w.At[world.Own.Name].Recognitions.Draft)}}
		}}},
		"POST /bench/recognition/titles/{id}/publish": {{who: known(recognition.EditTitle, home), path: title, form: func(w *world.World) url.Values {
			return url.Values{"draft": {strconv.Itoa(w.At[world.Own.Name].Recognitions.Draft)}}
		}}},
		// A subject that is not one's own is a broken field, as one that is not there.
		"POST /recognition/calls/{id}/apply": {{who: signedIn, path: fresh.path(), form: func(w *world.World) url.Values {
			return url.Values{"subject": {w.At[world.Own.Name].Parks.Park}}
		}}},
		"POST /recognition/public/{id}/object":            {{who: objector, path: public.path(), form: fields("words", "多层厂房没有达到规定的比例。")}},
		"GET /recognition/applications/{id}":              {{who: draft.look(), path: draft.path()}, {who: either(reviewing.look(), assigned), path: reviewing.path()}},
		"GET /recognition/applications/{id}/files/{file}": {{who: either(reviewing.look(), assigned), path: paper(reviewing.path(), recognition.KindApplication)}},
		"POST /recognition/applications/{id}/prove":       {{who: draft.does(recognition.Apply, runBy), path: draft.path(), form: draft.form("line", "service", "remove", unfiled)}},
		"GET /recognition/awards/{id}":                    {{who: award.look(), path: award.path()}},
		"GET /bench/recognition/ties":                     {{who: desk(recognition.Assign)}},
		// What the reviewer declared, the reviewer ends: for everybody else it is not there.
		"POST /bench/recognition/ties/{id}/end":    {{who: nobody, path: tie}},
		"POST /bench/reviews/ties":                 {{who: desk(recognition.Review), form: fields("party", world.Mark(world.Own, "纺织有限公司"), "reason", "曾任顾问")}},
		"POST /bench/reviews/ties/{id}/end":        {{who: assigned, path: tie}},
		"GET /bench/reviews":                       {{who: desk(recognition.Review)}},
		"GET /bench/reviews/{id}":                  {{who: assigned, path: reviewing.path()}},
		"POST /bench/reviews/{id}/score":           {{who: assigned, path: reviewing.path(), form: fields("in_service", "80", "words", "同意推荐")}},
		"POST /bench/reviews/{id}/recuse":          {{who: assigned, path: reviewing.path(), form: fields("reason", "与申报单位有关系")}},
		"POST /recognition/applications/{id}/{do}": {draft.page("fill", recognition.Apply, runBy, "in_operating", "1")},
	}
	for _, s := range applicationSteps() {
		a := s.from.page(s.name, s.do, s.on, "reason", "材料不齐，请补充", "document", "某号文件", "in_operating", "1")
		if s.do == recognition.Assign || s.do == recognition.Exclude {
			form := a.form
			a.form = func(w *world.World) url.Values {
				v := maps.Clone(form(w))
				v.Set("reviewers", w.At[world.Own.Name].Recognitions.Reviewer)
				v.Set("person", w.At[world.Own.Name].Recognitions.Reviewer)
				return v
			}
		}
		rows["POST /recognition/applications/{id}/{do}"] = append(rows["POST /recognition/applications/{id}/{do}"], a)
	}
	answer := public.page("answer", recognition.Answer, county)
	answer.form = func(w *world.World) url.Values {
		v := maps.Clone(public.form("answer", "已经核实，符合规定", "upheld", "no")(w))
		v.Set("objection", w.At[world.Own.Name].Recognitions.Objection)
		return v
	}
	rows["POST /recognition/applications/{id}/{do}"] = append(rows["POST /recognition/applications/{id}/{do}"], answer)
	for _, s := range awardSteps() {
		rows["POST /recognition/awards/{id}/{do}"] = append(rows["POST /recognition/awards/{id}/{do}"], s.from.page(s.name, s.do, s.on,
			"year", "2025", "words", "今年新入园企业二十户，纳税增长一成。", "document", "某号文件", "reason", "不再符合条件"))
	}
	return rows
}

// nextMonth is a day after the last one of the world's calls.
var nextMonth = flow.AddDays(flow.DayOf(time.Now()), 60)
