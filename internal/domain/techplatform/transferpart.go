package techplatform

import (
	"context"
	"math"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// FounderTable is who set platforms up together, as a spreadsheet (共建单位). A line is
// known by the platform, the founder's name and what it gave.
func FounderTable() *xfer.Table {
	return &xfer.Table{Name: "platform-founder", Title: "tech.table.founder", Columns: []xfer.Column{
		{Key: "platform", Label: "tech.column.platform", Required: true, Example: "科行公司技术平台"},
		{Key: "name", Label: "tech.form.founder_name", Required: true, Example: "盐城工学院"},
		{Key: "kind", Label: "tech.form.founder_kind", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(FounderKinds())},
		{Key: "what", Label: "tech.form.founder_what", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Contributions())},
		{Key: "amount", Label: "tech.column.amount", Type: xfer.Money, Hint: "tech.column.amount_hint"},
		{Key: "note", Label: "tech.column.note"},
	}}
}

// OfferingTable is the services of platforms as a spreadsheet (平台服务项目): price and
// free share. A service is known by its platform and name.
func OfferingTable() *xfer.Table {
	return &xfer.Table{Name: "platform-service", Title: "tech.table.service", Columns: []xfer.Column{
		{Key: "platform", Label: "tech.column.platform", Required: true, Example: "科行公司技术平台"},
		{Key: "name", Label: "tech.column.service", Required: true, Example: "除尘效率检测"},
		{Key: "kind", Label: "tech.column.kind", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(ServiceKinds())},
		{Key: "description", Label: "tech.column.description"},
		{Key: "price", Label: "tech.column.price", Type: xfer.Money, Hint: "tech.column.price_hint"},
		{Key: "unit", Label: "tech.column.unit", Required: true, Example: "次"},
		{Key: "free_share", Label: "tech.column.free_share", Type: xfer.Number, Example: "20"},
		{Key: "ended", Label: "tech.column.stopped", Type: xfer.YesNo},
	}}
}

// InstrumentTable is the instruments of platforms as a spreadsheet (仪器设备): price and
// when they can be booked. An instrument is known by its platform, name and model.
func InstrumentTable() *xfer.Table {
	return &xfer.Table{Name: "instrument", Title: "tech.table.instrument", Columns: []xfer.Column{
		{Key: "platform", Label: "tech.column.platform", Required: true, Example: "科行公司技术平台"},
		{Key: "name", Label: "tech.column.instrument", Required: true, Example: "扫描电镜"},
		{Key: "model", Label: "tech.column.model", Example: "SU-1510"},
		{Key: "about", Label: "tech.column.use"},
		{Key: "price", Label: "tech.column.hourly", Type: xfer.Money, Hint: "tech.column.price_hint"},
		{Key: "opens", Label: "tech.column.opens", Required: true, Example: "08:30", Hint: "tech.column.clock_hint"},
		{Key: "closes", Label: "tech.column.closes", Required: true, Example: "17:30", Hint: "tech.column.clock_hint"},
		{Key: "weekends", Label: "tech.column.weekends", Type: xfer.YesNo},
		{Key: "ended", Label: "tech.column.stopped", Type: xfer.YesNo},
	}}
}

// founderLine is what a row of FounderTable says.
type founderLine struct {
	platform string
	Founder
}

// ImportFounders lands rows of FounderTable as an actor (导入共建单位), each as
// SetFounders does with the others as they are.
func (s *Service) ImportFounders(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Edit, func(r *xfer.Row) founderLine {
		l := founderLine{r.Text("platform"), Founder{
			Kind: FounderKind(r.Pick("kind")), Name: r.Text("name"), What: Contribution(r.Pick("what")), Amount: r.Amount("amount"), Note: r.Text("note"),
		}}
		r.Keys = []string{l.platform + "\x00" + l.Name + "\x00" + string(l.What)}
		return l
	}, (*Service).takeFounder)
}

func (s *Service) takeFounder(ctx context.Context, by authz.Actor, r *xfer.Row, l founderLine) error {
	p, err := s.named(ctx, by.Scope(Edit), r, l.platform)
	if err != nil {
		return err
	}
	all, err := founders(ctx, s.db, p.ID)
	if err != nil {
		return err
	}
	all, n := xfer.Into(r, all, l.Founder, func(f Founder) bool { return f.Name == l.Name && f.What == l.What }, func(next *Founder, was Founder) {
		r.Keep(map[string]func(){"amount": func() { next.Amount = was.Amount }, "note": func() { next.Note = was.Note }})
	})
	if r.Outcome == xfer.Unchanged {
		return nil
	}
	if p.ID == "" {
		return fault.OfItem(checkFounders(all), "founders", n, "name")
	}
	_, err = s.SetFounders(ctx, by, p.ID, p.Version, all)
	return fault.OfItem(err, "founders", n, "name")
}

// ExportFounders writes who set up the platforms within the actor's reach (导出共建单位).
func (s *Service) ExportFounders(ctx context.Context, by authz.Actor, at region.Code, put func(cells []string) error) error {
	return each(ctx, s, by, at, foundersOf, func(p *Platform, all []Founder) (err error) {
		for _, f := range all {
			if err == nil {
				err = put([]string{p.Name, f.Name, string(f.Kind), string(f.What), xfer.Amount(f.Amount), f.Note})
			}
		}
		return err
	})
}

// offeringLine is what a row of OfferingTable says.
type offeringLine struct {
	platform string
	Offering
}

// ImportOfferings lands rows of OfferingTable as an actor (导入平台服务项目), as
// SetOffering does.
func (s *Service) ImportOfferings(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, SetService, func(r *xfer.Row) offeringLine {
		l := offeringLine{r.Text("platform"), Offering{
			Kind: ServiceKind(r.Pick("kind")), Name: r.Text("name"), Description: r.Text("description"), Price: r.Amount("price"), Unit: r.Text("unit"),
		}}
		if n := r.Int("free_share"); n != nil {
			l.FreeShare = int(*n)
		}
		l.Ended, _ = r.Yes("ended")
		r.BreakAll("", l.check())
		r.Keys = []string{l.platform + "\x00" + l.Name}
		return l
	}, (*Service).takeOffering)
}

func (s *Service) takeOffering(ctx context.Context, by authz.Actor, r *xfer.Row, l offeringLine) error {
	p, err := s.named(ctx, by.Scope(SetService), r, l.platform)
	if err != nil || p.ID == "" {
		return err
	}
	all, err := offerings(ctx, s.db, p.ID)
	if err != nil {
		return err
	}
	l.Platform = p.ID
	all, n := xfer.Into(r, all, l.Offering, func(o Offering) bool { return o.Name == l.Name }, func(next *Offering, was Offering) {
		next.ID = was.ID
		r.Keep(map[string]func(){
			"description": func() { next.Description = was.Description }, "price": func() { next.Price = was.Price },
			"free_share": func() { next.FreeShare = was.FreeShare }, "ended": func() { next.Ended = was.Ended },
		})
	})
	if r.Outcome == xfer.Unchanged {
		return nil
	}
	_, err = s.SetOffering(ctx, by, p.ID, p.Version, all[n])
	return err
}

// ExportOfferings writes the services of the platforms within the actor's reach
// (导出平台服务项目).
func (s *Service) ExportOfferings(ctx context.Context, by authz.Actor, at region.Code, lang text.Lang, put func(cells []string) error) error {
	return each(ctx, s, by, at, offeringsOf, func(p *Platform, all []Offering) (err error) {
		for _, o := range all {
			if err == nil {
				err = put([]string{
					p.Name, o.Name, string(o.Kind), o.Description, xfer.Amount(o.Price), o.Unit, strconv.Itoa(o.FreeShare), xfer.Bool(o.Ended, lang),
				})
			}
		}
		return err
	})
}

// instrumentLine is what a row of InstrumentTable says.
type instrumentLine struct {
	platform string
	Instrument
}

// ImportInstruments lands rows of InstrumentTable as an actor (导入仪器设备), as
// SetInstrument does.
func (s *Service) ImportInstruments(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, SetInstrument, func(r *xfer.Row) instrumentLine {
		l := instrumentLine{r.Text("platform"), Instrument{
			Name: r.Text("name"), Model: r.Text("model"), About: r.Text("about"), Price: r.Amount("price"),
			Opens: clock(r, "opens"), Closes: clock(r, "closes"),
		}}
		l.Weekends, _ = r.Yes("weekends")
		l.Ended, _ = r.Yes("ended")
		r.BreakAll("", l.check())
		r.Keys = []string{l.platform + "\x00" + l.Name + "\x00" + l.Model}
		return l
	}, (*Service).takeInstrument)
}

// clock is a time of the day in a cell, 08:30 or as the spreadsheet keeps it, a part
// of a day: minutes since midnight.
func clock(r *xfer.Row, key string) int {
	s := r.Text(key)
	if s == "" {
		return 0
	}
	hours, minutes, colon := strings.Cut(strings.ReplaceAll(s, "：", ":"), ":")
	h, errH := strconv.Atoi(hours)
	m, errM := strconv.Atoi(minutes)
	if colon && errH == nil && errM == nil && h >= 0 && h <= 24 && m >= 0 && m < 60 {
		return h*60 + m
	}
	if part, err := strconv.ParseFloat(s, 64); err == nil && part >= 0 && part <= 1 && !colon {
		return int(math.Round(part * midnight))
	}
	r.Break(key, "tech.import.clock", "value", s)
	return 0
}

func (s *Service) takeInstrument(ctx context.Context, by authz.Actor, r *xfer.Row, l instrumentLine) error {
	p, err := s.named(ctx, by.Scope(SetInstrument), r, l.platform)
	if err != nil || p.ID == "" {
		return err
	}
	all, err := instruments(ctx, s.db, p.ID)
	if err != nil {
		return err
	}
	l.Platform = p.ID
	all, n := xfer.Into(r, all, l.Instrument, func(i Instrument) bool { return i.Name == l.Name && i.Model == l.Model }, func(next *Instrument, was Instrument) {
		next.ID = was.ID
		r.Keep(map[string]func(){
			"about": func() { next.About = was.About }, "price": func() { next.Price = was.Price },
			"weekends": func() { next.Weekends = was.Weekends }, "ended": func() { next.Ended = was.Ended },
		})
	})
	if r.Outcome == xfer.Unchanged {
		return nil
	}
	_, err = s.SetInstrument(ctx, by, p.ID, p.Version, all[n])
	return err
}

// ExportInstruments writes the instruments of the platforms within the actor's reach
// (导出仪器设备).
func (s *Service) ExportInstruments(ctx context.Context, by authz.Actor, at region.Code, lang text.Lang, put func(cells []string) error) error {
	return each(ctx, s, by, at, instrumentsOf, func(p *Platform, all []Instrument) (err error) {
		for _, i := range all {
			if err == nil {
				err = put([]string{
					p.Name, i.Name, i.Model, i.About, xfer.Amount(i.Price), Clock(i.Opens), Clock(i.Closes), xfer.Bool(i.Weekends, lang), xfer.Bool(i.Ended, lang),
				})
			}
		}
		return err
	})
}
