package engagementweb

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// The fields of documents: those to bring, and of those that hang on the record
// already which there were and which are to stay.
const (
	filesField = files.Field
	hadField   = "had"
	keepField  = "keep"
)

// papers reports whether the step brings documents.
func (a act) papers() bool {
	return slices.Contains([]authz.Permission{engagement.Supply, engagement.Edit, engagement.Deliver, engagement.Correct}, a.do)
}

// broken is a token that nobody holds. With it a step whose documents are not in
// order is checked to its end, so that everything wrong is told, and not taken.
const broken = "-"

// papersOf reads what a sent form does to documents.
func (s *Pages) papersOf(r *http.Request, f *web.Form) (files.Papers, error) {
	var p files.Papers
	var err error
	p.Add, err = s.Kit.Receive(r, f, filesField)
	if f.Field(filesField).Error != "" {
		p.Add = []string{broken}
	}
	keep := f.Many(keepField)
	for _, id := range f.Many(hadField) {
		if !slices.Contains(keep, id) {
			p.Remove = append(p.Remove, id)
		}
	}
	return p, err
}

// file gives a document away to whoever may see what it hangs on.
func (s *Pages) file(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	f, data, err := s.Needs.OpenFile(r.Context(), by, idOf(r), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}

// attached are the files of a record as they are listed.
func attached(p web.P, need engagement.ID, all []files.File, kind, id string) []ui.Attachment {
	var list []ui.Attachment
	for i := range all {
		if f := &all[i]; f.On(kind, id) {
			list = append(list, ui.Attachment{
				Name: f.Name, Href: "/needs/" + string(need) + "/files/" + f.ID,
				Meta: p.T(files.TypeKey(f.Type)) + " · " + ui.Bytes(f.Size) + " · " + p.Short(f.At),
			})
		}
	}
	return list
}

// filesFact lists the files of a record as one line of its facts; none at all is
// no line.
func (h *sight) filesFact(kind, id string) []ui.Fact {
	list := attached(h.p, h.d.ID, h.d.Files, kind, id)
	if len(list) == 0 {
		return nil
	}
	if h.v == bench { // opening them leaves a trace, as looking at the contact does
		for i := range list {
			list[i].Meta += " · " + h.p.T("ask.contact.noted")
		}
	}
	return []ui.Fact{{Label: h.p.T("ask.fact.files"), Body: ui.Attached(h.p, list)}}
}

// paperFields choose documents to bring, and to keep of those there are.
func paperFields(h *sheet) templ.Component {
	kind, id := engagement.Kind, string(h.d.ID)
	if h.delivery != nil {
		kind, id = engagement.DeliveryKind, h.delivery.ID
	}
	choose := ui.FilesField(h.p, h.files.Opt())
	if h.a.do != engagement.Edit && h.a.do != engagement.Correct {
		return choose
	}
	var parts []templ.Component
	var options []ui.Option
	var ids []string
	for i := range h.d.Files {
		if f := &h.d.Files[i]; f.On(kind, id) {
			parts = append(parts, ui.Hidden(hadField, f.ID))
			options = append(options, ui.Option{Value: f.ID, Label: f.Name, Hint: h.p.T(files.TypeKey(f.Type)) + " · " + ui.Bytes(f.Size)})
			ids = append(ids, f.ID)
		}
	}
	if len(options) == 0 {
		return choose
	}
	keep := h.f.Start(keepField, ids...).Field(keepField).Opt()
	keep.Values = h.f.Many(keepField)
	return templ.Join(append([]templ.Component{ui.CheckField(h.p, keep.From(options...)), choose}, parts...)...)
}
