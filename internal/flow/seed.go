package flow

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"

	"qiban.dev/qiban/internal/db"
)

var (
	//go:embed calendar.csv
	calendarFile []byte
	//go:embed limits.csv
	limitsFile []byte
)

// calendarSource names where the shipped calendar comes from.
const calendarSource = "国务院办公厅节假日安排通知，据 chinese-days 1.5.7（MIT）"

// Seed fills in the calendar and the limits the program ships with, for the
// years and steps that are not on file. It may be called at every start: it
// never touches what an operator changed.
func Seed(ctx context.Context, tx *db.Tx) error {
	if err := seedCalendar(ctx, tx); err != nil {
		return fmt.Errorf("seed the calendar: %w", err)
	}
	if err := seedLimits(ctx, tx); err != nil {
		return fmt.Errorf("seed the limits: %w", err)
	}
	return nil
}

func seedCalendar(ctx context.Context, tx *db.Tx) error {
	days, err := ParseDays(calendarFile)
	if err != nil {
		return err
	}
	byYear := map[int][]Day{}
	for _, d := range days {
		byYear[YearOf(d.On)] = append(byYear[YearOf(d.On)], d)
	}
	var have []int
	if err := tx.Select(ctx, &have, `SELECT year FROM flow_calendar_year`); err != nil {
		return err
	}
	for _, y := range have {
		delete(byYear, y)
	}
	for year, days := range byYear {
		if err := putYear(ctx, tx, year, calendarSource, days); err != nil {
			return err
		}
	}
	return nil
}

func seedLimits(ctx context.Context, tx *db.Tx) error {
	limits, err := shippedLimits()
	if err != nil {
		return err
	}
	for _, l := range limits {
		var n int
		if err := tx.Get(ctx, &n, `SELECT count(*) FROM flow_limit WHERE type = ? AND step = ?`, l.Type, l.Step); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if err := insertLimit(ctx, tx, l); err != nil {
			return err
		}
	}
	return nil
}

// shippedLimits reads limits.csv; they have always held.
func shippedLimits() ([]Limit, error) {
	reader := csv.NewReader(bytes.NewReader(limitsFile))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, err
	}
	var limits []Limit
	for _, row := range rows[1:] {
		var n [4]int
		for i, column := range []int{2, 4, 5, 6} {
			if n[i], err = strconv.Atoi(row[column]); err != nil {
				return nil, err
			}
		}
		limits = append(limits, Limit{
			Type: row[0], Step: row[1], Amount: n[0], Unit: Unit(row[3]), Extension: n[1], Remind: n[2],
			SuperviseAfter: n[3], Supervise: levelNamed(row[7]), Source: row[8], Grade: row[9],
		})
	}
	return limits, nil
}
