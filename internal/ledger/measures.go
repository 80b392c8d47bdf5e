package ledger

import (
	"fmt"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

// Ledger counts. It is safe for concurrent use, and several processes may share
// one database.
type Ledger struct {
	db       *db.DB
	site     string
	measures map[string]Measure
	streams  map[string]*stream
	today    func(region.Code, Date) region.Code
	cache    *cache
}

// stream is what the measures say together about one stream of facts.
type stream struct {
	name  string
	dims  []string
	who   []string // whose bitmaps are wanted, sorted
	level bool
	sums  bool // a flow or mean adds it up: cells are wanted
}

// New makes the ledger of a site from the measures of all domains. It refuses
// measures that share an id, that name more than Dims dimensions, or that
// disagree about the dimensions of their stream.
func New(d *db.DB, site string, measures []Measure) (*Ledger, error) {
	l := &Ledger{
		db: d, site: site,
		measures: make(map[string]Measure, len(measures)),
		streams:  make(map[string]*stream),
		today:    func(c region.Code, _ Date) region.Code { return c },
		cache:    newCache(),
	}
	for _, m := range measures {
		if err := l.declare(m); err != nil {
			return nil, fmt.Errorf("measure %q: %w", m.ID, err)
		}
	}
	for _, s := range l.streams {
		slices.Sort(s.who)
	}
	return l, nil
}

// WithLineage is the same ledger with the tree's history: today returns the
// code that the place now has that bore the code on the date or, failing that,
// last before it. Without it a code always means itself.
func (l *Ledger) WithLineage(today func(region.Code, Date) region.Code) *Ledger {
	other := *l
	other.today = today
	return &other
}

// Measure is the declared measure with the id.
func (l *Ledger) Measure(id string) (Measure, bool) {
	m, ok := l.measures[id]
	return m, ok
}

// Measures are all declared measures, ordered by id.
func (l *Ledger) Measures() []Measure {
	all := make([]Measure, 0, len(l.measures))
	for _, m := range l.measures {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Measure) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func (l *Ledger) declare(m Measure) error {
	if _, twice := l.measures[m.ID]; twice {
		return fmt.Errorf("declared twice")
	}
	if err := m.check(); err != nil {
		return err
	}
	s := l.streams[m.Of]
	if s == nil {
		s = &stream{name: m.Of, dims: m.Dims}
		l.streams[m.Of] = s
	}
	if !slices.Equal(s.dims, m.Dims) {
		return fmt.Errorf("its stream %s has the dimensions %v elsewhere, here %v", m.Of, s.dims, m.Dims)
	}
	if m.Kind == Distinct && !slices.Contains(s.who, m.Who) {
		s.who = append(s.who, m.Who)
	}
	s.level = s.level || m.Kind == Level
	s.sums = s.sums || m.Kind == Flow || m.Kind == Mean
	l.measures[m.ID] = m
	return nil
}

// reserved are the words that a query groups and filters by itself.
var reserved = []string{"city", "county", "town", "month", "year", "quantity", "amount"}

// bySubject counts the subjects themselves, whatever their kind.
const bySubject = "subject"

func (m Measure) check() error {
	switch {
	case m.ID == "" || m.Of == "" || m.Unit == "":
		return fmt.Errorf("needs an id, a stream and a unit")
	case len(m.Dims) > Dims:
		return fmt.Errorf("has %d dimensions, at most %d are kept", len(m.Dims), Dims)
	}
	for i, dim := range m.Dims {
		if dim == "" || slices.Contains(reserved, dim) || slices.Contains(m.Dims[:i], dim) {
			return fmt.Errorf("cannot have a dimension %q", dim)
		}
	}
	switch m.Kind {
	case Flow, Level, Mean:
		if m.Sum != Facts && m.Sum != Quantity && m.Sum != Amount {
			return fmt.Errorf("adds up %q, want facts, quantity or amount", m.Sum)
		}
	case Distinct:
		if !slices.Contains([]string{authz.Enterprise, authz.Institution, authz.Person, bySubject}, m.Who) {
			return fmt.Errorf("counts different %q, want enterprise, institution, person or subject", m.Who)
		}
	default:
		return fmt.Errorf("has the kind %q", m.Kind)
	}
	return nil
}
