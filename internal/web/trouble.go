package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

// errNoPage is the answer to addresses no page has.
func errNoPage() error { return fault.New(fault.NotFound, "web.fault.not_found.text") }

// names of the kinds in the text catalogue.
func kindName(kind fault.Kind) string {
	switch kind {
	case fault.Invalid:
		return "invalid"
	case fault.NotFound:
		return "not_found"
	case fault.Denied:
		return "denied"
	case fault.Conflict:
		return "conflict"
	case fault.Stale:
		return "stale"
	case fault.TooMany:
		return "too_many"
	case fault.Unavailable:
		return "unavailable"
	default:
		return "internal"
	}
}

// errorPage is the page for a fault, on the side of the site it happened on.
func (k *Kit) errorPage(r *http.Request, f *fault.Error, resume string) templ.Component {
	s := stateOf(r)
	p := Page(r)
	name := kindName(f.Kind)
	t := trouble{
		title:     p.T("web.fault." + name + ".title"),
		text:      say(s.lang, f),
		find:      f.Kind == fault.NotFound,
		resume:    resume != "",
		reference: strconv.Itoa(status(f.Kind)) + "-" + s.id,
	}
	for _, b := range f.Fields {
		t.problems = append(t.problems, ui.Problem{Text: s.lang.T(b.Key, b.Args...)})
	}
	if resume == "" {
		t.again, t.action = again(r, f), r.URL.RequestURI()
	}
	bench := under(r.URL.Path, benchPrefix)
	switch {
	case resume != "":
		t.acts = append(t.acts, ui.Button{Label: p.T("web.fault.resume"), Href: resume})
	case f.Kind == fault.Conflict || f.Kind == fault.Stale || r.Method != http.MethodGet:
		t.acts = append(t.acts, ui.Button{Label: p.T("web.fault.reload"), Href: pathOf(r)})
	}
	if bench {
		t.acts = append(t.acts, ui.Button{Label: p.T("web.fault.bench"), Href: benchPrefix, Kind: ui.Quiet})
	} else {
		t.acts = append(t.acts, ui.Button{Label: p.T("web.fault.home"), Href: "/", Kind: ui.Quiet})
	}
	p.Title = t.title
	if bench && p.SignedIn {
		return Bench(p, troublePage(p, t))
	}
	return Portal(p, troublePage(p, t))
}

// again is the form that was sent, when saving failed and keeping it did too: the
// page carries it, and sending it again does the same once. A form with a secret
// is not repeated on a page.
func again(r *http.Request, f *fault.Error) []ui.Option {
	if f.Kind != fault.Unavailable && f.Kind != fault.Internal || r.Method != http.MethodPost || r.MultipartForm != nil {
		return nil
	}
	var all []ui.Option
	size := 0
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		for _, value := range r.PostForm[name] {
			if size += len(name) + len(value); size > draftLimit || secret(name) && value != "" {
				return nil
			}
			all = append(all, ui.Option{Label: name, Value: value})
		}
	}
	return all
}

// benchPrefix is where the workbench lives.
const benchPrefix = "/bench"

// say is the fault's own sentence; the kind's when it has none. A parameter the
// fault did not bring is left out rather than shown as a slot.
func say(l text.Lang, f *fault.Error) string {
	switch {
	case f.Key != "" && f.Key != "fault.internal":
	case f.Kind == fault.Internal:
		return l.T("web.fault.internal.text")
	default:
		return l.T("web.fault." + kindName(f.Kind) + ".title")
	}
	words := l.T(f.Key, f.Args...)
	if strings.Contains(words, "{") {
		return l.T("web.fault." + kindName(f.Kind) + ".title")
	}
	return words
}
