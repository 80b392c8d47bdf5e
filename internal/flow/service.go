package flow

import (
	"context"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// The rights over the calendar and the limits. Both are of the whole site.
const (
	SetCalendar authz.Permission = "flow.calendar.set"
	SetLimit    authz.Permission = "flow.limit.set"
)

// Service keeps the calendar and the limits of a site. It is safe for
// concurrent use; several processes on one database agree.
type Service struct {
	db       *db.DB
	gate     *gate.Gate
	home     region.Code
	calendar *db.Cached[*Calendar]
	limits   *db.Cached[Limits]
	changed  func(ctx context.Context, tx *db.Tx) error
}

// New makes the service of a site whose own region is home.
func New(d *db.DB, g *gate.Gate, home region.Code) *Service {
	return &Service{
		db: d, gate: g, home: home,
		calendar: db.NewCached(d, "flow_version", `SELECT version FROM flow_version WHERE name = 'calendar'`, LoadCalendar),
		limits:   db.NewCached(d, "flow_version", `SELECT version FROM flow_version WHERE name = 'limits'`, LoadLimits),
	}
}

// WhenChanged makes fn a part of every change of calendar or limits: deadlines
// stored elsewhere are to be worked out again. It is set before the first use.
func (s *Service) WhenChanged(fn func(ctx context.Context, tx *db.Tx) error) { s.changed = fn }

// tell calls what is to hear of a change.
func (s *Service) tell(ctx context.Context, tx *db.Tx) error {
	if s.changed == nil {
		return nil
	}
	return s.changed(ctx, tx)
}

// Calendar is the working-day calendar as of now.
func (s *Service) Calendar(ctx context.Context) (*Calendar, error) {
	return s.calendar.Get(ctx)
}

// Limits are the time limits as of now, of every period.
func (s *Service) Limits(ctx context.Context) (Limits, error) {
	return s.limits.Get(ctx)
}

// SetYear replaces the days of a year by the ones announced (公布节假日安排), as
// ParseDays read them; a day of another year is Invalid. source names the
// notice. Deadlines already stored are their owners' to compute again; see
// WhenChanged.
func (s *Service) SetYear(ctx context.Context, by authz.Actor, year int, source string, days []Day) error {
	var fields fault.Fields
	for i, d := range days {
		if YearOf(d.On) != year {
			fields.Add("file", "flow.calendar.year", "line", i+1, "value", d.On, "year", year)
		}
	}
	if len(days) == 0 {
		fields.Add("file", "flow.calendar.empty")
	}
	if source == "" {
		fields.Add("source", "field.required")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	change := gate.Change{
		By: by, Do: SetCalendar, On: authz.At(s.home),
		Record: gate.Record{Kind: "calendar", ID: strconv.Itoa(year)},
		Detail: map[string]any{"days": len(days), "source": source},
	}
	return s.gate.Write(ctx, &change, func(ctx context.Context, tx *db.Tx) error {
		if err := putYear(ctx, tx, year, source, days); err != nil {
			return err
		}
		return s.tell(ctx, tx)
	})
}

// Change puts a new limit in force from limit.From on (调整时限); the one before it
// ends that day. It must begin after the one in force, since deadlines were
// measured against that: Conflict otherwise.
func (s *Service) Change(ctx context.Context, by authz.Actor, limit Limit) error {
	if err := limit.check(); err != nil {
		return err
	}
	limit.To = ""
	change := gate.Change{
		By: by, Do: SetLimit, On: authz.At(s.home),
		Record: gate.Record{Kind: "limit", ID: limit.Type + "/" + limit.Step},
		Detail: map[string]any{"amount": limit.Amount, "unit": limit.Unit, "from": limit.From},
	}
	return s.gate.Write(ctx, &change, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx, "limits"); err != nil {
			return err
		}
		var last []string
		if err := tx.Select(ctx, &last, `SELECT valid_from FROM flow_limit WHERE type = ? AND step = ?
			ORDER BY valid_from DESC`, limit.Type, limit.Step); err != nil {
			return err
		}
		if len(last) > 0 {
			if limit.From <= last[0] {
				return fault.New(fault.Conflict, "flow.limits.from", "value", last[0])
			}
			if _, err := tx.Exec(ctx, `UPDATE flow_limit SET valid_to = ? WHERE type = ? AND step = ? AND valid_from = ?`,
				limit.From, limit.Type, limit.Step, last[0]); err != nil {
				return err
			}
		}
		if err := insertLimit(ctx, tx, limit); err != nil {
			return err
		}
		return s.tell(ctx, tx)
	})
}

func (l Limit) check() error {
	var fields fault.Fields
	if l.Type == "" {
		fields.Add("type", "field.required")
	}
	if l.Step == "" {
		fields.Add("step", "field.required")
	}
	if l.Amount <= 0 {
		fields.Add("amount", "flow.limits.amount")
	}
	if l.Unit != Workdays && l.Unit != Days && l.Unit != Hours {
		fields.Add("unit", "field.choice")
	}
	if l.Extension < 0 || l.Remind < 0 || l.SuperviseAfter < 0 {
		fields.Add("extension", "flow.limits.amount")
	}
	if !IsDay(l.From) {
		fields.Add("valid_from", "field.date", "value", l.From)
	}
	if l.Supervise != region.None && levelName(l.Supervise) == "" {
		fields.Add("supervise_level", "field.choice")
	}
	return fields.Err()
}
