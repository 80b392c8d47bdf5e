package routes_test

import (
	"maps"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
	"qiban.dev/qiban/internal/workbench"
)

func figureOperations() map[string]map[string][]ask {
	office := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	look := over(indicator.View, office)
	does := func(do authz.Permission) rule { return step(indicator.View, office, do, office) }
	sheetID := func(w *world.World) string {
		return one(w, `SELECT id FROM indicator_return WHERE region = ? AND year = ?`, string(world.Own.Over), world.SheetYear)
	}
	sheet := func(w *world.World) map[string]string { return map[string]string{"id": sheetID(w)} }
	now := version("indicator_return", "id", sheetID)
	here, figure := words("region="+string(world.Own.Over)+"&year=2025"), fill("id", "G5")
	placeYear := object{"region": world.Own.Over, "year": world.SheetYear}
	target := maps.Clone(placeYear)
	target["value"], target["document"] = 100, "某号文件"
	write := map[string][]ask{
		"POST /returns":      {{who: does(indicator.Fill), body: sent(object{"region": world.Own.Over, "year": 2024})}},
		"PUT /returns/{id}":  {{who: does(indicator.Fill), path: sheet, match: now, body: sent(object{"values": object{"P3": 8}})}},
		"PUT /targets/{id}":  {{who: does(indicator.Target), path: fill("id", "M1"), body: sent(target)}},
		"POST /sealed-years": {{who: does(indicator.Seal), body: sent(placeYear)}},
	}
	for path, do := range map[string]authz.Permission{"submit": indicator.Submit, "accept": indicator.Accept} {
		write["POST /returns/{id}/"+path] = []ask{{who: does(do), path: sheet, match: now}}
	}
	for path, do := range map[string]authz.Permission{"return": indicator.Return, "reopen": indicator.Reopen} {
		write["POST /returns/{id}/"+path] = []ask{{who: does(do), path: sheet, match: now, body: sent(object{"reason": "数字有误"})}}
	}
	return map[string]map[string][]ask{
		"figure:read": {
			"GET /figures/{id}/groups":          {{who: look, path: figure, query: here}},
			"GET /figures/{id}/records":         {{who: opening, path: figure, query: here}},
			"GET /returns":                      {{who: somewhere(indicator.View), query: words("year=2025")}},
			"GET /places/{code}/returns/{year}": {{who: look, path: fill("code", string(world.Own.Over), "year", "2025")}},
			"GET /returns/{id}":                 {{who: look, path: sheet}},
			"GET /returns/{id}/events":          {{who: look, path: sheet}},
			"GET /board":                        {{who: look, query: here}},
			"GET /targets":                      {{who: look, query: here}},
		},
		"figure:write": write,
		"yearbook:write": {
			"GET /yearbook/draft":     {{who: over(yearbook.Edit, office), query: here}},
			"POST /yearbook/editions": {{who: step(yearbook.Edit, office, yearbook.Freeze, office), body: sent(placeYear)}},
		},
	}
}

// opening is whoever sees any part of the place: a town of it too.
func opening(_ *world.World, by authz.Actor) (bool, bool) {
	for _, top := range by.Regions(indicator.View) {
		if top.Contains(world.Own.Over) || world.Own.Over.Contains(top) {
			return true, true
		}
	}
	return false, true // what the figure is, is public
}

func settingOperations() map[string]map[string][]ask {
	home := func(*world.World) authz.Target { return authz.At(world.Above.Over) }
	set := func(do authz.Permission, path func(*world.World) map[string]string, body object) []ask {
		return []ask{{who: over(do, home), path: path, body: sent(body)}}
	}
	sizes := set(enterprise.EditRule, fill("id", "2030"), object{
		"uses": []string{"policy"}, "from": "2030-01-01", "source": object{"zh": "某号文件", "en": "A paper"}, "like": "2011",
	})
	sizes[0].match = words("0")
	town, county := fill("code", string(world.Own.Town)), func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	change := object{"kind": "rename", "on": "2026-10-01", "from": []string{string(world.Own.Town)}, "to": []object{{"code": world.Own.Town, "name": "临河镇"}}, "source": "某号文件"}
	return map[string]map[string][]ask{
		"setting:write": {
			"PUT /calendar/{year}": set(flow.SetCalendar, fill("year", "2027"), object{"source": "某号文件", "days": []object{{"on": "2027-01-01", "kind": "rest", "name": "元旦"}}}),
			"POST /limits":         set(flow.SetLimit, nil, object{"type": "need", "step": "accept", "amount": 2, "unit": "workday", "valid_from": "2030-01-01"}),
			"PUT /size-rules/{id}": sizes,
		},
		"place:write": {
			"PUT /places/{code}/key-town":  {{who: known(territory.SetKeyTown, county), path: town, body: sent(object{"from": "2026-01-01"})}},
			"POST /places/changes/preview": {{who: somewhere(territory.Reorganise), body: sent(change)}},
			"POST /places/changes":         {{who: over(territory.Reorganise, county), body: sent(change)}},
		},
		"audit:read": {
			"GET /audit":              {{who: desk(account.SeeAudit)}},
			"GET /audit/verification": {{who: over(account.SeeAudit, home)}},
		},
		"job:read": {"GET /jobs": {{who: over(workbench.SeeJobs, home)}}, "GET /job-runs": {{who: over(workbench.SeeJobs, home)}}},
	}
}
