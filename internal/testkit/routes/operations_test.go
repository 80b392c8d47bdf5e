package routes_test

import (
	"maps"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
)

// operation is which scope an operation takes and whom it lets through.
type operation struct {
	scope string
	asks  []ask
}

// operations are every operation of the API. A new one needs a row.
func operations() map[string]operation {
	all := map[string]operation{}
	for _, some := range []map[string]map[string][]ask{
		openOperations(), ownOperations(), personOperations(), enterpriseOperations(), institutionOperations(),
		needOperations(), figureOperations(), settingOperations(), tableOperations(), recognitionOperations(), parkOperations(), guaranteeOperations(), platformOperations(),
	} {
		for scope, rows := range some {
			for op, asks := range rows {
				all[op] = operation{scope, asks}
			}
		}
	}
	return all
}

type object = map[string]any

// sent is a body that is the same in every world.
func sent(body object) func(*world.World) any { return func(*world.World) any { return body } }

// version is that of a record as it is now.
func version(table, column string, id func(*world.World) string) func(*world.World) string {
	return func(w *world.World) string {
		return one(w, `SELECT CAST(version AS TEXT) FROM `+table+` WHERE `+column+` = ?`, id(w))
	}
}

// marksOf are the names that a list shows of every place's organisations.
func marksOf(what string, of func(world.Place) target) func(*world.World) []mark {
	return func(w *world.World) []mark {
		var all []mark
		for _, p := range world.Places() {
			all = append(all, mark{world.Mark(p, what), of(p)(w)})
		}
		return all
	}
}

func openOperations() map[string]map[string][]ask {
	rows := map[string][]ask{}
	for _, op := range []string{
		"GET /published/institutions", "GET /indicators", "GET /figure-years", "GET /figures", "GET /sealed-years", "GET /limits",
		"GET /size-rules", "GET /places", "GET /yearbook", "GET /yearbook/editions",
	} {
		rows[op] = []ask{{who: anyone}}
	}
	rows["GET /search"] = []ask{{who: anyone, query: words("q=textile")}}
	rows["GET /size"] = []ask{{who: anyone, query: words("industry=1711&employees=10&date=2020-01-01")}}
	rows["GET /published/institutions/{id}"] = []ask{{who: anyone, path: published}}
	rows["GET /figures/{id}"] = []ask{{who: anyone, path: fill("id", "G5")}}
	rows["GET /calendar/{year}"] = []ask{{who: anyone, path: fill("year", "2025")}}
	rows["GET /size-rules/{id}"] = []ask{{who: anyone, path: fill("id", "2011")}}
	rows["GET /yearbook/editions/{id}"] = nil // the world has frozen none
	for _, path := range []string{"", "/places", "/history", "/key-towns"} {
		rows["GET /places/{code}"+path] = []ask{{who: anyone, path: fill("code", string(world.Own.Over))}}
	}
	return map[string]map[string][]ask{open: rows}
}

func ownOperations() map[string]map[string][]ask {
	plain := []ask{{who: signedIn}}
	return map[string]map[string][]ask{
		"":        {"GET /me/key": plain},
		"me:read": {"GET /me": plain, "GET /me/grants": plain, "GET /me/messages": plain, "GET /me/mail-wish": plain},
		"file:write": {"POST /uploads": {{
			who: signedIn, query: words("name=licence.pdf"), body: func(*world.World) any { return []byte("%PDF-1.4 licence") },
		}}},
		"me:write": {
			"PUT /me":                {{who: signedIn, body: sent(object{"name": "新名字"}), match: words("1")}},
			"POST /me/messages/read": {{who: signedIn, body: sent(object{"ids": []string{}})}},
			"PUT /me/mail-wish":      {{who: signedIn, body: sent(object{"wanted": false})}},
		},
	}
}

func personOperations() map[string]map[string][]ask {
	founder := founderOf(world.Own)
	work := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	ownGrant := func(w *world.World) authz.Target {
		return authz.At(world.Own.Over).Of(authz.Person, staffOf(w, world.Own))
	}
	id := func(w *world.World) map[string]string { return map[string]string{"id": w.At[world.Own.Name].Founder} }
	look := over(account.See, founder)
	does := func(do authz.Permission) rule { return step(account.See, founder, do, founder) }
	why := sent(object{"reason": "核对过了"})
	listed := people()["GET /bench/people"][0]
	listed.who, listed.query = signedIn, words("limit=200")
	return map[string]map[string][]ask{
		"person:read": {
			"GET /people":             {listed},
			"GET /people/{id}":        {{who: look, path: id}},
			"GET /people/{id}/grants": {{who: signedIn, path: id}}, // those over what the reader sees: none, for a stranger
			"GET /roles":              {{who: signedIn}},
		},
		"person:write": {
			"POST /people/{id}/grants": {{
				who: step(account.See, founder, account.Give, work), path: id, body: sent(object{"role": "centre-staff", "region": world.Own.Over}),
			}},
			"POST /people/{id}/grants/{grant}/end": {{who: step(account.See, work, account.End, ownGrant), path: people()["POST /bench/people/{id}/grants/{grant}/end"][0].path}},
			"POST /people/{id}/check-phone":        {{who: does(account.CheckPhone), path: id}},
			"POST /people/{id}/disable":            {{who: does(account.Disable), path: id, body: why}},
			"POST /people/{id}/enable":             {{who: does(account.Enable), path: id, body: why}},
			"GET /invitations":                     {{who: signedIn}},
			"POST /invitations": {{who: both(over(account.Invite, work), passing), body: sent(object{
				"role": "centre-staff", "region": world.Own.Over, "login": "13700000001", "name": "新同事",
			})}},
			"POST /invitations/{id}/withdraw": {{
				who: over(account.Withdraw, work), match: words("1"),
				path: func(w *world.World) map[string]string {
					return map[string]string{"id": w.At[world.Own.Name].Invitation}
				},
			}},
		},
	}
}

// passing is who may make somebody a member of the centre's staff: who gives
// roles, and who has every right of the role. A key passes on no more than it was
// made for.
func passing(w *world.World, by authz.Actor) (bool, bool) {
	if by.May(account.Give, authz.At(world.Own.Over)) {
		return true, false
	}
	for _, p := range w.People[1:] {
		for _, g := range p.Actor.Grants {
			if g.Role.Name != "centre-staff" {
				continue
			}
			for _, do := range g.Role.Permissions {
				if !by.May(do, authz.At(world.Own.Over)) {
					return false, false
				}
			}
			return true, false
		}
	}
	return false, false
}

// known is a right over what everybody may know of.
func known(do authz.Permission, on target) rule {
	return func(w *world.World, by authz.Actor) (bool, bool) { return by.May(do, on(w)), true }
}

func enterpriseOperations() map[string]map[string][]ask {
	firm := enterpriseOf(world.Own)
	idOf := func(w *world.World) string { return string(w.At[world.Own.Name].Enterprise) }
	id := func(w *world.World) map[string]string { return map[string]string{"id": idOf(w)} }
	inYear := func(w *world.World) map[string]string { return map[string]string{"id": idOf(w), "year": "2020"} }
	now := version("enterprise", "id", idOf)
	claim := func(w *world.World) map[string]string { return map[string]string{"id": w.At[world.Own.Name].Claim} }
	claimNow := version("enterprise_claim", "id", func(w *world.World) string { return claim(w)["id"] })
	claimant := func(w *world.World, by authz.Actor) (bool, bool) { return by.ID == w.At[world.Own.Name].Founder, false }
	town := func(*world.World) authz.Target { return authz.At(world.Own.Town) }
	pair := func(*world.World) authz.Target { return authz.At(world.Own.Over) }
	look := over(enterprise.View, firm)
	does := func(do authz.Permission) rule { return step(enterprise.View, firm, do, firm) }
	listed := ask{who: signedIn, query: words("limit=200"), lists: enterprise.View, marks: marksOf("纺织有限公司", enterpriseOf)}
	body := object{"name": "新名字的纺织厂", "region": world.Own.Town}
	write := map[string][]ask{
		"POST /enterprises": {{who: signedIn, body: sent(object{
			"name": "射阳县新厂纺织有限公司", "region": world.Own.Town, "code": []string{world.Code(77)}, "own": true, "evidence": "营业执照副本一份，待核对。",
		})}, {who: over(enterprise.Register, town), body: sent(object{
			"name": "射阳县新厂纺织有限公司", "region": world.Own.Town, "code": []string{world.Code(77)},
		})}},
		"PUT /enterprises/{id}":         {{who: does(enterprise.Edit), path: id, match: now, body: sent(body)}},
		"POST /enterprises/{id}/verify": {{who: does(enterprise.Verify), path: id, match: now}},
		"POST /enterprises/{id}/merge": {{who: step(enterprise.View, pair, enterprise.Merge, pair), path: id, match: now, body: func(w *world.World) any {
			return object{"into": w.At[world.Below.Name].Enterprise, "reason": "同一家企业"}
		}}},
		"POST /enterprises/{id}/distinguish": {{who: step(enterprise.View, pair, enterprise.Distinguish, pair), path: id, body: func(w *world.World) any {
			return object{"other": w.At[world.Below.Name].Enterprise, "apart": true}
		}}},
		"GET /enterprises/similar":           {{who: signedIn}},
		"GET /enterprises/{id}/duplicates":   {{who: does(enterprise.Merge), path: id}},
		"PUT /enterprises/{id}/years/{year}": {{who: does(enterprise.Edit), path: inYear, match: words("0"), body: sent(object{"employees": 10})}},
		"POST /me/claims":                    {{who: signedIn, body: sent(object{"code": world.Code(1), "region": world.Own.Town, "evidence": "营业执照副本一份，待核对。"})}},
		"POST /me/claims/{id}/evidence":      {{who: claimant, path: claim, body: sent(object{"evidence": "补充一份租赁合同。"})}},
		"GET /claims":                        {{who: signedIn}},
		"GET /claims/{id}":                   {{who: over(enterprise.DecideClaim, town), path: claim}},
		"GET /claims/{id}/files/{file}":      {{who: either(claimant, over(enterprise.DecideClaim, town)), path: paper(claim, enterprise.ClaimKind)}},
		"POST /claims/{id}/decide":           {{who: over(enterprise.DecideClaim, town), path: claim, match: claimNow, body: sent(object{"accept": false, "reason": "材料不符"})}},
		"POST /claims/{id}/dispute":          {{who: over(enterprise.DisputeClaim, town), path: claim, match: claimNow, body: sent(object{"reason": "另有人主张"})}},
		"GET /enterprises/{id}/holders":      {{who: signedIn, path: id}},
	}
	for path, do := range map[string]authz.Permission{
		"reject": enterprise.Reject, "close": enterprise.Close, "reopen": enterprise.Reopen, "separate": enterprise.Separate,
	} {
		write["POST /enterprises/{id}/"+path] = []ask{{who: does(do), path: id, match: now, body: sent(object{"reason": "核对过了"})}}
	}
	return map[string]map[string][]ask{
		"enterprise:read": {
			"GET /enterprises":                   {listed},
			"GET /enterprises/{id}":              {{who: look, path: id}},
			"GET /enterprises/{id}/years":        {{who: look, path: id}},
			"GET /enterprises/{id}/years/{year}": nil, // no year is filled in, so nobody finds one
			"GET /enterprises/{id}/size":         {{who: look, path: id, query: words("year=2020")}},
			"GET /me/claims":                     {{who: signedIn}},
			"GET /me/claims/{id}/files/{file}":   {{who: either(claimant, over(enterprise.DecideClaim, town)), path: paper(claim, enterprise.ClaimKind)}},
		},
		"enterprise:write": write,
		"contact:read": {
			"GET /enterprises/{id}/contact":   {{who: does(enterprise.ViewContact), path: id}},
			"GET /institutions/{id}/contacts": {{who: step(institution.See, institutionOf(world.Own), institution.SeeContacts, institutionOf(world.Own)), path: ownInstitution}},
			"GET /needs/{id}/contact": {{
				who: step(engagement.See, seen(true), engagement.SeeContact, union(office, helper, asker)), path: need(string(engagement.InProgress)),
			}},
		},
	}
}

func ownInstitution(w *world.World) map[string]string {
	return map[string]string{"id": string(w.At[world.Own.Name].Institution)}
}

func institutionOperations() map[string]map[string][]ask {
	body, town := institutionOf(world.Own), func(*world.World) authz.Target { return authz.At(world.Own.Town) }
	now := version("institution", "id", func(w *world.World) string { return ownInstitution(w)["id"] })
	look := over(institution.See, body)
	does := func(do authz.Permission) rule { return step(institution.See, body, do, body) }
	part := func(name, table string) func(*world.World) map[string]string {
		return func(w *world.World) map[string]string {
			m := ownInstitution(w)
			m[name] = one(w, `SELECT id FROM `+table+` WHERE institution_id = ? ORDER BY id LIMIT 1`, m["id"])
			return m
		}
	}
	service, task := part("service", "institution_service"), part("task", "institution_task")
	profile := object{"name": "射阳县新担保中心", "region": world.Own.Town, "kinds": []string{string(institution.Guarantor)}, "level": "county"}
	offering := object{"theme": "financing", "form": institution.ExpertTeam, "name": "贷款担保", "fee": "low"}
	given := object{"year": 2026, "title": "专题服务"}
	term := object{"from": "2026-01-01", "to": "2027-01-01", "document": "某号文件"}
	tier := maps.Clone(term)
	tier["tier"] = "close"
	ended := object{"day": "2026-01-31", "reason": "已经停办"}
	change := func(do authz.Permission, path func(*world.World) map[string]string, body object) []ask {
		a := ask{who: does(do), path: path, match: now}
		if body != nil {
			a.body = sent(body)
		}
		return []ask{a}
	}
	listed := ask{who: signedIn, query: words("limit=200"), lists: institution.See, marks: marksOf("担保中心", institutionOf)}
	return map[string]map[string][]ask{
		"institution:read": {
			"GET /institutions": {listed}, "GET /institutions/{id}": {{who: look, path: ownInstitution}},
			"GET /institutions/{id}/files/{file}": {{who: look, path: paper(ownInstitution, "institution")}},
		},
		"institution:write": {
			"POST /institutions/{id}/files":                  change(institution.Edit, ownInstitution, object{"remove_files": []string{unfiled}}),
			"POST /institutions":                             {{who: over(institution.Register, town), body: sent(profile)}},
			"PUT /institutions/{id}":                         change(institution.Edit, ownInstitution, profile),
			"POST /institutions/{id}/publish":                change(institution.Publish, ownInstitution, nil),
			"POST /institutions/{id}/hide":                   change(institution.Publish, ownInstitution, nil),
			"POST /institutions/{id}/end":                    change(institution.End, ownInstitution, ended),
			"POST /institutions/{id}/services":               change(institution.SetOffering, ownInstitution, offering),
			"PUT /institutions/{id}/services/{service}":      change(institution.SetOffering, service, offering),
			"POST /institutions/{id}/tier":                   change(institution.SetTier, ownInstitution, tier),
			"POST /institutions/{id}/demonstration":          change(institution.SetDemonstration, ownInstitution, term),
			"POST /institutions/{id}/demonstration/withdraw": change(institution.SetDemonstration, ownInstitution, ended),
			"POST /institutions/{id}/tasks":                  change(institution.AssignTask, ownInstitution, given),
			"PUT /institutions/{id}/tasks/{task}":            change(institution.AssignTask, task, given),
			"POST /institutions/{id}/tasks/{task}/report":    change(institution.ReportTask, task, object{"status": "doing", "note": "已经开始"}),
			"PUT /institutions/{id}/contacts":                change(institution.SetContacts, ownInstitution, object{"contacts": []object{{"name": "李建", "phone": "0515-82300001"}}}),
		},
	}
}

func needOperations() map[string]map[string][]ask {
	pages := needs()
	listed := func(page, query string) []ask {
		a := pages[page][0]
		a.who, a.query = signedIn, words(query)
		return []ask{a}
	}
	intake := func(body object) func(*world.World) any {
		return func(w *world.World) any {
			all := object{
				"theme": "financing", "title": "想办一笔贷款", "text": "春节前采购棉花，备足一季度订单的原料。", "channel": "call",
				"enterprise": w.At[world.Own.Name].Enterprise, "contact_name": "周素兰", "contact_phone": "13900000000",
			}
			maps.Copy(all, body)
			return all
		}
	}
	closed := need(string(engagement.Closed))
	write := map[string][]ask{
		"POST /needs":               {{who: over(engagement.Post, union(asker, seen(false))), body: intake(object{"channel": "web"})}},
		"GET /needs/callbacks":      {{who: signedIn}},
		"GET /needs/{id}/proposals": {{who: step(engagement.See, seen(false), engagement.MakeOffer, office), path: need(string(engagement.Taken))}},
		"POST /needs/{id}/callback": {{
			who: step(engagement.See, seen(true), engagement.MakeCallback, office), path: closed, match: words("1"), body: sent(object{"heard": "agreed"}),
		}},
	}
	for do, s := range lifecycle() {
		path, more := stepPath(do)
		op, body := operationOf(do, path)
		a := ask{who: s.who, path: need(s.state, more...), match: version("need", "id", func(w *world.World) string { return need(s.state)(w)["id"] })}
		if body != nil {
			a.body = body
		}
		write[op] = []ask{a}
	}
	return map[string]map[string][]ask{
		"need:read": {
			"GET /needs":                   listed("GET /bench/needs", "limit=200"),
			"GET /needs/todo":              {{who: signedIn}},
			"GET /needs/mine":              listed("GET /my/needs", "limit=200"),
			"GET /needs/offers":            listed("GET /my/offers", "limit=200"),
			"GET /needs/{id}":              pages["GET /needs/{id}"],
			"GET /needs/{id}/files/{file}": pages["GET /needs/{id}/files/{file}"],
		},
		"need:write": write,
	}
}

// operationOf is a step of a need as a program takes it, and what it sends.
func operationOf(do authz.Permission, path string) (string, func(*world.World) any) {
	at := map[string]string{"offer": "offers", "offer/accept": "offers/accept", "offer/decline": "offers/decline", "offer/recall": "offers/recall", "deliveries/record": "deliveries"}
	if to, ok := at[path]; ok {
		path = to
	}
	op, work := "POST /needs/{id}/"+path, object{"theme": "financing", "form": institution.ExpertTeam, "quantity": 1, "text": "担保贷款，期限六个月"}
	switch do {
	case engagement.Accept, engagement.AcceptWork, engagement.Finish, engagement.Confirm, engagement.ConfirmOne:
		return op, nil
	case engagement.Edit:
		return "PUT /needs/{id}", sent(object{"theme": "financing", "title": "流动资金贷款担保", "text": "春节前采购棉花，备足一季度订单的原料。"})
	case engagement.Assign:
		return op, func(w *world.World) any { return object{"person": staffOf(w, world.Own)} }
	case engagement.Supply:
		return op, sent(object{"words": "材料已补齐"})
	case engagement.Refer:
		return op, sent(object{"office": "320900", "reason": "情况有变化"})
	case engagement.MakeOffer:
		return op, func(w *world.World) any { return object{"institution": w.At[world.Own.Name].Institution} }
	case engagement.Rate:
		return op, sent(object{"on_time": true, "solved": "yes", "score": 5})
	case engagement.Deliver, engagement.Correct:
		if do == engagement.Correct {
			op, work["reason"] = "PUT /needs/{id}/deliveries/{delivery}", "情况有变化"
		}
		return op, func(w *world.World) any {
			work["on"] = flow.DayOf(w.DB.Now())
			return work
		}
	default:
		return op, sent(object{"reason": "情况有变化"})
	}
}
