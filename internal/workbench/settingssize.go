package workbench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// sizeView is one set of size rules.
type sizeView struct {
	rules   enterprise.Rules
	set     enterprise.RuleSet // with the rows it takes over
	raw     enterprise.RuleSet // as it is kept
	version int                // of the operator's change, 0 for none
	doubts  []enterprise.Doubt
	story   []ui.Event
}

func (s *Settings) sizeRules(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, enterprise.EditRule); err != nil {
		return err
	}
	rules, err := s.Enterprises.Rules(r.Context())
	if err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = p.T("settings.size.title")
	t := ui.Table{Caption: p.Title, Hidden: true, Stack: true, Head: []ui.Col{
		{Label: p.T("settings.size.rule")},
		{Label: p.T("settings.size.for")},
		{Label: p.T("settings.size.span")},
		{Label: p.T("settings.size.doubtful"), Num: true},
		{Label: p.T("settings.size.state")},
	}}
	for _, set := range rules.Sets {
		version, err := s.Enterprises.RuleVersion(r.Context(), set.ID)
		if err != nil {
			return err
		}
		state := p.T("settings.size.own.no")
		if version > 0 {
			state = p.T("settings.size.own.yes", "n", version)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: set.Source.In(p.Lang), Href: sizeHref(set.ID)},
			{Text: usesWords(p, set)},
			{Text: spanWords(p, set.From, set.Until)},
			{Text: strconv.Itoa(len(doubtsOf(rules, set.ID)))},
			{Text: state},
		}})
	}
	return s.Kit.Page(w, r, http.StatusOK, sizeRulesPage(p, t))
}

func sizeHref(set string) string { return SettingsHome + "/size/" + set }

func doubtsOf(rules enterprise.Rules, set string) []enterprise.Doubt {
	return slices.DeleteFunc(rules.Doubts(), func(d enterprise.Doubt) bool { return d.Set != set })
}

// usesWords says what a set is for.
func usesWords(p ui.P, set enterprise.RuleSet) string {
	var uses []string
	for _, u := range set.Uses {
		uses = append(uses, p.T("enterprise.size.use."+string(u)))
	}
	return strings.Join(uses, p.T("web.list"))
}

// sizeOf reads the set that an address names.
func (s *Settings) sizeOf(r *http.Request) (sizeView, error) {
	var v sizeView
	if _, err := s.siteWide(r, enterprise.EditRule); err != nil {
		return v, err
	}
	var err error
	if v.rules, err = s.Enterprises.Rules(r.Context()); err != nil {
		return v, err
	}
	id := r.PathValue("set")
	at := slices.IndexFunc(v.rules.Sets, func(x enterprise.RuleSet) bool { return x.ID == id })
	if at < 0 {
		return v, fault.Missing()
	}
	v.raw = v.rules.Sets[at]
	v.set, _ = v.rules.Set(id)
	v.doubts = doubtsOf(v.rules, id)
	v.version, err = s.Enterprises.RuleVersion(r.Context(), id)
	return v, err
}

func (s *Settings) sizeSet(w http.ResponseWriter, r *http.Request) error {
	v, err := s.sizeOf(r)
	if err != nil {
		return err
	}
	p := web.Page(r)
	standard, err := enterprise.StandardRules()
	if err != nil {
		return err
	}
	before := enterprise.RuleSet{}
	for _, set := range standard.Sets {
		if set.ID == v.raw.ID {
			before = set
		}
	}
	v.story, err = s.story(r.Context(), p, gate.Record{Kind: enterprise.RuleKind, ID: v.raw.ID}, func(detail map[string]any) string {
		var after enterprise.RuleSet
		raw, err := json.Marshal(detail["rule"])
		if err != nil || json.Unmarshal(raw, &after) != nil {
			return ""
		}
		said := ruleChange(p, before, after)
		before = after
		return said
	})
	if err != nil {
		return err
	}
	p.Title = v.set.Source.In(p.Lang)
	return s.Kit.Page(w, r, http.StatusOK, sizeSetPage(p, v))
}

// ruleChange says what differs between two versions of a set.
func ruleChange(p ui.P, before, after enterprise.RuleSet) string {
	var said []string
	if before.From != after.From || before.Until != after.Until {
		said = append(said, spanWords(p, after.From, after.Until))
	}
	if before.Source != after.Source {
		said = append(said, p.T("settings.size.did.source"))
	}
	grades := before.FromGrade != after.FromGrade
	for _, row := range after.Rows {
		at := slices.IndexFunc(before.Rows, func(x enterprise.Row) bool { return x.ID == row.ID })
		if at < 0 {
			said = append(said, row.Name.In(p.Lang))
			continue
		}
		old := before.Rows[at]
		grades = grades || old.Grade != row.Grade
		if old.Article != row.Article {
			said = append(said, p.T("settings.size.did.article", "row", row.Name.In(p.Lang)))
		}
		for i, b := range row.Bounds {
			if i >= len(old.Bounds) || old.Bounds[i] != b {
				words := p.T("settings.size.did.bounds", "row", row.Name.In(p.Lang), "metric", p.T("enterprise.size.metric."+string(b.Metric)), "bounds", boundsWords(b))
				said = append(said, words)
			}
		}
	}
	if grades {
		said = append(said, p.T("settings.size.did.grade"))
	}
	if len(said) == 0 {
		return p.T("settings.size.did.nothing")
	}
	return strings.Join(said, p.T("web.semicolon"))
}

// boundsWords are the bounds in a row, the largest first.
func boundsWords(b enterprise.Bounds) string {
	words := fmt.Sprintf("%s / %s", ui.Commas(b.Large), ui.Commas(b.Medium))
	if b.Small > 0 {
		words += " / " + ui.Commas(b.Small)
	}
	return words
}

// boundsTable lists the thresholds of a set: a line for each figure of a row.
func boundsTable(p ui.P, v sizeView) ui.Table {
	t := ui.Table{Dense: true, Caption: p.T("settings.size.bounds"), Head: []ui.Col{
		{Label: p.T("settings.size.industry")},
		{Label: p.T("settings.size.metric")},
		{Label: p.T("enterprise.size.large"), Num: true},
		{Label: p.T("enterprise.size.medium"), Num: true},
		{Label: p.T("enterprise.size.small"), Num: true},
		{Label: p.T("settings.source"), Wide: true},
	}}
	owner := v.set.ID
	if v.set.Like != "" {
		owner = v.set.Like
	}
	for _, row := range v.set.Rows {
		for i, b := range row.Bounds {
			head, source := ui.Cell{}, ui.Cell{}
			if i == 0 {
				head = ui.Cell{Text: row.Name.In(p.Lang), Href: sizeHref(owner) + "/rows/" + row.ID}
				source = ui.Cell{Body: sourced(p, row.Article.In(p.Lang), row.Grade)}
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
				head,
				{Text: p.T("settings.size.metric.unit", "metric", p.T("enterprise.size.metric."+string(b.Metric)), "unit", metricUnit(p, b.Metric))},
				atLeast(b.Large), atLeast(b.Medium), atLeast(b.Small), source,
			}})
		}
	}
	return t
}

func atLeast(n int64) ui.Cell {
	if n == 0 {
		return ui.Cell{Text: "—", Faint: true}
	}
	return ui.Cell{Text: "≥ " + ui.Commas(n)}
}

func metricUnit(p ui.P, m enterprise.Metric) string {
	if m == enterprise.Employees {
		return p.T("settings.size.unit.person")
	}
	return p.T("settings.size.unit.wan")
}

// doubtLine is one thing whose source a person has to read.
func doubtLine(p ui.P, v sizeView, d enterprise.Doubt) string {
	_, grade := gradeTag(p, d.Grade)
	kind, rest, _ := strings.Cut(d.Part, " ")
	switch kind {
	case "from":
		return p.T("settings.size.doubt.from", "grade", grade)
	case "row":
		for _, row := range v.set.Rows {
			if row.ID == rest {
				rest = row.Name.In(p.Lang)
			}
		}
		return p.T("settings.size.doubt.row", "row", rest, "grade", grade)
	}
	edition, codes, _ := strings.Cut(rest, " ")
	return p.T("settings.size.doubt.industry", "edition", edition, "codes", codes, "row", rowOfCodes(p, v, edition, codes), "grade", grade)
}

// rowOfCodes is the name of the row that industry codes are sent to.
func rowOfCodes(p ui.P, v sizeView, edition, codes string) string {
	for _, m := range v.set.Industries[edition] {
		if m.Codes != codes {
			continue
		}
		for _, row := range v.set.Rows {
			if row.ID == m.Row {
				return row.Name.In(p.Lang)
			}
		}
		return p.T("enterprise.size." + m.Row)
	}
	return codes
}
