package api

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"qiban.dev/qiban/internal/fault"
)

// input is what a request's struct takes from where, found out once.
type input struct {
	params []param
	body   reflect.Type // nil: the request has none
	at     []int        // the Body field
}

// param is a field that comes from the address.
type param struct {
	name  string
	in    string // path or query
	index []int
	field reflect.StructField

	min, max int64 // of a number; both 0 for no bounds
	long     int   // most characters of a text, 0 for no bound
	choices  []string
}

// mostParam bounds texts in the address that say no bound of their own.
const mostParam = 500

func paramOf(name, in string, f reflect.StructField) param {
	p := param{name: name, in: in, index: f.Index, field: f, long: mostParam}
	number := func(tag string) int64 {
		n, _ := strconv.ParseInt(f.Tag.Get(tag), 10, 64) // a missing one is 0
		return n
	}
	p.min, p.max = number("minimum"), number("maximum")
	if n := number("maxLength"); n > 0 {
		p.long = int(n)
	}
	if list := f.Tag.Get("enum"); list != "" {
		p.choices = strings.Split(list, ",")
	}
	return p
}

// check notes what the value breaks of its documented bounds.
func (p *param) check(f reflect.Value, bad *fault.Fields) {
	switch f.Kind() {
	case reflect.String:
		s := f.String()
		if n := utf8.RuneCountInString(s); n > p.long {
			bad.Add(p.name, "field.too_long", "max", p.long, "n", n)
		} else if p.choices != nil && !slices.Contains(p.choices, s) {
			bad.Add(p.name, "field.choice")
		}
	case reflect.Int, reflect.Int64:
		if n := f.Int(); p.max != 0 && (n < p.min || n > p.max) && !bad.Has(p.name) {
			bad.Add(p.name, "field.range", "min", p.min, "max", p.max)
		}
	case reflect.Slice:
		if f.Len() > mostChoices {
			bad.Add(p.name, "api.field.many", "max", mostChoices)
		}
	default:
	}
}

// mostChoices is how many values a list in the address may have.
const mostChoices = 50

func inputOf(t reflect.Type) *input {
	in := &input{}
	for _, f := range reflect.VisibleFields(t) {
		if f.Name == "Body" && len(f.Index) == 1 {
			in.body, in.at = f.Type, f.Index
		}
		for _, where := range []string{"path", "query"} {
			if name := f.Tag.Get(where); name != "" {
				in.params = append(in.params, paramOf(name, where, f))
			}
		}
	}
	return in
}

// where says in which part of the request a field of that name stands.
func (in *input) where(name string) string {
	for _, p := range in.params {
		if p.name == name {
			return p.in
		}
	}
	if in.body != nil {
		top, _, _ := strings.Cut(name, "/")
		if _, ok := member(in.body, top); ok {
			return "body"
		}
	}
	return ""
}

// fill reads the address into the struct, and tells everything wrong with it.
func (in *input) fill(r *http.Request, into reflect.Value) error {
	var query url.Values
	var bad fault.Fields
	if r.URL.RawQuery != "" {
		var err error
		if query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
			return refuse(malformed, "api.say.query")
		}
		for name := range query {
			if !slices.ContainsFunc(in.params, func(p param) bool { return p.in == "query" && p.name == name }) {
				bad.Add(name, "api.field.unknown")
			}
		}
	}
	for i := range in.params {
		p := &in.params[i]
		given := query[p.name]
		if p.in == "path" {
			given = []string{r.PathValue(p.name)}
		}
		if len(given) > 0 {
			f := into.FieldByIndex(p.index)
			set(f, p.name, given, &bad)
			p.check(f, &bad)
		}
	}
	return bad.Err()
}

func set(f reflect.Value, name string, given []string, bad *fault.Fields) {
	last := given[len(given)-1]
	switch f.Kind() {
	case reflect.String:
		f.SetString(last)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil {
			bad.Add(name, "web.field.integer", "value", clip(last))
		}
		f.SetInt(n)
	case reflect.Bool:
		b, err := strconv.ParseBool(last)
		if err != nil {
			bad.Add(name, "api.field.boolean")
		}
		f.SetBool(b)
	case reflect.Slice: // a,b and a&b are the same
		var all []string
		for _, g := range given {
			for part := range strings.SplitSeq(g, ",") {
				if part = strings.TrimSpace(part); part != "" {
					all = append(all, part)
				}
			}
		}
		list := reflect.MakeSlice(f.Type(), len(all), len(all))
		for i, s := range all {
			list.Index(i).SetString(s)
		}
		f.Set(list)
	default:
		panic(fmt.Sprintf("api: a parameter cannot be a %s", f.Kind()))
	}
}

// clip keeps what was sent short in a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// member is the type of a struct's JSON member.
func member(t reflect.Type, name string) (reflect.Type, bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous && tag == name && tag != "" {
			return f.Type, true
		}
	}
	return nil, false
}

// misfits compares decoded JSON with the type it should be, and notes every
// unknown member and every value of another kind, each by its JSON pointer.
func misfits(v any, t reflect.Type, at string, bad *fault.Fields) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v == nil {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		misfitObject(v, t, at, bad)
		return
	case []any:
		if t.Kind() == reflect.Slice {
			for i, item := range v {
				misfits(item, t.Elem(), at+"/"+strconv.Itoa(i), bad)
			}
			return
		}
	case string:
		if t.Kind() == reflect.String {
			return
		}
	case bool:
		if t.Kind() == reflect.Bool {
			return
		}
	case float64:
		if t.Kind() == reflect.Float64 || integral(t.Kind()) && v == float64(int64(v)) {
			return
		}
	}
	bad.Add(orRoot(at), "api.field.kind", "kind", kindKey(t))
}

func misfitObject(v map[string]any, t reflect.Type, at string, bad *fault.Fields) {
	switch t.Kind() {
	case reflect.Struct:
		for _, name := range sortedKeys(v) {
			if inner, ok := member(t, name); ok {
				misfits(v[name], inner, at+"/"+escaped(name), bad)
			} else {
				bad.Add(at+"/"+escaped(name), "api.field.unknown")
			}
		}
	case reflect.Map:
		for _, name := range sortedKeys(v) {
			misfits(v[name], t.Elem(), at+"/"+escaped(name), bad)
		}
	default:
		bad.Add(orRoot(at), "api.field.kind", "kind", kindKey(t))
	}
}

func integral(k reflect.Kind) bool { return k == reflect.Int || k == reflect.Int64 }

// escaped is a member's name in a JSON pointer.
func escaped(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(name))
}

func orRoot(at string) string {
	if at == "" {
		return "/"
	}
	return at
}
