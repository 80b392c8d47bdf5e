package enterpriseweb

import (
	"net/http"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// enter is the form by which the office enters an enterprise that came to the
// counter (代企业登记).
func (s *Pages) enter(w http.ResponseWriter, r *http.Request) error {
	if err := web.Staff(web.Actor(r), enterprise.Verify); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "firm.profile")
	if err != nil {
		return err
	}
	return s.enterPage(w, r, http.StatusOK, f)
}

func (s *Pages) enterPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	tree, err := s.tree(r)
	if err != nil {
		return err
	}
	p := web.Page(r)
	return s.Kit.Page(w, r, status, enterPage(p, f, Towns(p, tree, web.Top(web.Actor(r), enterprise.Register, s.Home), s.Kit.Today())))
}

func (s *Pages) saveEntry(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, enterprise.Verify); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "firm.profile")
	if err != nil {
		return err
	}
	in := RegistrationOf(f)
	var id enterprise.ID
	if in.Profile.Region == "" { // without a place nobody can say whose the entry is
		err = unplaced(f)
	} else {
		id, err = s.Enterprises.Register(r.Context(), by, in)
	}
	if f.Broken(err) {
		return s.enterPage(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "firm.entered")
	return web.SeeOther(w, r, entryHref(id))
}

// unplaced tells what is wrong with an entry that names no town.
func unplaced(f *web.Form) error {
	_, err := enterprise.Parse(f.Text("code"))
	f.Broken(err)
	if f.Text("name") == "" {
		f.Wrong("name", "field.required")
	}
	f.Wrong("region", "field.required")
	return f.Err()
}

// RegistrationOf reads a registration from a form drawn with ProfileFields.
func RegistrationOf(f *web.Form) enterprise.Registration {
	return enterprise.Registration{Profile: profileOf(f), Codes: []string{f.Text("code")}, Contact: contactOf(f), Once: f.Once()}
}
