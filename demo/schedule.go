package demo

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// schedule runs what happens at one moment together and the moments in order,
// with the program's clock set to each. What happens may plan what comes after.
type schedule struct {
	mu    sync.Mutex
	queue moments
}

type moment struct {
	at time.Time
	do func(context.Context) error
}

// plan adds something that will happen; it must not lie before the present moment.
func (s *schedule) plan(at time.Time, do func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heap.Push(&s.queue, moment{at, do})
}

// run goes through time until nothing more is planned.
func (s *schedule) run(ctx context.Context, clock func(time.Time)) error {
	for len(s.queue) > 0 {
		now := s.queue[0].at
		clock(now)
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(64)
		var due []moment
		for len(s.queue) > 0 && s.queue[0].at.Equal(now) {
			due = append(due, heap.Pop(&s.queue).(moment))
		}
		for _, m := range due {
			group.Go(func() error { return m.do(ctx) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// moments is a heap by time.
type moments []moment

func (m moments) Len() int           { return len(m) }
func (m moments) Less(i, j int) bool { return m[i].at.Before(m[j].at) }
func (m moments) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *moments) Push(x any)        { *m = append(*m, x.(moment)) }
func (m *moments) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}
