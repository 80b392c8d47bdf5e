package web_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"qiban.dev/qiban/internal/web"
)

// serving is how long the page /slow takes.
const serving = 25 * time.Millisecond

func (d *desk) inside(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now += n
	d.most = max(d.most, d.now)
}

func crowded(c *web.Config) { c.InFlight, c.Exempt = 40, []string{"/seen"} } // 20 at most at once, fewer on a small machine

// What comes back is looked at on a clock of its own: nothing here depends on
// how fast the machine is.
type answered struct {
	status int
	retry  string
	took   time.Duration
}

func ask1(h http.Handler, path string) answered {
	begun, w := time.Now(), httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return answered{w.Code, w.Header().Get("Retry-After"), time.Since(begun)}
}

func TestABurstIsServedWholeAsFarAsThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, h := open(t, crowded)
		all := make([]answered, 100)
		var wait sync.WaitGroup
		for i := range all {
			wait.Go(func() { all[i] = ask1(h, "/slow") })
		}
		synctest.Wait()
		if a := ask1(h, "/seen"); a.status != http.StatusOK {
			t.Errorf("what asks whether it is alive is answered %d", a.status)
		}
		wait.Wait()
		served := 0
		for _, a := range all {
			switch {
			case a.status == http.StatusOK:
				served++
			case a.status != http.StatusServiceUnavailable || a.retry == "":
				t.Errorf("turned away with %d and Retry-After %q", a.status, a.retry)
			}
		}
		if served != 40 || d.most > 20 {
			t.Errorf("%d of 100 were served, %d at once", served, d.most)
		}
	})
}

func TestWhileMoreComesThanCanBeAnsweredNobodyWaitsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, h := open(t, crowded)
		ask1(h, "/slow") // alone
		seats := d.seats(h)
		every := serving / time.Duration(3*seats) // three times what can be answered
		var mu sync.Mutex
		var took []time.Duration
		refused := 0
		var wait sync.WaitGroup
		const long = 5 * time.Second
		for begun := time.Now(); time.Since(begun) < long; time.Sleep(every) {
			settled := time.Since(begun) > time.Second
			wait.Go(func() {
				a := ask1(h, "/slow")
				mu.Lock()
				defer mu.Unlock()
				if a.status != http.StatusOK {
					refused++
				} else if settled {
					took = append(took, a.took)
				}
			})
		}
		wait.Wait()
		slices.Sort(took)
		can := int((long - time.Second) / serving * time.Duration(seats))
		if len(took) < can*9/10 || refused == 0 {
			t.Errorf("%d answered where %d could be, %d turned away", len(took), can, refused)
		}
		if worst := took[len(took)*99/100]; worst > 2*serving {
			t.Errorf("of those answered, one in a hundred took over %v", worst)
		}
		if a := ask1(h, "/slow"); a.status != http.StatusOK || a.took != serving {
			t.Errorf("after it was over: %d in %v", a.status, a.took)
		}
	})
}

func TestAQueueThatEmptiedBecauseItsPeopleLeftIsNoSignOfRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, h := open(t, crowded)
		seats := d.seats(h)
		ask := func(n int) (served int) {
			var wait sync.WaitGroup
			var ok atomic.Int64
			for range n {
				wait.Go(func() {
					if ask1(h, "/slow").status == http.StatusOK {
						ok.Add(1)
					}
				})
			}
			wait.Wait()
			return int(ok.Load())
		}
		if n := ask(100); n != 40 {
			t.Fatalf("%d of a crowd were served", n)
		}
		if n := ask(seats + 5); n != seats {
			t.Errorf("just after a crowd, %d were served: those without a seat should hear at once", n)
		}
		time.Sleep(2 * time.Second)
		if n := ask(seats + 5); n != seats+5 {
			t.Errorf("when nobody was turned away for a while, %d were served: a few may wait for a seat", n)
		}
	})
}

// seats is how many are let in at once.
func (d *desk) seats(h http.Handler) int {
	var wait sync.WaitGroup
	for range 40 {
		wait.Go(func() { ask1(h, "/slow") })
	}
	wait.Wait()
	return d.most
}
