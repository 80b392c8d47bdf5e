package recognitionweb

import (
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/text"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

func itoa(n int) string { return strconv.Itoa(n) }

// stateWord and stateTone say how an application stands.
func stateWord(p web.P, s flow.State) string { return p.T(recognition.Lifecycle().StateKey(s)) }

func stateTone(s flow.State) ui.Tone {
	switch s {
	case recognition.Recognised:
		return ui.Moss
	case recognition.Refused, recognition.Withdrawn:
		return ui.Plain
	default:
		return ui.Reed
	}
}

func awardTone(s flow.State) ui.Tone {
	switch s {
	case recognition.Valid:
		return ui.Moss
	case recognition.Rechecking:
		return ui.Reed
	default:
		return ui.Plain
	}
}

// points writes hundredths of points, "" for none.
func points(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(n)/100, 'f', -1, 64)
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// number writes a value without needless zeros.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// reasons are the conditions one by one, with the value, the threshold and where
// the condition stands written.
func reasons(p web.P, a criteria.Answer) []ui.Reason {
	leaves := a.Leaves()
	out := make([]ui.Reason, len(leaves))
	for i, l := range leaves {
		out[i].Text = l.Line(p.Lang)
		if l.Source != a.Source { // that of them all stands with the criteria
			out[i].Note = sourceOf(p, l.Source)
		}
		switch l.Verdict {
		case criteria.Met:
			out[i].Answer = ui.Yes
		case criteria.Unmet:
			out[i].Answer = ui.No
		case criteria.Unknown:
			out[i].Answer = ui.Blank
		default: // for a person to judge
			out[i].Answer = ui.Maybe
		}
	}
	return out
}

// sourceOf names the document of a rule, and says when somebody should confirm it.
func sourceOf(p web.P, s criteria.Source) string {
	words := s.Law
	if s.Number != "" {
		words += p.T("recognition.page.number", "number", s.Number)
	}
	if s.Article != "" {
		words += " " + s.Article
	}
	switch s.Grade {
	case "C", "M":
		words += " · " + p.T("recognition.page.unsure")
	case "P":
		words += " · " + p.T("recognition.page.default")
	}
	return words
}

// history is what was done with a record, the oldest first. Who reviewed stays
// between them and the office.
func history(p web.P, all []flow.Event, staff bool) []ui.Event {
	out := make([]ui.Event, 0, len(all))
	for i, e := range all {
		if next := i + 1; next < len(all) && e.Do == recognition.Apply && all[next].Do == e.Do && all[next].By == e.By {
			continue // kept again and again: the last time says it
		}
		if !staff && (e.Do == recognition.Review || e.Do == recognition.Recuse || e.Do == recognition.Object) {
			continue
		}
		line := ui.Event{State: ui.Done, Title: p.T(e.Do.Key()), Meta: p.Moment(e.At), Text: e.Note}
		if e.ByName != "" && (staff || e.Do != recognition.Assign) {
			line.Meta += " · " + e.ByName
		}
		if e.Do == recognition.Recuse {
			line.Text = ""
		}
		out = append(out, line)
	}
	return out
}

// attachments are the files of one line, or of none with "".
func attachments(p web.P, d *recognition.Detail, line string) []ui.Attachment {
	var list []ui.Attachment
	for _, id := range d.Evidence[line] {
		for i := range d.Files {
			if f := &d.Files[i]; f.ID == id {
				list = append(list, ui.Attachment{
					Name: f.Name, Href: applicationHref(d.ID) + "/files/" + f.ID,
					Meta: p.T(files.TypeKey(f.Type)) + " · " + ui.Bytes(f.Size) + " · " + p.Short(f.At),
				})
			}
		}
	}
	return list
}

// origin says where a value came from, and what the records say where the applicant
// entered something else.
func origin(p web.P, ask recognition.Ask, in recognition.Input) string {
	if in.Known != nil {
		return p.T("recognition.from.other", "from", source(in.KnownBy), "value", valueWord(p, ask, recognition.Input{Value: *in.Known}, true))
	}
	return p.T(string(source(in.From)))
}

// source names where a value came from; the applicant is none of the records.
func source(from string) text.Key {
	if from == "" {
		from = "own"
	}
	return text.Key("recognition.from." + from)
}

// valueWord writes a value with its unit.
func valueWord(p web.P, ask recognition.Ask, in recognition.Input, has bool) string {
	switch {
	case !has:
		return "—"
	case ask.Flag && in.Value != 0:
		return p.T("recognition.page.yes")
	case ask.Flag:
		return p.T("recognition.page.no")
	default:
		return grouped(in.Value) + " " + ask.Unit.In(p.Lang)
	}
}

// gradeWord names a grade; one that an operator made is its own name.
func gradeWord(p web.P, grade string) string {
	if key := "recognition.graded." + strings.ToLower(grade); text.Has(key) {
		return p.T(key)
	}
	return orDash(grade)
}

// lineWords names a rubric line, with what it counts for.
func lineWords(p web.P, it *criteria.Item) string {
	key := "recognition.page.line"
	switch {
	case it.Bonus:
		key = "recognition.page.line.bonus"
	case it.Floor > 0:
		key = "recognition.page.line.floor"
	}
	return p.T(key, "name", it.Name.In(p.Lang), "weight", number(it.Weight), "floor", number(it.Floor))
}

// floorWords say which groups of a rubric have a minimum of their own.
func floorWords(p web.P, set *criteria.Set) string {
	var words strings.Builder
	for _, it := range recognition.Floored(set) {
		if len(it.Items) > 0 {
			words.WriteString(p.T("recognition.page.floor", "name", it.Name.In(p.Lang), "weight", number(it.Weight), "floor", number(it.Floor)))
		}
	}
	return words.String()
}

func subjectWord(p web.P, kind string) string { return p.T("recognition.subject." + kind) }
