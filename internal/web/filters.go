package web

import (
	"net/url"

	"qiban.dev/qiban/internal/web/ui"
)

// Filters are what a list is narrowed by, as its address says it, and the
// addresses that lead to other choices.
type Filters struct {
	Path  string
	Query url.Values
}

// With is the address with one filter set, or without it for "". It begins at
// the first page of the list.
func (v Filters) With(name, value string) string {
	q := url.Values{}
	for k, list := range v.Query {
		if k != name && k != "after" && list[0] != "" {
			q[k] = list[:1]
		}
	}
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return v.Path
	}
	return v.Path + "?" + q.Encode()
}

// Chip is a filter by one of a few values.
func (v Filters) Chip(p P, name, label string, values []ui.Option) ui.Filter {
	now := v.Query.Get(name)
	f := ui.Filter{Label: p.T("web.filter", "label", label, "value", p.T("web.filter.all"))}
	for _, o := range values {
		if o.Value == now && now != "" {
			f.Label, f.On, f.Clear = o.Label, true, v.With(name, "")
		}
		f.Options = append(f.Options, ui.Link{Label: o.Label, Href: v.With(name, o.Value)})
	}
	return f
}

// Next is the address of the list's next page, "" at its end.
func (v Filters) Next(cursor string) string {
	if cursor == "" {
		return ""
	}
	u, err := url.Parse(v.With("", ""))
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("after", cursor)
	u.RawQuery = q.Encode()
	return u.String()
}

// Options makes choices of a list of codes with their names.
func Options[T ~string](p P, all []T, key func(T) string) []ui.Option {
	list := make([]ui.Option, len(all))
	for i, v := range all {
		list[i] = ui.Option{Value: string(v), Label: p.T(key(v))}
	}
	return list
}

// FormDay is a day as domains take it. What could not be read stays as it was
// typed: the domain refuses it together with everything else that is wrong.
func FormDay(f *Form, name string) string {
	if day := f.Date(name); day != "" {
		return day
	}
	return f.Text(name)
}

// FormNumber reads a number; what could not be read is below zero, which the
// domain refuses as well.
func FormNumber(f *Form, name string, read func(string) int64) int64 {
	n := read(name)
	if f.Field(name).Error != "" {
		return -1
	}
	return n
}
