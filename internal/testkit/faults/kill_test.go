package faults_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/pgserver"
	"qiban.dev/qiban/internal/testkit/world"
)

// life is the way of one need through the hands of those who take part, each
// step sent again until it is acknowledged, over every crash.
type life struct {
	title  string
	once   string
	id     string
	done   []string // verbs acknowledged
	closed bool
}

// steps are the steps after posting: who takes them, where, and with what.
type stepOf struct {
	verb, role, path string
	form             url.Values
}

func waySteps(institution string) []stepOf {
	const bench, mine, served = "/bench/needs/", "/my/needs/", "/my/offers/"
	return []stepOf{
		{"accept", "centre-staff", bench + "%s/accept", nil},
		{"offer", "centre-staff", bench + "%s/offer", url.Values{"institution": {institution}}},
		{"take", "institution-owner", served + "%s/offer/accept", nil},
		{"record", "institution-owner", served + "%s/deliveries/record", url.Values{
			"theme": {"financing"}, "form": {"expert_team"}, "quantity": {"1"}, "text": {"担保贷款，银行已经放款"},
		}},
		{"finish", "institution-owner", served + "%s/finish", nil},
		{"confirm", "owner", mine + "%s/confirm", nil},
		{"rate", "owner", mine + "%s/rate", url.Values{"on_time": {"yes"}, "solved": {"yes"}, "score": {"5"}}},
	}
}

// crowd are clients that go on through every crash.
type crowd struct {
	*house
	mu        sync.Mutex
	lives     []*life
	firms     map[string]string // name of an enterprise acknowledged, its page
	code      int
	acknowled int
}

func (c *crowd) note(fn func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acknowled++
	fn()
}

// work has everybody at work until the context ends; a request that fails is
// the crash's, and is sent again in the next round.
func (c *crowd) work(ctx context.Context) {
	var wait sync.WaitGroup
	for n := range 4 {
		wait.Go(func() {
			for ctx.Err() == nil && c.liveOn(ctx, n) {
			}
		})
	}
	wait.Go(func() {
		for ctx.Err() == nil && c.registers(ctx) {
		}
	})
	wait.Wait()
}

// liveOn takes client n's need one step on; false when the program is gone.
func (c *crowd) liveOn(ctx context.Context, n int) bool {
	c.mu.Lock()
	for len(c.lives) <= n {
		c.lives = append(c.lives, &life{title: titled("断电", len(c.lives)), once: once()})
	}
	l := c.lives[n]
	if l.closed {
		c.lives = append(c.lives, l)
		l = &life{title: titled("断电", len(c.lives)), once: once()}
		c.lives[n] = l
	}
	c.mu.Unlock()
	if l.id == "" {
		form := c.needForm(l.title)
		form.Set("_once", l.once)
		got, err := c.person(c.w.Person("owner", world.Own)).do(ctx, http.MethodPost, "/needs/post", form)
		if err != nil || got.status != http.StatusSeeOther {
			return c.again(got, err)
		}
		c.note(func() { l.id = got.location[strings.LastIndexByte(got.location, '/')+1:] })
		return true
	}
	all := waySteps(string(c.w.At[world.Own.Name].Institution))
	s := all[len(l.done)]
	form := url.Values{"version": {fmt.Sprint(len(l.done) + 1)}, "on": {time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)}}
	maps.Copy(form, s.form)
	got, err := c.person(c.w.Person(s.role, world.Own)).do(ctx, http.MethodPost, fmt.Sprintf(s.path, l.id), form)
	// A step that was taken just before the crash is stale, or in conflict, when it is sent again: it is done.
	if err != nil || got.status != http.StatusSeeOther && got.status != http.StatusPreconditionFailed && got.status != http.StatusConflict {
		return c.again(got, err)
	}
	c.note(func() {
		l.done = append(l.done, s.verb)
		l.closed = len(l.done) == len(all)
	})
	return true
}

// registers enters one enterprise at the desk.
func (c *crowd) registers(ctx context.Context) bool {
	c.mu.Lock()
	c.code++
	name := fmt.Sprintf("射阳县断电%d厂", c.code)
	code := world.Code(1000 + c.code)
	c.mu.Unlock()
	form := url.Values{"_once": {once()}, "code": {code}, "name": {name}, "region": {string(world.Own.Town)}}
	for ctx.Err() == nil {
		got, err := c.person(c.w.Person("centre-staff", world.Own)).do(ctx, http.MethodPost, "/bench/enterprises/new", form)
		if err == nil && got.status == http.StatusSeeOther {
			c.note(func() { c.firms[name] = got.location })
			return true
		}
		if !c.again(got, err) {
			return false
		}
	}
	return false
}

// again reports whether the program still answers: 503 asks to come back.
func (c *crowd) again(got page, err error) bool {
	if err != nil {
		return false
	}
	if got.status == http.StatusServiceUnavailable {
		time.Sleep(20 * time.Millisecond)
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.firms[fmt.Sprintf("unexpected %d: %.300s", got.status, got.body)] = "?"
	return false
}

// holds checks that everything acknowledged is there, exactly once.
func (c *crowd) holds(t *testing.T) {
	t.Helper()
	c.whole(t)
	c.look(t, func(a *app.App) {
		for name, where := range c.firms {
			if where == "?" {
				t.Fatal(name)
			}
			if n := one[int](t, a, `SELECT count(*) FROM enterprise WHERE name = ?`, name); n != 1 {
				t.Errorf("%s was acknowledged and is there %d times", name, n)
			}
		}
		seen := map[string]bool{}
		for _, l := range c.lives {
			if l.id == "" || seen[l.id] {
				continue
			}
			seen[l.id] = true
			if n := one[int](t, a, `SELECT count(*) FROM need WHERE title = ?`, l.title); n != 1 {
				t.Errorf("%s was acknowledged and is there %d times", l.title, n)
			}
			if n := one[int](t, a, `SELECT count(*) FROM need_event WHERE need_id = ?`, l.id); n != len(l.done)+1 && n != len(l.done)+2 {
				t.Errorf("%s: %d steps acknowledged, %d events", l.title, len(l.done), n)
			}
			if len(l.done) < 4 {
				continue
			}
			if n := one[int](t, a, `SELECT count(*) FROM need_delivery WHERE need_id = ?`, l.id); n != 1 {
				t.Errorf("%s: %d deliveries", l.title, n)
			}
			if !l.closed {
				continue
			}
			if n := one[int](t, a, `SELECT count(*) FROM river_job WHERE kind = ? AND CAST(args AS TEXT) LIKE ?`, engagement.NewsClosed, "%"+l.id+"%"); n != 1 {
				t.Errorf("%s was closed: %d jobs tell of it", l.title, n)
			}
		}
	})
}

// Everybody works while the program is killed again and again.
func TestKillingTheWholeProgramLosesNothingAcknowledged(t *testing.T) {
	for name, c := range map[string]struct {
		rounds int
		source func(t *testing.T) (string, *pgserver.Server)
	}{
		"sqlite": {40, func(t *testing.T) (string, *pgserver.Server) { t.Helper(); return testkit.Migrated(t), nil }},
		"postgres": {20, func(t *testing.T) (string, *pgserver.Server) {
			t.Helper()
			s, url := testkit.DurablePostgres(t)
			return url, s
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, server := c.source(t)
			all := &crowd{house: serve(t, source), firms: map[string]string{}}
			random := rand.New(rand.NewPCG(2026, 11))
			for round := range c.rounds {
				ctx, stop := context.WithCancel(t.Context())
				over := make(chan struct{})
				go func() { defer close(over); all.work(ctx) }()
				time.Sleep(time.Duration(random.Int64N(int64(250 * time.Millisecond))))
				if server != nil && round%5 == 4 {
					must(t, server.Crash()) // the database goes first
				}
				all.Kill()
				stop()
				<-over
				if server != nil && round%5 == 4 {
					must(t, server.Restart(t.Context()))
				}
				all.Program = all.Again(t)
				if round%10 == 9 {
					all.holds(t)
				}
			}
			all.holds(t)
			t.Logf("%d rounds, %d effects acknowledged", c.rounds, all.acknowled)
			if all.acknowled < c.rounds {
				t.Errorf("only %d effects in %d rounds: this proves little", all.acknowled, c.rounds)
			}
		})
	}
}
