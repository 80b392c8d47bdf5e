package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

func try(w *world, login, password, network, device string) (account.Ticket, error) {
	return w.acc.SignIn(w.t.Context(), account.Attempt{Login: login, Password: password, Client: account.Client{Network: network, Device: device, Agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/120"}})
}

func TestAPersonSignsInAndOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, phone := w.someone("周晓芸")
		ticket, err := try(w, " 138 "+phone[3:7]+"-"+phone[7:], good, "10.0.0.1", "")
		must(t, err)
		if ticket.Stage != account.Done {
			t.Fatalf("stage %s", ticket.Stage)
		}
		by, err := w.acc.Resolve(t.Context(), ticket.Token)
		must(t, err)
		if by.ID != id || by.Name != "周晓芸" || by.Kind != authz.Human {
			t.Fatalf("resolved %+v", by)
		}
		if !by.May("event.place.book", authz.Target{}.Of(authz.Person, id)) || by.May("event.place.book", authz.Target{}.Of(authz.Person, "other")) {
			t.Fatal("everyone may do what Self may, for themselves alone")
		}
		list, err := w.acc.Sessions(t.Context(), by, ticket.Token)
		must(t, err)
		if len(list) != 1 || !list[0].Current || list[0].Agent != "Chrome Windows" {
			t.Fatalf("sessions %+v", list)
		}
		must(t, w.acc.SignOut(t.Context(), ticket.Token))
		_, err = w.acc.Resolve(t.Context(), ticket.Token)
		want(t, err, fault.SignIn)
		if w.audit(account.Begin) != 1 || w.audit(account.EndSession) != 1 {
			t.Fatal("signing in and out leave one entry each")
		}
	})
}

func TestNobodyLearnsWhetherAnAccountExists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, phone := w.someone("周晓芸")
		_, known := try(w, phone, "wrong-password", "10.0.0.1", "")
		_, unknown := try(w, "13999999999", "wrong-password", "10.0.0.1", "")
		_, noLogin := try(w, "nobody", "wrong-password", "10.0.0.1", "")
		if known.Error() != unknown.Error() || known.Error() != noLogin.Error() {
			t.Fatalf("answers differ:\n%v\n%v\n%v", known, unknown, noLogin)
		}
		if w.audit(account.Refuse) != 3 {
			t.Fatal("each failure is in the trail")
		}
	})
}

func TestGuessingIsSlowedWithoutLockingTheOwnerOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, phone := w.someone("周晓芸")
		mine, err := try(w, phone, good, "10.0.0.1", "")
		must(t, err)
		for left := int64(4); left > 0; left-- {
			_, err := try(w, phone, "wrong-password", "66.6.6.6", "")
			want(t, err, fault.Invalid, "account.sign_in.wrong")
			var e *fault.Error
			if errors.As(err, &e); e.Fields[0].Args[1] != left || e.Fields[0].Args[3] != 15 {
				t.Fatalf("with %d left the message says %v", left, e.Fields[0].Args)
			}
		}
		_, err = try(w, phone, "wrong-password", "66.6.6.6", "")
		want(t, err, fault.Invalid, "account.sign_in.wrong_wait")
		_, err = try(w, phone, good, "66.6.6.7", "") // the same network, even with the right password
		want(t, err, fault.TooMany, "account.slow")
		_, err = try(w, phone, good, "10.0.0.1", "") // the owner, elsewhere
		must(t, err)

		for i := range 15 { // many networks guess together
			_, _ = try(w, phone, "wrong-password", "77.7."+string(rune('0'+i%10))+".1", "")
			_, _ = try(w, phone, "wrong-password", "88.7."+string(rune('0'+i%10))+".1", "")
		}
		_, err = try(w, phone, good, "99.9.9.9", "")
		want(t, err, fault.TooMany)
		_, err = try(w, phone, good, "99.9.9.9", mine.Device) // the owner's own browser passes
		must(t, err)
		_, err = try(w, phone, good, "99.9.9.9", mine.Device+"x")
		want(t, err, fault.TooMany)

		w.later(16 * time.Minute)
		_, err = try(w, phone, good, "66.6.6.6", "")
		must(t, err)
	})
}

func TestGuessesMadeAtTheSameMomentAreAllCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, phone := w.someone("周晓芸")
		var wg sync.WaitGroup
		var mu sync.Mutex
		checked := 0
		for range 20 {
			wg.Go(func() {
				if _, err := try(w, phone, "wrong-password", "66.6.6.6", ""); fault.Is(err, fault.Invalid) {
					mu.Lock()
					checked++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if checked != 5 {
			t.Fatalf("%d guesses were checked, want 5", checked)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, phone := w.someone("周晓芸")
		_, token := w.enter(phone, good)
		alive := func(s *account.Service) bool {
			_, err := s.Resolve(t.Context(), token)
			return err == nil
		}
		other := w.service(nil) // another process sees the same sessions
		for range 3 {
			w.later(7 * time.Hour)
			if !alive(w.acc) || !alive(other) {
				t.Fatal("a session in use lives on")
			}
		}
		w.later(8*time.Hour + time.Minute)
		if alive(w.acc) || alive(other) {
			t.Fatal("eight idle hours end a session")
		}
		_, token = w.enter(phone, good)
		for range 7 * 24 / 7 {
			w.later(7 * time.Hour)
			_ = alive(w.acc)
		}
		w.later(time.Hour)
		if alive(w.acc) {
			t.Fatal("seven days end every session")
		}
	})
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, phone := w.someone("周晓芸")
		by, here := w.enter(phone, good)
		_, there := w.enter(phone, good)
		want(t, w.acc.ChangePassword(t.Context(), by, here, "not-it-at-all", better), fault.Invalid, "account.password.wrong")
		want(t, w.acc.ChangePassword(t.Context(), by, here, good, "abc"), fault.Invalid, "account.password.short")
		must(t, w.acc.ChangePassword(t.Context(), by, here, good, better))
		_, err := w.acc.Resolve(t.Context(), here)
		must(t, err)
		_, err = w.acc.Resolve(t.Context(), there)
		want(t, err, fault.SignIn)
		_, err = try(w, phone, good, "10.9.0.1", "")
		want(t, err, fault.Invalid)
		_, err = try(w, phone, better, "10.9.0.1", "")
		must(t, err)
	})
}

func TestAnOfficialNeedsASecondFactor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, phone := w.someone("王海燕", at("centre-staff", sheyang))
		ticket, err := try(w, phone, good, "10.0.0.1", "")
		must(t, err)
		if ticket.Stage != account.NeedEnrol {
			t.Fatalf("stage %s", ticket.Stage)
		}
		_, err = w.acc.Resolve(t.Context(), ticket.Token)
		want(t, err, fault.SignIn)
		half, _, err := w.acc.Half(t.Context(), ticket.Token)
		must(t, err)
		want(t, w.acc.EditProfile(t.Context(), half, 1, account.Profile{Name: "某某"}), fault.Denied)
		secret, recovery := w.enrol(ticket.Token)
		by, err := w.acc.Resolve(t.Context(), ticket.Token)
		must(t, err)
		if !by.May(triage, authz.At("320924100")) || by.May(triage, authz.At(jianhu)) || len(recovery) != 10 {
			t.Fatal("the official works in their county, and has ten recovery codes")
		}

		w.later(time.Minute)
		ticket, err = try(w, phone, good, "10.0.0.1", "")
		must(t, err)
		if ticket.Stage != account.NeedCode {
			t.Fatalf("stage %s", ticket.Stage)
		}
		_, err = w.acc.SecondStep(t.Context(), ticket.Token, "000000", account.Client{})
		want(t, err, fault.Invalid, "account.factor.wrong")
		code := w.code(secret)
		done, err := w.acc.SecondStep(t.Context(), ticket.Token, code[:3]+" "+code[3:], account.Client{})
		must(t, err)
		if got := done.Ends.Sub(w.clock()); got != 12*time.Hour {
			t.Fatalf("an official's session lasts %v", got)
		}
		again, err := try(w, phone, good, "10.0.0.1", done.Device)
		must(t, err)
		_, err = w.acc.SecondStep(t.Context(), again.Token, code, account.Client{}) // seen over the shoulder
		want(t, err, fault.Invalid)
		_, err = w.acc.SecondStep(t.Context(), again.Token, recovery[3], account.Client{})
		must(t, err)
		third, err := try(w, phone, good, "10.0.0.1", done.Device)
		must(t, err)
		_, err = w.acc.SecondStep(t.Context(), third.Token, recovery[3], account.Client{})
		want(t, err, fault.Invalid)
		w.later(31 * time.Minute)
		_, err = w.acc.Resolve(t.Context(), again.Token)
		want(t, err, fault.SignIn)
	})
}

func TestBecomingAnOfficialEndsTheLooserSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, phone := w.someone("周晓芸")
		_, token := w.enter(phone, good)
		_, err := w.acc.Give(t.Context(), root, account.Grant{Person: id, Role: "centre-staff", Region: sheyang})
		must(t, err)
		_, err = w.acc.Resolve(t.Context(), token)
		want(t, err, fault.SignIn)
	})
}

func TestADemonstrationAccountIsExemptOnlyWhereAllowed(t *testing.T) {
	once(t, func(t *testing.T, w *world) {
		_, err := w.acc.Provision(t.Context(), root, account.NewPerson{Phone: "13900000001", Name: "演示", Password: "demo", Demo: true, Grants: []account.Grant{at("centre-staff", sheyang)}})
		must(t, err)
		ticket, err := try(w, "13900000001", "demo", "10.0.0.1", "")
		must(t, err)
		if ticket.Stage != account.NeedEnrol {
			t.Fatal("elsewhere a demonstration account is like any other")
		}
		w.acc = w.service(func(c *account.Config) { c.ExemptDemo = true })
		if ticket, err = try(w, "13900000001", "demo", "10.0.0.1", ""); err != nil || ticket.Stage != account.Done {
			t.Fatalf("%v %v", ticket.Stage, err)
		}
	})
}

func TestResolvingASessionTakesTwoQueriesAtMost(t *testing.T) {
	once(t, func(t *testing.T, w *world) {
		_, phone := w.someone("王海燕", at("volunteer", sheyang), at("volunteer", jianhu))
		_, token := w.enter(phone, good)
		queries := counted(t.Context(), func(ctx context.Context) {
			_, err := w.acc.Resolve(ctx, token)
			must(t, err)
		})
		if queries != 2 { // who it is, and what the roles may do
			t.Fatalf("%d queries", queries)
		}
	})
}

func TestAWaveOfSignInsIsAnsweredNotQueuedForEver(t *testing.T) {
	once(t, func(t *testing.T, w *world) {
		_, phone := w.someone("周晓芸")
		w.acc = w.service(func(c *account.Config) { c.HashWait = time.Nanosecond })
		busy, right := 0, 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 60 {
			wg.Go(func() {
				_, err := try(w, phone, good, "10.0.0.1", "")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					right++
				case fault.Is(err, fault.Unavailable), fault.Is(err, fault.TooMany):
					busy++
				default:
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if busy+right != 60 || right == 0 {
			t.Fatalf("%d sent away, %d let in", busy, right)
		}
		_, err := try(w, phone, good, "10.0.0.1", "") // nobody is punished for the crowd
		must(t, err)
	})
}

func TestTheTrailHoldsNoSecretsAndNoNumbers(t *testing.T) {
	once(t, func(t *testing.T, w *world) {
		_, phone := w.someone("周晓芸")
		_, _ = try(w, phone, "wrong-password", "10.0.0.1", "")
		w.enter(phone, good)
		must(t, w.acc.AskReset(t.Context(), authz.Anyone("recover", account.Recover), phone, account.Client{}))
		for _, secret := range []string{phone, "wrong-password", good, "周晓芸"} {
			var n int
			must(t, w.db.Get(t.Context(), &n, `SELECT COUNT(*) FROM audit_entry WHERE detail LIKE ? OR record_id LIKE ?`, "%"+secret+"%", "%"+secret+"%"))
			if n > 0 {
				t.Errorf("the trail holds %q", secret)
			}
		}
		if _, err := gate.Verify(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
	})
}
