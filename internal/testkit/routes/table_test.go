package routes_test

import (
	"maps"
	"net/url"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit/world"
	"qiban.dev/qiban/internal/workbench"
	"qiban.dev/qiban/internal/xfer"
)

// table is who gets through to every route. A new route needs a row: the rule
// it follows, what fills its address in, and for a step a form that is valid
// enough for rights to be asked.
func table() map[string][]ask {
	all := map[string][]ask{}
	for _, some := range []map[string][]ask{
		public(), ownAccount(), people(), enterprises(), institutions(), needs(), steps(), figures(), settings(), tables(), technology(), recognitions(), parks(), guarantees(),
	} {
		maps.Copy(all, some)
	}
	return all
}

func public() map[string][]ask {
	rows := map[string][]ask{}
	for _, pattern := range []string{
		"GET /{$}", "GET /language", "GET /services", "GET /search", "GET /size", "GET /institutions", "GET /data", "GET /yearbook",
		"GET /help", "GET /api", "GET /accessibility", "GET /privacy", "GET /definitions", "GET /enterprises/new",
		"GET /sign-in", "POST /sign-in", "POST /sign-out", "GET /register", "POST /register", "GET /forgot", "POST /forgot",
		"GET /reset", "POST /reset", "GET /invitation", "POST /invitation", "POST /enterprises/new/account",
		"GET /needs/new", "POST /needs/new", "POST /needs/draft",
	} {
		rows[pattern] = []ask{{who: anyone}}
	}
	rows["GET /yearbook/download"] = []ask{{who: anyone, query: words("format=md")}}
	rows["GET /services/{theme}"] = []ask{{who: anyone, path: fill("theme", "financing")}}
	rows["GET /places/{code}"] = []ask{{who: anyone, path: fill("code", "320924")}}
	rows["GET /figures/{id}"] = []ask{{who: anyone, path: fill("id", "G5")}}
	// What no page has, and what needs no session to begin with, turns everybody away alike.
	rows["/"], rows["GET /assets/"] = nil, nil
	for _, pattern := range []string{"GET /sign-in/code", "POST /sign-in/code", "GET /sign-in/enrol", "POST /sign-in/enrol"} {
		rows[pattern] = nil
	}
	return rows
}

func ownAccount() map[string][]ask {
	rows := map[string][]ask{}
	for _, pattern := range []string{
		"GET /me", "GET /me/profile", "POST /me/profile", "GET /me/login", "POST /me/login", "GET /me/email", "POST /me/email",
		"GET /me/password", "POST /me/password", "GET /me/factor", "POST /me/factor", "POST /me/factor/drop",
		"POST /me/sessions/others/end", "GET /me/invitation", "POST /me/invitation", "GET /me/close", "POST /me/close", "POST /me/export",
		"GET /my", "GET /my/messages", "POST /my/messages", "POST /my/messages/wish", "GET /my/claims", "GET /my/needs", "GET /my/offers",
		"POST /enterprises/new", "GET /enterprises/new/done",
	} {
		rows[pattern] = []ask{{who: signedIn}}
	}
	// What nobody has made is nobody's: a key, a document.
	none := unfiled
	nobody := func(*world.World, authz.Actor) (bool, bool) { return false, false }
	rows["GET /me/keys"], rows["GET /me/keys/new"], rows["POST /me/keys/new"] = []ask{{who: signedIn}}, []ask{{who: signedIn}}, []ask{{who: signedIn}}
	rows["POST /me/keys/{id}/end"] = []ask{{who: nobody, path: fill("id", none)}}
	rows["POST /bench/people/{id}/keys/{key}/end"] = []ask{{who: nobody, path: fill("id", none, "key", none)}}
	rows["GET /needs/{id}/files/{file}"] = []ask{{who: nobody, path: func(w *world.World) map[string]string {
		return map[string]string{"id": string(w.At[world.Own.Name].Needs[string(engagement.Posted)]), "file": none}
	}}}
	// Somebody's sessions are theirs alone, whatever they may do.
	rows["POST /me/sessions/{id}/end"] = []ask{{
		who: func(w *world.World, by authz.Actor) (bool, bool) { return by.ID == w.At[world.Own.Name].Founder, false },
		path: func(w *world.World) map[string]string {
			return map[string]string{"id": one(w, `SELECT id FROM account_session WHERE person = ?`, w.At[world.Own.Name].Founder)}
		},
	}}
	return rows
}

func people() map[string][]ask {
	place, founder := region.Code(world.Own.Over), founderOf(world.Own)
	id := func(w *world.World) map[string]string { return map[string]string{"id": w.At[world.Own.Name].Founder} }
	granted := func(w *world.World) map[string]string {
		staff := staffOf(w, world.Own)
		return map[string]string{"id": staff, "grant": one(w, `SELECT id FROM account_grant WHERE person = ?`, staff)}
	}
	work := func(*world.World) authz.Target { return authz.At(place) }
	ownGrant := func(w *world.World) authz.Target { return authz.At(place).Of(authz.Person, staffOf(w, world.Own)) }
	invited := func(w *world.World) map[string]string {
		return map[string]string{"id": w.At[world.Own.Name].Invitation}
	}
	rows := map[string][]ask{
		"GET /bench/people": {{who: somewhere(account.See), query: words("q=self"), lists: account.See, marks: func(w *world.World) []mark {
			var all []mark
			for _, p := range world.Places()[:4] { // those of the other province live in the city
				all = append(all, mark{world.Mark(p, account.Self), authz.At(p.Town)})
			}
			return all
		}}},
		"GET /bench/people/invite": {{who: somewhere(account.Invite)}},
		"POST /bench/people/invite": {{who: over(account.Invite, work), form: fields(
			"place", "region:"+string(place), "role", "centre-staff", "login", "13700000001", "name", "新同事")}},
		"POST /bench/people/invitations/{id}/withdraw": {{who: over(account.Withdraw, work), path: invited, form: fields("version", "1")}},
		"GET /bench/people/{id}":                       {{who: over(account.See, founder), path: id}},
		"GET /bench/people/{id}/grant":                 {{who: both(step(account.See, founder, account.See, founder), somewhere(account.Give)), path: id}},
		"POST /bench/people/{id}/grant": {{
			who: both(step(account.See, founder, account.See, founder), over(account.Give, work)), path: id,
			form: fields("place", "region:"+string(place), "role", "centre-staff"),
		}},
		"POST /bench/people/{id}/grants/{grant}/end": {{who: step(account.See, work, account.End, ownGrant), path: granted}},
	}
	for _, do := range []authz.Permission{account.CheckPhone, account.IssueCode, account.ResetFactor, account.Disable, account.Enable} {
		rows["POST /bench/people/{id}/{act}"] = append(rows["POST /bench/people/{id}/{act}"], ask{
			who: step(account.See, founder, do, founder), form: fields("reason", "核对过了"),
			path: func(w *world.World) map[string]string { return map[string]string{"id": id(w)["id"], "act": do.Verb()} },
		})
	}
	party := func(w *world.World) string { return "enterprise=" + string(w.At[world.Own.Name].Enterprise) }
	firm := enterpriseOf(world.Own)
	rows["GET /my/people"] = []ask{{who: over(enterprise.View, onlyParty(firm)), query: party}}
	rows["POST /my/people"] = []ask{{who: step(enterprise.View, onlyParty(firm), account.Invite, onlyParty(firm)), query: party, form: fields("login", "13700000002", "name", "同事")}}
	rows["POST /my/people/{id}/withdraw"] = []ask{{
		who: over(account.Withdraw, onlyParty(firm)), query: party, form: fields("version", "1"),
		path: func(w *world.World) map[string]string {
			return map[string]string{"id": w.At[world.Own.Name].Colleague}
		},
	}}
	return rows
}

func enterprises() map[string][]ask {
	firm := enterpriseOf(world.Own)
	id := func(w *world.World) map[string]string {
		return map[string]string{"id": string(w.At[world.Own.Name].Enterprise)}
	}
	// Two entries are merged by whoever holds the right over both: the county.
	pair := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	own := func(w *world.World) string { return "e=" + string(w.At[world.Own.Name].Enterprise) }
	mine := over(enterprise.Edit, onlyParty(firm))
	claim := func(w *world.World) map[string]string { return map[string]string{"id": w.At[world.Own.Name].Claim} }
	claimant := func(w *world.World, by authz.Actor) (bool, bool) { return by.ID == w.At[world.Own.Name].Founder, false }
	town := func(*world.World) authz.Target { return authz.At(world.Own.Town) }
	names := func(*world.World) []mark {
		var all []mark
		for _, p := range world.Places() {
			all = append(all, mark{world.Mark(p, "纺织有限公司"), authz.At(p.Town)})
		}
		return all
	}
	profile := fields("code", world.Code(77), "name", "射阳县新厂纺织有限公司", "region", string(world.Own.Town))
	rows := map[string][]ask{
		"GET /my/enterprise":        {{who: mine, query: own}},
		"POST /my/enterprise":       {{who: mine, query: own, form: fields("version", "1", "name", "新名字的纺织厂", "region", string(world.Own.Town))}},
		"GET /my/enterprise/years":  {{who: mine, query: own}},
		"POST /my/enterprise/years": {{who: mine, query: own, form: fields("year", "2020", "employees", "10", "version", "0")}},
		// The page of the claimant's own files also gives them to those who decide, who have their own address.
		"GET /my/claims/{id}/files/{file}":    {{who: either(claimant, over(enterprise.DecideClaim, town)), path: paper(claim, enterprise.ClaimKind)}},
		"GET /bench/claims/{id}/files/{file}": {{who: either(claimant, over(enterprise.DecideClaim, town)), path: paper(claim, enterprise.ClaimKind)}},
		"POST /my/claims/{id}": {{
			who:  claimant,
			path: claim, form: fields("evidence", "补充一份租赁合同。"),
		}},
		"GET /bench/enterprises":               {{who: desk(enterprise.View), lists: enterprise.View, marks: names}},
		"GET /bench/enterprises/similar":       {{who: desk(enterprise.Merge)}},
		"GET /bench/enterprises/new":           {{who: desk(enterprise.Verify)}},
		"POST /bench/enterprises/new":          {{who: over(enterprise.Verify, town), form: profile}},
		"GET /bench/enterprises/{id}":          {{who: over(enterprise.View, onlyPlace(firm)), path: id}},
		"POST /bench/enterprises/{id}/contact": {{who: over(enterprise.ViewContact, onlyPlace(firm)), path: id}},
		"POST /bench/enterprises/{id}/merge":   {{who: step(enterprise.View, pair, enterprise.Merge, pair), path: id, form: merging}},
		"POST /bench/enterprises/{id}/distinguish": {{
			who: step(enterprise.View, pair, enterprise.Distinguish, pair), path: id,
			form: func(w *world.World) url.Values {
				return url.Values{"other": {string(w.At[world.Below.Name].Enterprise)}, "apart": {"1"}}
			},
		}},
		"GET /bench/claims":                 {{who: desk(enterprise.DecideClaim)}},
		"GET /bench/claims/{id}":            {{who: over(enterprise.DecideClaim, town), path: claim}},
		"POST /bench/claims/{id}":           {{who: over(enterprise.DecideClaim, town), path: claim, form: fields("version", "1", "answer", "refuse", "reason", "材料不符")}},
		"GET /bench/search":                 {{who: desk(engagement.See), query: words("q=记号"), lists: enterprise.View, marks: names}},
		"POST /bench/enterprises/{id}/{do}": nil,
	}
	for _, do := range []authz.Permission{enterprise.Verify, enterprise.Reject, enterprise.Close, enterprise.Reopen, enterprise.Separate} {
		rows["POST /bench/enterprises/{id}/{do}"] = append(rows["POST /bench/enterprises/{id}/{do}"], ask{
			who: step(enterprise.View, firm, do, firm), form: fields("version", "1", "reason", "核对过了"),
			path: func(w *world.World) map[string]string { return map[string]string{"id": id(w)["id"], "do": do.Verb()} },
		})
	}
	return rows
}

func merging(w *world.World) url.Values {
	return url.Values{"version": {"1"}, "to": {string(w.At[world.Below.Name].Enterprise)}, "reason": {"同一家企业"}}
}

func institutions() map[string][]ask {
	body := institutionOf(world.Own)
	id := func(w *world.World) map[string]string {
		return map[string]string{"id": string(w.At[world.Own.Name].Institution)}
	}
	own := func(w *world.World) string { return "i=" + string(w.At[world.Own.Name].Institution) }
	mine := func(do authz.Permission) rule { return step(institution.See, onlyParty(body), do, onlyParty(body)) }
	look := over(institution.See, onlyPlace(body))
	does := func(do authz.Permission) rule { return step(institution.See, body, do, body) }
	profile := []string{"version", "4", "name", "射阳县新担保中心", "region", string(world.Own.Town), "kinds", string(institution.Guarantor), "level", "county"}
	service := []string{"version", "4", "theme", "financing", "form", string(institution.ExpertTeam), "title", "贷款担保", "fee", "low"}
	town := func(*world.World) authz.Target { return authz.At(world.Own.Town) }
	rows := map[string][]ask{
		"GET /institutions/{id}":                     {{who: anyone, path: published}},
		"GET /my/institution":                        {{who: mine(institution.See), query: own}},
		"GET /my/institution/profile":                {{who: mine(institution.Edit), query: own}},
		"POST /my/institution/profile":               {{who: mine(institution.Edit), query: own, form: fields(profile...)}},
		"GET /my/institution/services":               {{who: mine(institution.SetOffering), query: own}},
		"POST /my/institution/services":              {{who: mine(institution.SetOffering), query: own, form: fields(service...)}},
		"POST /my/institution/tasks":                 {{who: mine(institution.ReportTask), query: own, form: reporting}},
		"POST /my/institution/files":                 {{who: mine(institution.Edit), query: own, form: fields("version", "4", "remove", unfiled)}},
		"GET /institutions/{id}/files/{file}":        {{who: over(institution.See, body), path: paper(ownInstitution, "institution")}},
		"GET /bench/institutions/new":                {{who: desk(institution.Register)}},
		"POST /bench/institutions/new":               {{who: over(institution.Register, town), form: fields(profile...)}},
		"GET /bench/institutions/{id}":               {{who: look, path: id}},
		"GET /bench/institutions/{id}/edit":          {{who: look, path: id}},
		"POST /bench/institutions/{id}/edit":         {{who: does(institution.Edit), path: id, form: fields(profile...)}},
		"GET /bench/institutions/{id}/services":      {{who: look, path: id}},
		"POST /bench/institutions/{id}/services":     {{who: does(institution.SetOffering), path: id, form: fields(service...)}},
		"POST /bench/institutions/{id}/files":        {{who: does(institution.Edit), path: id, form: fields("version", "4", "remove", unfiled)}},
		"GET /bench/institutions/{id}/contacts":      {{who: look, path: id}},
		"POST /bench/institutions/{id}/contacts":     {{who: look, path: id}},
		"POST /bench/institutions/{id}/contacts/set": {{who: look, path: id, form: fields("version", "4", "name1", "李建", "phone1", "0515-82300001")}},
		"GET /bench/institutions": {{who: desk(institution.See), lists: institution.See, marks: func(*world.World) []mark {
			var all []mark
			for _, p := range world.Places() {
				all = append(all, mark{world.Mark(p, "担保中心"), authz.At(p.Town)})
			}
			return all
		}}},
	}
	for name, do := range map[string]authz.Permission{
		"publish": institution.Publish, "hide": institution.Publish, "end": institution.End, "tier": institution.SetTier,
		"recognise": institution.SetDemonstration, "withdraw": institution.SetDemonstration, "task": institution.AssignTask,
	} {
		rows["POST /bench/institutions/{id}/{do}"] = append(rows["POST /bench/institutions/{id}/{do}"], ask{
			who: does(do), form: fields("version", "4", "day", "2026-01-31", "reason", "已经停办", "from", "2026-01-01", "to", "2027-01-01",
				"tier", "close", "document", "某号文件", "year", "2026", "title", "专题服务"),
			path: func(w *world.World) map[string]string { return map[string]string{"id": id(w)["id"], "do": name} },
		})
	}
	return rows
}

// unfiled is the id of no document: it is off already, so that taking it off asks
// for the right and does no more.
const unfiled = "0190a5c0-0000-7000-8000-000000000001"

func reporting(w *world.World) url.Values {
	task := one(w, `SELECT id FROM institution_task WHERE institution_id = ?`, string(w.At[world.Own.Name].Institution))
	return url.Values{"version": {"4"}, "task": {task}, "status": {"doing"}, "note": {"已经开始"}}
}

// published is an institution that the portal shows.
func published(w *world.World) map[string]string {
	return map[string]string{"id": one(w, `SELECT id FROM institution WHERE published = 1`)}
}

func figures() map[string][]ask {
	sheet := func(*world.World) map[string]string {
		return map[string]string{"region": string(world.Own.Over), "year": "2025"}
	}
	office := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	here := words("region=" + string(world.Own.Over) + "&year=2025")
	does := func(do authz.Permission) rule { return step(indicator.View, office, do, office) }
	rows := map[string][]ask{
		"GET /bench/returns":                       {{who: somewhere(indicator.View)}},
		"GET /bench/returns/{region}/{year}":       {{who: over(indicator.View, office), path: sheet}},
		"POST /bench/returns/{region}/{year}/seal": {{who: over(indicator.Seal, office), path: sheet}},
		"GET /bench/targets":                       {{who: over(indicator.View, office), query: here}},
		"POST /bench/targets":                      {{who: does(indicator.Target), query: here, form: fields("indicator", "M1", "value", "100", "document", "某号文件")}},
		"GET /bench/board":                         {{who: over(indicator.View, office), query: here}},
		"GET /bench/yearbook":                      {{who: over(yearbook.Edit, office), query: here}},
		"POST /bench/yearbook/freeze":              {{who: does(yearbook.Freeze), query: here}},
	}
	for name, do := range map[string]authz.Permission{
		"fill": indicator.Fill, "submit": indicator.Submit, "accept": indicator.Accept, "return": indicator.Return, "reopen": indicator.Reopen,
	} {
		rows["POST /bench/returns/{region}/{year}/"+name] = []ask{{who: does(do), path: sheet, form: fields("version", "1", "P3", "7", "reason", "数字有误")}}
	}
	return rows
}

// tables come in and go out as spreadsheets. An import is open to whoever
// uploaded it and to nobody else; the world has none, so everybody is told alike.
func tables() map[string][]ask {
	kind := fill("kind", "enterprise")
	return map[string][]ask{
		"GET /bench/import":                 {{who: somewhere(xfer.MayUse)}},
		"POST /bench/import":                {{who: somewhere(xfer.MayUse), form: fields("kind", "enterprise")}},
		"GET /bench/export/{kind}":          {{who: desk(enterprise.View), path: kind}},
		"GET /bench/export/{kind}/template": {{who: somewhere(xfer.MayUse), path: kind}},
		"GET /bench/import/{id}":            nil,
		"GET /bench/import/{id}/rejected":   nil,
		"POST /bench/import/{id}/confirm":   nil,
		"POST /bench/import/{id}/discard":   nil,
	}
}

func settings() map[string][]ask {
	home := func(*world.World) authz.Target { return authz.At(world.Above.Over) }
	rows := map[string][]ask{
		"GET /bench/settings": {{who: func(w *world.World, by authz.Actor) (bool, bool) {
			for _, do := range workbench.SettingsRights() {
				whole := do != territory.Reorganise && do != territory.SetKeyTown && do != account.SeeAudit
				if whole && by.May(do, home(w)) || !whole && len(by.Regions(do)) > 0 {
					return true, false
				}
			}
			return false, false
		}}},
		"GET /bench/settings/regions":       {{who: somewhere(territory.Reorganise, territory.SetKeyTown)}},
		"GET /bench/settings/audit":         {{who: desk(account.SeeAudit)}},
		"POST /bench/settings/audit/verify": {{who: over(account.SeeAudit, home)}},
		"GET /bench/settings/jobs":          {{who: over(workbench.SeeJobs, home)}},
	}
	set := fill("set", "2011", "row", "industry")
	for _, r := range []struct {
		do       authz.Permission
		patterns []string
	}{
		{flow.SetCalendar, []string{"GET /calendar", "GET /calendar/import", "POST /calendar/preview", "POST /calendar"}},
		{flow.SetLimit, []string{"GET /limits", "GET /limits/change", "POST /limits/change"}},
		{enterprise.EditRule, []string{
			"GET /size", "GET /size/{set}", "GET /size/{set}/edit", "POST /size/{set}/edit", "GET /size/{set}/rows/{row}", "POST /size/{set}/rows/{row}",
		}},
	} {
		for _, pattern := range r.patterns {
			method, path := cut(pattern)
			rows[method+" /bench/settings"+path] = []ask{{
				who: over(r.do, home), path: set, query: words("type=need&step=accept&year=2026"), form: fields("was", "need", "step", "accept", "year", "2026"),
			}}
		}
	}
	town := fill("code", string(world.Own.Town))
	county := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	within := func(do authz.Permission) rule {
		return func(w *world.World, by authz.Actor) (bool, bool) {
			sees := by.May(territory.Reorganise, at(world.Own)) || by.May(territory.SetKeyTown, at(world.Own))
			return by.May(do, county(w)), sees
		}
	}
	for pattern, do := range map[string]authz.Permission{
		"GET /change": territory.Reorganise, "POST /preview": territory.Reorganise, "POST /change": territory.Reorganise,
		"GET /key-town": territory.SetKeyTown, "POST /key-town": territory.SetKeyTown,
	} {
		method, path := cut(pattern)
		rows[method+" /bench/settings/regions/{code}"+path] = []ask{{
			who: within(do), path: town, form: fields("kind", "rename", "on", "2026-10-01", "name", "临河镇", "source", "某号文件", "from", "2026-01-01"),
		}}
	}
	return rows
}

// Helpers of the table.

func words(s string) func(*world.World) string { return func(*world.World) string { return s } }

func fill(pairs ...string) func(*world.World) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(*world.World) map[string]string { return maps.Clone(m) }
}

func fields(pairs ...string) func(*world.World) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return func(*world.World) url.Values { return v }
}

// one is a value from the database.
func one(w *world.World, query string, args ...any) string { return w.One(query, args...) }

func founderOf(p world.Place) target {
	return func(w *world.World) authz.Target { return authz.At(p.Town).Of(authz.Person, w.At[p.Name].Founder) }
}

func enterpriseOf(p world.Place) target {
	return func(w *world.World) authz.Target {
		return authz.At(p.Town).Of(authz.Enterprise, string(w.At[p.Name].Enterprise))
	}
}

func institutionOf(p world.Place) target {
	return func(w *world.World) authz.Target {
		return authz.At(p.Town).Of(authz.Institution, string(w.At[p.Name].Institution))
	}
}

// onlyParty is a target as its own people meet it, onlyPlace as an office does.
func onlyParty(of target) target {
	return func(w *world.World) authz.Target { return authz.Target{Parties: of(w).Parties} }
}

func onlyPlace(of target) target {
	return func(w *world.World) authz.Target { return authz.At(of(w).Region) }
}

func staffOf(w *world.World, p world.Place) string {
	for _, q := range w.People {
		if q.Role == "centre-staff" && q.At == p {
			return q.ID
		}
	}
	return ""
}
