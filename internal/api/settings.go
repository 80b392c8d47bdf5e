package api

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/region"
)

// settings are the operations by which an office adjusts the program and looks
// after it (设置): calendar, limits, the audit trail, jobs. Size rules are beside
// them in sizerule.go.
type settings struct {
	flow *flow.Service
	db   *db.DB
	jobs *jobs.Jobs
	home region.Code
}

func (s settings) operations() []operation {
	const write = "setting:write"
	return []operation{
		reads("getCalendar", "/calendar/{year}", words{"一年的工作日历", "The working-day calendar of a year"}, s.calendar).public(),
		changes("setCalendar", "PUT /calendar/{year}", words{"录入一年的日历", "Set the calendar of a year"}, s.setCalendar, s.showCalendar).needs(write),
		reads("listLimits", "/limits", words{"办理时限", "Time limits"}, s.limits).public(),
		changes("changeLimit", "POST /limits", words{"调整时限", "Put a new limit in force"}, s.changeLimit, s.showLimits).needs(write),
		lists("listAudit", "/audit", words{"审计记录", "The audit trail"}, s.audit).needs("audit:read"),
		reads("verifyAudit", "/audit/verification", words{"核对审计记录", "Check the audit trail's hashes"}, s.verify).needs("audit:read"),
		reads("listJobs", "/jobs", words{"后台任务", "Background jobs"}, s.jobList).needs("job:read"),
		lists("listJobRuns", "/job-runs", words{"任务运行记录", "Runs of jobs"}, s.runs).needs("job:read"),
	}
}

// wide refuses whoever does not hold the right over the whole site.
func (s settings) wide(c *Call, may authz.Permission) error {
	if !c.By.May(may, authz.At(s.home)) {
		return fault.Closed()
	}
	return nil
}

// Calendar is the days of a year that differ from Monday to Friday.
type Calendar struct {
	Year   int    `json:"year" doc:"年份|The year"`
	Known  bool   `json:"known" doc:"这一年的节假日录入过|Its holidays are on file"`
	Source string `json:"source" doc:"出处|The notice they come from"`
	Days   []Day  `json:"days" doc:"和平常不一样的日子|The days that differ"`
}

// Day is one of them.
type Day struct {
	On     string `json:"on" doc:"哪一天|The day"`
	Kind   string `json:"kind" enum:"rest,work" doc:"休或班|Off or worked"`
	Name   string `json:"name" doc:"节日|The holiday"`
	NameEn string `json:"name_en" doc:"节日的英文名|Its English name"`
}

type yearAsked struct {
	Year int `path:"year" doc:"年份|The year"`
}

func (s settings) calendar(ctx context.Context, _ *Call, in *yearAsked) (Calendar, error) {
	years, err := flow.LoadYears(ctx, s.db)
	if err != nil {
		return Calendar{}, err
	}
	out := Calendar{Year: in.Year, Days: []Day{}}
	i := slices.IndexFunc(years, func(y flow.Year) bool { return y.Year == in.Year })
	if i < 0 {
		return out, nil
	}
	out.Known, out.Source = true, years[i].Source
	calendar, err := s.flow.Calendar(ctx)
	if err != nil {
		return Calendar{}, err
	}
	for day := strconv.Itoa(in.Year) + "-01-01"; day <= strconv.Itoa(in.Year)+"-12-31"; day = flow.AddDays(day, 1) {
		if d, ok := calendar.Special(day); ok {
			out.Days = append(out.Days, Day{d.On, string(d.Kind), d.Name, d.NameEn})
		}
	}
	return out, nil
}

func (s settings) showCalendar(ctx context.Context, c *Call, _ string) (Calendar, error) {
	year, err := strconv.Atoi(c.Path("year"))
	if err != nil {
		return Calendar{}, fault.Missing()
	}
	return s.calendar(ctx, c, &yearAsked{year})
}

type calendarSet struct {
	yearAsked
	Body struct {
		Source string `json:"source" maxLength:"200" doc:"出处，如国务院办公厅的文号|The notice"`
		Days   []struct {
			On     string `json:"on" doc:"哪一天|The day"`
			Kind   string `json:"kind" enum:"rest,work" doc:"休或班|Off or worked"`
			Name   string `json:"name" doc:"节日|The holiday"`
			NameEn string `json:"name_en,omitempty" doc:"节日的英文名|Its English name"`
		} `json:"days" maxItems:"366" doc:"和平常不一样的日子|The days that differ"`
	}
}

func (s settings) setCalendar(ctx context.Context, c *Call, in *calendarSet) error {
	var bad fault.Fields
	var days []flow.Day
	for i, d := range in.Body.Days {
		at := "/days/" + strconv.Itoa(i)
		if !flow.IsDay(d.On) || d.On[:4] != strconv.Itoa(in.Year) {
			bad.Add(at+"/on", "field.date", "value", clip(d.On))
		}
		if d.Kind != string(flow.Rest) && d.Kind != string(flow.Work) {
			bad.Add(at+"/kind", "field.choice")
		}
		if slices.ContainsFunc(days, func(o flow.Day) bool { return o.On == d.On }) {
			bad.Add(at+"/on", "api.field.twice")
		}
		days = append(days, flow.Day{On: d.On, Kind: flow.Kind(d.Kind), Name: line(d.Name), NameEn: line(d.NameEn)})
	}
	if len(days) == 0 {
		bad.Add("days", "flow.calendar.empty")
	}
	if line(in.Body.Source) == "" {
		bad.Add("source", "field.required")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.flow.SetYear(ctx, c.By, in.Year, line(in.Body.Source), days)
}

// TimeLimit is how long a step may take.
type TimeLimit struct {
	Type           string `json:"type" doc:"什么事|The matter"`
	Step           string `json:"step" doc:"哪一步|The step"`
	Amount         int    `json:"amount" doc:"多久|How long"`
	Unit           string `json:"unit" enum:"workday,day,hour" doc:"单位|In which unit"`
	Extension      int    `json:"extension" doc:"一次能延长多久，0 不能延长|What one extension adds; 0 for none"`
	Remind         int    `json:"remind" doc:"还剩多久时提醒，0 不提醒|Remind when so much is left; 0 for no reminder"`
	SuperviseAfter int    `json:"supervise_after" doc:"超过几个工作日告知上级|Working days overdue before the level above is told"`
	From           string `json:"valid_from" doc:"从哪一天起|In force from this day"`
	To             string `json:"valid_to" doc:"到哪一天为止，不含；还在用时为空|No longer from this day; empty while in force"`
	Source         string `json:"source" doc:"依据|Law or source"`
}

func (s settings) limits(ctx context.Context, c *Call, _ *struct{}) (page[TimeLimit], error) {
	return s.showLimits(ctx, c, "")
}

func (s settings) showLimits(ctx context.Context, _ *Call, _ string) (page[TimeLimit], error) {
	list, err := s.flow.Limits(ctx)
	return pageOf(list, "", func(l flow.Limit) TimeLimit {
		return TimeLimit{
			Type: l.Type, Step: l.Step, Amount: l.Amount, Unit: string(l.Unit), Extension: l.Extension, Remind: l.Remind,
			SuperviseAfter: l.SuperviseAfter, From: l.From, To: l.To, Source: l.Source,
		}
	}), err
}

type limitChange struct {
	Body struct {
		Type      string `json:"type" doc:"什么事|The matter"`
		Step      string `json:"step" doc:"哪一步|The step"`
		Amount    int    `json:"amount" doc:"多久|How long"`
		Unit      string `json:"unit" enum:"workday,day,hour" doc:"单位|In which unit"`
		Extension int    `json:"extension,omitempty" doc:"一次能延长多久|What one extension adds"`
		Remind    int    `json:"remind,omitempty" doc:"还剩多久时提醒|Remind when so much is left"`
		From      string `json:"valid_from" doc:"从哪一天起|In force from this day"`
		Source    string `json:"source,omitempty" doc:"依据|Law or source"`
	}
}

func (s settings) changeLimit(ctx context.Context, c *Call, in *limitChange) error {
	all, err := s.flow.Limits(ctx)
	if err != nil {
		return err
	}
	b := in.Body
	i := slices.IndexFunc(all, func(l flow.Limit) bool { return l.Type == b.Type && l.Step == b.Step })
	if i < 0 {
		return fault.Fields{{Name: "step", Key: "field.choice"}}.Err()
	}
	next := all[i] // who is told, and after how long, stays
	next.Amount, next.Unit, next.Extension, next.Remind, next.From, next.Source = b.Amount, flow.Unit(b.Unit), b.Extension, b.Remind, b.From, line(b.Source)
	return s.flow.Change(ctx, c.By, next)
}

// AuditEntry is one line of the trail.
type AuditEntry struct {
	Lane       int             `json:"lane" doc:"分道|Lane"`
	Seq        int             `json:"seq" doc:"序号|Number in the lane"`
	At         string          `json:"at" format:"date-time" doc:"时间|When"`
	ActorKind  string          `json:"actor_kind" doc:"谁，哪一类|What sort of actor"`
	ActorID    string          `json:"actor_id" doc:"谁|Who"`
	Action     string          `json:"action" doc:"做了什么|What was done"`
	RecordKind string          `json:"record_kind" doc:"哪一类记录|The kind of record"`
	RecordID   string          `json:"record_id" doc:"哪一条|Which one"`
	Region     string          `json:"region" doc:"在哪里|Where"`
	Detail     json.RawMessage `json:"detail" doc:"详情|Details"`
	Hash       string          `json:"hash" doc:"哈希值|Its hash"`
}

type auditFilter struct {
	paging
	Since  string `query:"since" doc:"从哪一天起|From this day on"`
	Until  string `query:"until" doc:"到哪一天为止，含|Up to and with this day"`
	Actor  string `query:"actor" doc:"谁|Id of who acted"`
	Action string `query:"action" doc:"做了什么|What was done"`
	Kind   string `query:"kind" doc:"哪一类记录|The kind of record"`
	Record string `query:"record" doc:"哪一条记录|Id of the record"`
}

func (s settings) audit(ctx context.Context, c *Call, in *auditFilter) (page[AuditEntry], error) {
	scope := c.By.Scope(account.SeeAudit)
	if c.By.May(account.SeeAudit, authz.At(s.home)) {
		scope = authz.Unbounded("the auditor of the whole site sees its whole trail")
	}
	if scope.Empty() {
		return page[AuditEntry]{}, fault.Closed()
	}
	var bad fault.Fields
	f := gate.Filter{Action: in.Action, Record: gate.Record{Kind: in.Kind, ID: in.Record}}
	if in.Actor != "" {
		f.Actors = []string{in.Actor}
	}
	f.Since = startOf("since", in.Since, 0, &bad)
	f.Before = startOf("until", in.Until, 1, &bad)
	if err := bad.Err(); err != nil {
		return page[AuditEntry]{}, err
	}
	list, next, err := gate.List(ctx, s.db, scope, f, in.page())
	if err != nil {
		return page[AuditEntry]{}, err
	}
	p := pageOf(list, next, func(e gate.Entry) AuditEntry {
		return AuditEntry{
			Lane: int(e.Lane), Seq: int(e.Seq), At: instant(db.Time(e.At)), ActorKind: e.ActorKind, ActorID: e.ActorID, Action: e.Action,
			RecordKind: e.RecordKind, RecordID: e.RecordID, Region: e.Region, Detail: json.RawMessage(e.Detail), Hash: e.Hash,
		}
	})
	p.Total, err = in.count(func() (int, error) {
		n, err := gate.Count(ctx, s.db, scope, f)
		return int(n), err
	})
	return p, err
}

// startOf is the instant a day begins, or the one so many days later; 0 for none.
func startOf(name, on string, later int, bad *fault.Fields) int64 {
	if on == "" {
		return 0
	}
	if !flow.IsDay(on) {
		bad.Add(name, "field.date", "value", clip(on))
		return 0
	}
	return db.Millis(dayStart(flow.AddDays(on, later)))
}

// Verification is what checking the trail found.
type Verification struct {
	Intact  bool   `json:"intact" doc:"完整|Nothing was altered, removed or added"`
	Entries int    `json:"entries" doc:"核对了几条|How many entries were checked"`
	Broken  string `json:"broken" doc:"从哪里起对不上，完整时为空|Where it first does not hold; empty when intact"`
}

func (s settings) verify(ctx context.Context, c *Call, _ *struct{}) (Verification, error) {
	if err := s.wide(c, account.SeeAudit); err != nil {
		return Verification{}, err
	}
	n, err := gate.Verify(ctx, s.db)
	if broken, ok := errors.AsType[*gate.Break](err); ok {
		return Verification{Entries: int(n), Broken: broken.Error()}, nil
	}
	return Verification{Intact: err == nil, Entries: int(n)}, err
}

// JobKind is a kind of job and how it stands.
type JobKind struct {
	Name     string `json:"name" doc:"名称|Name"`
	Periodic bool   `json:"periodic" doc:"按时自动运行|It runs by the clock"`
	Waiting  int    `json:"waiting" doc:"等着的|Waiting"`
	Running  int    `json:"running" doc:"在运行的|Running"`
	GivenUp  int    `json:"given_up" doc:"七天里放弃的|Given up in seven days"`
}

func (s settings) jobList(ctx context.Context, c *Call, _ *struct{}) (page[JobKind], error) {
	if err := s.wide(c, jobs.See); err != nil {
		return page[JobKind]{}, err
	}
	backlogs, err := jobs.Backlogs(ctx, s.db)
	return pageOf(s.jobs.Kinds(), "", func(k jobs.Kind) JobKind {
		out := JobKind{Name: k.Name, Periodic: k.Periodic()}
		for _, b := range backlogs {
			if b.Kind == k.Name {
				out.Waiting, out.Running, out.GivenUp = int(b.Waiting), int(b.Running), int(b.GivenUp)
			}
		}
		return out
	}), err
}

// JobRun is one attempt at a job.
type JobRun struct {
	ID      string          `json:"id" doc:"编号|Its id"`
	Kind    string          `json:"kind" doc:"哪一类|The kind"`
	Attempt int             `json:"attempt" doc:"第几次|Which attempt"`
	Started string          `json:"started" format:"date-time" doc:"开始时间|When it began"`
	Ended   string          `json:"ended" doc:"结束时间，还在运行时为空|When it ended; empty while it runs"`
	Outcome string          `json:"outcome" doc:"结果|Outcome"`
	Counts  json.RawMessage `json:"counts" doc:"数出的|What it counted"`
	Error   string          `json:"error" doc:"出了什么错|What went wrong"`
}

type runFilter struct {
	paging
	Kind    string `query:"kind" doc:"哪一类任务|The kind of job"`
	Outcome string `query:"outcome" doc:"结果|Outcome"`
}

func (s settings) runs(ctx context.Context, c *Call, in *runFilter) (page[JobRun], error) {
	if err := s.wide(c, jobs.See); err != nil {
		return page[JobRun]{}, err
	}
	list, next, err := jobs.Runs(ctx, s.db, jobs.Filter{Kind: in.Kind, Outcome: jobs.Outcome(in.Outcome)}, in.page())
	return pageOf(list, next, func(r jobs.Run) JobRun {
		return JobRun{
			ID: r.ID, Kind: r.Kind, Attempt: r.Attempt, Started: instant(db.Time(r.Started)), Ended: instant(db.Time(r.Ended)),
			Outcome: string(r.Outcome), Counts: json.RawMessage(orElse(r.Counts, "{}")), Error: r.Error,
		}
	}), err
}
