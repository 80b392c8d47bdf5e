package recognition

import (
	"math"
	"regexp"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// Permissions are all rights of this domain, each once.
func Permissions() []authz.Permission {
	all := append(CallLifecycle().Permissions(), Lifecycle().Permissions()...)
	return append(append(all, AwardLifecycle().Permissions()...), EditTitle, See, Declare, EndTie, Watch)
}

// CallLifecycle is the process of a call.
func CallLifecycle() flow.Lifecycle { return callLife }

// Lifecycle is the process of an application.
func Lifecycle() flow.Lifecycle { return life }

// AwardLifecycle is the process of an award.
func AwardLifecycle() flow.Lifecycle { return awardLife }

var callLife = flow.Lifecycle{
	Name: "recognition.call", States: []flow.State{CallOpen, CallClosed}, Start: CallOpen, Ends: []flow.State{CallClosed},
	Steps: []flow.Step{
		{Do: Announce, To: CallOpen, Who: "official"},
		{Do: Prolong, From: []flow.State{CallOpen}, To: CallOpen, Who: "official"},
		{Do: Close, From: []flow.State{CallOpen}, To: CallClosed, Who: "official", Guard: "decided"},
	},
}

var life = flow.Lifecycle{
	Name:   "recognition",
	States: []flow.State{Draft, Submitted, Checked, Reviewing, Scored, Publicised, Recognised, Refused, Withdrawn},
	Start:  Draft,
	Ends:   []flow.State{Recognised, Refused, Withdrawn},
	Steps: []flow.Step{
		{Do: Apply, To: Draft, Who: "applicant"},
		{Do: Apply, From: []flow.State{Draft}, To: flow.Stay, Who: "applicant"},
		{Do: Submit, From: []flow.State{Draft}, To: Submitted, Who: "applicant", Guard: "complete"},
		{Do: Check, From: []flow.State{Submitted}, To: Checked, Who: "centre", Guard: "conditions"},
		{Do: Return, From: []flow.State{Submitted, Checked}, To: Draft, Who: "centre"},
		{Do: Assign, From: []flow.State{Checked, Reviewing}, To: Reviewing, Who: "official", Guard: "conflict"},
		{Do: Review, From: []flow.State{Reviewing}, To: flow.Stay, Or: []flow.State{Scored}, Who: "expert", Guard: "blind"},
		{Do: Recuse, From: []flow.State{Reviewing}, To: flow.Stay, Or: []flow.State{Scored}, Who: "expert"},
		{Do: Exclude, From: []flow.State{Checked, Reviewing}, To: flow.Stay, Or: []flow.State{Scored}, Who: "official"},
		{Do: Publicise, From: []flow.State{Scored, Checked}, To: Publicised, Who: "official", Guard: "reviewed"},
		{Do: Object, From: []flow.State{Publicised}, To: flow.Stay, Who: "anyone"},
		{Do: Answer, From: []flow.State{Publicised}, To: flow.Stay, Who: "official"},
		{Do: Decide, From: []flow.State{Publicised}, To: Recognised, Who: "official", Guard: "publicity"},
		{Do: Refuse, From: []flow.State{Submitted, Checked, Scored, Publicised}, To: Refused, Who: "official"},
		{Do: Withdraw, From: []flow.State{Draft, Submitted, Checked, Reviewing, Scored, Publicised}, To: Withdrawn, Who: "applicant"},
	},
}

var awardLife = flow.Lifecycle{
	Name: "recognition.award", States: []flow.State{Valid, Rechecking, Revoked, Expired}, Start: Valid, Ends: []flow.State{Revoked, Expired},
	Steps: []flow.Step{
		{Do: Decide, To: Valid, Who: "official"},
		{Do: Report, From: []flow.State{Valid, Rechecking}, To: flow.Stay, Who: "applicant"},
		{Do: Recheck, From: []flow.State{Valid}, To: Rechecking, Who: "official"},
		{Do: Extend, From: []flow.State{Rechecking}, To: Valid, Who: "official"},
		{Do: Downgrade, From: []flow.State{Rechecking}, To: Valid, Who: "official", Guard: "below"},
		{Do: Revoke, From: []flow.State{Valid, Rechecking}, To: Revoked, Who: "official"},
		{Do: Expire, From: []flow.State{Valid, Rechecking}, To: Expired, Who: "system"},
	},
}

// on is what the right to a step of an application is checked against: the
// office that decides keeps most of them to itself.
func on(a *Application, do authz.Permission) authz.Target {
	switch do {
	case Withdraw: // nobody does that for them
		if a.Party.ID != "" {
			return authz.Target{}.Of(a.Party.Kind, a.Party.ID)
		}
		return a.Target()
	case Apply, Submit, See, Check, Return:
		return a.Target()
	default:
		return authz.At(a.Office)
	}
}

// awardOn is the same for an award: its holder reports, the office does the rest.
func awardOn(a *Award, do authz.Permission) authz.Target {
	if do == Report || do == See {
		return a.Target()
	}
	return authz.At(a.Office)
}

// CriteriaPrefix begins the id of every set of criteria of a title.
const CriteriaPrefix = "recognition."

var idForm = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+)*$`)

func (t *Title) check(kinds []string) error {
	var f fault.Fields
	t.Name.Zh, t.Name.En = strings.TrimSpace(t.Name.Zh), strings.TrimSpace(t.Name.En)
	f.Length("id", t.ID, 2, 60)
	if !f.Has("id") && !idForm.MatchString(t.ID) {
		f.Add("id", "recognition.field.id", "value", t.ID)
	}
	f.Length("name", t.Name.Zh, 2, 60)
	f.Length("name_en", t.Name.En, 0, 120)
	fault.Choice(&f, "subject", t.Subject, kinds)
	f.Length("grade", t.Grade, 0, 10)
	f.Length("below", t.Below, 0, 10)
	f.Range("months", int64(t.Months), 0, 240)
	f.Range("publicity", int64(t.Publicity), 0, 60)
	f.Range("reviewers", int64(t.Reviewers), 0, 30)
	f.Range("recheck", int64(t.Recheck), 0, 366)
	if t.ReportBy = strings.TrimSpace(t.ReportBy); t.ReportBy != "" {
		if _, err := time.Parse("01-02", t.ReportBy); err != nil {
			f.Add("report_by", "recognition.field.report_by", "value", t.ReportBy)
		}
	}
	return f.Err()
}

// bind makes the rules of a title as they are now those of an award's term.
func (t *Title) bind(w *Award) {
	w.ReportBy, w.RecheckFrom = t.ReportBy, ""
	if w.To != "" {
		w.RecheckFrom = flow.AddDays(w.To, -t.Recheck)
	}
}

// check checks a call that is published on the day.
func (c *Call) check(today string) error {
	var f fault.Fields
	c.Name, c.Document, c.Text = strings.TrimSpace(c.Name), strings.TrimSpace(c.Document), strings.TrimSpace(c.Text)
	f.Length("name", c.Name, 4, 80)
	f.Length("document", c.Document, 0, 120)
	f.Length("text", c.Text, 0, 2000)
	f.Day("opens", c.Opens)
	f.Day("closes", c.Closes)
	switch {
	case f.Has("opens") || f.Has("closes"):
		f.Range("year", int64(c.Year), 1978, 2100)
	case c.Closes < c.Opens:
		f.Add("closes", "recognition.field.closes", "opens", c.Opens)
	case c.Closes < today:
		f.Add("closes", "recognition.field.past", "today", today)
	default: // the round of a year may be held the year before or after
		f.Range("year", int64(c.Year), int64(flow.YearOf(c.Opens)-1), int64(flow.YearOf(c.Closes)+1))
	}
	f.Range("quota", int64(c.Quota), 0, 10_000)
	if !c.Office.Valid() {
		f.Add("office", "field.choice")
	}
	return f.Err()
}

// Field is the form name of a criterion's value.
func Field(id string) string { return "in_" + strings.ReplaceAll(id, ".", "_") }

// Asked are the values that an application is asked for, in order: those of the
// conditions, then those of rubric lines that take their points from a value.
func Asked(s *criteria.Set) []Ask {
	var all []Ask
	seen := map[string]bool{}
	add := func(a Ask) {
		if a.ID != "" && !seen[a.ID] {
			seen[a.ID] = true
			all = append(all, a)
		}
	}
	var rules func(r *criteria.Rule, optional bool)
	rules = func(r *criteria.Rule, optional bool) {
		for i := range r.All {
			rules(&r.All[i], optional)
		}
		for _, ways := range [][]criteria.Rule{r.Any, r.Of} {
			for i := range ways {
				rules(&ways[i], true)
			}
		}
		if r.Op != "" && r.Op != criteria.Judge {
			id := r.Input
			if id == "" {
				id = r.ID
			}
			add(Ask{ID: id, Name: r.Name, Unit: r.Unit, Kind: r.Kind, Most: r.Most, Flag: r.Op == criteria.Flag, Optional: optional})
		}
	}
	if s.Rule != nil {
		rules(s.Rule, false)
	}
	for _, it := range Lines(s) {
		if len(it.Bands) > 0 {
			add(Ask{ID: it.ID, Name: it.Name, Unit: it.Unit, Kind: it.Kind, Most: it.Most, Evidence: it.Evidence})
		}
	}
	return all
}

// Ask is one value that an application is asked for.
type Ask struct {
	ID       string
	Name     criteria.Words
	Unit     criteria.Words
	Kind     criteria.Kind // which numbers it can be; empty: as its unit says
	Most     *float64      // the most it can be; nil: as its unit and kind say
	Flag     bool          // yes or no
	Evidence bool          // counts only with a document
	Optional bool          // one of several ways to meet a condition: it may stay empty
}

// units are what is counted in whole numbers, and the most that can be so where a
// criterion does not say: the bounds only catch what was mistyped.
var units = map[string]struct {
	kind criteria.Kind
	most float64
}{
	"%": {criteria.Share, 100},
	"人": {criteria.Count, 1_000_000}, "人次": {criteria.Count, 10_000_000},
	"家": {criteria.Count, 1_000_000}, "户": {criteria.Count, 1_000_000}, "个": {criteria.Count, 1_000_000}, "种": {criteria.Count, 10_000},
	"次": {criteria.Count, 1_000_000}, "次/年": {criteria.Count, 1_000_000}, "家次": {criteria.Count, 10_000_000},
	"年": {criteria.Amount, 200}, "平方米": {criteria.Amount, 10_000_000}, "万元": {criteria.Amount, 100_000_000},
}

// The bounds of a growth, in per cent: there is no more to lose than everything,
// and what grew more than tenfold is looked at before it is entered.
const leastGrowth, mostGrowth = -100, 1000

// bounds are which numbers a value can be: the criterion's own word goes before
// what its unit means.
func (a *Ask) bounds() (kind criteria.Kind, least, most float64) {
	unit, known := units[a.Unit.Zh]
	kind, most = unit.kind, unit.most
	if !known {
		kind, most = criteria.Amount, 1e9
	}
	switch {
	case a.Kind == criteria.Growth:
		kind, least, most = a.Kind, leastGrowth, mostGrowth
	case a.Kind == criteria.Share:
		kind, most = a.Kind, 100
	case a.Kind != "":
		kind = a.Kind
		if unit.kind == criteria.Share {
			most = 1e9
		}
	}
	if a.Most != nil {
		most = *a.Most
	}
	return kind, least, most
}

// check tells a value that cannot be: an answer that is neither yes nor no, part of
// a person, less or more than the criterion can be.
func (a *Ask) check(f *fault.Fields, v float64) {
	if a.Flag {
		if v != 0 && v != 1 {
			f.Add(Field(a.ID), "field.choice")
		}
		return
	}
	kind, least, most := a.bounds()
	switch {
	case !(v >= least && v <= most):
		f.Add(Field(a.ID), "field.range", "min", int64(least), "max", int64(most))
	case kind == criteria.Count && v != math.Trunc(v):
		f.Add(Field(a.ID), "recognition.field.whole")
	}
}

// openGroups are the combined conditions (至少几项) that cannot be answered from what
// is known.
func openGroups(a criteria.Answer) []criteria.Answer {
	switch {
	case a.Verdict != criteria.Unknown || len(a.Parts) == 0:
		return nil
	case a.Rule.Any != nil || a.Rule.Of != nil:
		return []criteria.Answer{a}
	}
	var all []criteria.Answer
	for _, part := range a.Parts {
		all = append(all, openGroups(part)...)
	}
	return all
}

// Lines are the lines of a set's rubric, without their groups.
func Lines(s *criteria.Set) []*criteria.Item {
	var all []*criteria.Item
	var walk func(items []criteria.Item)
	walk = func(items []criteria.Item) {
		for i := range items {
			if len(items[i].Items) > 0 {
				walk(items[i].Items)
				continue
			}
			all = append(all, &items[i])
		}
	}
	if s.Score != nil {
		walk(s.Score.Items)
	}
	return all
}

// Judged are the rubric lines that reviewers give points for.
func Judged(s *criteria.Set) []*criteria.Item {
	var all []*criteria.Item
	for _, it := range Lines(s) {
		if len(it.Bands) == 0 {
			all = append(all, it)
		}
	}
	return all
}

// full is the most points of a line.
func full(it *criteria.Item) float64 {
	if it.Full == 0 {
		return 100
	}
	return it.Full
}

// Full is the most points that a reviewer may give a line.
func Full(it *criteria.Item) float64 { return full(it) }

// checkPoints tells every line that has no points, or points it cannot have.
func checkPoints(s *criteria.Set, points map[string]float64) fault.Fields {
	var f fault.Fields
	for _, it := range Judged(s) {
		p, ok := points[it.ID]
		switch {
		case !ok:
			f.Add(Field(it.ID), "field.required")
		case !(p >= 0 && p <= full(it)):
			f.Add(Field(it.ID), "recognition.field.points", "max", int(full(it)))
		}
	}
	return f
}

// mark scores an application with one reviewer's points.
func mark(s *criteria.Set, a *Application, points map[string]float64) criteria.Scored {
	if s.Score == nil {
		return criteria.Scored{}
	}
	in := a.Inputs.values()
	for id, p := range points {
		in[id] = criteria.Num(p)
	}
	evidence := map[string]bool{}
	for id, files := range a.Evidence {
		evidence[id] = len(files) > 0
	}
	return s.Score.Evaluate(in, evidence)
}

// hundredths are points as they are kept.
func hundredths(points float64) int { return int(points*100 + 0.5) }

// average is the mean of the totals and how far they lie apart, in hundredths.
func average(all []Scoring) (mean, spread int) {
	n, sum, least, most := 0, 0, 0, 0
	for _, s := range all {
		if s.State != Done {
			continue
		}
		if n == 0 {
			least, most = s.Total, s.Total
		}
		n, sum, least, most = n+1, sum+s.Total, min(least, s.Total), max(most, s.Total)
	}
	if n == 0 {
		return 0, 0
	}
	return (sum + n/2) / n, most - least
}

// reviewed reports whether enough reviewers have scored and none is still at it.
func reviewed(t *Terms, all []Scoring) bool {
	done := 0
	for _, s := range all {
		if s.State == Assigned {
			return false
		}
		if s.State == Done {
			done++
		}
	}
	return done >= t.Reviewers && done > 0
}
