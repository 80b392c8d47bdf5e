package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"qiban.dev/qiban/bench/crowd"
	"qiban.dev/qiban/internal/domain/institution"
)

// How an overload is made.
const (
	floodOf   = 3   // times what can be carried
	flooders  = 400 // connections
	floodLong = 20 * time.Second
	calmest   = 15 // seconds in which it must have recovered
)

// overload asks the program for three times what it can carry, and then for half.
func overload(ctx context.Context, b *bench) (*Result, error) {
	folder := filepath.Join(b.data, fmt.Sprintf("needs-%d", manyNeeds))
	program, err := b.buildProgram(ctx)
	if err != nil {
		return nil, err
	}
	o, err := b.needsWorld(ctx, program, folder)
	if err != nil {
		return nil, err
	}
	ours, err := startServer(ctx, program, "serve", "--data", folder, "--addr", "127.0.0.1:0", "--log-level", "error")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	ask := func(connections int, rate float64, long time.Duration, seed uint64) (crowd.Result, error) {
		return crowd.Run(ctx, crowd.Plan{Addr: ours.addr, Connections: connections, PerSecond: rate, For: long, Seed: seed, Next: o.anew})
	}
	carried := Row{What: "carried: list pages answered to as many as are served at once", Unit: "1/s"}
	calm := Row{What: "p99 of these", Unit: "ms"}
	offered := Row{What: "offered in a flood, three times that", Unit: "1/s"}
	accepted := Row{What: "answered in the flood", Unit: "1/s"}
	refused := Row{What: "told to come back (503 with Retry-After)", Unit: "1/s"}
	flooded := Row{What: "p99 of those answered in the flood, from when they were due", Unit: "ms", Reach: "≤ 2× of the p99 above"}
	lost := Row{What: "neither answered nor told", Unit: "requests", Reach: "0"}
	again := Row{What: "after the flood, until a second with nobody turned away and p99 within twice", Unit: "s", Reach: "≤ 10 s"}
	for run := range max(1, b.runs/3) {
		one, err := ask(readers, 0, 2*askLong, uint64(run))
		if err != nil {
			return nil, err
		}
		flood, err := ask(flooders, floodOf*one.PerSecond(), floodLong, uint64(run))
		if err != nil {
			return nil, err
		}
		second, recovered := 0, false
		for ; second < calmest && !recovered; second++ {
			after, err := ask(readers, one.PerSecond()/2, time.Second, uint64(second))
			if err != nil {
				return nil, err
			}
			recovered = after.Refused+after.Failed == 0 && after.At(.99) <= 2*one.At(.99)
		}
		carried.Runs = append(carried.Runs, one.PerSecond())
		calm.Runs = append(calm.Runs, inMillis(one.At(.99)))
		offered.Runs = append(offered.Runs, float64(flood.Answered+flood.Refused+flood.Failed)/flood.Took.Seconds())
		accepted.Runs = append(accepted.Runs, flood.PerSecond())
		refused.Runs = append(refused.Runs, float64(flood.Refused)/flood.Took.Seconds())
		flooded.Runs = append(flooded.Runs, inMillis(flood.At(.99)))
		lost.Runs = append(lost.Runs, float64(flood.Failed))
		again.Runs = append(again.Runs, float64(second))
	}
	return &Result{
		Title: "Three times what it can carry",
		What: fmt.Sprintf("Lists of 20 of %d needs, each page drawn anew, asked for by a signed-in official. First %d connections that each wait for their answer; "+
			"then %d connections that together begin three times as many requests a second, for %s, whether answers come or not; then half as many. "+
			"The load generator runs on the same two cores.", manyNeeds, readers, flooders, floodLong),
		Rows: []Row{carried, calm, offered, accepted, refused, flooded, lost, again},
	}, nil
}

// anew is a list page that nobody was given a moment ago: the cookies differ.
func (o *office) anew(r *rand.Rand, _, _ int) crowd.Request {
	themes := institution.Themes()
	return crowd.Request{
		Path:   fmt.Sprintf("/bench/needs?place=%s&theme=%s", o.counties[r.IntN(len(o.counties))], themes[r.IntN(len(themes))]),
		Header: []string{fmt.Sprintf("Cookie: qiban_session=%s; anew=%d", o.cookie, r.Int64())},
	}
}

func inMillis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
