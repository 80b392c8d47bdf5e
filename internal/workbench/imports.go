package workbench

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
	"qiban.dev/qiban/internal/xfer"
)

// ImportHome is where tables come in and go out.
const ImportHome = "/bench/import"

// Imports are the pages on which an office brings in tables and takes them out
// (导入导出): a template, an upload, a look at every row before anything lands,
// and what became of it. All fields are needed.
type Imports struct {
	Kit  *web.Kit
	Desk *xfer.Desk
}

// Routes are the addresses of the imports.
func (s *Imports) Routes(mux web.Mux) {
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, s.Kit.Handle(h)) }
	handle("GET "+ImportHome, s.index)
	mux.Handle("POST "+ImportHome, s.Kit.HandleUpload(s.upload))
	handle("GET /bench/export/{kind}/template", s.template)
	handle("GET "+ImportHome+"/{id}", s.show)
	handle("POST "+ImportHome+"/{id}/confirm", s.confirm)
	handle("POST "+ImportHome+"/{id}/discard", s.discard)
	handle("GET "+ImportHome+"/{id}/rejected", s.rejected)
	handle("GET /bench/export/{kind}", s.export)
}

// office refuses those who import nothing.
func (s *Imports) office(r *http.Request) (authz.Actor, error) {
	by := web.Actor(r)
	switch {
	case by.Somewhere(xfer.MayUse):
		return by, nil
	case by.SignedIn():
		return by, fault.Closed()
	}
	return by, fault.New(fault.SignIn, "fault.sign_in")
}

// importView is the first page: what can come in and go out, and what came.
type importView struct {
	form   *web.Form
	kinds  []xfer.Kind
	out    []xfer.Kind
	past   []xfer.Upload
	next   string
	by     authz.Actor
	titles map[string]string // text key of each kind
}

func (s *Imports) index(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "import.form")
	if err != nil {
		return err
	}
	return s.draw(w, r, f, http.StatusOK)
}

func (s *Imports) draw(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	by, err := s.office(r)
	if err != nil {
		return err
	}
	v := importView{form: f, kinds: s.Desk.Kinds(by), out: s.Desk.Outgoing(by), by: by, titles: map[string]string{}}
	for _, k := range v.kinds {
		v.titles[k.Table.Name] = k.Label()
	}
	if len(v.kinds) > 0 {
		f.Start("kind", v.kinds[0].Table.Name)
	}
	if v.past, v.next, err = s.Desk.List(r.Context(), by, db.Page{After: r.URL.Query().Get("after")}); err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, importIndex(web.Page(r), v))
}

func (s *Imports) upload(w http.ResponseWriter, r *http.Request) error {
	by, err := s.office(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "import.form")
	if err != nil {
		return err
	}
	body, name, err := read(f)
	if err != nil {
		return err
	}
	if f.Err() == nil {
		var id string
		id, err = s.Desk.Take(r.Context(), by, f.Text("kind"), name, body, web.Lang(r))
		if err == nil {
			http.Redirect(w, r, ImportHome+"/"+id, http.StatusSeeOther) //nolint:gosec // always a page of this site
			return nil
		}
	}
	if f.Broken(err) {
		return s.draw(w, r, f, http.StatusUnprocessableEntity)
	}
	return err
}

// read is the chosen file; nothing chosen and too large are told at its field.
func read(f *web.Form) (body []byte, name string, err error) {
	file, head, err := f.File("file")
	if err != nil || head == nil || head.Size == 0 {
		f.Wrong("file", "import.form.nothing")
		return nil, "", nil //nolint:nilerr // no file is what the form then says
	}
	defer func() { _ = file.Close() }() // it was only read
	if most := xfer.Uploaded().Bytes; head.Size > most {
		f.Wrong("file", "xfer.file.bytes", "most", most>>20)
		return nil, "", nil
	}
	body, err = io.ReadAll(file)
	return body, head.Filename, err
}

func (s *Imports) template(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.office(r); err != nil {
		return err
	}
	k, err := s.Desk.Kind(r.PathValue("kind"))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	f := wanted(r)
	if err := xfer.Template(&out, k.Table, f, web.Lang(r)); err != nil {
		return err
	}
	return s.give(w, r, k.Table.Name+"-template."+string(f), out.Bytes())
}

// wanted is the format that was asked for; XLSX unless it is CSV.
func wanted(r *http.Request) xfer.Format {
	if r.URL.Query().Get("format") == string(xfer.CSV) {
		return xfer.CSV
	}
	return xfer.XLSX
}

// kept is a file in memory for Download.
type kept struct{ *bytes.Reader }

func (kept) Close() error { return nil }

func (s *Imports) give(w http.ResponseWriter, r *http.Request, name string, body []byte) error {
	return s.Kit.Download(w, r, web.Download{Name: name, Type: xfer.MediaType(name), Size: int64(len(body)), Data: kept{bytes.NewReader(body)}})
}

// runView is one import.
type runView struct {
	u     xfer.Upload
	title string
	after xfer.Next
}

func (s *Imports) show(w http.ResponseWriter, r *http.Request) error {
	by, err := s.office(r)
	if err != nil {
		return err
	}
	u, err := s.Desk.Get(r.Context(), by, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := runView{u: u, title: u.Kind}
	if k, err := s.Desk.Kind(u.Kind); err == nil {
		v.title, v.after = k.Label(), k.After
	}
	if u.State.Busy() {
		w.Header().Set("Refresh", "2") // without a script too
	}
	return s.Kit.Page(w, r, http.StatusOK, importRun(web.Page(r), v))
}

func (s *Imports) confirm(w http.ResponseWriter, r *http.Request) error {
	return s.decide(w, r, func(by authz.Actor, id string, version int) error {
		return s.Desk.Confirm(r.Context(), by, id, version)
	})
}

func (s *Imports) discard(w http.ResponseWriter, r *http.Request) error {
	return s.decide(w, r, func(by authz.Actor, id string, version int) error {
		return s.Desk.Discard(r.Context(), by, id, version)
	})
}

func (s *Imports) decide(w http.ResponseWriter, r *http.Request, do func(by authz.Actor, id string, version int) error) error {
	by, err := s.office(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "import.form")
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Raw("version")) // no number is no version: Stale
	id := r.PathValue("id")
	if err := do(by, id, version); err != nil {
		return err
	}
	http.Redirect(w, r, ImportHome+"/"+id, http.StatusSeeOther) //nolint:gosec // always a page of this site
	return nil
}

func (s *Imports) rejected(w http.ResponseWriter, r *http.Request) error {
	by, err := s.office(r)
	if err != nil {
		return err
	}
	name, body, err := s.Desk.Rejected(r.Context(), by, r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.give(w, r, name, body)
}

func (s *Imports) export(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	kind, err := s.Desk.Out(by, r.PathValue("kind"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	filter := xfer.Filter{Region: region.Code(q.Get("region")), Lang: web.Lang(r), Contacts: q.Get("contacts") != ""}
	if filter.Region != "" && !filter.Region.Valid() {
		return fault.Missing()
	}
	filter.Year, _ = strconv.Atoi(q.Get("year")) // none is every year
	if q.Get("from") == "list" {
		filter.List = q
	}
	f := wanted(r)
	name := kind.Table.Name + "." + string(f)
	return web.Stream(w, name, xfer.MediaType(name), func(out io.Writer) error {
		return kind.Write(r.Context(), out, by, filter, f)
	})
}

// kindOptions are the tables to choose from.
func (v importView) kindOptions(p ui.P) []ui.Option {
	var options []ui.Option
	for _, k := range v.kinds {
		options = append(options, ui.Option{Value: k.Table.Name, Label: p.T(k.Label())})
	}
	return options
}

// history lists the imports of the reader's offices; only one's own open.
func (v importView) history(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("import.history"), Hidden: true, Dense: true, Stack: true, Head: []ui.Col{
		{Label: p.T("import.when")},
		{Label: p.T("import.what")},
		{Label: p.T("import.file")},
		{Label: p.T("import.who")},
		{Label: p.T("import.state")},
		{Label: p.T("import.new"), Num: true},
		{Label: p.T("import.changed"), Num: true},
		{Label: p.T("import.unchanged"), Num: true},
		{Label: p.T("import.rejected"), Num: true},
	}}
	for _, u := range v.past {
		what := u.Kind
		if key := v.titles[u.Kind]; key != "" {
			what = p.T(key)
		}
		file := ui.Cell{Text: u.Name}
		if u.Person == v.by.ID {
			file.Href = ImportHome + "/" + u.ID
		}
		row := []ui.Cell{{Text: instant(p, db.Millis(u.Created))}, {Text: what}, file, {Text: u.PersonName}, {Body: stateTag(p, u.State)}}
		for _, n := range []int64{u.Report.New, u.Report.Changed, u.Report.Unchanged, u.Report.Rejected} {
			row = append(row, ui.Cell{Text: ui.Commas(n), Faint: n == 0})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: row})
	}
	return t
}

func stateTone(s xfer.State) ui.Tone {
	switch s {
	case xfer.Done:
		return ui.Moss
	case xfer.Failed:
		return ui.Crane
	case xfer.Checked:
		return ui.Reed
	default:
		return ui.Sea
	}
}

// counts are what an import did, or would do.
func (v runView) counts(p ui.P) []ui.Stat {
	r := v.u.Report
	unit := p.T("import.rows")
	var stats []ui.Stat
	for _, c := range []struct {
		label string
		n     int64
	}{
		{p.T("import.new"), r.New},
		{p.T("import.changed"), r.Changed},
		{p.T("import.unchanged"), r.Unchanged},
		{p.T("import.rejected"), r.Rejected},
	} {
		stats = append(stats, ui.Stat{Label: c.label, Value: ui.Commas(c.n), Unit: unit})
	}
	return stats
}

// sample is the first rows as they were understood.
func (v runView) sample(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("import.sample"), Dense: true}
	for _, h := range v.u.Preview.Headings {
		t.Head = append(t.Head, ui.Col{Label: h})
	}
	for _, row := range v.u.Preview.Rows {
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Words(row...)})
	}
	return t
}

func (v runView) problems(p ui.P) ui.Table {
	t := ui.Table{Caption: p.T("import.problems"), Dense: true, Head: []ui.Col{{Label: p.T("import.row"), Num: true}, {Label: p.T("import.why")}}}
	for _, b := range v.u.Preview.Problems {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(b.Line)}, {Text: b.Why}}})
	}
	return t
}
