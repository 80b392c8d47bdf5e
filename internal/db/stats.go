package db

import (
	"sync/atomic"
	"time"
)

// Stats is what the writer has done since the database was opened, for watching.
type Stats struct {
	Writes     int64         // asked for
	Batches    int64         // transactions committed; fewer than writes where they share one
	Failed     int64         // transactions that could not be committed
	Committing time.Duration // spent in commits
	Waiting    int           // writes that wait for the writer now
	Reading    int           // connections that read now
}

// counters are behind Stats.
type counters struct{ writes, batches, failed, committing atomic.Int64 }

// committed notes the end of a transaction that began to commit at a time.
func (c *counters) committed(began time.Time, err error) {
	c.committing.Add(int64(time.Since(began)))
	if err != nil {
		c.failed.Add(1)
		return
	}
	c.batches.Add(1)
}

// Stats are as of now.
func (d *DB) Stats() Stats {
	return Stats{
		Writes: d.counters.writes.Load(), Batches: d.counters.batches.Load(), Failed: d.counters.failed.Load(),
		Committing: time.Duration(d.counters.committing.Load()), Waiting: len(d.queue), Reading: d.read.Stats().InUse,
	}
}
