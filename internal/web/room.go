package web

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// How long a request waits for its turn: long while the queue empties now and
// then, so that a burst is served whole; short once it has not been empty for a
// while, because then more comes in than can be answered, and waiting would only
// make everybody slow. (CoDel, as large sites put it to use for requests.) It
// stays short until nobody was turned away for a while: a queue that empties
// because its people left is no sign that there is room again.
const (
	patient   = 200 * time.Millisecond
	impatient = 20 * time.Millisecond
	standing  = 100 * time.Millisecond
	strained  = time.Second
)

// room lets so many requests in at once and has the others wait a moment, first
// come, first served. Whoever waits too long, or finds too many waiting, is
// turned away at once: an answer that says "come back" costs next to nothing.
type room struct {
	mu      sync.Mutex
	free    int
	most    int // waiting
	waiting []chan struct{}
	empty   time.Time // when nobody was waiting last
	refused time.Time // when somebody was turned away last
	now     func() time.Time
}

func newRoom(seats, most int) *room {
	return &room{free: max(seats, 1), most: max(most, 0), now: time.Now}
}

// enter takes a seat; false when there is none in time. Whoever entered calls
// leave once.
func (r *room) enter(ctx context.Context) bool {
	r.mu.Lock()
	if len(r.waiting) == 0 {
		r.empty = r.now()
		if r.free > 0 {
			r.free--
			r.mu.Unlock()
			return true
		}
	}
	if len(r.waiting) >= r.most {
		r.refused = r.now()
		r.mu.Unlock()
		return false
	}
	turn, wait := make(chan struct{}), patient
	if now := r.now(); now.Sub(r.empty) > standing || now.Sub(r.refused) < strained {
		wait = impatient
	}
	r.waiting = append(r.waiting, turn)
	r.mu.Unlock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-turn:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return !r.gone(turn)
}

// gone takes a waiting one out; false when its turn had come meanwhile.
func (r *room) gone(turn chan struct{}) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, t := range r.waiting {
		if t == turn {
			r.waiting = append(r.waiting[:i], r.waiting[i+1:]...)
			r.refused = r.now()
			return true
		}
	}
	return false
}

// leave gives the seat to whoever has waited longest.
func (r *room) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		r.free++
		return
	}
	close(r.waiting[0])
	r.waiting = r.waiting[1:]
}

// rooms are one for reading, one for changing and one for uploads, so that none
// of them can keep the others out. Reading is bound by the processors: a few
// requests for each keep them busy. A change waits for the disk most of its
// time, and many share one commit. An upload is as slow as whoever sends it.
type rooms struct{ reads, writes, uploads *room }

func newRooms(busy int) rooms {
	cores := runtime.GOMAXPROCS(0)
	of := func(seats int) *room {
		seats = min(seats, max(busy/2, 1))
		return newRoom(seats, max(busy-seats, 0))
	}
	return rooms{reads: of(4 * cores), writes: of(64), uploads: of(uploadsAtOnce)}
}
