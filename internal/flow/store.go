package flow

import (
	"context"
	"fmt"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

// LoadCalendar reads the calendar as the reader sees it. Use cases that run
// outside a transaction take Service.Calendar, which keeps it.
func LoadCalendar(ctx context.Context, r db.Reader) (*Calendar, error) {
	var days []Day
	if err := r.Select(ctx, &days, `SELECT day, kind, name, name_en FROM flow_calendar`); err != nil {
		return nil, err
	}
	var years []int
	if err := r.Select(ctx, &years, `SELECT year FROM flow_calendar_year`); err != nil {
		return nil, err
	}
	return NewCalendar(days, years), nil
}

// Year is a year whose holidays are on file, with the notice they come from.
type Year struct {
	Year       int    `db:"year"`
	Source     string `db:"source"`
	RecordedAt int64  `db:"recorded_at"` // Unix milliseconds
}

// LoadYears reads the years whose holidays are on file, the newest first.
func LoadYears(ctx context.Context, r db.Reader) ([]Year, error) {
	var years []Year
	err := r.Select(ctx, &years, `SELECT year, source, recorded_at FROM flow_calendar_year ORDER BY year DESC`)
	return years, err
}

// LoadLimits reads every limit of every period, the newest first.
func LoadLimits(ctx context.Context, r db.Reader) (Limits, error) {
	var rows []struct {
		Limit
		Level string `db:"supervise_level"`
	}
	if err := r.Select(ctx, &rows, `SELECT type, step, amount, unit, extension, remind, supervise_after,
		supervise_level, valid_from, valid_to, source, grade FROM flow_limit
		ORDER BY type, step, valid_from DESC`); err != nil {
		return nil, err
	}
	limits := make(Limits, len(rows))
	for i, row := range rows {
		limits[i] = row.Limit
		limits[i].Supervise = levelNamed(row.Level)
	}
	return limits, nil
}

// putYear replaces the days of a year.
func putYear(ctx context.Context, tx *db.Tx, year int, source string, days []Day) error {
	if err := touch(ctx, tx, "calendar"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM flow_calendar WHERE day >= ? AND day < ?`,
		fmt.Sprintf("%04d-01-01", year), fmt.Sprintf("%04d-01-01", year+1)); err != nil {
		return err
	}
	for _, d := range days {
		if _, err := tx.Exec(ctx, `INSERT INTO flow_calendar (day, kind, name, name_en) VALUES (?,?,?,?)`,
			d.On, d.Kind, d.Name, d.NameEn); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM flow_calendar_year WHERE year = ?`, year); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO flow_calendar_year (year, source, recorded_at) VALUES (?,?,?)`,
		year, source, db.Millis(tx.Now))
	return err
}

func insertLimit(ctx context.Context, tx *db.Tx, l Limit) error {
	if err := touch(ctx, tx, "limits"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO flow_limit (type, step, valid_from, valid_to, amount, unit, extension,
		remind, supervise_level, supervise_after, source, grade) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
		l.Type, l.Step, l.From, l.To, l.Amount, l.Unit, l.Extension,
		l.Remind, levelName(l.Supervise), l.SuperviseAfter, l.Source, l.Grade)
	return err
}

// touch raises the version of what every process keeps. It comes first in a
// change, and so also makes concurrent changes wait for each other.
func touch(ctx context.Context, tx *db.Tx, name string) error {
	return tx.ExecOne(ctx, `UPDATE flow_version SET version = version + 1 WHERE name = ?`, name)
}

func levelNamed(name string) region.Level {
	return map[string]region.Level{"county": region.County, "city": region.City, "province": region.Province}[name]
}

func levelName(l region.Level) string {
	return map[region.Level]string{region.County: "county", region.City: "city", region.Province: "province"}[l]
}
