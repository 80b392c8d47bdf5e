package indicator

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// figured are the columns that tables of returns and of targets begin with: a
// value of an indicator in each row.
func figured(place string) []xfer.Column {
	return []xfer.Column{
		{Key: "region", Label: place, Type: xfer.Place, Required: true, Example: "320924"},
		{Key: "year", Label: "indicator.column.year", Type: xfer.Number, Required: true, Example: "2008"},
		{Key: "indicator", Label: "indicator.column.indicator", Required: true, Hint: "indicator.column.indicator_hint"},
		{Key: "name", Label: "indicator.column.name", Type: xfer.Note},
		{Key: "unit", Label: "indicator.column.unit", Type: xfer.Note},
	}
}

// importer is what returns and targets share in coming in.
type importer struct {
	xfer.Land
	s       *Service
	by      authz.Actor
	defs    map[int][]Definition
	offices map[string]bool // place and year → whether there is such an office
}

func (s *Service) importer(by authz.Actor) importer {
	return importer{s: s, by: by, defs: map[int][]Definition{}, offices: map[string]bool{}}
}

// line is what a row says, and what it turns out to be about.
type line struct {
	place     region.Code
	year      int
	indicator string // as it was written
	value     *float64
	document  string

	def      Definition
	quantity int64
	group    *group // of a return
}

func prepare(r *xfer.Row) *line {
	l := &line{place: r.Place("region"), indicator: r.Text("indicator"), value: r.Decimal("value")}
	if year := r.Int("year"); year != nil {
		l.year = int(*year)
	}
	if !r.Bad.Has("year") {
		r.BreakAll("", checkYear(l.year))
	}
	r.Keys = []string{string(l.place) + "/" + strconv.Itoa(l.year) + "/" + strings.ToUpper(l.indicator)}
	r.Value = l
	return l
}

// known are the definitions in force for a year.
func (i *importer) known(ctx context.Context, r db.Reader, year int) ([]Definition, error) {
	defs, ok := i.defs[year]
	if ok {
		return defs, nil
	}
	defs, err := i.s.Definitions(ctx, r, year)
	i.defs[year] = defs
	return defs, err
}

// find is the indicator that a row names by its id or, when only one has it, by
// its name; the row is broken when there is none. Without a year there is no telling.
func (l *line) find(r *xfer.Row, defs []Definition) bool {
	l.def = Definition{}
	if !r.Sound("year", "indicator") {
		return false
	}
	var named []Definition
	for _, d := range defs {
		if strings.EqualFold(d.ID, l.indicator) {
			named = []Definition{d}
			break
		}
		if d.Name[0] == l.indicator || strings.EqualFold(d.Name[1], l.indicator) {
			named = append(named, d)
		}
	}
	if len(named) != 1 {
		r.Break("indicator", "indicator.import.unknown", "value", l.indicator)
		return false
	}
	l.def = named[0]
	return true
}

// office reports whether the place answers for figures in the year: a county, a
// city or the province, if there was one of the code.
func (i *importer) office(ctx context.Context, place region.Code, year int) (bool, error) {
	key := string(place) + strconv.Itoa(year)
	if is, known := i.offices[key]; known {
		return is, nil
	}
	if place.Level() > region.County {
		return false, nil
	}
	on := min(lastDay(year), ledger.DateOf(i.s.db.Now()))
	all, err := i.s.place.Below(ctx, place.Parent(), on)
	i.offices[key] = slices.Contains(all, place)
	return i.offices[key], err
}

// may breaks a row of a place that is no office or not the actor's.
func (i *importer) may(ctx context.Context, r *xfer.Row, l *line, do authz.Permission) error {
	if !r.Sound("region") {
		return nil
	}
	is, err := i.office(ctx, l.place, l.year)
	switch {
	case err != nil:
		return err
	case !i.by.May(do, authz.At(l.place)):
		r.Break("region", "xfer.row.foreign", "value", string(l.place))
	case !is && r.Sound("year"):
		r.Break("region", "indicator.import.office", "value", string(l.place))
	}
	return nil
}

// sealed breaks a row of a year that is settled.
func (i *importer) sealed(ctx context.Context, r db.Reader, row *xfer.Row, l *line) error {
	if !row.Sound("region", "year") {
		return nil
	}
	err := i.s.refuseSealed(ctx, r, l.place, l.year)
	if fault.Is(err, fault.Conflict) {
		row.Break("year", "indicator.sealed", "year", l.year)
		return nil
	}
	return err
}

// figure is a value of an indicator as it goes out.
type figure struct {
	Region    region.Code `db:"region"`
	Year      int         `db:"year"`
	Indicator string      `db:"indicator"`
	Quantity  int64       `db:"quantity"`
	More      string      `db:"more"` // the state of a return, the document of a target
}

// export writes values by place, year and the order of the definitions.
func (s *Service) export(ctx context.Context, scope authz.Scope, query string, f xfer.Filter, put func(cells []string) error) error {
	where, args := scope.SQL(authz.Columns{Region: "t.region"})
	if f.Region != "" {
		span := f.Region.Span()
		where, args = where+` AND t.region >= ? AND t.region < ?`, append(args, span.From, span.To)
	}
	if f.Year != 0 {
		where, args = where+` AND t.year = ?`, append(args, f.Year)
	}
	var all []figure
	if err := s.db.Select(ctx, &all, query+` WHERE `+where, args...); err != nil {
		return err
	}
	place, known := map[string]int{}, map[int]map[string]Definition{}
	for _, v := range all {
		if known[v.Year] != nil {
			continue
		}
		defs, err := s.Definitions(ctx, s.db, v.Year)
		if err != nil {
			return err
		}
		known[v.Year] = byID(defs)
		for n, d := range defs {
			place[d.ID] = n
		}
	}
	slices.SortFunc(all, func(a, b figure) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Year, b.Year), cmp.Compare(place[a.Indicator], place[b.Indicator]),
			cmp.Compare(a.Indicator, b.Indicator))
	})
	for _, v := range all {
		d := known[v.Year][v.Indicator]
		value := float64(v.Quantity) / d.Factor()
		if err := put([]string{
			string(v.Region), strconv.Itoa(v.Year), v.Indicator, d.Label(f.Lang == text.En), d.Unit, xfer.Decimals(&value), v.More,
		}); err != nil {
			return err
		}
	}
	return nil
}
