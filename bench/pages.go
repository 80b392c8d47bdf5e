package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"qiban.dev/qiban/bench/crowd"
	"qiban.dev/qiban/demo"
	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
)

// The world of needs that pages are measured on.
const (
	manyNeeds = 100_000
	readers   = 16 // connections that read
	writers   = 64 // connections that write
	askLong   = 4 * time.Second
)

// office is who asks, and for what.
type office struct {
	cookie, key string
	needs       []string // ids, each as both programs know it
	counties    []string
	enterprise  string
}

// pages reads lists and records of needs as page and as JSON, and posts needs,
// with PocketBase beside it, and with a server that has the same bytes ready.
func pages(ctx context.Context, b *bench) (*Result, error) {
	folder := filepath.Join(b.data, fmt.Sprintf("needs-%d", manyNeeds))
	program, err := b.buildProgram(ctx)
	if err != nil {
		return nil, err
	}
	o, err := b.needsWorld(ctx, program, folder)
	if err != nil {
		return nil, err
	}
	pocket, err := b.buildPeer(ctx, "pocketbase")
	if err != nil {
		return nil, err
	}
	base := filepath.Join(b.data, "pocketbase-needs")
	if _, err := os.Stat(base); err != nil {
		b.tell("filling PocketBase")
		if err := exec.CommandContext(ctx, pocket, "-dir", base, "-from", filepath.Join(folder, "qiban.db")).Run(); err != nil { //nolint:gosec // built by buildPeer
			return nil, err
		}
	}
	ours, err := startServer(ctx, program, "serve", "--data", folder, "--addr", "127.0.0.1:0", "--api-per-minute", "0")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	theirs, err := startServer(ctx, pocket, "-dir", base, "-addr", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	r := &Result{
		Title: "Pages and records over HTTP",
		What: fmt.Sprintf("%d needs of a city, asked for by a signed-in official (page) and by a program with a key (JSON), each time of another county and theme; "+
			"%d connections that read, %d that write, %s a run, from a load generator on the same two cores. The page always says its exact total. "+
			"PocketBase v0.39.0 has the same needs in a collection open to everybody, with an index on county, theme and date, at synchronous=FULL like ours; "+
			"a create there is one record, here it is the need with its number, history, audit entry, fact and messages. "+
			"What was answered within the last half second, with nothing written since, is given again (ADR 0018), so lists are also asked for in a way that is never kept (\"drawn anew\"). "+
			"\"From memory\" is net/http that answers with the same bytes.", manyNeeds, readers, writers, askLong),
	}
	for _, q := range o.asked() {
		if err := b.compare(ctx, r, q, ours.addr, theirs.addr); err != nil {
			return nil, fmt.Errorf("%s: %w", q.what, err)
		}
	}
	return r, nil
}

// asked is one thing to ask both programs for.
type asked struct {
	what, reach string
	connections int
	ours        func(r *rand.Rand, connection, n int) crowd.Request
	theirs      func(r *rand.Rand, connection, n int) crowd.Request
	ready       string // what is to be reached against the bytes from memory; "" is not compared
}

func (o *office) asked() []asked {
	page, program := []string{"Cookie: qiban_session=" + o.cookie}, []string{"Authorization: Bearer " + o.key}
	themes := institution.Themes()
	some := func(r *rand.Rand, path string) string {
		return fmt.Sprintf(path, o.counties[r.IntN(len(o.counties))], themes[r.IntN(len(themes))])
	}
	list := func(path string, header []string) func(*rand.Rand, int, int) crowd.Request {
		return func(r *rand.Rand, _, _ int) crowd.Request { return crowd.Request{Path: some(r, path), Header: header} }
	}
	one := func(path string, header []string, id func(string) string) func(*rand.Rand, int, int) crowd.Request {
		return func(r *rand.Rand, _, _ int) crowd.Request {
			return crowd.Request{Path: path + id(o.needs[r.IntN(len(o.needs))]), Header: header}
		}
	}
	const (
		here  = "/api/v1/needs?region=%s&theme=%s"
		there = "/api/collections/needs/records?perPage=20&sort=-posted_at&filter=(county='%s'%%26%%26theme='%s')"
		sheet = "/bench/needs?place=%s&theme=%s"
	)
	same := func(id string) string { return id }
	anew := func(path string) func(*rand.Rand, int, int) crowd.Request {
		return func(r *rand.Rand, connection, n int) crowd.Request {
			never := fmt.Sprintf("Accept-Encoding: identity;q=0.%d", r.Int64())
			return list(path, append(slices.Clone(program), never))(r, connection, n)
		}
	}
	return []asked{
		{"list of 20, JSON, no total", "≥ 3×", readers, list(here, program), list(there+"&skipTotal=1", nil), "≥ 0.25×"},
		{"list of 20, JSON, no total, each drawn anew", "", readers, anew(here), list(there+"&skipTotal=1", nil), ""},
		{"list of 20, page (with its total) against JSON without", "≥ 3×", readers, list(sheet, page), list(there+"&skipTotal=1", nil), "≥ 0.25×"},
		{"list of 20, JSON, exact total", "≥ 10×", readers, list(here+"&total=true", program), list(there, nil), ""},
		{"list of 20, JSON, exact total, each drawn anew", "", readers, anew(here + "&total=true"), list(there, nil), ""},
		{"list of 20, page with exact total", "≥ 10×", readers, list(sheet, page), list(there, nil), ""},
		{"list of 20, page with exact total, each drawn anew", "", readers, o.anew, list(there, nil), ""},
		{"read one, JSON", "≥ 2×", readers, one("/api/v1/needs/", program, same), one("/api/collections/needs/records/", nil, short), ""},
		{"read one, page", "≥ 2×", readers, one("/bench/needs/", page, same), one("/api/collections/needs/records/", nil, short), ""},
		{"durable create, JSON, both at synchronous=FULL", "≥ 2×", writers, o.post(program), create, ""},
	}
}

const wording = "春节前采购棉花 180 吨，备足一季度外贸订单的原料，需要流动资金贷款担保，期限六个月，可以用厂房和设备作反担保，希望月底前有答复。"

func (o *office) post(program []string) func(*rand.Rand, int, int) crowd.Request {
	header := append([]string{"Content-Type: application/json"}, program...)
	body := fmt.Sprintf(`{"enterprise":%q,"channel":"call","theme":"financing","title":"流动资金贷款担保","text":%q,"amount":300000000,"months":6,`+
		`"collateral":["property"],"contact_name":"陈国华","contact_phone":"13800000000"}`, o.enterprise, wording)
	return func(*rand.Rand, int, int) crowd.Request {
		return crowd.Request{Method: http.MethodPost, Path: "/api/v1/needs", Header: header, Body: body}
	}
}

func create(r *rand.Rand, _, _ int) crowd.Request {
	body := fmt.Sprintf(`{"number":"XQ-%d","region":"320924100","county":"320924","office":"320924","requester":"射阳县鹤乡纺织有限公司","size":"small",`+
		`"channel":"call","theme":"financing","title":"流动资金贷款担保","body":%q,"state":"posted","amount":300000000,"months":6,"posted_at":1230000000000}`, r.Int64(), wording)
	return crowd.Request{
		Method: http.MethodPost, Path: "/api/collections/needs/records", Header: []string{"Content-Type: application/json"}, Body: body,
	}
}

// short is the id that bench/peers/pocketbase gives a need.
func short(id string) string {
	plain := strings.ReplaceAll(id, "-", "")
	return plain[len(plain)-15:]
}

// compare measures one thing in turns.
func (b *bench) compare(ctx context.Context, r *Result, q asked, ours, theirs string) error {
	row := Row{What: q.what, Unit: "1/s", Reach: q.reach, Peer: "PocketBase"}
	ready := Row{What: q.what + ", beside the same bytes from memory", Unit: "1/s", Reach: q.ready, Peer: "net/http"}
	var limit *server
	if q.ready != "" {
		size, err := oneAnswer(ctx, ours, q)
		if err != nil {
			return err
		}
		if limit, err = startServer(ctx, os.Args[0], "-serve-bytes", fmt.Sprint(size)); err != nil {
			return err
		}
		defer limit.stop()
	}
	for run := range b.runs {
		measure := func(addr string, next func(*rand.Rand, int, int) crowd.Request, to *[]float64) error {
			got, err := crowd.Run(ctx, crowd.Plan{Addr: addr, Connections: q.connections, For: askLong, Seed: uint64(run), Next: next})
			if err == nil && got.Failed+got.Refused > got.Answered/1000 {
				err = fmt.Errorf("%d answered, %d refused, %d failed", got.Answered, got.Refused, got.Failed)
			}
			*to = append(*to, got.PerSecond())
			return err
		}
		if err := errors.Join(measure(ours, q.ours, &row.Runs), measure(theirs, q.theirs, &row.Peers)); err != nil {
			return err
		}
		if limit != nil {
			if err := measure(limit.addr, q.ours, &ready.Peers); err != nil {
				return err
			}
		}
	}
	r.Rows = append(r.Rows, row)
	if limit != nil {
		ready.Runs = row.Runs
		r.Rows = append(r.Rows, ready)
	}
	return nil
}

// oneAnswer is how many bytes an answer has.
func oneAnswer(ctx context.Context, addr string, q asked) (int64, error) {
	got, err := crowd.Run(ctx, crowd.Plan{Addr: addr, Connections: 1, For: time.Second, Next: q.ours})
	if err != nil || got.Answered == 0 {
		return 0, errors.Join(err, fmt.Errorf("%d answered, %d failed", got.Answered, got.Failed))
	}
	return got.Bytes / int64(got.Answered), nil
}

// serveBytes is the server with bytes ready: the limit of what net/http can do.
func serveBytes(size int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ended by its parent
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "bytes are at", l.Addr())
	body := make([]byte, size)
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { //nolint:gosec // for a minute, on loopback
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", fmt.Sprint(size))
		_, _ = w.Write(body)
	}))
}

// server is a program that serves on this machine.
type server struct {
	cmd  *exec.Cmd
	addr string
}

// startServer starts the program and reads where it serves from what it says.
func startServer(ctx context.Context, program string, args ...string) (*server, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // programs of this benchmark
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	where := regexp.MustCompile(`(localhost|127\.0\.0\.1):\d+`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := where.FindString(lines.Text()); at != "" {
			go func() {
				for lines.Scan() {
					continue // it must be able to go on talking
				}
			}()
			return &server{cmd, at}, (&server{cmd, at}).wait(ctx)
		}
	}
	return nil, fmt.Errorf("%s does not say where it serves", program)
}

func (s *server) wait(ctx context.Context) error {
	for try := 0; ; try++ {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", s.addr)
		if err == nil {
			return c.Close()
		}
		if try == 100 {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// needsWorld is the demonstration year with many more needs in it, and somebody
// of the city's office who asks for them.
func (b *bench) needsWorld(ctx context.Context, program, folder string) (*office, error) {
	if _, err := os.Stat(folder); err != nil {
		b.tell("making %d needs", manyNeeds)
		if out, err := exec.CommandContext(ctx, program, "demo", "--data", folder).CombinedOutput(); err != nil { //nolint:gosec // our own program
			return nil, fmt.Errorf("%w: %s", err, out)
		}
	}
	store := config.Store{Data: folder}
	secret, err := config.Secrets{}.Secret(store)
	if err != nil {
		return nil, err
	}
	a, err := app.Open(ctx, store, app.Options{Key: secret})
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }()
	if err := fillNeeds(ctx, a); err != nil {
		return nil, err
	}
	o := &office{}
	if err := a.DB.Select(ctx, &o.needs, "SELECT id FROM need ORDER BY id LIMIT 5000"); err != nil {
		return nil, err
	}
	if err := a.DB.Select(ctx, &o.counties, "SELECT DISTINCT substr(region, 1, 6) FROM need"); err != nil {
		return nil, err
	}
	if err := a.DB.Get(ctx, &o.enterprise, "SELECT id FROM enterprise WHERE status = 'verified' AND alias_of = '' ORDER BY id LIMIT 1"); err != nil {
		return nil, err
	}
	ticket, err := a.Account.SignIn(ctx, account.Attempt{Login: "13800000001", Password: demo.Password, Keep: true})
	if err != nil {
		return nil, err
	}
	o.cookie = ticket.Token
	by, err := a.Account.Resolve(ctx, ticket.Token)
	if err != nil {
		return nil, err
	}
	_, o.key, err = a.Account.MakeKey(ctx, by, account.NewKey{Name: "bench " + time.Now().Format(time.TimeOnly), Scopes: []string{"need:read", "need:write"}, Days: 30})
	return o, err
}

// fillNeeds posts needs until there are enough.
func fillNeeds(ctx context.Context, a *app.App) error {
	var have int
	if err := a.DB.Get(ctx, &have, "SELECT COUNT(*) FROM need"); err != nil || have >= manyNeeds {
		return err
	}
	staff := authz.System("bench", engagement.Post, enterprise.View)
	var firms []string
	if err := a.DB.Select(ctx, &firms, "SELECT id FROM enterprise WHERE status = 'verified' AND alias_of = '' ORDER BY id"); err != nil {
		return err
	}
	themes, errs := institution.Themes(), make([]error, writers)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := have + w; i < manyNeeds && errs[w] == nil; i += writers {
				_, errs[w] = a.Engagement.Post(ctx, staff, engagement.Posting{
					Enterprise: firms[i%len(firms)], Channel: engagement.Call,
					Contact: engagement.Contact{Name: "陈国华", Phone: "13800000000"},
					Content: engagement.Content{
						Theme: themes[i/7%len(themes)], Title: fmt.Sprintf("第 %d 项需求：流动资金贷款担保", i), Text: strings.Repeat(wording, 1+i%5),
						Amount: int64(1+i%900) * 1_000_000, Months: 6, Collateral: []engagement.Collateral{engagement.Property},
					},
				})
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
