package routes_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// golden is how many queries each page takes at most, whoever reads it.
const golden = "queries.txt"

// updating writes golden anew. A count that grows wants a reason in the change.
var updating = flag.Bool("update", false, "write the number of queries of every page anew") //nolint:gochecknoglobals // a flag of the test

// Every page is opened by everybody who gets through to it, once to fill what is
// kept and then counted. No page may ask more often than is written down.
func TestNoPageAsksTheDatabaseMoreOftenThanIsWrittenDown(t *testing.T) {
	t.Parallel()
	w := world.New(t, testkit.Migrated(t))
	most := map[string]int64{}
	for pattern, asks := range table() {
		if !strings.HasPrefix(pattern, http.MethodGet) {
			continue
		}
		for _, a := range asks {
			c := &trial{T: t, w: w, pattern: pattern, ask: a}
			for _, p := range w.People {
				if ok, _ := a.who(w, p.Actor); !ok {
					continue
				}
				address := c.address(w, false)
				c.do(p, address)
				if n, ok := steady(c, p, address); ok {
					most[pattern] = max(most[pattern], n)
				}
			}
		}
	}
	var lines strings.Builder
	for _, pattern := range slices.Sorted(maps.Keys(most)) {
		fmt.Fprintf(&lines, "%3d %s\n", most[pattern], pattern)
	}
	if *updating {
		if err := os.WriteFile(golden, []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]int64{}
	for line := range strings.Lines(string(raw)) {
		var n int64
		if _, err := fmt.Sscan(line, &n); err == nil {
			allowed[strings.TrimSpace(line[4:])] = n
		}
	}
	for pattern, n := range most {
		if n > allowed[pattern] {
			t.Errorf("%s asks %d times, %d are written down in %s: ask less, or write it anew with -update and say why", pattern, n, allowed[pattern], golden)
		}
	}
}

// steady is how many queries a reading takes that has nothing to fill and nothing
// to note, as once a minute that the session was seen: the fewest of three.
func steady(c *trial, p world.Person, address string) (fewest int64, ok bool) {
	for range 3 {
		n, status := counted(c, p, address)
		if status != http.StatusOK {
			return 0, false
		}
		if fewest == 0 || n < fewest {
			fewest = n
		}
	}
	return fewest, true
}

// counted is how many queries one reading takes.
func counted(c *trial, p world.Person, address string) (int64, int) {
	var n atomic.Int64
	r := httptest.NewRequestWithContext(db.CountQueries(c.Context(), &n), http.MethodGet, address, nil)
	if p.Token != "" {
		r.AddCookie(&http.Cookie{Name: accountweb.Cookie, Value: p.Token})
	}
	rec := httptest.NewRecorder()
	c.w.Handler.ServeHTTP(rec, r)
	return n.Load(), rec.Code
}
