package recognition

import (
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

func (c *Call) check() error {
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
			add(Ask{ID: id, Name: r.Name, Unit: r.Unit, Flag: r.Op == criteria.Flag, Optional: optional})
		}
	}
	if s.Rule != nil {
		rules(s.Rule, false)
	}
	for _, it := range Lines(s) {
		if len(it.Bands) > 0 {
			add(Ask{ID: it.ID, Name: it.Name, Unit: it.Unit, Evidence: it.Evidence})
		}
	}
	return all
}

// Ask is one value that an application is asked for.
type Ask struct {
	ID       string
	Name     criteria.Words
	Unit     criteria.Words
	Flag     bool // yes or no
	Evidence bool // counts only with a document
	Optional bool // one of several ways to meet a condition: it may stay empty
}

// mostShare bounds what is asked in per cent: a share has at most 100, and what
// grew more than tenfold is looked at before it is entered.
const mostShare = 1000

// check tells a value that cannot be: less than nothing, more than a share can be,
// an answer that is neither yes nor no.
func (a *Ask) check(f *fault.Fields, v float64) {
	switch {
	case a.Flag && v != 0 && v != 1:
		f.Add(Field(a.ID), "field.choice")
	case v < 0:
		f.Add(Field(a.ID), "recognition.field.negative")
	case a.Unit.Zh == "%" && v > mostShare:
		f.Add(Field(a.ID), "recognition.field.share", "max", mostShare)
	}
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
		case p < 0 || p > full(it):
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
