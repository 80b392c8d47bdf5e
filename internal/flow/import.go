package flow

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qiban.dev/qiban/internal/fault"
)

// ParseDays reads days from a file an operator imports: CSV with the columns
// day, kind (休 or rest, 班 or work), name and, if wanted, name_en; or the JSON of
// the chinese-days package. Every row that is wrong is named in one Invalid
// fault. The days come back in order.
func ParseDays(raw []byte) ([]Day, error) {
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff")))
	var fields fault.Fields
	if !utf8.Valid(raw) {
		fields.Add("file", "flow.calendar.unreadable")
		return nil, fields.Err()
	}
	rows, ok := csvRows(raw)
	if bytes.HasPrefix(raw, []byte("{")) {
		rows, ok = jsonRows(raw)
	}
	if !ok {
		fields.Add("file", "flow.calendar.unreadable")
		return nil, fields.Err()
	}
	days := make([]Day, 0, len(rows))
	seen := map[string]bool{}
	for _, r := range rows {
		d, key := r.day()
		switch {
		case key != "":
		case seen[d.On]:
			key = "flow.calendar.twice"
		case d.Kind == Work && plainWorkday(d.On):
			key = "flow.calendar.plain"
		}
		if key != "" {
			value := r.on
			if key == "flow.calendar.kind" {
				value = r.kind
			}
			fields.Add("file", key, "line", r.line, "value", value)
			continue
		}
		seen[d.On] = true
		days = append(days, d)
	}
	if len(rows) == 0 {
		fields.Add("file", "flow.calendar.empty")
	}
	slices.SortFunc(days, func(a, b Day) int { return strings.Compare(a.On, b.On) })
	return days, fields.Err()
}

func plainWorkday(day string) bool {
	w := parseDay(day).Weekday()
	return w != time.Saturday && w != time.Sunday
}

type row struct {
	line           int
	on, kind       string
	name, nameInEn string
}

// day reads a row, or names what is wrong with it.
func (r row) day() (Day, string) {
	kinds := map[string]Kind{"休": Rest, "rest": Rest, "班": Work, "work": Work}
	kind, ok := kinds[strings.ToLower(r.kind)]
	switch {
	case !IsDay(r.on):
		return Day{}, "flow.calendar.day"
	case !ok:
		return Day{}, "flow.calendar.kind"
	default:
		return Day{On: r.on, Kind: kind, Name: r.name, NameEn: r.nameInEn}, ""
	}
}

func csvRows(raw []byte) ([]row, bool) {
	reader := csv.NewReader(bytes.NewReader(raw))
	reader.Comment = '#'
	reader.FieldsPerRecord = -1
	reader.TrimLeadingSpace = true
	records, err := reader.ReadAll()
	if err != nil {
		return nil, false
	}
	var rows []row
	for i, rec := range records {
		for len(rec) < 4 {
			rec = append(rec, "")
		}
		if i == 0 && (rec[0] == "day" || rec[0] == "日期") {
			continue
		}
		rows = append(rows, row{
			line: i + 1, on: strings.TrimSpace(rec[0]), kind: strings.TrimSpace(rec[1]),
			name: strings.TrimSpace(rec[2]), nameInEn: strings.TrimSpace(rec[3]),
		})
	}
	return rows, true
}

// jsonRows reads {"holidays": {"2009-01-01": "New Year's Day,元旦,1"}, "workdays": {…}}.
func jsonRows(raw []byte) ([]row, bool) {
	var file struct{ Holidays, Workdays map[string]string }
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, false
	}
	var rows []row
	for _, part := range []struct {
		kind string
		days map[string]string
	}{{"rest", file.Holidays}, {"work", file.Workdays}} {
		for on, names := range part.days {
			en, rest, _ := strings.Cut(names, ",")
			zh, _, _ := strings.Cut(rest, ",")
			rows = append(rows, row{on: on, kind: part.kind, name: zh, nameInEn: en})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.on, b.on) })
	for i := range rows {
		rows[i].line = i + 1
	}
	return rows, true
}
