package api

import (
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"qiban.dev/qiban/internal/fault"
)

// Limit is how many requests a minute are answered, and how many at once.
type Limit struct{ PerMinute, Burst int }

// limiter counts the requests of one kind of caller, in this process. It
// remembers the callers of the last while: of two generations, the older is
// forgotten when the newer is full, so that memory is bounded. Who is forgotten
// starts anew.
type limiter struct {
	limit  Limit
	policy string // the header that says the rule
	left   string // how the header that says what is left begins
	most   int
	clock  func() time.Time

	mu         sync.Mutex
	now, older map[string]*rate.Limiter
}

// remembered is how many callers a generation holds.
const remembered = 20_000

func newLimiter(l Limit, name string, clock func() time.Time) *limiter {
	return &limiter{
		limit: l, most: remembered, clock: clock, now: map[string]*rate.Limiter{},
		policy: fmt.Sprintf("%q;q=%d;w=60", name, l.PerMinute), left: strconv.Quote(name) + ";r=",
	}
}

func (l *limiter) of(who string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.now[who]; ok {
		return b
	}
	if len(l.now) >= l.most {
		l.older, l.now = l.now, make(map[string]*rate.Limiter, l.most/4)
	}
	b, ok := l.older[who]
	if !ok {
		b = rate.NewLimiter(rate.Limit(float64(l.limit.PerMinute)/60), l.limit.Burst)
	}
	l.now[who] = b
	return b
}

// allow counts a request, or says how long to wait.
func (l *limiter) allow(h http.Header, who string) error {
	if l.limit.PerMinute <= 0 {
		return nil
	}
	b, now := l.of(who), l.clock()
	ok := b.AllowN(now, 1)
	left := b.TokensAt(now)
	full := int(math.Ceil((float64(l.limit.Burst) - left) / float64(b.Limit())))
	h.Set("RateLimit-Policy", l.policy)
	h.Set("RateLimit", l.left+strconv.Itoa(max(0, int(left)))+";t="+strconv.Itoa(max(0, full)))
	if ok {
		return nil
	}
	seconds := max(1, int(math.Ceil((1-left)/float64(b.Limit()))))
	return fault.New(fault.TooMany, "api.say.too_many", "seconds", seconds)
}

// network is who a caller without a key counts as: an address, or the network
// that one subscriber has in IPv6.
func network(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
