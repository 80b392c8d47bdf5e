// Package crowd asks a server on this machine for the same kind of thing over and
// over (压测): a fixed number of connections, each with one request under way, for
// a fixed time. It counts what was answered and how long that took.
package crowd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Request is one thing to ask for.
type Request struct {
	Method string // GET when empty
	Path   string // with its query
	Header []string
	Body   string
}

// Plan is what to ask, of whom, for how long.
type Plan struct {
	Addr        string // host:port of a loopback address
	Connections int
	// PerSecond is how many requests are begun each second by all connections
	// together, whether answers come or not; 0 for as many as are answered. How
	// long one took is then counted from when it was due.
	PerSecond float64
	For       time.Duration
	Seed      uint64
	// Next is what a connection asks for next; n counts its requests.
	Next func(r *rand.Rand, connection, n int) Request
}

// Result is what came of it.
type Result struct {
	Answered  int           // with status 200 to 299
	Refused   int           // with 503 or 429
	Failed    int           // everything else
	Bytes     int64         // of bodies
	Took      time.Duration // from the first request to the last answer
	Latencies []time.Duration
}

// PerSecond is the throughput of what was answered.
func (r Result) PerSecond() float64 { return float64(r.Answered) / r.Took.Seconds() }

// At is the latency that a share of the answered stayed within: At(.99) is p99.
func (r Result) At(share float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[min(len(r.Latencies)-1, int(share*float64(len(r.Latencies))))]
}

// Run carries the plan out. It refuses addresses that are not of this machine.
func Run(ctx context.Context, p Plan) (Result, error) {
	host, _, err := net.SplitHostPort(p.Addr)
	if err != nil {
		return Result{}, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return Result{}, fmt.Errorf("crowd: %s is not this machine", p.Addr)
	}
	ctx, cancel := context.WithTimeout(ctx, p.For)
	defer cancel()
	parts, errs := make([]Result, p.Connections), make([]error, p.Connections)
	began := time.Now()
	var wait sync.WaitGroup
	for i := range p.Connections {
		wait.Go(func() { parts[i], errs[i] = p.ask(ctx, i) })
	}
	wait.Wait()
	all := Result{Took: time.Since(began)}
	for _, part := range parts {
		all.Answered += part.Answered
		all.Refused += part.Refused
		all.Failed += part.Failed
		all.Bytes += part.Bytes
		all.Latencies = append(all.Latencies, part.Latencies...)
	}
	slices.Sort(all.Latencies)
	return all, errors.Join(errs...)
}

// ask is one connection's part.
func (p Plan) ask(ctx context.Context, number int) (Result, error) {
	var got Result
	r := rand.New(rand.NewPCG(p.Seed, uint64(number))) //nolint:gosec // the same requests each time
	var c *connection
	defer func() { c.close() }()
	start := time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		if c == nil {
			var err error
			if c, err = dial(ctx, p.Addr); err != nil {
				if ctx.Err() != nil {
					err = nil // the time was up
				}
				return got, err
			}
		}
		began, ok := p.wait(ctx, start, number, n)
		if !ok {
			break
		}
		status, size, again, err := c.roundTrip(p.Next(r, number, n))
		took := time.Since(began)
		switch {
		case err != nil:
			got.Failed++
		case status >= 200 && status < 300:
			got.Answered++
			got.Bytes += size
			got.Latencies = append(got.Latencies, took)
		case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
			got.Refused++
		default:
			got.Failed++
		}
		if err != nil || !again {
			c.close()
			c = nil
		}
	}
	return got, nil
}

// wait is when a connection's request is due; false when the time is up before.
func (p Plan) wait(ctx context.Context, start time.Time, number, n int) (due time.Time, ok bool) {
	if p.PerSecond == 0 {
		return time.Now(), true
	}
	due = start.Add(time.Duration(float64(n*p.Connections+number) / p.PerSecond * float64(time.Second)))
	select {
	case <-time.After(time.Until(due)):
		return due, true
	case <-ctx.Done():
		return due, false
	}
}

type connection struct {
	net.Conn
	in  *bufio.Reader
	out []byte
}

func dial(ctx context.Context, addr string) (*connection, error) {
	raw, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: raw, in: bufio.NewReaderSize(raw, 64<<10)}, nil
}

func (c *connection) close() {
	if c != nil {
		_ = c.Close()
	}
}

// roundTrip sends the request and reads the whole answer. again is false when
// the server ends the connection.
func (c *connection) roundTrip(r Request) (status int, size int64, again bool, err error) {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	c.out = append(c.out[:0], method...)
	c.out = append(append(append(c.out, ' '), r.Path...), " HTTP/1.1\r\nHost: localhost\r\n"...)
	for _, h := range r.Header {
		c.out = append(append(c.out, h...), "\r\n"...)
	}
	if r.Body != "" {
		c.out = strconv.AppendInt(append(c.out, "Content-Length: "...), int64(len(r.Body)), 10)
		c.out = append(c.out, "\r\n"...)
	}
	c.out = append(append(c.out, "\r\n"...), r.Body...)
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, 0, false, err
	}
	if _, err := c.Write(c.out); err != nil {
		return 0, 0, false, err
	}
	return c.answer()
}

// answer reads an answer with as little work as it can, so that the server and
// not the asking is measured.
func (c *connection) answer() (status int, size int64, again bool, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, false, err
	}
	if len(line) < 12 {
		return 0, 0, false, fmt.Errorf("crowd: %q is no answer", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, false, err
	}
	again, length, chunked := true, int64(0), false
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, 0, false, err
		}
		text := strings.TrimSpace(string(line))
		if text == "" {
			break
		}
		name, value, _ := strings.Cut(text, ": ")
		switch {
		case strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.ParseInt(value, 10, 64); err != nil {
				return 0, 0, false, err
			}
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = true
		case strings.EqualFold(name, "Connection"):
			again = !strings.EqualFold(value, "close")
		}
	}
	if chunked {
		size, err = c.chunks()
		return status, size, again, err
	}
	_, err = io.CopyN(io.Discard, c.in, length)
	return status, length, again, err
}

func (c *connection) chunks() (size int64, err error) {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return 0, err
		}
		if _, err := io.CopyN(io.Discard, c.in, n+2); err != nil || n == 0 {
			return size, err
		}
		size += n
	}
}
