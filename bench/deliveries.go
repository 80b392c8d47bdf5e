package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// How many needs are being served, and by how many at once.
const (
	servedNeeds = 2000
	servers     = 64
)

// deliveries records and confirms deliveries through the use cases, each of the
// two a change of its own with its audit entry, while the tail is rolled and
// figures are read.
func deliveries(ctx context.Context, b *bench) (*Result, error) {
	folder := filepath.Join(b.data, "deliveries")
	if err := os.RemoveAll(folder); err != nil {
		return nil, err
	}
	a, err := app.Open(ctx, config.Store{Data: folder}, app.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }()
	needs, err := inProgress(ctx, a)
	if err != nil {
		return nil, err
	}
	b.tell("%d needs are in progress", len(needs))
	spent := processor()
	l, err := serve(ctx, a, needs, time.Duration(b.seconds)*time.Second)
	if err != nil {
		return nil, err
	}
	spent = processor() - spent
	report, err := a.Ledger.Verify(ctx)
	if err != nil {
		return nil, err
	}
	if !report.OK() {
		return nil, fmt.Errorf("the ledger disagrees with its facts: %+v", report.Differences)
	}
	if _, err := gate.Verify(ctx, a.DB); err != nil {
		return nil, err
	}
	return &Result{
		Title: "Deliveries, kept up",
		What: fmt.Sprintf("For %d seconds %d at a time record a delivery (`engagement.Deliver`) and confirm it (`ConfirmDelivery`): two changes through the gate, "+
			"each with its audit entry and history, the second with its fact; SQLite at synchronous=FULL. Meanwhile the job's roll runs every two seconds, "+
			"and a figure by county, theme and month and a distinct count are read ten times a second. Afterwards the ledger and the audit trail are verified.",
			b.seconds, servers),
		Rows: []Row{
			{What: "deliveries recorded and confirmed, each second", Unit: "1/s", Reach: "≥ 1,000", Runs: l.rates},
			{What: "processor time of a delivery, with all that went on beside it", Unit: "ms", Runs: []float64{1000 * spent / max(1, float64(l.made.Load()))}},
			{What: "tail, twice a second", Unit: "facts", Reach: "< 10,000", Runs: l.tails},
			{What: "reading of figures, p50, p99 and longest", Unit: "ms", Reach: "p99 < 50", Runs: []float64{quantile(l.reads, .5), quantile(l.reads, .99), quantile(l.reads, 1)}},
			{What: "one change, p50, p99 and longest", Unit: "ms", Runs: []float64{quantile(l.writes, .5), quantile(l.writes, .99), quantile(l.writes, 1)}},
		},
	}, nil
}

// log is what was seen under load.
type log struct {
	made                        atomic.Int64
	mu                          sync.Mutex
	rates, tails, reads, writes []float64
}

func (l *log) add(to *[]float64, v float64) {
	l.mu.Lock()
	*to = append(*to, v)
	l.mu.Unlock()
}

func millis(since time.Time) float64 { return float64(time.Since(since).Nanoseconds()) / 1e6 }

// served is a need in progress and who is concerned.
type served struct {
	id      engagement.ID
	version int
	asks    authz.Actor
	serves  authz.Actor
}

func serve(ctx context.Context, a *app.App, needs []*served, long time.Duration) (*log, error) {
	ctx, stop := context.WithTimeout(ctx, long)
	defer stop()
	l := &log{}
	var done atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, 1)
	fail := func(err error) {
		if err != nil && ctx.Err() == nil {
			select {
			case failed <- err:
			default:
			}
			stop()
		}
	}
	for i := range servers {
		all.Go(func() {
			for at := i; ctx.Err() == nil; at = (at + servers) % len(needs) {
				fail(needs[at].deliver(ctx, a, l))
				done.Add(1)
				l.made.Add(1)
			}
		})
	}
	every := func(pause time.Duration, fn func() error) {
		all.Go(func() {
			for tick := time.NewTicker(pause); ; {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					fail(fn())
				}
			}
		})
	}
	every(2*time.Second, func() error { _, err := a.Ledger.RollAll(ctx); return err })
	every(time.Second, func() error { l.add(&l.rates, float64(done.Swap(0))); return nil })
	every(500*time.Millisecond, func() error {
		var n int64
		err := a.DB.Get(ctx, &n, "SELECT COUNT(*) FROM ledger_tail")
		l.add(&l.tails, float64(n))
		return err
	})
	today := ledger.DateOf(a.DB.Now())
	for _, q := range []ledger.Query{
		{Measure: "engagement.deliveries", By: []string{"county", "theme", "month"}},
		{Measure: "engagement.enterprises", By: []string{"county", "month"}},
	} {
		q.Region, q.From, q.To = "320900", ledger.Date(today.Year()+"-01-01"), ledger.Date(today.Year()+"-12-31")
		every(100*time.Millisecond, func() error {
			ms, _, err := read(ctx, a, q)
			l.add(&l.reads, ms)
			return err
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return nil, err
	default:
		return l, nil
	}
}

// deliver records a delivery and confirms it.
func (n *served) deliver(ctx context.Context, a *app.App, l *log) error {
	began := time.Now()
	after, delivery, err := a.Engagement.Deliver(ctx, n.serves, n.id, n.version, engagement.Work{
		On: string(ledger.DateOf(a.DB.Now())), Theme: institution.Financing, Form: institution.ExpertTeam,
		Amount: 300_000_000, Quantity: 1, Text: "担保贷款 300 万元，期限 6 个月",
		Manner: engagement.Manner{Reach: "personal", Topic: "保增长促发展"},
	})
	if err != nil {
		return err
	}
	l.add(&l.writes, millis(began))
	n.version = after.Version
	began = time.Now()
	if after, err = a.Engagement.ConfirmDelivery(ctx, n.asks, n.id, n.version, delivery); err != nil {
		return err
	}
	l.add(&l.writes, millis(began))
	n.version = after.Version
	return nil
}

// inProgress makes enterprises, an institution in each county, and needs that
// are being served.
func inProgress(ctx context.Context, a *app.App) ([]*served, error) {
	staff := actor("staff", authz.Grant{Region: "320900"})
	towns, err := oneTownEach(ctx, a)
	if err != nil {
		return nil, err
	}
	var helpers []institution.ID
	for i, town := range towns {
		h, err := a.Institution.Register(ctx, staff, institution.Profile{
			Name: fmt.Sprintf("第%d担保中心", i), Region: town, Kinds: []institution.Kind{institution.Guarantor}, Level: institution.CountyWide,
		}, "")
		if err != nil {
			return nil, err
		}
		helpers = append(helpers, h.ID)
	}
	needs := make([]*served, servedNeeds)
	errs := make([]error, servers)
	var all sync.WaitGroup
	for w := range servers {
		all.Go(func() {
			for i := w; i < servedNeeds && errs[w] == nil; i += servers {
				needs[i], errs[w] = oneInProgress(ctx, a, staff, i, towns[i%len(towns)], helpers[i%len(towns)])
			}
		})
	}
	all.Wait()
	return needs, errors.Join(errs...)
}

// oneTownEach is a town of each county.
func oneTownEach(ctx context.Context, a *app.App) (towns []region.Code, err error) {
	day := string(ledger.DateOf(a.DB.Now()))
	counties, err := a.Territory.Children(ctx, a.Place, day)
	for _, c := range counties {
		below, err := a.Territory.Children(ctx, c.Code, day)
		if err != nil {
			return nil, err
		}
		if len(below) > 0 {
			towns = append(towns, below[0].Code)
		}
	}
	return towns, err
}

// organisationCode is the n-th valid 组织机构代码 (GB 11714).
func organisationCode(n int) string {
	body, sum := fmt.Sprintf("%08d", 73000000+n), 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	return body + "-" + string("0123456789X"[(11-sum%11)%11])
}

func oneInProgress(ctx context.Context, a *app.App, staff authz.Actor, i int, town region.Code, by institution.ID) (*served, error) {
	e, err := a.Enterprise.Register(ctx, staff, enterprise.Registration{
		Profile: enterprise.Profile{Name: fmt.Sprintf("盐城第%d实业有限公司", i), Region: town}, Codes: []string{organisationCode(i)},
	})
	if err != nil {
		return nil, err
	}
	n := &served{
		asks:   actor("asks", authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(e)}}),
		serves: actor("serves", authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(by)}}),
	}
	now, err := a.Engagement.Post(ctx, n.asks, engagement.Posting{
		Enterprise: string(e), Contact: engagement.Contact{Name: "陈国华", Phone: "138 0000 0000"},
		Content: engagement.Content{
			Theme: institution.Financing, Title: "流动资金贷款担保", Text: "春节前采购棉花 180 吨，备足一季度外贸订单的原料。",
			Amount: 300_000_000, Months: 6, Collateral: []engagement.Collateral{engagement.Property},
		},
	})
	if err != nil {
		return nil, err
	}
	n.id = now.ID
	for _, step := range []func() (engagement.Need, error){
		func() (engagement.Need, error) { return a.Engagement.Accept(ctx, staff, n.id, now.Version) },
		func() (engagement.Need, error) { return a.Engagement.Offer(ctx, staff, n.id, now.Version, by, "") },
		func() (engagement.Need, error) { return a.Engagement.AcceptOffer(ctx, n.serves, n.id, now.Version) },
	} {
		if now, err = step(); err != nil {
			return nil, err
		}
	}
	n.version = now.Version
	return n, nil
}

func actor(id string, g authz.Grant) authz.Actor {
	may := append(engagement.Permissions(), institution.Permissions()...)
	g.Role = authz.Role{Permissions: append(may, enterprise.Permissions()...)}
	return authz.Actor{Kind: authz.Human, ID: id, Name: id, Grants: []authz.Grant{g}}
}
