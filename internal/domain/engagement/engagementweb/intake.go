package engagementweb

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Who a need is entered for, besides an enterprise's id.
const (
	newFirm = "new"    // an enterprise that is not on the register yet
	person  = "person" // a founder, by name and telephone
)

// intakeView is the page on which staff enter a need for a call or a visit
// (代企业登记).
type intakeView struct {
	files  ui.Files
	p      web.P
	f      *web.Form
	tree   *territory.Tree
	found  []enterprise.Enterprise
	looked bool // a search was made
	places []region.Code
}

// intake shows the page; ?q= finds the enterprise at once.
func (s *Pages) intake(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.intake")
	if err != nil {
		return err
	}
	f.Start("channel", string(engagement.Call)).Start("q", r.URL.Query().Get("q"))
	return s.intakePage(w, r, f, http.StatusOK)
}

// intakeFind looks for the enterprise and gives the page back as it was typed.
func (s *Pages) intakeFind(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.intake")
	if err != nil {
		return err
	}
	if _, err := s.Kit.Receive(r, f, filesField); err != nil {
		return err
	}
	return s.intakePage(w, r, f, http.StatusOK)
}

// intakePost enters the need, and the enterprise with it when it is new.
func (s *Pages) intakePost(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.intake")
	if err != nil {
		return err
	}
	ctx, by := r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	in := engagement.Posting{
		Content: contentOf(f), Contact: contactOf(f), Channel: engagement.Channel(f.Text("channel")),
		Enterprise: f.Text("as"), Once: f.Once(),
	}
	if in.Papers, err = s.Kit.Receive(r, f, filesField); err != nil {
		return err
	}
	switch in.Enterprise {
	case "":
		f.Wrong("as", "ask.intake.as.which")
		in.Enterprise = newFirm
	case person:
		in.Enterprise, in.Region = "", region.Code(f.Text("region"))
	}
	f.Broken(s.Needs.Check(in).Err())
	if in.Enterprise == newFirm && f.Raw("as") == newFirm {
		in.Enterprise, err = s.register(ctx, by, f)
	}
	if f.Broken(err) {
		return s.intakePage(w, r, f, http.StatusUnprocessableEntity)
	}
	var n engagement.Need
	if err == nil {
		n, err = s.Needs.Post(ctx, by, in)
	}
	if f.Broken(err) {
		return s.intakePage(w, r, f, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "ask.intake.done", "number", n.Number)
	return web.SeeOther(w, r, bench.of(n.ID))
}

// register puts a new enterprise on the register, once for one form, when
// everything else of the form is in order.
func (s *Pages) register(ctx context.Context, by authz.Actor, f *web.Form) (string, error) {
	in := enterprise.Registration{
		Profile: enterprise.Profile{Name: f.Text("firm_name"), Region: region.Code(f.Text("region"))},
		Codes:   strings.Fields(f.Text("firm_code")),
		Contact: enterprise.Contact{Person: f.Text("contact_name"), Phone: f.Text("contact_phone")},
	}
	if once := f.Once(); once != "" {
		in.Once = once + "-firm"
	}
	if len(in.Codes) == 0 {
		f.Wrong("firm_code", "field.required")
	}
	if f.Err() != nil {
		in.Codes = append(in.Codes, "?") // told what is wrong here too, and not taken
	}
	id, err := s.Enterprises.Register(ctx, by, in)
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid {
		return string(id), err
	}
	var bad fault.Fields
	names := map[string]string{"name": "firm_name", "code": "firm_code", "codes": "firm_code", "contact_person": "contact_name"}
	for _, b := range e.Fields {
		if to, ok := names[b.Name]; ok {
			b.Name = to
		}
		if b.Name == "firm_code" && f.Err() != nil && f.Text("firm_code") != "" {
			continue // it is our own mark
		}
		bad = append(bad, b)
	}
	return "", bad.Err()
}

func (s *Pages) intakePage(w http.ResponseWriter, r *http.Request, f *web.Form, status int) error {
	ctx, by := r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return signIn()
	}
	h := &intakeView{p: web.Page(r), f: f, files: s.Kit.Files(f, filesField), places: by.Regions(engagement.Post)}
	if len(h.places) == 0 {
		return fault.Closed()
	}
	var err error
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return err
	}
	if q := f.Text("q"); q != "" {
		h.looked = true
		if h.found, _, err = s.Enterprises.List(ctx, by, enterprise.Filter{Text: q}, engagement.Page{Limit: 12}); err != nil {
			return err
		}
	}
	if as := f.Raw("as"); as != "" && as != newFirm && as != person && !h.has(as) {
		e, err := s.Enterprises.Get(ctx, by, enterprise.ID(as))
		if err == nil {
			h.found = append(h.found, e)
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return s.Kit.Page(w, r, status, intakePage(h))
}

func (h *intakeView) has(id string) bool {
	for i := range h.found {
		if string(h.found[i].ID) == id {
			return true
		}
	}
	return false
}
