package institutionweb

import (
	"net/http"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// removeField carries the documents to be taken off, by their ids.
const removeField = "remove"

// papersView is the part of a page with an institution's documents (资质文件).
type papersView struct {
	institution.Detail
	Form   *web.Form
	Choose ui.Files
	Action string // where changes are sent; "" for those who only read
	Noted  bool   // opening one leaves a trace
}

// sent reports that the form comes back, with something to be looked at.
func (v papersView) sent() bool {
	return v.Choose.Error != "" || len(v.Choose.Held) > 0 || v.Form.Raw(removeField) != ""
}

// lead says what belongs here and who sees it.
func (v papersView) lead(p web.P) string {
	if v.Noted {
		return p.T("provider.papers.noted")
	}
	return p.T("provider.papers.lead")
}

// list is what hangs on the institution, as it is listed.
func (v papersView) list(p web.P) []ui.Attachment {
	list := make([]ui.Attachment, len(v.Files))
	for i, f := range v.Files {
		list[i] = ui.Attachment{
			Name: f.Name, Href: "/institutions/" + string(v.ID) + "/files/" + f.ID,
			Meta: p.T(files.TypeKey(f.Type)) + " · " + ui.Bytes(f.Size) + " · " + p.Short(f.At),
		}
	}
	return list
}

// remove ticks those that are to go.
func (v papersView) remove(p web.P) ui.Field {
	options := make([]ui.Option, len(v.Files))
	for i, f := range v.Files {
		options[i] = ui.Option{Value: f.ID, Label: f.Name}
	}
	field := v.Form.Field(removeField).Says(p.T("provider.papers.remove"), "").Opt().From(options...)
	field.Values = v.Form.Many(removeField)
	return field
}

// add chooses those to bring.
func (v papersView) add(p web.P) ui.Files {
	return v.Choose.Says(p.T("provider.papers.add"), v.Choose.Hint).Opt()
}

// savePapers brings documents and takes them off, at the desk.
func (s *Pages) savePapers(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	id := institution.ID(r.PathValue("id"))
	return s.putPapers(w, r, f, id, benchHref(id), func(status int) error {
		v, err := s.detail(r, stepArea)
		if err != nil {
			return err
		}
		v.Form, v.Do = f, files.Field
		return s.detailPage(w, r, status, v)
	})
}

// saveOwnPapers is the same in the institution's own space.
func (s *Pages) saveOwnPapers(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mine(r, institution.Edit)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, taskArea)
	if err != nil {
		return err
	}
	return s.putPapers(w, r, f, id, "/my/institution?i="+string(id), func(status int) error { return s.ownPage(w, r, status, f) })
}

// putPapers leads back when all is well; else show draws the page again, with
// what was chosen.
func (s *Pages) putPapers(w http.ResponseWriter, r *http.Request, f *web.Form, id institution.ID, back string, show func(status int) error) error {
	p := files.Papers{Remove: f.Many(removeField)}
	var err error
	if p.Add, err = s.Kit.Receive(r, f, files.Field); err != nil {
		return err
	}
	if err = f.Err(); err == nil {
		_, err = s.Institutions.SetPapers(r.Context(), web.Actor(r), id, int(f.Int("version")), p, f.Once())
	}
	switch {
	case f.Broken(err):
		return show(http.StatusUnprocessableEntity)
	case fault.Is(err, fault.Stale): // nothing is lost: the page shows what there is now, and takes the form again
		f.Wrong(files.Field, "provider.papers.stale")
		return show(http.StatusPreconditionFailed)
	case err != nil:
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "provider.papers.saved")
	return web.SeeOther(w, r, back)
}

// file gives a document away to whoever sees the institution's entry.
func (s *Pages) file(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	f, data, err := s.Institutions.OpenFile(r.Context(), by, institution.ID(r.PathValue("id")), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}
