package db

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Fresh keeps answers that are asked again and again, such as whose session it
// is (片刻缓存). What this process writes to the tables named is seen at once;
// what another writes, within FreshFor. It is safe for concurrent use.
type Fresh[K comparable, V any] struct {
	db     *DB
	tables []*atomic.Int64

	most    int // of what the kept answers weigh
	weigh   func(V) int
	ageless bool // for one counted request, however long it takes

	mu     sync.Mutex
	kept   map[K]moment[V]
	weight int
}

// FreshFor is how old an answer may be at most.
const FreshFor = 500 * time.Millisecond

// answersKept is how many answers a Fresh keeps that is not Bounded otherwise.
const answersKept = 4096

// Anything stands for every table.
const Anything = "*"

type moment[V any] struct {
	value V
	state int64     // of the tables
	asked time.Time // by the machine's clock, which always goes on
	now   time.Time // by the database's, which a test may set
}

// NewFresh keeps answers that follow from these tables.
func NewFresh[K comparable, V any](d *DB, tables ...string) *Fresh[K, V] {
	f := &Fresh[K, V]{db: d, kept: map[K]moment[V]{}, most: answersKept, weigh: func(V) int { return 1 }}
	for _, t := range tables {
		f.tables = append(f.tables, d.changes(t))
	}
	return f
}

// Bounded is the same with room for so much: when an answer is too much, all are
// forgotten. It is called before the first Get.
func (f *Fresh[K, V]) Bounded(most int, weigh func(V) int) *Fresh[K, V] {
	f.most, f.weigh = most, weigh
	return f
}

// Get is the answer for the key: a kept one, else what load finds, which is kept
// unless load fails. Many share it, so nobody may change it. A context that
// counts its queries begins with nothing kept, so that a count does not depend
// on the past.
func (f *Fresh[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	if c := countingOf(ctx); c != nil {
		f = c.own(f, func() any {
			return &Fresh[K, V]{db: f.db, tables: f.tables, most: f.most, weigh: f.weigh, kept: map[K]moment[V]{}, ageless: true}
		}).(*Fresh[K, V])
	}
	a := moment[V]{state: f.state(), asked: time.Now(), now: f.db.Now()}
	f.mu.Lock()
	had, ok := f.kept[key]
	f.mu.Unlock()
	if ok && had.state == a.state && (f.ageless || a.asked.Sub(had.asked) < FreshFor && a.now.Sub(had.now).Abs() < FreshFor) {
		return had.value, nil
	}
	var err error
	if a.value, err = load(ctx); err != nil {
		return a.value, err
	}
	f.keep(key, a)
	return a.value, nil
}

func (f *Fresh[K, V]) keep(key K, a moment[V]) {
	weight := f.weigh(a.value)
	if weight > f.most/16 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if had, ok := f.kept[key]; ok {
		f.weight -= f.weigh(had.value)
	}
	if f.weight+weight > f.most {
		clear(f.kept)
		f.weight = 0
	}
	f.kept[key] = a
	f.weight += weight
}

func (f *Fresh[K, V]) state() int64 {
	var sum int64
	for _, t := range f.tables {
		sum += t.Load()
	}
	return sum
}

// changes counts the commits of this process that may have changed a table.
func (d *DB) changes(table string) *atomic.Int64 {
	n, _ := d.changed.LoadOrStore(table, new(atomic.Int64))
	return n.(*atomic.Int64)
}

var writing = regexp.MustCompile(`(?i)\b(?:INSERT(?:\s+OR\s+[a-z]+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+([a-z_][a-z_0-9]*)`)

// written are the tables that a statement may change.
func (d *DB) written(query string) []*atomic.Int64 {
	if strings.HasPrefix(query, "INSERT") { // rows by the hundred make it long
		query, _, _ = strings.Cut(query, " VALUES")
	}
	if held, ok := d.writes.Load(query); ok {
		return held.([]*atomic.Int64)
	}
	var tables []*atomic.Int64
	for _, found := range writing.FindAllStringSubmatch(query, -1) {
		tables = append(tables, d.changes(found[1]))
	}
	if len(query) <= reboundMost {
		d.writes.Store(query, tables)
	}
	return tables
}

// touch notes what the statement may change, for when the change is durable.
func (tx *Tx) touch(query string) {
	if tx.raw == nil {
		return // a snapshot
	}
	for _, t := range tx.db.written(query) {
		if tx.touched == nil {
			tx.touched = map[*atomic.Int64]bool{}
		}
		tx.touched[t] = true
	}
}

// seen makes what the change did visible to every Fresh of this process.
func (tx *Tx) seen() {
	for t := range tx.touched {
		t.Add(1)
	}
	if len(tx.touched) > 0 {
		tx.db.changes(Anything).Add(1)
	}
}
