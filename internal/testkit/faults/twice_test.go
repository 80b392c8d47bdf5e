package faults_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// twenty is how often an impatient person presses a button.
const twenty = 20

// press is a form that is sent, and what there must be one more of afterwards.
type press struct {
	name  string
	by    world.Person
	path  string
	form  url.Values
	count string // how many there are of what it makes
	// once is for forms that make something new: all answers lead to the one
	// record. Others change a record as it was read: one is taken, the rest are told.
	once bool
	// version is a query for what the form has read, where earlier presses change it.
	version string
}

// Every form and every step, sent twenty times at the same moment, has one effect.
func TestPressingAButtonTwentyTimesDoesOneThing(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		t.Parallel()
		w := world.New(t, source)
		for _, p := range presses(w) {
			if p.version != "" {
				p.form.Set("version", w.One(p.version))
			}
			before := w.One(p.count)
			answers := pressed(t, w, p)
			leads := map[string]int{}
			for _, a := range answers {
				switch {
				case a.Code == http.StatusSeeOther:
					leads[a.Header().Get("Location")]++
				case p.once || a.Code != http.StatusConflict && a.Code != http.StatusPreconditionFailed && a.Code != http.StatusUnprocessableEntity && a.Code != http.StatusNotFound:
					t.Errorf("%s: answered %d: %.300s", p.name, a.Code, a.Body)
				}
			}
			if len(leads) != 1 {
				t.Errorf("%s: the answers lead to %v", p.name, leads)
			}
			if after := w.One(p.count); !next(before, after) {
				t.Errorf("%s: %s before, %s after", p.name, before, after)
			}
		}
	})
}

// next reports one more.
func next(before, after string) bool {
	n := func(s string) (sum int) {
		for _, r := range s {
			sum = sum*10 + int(r-'0')
		}
		return sum
	}
	return n(after) == n(before)+1
}

func pressed(t *testing.T, w *world.World, p press) []*httptest.ResponseRecorder {
	t.Helper()
	all := make([]*httptest.ResponseRecorder, twenty)
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range all {
		wait.Go(func() {
			<-start
			all[i] = send(t, w, p)
		})
	}
	close(start)
	wait.Wait()
	return all
}

// send presses the button once.
func send(t *testing.T, w *world.World, p press) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, p.path, strings.NewReader(p.form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if p.by.Token != "" {
		r.AddCookie(&http.Cookie{Name: accountweb.Cookie, Value: p.by.Token})
	}
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, r)
	return rec
}

func presses(w *world.World) []press {
	own := w.At[world.Own.Name]
	staff, official, owner := w.Person("centre-staff", world.Own), w.Person("official", world.Own), w.Person("owner", world.Own)
	helper := w.Person("institution-owner", world.Own)
	founder := w.Person("self", world.Own)
	make1 := func(name string, by world.Person, path, count string, pairs ...string) press {
		form := url.Values{"_once": {once()}}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return press{name, by, path, form, count, true, ""}
	}
	need := []string{
		"theme", "financing", "title", "按了二十下的需求", "text", "春节前采购棉花，备足一季度订单的原料。", "amount", "30",
		"contact_name", "陈国华", "contact_phone", "13900000000",
	}
	count := func(table string) string { return `SELECT CAST(count(*) AS TEXT) FROM ` + table }
	all := []press{
		make1("posting a need", owner, "/needs/post", count("need"), append(need, "as", string(own.Enterprise))...),
		make1("entering a need", staff, "/bench/needs/post", count("need"), append(need, "as", string(own.Enterprise), "channel", "call")...),
		make1("registering an enterprise", founder, "/enterprises/new", count("enterprise"), "code", world.Code(501), "name", "射阳县按钮厂", "region", string(world.Own.Town)),
		make1("entering an enterprise", staff, "/bench/enterprises/new", count("enterprise"), "code", world.Code(502), "name", "射阳县纽扣厂", "region", string(world.Own.Town)),
		make1("entering an institution", staff, "/bench/institutions/new", count("institution"),
			"name", "射阳县按钮服务中心", "region", string(world.Own.Town), "kinds", string(institution.Guarantor), "level", "county"),
	}
	change := func(name string, by world.Person, path, count, version string, pairs ...string) {
		p := make1(name, by, path, count, append(pairs, "version", version)...)
		p.once = false
		all = append(all, p)
	}
	state := func(id engagement.ID) (version, events string) {
		return w.One(`SELECT CAST(version AS TEXT) FROM need WHERE id = ?`, string(id)),
			`SELECT CAST(count(*) AS TEXT) FROM need_event WHERE need_id = '` + string(id) + `'`
	}
	today := w.DB.Now().Add(8 * 3600e9).Format("2006-01-02")
	for _, s := range []struct {
		state, path string
		by          world.Person
		form        []string
	}{
		{"posted", "/bench/needs/%/accept", staff, nil},
		{"accepted", "/bench/needs/%/offer", staff, []string{"institution", string(own.Institution)}},
		{"offered", "/my/offers/%/offer/accept", helper, nil},
		{"in_progress", "/my/offers/%/deliveries/record", helper, []string{"on", today, "theme", "financing", "form", "expert_team", "quantity", "1", "text", "担保贷款，银行已经放款"}},
		{"waiting", "/my/needs/%/supply", owner, []string{"words", "材料已经补齐"}},
		{"delivered", "/my/needs/%/confirm", owner, nil},
		{"confirmed", "/my/needs/%/rate", owner, []string{"on_time", "yes", "solved", "yes", "score", "5"}},
		{"referred", "/bench/needs/%/accept", w.Person("centre-staff", world.Above), nil},
		{"withdrawn", "/bench/needs/%/reopen", staff, []string{"reason", "又需要了"}},
	} {
		id := own.Needs[s.state]
		version, events := state(id)
		change(s.path, s.by, strings.Replace(s.path, "%", string(id), 1), events, version, s.form...)
	}
	audit := func(action string) string {
		return `SELECT CAST(count(*) AS TEXT) FROM audit_entry WHERE action = '` + action + `'`
	}
	firm := "/bench/enterprises/" + string(own.Enterprise)
	change("verifying", staff, firm+"/verify", audit("enterprise.verify"), "1")
	change("merging", w.Person("centre-staff", world.Own), "/bench/enterprises/"+string(w.At[world.Below.Name].Enterprise)+"/merge",
		`SELECT CAST(count(*) AS TEXT) FROM enterprise WHERE alias_of <> ''`, "1", "to", string(own.Enterprise), "reason", "同一家企业")
	change("publishing", staff, "/bench/institutions/"+string(own.Institution)+"/publish", audit("institution.publish"), "4")
	sheet := "/bench/returns/" + string(world.Own.Over) + "/2025"
	change("accepting a return", official, sheet+"/accept", audit("indicator.return.accept"), w.One(`SELECT CAST(version AS TEXT) FROM indicator_return`))
	all = append(all, returnPresses(w)...)
	change("deciding a claim", staff, "/bench/claims/"+own.Claim, audit("enterprise.claim.decide"), "1", "answer", "refuse", "reason", "材料不符")
	change("withdrawing an invitation", staff, "/bench/people/invitations/"+own.Invitation+"/withdraw", audit("account.invitation.withdraw"), "1")
	all = append(all,
		make1("settling a year", official, "/bench/returns/"+string(world.Own.Over)+"/2025/seal", `SELECT CAST(COALESCE(max(issue), 0) AS TEXT) FROM ledger_seal`),
		make1("freezing the chapter", official, "/bench/yearbook/freeze?region="+string(world.Own.Over)+"&year=2025", count("yearbook_edition")),
	)
	for i := range all {
		all[i].form = maps.Clone(all[i].form)
	}
	return all
}

// returnPresses are the steps of the one return there is, in the order of its
// life after it was accepted.
func returnPresses(w *world.World) []press {
	staff, official := w.Person("centre-staff", world.Own), w.Person("official", world.Own)
	sheet := "/bench/returns/" + string(world.Own.Over) + "/2025"
	var all []press
	for _, s := range []struct {
		do   string
		by   world.Person
		form url.Values
	}{
		{"reopen", official, url.Values{"reason": {"数字有误"}}},
		{"fill", staff, url.Values{"P3": {"9"}}},
		{"submit", staff, url.Values{"P3": {"8"}}},
		{"return", official, url.Values{"reason": {"数字还有误"}}},
		{"fill", staff, url.Values{"P3": {"8"}}},
		{"submit", staff, url.Values{"P3": {"8"}}},
		{"accept", official, url.Values{}},
	} {
		s.form.Set("_once", once())
		all = append(all, press{
			s.do + " of a return", s.by, sheet + "/" + s.do, s.form,
			`SELECT CAST(count(*) AS TEXT) FROM audit_entry WHERE action = 'indicator.return.` + s.do + `'`, false,
			`SELECT CAST(version AS TEXT) FROM indicator_return`,
		})
	}
	return all
}

// Twenty invitations sent at once are one: the phone's code that every answer
// shows is the one that opens it.
func TestInvitingTwentyTimesInvitesOnce(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		t.Parallel()
		w := world.New(t, source)
		invite := press{by: w.Person("centre-staff", world.Own), path: "/bench/people/invite", form: url.Values{
			"_once": {once()}, "place": {"region:" + string(world.Own.Over)}, "role": {"centre-staff"}, "login": {"13700000001"}, "name": {"新同事"},
		}}
		codes := map[string]int{}
		for _, a := range pressed(t, w, invite) {
			if found := regexp.MustCompile(`handed">([^<]+)<`).FindStringSubmatch(a.Body.String()); a.Code != http.StatusOK || found == nil {
				t.Errorf("answered %d without a code: %.200s", a.Code, a.Body)
			} else {
				codes[found[1]]++
			}
		}
		if n := w.One(`SELECT CAST(count(*) AS TEXT) FROM account_invitation WHERE name = '新同事'`); n != "1" || len(codes) != 1 {
			t.Fatalf("%s invitations, the codes shown are %v", n, codes)
		}
		for code := range codes {
			accept := press{by: w.People[0], path: "/invitation", form: url.Values{
				"login": {"13700000001"}, "otp": {code}, "password": {"guihua-2026-xin"}, "consent": {"1"},
			}}
			if a := send(t, w, accept); a.Code != http.StatusSeeOther {
				t.Errorf("the code that was shown does not open the invitation: %d", a.Code)
			}
		}
	})
}
