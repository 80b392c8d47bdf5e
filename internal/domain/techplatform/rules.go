package techplatform

import (
	"slices"
	"time"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// What the numbers may be.
const (
	mostFen      = 100_000_000_00 // a hundred million yuan: no price or contribution is above
	mostFounders = 20
	mostServed   = 500 // enterprises of one piece of work
	step         = 30  // minutes: bookings begin and end on the half hour
	ahead        = 90  // days that can be booked
	midnight     = 24 * 60
)

func (p *Profile) check(today string) error {
	var f fault.Fields
	tidy(&p.Name, &p.Industry, &p.Address, &p.About)
	f.Length("name", p.Name, 2, 80)
	fault.Choice(&f, "kind", p.Kind, Kinds())
	if p.Institution == "" {
		f.Add("institution", "field.required")
	}
	switch {
	case p.Kind == InBase && p.Base == "":
		f.Add("base", "field.required")
	case p.Kind == Common && p.Base != "":
		f.Add("base", "tech.field.common")
	}
	if !oneOf(p.Functions, Functions()) {
		f.Add("functions", "field.choice")
	}
	f.Length("industry", p.Industry, 1, 30)
	if !p.Region.Valid() {
		f.Add("region", "field.choice")
	}
	f.Day("founded", p.Founded)
	notYet(&f, "founded", p.Founded, today)
	f.Length("address", p.Address, 0, 120)
	f.Length("about", p.About, 0, 1000)
	return f.Err()
}

// notYet notes a day that is still to come.
func notYet(f *fault.Fields, name, day, today string) {
	if !f.Has(name) && day > today {
		f.Add(name, "tech.field.future", "value", day)
	}
}

// checkFounders checks who set a platform up. Broken fields are named by the
// founder's place in the list: founders.2.name.
func checkFounders(all []Founder) error {
	var f fault.Fields
	if len(all) > mostFounders {
		f.Add("founders", "field.range", "min", 0, "max", mostFounders)
	}
	for n := range all[:min(len(all), mostFounders)] {
		at := func(name string) string { return fault.InItem("founders", n, name) }
		one := &all[n]
		tidy(&one.Name, &one.Note)
		f.Length(at("name"), one.Name, 2, 80)
		fault.Choice(&f, at("kind"), one.Kind, FounderKinds())
		fault.Choice(&f, at("what"), one.What, Contributions())
		f.Money(at("amount"), one.Amount, 0, mostFen)
		f.Length(at("note"), one.Note, 0, 200)
	}
	return f.Err()
}

func (t *Term) check() error {
	var f fault.Fields
	tidy(&t.Document)
	fault.Choice(&f, "level", t.Level, append(Levels(), NoLevel))
	f.Day("from", t.From)
	f.OptionalDay("to", t.To)
	if t.To != "" && !f.Has("to") && t.To <= t.From {
		f.Add("to", "tech.field.order")
	}
	f.Length("document", t.Document, 2, 120)
	return f.Err()
}

func (s *Offering) check() error {
	var f fault.Fields
	tidy(&s.Name, &s.Description, &s.Unit)
	fault.Choice(&f, "kind", s.Kind, ServiceKinds())
	f.Length("name", s.Name, 2, 60)
	f.Length("description", s.Description, 0, 1000)
	f.Money("price", s.Price, 0, mostFen)
	f.Length("unit", s.Unit, 1, 10)
	f.Range("free_share", int64(s.FreeShare), 0, 100)
	return f.Err()
}

func (i *Instrument) check() error {
	var f fault.Fields
	tidy(&i.Name, &i.Model, &i.About)
	f.Length("name", i.Name, 2, 60)
	f.Length("model", i.Model, 0, 60)
	f.Length("about", i.About, 0, 500)
	f.Money("price", i.Price, 0, mostFen)
	halfHour(&f, "opens", i.Opens)
	halfHour(&f, "closes", i.Closes)
	if !f.Has("opens") && !f.Has("closes") && i.Closes <= i.Opens {
		f.Add("closes", "tech.field.closes")
	}
	return f.Err()
}

// halfHour checks a time of the day.
func halfHour(f *fault.Fields, name string, minutes int) {
	if minutes < 0 || minutes > midnight || minutes%step != 0 {
		f.Add(name, "tech.field.half_hour")
	}
}

// bookable says what is wrong with a booking of the instrument at the moment now;
// worked tells which days are.
func (i *Instrument) bookable(s Slot, now time.Time, worked func(string) bool) error {
	var f fault.Fields
	f.Day("day", s.Day)
	halfHour(&f, "from", s.From)
	halfHour(&f, "to", s.To)
	if len(f) > 0 {
		return f.Err()
	}
	last := flow.AddDays(flow.DayOf(now), ahead)
	switch {
	case s.To <= s.From:
		f.Add("to", "tech.field.closes")
	case s.begins().Before(now):
		f.Add("day", "tech.field.past", "value", s.Day+" "+Clock(s.From))
	case s.Day > last:
		f.Add("day", "tech.field.far", "last", last)
	case !i.Weekends && !worked(s.Day):
		f.Add("day", "tech.field.rest", "value", s.Day)
	case s.From < i.Opens || s.To > i.Closes:
		f.Add("from", "tech.field.hours", "from", Clock(i.Opens), "to", Clock(i.Closes))
	}
	return f.Err()
}

// Free is what of a day is left of the instrument's hours, in order: nothing on a
// day it is not open, nothing before the moment now.
func (i *Instrument) Free(day string, taken []Slot, now time.Time, worked bool) []Slot {
	if i.Ended || !worked && !i.Weekends {
		return nil
	}
	from := i.Opens
	switch today := flow.DayOf(now); {
	case day < today:
		return nil
	case day == today: // the next half hour to begin
		at := now.In(flow.Shanghai())
		from = max(from, (at.Hour()*60+at.Minute()+step-1)/step*step)
	}
	busy := slices.Clone(taken)
	busy = slices.DeleteFunc(busy, func(s Slot) bool { return s.Day != day })
	slices.SortFunc(busy, func(a, b Slot) int { return a.From - b.From })
	var free []Slot
	for _, b := range append(busy, Slot{day, i.Closes, i.Closes}) {
		if end := min(b.From, i.Closes); end > from {
			free = append(free, Slot{day, from, end})
		}
		from = max(from, b.To)
	}
	return free
}

func (w *Wish) check(today string) error {
	var f fault.Fields
	tidy(&w.Title, &w.Text)
	if w.Service == "" {
		f.Add("service", "field.required")
	}
	f.Length("title", w.Title, 2, 60)
	f.Length("text", w.Text, 4, 1000)
	f.OptionalDay("wanted_by", w.WantedBy)
	if w.WantedBy != "" && !f.Has("wanted_by") && w.WantedBy < today {
		f.Add("wanted_by", "field.past", "value", w.WantedBy)
	}
	return f.Err()
}

// check is told when the order came in and, of a booked instrument, for which day.
func (d *Delivery) check(placed, booked, today string) error {
	var f fault.Fields
	tidy(&d.Report)
	f.Day("on", d.On)
	switch {
	case f.Has("on"):
	case d.On > today:
		f.Add("on", "tech.field.future", "value", d.On)
	case d.On < placed || d.On < booked:
		f.Add("on", "tech.field.early", "day", max(placed, booked))
	}
	f.Length("report", d.Report, 2, 1000)
	f.Money("fee", d.Fee, 0, mostFen)
	if d.Free && d.Fee > 0 {
		f.Add("fee", "tech.field.free")
	}
	return f.Err()
}

func (r *Rating) check() error {
	var f fault.Fields
	tidy(&r.Words)
	f.Range("score", int64(r.Score), 1, 5)
	f.Length("words", r.Words, 0, 300)
	return f.Err()
}

func (b *Base) check(today string) error {
	var f fault.Fields
	tidy(&b.Name, &b.Industry, &b.About)
	f.Length("name", b.Name, 2, 80)
	if !b.Region.Valid() {
		f.Add("region", "field.choice")
	}
	f.Length("industry", b.Industry, 1, 30)
	f.Day("since", b.Since)
	notYet(&f, "since", b.Since, today)
	f.OptionalDay("ended", b.Ended)
	if b.Ended != "" && !f.Has("ended") && b.Ended <= b.Since {
		f.Add("ended", "tech.field.order")
	}
	f.Length("about", b.About, 0, 1000)
	return f.Err()
}

func (l *Link) check() error {
	var f fault.Fields
	if l.Platform == "" {
		f.Add("platform", "field.required")
	}
	if len(l.Functions) > 0 && !oneOf(l.Functions, Functions()) {
		f.Add("functions", "field.choice")
	}
	f.Day("since", l.Since)
	return f.Err()
}

// check is told since when the platform works.
func (w *Work) check(from since, today string) error {
	var f fault.Fields
	tidy(&w.Title)
	fault.Choice(&f, "kind", w.Kind, ServiceKinds())
	f.Day("on", w.On)
	switch {
	case f.Has("on"):
	case w.On > today:
		f.Add("on", "tech.field.future", "value", w.On)
	case w.On < from.day:
		f.Add("on", from.key, "day", from.day)
	}
	f.Length("title", w.Title, 2, 60)
	slices.Sort(w.Enterprises)
	w.Enterprises = slices.Compact(w.Enterprises)
	switch n := len(w.Enterprises); {
	case n == 0:
		f.Add("enterprises", "field.required")
	case n > mostServed:
		f.Add("enterprises", "tech.field.served", "max", mostServed)
	}
	f.Money("fee", w.Fee, 0, mostFen)
	if w.Free && w.Fee > 0 {
		f.Add("fee", "tech.field.free")
	}
	return f.Err()
}
