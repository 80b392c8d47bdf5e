package workbench

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// jobsPage is how many runs stand on a page.
const jobsPage = 40

// jobsView is the background jobs: every kind, or the runs of one.
type jobsView struct {
	kind    string
	outcome jobs.Outcome
	kinds   []jobs.Kind
	backlog map[string]jobs.Backlog
	last    map[string]jobs.Run // the newest of each kind
	runs    []jobs.Run
	next    string
}

func (s *Settings) jobList(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, SeeJobs); err != nil {
		return err
	}
	ctx, q, p := r.Context(), r.URL.Query(), web.Page(r)
	v := jobsView{
		kind: q.Get("kind"), outcome: jobs.Outcome(q.Get("outcome")), kinds: s.Jobs.Kinds(),
		backlog: map[string]jobs.Backlog{}, last: map[string]jobs.Run{},
	}
	p.Title = p.T("jobs.title")
	if v.kind != "" {
		p.Title = jobWords(p, v.kind)
	}
	var err error
	if v.kind != "" || v.outcome != "" {
		v.runs, v.next, err = jobs.Runs(ctx, s.DB, jobs.Filter{Kind: v.kind, Outcome: v.outcome}, db.Page{Limit: jobsPage, After: q.Get("after")})
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, http.StatusOK, runsPage(p, v, r.URL))
	}
	backlogs, err := jobs.Backlogs(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, b := range backlogs {
		v.backlog[b.Kind] = b
	}
	for _, k := range v.kinds {
		newest, _, err := jobs.Runs(ctx, s.DB, jobs.Filter{Kind: k.Name}, db.Page{Limit: 1})
		if err != nil {
			return err
		}
		if len(newest) > 0 {
			v.last[k.Name] = newest[0]
		}
	}
	for _, trouble := range []jobs.Outcome{jobs.GaveUp, jobs.Failed} {
		runs, _, err := jobs.Runs(ctx, s.DB, jobs.Filter{Outcome: trouble}, db.Page{Limit: 10})
		if err != nil {
			return err
		}
		v.runs = append(v.runs, runs...)
	}
	return s.Kit.Page(w, r, http.StatusOK, jobsIndex(p, v))
}

// jobWords is what a kind of job is called.
func jobWords(p ui.P, kind string) string {
	for _, key := range []string{jobs.Kind{Name: kind}.Key(), "settings.job." + kind} {
		if text.Has(key) {
			return p.T(key)
		}
	}
	return kind
}

func jobsHref(kind string) string { return SettingsHome + "/jobs?kind=" + kind }

// kindTable lists the kinds with how each stands.
func (v jobsView) kindTable(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("jobs.title"), Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("jobs.run.kind")},
		{Label: p.T("settings.jobs.when")},
		{Label: p.T("jobs.run.started")},
		{Label: p.T("jobs.run.outcome")},
		{Label: p.T("jobs.backlog.waiting"), Num: true},
		{Label: p.T("jobs.backlog.running"), Num: true},
		{Label: p.T("jobs.backlog.given_up"), Num: true},
	}}
	for _, k := range v.kinds {
		b, run := v.backlog[k.Name], v.last[k.Name]
		when := p.T("settings.jobs.asked")
		if k.Periodic() {
			when = p.T("settings.jobs.periodic")
		}
		row := []ui.Cell{{Text: jobWords(p, k.Name), Href: jobsHref(k.Name)}, {Text: when}, {Text: "—", Faint: true}, {Text: "—", Faint: true}}
		if run.ID != "" {
			row[2], row[3] = ui.Cell{Text: instant(p, run.Started)}, ui.Cell{Body: outcomeTag(p, run.Outcome)}
		}
		for _, n := range []int64{b.Waiting, b.Running, b.GivenUp} {
			row = append(row, ui.Cell{Text: ui.Commas(n), Faint: n == 0})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: row})
	}
	return t
}

// runTable lists runs.
func (v jobsView) runTable(p ui.P, caption string, kinds bool) ui.Table {
	t := ui.Table{Caption: caption, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("jobs.run.started")},
		{Label: p.T("jobs.run.kind")},
		{Label: p.T("settings.jobs.took")},
		{Label: p.T("jobs.run.attempt"), Num: true},
		{Label: p.T("jobs.run.outcome")},
		{Label: p.T("jobs.run.counts")},
		{Label: p.T("jobs.run.error")},
	}}
	for _, run := range v.runs {
		row := ui.Row{Cells: []ui.Cell{
			{Text: instant(p, run.Started)},
			{Text: jobWords(p, run.Kind), Href: jobsHref(run.Kind)},
			{Text: took(p, run)},
			{Text: strconv.Itoa(run.Attempt)},
			{Body: outcomeTag(p, run.Outcome)},
			{Text: countWords(p, run.Counts)},
			{Text: run.Error},
		}}
		if !kinds {
			row.Cells[1].Href = ""
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// took is how long a run lasted.
func took(p ui.P, run jobs.Run) string {
	if run.Ended == 0 {
		return "—"
	}
	return p.T("settings.jobs.seconds", "n", strconv.FormatFloat(time.Duration((run.Ended-run.Started)*int64(time.Millisecond)).Seconds(), 'f', 1, 64))
}

// countWords are what a run counted: 提醒 3，督办 1.
func countWords(p ui.P, counts string) string {
	all := map[string]int64{}
	if json.Unmarshal([]byte(counts), &all) != nil {
		return counts
	}
	var words []string
	for _, what := range slices.Sorted(maps.Keys(all)) {
		if all[what] == 0 {
			continue
		}
		name := what
		if key := "settings.counted." + what; text.Has(key) {
			name = p.T(key)
		}
		words = append(words, name+" "+ui.Commas(all[what]))
	}
	return strings.Join(words, p.T("web.list"))
}

// outcomeTone is the colour of an outcome.
func outcomeTone(o jobs.Outcome) ui.Tone {
	return map[jobs.Outcome]ui.Tone{jobs.Done: ui.Moss, jobs.Running: ui.Sea, jobs.Failed: ui.Reed, jobs.Lost: ui.Reed, jobs.GaveUp: ui.Crane}[o]
}
