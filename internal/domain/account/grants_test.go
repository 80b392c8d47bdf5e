package account_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

func counted(ctx context.Context, fn func(context.Context)) int64 {
	var n atomic.Int64
	fn(db.CountQueries(ctx, &n))
	return n.Load()
}

func TestWhoMayGrantWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		security := w.signedIn("县安全管理员", at("security-administrator", sheyang))
		staff := w.signedIn("工作人员", at("centre-staff", sheyang))
		person, _ := w.someone("新来的", at("volunteer", sheyang))
		for _, c := range []struct {
			name string
			by   authz.Actor
			in   account.Grant
			kind fault.Kind
			key  string
		}{
			{"nobody", authz.Actor{}, account.Grant{Person: person, Role: "centre-staff", Region: sheyang}, fault.SignIn, ""},
			{"staff without the right", staff, account.Grant{Person: person, Role: "centre-staff", Region: sheyang}, fault.Denied, ""},
			{"over another county", security, account.Grant{Person: person, Role: "centre-staff", Region: jianhu}, fault.Denied, ""},
			{"over the whole city", security, account.Grant{Person: person, Role: "centre-staff", Region: city}, fault.Denied, ""},
			{"to themselves", security, account.Grant{Person: security.ID, Role: "centre-staff", Region: sheyang}, fault.Conflict, "account.grant.self"},
			{"a role that is not there", security, account.Grant{Person: person, Role: "king", Region: sheyang}, fault.Invalid, "role"},
			{"the role of oneself", security, account.Grant{Person: person, Role: account.Self, Region: sheyang}, fault.Invalid, "role"},
			{"a region role over a firm", security, of("centre-staff", "e1"), fault.Invalid, "needs_region"},
			{"a firm's role over a region", security, account.Grant{Person: person, Role: "enterprise-owner", Region: sheyang}, fault.Invalid, "needs_party"},
			{"to nobody there is", security, account.Grant{Person: "gone", Role: "centre-staff", Region: sheyang}, fault.NotFound, ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := w.acc.Give(ctx, c.by, c.in)
				want(t, err, c.kind, c.key)
			})
		}
		before := w.audit(account.Give)
		id, err := w.acc.Give(ctx, security, account.Grant{Person: person, Role: "centre-staff", Region: "320924100"})
		must(t, err)
		_, err = w.acc.Give(ctx, security, account.Grant{Person: person, Role: "centre-staff", Region: "320924100"})
		want(t, err, fault.Conflict, "account.grant.already")
		if got := w.audit(account.Give); got != before+1 {
			t.Fatalf("%d entries", got-before)
		}
		want(t, w.acc.EndGrant(ctx, staff, id), fault.NotFound)
		must(t, w.acc.EndGrant(ctx, security, id))
		want(t, w.acc.EndGrant(ctx, security, id), fault.NotFound)
	})
}

func TestTheThreeAdministratorsStayApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		security := w.signedIn("安全管理员", at("security-administrator", city))
		system, _ := w.someone("系统管理员", at("system-administrator", city))
		_, err := w.acc.Give(ctx, security, account.Grant{Person: system, Role: "audit-administrator", Region: city})
		want(t, err, fault.Conflict, "account.grant.apart")
		plain, _ := w.someone("李四")
		var wg sync.WaitGroup // both at once: one must lose
		var won atomic.Int64
		for _, role := range []string{"system-administrator", "audit-administrator"} {
			wg.Go(func() {
				if _, err := w.acc.Give(ctx, root, account.Grant{Person: plain, Role: role, Region: city}); err == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d grants were given", won.Load())
		}
		err = w.acc.DefineRole(ctx, security, account.Role{Role: authz.Role{Name: "万能", Permissions: []authz.Permission{account.Give}}, Over: account.OverRegion})
		want(t, err, fault.Invalid, "account.role.reserved")
		must(t, w.acc.DefineRole(ctx, security, account.Role{Role: authz.Role{Name: "接单员", Permissions: []authz.Permission{triage}}, Over: account.OverRegion}))
		_, err = w.acc.Give(ctx, security, account.Grant{Person: plain, Role: "接单员", Region: jianhu})
		must(t, err)
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ends := authz.System("test", account.End, account.See)
		a, _ := w.someone("甲", at("audit-administrator", city))
		b, _ := w.someone("乙", at("audit-administrator", city))
		grantOf := func(person string) string {
			list, err := w.acc.Grants(ctx, authz.Unbounded("test"), person)
			must(t, err)
			return list[0].ID
		}
		ga, gb := grantOf(a), grantOf(b)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, g := range []string{ga, gb} {
			wg.Go(func() { errs[i] = w.acc.EndGrant(ctx, ends, g) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("one of the last two must stay: %v, %v", errs[0], errs[1])
		}
		left := a
		if errs[0] == nil {
			left = b
		}
		want(t, w.acc.DisableAccount(ctx, root, left, "调离"), fault.Conflict, "account.grant.last")
		_, err := w.acc.Provision(ctx, root, account.NewPerson{Phone: "13911110000", Name: "丙", Grants: []account.Grant{at("audit-administrator", city)}})
		must(t, err)
		must(t, w.acc.DisableAccount(ctx, root, left, "调离"))
	})
}

func TestACountyCannotActOnTheCitysPeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		county := w.signedIn("县系统管理员", at("system-administrator", sheyang))
		own, ownPhone := w.someone("县里的人", at("centre-staff", sheyang))
		cityPerson, _ := w.someone("市里的人", at("centre-staff", sheyang), at("centre-head", city))
		elsewhere, _ := w.someone("邻县的人", at("centre-staff", jianhu))
		other, _ := w.someone("县安全管理员", at("security-administrator", sheyang))
		_, token := w.enter(ownPhone, good)
		want(t, w.acc.DisableAccount(ctx, county, elsewhere, "x"), fault.NotFound)
		want(t, w.acc.DisableAccount(ctx, county, cityPerson, "x"), fault.Denied)
		want(t, w.acc.DisableAccount(ctx, county, county.ID, "x"), fault.Conflict, "account.self")
		want(t, w.acc.DisableAccount(ctx, county, own, " "), fault.Invalid, "reason")
		must(t, w.acc.DisableAccount(ctx, county, own, "调离"))
		want(t, w.acc.DisableAccount(ctx, county, own, "调离"), fault.Conflict)
		_, err := w.acc.Resolve(ctx, token)
		want(t, err, fault.SignIn)
		_, err = try(w, ownPhone, good, "10.0.0.1", "")
		want(t, err, fault.Denied, "account.sign_in.disabled")
		must(t, w.acc.EnableAccount(ctx, county, own, "回来了"))
		_, err = w.acc.IssueCode(ctx, county, other)
		want(t, err, fault.Denied, "account.admin_only_command")
	})
}

func TestListsAgreeWithTheScope(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.someone("县甲", at("centre-staff", sheyang))
		w.someone("县乙", at("centre-staff", jianhu))
		w.someone("镇丙", at("volunteer", "320924100"))
		w.someone("市丁")
		w.someone("企业主", of("enterprise-owner", "e1"))
		for _, c := range []struct {
			name  string
			scope authz.Scope
			want  int
		}{
			{"the city", authz.Within(city), 5},
			{"a county", authz.Within(sheyang), 2},
			{"a town", authz.Within("320924100"), 1},
			{"a firm", authz.Own(authz.Party{Kind: authz.Enterprise, ID: "e1"}), 1},
			{"nobody", authz.Scope{}, 0},
		} {
			list, _, err := w.acc.People(ctx, c.scope, account.PeopleFilter{}, db.Page{})
			must(t, err)
			n, err := w.acc.Count(ctx, c.scope, account.PeopleFilter{})
			must(t, err)
			if len(list) != c.want || n != int64(c.want) {
				t.Errorf("%s sees %d people and counts %d, want %d", c.name, len(list), n, c.want)
			}
		}
		list, _, err := w.acc.People(ctx, authz.Within(city), account.PeopleFilter{Query: "13800000001"}, db.Page{})
		must(t, err)
		if len(list) != 1 || list[0].Name != "县甲" || list[0].Phone != "138****0001" || len(list[0].Grants) != 1 {
			t.Fatalf("found %+v", list)
		}
		var names []string
		for page := (db.Page{Limit: 2}); ; {
			part, next, err := w.acc.People(ctx, authz.Within(city), account.PeopleFilter{}, page)
			must(t, err)
			for _, p := range part {
				names = append(names, p.Name)
			}
			if page.After = next; next == "" {
				break
			}
		}
		if len(names) != 5 {
			t.Fatalf("pages hold %v", names)
		}
	})
}

func TestSeeingANumberLeavesATrace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		head := w.signedIn("主任", at("centre-head", sheyang))
		id, phone := w.someone("县甲", at("centre-staff", sheyang))
		far, _ := w.someone("县乙", at("centre-staff", jianhu))
		p, err := w.acc.Person(t.Context(), head, id)
		must(t, err)
		if p.Phone != phone || w.audit(account.See) != 1 {
			t.Fatalf("%s, %d entries", p.Phone, w.audit(account.See))
		}
		_, err = w.acc.Person(t.Context(), head, far)
		want(t, err, fault.NotFound)
	})
}

func TestAnEnterprisesClaimGrantsItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const accept authz.Permission = "enterprise.claim.accept"
		official := authz.Actor{Kind: authz.Human, ID: "o1", Grants: []authz.Grant{{Role: authz.Role{Permissions: []authz.Permission{accept}}, Region: sheyang}}}
		person, phone := w.someone("陈国栋")
		firm := authz.Party{Kind: authz.Enterprise, ID: "e1"}
		decide := func(fn func(ctx context.Context, tx *db.Tx) error) error {
			return w.gate.Write(ctx, &gate.Change{By: official, Do: accept, On: authz.At(sheyang), Record: gate.Record{Kind: "claim", ID: "c1"}}, fn)
		}
		give := func(role string) error {
			return decide(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.acc.GrantParty(ctx, tx, official, person, role, firm)
				return err
			})
		}
		want(t, give("security-administrator"), fault.Invalid)
		must(t, give("enterprise-owner"))
		must(t, give("enterprise-owner")) // again changes nothing
		by, _ := w.enter(phone, good)
		if ids := by.Parties(authz.Enterprise, "enterprise.profile.edit"); len(ids) != 1 || ids[0] != "e1" {
			t.Fatalf("the owner acts for %v", ids)
		}
		must(t, decide(func(ctx context.Context, tx *db.Tx) error {
			return w.acc.RevokeParty(ctx, tx, official, person, "", firm)
		}))
		if by, _ = w.enter(phone, good); by.Somewhere("enterprise.profile.edit") {
			t.Fatal("the right is gone")
		}
		if got := w.audit(account.Vouch); got != 2 {
			t.Fatalf("%d entries", got)
		}
	})
}

func TestHoldersAreNearestFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.someone("市", at("volunteer", city))
		w.someone("县", at("volunteer", sheyang))
		w.someone("镇", at("volunteer", "320924100"))
		w.someone("邻县", at("volunteer", jianhu))
		gone, _ := w.someone("停用的", at("volunteer", sheyang))
		must(t, w.acc.DisableAccount(ctx, root, gone, "调离"))
		owner, _ := w.someone("企业主", of("enterprise-owner", "e1"))
		list, err := w.acc.Holders(ctx, w.db, triage, authz.At("320924100"))
		must(t, err)
		var names string
		for _, p := range list {
			names += p.Name + " "
		}
		if names != "镇 县 市 " {
			t.Fatalf("holders: %s", names)
		}
		list, err = w.acc.Holders(ctx, w.db, "enterprise.profile.edit", authz.At(sheyang).Of(authz.Enterprise, "e1"))
		must(t, err)
		if len(list) != 1 || list[0].ID != owner {
			t.Fatalf("holders: %v", list)
		}
		list, err = w.acc.Holders(ctx, w.db, "event.place.book", authz.Target{}.Of(authz.Person, owner))
		must(t, err)
		if len(list) != 1 || list[0].ID != owner {
			t.Fatalf("holders over oneself: %v", list)
		}
		found, err := w.acc.Names(ctx, w.db, []string{owner, "unknown"})
		must(t, err)
		if len(found) != 1 || found[owner] != "企业主" {
			t.Fatalf("names: %v", found)
		}
	})
}

func TestARecodedPlaceTakesItsPeopleAlong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, phone := w.someone("大丰的人", at("volunteer", "320982"))
		must(t, w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			n, err := account.MoveRegion(ctx, tx, "320982", "320904")
			if n != 2 {
				t.Errorf("%d records moved", n)
			}
			return err
		}))
		by, _ := w.enter(phone, good)
		if by.ID != id || !by.May(triage, authz.At("320904100")) || by.May(triage, authz.At("320982")) {
			t.Fatal("the grant follows the place")
		}
	})
}
