package account_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

var (
	registering = authz.Anyone("register", account.Register)
	recovering  = authz.Anyone("recover", account.Recover)
	accepting   = authz.Anyone("accept", account.Accept)
)

func newcomer(phone string) account.NewAccount {
	return account.NewAccount{Phone: phone, Name: "周晓芸", Password: good, Consent: "2009-01", Client: account.Client{Network: "10.0.0.1"}}
}

func TestAVisitorRegisters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := newcomer("13812345678")
		in.Email, in.Situation, in.Region = "Zhou@Example.cn", account.Returned, sheyang
		must(t, w.acc.RegisterPerson(ctx, registering, in))
		by, _ := w.enter("13812345678", good)
		mail := w.lastMail()
		if mail.to != "zhou@example.cn" || mail.key != "account.mail.confirm" {
			t.Fatalf("mail %+v", mail)
		}
		_, err := try(w, "zhou@example.cn", good, "10.0.0.1", "")
		want(t, err, fault.Invalid) // not proven yet
		want(t, w.acc.ConfirmEmail(ctx, by, "AAAA-AAAA"), fault.Invalid, "account.code.wrong")
		must(t, w.acc.ConfirmEmail(ctx, by, mail.args["code"].(string)))
		_, err = try(w, "zhou@example.cn", good, "10.0.0.1", "")
		must(t, err)
	})
}

func TestRegisteringTwiceLooksTheSameAndTellsTheOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		must(t, w.acc.RegisterPerson(ctx, registering, newcomer("13812345678")))
		again := newcomer("138 1234 5678")
		again.Password = better
		must(t, w.acc.RegisterPerson(ctx, registering, again))
		_, err := try(w, "13812345678", better, "10.0.0.1", "")
		want(t, err, fault.Invalid)
		w.enter("13812345678", good)
		if len(w.told) != 1 || w.told[0].key != "account.told.again" {
			t.Fatalf("told %+v", w.told)
		}
		for i := range 48 {
			must(t, w.acc.RegisterPerson(ctx, registering, newcomer(fmt.Sprintf("139000000%02d", i))))
		}
		want(t, w.acc.RegisterPerson(ctx, registering, newcomer("13900000099")), fault.TooMany)
	})
}

func TestEverythingWrongWithAFormIsSaidAtOnce(t *testing.T) {
	once(t, func(t *testing.T, w *world) {
		err := w.acc.RegisterPerson(t.Context(), registering, account.NewAccount{Phone: "1381234", Email: "zhou", Password: "abc", Situation: "king", Region: "110000"})
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		var got []string
		for _, f := range e.Fields {
			got = append(got, f.Name+" "+f.Key)
			if !text.Has(f.Key) {
				t.Errorf("the catalogue lacks %s", f.Key)
			}
		}
		wanted := "[phone account.phone.wrong name field.required email account.email.wrong " +
			"password account.password.short_two_of password account.password.common region field.choice situation field.choice consent account.consent.needed]"
		if fmt.Sprint(got) != wanted {
			t.Fatalf("got %v", got)
		}
	})
}

func TestPasswords(t *testing.T) {
	once(t, func(t *testing.T, w *world) {
		for password, key := range map[string]string{
			"Ab1-":              "account.password.short",
			"abcdefg":           "account.password.short_two_of",
			"abcde1":            "account.password.short_one_of",
			"abcdefgh":          "account.password.two_of",
			"abcdefg1":          "account.password.one_of",
			"Password123!":      "account.password.common",
			"1234567890":        "account.password.common",
			"aaaaaaaaaaaaaaaa":  "account.password.repeats",
			"Xx-13812345678-yy": "account.password.login",
			"Abcdef1h":          "",
			"reeds by the salt": "",
			"盐蒿滩上丹顶鹤飞过来了":       "account.password.two_of",
			"盐蒿滩上丹顶鹤飞过来了哟":      "",
		} {
			in := newcomer("13812345678")
			in.Password, in.Consent = password, ""
			err := w.acc.RegisterPerson(t.Context(), registering, in)
			var e *fault.Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			found := ""
			for _, f := range e.Fields {
				if f.Name == "password" && (found == "" || f.Key == key) {
					found = f.Key
				}
			}
			if found != key {
				t.Errorf("%q: got %q, want %q", password, found, key)
			}
		}
	})
}

func TestAForgottenPasswordIsReset(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id, err := w.acc.Provision(ctx, root, account.NewPerson{Email: "chen@example.cn", Name: "陈国栋", Password: good})
		must(t, err)
		_, err = try(w, "chen@example.cn", good, "10.0.0.1", "")
		must(t, err)
		from := account.Client{Network: "10.0.0.2"}
		must(t, w.acc.AskReset(ctx, recovering, "nobody@example.cn", from))
		if len(w.mails) != 0 {
			t.Fatal("nobody gets no mail")
		}
		must(t, w.acc.AskReset(ctx, recovering, "chen@example.cn", from))
		code := w.lastMail().args["code"].(string)
		reset := func(login, code, password string) error {
			return w.acc.Reset(ctx, recovering, account.NewPassword{Login: login, Code: code, Password: password, Client: from})
		}
		known, unknown := reset("chen@example.cn", "ZZZZ-ZZZZ", better), reset("nobody@example.cn", "ZZZZ-ZZZZ", better)
		want(t, known, fault.Invalid, "account.code.wrong")
		if known.Error() != unknown.Error() {
			t.Fatalf("answers differ: %v, %v", known, unknown)
		}
		want(t, reset("chen@example.cn", code, "short"), fault.Invalid, "account.password.short")
		must(t, reset("chen@example.cn", code, better))
		want(t, reset("chen@example.cn", code, good), fault.Invalid) // once only
		_, err = try(w, "chen@example.cn", good, "10.0.0.1", "")
		want(t, err, fault.Invalid)
		_, err = try(w, "chen@example.cn", better, "10.0.0.1", "")
		must(t, err)

		must(t, w.acc.AskReset(ctx, recovering, "chen@example.cn", from))
		late := w.lastMail().args["code"].(string)
		w.later(31 * time.Minute)
		want(t, reset("chen@example.cn", late, good), fault.Invalid)

		handed, err := w.acc.IssueCode(ctx, root, id)
		must(t, err)
		w.later(23 * time.Hour)
		must(t, reset("chen@example.cn", handed, good))
	})
}

func TestAnOwnerInvitesStaff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		owner := w.signedIn("企业主", of("enterprise-owner", "e1"))
		staffOf := func(login, role, firm string) account.NewInvitation {
			return account.NewInvitation{Login: login, Name: "会计", Role: role, Party: authz.Party{Kind: authz.Enterprise, ID: firm}}
		}
		_, _, err := w.acc.InvitePerson(ctx, owner, staffOf("13712345678", "enterprise-staff", "e2"))
		want(t, err, fault.Denied)
		_, _, err = w.acc.InvitePerson(ctx, owner, account.NewInvitation{Login: "13712345678", Name: "x", Role: "centre-staff", Region: sheyang})
		want(t, err, fault.Denied)
		_, code, err := w.acc.InvitePerson(ctx, owner, staffOf("13712345678", "enterprise-staff", "e1"))
		must(t, err)
		in := account.Acceptance{Login: "13712345678", Code: "WRNG-C0DE", Password: better, Consent: "2009-01"}
		want(t, w.acc.AcceptNew(ctx, accepting, in), fault.Invalid, "account.code.wrong")
		in.Code = code
		must(t, w.acc.AcceptNew(ctx, accepting, in))
		by, _ := w.enter("13712345678", better)
		if by.Name != "会计" || len(by.Parties(authz.Enterprise, "enterprise.profile.edit")) != 1 {
			t.Fatalf("accepted as %+v", by)
		}
		want(t, w.acc.AcceptNew(ctx, accepting, in), fault.Invalid)

		list, _, err := w.acc.People(ctx, owner.Scope(account.See), account.PeopleFilter{}, db.Page{})
		must(t, err)
		if len(list) != 2 {
			t.Fatalf("the owner sees %d people", len(list))
		}
		must(t, w.acc.EndGrant(ctx, owner, grantOf(t, w, by.ID)))
		if by, _ = w.enter("13712345678", better); by.Somewhere("enterprise.profile.edit") {
			t.Fatal("the owner took the right back")
		}
	})
}

func grantOf(t *testing.T, w *world, person string) string {
	t.Helper()
	list, err := w.acc.Grants(t.Context(), authz.Unbounded("test"), person)
	must(t, err)
	return list[0].ID
}

func TestNobodyPassesOnMoreThanTheyHave(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		head := w.signedIn("主任", at("centre-head", sheyang))
		invite := func(login, role string) (string, string, error) {
			return w.acc.InvitePerson(ctx, head, account.NewInvitation{Login: login, Name: "王海燕", Role: role, Region: sheyang})
		}
		_, _, err := invite("wang@example.cn", "security-administrator")
		want(t, err, fault.Denied, "account.invite.more_than_own")
		id, code, err := invite("wang@example.cn", "centre-staff")
		must(t, err)
		if code != "" {
			t.Fatal("a mailed code is not shown")
		}
		list, err := w.acc.Invitations(ctx, head.Scope(account.Invite))
		must(t, err)
		if len(list) != 1 || list[0].Login != "w***@example.cn" {
			t.Fatalf("waiting: %+v", list)
		}
		first := w.lastMail().args["code"].(string)
		must(t, w.acc.WithdrawInvitation(ctx, head, id, list[0].Version))
		in := account.Acceptance{Login: "wang@example.cn", Code: first, Password: better, Consent: "2009-01"}
		want(t, w.acc.AcceptNew(ctx, accepting, in), fault.Invalid)
		_, _, err = invite("wang@example.cn", "centre-staff")
		must(t, err)
		in.Code = w.lastMail().args["code"].(string)
		w.later(7*24*time.Hour + time.Minute)
		want(t, w.acc.AcceptNew(ctx, accepting, in), fault.Invalid) // too late
		must(t, w.acc.Sweep(ctx))
	})
}

func TestSomebodyWithAnAccountSignsInToAccept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		owner := w.signedIn("企业主", of("enterprise-owner", "e1"))
		by := w.signedIn("周晓芸")
		me, err := w.acc.Me(ctx, by)
		must(t, err)
		_, code, err := w.acc.InvitePerson(ctx, owner, account.NewInvitation{Login: me.Phone, Name: "周", Role: "enterprise-staff", Party: authz.Party{Kind: authz.Enterprise, ID: "e1"}})
		must(t, err)
		want(t, w.acc.AcceptNew(ctx, accepting, account.Acceptance{Login: me.Phone, Code: code, Password: better, Consent: "2009-01"}), fault.Conflict, "account.invite.sign_in")
		want(t, w.acc.AcceptOwn(ctx, w.signedIn("别人"), code, account.Client{}), fault.Invalid)
		must(t, w.acc.AcceptOwn(ctx, by, code, account.Client{}))
	})
}

func TestAClosedAccountKeepsItsTrailAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id, phone := w.someone("周晓芸", of("enterprise-owner", "e1"))
		by, token := w.enter(phone, good)
		held, err := w.acc.Export(ctx, by)
		must(t, err)
		if held.Person.Phone != phone || len(held.Grants) != 1 || len(held.Sessions) != 1 {
			t.Fatalf("held %+v", held)
		}
		want(t, w.acc.CloseAccount(ctx, by, "not-it-at-all"), fault.Invalid)
		must(t, w.acc.CloseAccount(ctx, by, good))
		_, err = w.acc.Resolve(ctx, token)
		want(t, err, fault.SignIn)
		var left int
		must(t, w.db.Get(ctx, &left, `SELECT COUNT(*) FROM account_person WHERE id = ? AND phone IS NULL AND name = '' AND password = ''`, id))
		if left != 1 || w.audit(account.Close) != 1 {
			t.Fatal("the row stays, empty, with its trail")
		}
		must(t, w.acc.RegisterPerson(ctx, registering, newcomer(phone))) // the number is free again
		w.enter(phone, good)
	})
}

func TestAProfileIsNotOverwrittenUnseen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		by := w.signedIn("周晓芸")
		must(t, w.acc.EditProfile(t.Context(), by, 1, account.Profile{Name: "周晓云", Region: sheyang, Situation: account.Graduate}))
		want(t, w.acc.EditProfile(t.Context(), by, 1, account.Profile{Name: "周小芸"}), fault.Stale)
		want(t, w.acc.ChangeLogin(t.Context(), by, account.NewLogin{Password: good}), fault.Invalid, "account.login.one")
		must(t, w.acc.ChangeLogin(t.Context(), by, account.NewLogin{Password: good, Phone: "13700000000"}))
		w.enter("13700000000", good)
	})
}

func TestSituationsAreOnlyCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 8 {
			in := newcomer(fmt.Sprintf("1360000000%d", i))
			in.Region, in.Situation = sheyang, account.Returned
			if i >= 5 {
				in.Situation = account.Veteran
			}
			must(t, w.acc.RegisterPerson(t.Context(), registering, in))
		}
		counts, err := w.acc.CountSituations(t.Context(), w.db, city)
		must(t, err)
		if len(counts) != 1 || counts[account.Returned] != 5 {
			t.Fatalf("counts %v: three people are too few to be told", counts)
		}
	})
}

func TestTheLifecyclesHold(t *testing.T) {
	must(t, account.PersonLife().Check())
	must(t, account.InvitationLife().Check())
}
