package workbench

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// The years a calendar may be of.
const (
	firstCalendarYear = 2000
	lastCalendarYear  = 2100
)

// yearView is the calendar of one year.
type yearView struct {
	year     int
	known    bool
	notice   flow.Year
	years    []int // to choose from, the newest first
	days     []flow.Day
	calendar *flow.Calendar
	story    []ui.Event
}

// monthGrid is a month in weeks that begin on Monday.
type monthGrid struct {
	n     int
	weeks [][7]dayCell
}

// dayCell is a day of a month; the zero cell lies outside it.
type dayCell struct {
	n       int
	special flow.Day
	rest    bool
	today   bool
}

func (s *Settings) calendar(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, flow.SetCalendar); err != nil {
		return err
	}
	ctx, p := r.Context(), web.Page(r)
	v := yearView{year: s.Kit.Clock().In(flow.Shanghai()).Year()}
	if n, err := strconv.Atoi(r.FormValue("year")); err == nil && n >= firstCalendarYear && n <= lastCalendarYear {
		v.year = n
	}
	var err error
	if v.calendar, err = s.Flow.Calendar(ctx); err != nil {
		return err
	}
	v.known, v.days = v.calendar.Known(v.year), daysOf(v.calendar, v.year)
	on, err := flow.LoadYears(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, y := range on {
		v.years = append(v.years, y.Year)
		if y.Year == v.year {
			v.notice = y
		}
	}
	if len(v.years) > 0 {
		v.years = append([]int{v.years[0] + 1}, v.years...)
	}
	v.story, err = s.story(ctx, p, gate.Record{Kind: "calendar", ID: strconv.Itoa(v.year)}, func(detail map[string]any) string {
		return p.T("settings.calendar.did", "n", detail["days"], "source", detail["source"])
	})
	if err != nil {
		return err
	}
	p.Title = p.T("settings.calendar.of", "year", v.year)
	return s.Kit.Page(w, r, http.StatusOK, calendarPage(p, v))
}

// daysOf are the days of a year that differ from the plain week.
func daysOf(c *flow.Calendar, year int) []flow.Day {
	var days []flow.Day
	for day := fmt.Sprintf("%d-01-01", year); day <= fmt.Sprintf("%d-12-31", year); day = flow.AddDays(day, 1) {
		if d, ok := c.Special(day); ok {
			days = append(days, d)
		}
	}
	return days
}

// monthsOf draws a year.
func monthsOf(c *flow.Calendar, year int, today string) []monthGrid {
	months := make([]monthGrid, 12)
	for m := range months {
		months[m].n = m + 1
		first := time.Date(year, time.Month(m+1), 1, 0, 0, 0, 0, time.UTC)
		var week [7]dayCell
		for d := first; d.Month() == first.Month(); d = d.AddDate(0, 0, 1) {
			column := (int(d.Weekday()) + 6) % 7
			if column == 0 && d.Day() > 1 {
				months[m].weeks = append(months[m].weeks, week)
				week = [7]dayCell{}
			}
			on := d.Format(time.DateOnly)
			cell := dayCell{n: d.Day(), rest: !c.Workday(on), today: on == today}
			cell.special, _ = c.Special(on)
			week[column] = cell
		}
		months[m].weeks = append(months[m].weeks, week)
	}
	return months
}

// holidayLine is one holiday of a year: when it rests, and which weekend days
// are worked for it.
type holidayLine struct {
	name       string
	rest, work []string
}

// holidaysOf puts the days of a year together by their holiday.
func holidaysOf(p ui.P, days []flow.Day) []holidayLine {
	var lines []holidayLine
	last := map[string]int{} // of a name, where its line is
	end := map[string]string{}
	for _, d := range days {
		name := d.Name
		if p.English() && d.NameEn != "" {
			name = d.NameEn
		}
		at, ok := last[name]
		if !ok || d.On > flow.AddDays(end[name], 30) { // the next year's New Year begins in December
			lines = append(lines, holidayLine{name: name})
			at = len(lines) - 1
			last[name] = at
		}
		end[name] = d.On
		if d.Kind == flow.Rest {
			lines[at].rest = append(lines[at].rest, d.On)
		} else {
			lines[at].work = append(lines[at].work, d.On)
		}
	}
	begins := func(l holidayLine) string { return slices.Concat(l.rest, l.work)[0] } // its exchanged days may come long before
	slices.SortStableFunc(lines, func(a, b holidayLine) int { return strings.Compare(begins(a), begins(b)) })
	return lines
}

// holidayTable lists the holidays of a year.
func holidayTable(p ui.P, days []flow.Day) ui.Table {
	t := ui.Table{Caption: p.T("settings.calendar.holidays"), Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("settings.calendar.holiday")},
		{Label: p.T("settings.calendar.rests")},
		{Label: p.T("settings.calendar.days"), Num: true},
		{Label: p.T("settings.calendar.works")},
	}}
	for _, l := range holidaysOf(p, days) {
		var worked []string
		for _, day := range l.work {
			worked = append(worked, shortDay(p, day))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: l.name},
			{Text: runWords(p, l.rest)},
			{Text: strconv.Itoa(len(l.rest))},
			{Text: strings.Join(worked, p.T("web.list"))},
		}})
	}
	return t
}

// shortDay is a day with its weekday, without the year.
func shortDay(p ui.P, day string) string {
	t := ui.Day(day)
	p.Now = t // the year is in the page's heading
	return p.ShortLong(t)
}

// runWords writes days that follow each other as a span.
func runWords(p ui.P, days []string) string {
	var runs []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == flow.AddDays(days[j], 1) {
			j++
		}
		run := shortDay(p, days[i])
		if j > i {
			run = p.T("settings.run", "from", run, "to", shortDay(p, days[j]))
		}
		runs = append(runs, run)
		i = j + 1
	}
	return strings.Join(runs, p.T("web.list"))
}

// calendarForm asks for the announced days of a year.
func (s *Settings) calendarForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, flow.SetCalendar); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.calendar")
	if err != nil {
		return err
	}
	c, err := s.Flow.Calendar(r.Context())
	if err != nil {
		return err
	}
	year, err := strconv.Atoi(r.FormValue("year"))
	if err != nil || year < firstCalendarYear || year > lastCalendarYear {
		year = s.Kit.Clock().In(flow.Shanghai()).Year() + 1
	}
	f.Start("year", strconv.Itoa(year)).Start("text", csvOf(web.Page(r), daysOf(c, year)))
	return s.Kit.Page(w, r, http.StatusOK, calendarFormPage(web.Page(r), f, nil))
}

// csvOf writes days the way ParseDays reads them.
func csvOf(p ui.P, days []flow.Day) string {
	if len(days) == 0 {
		return ""
	}
	var b strings.Builder
	for _, d := range days {
		fmt.Fprintf(&b, "%s,%s,%s,%s\n", d.On, kindWord(p, d.Kind), d.Name, d.NameEn)
	}
	return b.String()
}

// kindWord is 休 or 班; rest or work.
func kindWord(p ui.P, k flow.Kind) string {
	if p.English() {
		return string(k)
	}
	return p.T(k.Key())
}

// yearInput is the calendar of a year as it was sent.
type yearInput struct {
	year   int
	source string
	text   string
	days   []flow.Day
	lines  []fault.Field // what is wrong in the text, line by line
}

// readYear reads the form; what is wrong is noted in it, each line of the text
// in lines.
func readYear(f *web.Form) (yearInput, error) {
	in := yearInput{year: int(f.Int("year")), source: f.Text("source"), text: f.Long("text")}
	file, _, err := f.File("upload")
	if err != nil {
		return in, err
	}
	if file != nil {
		raw, err := io.ReadAll(file)
		if err = errors.Join(err, file.Close()); err != nil {
			return in, err
		}
		in.text = string(raw)
	}
	if in.year < firstCalendarYear || in.year > lastCalendarYear {
		f.Wrong("year", "settings.calendar.year", "from", firstCalendarYear, "to", lastCalendarYear)
	}
	if in.source == "" {
		f.Wrong("source", "field.required")
	}
	if strings.TrimSpace(in.text) == "" {
		f.Wrong("text", "settings.calendar.empty")
		return in, nil
	}
	in.days, err = flow.ParseDays([]byte(in.text))
	if bad, ok := errors.AsType[*fault.Error](err); ok {
		in.lines = bad.Fields
	} else if err != nil {
		return in, err
	}
	yearBroken := slices.ContainsFunc(f.Problems(), func(q ui.Problem) bool { return q.Field == "year" })
	for _, d := range in.days {
		if !yearBroken && !strings.HasPrefix(d.On, strconv.Itoa(in.year)+"-") {
			in.lines = append(in.lines, fault.Field{Name: "text", Key: "settings.calendar.elsewhere", Args: []any{"day", d.On, "year", in.year}})
		}
	}
	if len(in.lines) > 0 {
		f.Wrong("text", "settings.calendar.bad_lines", "n", len(in.lines))
	}
	return in, nil
}

// calendarPreview shows what would change, or the form again.
func (s *Settings) calendarPreview(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.siteWide(r, flow.SetCalendar); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.calendar")
	if err != nil {
		return err
	}
	if f.Raw("again") != "" {
		return s.Kit.Page(w, r, http.StatusOK, calendarFormPage(web.Page(r), f, nil))
	}
	in, err := readYear(f)
	if err != nil {
		return err
	}
	if f.Err() != nil {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, calendarFormPage(web.Page(r), f, in.lines))
	}
	c, err := s.Flow.Calendar(r.Context())
	if err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = p.T("settings.calendar.preview", "year", in.year)
	v := yearView{year: in.year, known: c.Known(in.year), days: in.days, calendar: flow.NewCalendar(in.days, []int{in.year})}
	return s.Kit.Page(w, r, http.StatusOK, calendarPreviewPage(p, f, in, v, differences(p, daysOf(c, in.year), in.days)))
}

// differences is what the new days change against those on file.
func differences(p ui.P, old, fresh []flow.Day) ui.Table {
	t := ui.Table{Caption: p.T("settings.calendar.changes"), Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("settings.calendar.day")}, {Label: p.T("settings.calendar.was")}, {Label: p.T("settings.calendar.becomes")},
	}}
	was, will := map[string]flow.Day{}, map[string]flow.Day{}
	var all []string
	for _, d := range old {
		was[d.On] = d
		all = append(all, d.On)
	}
	for _, d := range fresh {
		will[d.On] = d
		all = append(all, d.On)
	}
	slices.Sort(all)
	for _, day := range slices.Compact(all) {
		if was[day].Kind == will[day].Kind && was[day].Name == will[day].Name {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Words(shortDay(p, day), dayWords(p, day, was[day]), dayWords(p, day, will[day]))})
	}
	return t
}

// dayWords says what a day is: 元旦 休, 上班.
func dayWords(p ui.P, day string, d flow.Day) string {
	if d.Kind != "" {
		name := d.Name
		if p.English() && d.NameEn != "" {
			name = d.NameEn
		}
		return strings.TrimSpace(name + " " + p.T(d.Kind.Key()))
	}
	if (&flow.Calendar{}).Workday(day) {
		return p.T("settings.calendar.plain.work")
	}
	return p.T("settings.calendar.plain.rest")
}

// calendarSave puts the days in force.
func (s *Settings) calendarSave(w http.ResponseWriter, r *http.Request) error {
	by, err := s.siteWide(r, flow.SetCalendar)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.calendar")
	if err != nil {
		return err
	}
	in, err := readYear(f)
	if err != nil {
		return err
	}
	if err = f.Err(); err == nil {
		err = s.Flow.SetYear(r.Context(), by, in.year, in.source, in.days)
	}
	if f.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, calendarFormPage(web.Page(r), f, in.lines))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "settings.calendar.saved", "year", in.year)
	return web.SeeOther(w, r, calendarHref(in.year))
}

func calendarHref(year int) string { return SettingsHome + "/calendar?year=" + strconv.Itoa(year) }
