package techplatform

import (
	"context"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/xfer"
)

// WorkTable is what platforms did, as a spreadsheet (技术服务记录): one line for each
// service, with all the enterprises it was for. Lines come in as they go out.
func WorkTable() *xfer.Table {
	return &xfer.Table{Name: "technology-service", Title: "tech.table.work", Columns: []xfer.Column{
		{Key: "platform", Label: "tech.column.platform", Required: true, Example: "科行公司技术平台", Hint: "tech.column.platform_hint"},
		{Key: "kind", Label: "tech.column.kind", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(ServiceKinds())},
		{Key: "on", Label: "tech.column.on", Type: xfer.Date, Required: true, Example: "2008-06-18"},
		{Key: "title", Label: "tech.column.title", Required: true, Example: "除尘效率检测"},
		{Key: "enterprises", Label: "tech.column.enterprises", Type: xfer.Code, Required: true, Example: "71526726-X；19220382-1", Hint: "tech.column.enterprises_hint"},
		{Key: "names", Label: "tech.column.names", Type: xfer.Note},
		{Key: "fee", Label: "tech.column.fee", Type: xfer.Money, Example: "1200"},
		{Key: "state", Label: "tech.column.state", Type: xfer.Choice, Options: xfer.OptionsOf([]WorkState{WorkState(WorkWaiting), WorkState(WorkCounted)}), Hint: "tech.column.state_hint"},
	}}
}

// ImportWorks lands rows of WorkTable as an actor (导入技术服务记录). A row that says
// what is on file already — the same platform, day, kind, title, fee and
// enterprises, not returned — changes nothing; any other is a new piece of work,
// which counts when an office brings it and does not say that it waits.
func (s *Service) ImportWorks(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	base, err := s.sheet(by, RecordWork)
	if err != nil {
		return nil, err
	}
	i := &workImporter{base}
	i.Sort, i.Write = i.sort, i.write
	return i, nil
}

type workImporter struct{ sheet }

// workLine is what a row says, and once it is sorted what it is about.
type workLine struct {
	platform string
	codes    []string // of the enterprises, in their machine form
	waits    bool     // it says so
	landing
}

func (i *workImporter) Prepare(r *xfer.Row) {
	l := &workLine{platform: r.Text("platform"), landing: landing{work: Work{
		Kind: ServiceKind(r.Pick("kind")), On: r.Day("on"), Title: r.Text("title"),
	}}}
	l.work.Fee = r.Amount("fee")
	l.waits = r.Pick("state") == string(WorkWaiting)
	l.codes = codesOf(r.Code("enterprises"), func(code string) { r.Break("enterprises", "tech.import.code", "value", code) })
	r.Value = l
}

// codesOf are the enterprises' numbers in a list as people write it, in their
// machine form; wrong is told of what is none.
func codesOf(list string, wrong func(code string)) []string {
	var codes []string
	for _, code := range xfer.Listed(list) {
		if id, err := enterprise.Parse(code); err != nil {
			wrong(code)
		} else {
			codes = append(codes, id.Value)
		}
	}
	return codes
}

// Clients are the enterprises of a list of numbers, with commas, semicolons or
// lines between: whom a service was for. What is no number, or on nobody's
// licence, is Invalid under enterprises. Being on the register is no secret.
func (s *Service) Clients(ctx context.Context, codes string) ([]string, error) {
	var f fault.Fields
	list := codesOf(codes, func(code string) { f.Add("enterprises", "tech.import.code", "value", code) })
	firms, _, err := byCode(ctx, s.db, list)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, code := range list {
		if firms[code] == "" && !f.Has("enterprises") {
			f.Add("enterprises", "tech.import.unknown", "value", code)
		}
		ids = append(ids, firms[code])
	}
	return ids, f.Err()
}

func (i *workImporter) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	known, err := i.platforms(ctx, r, rows)
	if err != nil {
		return err
	}
	var codes []string
	for _, row := range rows {
		codes = append(codes, row.Value.(*workLine).codes...)
	}
	firms, at, err := byCode(ctx, r, codes)
	if err != nil {
		return err
	}
	var days []string
	for _, row := range rows {
		l := row.Value.(*workLine)
		l.of, l.work.Enterprises = nil, nil
		for _, code := range l.codes {
			if id := firms[code]; id != "" {
				l.work.Enterprises = append(l.work.Enterprises, id)
			} else {
				row.Break("enterprises", "tech.import.unknown", "value", code)
			}
		}
		i.place(row, l, known[l.platform])
		if len(row.Bad) > 0 {
			var from since
			if l.of != nil {
				from = since{l.of.Founded, "tech.field.founded"}
			}
			row.BreakAll("", l.work.check(from, i.s.today()))
			continue
		}
		row.BreakAll("", l.work.check(since{l.of.Founded, "tech.field.founded"}, i.s.today()))
		l.find(at)
		row.Outcome = xfer.New
		days = append(days, l.work.On)
	}
	return i.repeated(ctx, r, rows, days)
}

// place finds the platform that a row names and its level on the day.
func (i *workImporter) place(row *xfer.Row, l *workLine, all []*placed) {
	switch {
	case l.platform == "":
	case len(all) == 0:
		row.Break("platform", "tech.import.platform", "value", l.platform)
	case len(all) > 1:
		row.Break("platform", "tech.import.several", "value", l.platform)
	case !i.by.May(RecordWork, all[0].Target()):
		row.Break("platform", "xfer.row.foreign", "value", l.platform)
	default:
		l.of, l.level = &all[0].Platform, levelOn(all[0].terms, l.work.On)
		l.counts = officeOf(i.by, l.of) && !l.waits
	}
}

// placed is a platform with its terms.
type placed struct {
	Platform
	terms []Term
}

// platforms are those that the rows may be about, by name, as far as the actor
// sees them.
func (i *workImporter) platforms(ctx context.Context, r db.Reader, rows []*xfer.Row) (map[string][]*placed, error) {
	var names []any
	for _, row := range rows {
		if name := row.Value.(*workLine).platform; !slices.Contains(names, any(name)) {
			names = append(names, name)
		}
	}
	where, args := i.by.Scope(See).SQL(platformScope())
	byName := map[string][]*placed{}
	day := i.s.today()
	for part := range slices.Chunk(names, 500) {
		var found []platformRow
		if err := r.Select(ctx, &found, `SELECT `+platformColumns+fromPlatform+` WHERE `+where+` AND p.name IN (`+db.Marks(len(part))+`)`,
			slices.Concat([]any{day, day}, args, part)...); err != nil {
			return nil, err
		}
		for n := range found {
			p := &placed{Platform: found[n].platform()}
			var err error
			if p.terms, err = terms(ctx, r, p.ID); err != nil {
				return nil, err
			}
			byName[p.Name] = append(byName[p.Name], p)
		}
	}
	return byName, nil
}

// byCode finds the enterprises of the numbers, or of the organisation code in one.
func byCode(ctx context.Context, r db.Reader, all []string) (map[string]string, map[string]served, error) {
	org := func(code string) string {
		if len(code) == 18 {
			return code[8:17]
		}
		return code
	}
	var codes []any
	seen := map[string]bool{}
	for _, code := range all {
		if !seen[code] {
			seen[code] = true
			codes = append(codes, code)
		}
	}
	byValue, byOrg, at := map[string]string{}, map[string]string{}, map[string]served{}
	for part := range slices.Chunk(codes, 300) {
		orgs := make([]any, len(part))
		for n, code := range part {
			orgs[n] = org(code.(string))
		}
		if err := r.Each(ctx, func(rows *sqlx.Rows) error {
			var firm served
			var value, org string
			err := rows.Scan(&firm.ID, &firm.Region, &value, &org)
			byValue[value], byOrg[org], at[firm.ID] = firm.ID, firm.ID, firm
			return err
		}, `SELECT e.id, e.region, i.value, i.org_code FROM enterprise_identifier i JOIN enterprise e ON e.id = i.enterprise_id
			WHERE e.alias_of = '' AND e.status <> 'closed' AND (i.value IN (`+db.Marks(len(part))+`) OR i.org_code IN (`+db.Marks(len(orgs))+`))`,
			slices.Concat(part, orgs)...); err != nil {
			return nil, nil, err
		}
	}
	found := map[string]string{}
	for code := range seen {
		if found[code] = byValue[code]; found[code] == "" {
			found[code] = byOrg[org(code)]
		}
	}
	return found, at, nil
}

// repeated notes the rows that say what is on file already, or what a row before
// them says.
func (i *workImporter) repeated(ctx context.Context, r db.Reader, rows []*xfer.Row, days []string) error {
	if len(days) == 0 {
		return nil
	}
	where, args := i.by.Scope(See).SQL(workScope())
	onFile := map[string]*Work{}
	if err := r.Each(ctx, func(rows *sqlx.Rows) error {
		var w Work
		var firm string
		if err := rows.Scan(&w.ID, &w.Platform, &w.Kind, &w.On, &w.Title, &w.Fee, &firm); err != nil {
			return err
		}
		if onFile[w.ID] == nil {
			onFile[w.ID] = &w
		}
		onFile[w.ID].Enterprises = append(onFile[w.ID].Enterprises, firm)
		return nil
	}, `SELECT w.id, w.platform_id, w.kind, w.done_on, w.title, w.fee, e.enterprise_id FROM techplatform_work w
		JOIN techplatform_work_enterprise e ON e.work_id = w.id
		WHERE w.state IN ('waiting', 'counted') AND w.done_on >= ? AND w.done_on <= ? AND `+where+` ORDER BY w.id, e.enterprise_id`,
		append([]any{slices.Min(days), slices.Max(days)}, args...)...); err != nil {
		return err
	}
	same := map[string]bool{}
	for _, w := range onFile {
		same[w.words()] = true
	}
	once := xfer.Once{}
	for _, row := range rows {
		l := row.Value.(*workLine)
		if len(row.Bad) > 0 || l.of == nil {
			continue
		}
		w := l.work
		w.Platform = l.of.ID
		if once.Taken(row, w.words()) {
			continue
		}
		if same[w.words()] {
			row.Outcome = xfer.Unchanged
		} else if from := i.s.sinceFor(i.by, l.of); w.On < from.day {
			row.Break("on", from.key, "day", from.day)
		}
	}
	return nil
}

// words are what a piece of work is known by.
func (w *Work) words() string {
	firms := slices.Sorted(slices.Values(w.Enterprises))
	return strings.Join(append([]string{string(w.Platform), string(w.Kind), w.On, w.Title, xfer.Yuan(&w.Fee)}, firms...), "\x00")
}

func (i *workImporter) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	all := make([]landing, len(rows))
	for n, r := range rows {
		all[n] = r.Value.(*workLine).landing
	}
	return i.s.land(ctx, tx, b, i.by, all)
}

// ExportWorks writes what the platforms within the actor's reach did, the newest
// first (导出技术服务记录), without what was returned or withdrawn.
func (s *Service) ExportWorks(ctx context.Context, by authz.Actor, f WorkFilter, put func(cells []string) error) error {
	f.Withdrawn = false
	return db.Pages(func(page db.Page) ([]Work, string, error) { return s.Works(ctx, by.Scope(See), f, page) },
		func(list []Work) error { return s.putWorks(ctx, list, put) })
}

func (s *Service) putWorks(ctx context.Context, list []Work, put func(cells []string) error) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]any, len(list))
	for n := range list {
		ids[n] = list[n].ID
	}
	firms, names, platforms := map[string][]string{}, map[string][]string{}, map[string]string{}
	if err := s.db.Each(ctx, func(rows *sqlx.Rows) error {
		var work, platform, name, code string
		err := rows.Scan(&work, &platform, &name, &code)
		platforms[work] = platform
		firms[work], names[work] = append(firms[work], code), append(names[work], name)
		return err
	}, `SELECT w.id, p.name AS platform, e.name, COALESCE((SELECT MAX(i.value) FROM enterprise_identifier i WHERE i.enterprise_id = e.id AND i.kind = 'uscc'),
			(SELECT MAX(i.value) FROM enterprise_identifier i WHERE i.enterprise_id = e.id AND i.kind = 'org'),
			(SELECT MAX(i.value) FROM enterprise_identifier i WHERE i.enterprise_id = e.id), '') AS code
		FROM techplatform_work w JOIN techplatform p ON p.id = w.platform_id JOIN techplatform_work_enterprise x ON x.work_id = w.id
		JOIN enterprise e ON e.id = x.enterprise_id WHERE w.id IN (`+db.Marks(len(ids))+`) ORDER BY w.id, e.name, e.id`, ids...); err != nil {
		return err
	}
	for n := range list {
		w := &list[n]
		if w.State == WorkReturned {
			continue
		}
		if err := put([]string{
			platforms[w.ID], string(w.Kind), w.On, w.Title, strings.Join(firms[w.ID], "；"), strings.Join(names[w.ID], "；"), xfer.Amount(w.Fee), string(w.State),
		}); err != nil {
			return err
		}
	}
	return nil
}
