package web

import (
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

// Form is one form as it was typed (表单): the raw values by field name, and what
// is wrong with them. The same Form draws the empty page, the page with messages
// (422) and the page that comes back after signing in, so nothing typed is lost.
//
// Labels and hints come from the text catalogue: with the area "need.form" the
// field amount is labelled need.form.amount, its hint need.form.amount.hint.
//
// It belongs to one request and is not safe for concurrent use.
type Form struct {
	lang   text.Lang
	area   string
	names  map[string]string // text keys of fields that are not called as the area says; see Named
	values url.Values
	broken fault.Fields
	sent   bool
	stale  bool // somebody else changed the record meanwhile; see Refused
	once   string
	page   string
	files  *multipart.Form
	held   map[string][]Held // files that wait, by field; see Receive
}

// Form reads the form of the request: what was sent with POST, or on GET what
// was kept for the reader before they had to sign in. It fails when the body is
// too large or cannot be read.
func (k *Kit) Form(r *http.Request, area string) (*Form, error) {
	f := &Form{lang: Lang(r), area: area, values: url.Values{}}
	if r.Method == http.MethodPost {
		if err := parse(r); err != nil {
			return nil, err
		}
		f.values, f.files, f.sent = r.PostForm, r.MultipartForm, true
	} else {
		kept, err := k.recall(r)
		if err != nil {
			return nil, err
		}
		if kept != nil {
			f.values, f.sent = kept, true
		}
	}
	if err := k.recallHeld(r, f); err != nil {
		return nil, err
	}
	f.page = pathOf(r)
	f.once = f.values.Get(onceField)
	if len(f.once) != len(newToken()) {
		f.once = newToken()
	}
	stateOf(r).numbered = true
	return f, nil
}

// parse reads a body of either kind; what cannot be read is the sender's matter.
func parse(r *http.Request) error {
	err := r.ParseForm()
	if err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20) //nolint:gosec // Handle has put MaxBytesReader around the body
	}
	var big *http.MaxBytesError
	switch {
	case err == nil:
		for _, values := range r.PostForm {
			for i, v := range values {
				if !readable(v) {
					values[i] = strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", ""), "")
				}
			}
		}
		return nil
	case errors.As(err, &big), errors.Is(err, errFields):
		return err
	default:
		return fault.Because(err, fault.Invalid, "web.fault.unreadable")
	}
}

// Once is the form's own number: the same for every sending of one drawn form.
// Use it as the idempotency key of the use case.
func (f *Form) Once() string { return f.once }

// Sent reports that somebody filled the form in: values are theirs, not ours.
func (f *Form) Sent() bool { return f.sent }

// Start gives a field its first value, when nobody has filled the form in yet.
func (f *Form) Start(name string, values ...string) *Form {
	if !f.sent {
		f.values[name] = values
	}
	return f
}

// Raw is what was typed, untouched.
func (f *Form) Raw(name string) string { return f.values.Get(name) }

// Wrong notes that a field breaks a rule the page itself knows.
func (f *Form) Wrong(name, key string, args ...any) {
	if !f.broken.Has(name) {
		f.broken.Add(name, key, args...)
	}
}

// Err is nil while everything could be read, else Invalid with every field.
func (f *Form) Err() error { return f.broken.Err() }

// Broken takes what the use case answered: an Invalid fault's fields join those
// that could not be read, which keep their own message. It reports whether the
// form must be shown again. Other errors are the handler's to return.
func (f *Form) Broken(err error) bool {
	var e *fault.Error
	if errors.As(err, &e) && e.Kind == fault.Invalid {
		for _, b := range e.Fields {
			f.Wrong(b.Name, b.Key, b.Args...)
		}
		if len(e.Fields) == 0 && e.Key != "" {
			f.Wrong("", e.Key, e.Args...)
		}
	}
	return len(f.broken) > 0
}

// Refused takes what the use case answered when its page can say all of it: what
// Broken takes, and in the summary what cannot be done as things stand (Conflict)
// and that somebody else was faster (Stale). So nothing typed is lost: the page
// shows the record as it is now with the form as it was sent, answered with
// Status, and takes it again. It reports whether the form must be shown again.
func (f *Form) Refused(err error) bool {
	if e, ok := errors.AsType[*fault.Error](err); ok && (e.Kind == fault.Conflict || e.Kind == fault.Stale) {
		f.stale = f.stale || e.Kind == fault.Stale
		f.Wrong("", e.Key, e.Args...)
	}
	return f.Broken(err)
}

// Status is what a page is answered with that shows the form again: 412 when
// somebody else was faster, else 422.
func (f *Form) Status() int {
	if f.stale {
		return http.StatusPreconditionFailed
	}
	return http.StatusUnprocessableEntity
}

// Renew gives a form that carries its own version the present one, when somebody
// else was faster: sent again, it is taken.
func (f *Form) Renew(version int) {
	if f.stale {
		f.values.Set("version", strconv.Itoa(version))
	}
}

// Field is the input of that name with its words, what was typed, and what is
// wrong with it.
func (f *Form) Field(name string) ui.Field {
	u := ui.Field{Name: name, Label: f.label(name), Value: f.values.Get(name)}
	if hint := f.area + "." + name + ".hint"; text.Has(hint) {
		u.Hint = f.lang.T(hint)
	}
	if f.sent || len(f.values[name]) > 1 {
		u.Values = f.values[name]
	}
	for _, b := range f.broken {
		if b.Name == name && u.Error != "" { // several files, each with something wrong
			u.Error += f.lang.T("web.also")
		}
		if b.Name == name {
			u.Error += f.lang.T(b.Key, b.Args...)
		}
	}
	return u
}

func (f *Form) label(name string) string {
	if key := f.names[name]; key != "" {
		return f.lang.T(key)
	}
	return f.lang.T(f.area + "." + name)
}

// Named calls a field otherwise than the area does, wherever it is spoken of.
func (f *Form) Named(name, key string) *Form {
	if f.names == nil {
		f.names = map[string]string{}
	}
	f.names[name] = key
	return f
}

// Problems are the lines of the error summary, in the order they were found:
// each names its field and says what the field says.
func (f *Form) Problems() []ui.Problem {
	var all []ui.Problem
	for _, b := range f.broken {
		words := f.lang.T(b.Key, b.Args...)
		if text.Has(f.area + "." + b.Name) {
			words = f.lang.T("web.errsum.line", "label", f.label(b.Name), "words", words)
		}
		all = append(all, ui.Problem{Field: b.Name, Text: words})
	}
	return all
}

// Titled sets the page's title, led by how many fields need correcting.
func (f *Form) Titled(p P, title string) P {
	p.Title, p.Broken = title, len(f.broken)
	return p
}

// Summary draws the error summary; it goes before the page's heading.
func (f *Form) Summary(p P) templ.Component { return ui.ErrSum(p, f.Problems()) }

// Own draws the hidden values every form carries; it goes first inside the form.
func (f *Form) Own() templ.Component {
	return templ.Join(ui.Hidden(onceField, f.once), ui.Hidden(pageField, f.page))
}

// File is the uploaded file of that name, nil when none was chosen. Close it. It
// is for what is read at once; what is to be kept goes through Kit.Receive.
func (f *Form) File(name string) (multipart.File, *multipart.FileHeader, error) {
	if f.files == nil || len(f.files.File[name]) == 0 {
		return nil, nil, nil
	}
	head := f.files.File[name][0]
	file, err := head.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("upload %s: %w", name, err)
	}
	return file, head, nil
}
