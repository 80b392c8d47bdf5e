package recognitionweb

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// criteriaView is the form of one version of a title's criteria: rows of
// conditions and of rubric lines, with a few empty ones to add to.
type criteriaView struct {
	Title      recognition.Title
	Form       *web.Form
	Version    int // of the draft; 0 for a new one
	conditions int
	lines      int
	groups     int
	was        string         // the stamp of the draft that the form changes
	kept       *criteria.Set  // what the form begins from: what it has no field for stays
	at         map[string]row // where a part of the set was read from, by its path
}

// row is a row of the form: fields are named by its prefix, their own name and its
// number.
type row struct{ before, n string }

// part is a row of a combined condition.
type part struct {
	*criteria.Rule
	n  string
	at string // its path in the set
}

// spare is how many empty rows a form has.
const spare = 3

// most is how many rows of a kind a form may have.
const most = 60

func (s *Pages) criteriaOf(r *http.Request) (criteriaView, error) {
	by, v := web.Actor(r), criteriaView{}
	err := web.Staff(by, recognition.EditTitle)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, "recognition.criteria"); err != nil {
		return v, err
	}
	t, err := s.Recognition.Title(r.Context(), r.PathValue("id"))
	if err != nil {
		return v, err
	}
	v.Title = t.Title
	v.Version, _ = strconv.Atoi(r.FormValue("draft"))
	if v.Version > 0 {
		set, published, err := s.Recognition.Criteria(r.Context(), t.ID, v.Version)
		if err != nil {
			return v, err
		}
		if published {
			return v, fault.New(fault.Conflict, "criteria.published")
		}
		v.kept = set
		v.was, err = set.Stamp()
		return v, err
	}
	if base, _ := strconv.Atoi(r.PostFormValue("base")); base > 0 { // what the form was drawn from, whatever came since
		v.kept, _, err = s.Recognition.Criteria(r.Context(), t.ID, base)
		return v, err
	}
	// A new version begins from the one in force, else from the newest there is.
	if v.kept, err = s.Recognition.InForce(r.Context(), t.Title, s.Kit.Today()); !fault.Is(err, fault.NotFound) {
		return v, err
	}
	v.kept = &criteria.Set{Name: v.Title.Name}
	if len(t.Versions) > 0 {
		v.kept = t.Versions[0]
	}
	return v, nil
}

func (s *Pages) criteria(w http.ResponseWriter, r *http.Request) error {
	v, err := s.criteriaOf(r)
	if err != nil {
		return err
	}
	v.start()
	return s.Kit.Page(w, r, http.StatusOK, criteriaPage(web.Page(r), v))
}

// start fills the form with the version it begins from.
func (v *criteriaView) start() {
	f, set := v.Form, v.kept
	f.Start("name", set.Name.Zh).Start("name_en", set.Name.En).Start("from", set.From).Start("to", set.To).
		Start("law", set.Source.Law).Start("number", set.Source.Number).Start("source_grade", orDefault(set.Source.Grade, "A")).
		Start("draft", itoa(v.Version))
	if set.Rule != nil {
		v.startRule(set.Rule)
	}
	if set.Score != nil {
		v.startScore(set.Score)
	}
	v.roomy()
}

// startRule fills in the conditions, those in groups first.
func (v *criteriaView) startRule(rule *criteria.Rule) {
	f := v.Form
	for _, part := range parts(combined(rule), 0) {
		f.Start("k_name"+part.n, part.Name.Zh).Start("k_name_en"+part.n, part.Name.En)
		if part.Need != nil {
			f.Start("k_need"+part.n, number(*part.Need))
		}
		if part.Upper != nil {
			f.Start("k_upper"+part.n, number(*part.Upper))
		}
		if part.Of != nil {
			f.Start("k_min"+part.n, itoa(part.Min))
		}
	}
	for _, c := range plain(rule) {
		v.conditions++
		n := itoa(v.conditions)
		f.Start("c_id"+n, c.ID).Start("c_name"+n, c.Name.Zh).Start("c_name_en"+n, c.Name.En).Start("c_op"+n, string(c.Op)).
			Start("c_unit"+n, c.Unit.Zh).Start("c_unit_en"+n, c.Unit.En).Start("c_kind"+n, string(c.Kind))
		if c.Need != nil {
			f.Start("c_need"+n, number(*c.Need))
		}
	}
}

// startScore fills in the rubric.
func (v *criteriaView) startScore(score *criteria.Scorecard) {
	f := v.Form
	f.Start("pass", number(score.Pass)).Start("bonus_cap", number(score.BonusCap))
	if score.Source != nil {
		f.Start("card_law", score.Source.Law).Start("card_number", score.Source.Number).Start("card_grade", score.Source.Grade)
	}
	for _, it := range score.Items {
		if len(it.Items) > 0 {
			v.groups++
			n := itoa(v.groups)
			f.Start("g_name"+n, it.Name.Zh).Start("g_name_en"+n, it.Name.En)
			if it.Floor > 0 {
				f.Start("g_floor"+n, number(it.Floor))
			}
		}
		for _, line := range linesOf(it) {
			v.lines++
			v.startLine(itoa(v.lines), it, line)
		}
	}
}

// roomy adds a few empty rows.
func (v *criteriaView) roomy() {
	v.conditions, v.lines, v.groups = min(v.conditions+spare, most), min(v.lines+spare, most), min(v.groups+1, most)
}

func (v *criteriaView) startLine(n string, group, it criteria.Item) {
	f := v.Form
	if len(group.Items) > 0 {
		f.Start("s_group"+n, group.Name.Zh)
	}
	f.Start("s_id"+n, it.ID).Start("s_name"+n, it.Name.Zh).Start("s_name_en"+n, it.Name.En).Start("s_weight"+n, number(it.Weight)).
		Start("s_guide"+n, it.Guide.Zh).Start("s_bands"+n, bandsText(it.Bands)).Start("s_unit"+n, it.Unit.Zh)
	if it.Floor > 0 {
		f.Start("s_floor"+n, number(it.Floor))
	}
	if it.Evidence {
		f.Start("s_evidence"+n, "1")
	}
	if it.Bonus {
		f.Start("s_bonus"+n, "1")
	}
}

func orDefault(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// all are the conditions that all have to be met.
func all(r *criteria.Rule) []criteria.Rule {
	switch {
	case r == nil:
		return nil
	case r.All != nil:
		return r.All
	default:
		return []criteria.Rule{*r}
	}
}

// formed reports a condition that the form has a row for: it compares with a number,
// or is a yes or no.
func formed(c criteria.Rule) bool {
	switch c.Op {
	case criteria.AtLeast, criteria.More, criteria.AtMost, criteria.Less, criteria.Flag, criteria.Judge:
		return c.Than == ""
	default:
		return false
	}
}

// plain are the conditions that stand for themselves.
func plain(r *criteria.Rule) []criteria.Rule {
	return slices.DeleteFunc(slices.Clone(all(r)), func(c criteria.Rule) bool { return !formed(c) })
}

// combined are the others, copied: their names and thresholds are changed, how they
// are combined stays.
func combined(r *criteria.Rule) []criteria.Rule {
	return copied(slices.DeleteFunc(slices.Clone(all(r)), formed))
}

func copied(rules []criteria.Rule) []criteria.Rule {
	out := slices.Clone(rules)
	for i := range out {
		out[i].All, out[i].Any, out[i].Of = copied(out[i].All), copied(out[i].Any), copied(out[i].Of)
	}
	return out
}

// parts are combined conditions row by row, with all that is in them; before is how
// many conditions of the set stand before them.
func parts(rules []criteria.Rule, before int) []part {
	var list []part
	var walk func(r *criteria.Rule, at string)
	walk = func(r *criteria.Rule, at string) {
		list = append(list, part{r, itoa(len(list) + 1), at})
		for i := range r.All {
			walk(&r.All[i], fmt.Sprintf("%s.all.%d", at, i))
		}
		for i := range r.Any {
			walk(&r.Any[i], fmt.Sprintf("%s.any.%d", at, i))
		}
		for i := range r.Of {
			walk(&r.Of[i], fmt.Sprintf("%s.of.%d", at, i))
		}
	}
	for i := range rules {
		walk(&rules[i], fmt.Sprintf("rule.all.%d", before+i))
	}
	return list
}

// readParts changes combined conditions to what was typed.
func (v *criteriaView) readParts(list []part) {
	f := v.Form
	for _, p := range list {
		v.at[p.at] = row{"k_", p.n}
		if p.Name.Zh != "" && f.Text("k_name"+p.n) == "" {
			f.Wrong("k_name"+p.n, "field.required")
		}
		p.Name = criteria.Words{Zh: f.Text("k_name" + p.n), En: f.Text("k_name_en" + p.n)}
		for name, value := range map[string]**float64{"k_need": &p.Need, "k_upper": &p.Upper} {
			if *value == nil {
				continue
			}
			if f.Text(name+p.n) == "" {
				f.Wrong(name+p.n, "criteria.check.threshold")
			}
			n := float64(f.Decimal(name+p.n, 2)) / 100
			*value = &n
		}
		if p.Of != nil {
			p.Min = int(f.Int("k_min" + p.n))
		}
	}
}

func linesOf(it criteria.Item) []criteria.Item {
	if len(it.Items) == 0 {
		return []criteria.Item{it}
	}
	return it.Items
}

// bandsText writes bands as people type them: 90=100; 80=85; =20.
func bandsText(bands []criteria.Band) string {
	var parts []string
	for _, b := range bands {
		from := ""
		if b.From != nil {
			from = number(*b.From)
		}
		parts = append(parts, from+"="+number(b.Points))
	}
	return strings.Join(parts, "; ")
}

// readBands reads them; false when one cannot be read.
func readBands(s string) ([]criteria.Band, bool) {
	var bands []criteria.Band
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ';' || r == '；' || r == '\n' }) {
		from, points, ok := strings.Cut(part, "=")
		n, err := strconv.ParseFloat(strings.TrimSpace(points), 64)
		if !ok || err != nil {
			return nil, false
		}
		b := criteria.Band{Points: n}
		if from = strings.TrimSpace(from); from != "" {
			at, err := strconv.ParseFloat(from, 64)
			if err != nil {
				return nil, false
			}
			b.From = &at
		}
		bands = append(bands, b)
	}
	return bands, true
}

// read is the set as it was typed. Empty rows are left out.
func (v *criteriaView) read() criteria.Set {
	f := v.Form
	v.at = map[string]row{}
	set := criteria.Set{
		Tiers:   v.kept.Tiers,
		Version: v.Version, Name: criteria.Words{Zh: f.Text("name"), En: f.Text("name_en")}, From: web.FormDay(f, "from"), To: web.FormDay(f, "to"),
		Source: criteria.Source{Law: f.Text("law"), Number: f.Text("number"), Grade: f.Text("source_grade")},
	}
	if set.Source.Law == v.kept.Source.Law && set.Source.Number == v.kept.Source.Number {
		set.Source.Article = v.kept.Source.Article
	}
	rule := criteria.Rule{Name: criteria.Words{Zh: "申报条件", En: "Conditions"}}
	if v.kept.Rule != nil && v.kept.Rule.All != nil {
		rule = *v.kept.Rule
		rule.All = nil
	}
	for n := 1; n <= most; n++ {
		if v.empty(itoa(n), "c_name", "c_id", "c_need") {
			continue
		}
		v.conditions = n
		v.at[fmt.Sprintf("rule.all.%d", len(rule.All))] = row{"c_", itoa(n)}
		rule.All = append(rule.All, v.readCondition(itoa(n)))
	}
	kept := combined(v.kept.Rule)
	v.readParts(parts(kept, len(rule.All)))
	rule.All = append(rule.All, kept...)
	if len(rule.All) > 0 {
		set.Rule = &rule
	}
	card := criteria.Scorecard{Pass: float64(f.Decimal("pass", 2)) / 100, BonusCap: float64(f.Decimal("bonus_cap", 2)) / 100}
	for n := 1; n <= most; n++ {
		if v.empty(itoa(n), "s_name", "s_id", "s_weight") {
			continue
		}
		v.lines = n
		line, group := v.readLine(itoa(n)), f.Text("s_group"+itoa(n))
		v.at[v.join(&card, group, line)] = row{"s_", itoa(n)}
	}
	v.readGroups(&card)
	if law := f.Text("card_law"); law != "" {
		card.Source = &criteria.Source{Law: law, Number: f.Text("card_number"), Grade: f.Text("card_grade")}
		if old := v.kept.Score; old != nil && old.Source != nil && old.Source.Law == law && old.Source.Number == card.Source.Number {
			card.Source.Article = old.Source.Article
		}
	}
	if len(card.Items) > 0 {
		set.Score = &card
	}
	v.roomy()
	return set
}

// readGroups gives the groups of a rubric their minimums and their names in English.
func (v *criteriaView) readGroups(card *criteria.Scorecard) {
	f := v.Form
	for n := 1; n <= most; n++ {
		name, floor := f.Text("g_name"+itoa(n)), float64(f.Decimal("g_floor"+itoa(n), 2))/100
		if v.empty(itoa(n), "g_name", "g_floor") {
			continue
		}
		v.groups = n
		i := slices.IndexFunc(card.Items, func(it criteria.Item) bool { return it.Name.Zh == name && len(it.Items) > 0 })
		if i < 0 {
			if floor > 0 {
				f.Wrong("g_name"+itoa(n), "recognition.field.group_none")
			}
			continue
		}
		card.Items[i].Floor, card.Items[i].Name.En = floor, f.Text("g_name_en"+itoa(n))
		v.at[fmt.Sprintf("score.items.%d", i)] = row{"g_", itoa(n)}
	}
}

// empty reports a row that nothing was typed into.
func (v *criteriaView) empty(n string, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return v.Form.Text(name+n) != "" })
}

func (v *criteriaView) readCondition(n string) criteria.Rule {
	f := v.Form
	c := criteria.Rule{
		ID: f.Text("c_id" + n), Op: criteria.Op(f.Text("c_op" + n)), Name: criteria.Words{Zh: f.Text("c_name" + n), En: f.Text("c_name_en" + n)},
		Unit: criteria.Words{Zh: f.Text("c_unit" + n), En: f.Text("c_unit_en" + n)}, Kind: criteria.Kind(f.Text("c_kind" + n)),
	}
	switch {
	case f.Text("c_need"+n) == "":
	case c.Op == criteria.Flag || c.Op == criteria.Judge:
		f.Wrong("c_need"+n, "recognition.field.no_number")
	default:
		need := float64(f.Decimal("c_need"+n, 2)) / 100
		c.Need = &need
	}
	if old := v.before(n, c); old != nil { // what the form has no field for stays
		c.Source, c.Input, c.Most = old.Source, old.Input, old.Most
		if c.Op == old.Op {
			c.Met, c.Unmet, c.Ask = old.Met, old.Unmet, old.Ask
		}
	}
	return c
}

// before is the condition that a row was filled with, as long as it is still that
// one by its id or its name; nil for a new one.
func (v *criteriaView) before(n string, c criteria.Rule) *criteria.Rule {
	list := plain(v.kept.Rule)
	if i := slices.IndexFunc(list, func(old criteria.Rule) bool { return old.ID == c.ID }); i >= 0 {
		return &list[i]
	}
	if i, err := strconv.Atoi(n); err == nil && i <= len(list) && list[i-1].Name.Zh == c.Name.Zh {
		return &list[i-1]
	}
	return nil
}

func (v *criteriaView) readLine(n string) criteria.Item {
	f := v.Form
	it := criteria.Item{
		ID: f.Text("s_id" + n), Name: criteria.Words{Zh: f.Text("s_name" + n), En: f.Text("s_name_en" + n)},
		Guide: criteria.Words{Zh: f.Text("s_guide" + n)}, Weight: float64(f.Decimal("s_weight"+n, 2)) / 100,
		Floor: float64(f.Decimal("s_floor"+n, 2)) / 100, Unit: criteria.Words{Zh: f.Text("s_unit" + n)},
		Evidence: f.Tick("s_evidence" + n), Bonus: f.Tick("s_bonus" + n),
	}
	for _, old := range recognition.Lines(v.kept) { // what the form has no field for stays
		if old.ID == it.ID {
			it.Full, it.Kind, it.Most = old.Full, old.Kind, old.Most
			if it.Guide.Zh == old.Guide.Zh {
				it.Guide.En = old.Guide.En
			}
			if it.Unit.Zh == old.Unit.Zh {
				it.Unit.En = old.Unit.En
			}
		}
	}
	bands, ok := readBands(f.Text("s_bands" + n))
	if !ok {
		f.Wrong("s_bands"+n, "recognition.field.bands")
	}
	it.Bands = bands
	return it
}

// join puts a line into its group, which is made when it is the first of it, and
// answers the line's path in the set.
func (v *criteriaView) join(card *criteria.Scorecard, group string, line criteria.Item) string {
	if group == "" {
		card.Items = append(card.Items, line)
		return fmt.Sprintf("score.items.%d", len(card.Items)-1)
	}
	i := slices.IndexFunc(card.Items, func(it criteria.Item) bool { return it.Name.Zh == group && len(it.Items) > 0 })
	if i < 0 {
		g := criteria.Item{ID: "group" + itoa(len(card.Items)+1), Name: criteria.Words{Zh: group}}
		if v.kept.Score != nil {
			for _, old := range v.kept.Score.Items {
				if old.Name.Zh == group && len(old.Items) > 0 {
					g.ID, g.Name = old.ID, old.Name
				}
			}
		}
		card.Items = append(card.Items, g)
		i = len(card.Items) - 1
	}
	card.Items[i].Items = append(card.Items[i].Items, line)
	card.Items[i].Weight += line.Weight
	return fmt.Sprintf("score.items.%d.items.%d", i, len(card.Items[i].Items)-1)
}

// field is the form's field for a path in the set, empty for what has none.
func (v *criteriaView) field(path string) string {
	switch path {
	case "name", "from", "to":
		return path
	case "source":
		return "law"
	case "score.pass":
		return "pass"
	case "score.bonus_cap":
		return "bonus_cap"
	case "score.source":
		return "card_law"
	}
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return ""
	}
	at, ok := v.at[path[:i]]
	if !ok {
		return ""
	}
	name := path[i+1:]
	if name == "of" {
		name = "min"
	}
	return at.before + name + at.n
}

// broken notes what is wrong with the set where it was typed.
func (v *criteriaView) broken(err error) bool {
	if v.Form.Err() != nil { // what cannot be read is said first
		return true
	}
	for _, b := range fault.FieldsOf(err) {
		v.Form.Wrong(v.field(b.Name), b.Key, b.Args...)
	}
	return v.Form.Err() != nil || v.Form.Refused(err)
}

// problems are the form's, led by the row they are in.
func (v criteriaView) problems(p web.P) []ui.Problem {
	all := v.Form.Problems()
	for i, b := range all {
		for _, kind := range []struct{ before, key string }{
			{"c_", "recognition.page.condition.n"}, {"s_", "recognition.page.line.n"}, {"k_", "recognition.page.part.n"}, {"g_", "recognition.page.group.n"},
		} {
			if strings.HasPrefix(b.Field, kind.before) {
				name := strings.TrimRight(b.Field, "0123456789")
				label := p.T("recognition.page.row.field", "row", p.T(kind.key, "n", strings.TrimPrefix(b.Field, name)), "field", p.T("recognition.criteria."+name))
				all[i].Text = p.T("web.errsum.line", "label", label, "words", b.Text)
			}
		}
	}
	return all
}

func (s *Pages) saveCriteria(w http.ResponseWriter, r *http.Request) error {
	v, err := s.criteriaOf(r)
	if err != nil {
		return err
	}
	set := v.read()
	if err = v.Form.Err(); err == nil {
		_, err = s.Recognition.DraftCriteria(r.Context(), web.Actor(r), s.Home, v.Title.ID, set, v.Form.Text("was"))
	}
	if v.broken(err) {
		if !fault.Is(err, fault.Stale) { // after that the present one goes along: sent again, it is taken
			v.was = v.Form.Text("was")
		}
		return s.Kit.Page(w, r, v.Form.Status(), criteriaPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "recognition.criteria.saved")
	return web.SeeOther(w, r, titleHref(v.Title.ID))
}
