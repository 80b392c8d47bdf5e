package faults_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// When no file may grow any more, people are told that nothing was saved and
// keep what they typed; the operator is told why; and once there is room again
// the same form is taken, without a restart.
func TestAFullDiskIsToldAndOutlived(t *testing.T) {
	t.Parallel()
	h := serve(t, testkit.Migrated(t))
	h.MayComplain()
	owner := h.person(h.w.Person("owner", world.Own))
	var before unix.Rlimit
	must(t, unix.Prlimit(h.Pid(), unix.RLIMIT_FSIZE, nil, &before))
	journal, err := os.Stat(filepath.Join(h.source, "qiban.db-wal"))
	must(t, err)
	must(t, unix.Prlimit(h.Pid(), unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: uint64(journal.Size()), Max: before.Max}, nil))

	taken := map[string]bool{}
	var refused page
	title, form := "", h.needForm("")
	for n := 0; refused.status == 0; n++ {
		title = titled("磁盘满了", n)
		form = h.needForm(title)
		form.Set("text", strings.Repeat("棉花", 200))
		switch got := owner.post(t, "/needs/post", form); got.status {
		case http.StatusSeeOther:
			taken[title] = true
		default:
			refused = got
		}
		if n > 2000 {
			t.Fatal("the disk does not fill up")
		}
	}
	for _, words := range []string{"什么都没有存", "再提交一次", title, form.Get("_once")} {
		if refused.status != http.StatusServiceUnavailable || refused.retry == "" || !strings.Contains(refused.body, words) {
			t.Errorf("answered %d with Retry-After %q; does it say %s? %t", refused.status, refused.retry, words, strings.Contains(refused.body, words))
		}
	}
	if got := owner.get(t, "/my/needs"); got.status != http.StatusOK {
		t.Errorf("reading is answered %d", got.status)
	}
	if log := h.Log(); !strings.Contains(log, "full") && !strings.Contains(log, "I/O") {
		t.Errorf("the log does not say why:\n%s", log[max(0, len(log)-1500):])
	}
	must(t, unix.Prlimit(h.Pid(), unix.RLIMIT_FSIZE, &before, nil))
	within(t, 10*time.Second, "the form is taken once there is room", func() bool {
		return owner.post(t, "/needs/post", form).status == http.StatusSeeOther
	})
	taken[title] = true
	h.look(t, func(a *app.App) {
		for title := range taken {
			if n := one[int](t, a, `SELECT count(*) FROM need WHERE title = ?`, title); n != 1 {
				t.Errorf("%s was acknowledged and is there %d times", title, n)
			}
		}
	})
	h.whole(t)
}

// When PostgreSQL goes away, people are told to come back; when it is there
// again, within ten seconds everything goes on, without a restart.
func TestADatabaseThatGoesAwayIsToldAndOutlived(t *testing.T) {
	t.Parallel()
	server, source := testkit.DurablePostgres(t)
	h := serve(t, source)
	h.MayComplain()
	owner := h.person(h.w.Person("owner", world.Own))
	form := h.needForm("数据库断了也不丢的需求")
	must(t, server.Crash())
	for _, got := range []page{owner.get(t, "/my/needs"), owner.get(t, "/")} {
		if got.status != http.StatusServiceUnavailable || got.retry == "" {
			t.Errorf("without a database a page is answered %d, Retry-After %q", got.status, got.retry)
		}
	}
	must(t, server.Restart(t.Context()))
	within(t, 10*time.Second, "pages come and forms are taken", func() bool {
		return owner.get(t, "/my/needs").status == http.StatusOK && owner.post(t, "/needs/post", form).status == http.StatusSeeOther
	})
	h.look(t, func(a *app.App) {
		if n := one[int](t, a, `SELECT count(*) FROM need WHERE title = ?`, form.Get("title")); n != 1 {
			t.Errorf("the need is there %d times", n)
		}
	})
	h.whole(t)
}

// Two programs on one database agree within a second, and go on when one of
// them is killed in the middle of its work.
func TestTwoProgramsOnOneDatabaseAgree(t *testing.T) {
	t.Parallel()
	a := serve(t, testkit.Postgres(t))
	b := &house{a.Again(t), a.w, a.source}
	const soon = time.Second
	owner, staff := a.w.Person("owner", world.Own), a.w.Person("centre-staff", world.Own)

	// A session ended on one is ended on the other.
	self := a.w.Person("enterprise-staff", world.Own)
	if got := b.person(self).get(t, "/my"); got.status != http.StatusOK {
		t.Fatalf("a session is answered %d", got.status)
	}
	a.person(self).post(t, "/sign-out", nil)
	within(t, soon, "its end is seen", func() bool { return b.person(self).get(t, "/my").status == http.StatusSeeOther })

	// A grant given on one opens doors on the other.
	founder, security := a.w.Person("self", world.Own), a.w.Person("security-administrator", world.Above)
	if got := b.person(founder).get(t, "/bench/needs"); got.status != http.StatusForbidden {
		t.Fatalf("before the grant the list is answered %d", got.status)
	}
	form := a.needForm("")
	form.Set("place", "region:"+string(world.Own.Over))
	form.Set("role", "centre-staff")
	if got := a.person(security).post(t, "/bench/people/"+founder.ID+"/grant", form); got.status != http.StatusSeeOther {
		t.Fatalf("granting is answered %d: %.300s", got.status, got.body)
	}
	within(t, soon, "the grant is seen", func() bool { return b.person(founder).get(t, "/bench/needs").status != http.StatusForbidden })

	// A need posted on one is on the other's list, and in its figures.
	need := a.needForm("两个进程都看得见的需求")
	if got := a.person(owner).post(t, "/needs/post", need); got.status != http.StatusSeeOther {
		t.Fatalf("posting is answered %d", got.status)
	}
	within(t, soon, "the need is listed", func() bool {
		return strings.Contains(b.person(staff).get(t, "/bench/needs").body, need.Get("title"))
	})

	// One is killed in the middle of writing; the other goes on, nothing is lost,
	// and the killed one comes back.
	acknowledged := make(chan string, 1000)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for n := 0; ; n++ {
			form := a.needForm(titled("两个进程", n))
			got, err := a.person(owner).do(t.Context(), http.MethodPost, "/needs/post", form)
			if err != nil {
				return
			}
			if got.status == http.StatusSeeOther {
				acknowledged <- form.Get("title")
			}
		}
	}()
	within(t, 30*time.Second, "twenty needs are posted", func() bool { return len(acknowledged) >= 20 })
	a.Kill()
	<-over
	close(acknowledged)
	if got := b.person(owner).post(t, "/needs/post", b.needForm("另一个进程接着办的需求")); got.status != http.StatusSeeOther {
		t.Errorf("the other one answers %d", got.status)
	}
	b.look(t, func(a *app.App) {
		for title := range acknowledged {
			if n := one[int](t, a, `SELECT count(*) FROM need WHERE title = ?`, title); n != 1 {
				t.Errorf("%s was acknowledged and is there %d times", title, n)
			}
		}
	})
	a.Program = a.Again(t)
	if got := a.person(owner).get(t, "/my/needs"); got.status != http.StatusOK {
		t.Errorf("come back, it answers %d", got.status)
	}
	b.whole(t)
}

// Two that start at the same moment on an empty database make it ready once.
func TestTwoProgramsStartOnAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	source, secret := testkit.Postgres(t), world.SecretFile(t, t.TempDir())
	for n := range 2 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			p := testkit.Serve(t, source, "--secret-file", secret)
			h := &house{Program: p}
			if got := h.person(world.Person{}).get(t, "/help"); got.status != http.StatusOK {
				t.Errorf("answered %d", got.status)
			}
		})
	}
}
