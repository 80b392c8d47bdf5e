package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/region"
)

// site is a made-up park with what is built there.
type site struct {
	office, town region.Code
	name         string
	key          bool // of a key town of 2008
	works        park.Works
	grade, model string // the first day, empty for none
	plots        []*plot
}

// plot is a building; free is what nobody has of it yet.
type plot struct {
	name   string
	kind   park.Kind
	floors int
	area   int64
	begun  string
	done   string
	free   int64
}

// carriers is what a year's chapter says of parks, in square metres and
// enterprises; the parts in key towns where there were any.
type carriers struct {
	year                int
	factory, keyFactory int64
	multi, shared       int64
	entered, keyEntered int64
}

// The totals of 2008 are the chapter's; what it only sets a target for (200 and
// 50 ten thousand square metres) is made up above the target. 2007 is made up as
// the reported figures are: seven tenths of the flows.
var built = []carriers{
	{year: 2007, factory: 2_198_000, multi: 1_279_000, shared: 372_000, entered: 704},
	{year: 2008, factory: 3_140_000, keyFactory: 1_590_000, multi: 2_130_000, shared: 537_000, entered: 1006, keyEntered: 367},
}

// Of the parks under construction at the end of 2008, so many were begun in that
// year; of those at the end of 2007, so many were done in 2008. Others were done
// before, or are only planned.
const (
	begunInYear = 29
	doneInYear  = 6
	doneBefore  = 8
	onlyPlanned = 7
	ofGradeA    = 11
)

// parks makes the parks of 2008 with their buildings, as books that were kept
// before and are taken over.
func (l *loader) parks(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(2008, 113)) //nolint:gosec // the same year every time
	l.sites = l.layOut(rng)
	for _, c := range built {
		if c.keyFactory == 0 {
			raise(rng, c.year, c.factory, c.multi, l.sites)
		} else {
			multi := c.multi * (c.keyFactory / 1000) / c.factory * 1000
			raise(rng, c.year, c.keyFactory, multi, slices.DeleteFunc(slices.Clone(l.sites), func(s *site) bool { return !s.key }))
			raise(rng, c.year, c.factory-c.keyFactory, c.multi-multi, slices.DeleteFunc(slices.Clone(l.sites), func(s *site) bool { return s.key }))
		}
		furnish(rng, c, l.sites)
	}
	for _, s := range l.sites { // and what is still being built
		if s.works.Stage("2008-12-31") == park.Building {
			s.plots = append(s.plots, &plot{
				name: "在建厂房", kind: park.MultiStorey, floors: 4, area: int64(60+rng.IntN(90)) * 100, begun: "2008-10-08",
			})
		}
	}
	l.at(on("2009-01-02", 9, 0)) // the year's books are closed
	var rows, houses [][]string
	for _, s := range l.sites {
		var land int64
		for _, p := range s.plots {
			land += p.area
			houses = append(houses, []string{string(s.town), s.name, p.name, string(p.kind), strconv.Itoa(p.floors), strconv.FormatInt(p.area, 10), p.begun, p.done})
		}
		rows = append(rows, []string{
			s.name, string(s.town), l.tree.Name(s.town, "2008-12-31") + "工业集中区管理办公室", l.tree.Name(s.town, "2008-12-31") + "园区服务公司",
			strconv.FormatInt(max(land*2, 60_000), 10), s.works.Planned, s.works.Begun, s.works.Done,
			"water;power;road;sewage;broadband", "演示数据。标准厂房出租，配套办公、仓储和宿舍", "yes",
		})
	}
	importer, err := l.Park.Import(ctx, l.official)
	if err != nil {
		return err
	}
	if err := land(ctx, park.Table(), importer, "name region developer operator land planned_on begun_on done_on facilities about published", rows); err != nil {
		return err
	}
	if importer, err = l.Park.ImportHouses(ctx, l.official); err != nil {
		return err
	}
	return land(ctx, park.HouseTable(), importer, "region park name kind floors area begun_on done_on", houses)
}

// layOut decides where parks are: under construction in 48 of the key towns, in
// others up to the chapter's 113, and what was done before or is only planned.
func (l *loader) layOut(rng *rand.Rand) []*site {
	var sites []*site
	var spare []region.Code // towns without a park yet
	add := func(office, town region.Code, key bool) *site {
		s := &site{office: office, town: town, key: key, name: l.tree.Name(town, "2008-12-31") + "中小企业园"}
		sites = append(sites, s)
		return s
	}
	left := 2 // key towns where nothing is being built
	for i, n := range weights["P"][:9] {
		keys := l.tree.KeyTowns(offices[i], "2008-12-31")
		if len(keys) == 7 && left > 0 || len(keys) == 6 && left == 1 {
			keys, left = keys[:len(keys)-1], left-1
		}
		isKey := map[region.Code]bool{}
		for _, k := range keys {
			isKey[k.Code] = true
			add(offices[i], k.Code, true)
		}
		var plain []region.Code
		for _, t := range l.townsOf(offices[i]) {
			if is, _ := l.tree.KeyTown(t.Code, "2008-12-31"); !is {
				plain = append(plain, t.Code)
			}
		}
		for k := range int(n) - len(keys) {
			s := add(offices[i], plain[k%len(plain)], false)
			if k >= len(plain) {
				s.name = l.tree.Name(s.town, "2008-12-31") + "第二中小企业园"
			}
		}
		spare = append(spare, plain...)
	}
	for i, s := range sites {
		s.works = park.Works{Planned: fmt.Sprintf("%d-03-%02d", 2003+i%3, 1+i%28), Begun: fmt.Sprintf("2006-%02d-%02d", 1+i%12, 1+rng.IntN(28))}
	}
	for _, i := range rng.Perm(len(sites))[:begunInYear] {
		sites[i].works.Begun = fmt.Sprintf("2008-0%d-%02d", 2+i%3, 1+rng.IntN(28))
	}
	l.honour(rng, sites)
	for k := range doneInYear + doneBefore + onlyPlanned {
		town := spare[(k*7)%len(spare)]
		s := add(town.At(region.County), town, false)
		s.name = fmt.Sprintf("%s创业园", l.tree.Name(town, "2008-12-31"))
		switch {
		case k < doneInYear:
			s.works = park.Works{Begun: "2005-04-01", Done: fmt.Sprintf("2008-%02d-15", 7+k%5)}
		case k < doneInYear+doneBefore:
			s.works = park.Works{Begun: "2003-04-01", Done: fmt.Sprintf("2006-%02d-15", 1+k%12)}
		default:
			s.works = park.Works{Planned: fmt.Sprintf("2008-%02d-10", 4+k%8)}
		}
	}
	return sites
}

// honour names the two model parks of the chapter, and gives grade A to them and
// to others.
func (l *loader) honour(rng *rand.Rand, sites []*site) {
	graded := 0
	for _, s := range sites {
		switch {
		case s.town == "320925001":
			s.name, s.model = "近湖中小企业园", "2008-11-20"
		case s.office == "320903" && s.key && !slices.ContainsFunc(sites, func(o *site) bool { return o.name == "盐城中小企业园" }):
			s.name, s.model = "盐城中小企业园", "2008-11-20"
		default:
			continue
		}
		s.grade, s.works.Begun = "2008-11-20", "2006-03-01"
		graded++
	}
	for _, i := range rng.Perm(len(sites)) {
		if s := sites[i]; s.grade == "" && s.key && s.works.Begun < "2008" && graded < ofGradeA {
			s.grade = "2008-11-20"
			graded++
		}
	}
}

// raise spreads the year's new factories, so much of them multi-storey, over the
// parks that were building then, and divides each park's part into buildings.
func raise(rng *rand.Rand, year int, total, storeys int64, sites []*site) {
	var at []*site
	var heft []int64
	for _, s := range sites {
		if s.works.Begun != "" && s.works.Begun < fmt.Sprintf("%d-06", year) && s.works.Stage(fmt.Sprintf("%d-12-31", year-1)) != park.Done {
			at, heft = append(at, s), append(heft, int64(5+rng.IntN(11)))
		}
	}
	parts := share(total/100, heft, nil)
	many := make([]int64, len(parts)) // the multi-storey part, in proportion to the city's
	for i, p := range parts {
		many[i] = p * int64(70+rng.IntN(31))
	}
	multi := share(storeys/100, many, parts)
	for i, s := range at {
		for n, area := range pieces(multi[i]*100, 14_000) {
			s.build(rng, year, fmt.Sprintf("%d年%d号多层厂房", year, n+1), park.MultiStorey, 3+rng.IntN(3), area)
		}
		for n, area := range pieces((parts[i]-multi[i])*100, 9_000) {
			s.build(rng, year, fmt.Sprintf("%d年%d号厂房", year, n+1), park.SingleStorey, 1, area)
		}
	}
}

// furnish spreads the year's offices, warehouses and dormitories.
func furnish(rng *rand.Rand, c carriers, sites []*site) {
	kinds := []struct {
		kind   park.Kind
		name   string
		floors int
	}{{park.Office, "办公楼", 5}, {park.Warehouse, "仓库", 1}, {park.Dormitory, "宿舍", 6}}
	var at []*site
	var heft []int64
	for _, s := range sites {
		if slices.ContainsFunc(s.plots, func(p *plot) bool { return p.done[:4] == strconv.Itoa(c.year) }) {
			at, heft = append(at, s), append(heft, int64(5+rng.IntN(11)))
		}
	}
	for i, area := range share(c.shared/100, heft, nil) {
		k := kinds[(i+c.year)%len(kinds)]
		if area > 0 {
			at[i].build(rng, c.year, fmt.Sprintf("%d年%s", c.year, k.name), k.kind, k.floors, area*100)
		}
	}
}

// pieces divides an area into buildings of at most so much.
func pieces(area, most int64) []int64 {
	if area == 0 {
		return nil
	}
	n := (area + most - 1) / most
	heft := make([]int64, n)
	for i := range heft {
		heft[i] = 1
	}
	parts := share(area/100, heft, nil)
	for i := range parts {
		parts[i] *= 100
	}
	return parts
}

// build adds a building that was completed in the year.
func (s *site) build(rng *rand.Rand, year int, name string, kind park.Kind, floors int, area int64) {
	first, last := 2, 12
	if s.works.Begun > strconv.Itoa(year) {
		first = 7
	}
	if s.works.Done != "" && s.works.Done[:4] == strconv.Itoa(year) {
		last = 6
	}
	s.plots = append(s.plots, &plot{
		name: name, kind: kind, floors: floors, area: area, free: area, begun: max(s.works.Begun, fmt.Sprintf("%d-05-10", year-1)),
		done: fmt.Sprintf("%d-%02d-%02d", year, first+rng.IntN(last-first+1), 1+rng.IntN(28)),
	})
}

// tenants lets enterprises move in, as books that are taken over: each into a
// building that was finished on the day and had room. Some have left since.
func (l *loader) tenants(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(2008, 1006)) //nolint:gosec // the same year every time
	pool := map[region.Code][]*firm{}
	for _, office := range offices[:9] {
		all := slices.Concat(l.firms[office], l.others[office])
		all = slices.DeleteFunc(all, func(f *firm) bool { return f.sign }) // the one who seeks space today
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		pool[office] = all
	}
	var rows [][]string
	for _, c := range built {
		for _, part := range []struct {
			n   int64
			key bool
		}{{c.keyEntered, true}, {c.entered - c.keyEntered, false}} {
			here := slices.DeleteFunc(slices.Clone(l.sites), func(s *site) bool { return c.keyEntered > 0 && s.key != part.key })
			heft := make([]int64, len(here))
			for i, s := range here {
				heft[i] = s.room(c.year) / 100
			}
			for i, n := range share(part.n, heft, nil) {
				for range n {
					f := pool[here[i].office][0]
					pool[here[i].office] = pool[here[i].office][1:]
					row, err := here[i].let(rng, c.year, f.code, len(rows))
					if err != nil {
						return err
					}
					rows = append(rows, row)
				}
			}
		}
	}
	importer, err := l.Park.ImportTenants(ctx, l.official)
	if err != nil {
		return err
	}
	return land(ctx, park.TenantTable(), importer, "region park code building area entered left way", rows)
}

// room is what nobody has of the factories that are finished by the end of the year.
func (s *site) room(year int) (free int64) {
	for _, p := range s.plots {
		if p.ready(year) {
			free += p.free
		}
	}
	return free
}

// ready reports a factory that is finished by the end of the year.
func (p *plot) ready(year int) bool {
	return p.done != "" && p.done[:4] <= strconv.Itoa(year) && p.kind.Factory()
}

// let finds an enterprise room in one of the factories that were finished by the
// end of the year, and a day on which it moved in.
func (s *site) let(rng *rand.Rand, year int, code string, n int) ([]string, error) {
	for _, i := range rng.Perm(len(s.plots)) {
		p := s.plots[i]
		if !p.ready(year) || p.free < 500 {
			continue
		}
		area := min(int64(6+rng.IntN(20))*100, p.free)
		p.free -= area
		entered := max(p.done, fmt.Sprintf("%d-%02d-%02d", year, 1+rng.IntN(12), 1+rng.IntN(28)))
		left, way := "", ""
		if year == 2007 && n%11 == 3 {
			left, way = fmt.Sprintf("2008-%02d-%02d", 6+n%6, 1+n%28), string(park.Ways()[n/11%3])
		}
		return []string{string(s.town), s.name, code, p.name, strconv.FormatInt(area, 10), entered, left, way}, nil
	}
	return nil, fmt.Errorf("%s has no room left in %d", s.name, year)
}
