package routes_test

import (
	"maps"
	"net/url"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/testkit/world"
)

// The own county's needs lie in its town; the county handles them, the
// enterprise asked, and its institution was asked to help.

func asker(w *world.World) authz.Target {
	return authz.Target{}.Of(authz.Enterprise, string(w.At[world.Own.Name].Enterprise))
}

func helper(w *world.World) authz.Target {
	return authz.Target{}.Of(authz.Institution, string(w.At[world.Own.Name].Institution))
}

func office(*world.World) authz.Target { return authz.At(world.Own.Over) }

func union(all ...target) target {
	return func(w *world.World) authz.Target {
		var t authz.Target
		for _, of := range all {
			one := of(w)
			t.Parties = append(t.Parties, one.Parties...)
			if one.Region != "" {
				t.Region = one.Region
			}
		}
		return t
	}
}

// seen is who finds a need in a state: those of its place, who asked, and from
// the offer on the institution.
func seen(offered bool) target {
	place := func(*world.World) authz.Target { return authz.At(world.Own.Town) }
	if offered {
		return union(place, asker, helper)
	}
	return union(place, asker)
}

func need(state string, more ...string) func(*world.World) map[string]string {
	return func(w *world.World) map[string]string {
		m := map[string]string{"id": string(w.At[world.Own.Name].Needs[state])}
		for _, name := range more {
			m[name] = one(w, `SELECT id FROM need_delivery WHERE need_id = ?`, m["id"])
		}
		return m
	}
}

// paper adds the document that hangs on a record.
func paper(on func(*world.World) map[string]string, kind string) func(*world.World) map[string]string {
	return func(w *world.World) map[string]string {
		m := on(w)
		m["file"] = one(w, `SELECT id FROM files_file WHERE record_kind = ? AND record_id = ?`, kind, m["id"])
		return m
	}
}

func needs() map[string][]ask {
	posted, given := string(engagement.Posted), string(engagement.InProgress)
	marks := func(what string) func(*world.World) []mark {
		return func(w *world.World) []mark {
			var all []mark
			for _, p := range world.Places() {
				r := w.At[p.Name]
				all = append(all, mark{world.Mark(p, what), authz.At(p.Town).Of(authz.Enterprise, string(r.Enterprise))})
			}
			return all
		}
	}
	contact := union(office, helper)
	intake := fields("channel", "call", "as", "person", "region", string(world.Own.Town), "theme", "financing", "title", "想办一笔贷款",
		"text", "春节前采购棉花，备足一季度订单的原料。", "contact_name", "周素兰", "contact_phone", "13900000000")
	post := func(w *world.World) url.Values {
		v := maps.Clone(intake(w))
		v.Set("as", string(w.At[world.Own.Name].Enterprise))
		return v
	}
	// Whoever asks for somebody else's enterprise is told to choose again, as for
	// one that does not exist: no page is refused. Nothing may be posted, though.
	posting := rule(func(_ *world.World, by authz.Actor) (bool, bool) { return by.SignedIn(), false })
	// That somebody is to be called back is hidden from them: they get no page for it.
	rows := map[string][]ask{
		"POST /needs/post": {{who: posting, form: post}},
		"GET /needs/{id}":  {{who: over(engagement.See, seen(true)), path: need(given)}, {who: over(engagement.See, seen(false)), path: need(posted)}},
		// What the asker has brought is for the institution in charge, not for one that is only asked.
		"GET /needs/{id}/files/{file}": {
			{who: over(engagement.See, seen(true)), path: paper(need(given), "need")},
			{who: over(engagement.See, seen(false)), path: paper(need(string(engagement.Offered)), "need")},
		},
		"GET /my/needs/{id}":                 {{who: over(engagement.See, seen(true)), path: need(given)}},
		"GET /my/offers/{id}":                {{who: over(engagement.See, seen(true)), path: need(given)}},
		"GET /bench/needs/{id}":              {{who: over(engagement.See, seen(true)), path: need(given)}},
		"POST /my/offers/{id}/contact/see":   {{who: step(engagement.See, seen(true), engagement.SeeContact, union(contact, asker)), path: need(given)}},
		"POST /bench/needs/{id}/contact/see": {{who: step(engagement.See, seen(true), engagement.SeeContact, union(contact, asker)), path: need(given)}},
		"GET /bench/needs":                   {{who: desk(engagement.See), lists: engagement.See, marks: marks(posted)}},
		"GET /bench":                         {{who: desk(engagement.See), query: words("office=all"), lists: engagement.See, marks: marks(posted)}},
		"GET /bench/needs/new":               {{who: desk(engagement.Post)}},
		"POST /bench/needs/new":              {{who: desk(engagement.Post)}},
		"POST /bench/needs/post":             {{who: over(engagement.Post, onlyPlace(seen(false))), form: intake}},
		"POST /bench/accept":                 {{who: desk(engagement.See)}},
		"POST /bench/assign":                 {{who: desk(engagement.See)}},
		"GET /bench/callbacks":               {{who: desk(engagement.MakeCallback)}},
		"GET /bench/callbacks/{id}/record":   {{who: step(engagement.See, onlyPlace(seen(true)), engagement.MakeCallback, office), path: need(string(engagement.Closed))}},
		"POST /bench/callbacks/{id}/record":  {{who: step(engagement.See, seen(true), engagement.MakeCallback, office), path: need(string(engagement.Closed)), form: fields("version", "1", "heard", "agreed")}},
	}
	rows["GET /my/needs"] = []ask{{who: signedIn, lists: engagement.Confirm, marks: func(w *world.World) []mark {
		var all []mark
		for _, p := range world.Places() {
			r := w.At[p.Name]
			all = append(all,
				mark{world.Mark(p, posted), authz.Target{}.Of(authz.Enterprise, string(r.Enterprise))},
				mark{world.Mark(p, world.Personal), authz.Target{}.Of(authz.Person, r.Founder)})
		}
		return all
	}}}
	rows["GET /my/offers"] = []ask{{who: signedIn, lists: engagement.AcceptWork, marks: func(w *world.World) []mark {
		return []mark{{world.Mark(world.Own, string(engagement.Offered)), helper(w)}}
	}}}
	return rows
}

// aStep is a step of the lifecycle: a state it can be taken from, and who may.
type aStep struct {
	state string
	who   rule
}

// lifecycle are the steps by their right.
func lifecycle() map[authz.Permission]aStep {
	either := union(office, asker)
	hands := union(office, helper)
	over := map[authz.Permission]target{
		engagement.Confirm: asker, engagement.ConfirmOne: asker, engagement.Dispute: asker, engagement.Rate: asker,
		engagement.Edit: either, engagement.Supply: either, engagement.Withdraw: either, engagement.Reopen: either,
		engagement.AcceptWork: helper, engagement.Decline: helper,
		engagement.Deliver: hands, engagement.Correct: hands, engagement.TakeBack: hands, engagement.Finish: hands,
		engagement.Ask: office, engagement.Accept: office, engagement.MakeOffer: office, engagement.Assign: office, engagement.Refer: office,
		engagement.Extend: office, engagement.Recall: office, engagement.Refuse: office,
	}
	all := map[authz.Permission]aStep{}
	for do, on := range over {
		var state string
		for _, s := range engagement.Lifecycle().Steps {
			if s.Do == do {
				state = string(s.From[0])
				break
			}
		}
		given := strings.Contains("offered in_progress delivered confirmed closed", state)
		all[do] = aStep{state, step(engagement.See, seen(given), do, on)}
	}
	return all
}

// steps are those of the lifecycle, below each of the three views of a need.
func steps() map[string][]ask {
	rows := map[string][]ask{}
	for do, s := range lifecycle() {
		for _, view := range []string{"/my/needs/{id}/", "/my/offers/{id}/", "/bench/needs/{id}/"} {
			path, more := stepPath(do)
			rows["GET "+view+path] = []ask{{who: s.who, path: need(s.state, more...)}}
			rows["POST "+view+path] = []ask{{who: s.who, path: need(s.state, more...), form: stepForm(s.state)}}
		}
	}
	return rows
}

// stepPath is the address below the view.
func stepPath(do authz.Permission) (string, []string) {
	kind, verb, _ := strings.Cut(strings.TrimPrefix(string(do), "engagement."), ".")
	switch {
	case do == engagement.Deliver:
		return "deliveries/" + verb, nil
	case kind == "delivery":
		return "deliveries/{delivery}/" + verb, []string{"delivery"}
	case kind == "offer":
		return "offer/" + verb, nil
	}
	return verb, nil
}

// stepForm has what any of the steps asks for.
func stepForm(state string) func(*world.World) url.Values {
	return func(w *world.World) url.Values {
		id := string(w.At[world.Own.Name].Needs[state])
		return url.Values{
			"version": {one(w, `SELECT CAST(version AS TEXT) FROM need WHERE id = ?`, id)}, "reason": {"情况有变化"}, "words": {"材料已补齐"},
			"institution": {string(w.At[world.Own.Name].Institution)}, "office": {"320900"}, "person": {staffOf(w, world.Own)},
			"on": {one(w, `SELECT substr(date('now', '+8 hours'), 1, 10)`)}, "theme": {"financing"}, "form": {string(institution.ExpertTeam)}, "quantity": {"1"},
			"title": {"流动资金贷款担保"}, "text": {"春节前采购棉花，备足一季度订单的原料。"}, "on_time": {"yes"}, "solved": {"yes"}, "score": {"5"},
		}
	}
}

func cut(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, path
}
