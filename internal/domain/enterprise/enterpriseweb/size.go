package enterpriseweb

import (
	"net/http"
	"net/url"
	"strconv"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// size is the self-test (企业规模自测). Nothing is stored: the answers stand in
// the address, so that the result can be kept as a bookmark.
func (s *Pages) size(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "firm.size")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	asked := false
	for _, name := range []string{"industry", "employees", "revenue", "assets", "on"} {
		asked = asked || q.Get(name) != ""
		f.Start(name, q.Get(name))
	}
	if !asked || q.Get("edit") != "" {
		return s.Kit.Page(w, r, http.StatusOK, sizePage(web.Page(r), f))
	}
	t := test{Industry: industryOf(f.Raw("industry")), On: f.Date("on"), Query: q}
	t.Figures = figures(f)
	if t.On == "" {
		t.On = s.Kit.Today()
	}
	if t.Industry.Code == "" {
		f.Wrong("industry", "field.required")
	}
	rules, err := s.Enterprises.Rules(r.Context())
	if err != nil {
		return err
	}
	if _, ok := rules.Canonical(t.Industry); !ok {
		f.Wrong("industry", "field.choice")
	}
	t.Answer = rules.Classify(enterprise.ForPolicy, t.On, t.Industry, t.Figures)
	for _, m := range t.Answer.Missing {
		if t.Answer.Class == enterprise.Unknown || f.Err() != nil {
			f.Wrong(string(m), "firm.size.needed", "row", t.Answer.RowName.In(web.Lang(r)))
		}
	}
	if f.Broken(f.Err()) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, sizePage(web.Page(r), f))
	}
	if now := rules.Classify(enterprise.ForPolicy, s.Kit.Today(), t.Industry, t.Figures); now.Set != t.Answer.Set {
		t.Now = &now
	}
	return s.Kit.Page(w, r, http.StatusOK, resultPage(web.Page(r), t, s.ownYear(r, t)))
}

// ownYear is where the figures can be put on file by somebody who acts for an
// enterprise, "" for everybody else.
func (s *Pages) ownYear(r *http.Request, t test) string {
	if len(own(web.Actor(r))) == 0 {
		return ""
	}
	q := url.Values{}
	for _, name := range []string{"employees", "revenue", "assets"} {
		if v := t.Query.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	return "/my/enterprise/years?" + q.Encode()
}

// figures reads the three figures of a form; an empty field is not known. What
// could not be read is below zero, which the domain refuses as well: so nothing
// is kept, and everything that is wrong is told at once.
func figures(f *web.Form) enterprise.Figures {
	given := func(name string, read func(string) int64) *int64 {
		n := read(name)
		switch {
		case f.Text(name) == "":
			return nil
		case n < 0:
			f.Wrong(name, "firm.size.negative", "value", f.Text(name))
		case f.Field(name).Error != "":
			n = -1
		}
		return &n
	}
	return enterprise.Figures{Employees: given("employees", f.Int), Revenue: given("revenue", f.Wan), Assets: given("assets", f.Wan)}
}

// test is a self-test with its answer.
type test struct {
	Industry enterprise.Industry
	Figures  enterprise.Figures
	On       string
	Query    url.Values
	Answer   enterprise.Sizing
	Now      *enterprise.Sizing // by today's rule, when that is another one
}

// change is the address of the form with these answers in it.
func (t test) change() string {
	q := url.Values{"edit": {"1"}}
	for name, v := range t.Query {
		if name != "edit" {
			q[name] = v
		}
	}
	return "/size?" + q.Encode()
}

// known reports whether a class came out.
func (t test) known() bool { return classified(t.Answer.Class) }

func classified(c enterprise.Class) bool {
	return c == enterprise.Micro || c == enterprise.Small || c == enterprise.Medium || c == enterprise.Large
}

// above is the class next above, "" at the top.
func above(s enterprise.Sizing) enterprise.Class {
	if len(s.Metrics) == 0 {
		return ""
	}
	for _, b := range s.Metrics[0].Bounds {
		if rank(s.Class) < rank(b.Class) {
			return b.Class
		}
	}
	return ""
}

// rank orders the classes by size.
func rank(c enterprise.Class) int {
	switch c {
	case enterprise.Micro:
		return 1
	case enterprise.Small:
		return 2
	case enterprise.Medium:
		return 3
	case enterprise.Large:
		return 4
	default:
		return 0
	}
}

// floor is where a class begins for a figure; 0 for the lowest.
func floor(m enterprise.Measured, c enterprise.Class) int64 {
	for _, b := range m.Bounds {
		if b.Class == c {
			return b.From
		}
	}
	return 0
}

// window is the three classes a table of scales shows and the two floors
// between them: with four classes, the three around the answer.
func window(s enterprise.Sizing) (parts [3]enterprise.Class) {
	if len(s.Metrics) > 0 && len(s.Metrics[0].Bounds) == 3 && rank(s.Class) <= rank(enterprise.Small) {
		return [3]enterprise.Class{enterprise.Micro, enterprise.Small, enterprise.Medium}
	}
	return [3]enterprise.Class{enterprise.Small, enterprise.Medium, enterprise.Large}
}

// heads name the three parts; the outer ones take in what lies beyond them.
func heads(p web.P, s enterprise.Sizing) [3]string {
	parts := window(s)
	names := [3]string{}
	for i, c := range parts {
		names[i] = p.T(ClassKey(c))
	}
	if len(s.Metrics) > 0 && len(s.Metrics[0].Bounds) == 3 {
		if parts[0] == enterprise.Micro {
			names[2] = p.T("firm.size.and_above", "class", names[2])
		} else {
			names[0] = p.T("firm.size.and_below", "class", names[0])
		}
	}
	return names
}

// scale draws one figure against the two floors of the window.
func scale(p web.P, s enterprise.Sizing, m enterprise.Measured) ui.Scale {
	parts := window(s)
	low, high := floor(m, parts[1]), floor(m, parts[2])
	at, here := ui.ScaleAt(float64(*m.Value), float64(low), float64(high))
	return ui.Scale{At: at, Here: here, Value: amount(p, m.Metric, *m.Value), Low: tick(p, m.Metric, low), High: tick(p, m.Metric, high)}
}

// verdict says how a figure stands to the class above, or at the top to its own.
func verdict(p web.P, s enterprise.Sizing, m enterprise.Measured) ui.Reason {
	if m.Value == nil {
		return ui.Reason{Answer: ui.Maybe, Text: p.T("firm.size.not_given")}
	}
	aim := above(s)
	if aim == "" {
		aim = s.Class
	}
	name, from := className(p, aim), floor(m, aim)
	if *m.Value < from {
		return ui.Reason{Answer: ui.No, Text: p.T("firm.size.below", "class", name, "n", amount(p, m.Metric, from-*m.Value))}
	}
	if *m.Value == from {
		return ui.Reason{Answer: ui.Yes, Text: p.T("firm.size.at", "class", name)}
	}
	return ui.Reason{Answer: ui.Yes, Text: p.T("firm.size.over", "class", name, "n", amount(p, m.Metric, *m.Value-from))}
}

// why is the answer's reason in one or two sentences.
func why(p web.P, s enterprise.Sizing) string {
	aim := above(s)
	var met, unmet int
	for _, m := range s.Metrics {
		if m.Value != nil && aim != "" && *m.Value >= floor(m, aim) {
			met++
		} else {
			unmet++
		}
	}
	switch {
	case aim == "":
		return p.T("firm.size.why_top", "row", s.RowName.In(p.Lang), "class", className(p, s.Class))
	case len(s.Metrics) == 1:
		return p.T("firm.size.why_one", "row", s.RowName.In(p.Lang), "metric", p.T(metricKey(s.Metrics[0].Metric)),
			"aim", className(p, aim), "class", className(p, s.Class))
	default:
		return p.T("firm.size.why", "row", s.RowName.In(p.Lang), "n", strconv.Itoa(len(s.Metrics)), "aim", className(p, aim),
			"met", strconv.Itoa(met), "unmet", strconv.Itoa(unmet), "class", className(p, s.Class))
	}
}

// changes say what would put the enterprise into another class.
func changes(p web.P, s enterprise.Sizing) []string {
	var out []string
	if aim := above(s); aim != "" {
		for _, m := range s.Metrics {
			if m.Value != nil && *m.Value < floor(m, aim) {
				out = append(out, p.T("firm.size.rise", "metric", p.T(metricKey(m.Metric)),
					"n", amount(p, m.Metric, floor(m, aim)), "class", className(p, aim)))
			}
		}
	}
	for _, m := range s.Metrics {
		if from := floor(m, s.Class); from > 0 {
			out = append(out, p.T("firm.size.fall", "metric", p.T(metricKey(m.Metric)), "n", amount(p, m.Metric, from)))
		}
	}
	return out
}

// says is why no class came out.
func says(p web.P, s enterprise.Sizing) string {
	if len(s.Reasons) == 0 {
		return ""
	}
	return p.T(s.Reasons[0].Key, s.Reasons[0].Args...)
}
