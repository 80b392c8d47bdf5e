package routes_test

import (
	"net/url"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
)

// The own county's park lies in its town and is run by its institution; its
// enterprise is a tenant, and seeks more space.

func runBy(w *world.World) authz.Target { return union(ours, helper)(w) }

func ownPark() record {
	return record{"park", made(func(r *world.Records) string { return r.Parks.Park }), park.See, runBy}
}

func ownTenant() record {
	return record{"park_tenancy", made(func(r *world.Records) string { return r.Parks.Tenant }), park.See, runBy}
}

// wishOf is a search for space; from the application on its park's people have it too.
func wishOf(state flow.State) record {
	seen := union(asker, office)
	if state != park.Seeking {
		seen = union(asker, ours, helper)
	}
	return record{"park_wish", in(state, func(r *world.Records) map[flow.State]string { return r.Parks.Wishes }), park.SeeWish, seen}
}

func planOf(state flow.State) record {
	return record{"park_plan", in(state, func(r *world.Records) map[flow.State]string { return r.Parks.Plans }), park.SeePlan, ours}
}

func houseOf(w *world.World) string { return w.At[world.Own.Name].Parks.Building }

func parkMarks(w *world.World) []mark {
	var all []mark
	for _, p := range world.Places() {
		at := authz.At(p.Town)
		if p == world.Own {
			at = runBy(w)
		}
		all = append(all, mark{world.Mark(p, "园区"), at})
	}
	return all
}

const photo = `SELECT id FROM files_file WHERE record_kind = 'park' AND record_id = ?`

func parks() map[string][]ask {
	own := func(w *world.World) string { return "e=" + string(w.At[world.Own.Name].Enterprise) }
	mine := over(park.Seek, onlyParty(enterpriseOf(world.Own)))
	seekers := over(park.SeeWish, onlyParty(enterpriseOf(world.Own)))
	p, y, house := ownPark(), ownTenant(), fields("name", "2号厂房", "kind", "office", "floors", "2", "area", "500", "done_on", "2012-01-01")
	profile := []string{"name", "射阳县新园区", "region", string(world.Own.Town), "begun_on", "2010-01-01", "done_on", "2011-01-01"}
	picture := func(w *world.World) map[string]string {
		m := p.path()(w)
		m["file"] = one(w, photo, m["id"])
		return m
	}
	rows := map[string][]ask{
		"GET /my/space":                    {{who: seekers, query: own}},
		"GET /space/new":                   {{who: mine, query: own}},
		"POST /space/new":                  {{who: mine, query: own, form: fields("county", string(world.Own.Over), "kind", "factory_multi", "area", "500")}},
		"GET /parks":                       {{who: anyone}},
		"GET /parks/space":                 {{who: anyone}},
		"GET /parks/{id}":                  {{who: anyone, path: p.path()}},
		"GET /parks/{id}/photos/{file}":    {{who: anyone, path: picture}},
		"GET /bench/parks":                 {{who: somewhere(park.See), lists: park.See, marks: parkMarks}},
		"GET /bench/parks/new":             {{who: desk(park.Register)}},
		"POST /bench/parks/new":            {{who: over(park.Register, ours), form: fields(profile...)}},
		"GET /bench/parks/{id}":            {{who: p.look(), path: p.path()}},
		"GET /bench/parks/{id}/edit":       {{who: p.look(), path: p.path()}},
		"POST /bench/parks/{id}/edit":      {{who: p.does(park.Edit, runBy), path: p.path(), form: p.form(profile...)}},
		"GET /bench/parks/{id}/buildings":  {{who: p.look(), path: p.path()}},
		"POST /bench/parks/{id}/buildings": {{who: p.does(park.SetBuilding, runBy), path: p.path(), form: house}},
		"POST /bench/parks/{id}/buildings/remove": {{who: p.does(park.SetBuilding, runBy), path: p.path(), form: func(w *world.World) url.Values {
			return url.Values{"house": {houseOf(w)}, "version": {"1"}}
		}}},
		"POST /bench/parks/{id}/photos":          {{who: p.does(park.Edit, runBy), path: p.path(), form: p.form("remove", unfiled)}},
		"GET /bench/tenants/{id}":                {{who: y.look(), path: y.path()}},
		"GET /bench/space":                       {{who: somewhere(park.SeeWish)}},
		"GET /bench/parkplans":                   {{who: desk(park.SeePlan)}},
		"GET /bench/parkplans/new":               {{who: desk(park.SubmitPlan)}},
		"GET /bench/parkplans/{id}":              {{who: planOf(park.InReview).look(), path: planOf(park.InReview).path()}},
		"GET /bench/parkplans/{id}/files/{file}": {{who: planOf(park.InReview).look(), path: paper(planOf(park.InReview).path(), park.PlanRecord)}},
		"GET /space/{id}":                        {{who: wishOf(park.Seeking).look(), path: wishOf(park.Seeking).path()}, {who: wishOf(park.Applied).look(), path: wishOf(park.Applied).path()}},
		"POST /bench/parkplans/new": {{who: over(park.SubmitPlan, ours), form: fields(
			"region", string(world.Own.Town), "year", "2025", "title", "工业集中区规划", "land", "100000", "floor_area", "50000", "parks", "1")}},
	}
	day := []string{"day", "2026-01-31", "reason", "已经停办", "grade", "a", "from", "2026-01-01", "to", "2027-01-01", "document", "某号文件"}
	for _, s := range []struct {
		name string
		do   authz.Permission
	}{{"publish", park.Publish}, {"hide", park.Publish}, {"end", park.End}, {"grade", park.SetGrade}, {"ungrade", park.SetGrade}, {"tenant", park.Enter}} {
		on := runBy
		if s.do == park.SetGrade { // no county raises its own
			on = judges
		}
		rows["POST /bench/parks/{id}/{do}"] = append(rows["POST /bench/parks/{id}/{do}"], p.page(s.name, s.do, on, day...))
	}
	for _, s := range []struct {
		name string
		do   authz.Permission
	}{{"grow", park.Grow}, {"leave", park.Leave}, {"undo", park.Undo}} {
		rows["POST /bench/tenants/{id}/{do}"] = append(rows["POST /bench/tenants/{id}/{do}"],
			y.page(s.name, s.do, runBy, "area", "900", "on", "2021-01-06", "way", "moved", "reason", "登记错了"))
	}
	for _, s := range wishSteps() {
		r := wishOf(s.state)
		a := r.page(s.name, s.do, r.seen, "reason", "面积不合适", "on", "2026-01-05")
		rows["POST /space/{id}/{do}"] = append(rows["POST /space/{id}/{do}"], a)
	}
	for _, s := range planSteps() {
		rows["POST /bench/parkplans/{id}/{do}"] = append(rows["POST /bench/parkplans/{id}/{do}"], planOf(s.state).page(s.name, s.do, s.on,
			"reason", "面积请再核实", "expert", "吴专家", "post", "规划院", "verdict", "agree", "words", "布局合理，同意。", "document", "某号文件",
			"note", "面积已核实", "title", "工业集中区规划", "land", "100000", "floor_area", "50000", "parks", "1"))
	}
	return rows
}

// parkStep is a step of a wish or a plan: as its page and the API call it.
type parkStep struct {
	name, call string
	do         authz.Permission
	state      flow.State
	on         target
}

func wishSteps() []parkStep {
	return []parkStep{
		{"apply", "apply", park.Apply, park.Seeking, nil},
		{"accept", "accept", park.Accept, park.Applied, nil},
		{"refuse", "refuse", park.Refuse, park.Applied, nil},
		{"movein", "move-in", park.MoveIn, park.Accepted, nil},
		{"withdraw", "withdraw", park.Withdraw, park.Seeking, nil},
	}
}

func planSteps() []parkStep {
	return []parkStep{
		{"opine", "opinions", park.Opine, park.InReview, judges},
		{"return", "return", park.ReturnPlan, park.InReview, judges},
		{"approve", "approve", park.ApprovePlan, park.InReview, judges},
		{"revise", "revise", park.RevisePlan, park.Revising, ours},
		{"withdraw", "withdraw", park.WithdrawPlan, park.Revising, ours},
	}
}
