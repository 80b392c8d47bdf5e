package engagementweb

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// The need form goes in five steps. Each sends all that was typed so far, and
// each sending is kept as a draft under a token that the form carries: the next
// step is a plain page that can be reloaded, and a form whose draft is gone, or
// could not be kept, still has everything in it.

// part is one step of the form with its fields; its words are ask.form.<name>….
type part struct {
	name   string
	fields []string
}

func parts() []part {
	return []part{
		{"topic", []string{"theme"}},
		{"story", []string{"title", "text"}},
		{"money", []string{"amount", "wanted_by", "months", "collateral"}},
		{"people", []string{"as", "region", "contact_name", "contact_phone", "contact_post"}},
		{"send", []string{web.HeldName(filesField)}},
	}
}

const (
	newPage     = "/needs/new"
	keptField   = "kept"       // token of the draft, carried by the form
	keptCookie  = "need_draft" // token of the latest draft on this computer
	keptSeconds = 30 * 24 * 60 * 60
	self        = "self" // asks in their own name: a founder
	own         = "own"  // asks for an enterprise, known after signing in
)

// posting is the page of one step of the form.
type posting struct {
	p       web.P
	f       *web.Form
	step    int // from 1
	kept    string
	firms   []enterprise.Enterprise // those the reader may ask for
	tree    *territory.Tree
	limits  flow.Limits
	known   engagement.Contact // the contact of the reader's last need
	pending string             // token of a draft to go on with; "" for none
	files   ui.Files
}

// newNeed shows a step of the form: the first, or the one the address names.
func (s *Pages) newNeed(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.form")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if t := institution.Theme(q.Get("theme")); t.Valid() {
		f.Start("theme", string(t))
	}
	step, err := strconv.Atoi(q.Get("step"))
	switch {
	case !institution.Theme(f.Raw("theme")).Valid():
		step = 1
	case err != nil || !f.Sent():
		step = 2
	}
	h, err := s.posting(r, f, step)
	if err != nil {
		return err
	}
	if !f.Sent() {
		h.pending = s.pending(r)
	}
	return s.Kit.Page(w, r, http.StatusOK, formPage(h))
}

// nextStep takes a step that was sent and turns to the one asked for.
func (s *Pages) nextStep(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.form")
	if err != nil {
		return err
	}
	if _, err := s.Kit.Receive(r, f, filesField); err != nil {
		return err
	}
	step := min(max(int(f.Int("step")), 1), len(parts()))
	if f.Err() != nil { // a file that cannot be taken: said before turning the page
		h, err := s.posting(r, f, step)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, formPage(h))
	}
	to := step + 1
	switch f.Raw("go") {
	case "next", "":
		if f.Broken(s.wrong(f, step)) {
			h, err := s.posting(r, f, step)
			if err != nil {
				return err
			}
			return s.Kit.Page(w, r, http.StatusUnprocessableEntity, formPage(h))
		}
	case "back":
		to = step - 1
	default:
		to, _ = strconv.Atoi(f.Raw("go"))
	}
	to = min(max(to, 1), len(parts()))
	if token := s.keep(w, r, f); token != "" {
		return web.SeeOther(w, r, newPage+"?draft="+url.QueryEscape(token)+"&step="+strconv.Itoa(to))
	}
	h, err := s.posting(r, f, to)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, formPage(h))
}

// wrong is what breaks a rule in the fields of one step.
func (s *Pages) wrong(f *web.Form, step int) error {
	var here fault.Fields
	for _, b := range s.Needs.Check(read(f, step)) {
		if slices.Contains(parts()[step-1].fields, b.Name) {
			here = append(here, b)
		}
	}
	if step == 4 && f.Raw("as") == "" {
		here = append(fault.Fields{{Name: "as", Key: "field.choice"}}, here...)
	}
	return here.Err()
}

// read takes what one step holds, 0 for all of them; what cannot be read
// becomes a value that the domain refuses.
func read(f *web.Form, step int) engagement.Posting {
	var in engagement.Posting
	if step == 0 || step == 1 {
		in.Theme = institution.Theme(f.Text("theme"))
	}
	if step == 0 || step == 2 {
		in.Title, in.Text = f.Text("title"), f.Long("text")
	}
	if step == 0 || step == 3 {
		theme := in.Theme
		in.Content = contentOf(f)
		if step == 3 {
			in.Theme, in.Title, in.Text = theme, "", ""
		}
		if institution.Theme(f.Text("theme")) != institution.Financing {
			in.Months, in.Collateral = 0, nil // typed before another theme was chosen
		}
	}
	if step == 0 || step == 4 {
		in.Contact = contactOf(f)
		if f.Raw("as") == self {
			in.Region = region.Code(f.Text("region"))
		} else {
			in.Enterprise = f.Text("as")
		}
	}
	return in
}

// post puts the need before the service centre. Who is not signed in is asked
// to, when all is filled in, and finds the form as it was.
func (s *Pages) post(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.form")
	if err != nil {
		return err
	}
	in, by := read(f, 0), web.Actor(r)
	if in.Papers, err = s.Kit.Receive(r, f, filesField); err != nil {
		return err
	}
	err = s.Needs.Check(in).Err()
	if f.Raw("as") == "" {
		f.Wrong("as", "field.choice")
	}
	if !f.Broken(err) && by.SignedIn() {
		in, err = s.asker(by, f, in)
	}
	if f.Broken(err) {
		h, err := s.posting(r, f, firstBroken(f))
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, formPage(h))
	}
	if !by.SignedIn() {
		return signIn()
	}
	in.Once = f.Once()
	n, err := s.Needs.Post(r.Context(), by, in)
	if f.Broken(err) {
		h, err := s.posting(r, f, firstBroken(f))
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, formPage(h))
	}
	if err != nil {
		return err
	}
	s.forget(w, r, f)
	s.Kit.Flash(w, r, ui.OK, "ask.posted", "number", n.Number)
	return web.SeeOther(w, r, asking.of(n.ID))
}

// asker fills in on whose behalf a signed-in reader asks.
func (s *Pages) asker(by authz.Actor, f *web.Form, in engagement.Posting) (engagement.Posting, error) {
	if f.Raw("as") == self {
		in.Enterprise, in.Person = "", by.ID
		return in, nil
	}
	firms := by.Parties(authz.Enterprise, engagement.Post)
	switch {
	case slices.Contains(firms, in.Enterprise):
	case f.Raw("as") == own && len(firms) == 1:
		in.Enterprise = firms[0]
	case len(firms) == 0:
		f.Wrong("as", "ask.form.no_firm")
	default:
		f.Wrong("as", "field.choice")
	}
	return in, f.Err()
}

// firstBroken is the first step with something to correct.
func firstBroken(f *web.Form) int {
	for i, part := range parts() {
		for _, name := range part.fields {
			if f.Field(name).Error != "" {
				return i + 1
			}
		}
	}
	return len(parts())
}

// posting gathers what a step's page shows.
func (s *Pages) posting(r *http.Request, f *web.Form, step int) (*posting, error) {
	h, ctx, by := &posting{p: web.Page(r), f: f, step: min(max(step, 1), len(parts()))}, r.Context(), web.Actor(r)
	h.kept, h.files = f.Raw(keptField), s.Kit.Files(f, filesField)
	if !token(h.kept) {
		h.kept = rand.Text()
	}
	var err error
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return nil, err
	}
	if h.limits, err = s.Flow.Limits(ctx); err != nil {
		return nil, err
	}
	for _, id := range by.Parties(authz.Enterprise, engagement.Post) {
		e, err := s.Enterprises.Get(ctx, by, enterprise.ID(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		h.firms = append(h.firms, e)
	}
	if h.step == 4 && by.SignedIn() && f.Raw("contact_phone") == "" {
		h.known = engagement.Contact{Name: by.Name}
		last, _, err := s.Needs.Mine(ctx, by, engagement.Page{Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(last) > 0 {
			if h.known, err = s.Needs.Contact(ctx, by, last[0].ID); err != nil {
				return nil, err
			}
		}
	}
	return h, nil
}

// saveDraft keeps the form while it is being typed.
func (s *Pages) saveDraft(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "ask.form")
	if err != nil {
		return err
	}
	if s.keep(w, r, f) == "" {
		return fault.New(fault.Unavailable, "fault.unavailable")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// keep stores the form as it was sent and answers its token; "" when drafts
// are not kept here or just now, and then the form itself must do.
func (s *Pages) keep(w http.ResponseWriter, r *http.Request, f *web.Form) string {
	if s.Kit.Drafts == nil {
		return ""
	}
	to := f.Raw(keptField)
	if !token(to) {
		to = rand.Text()
	}
	values, size := url.Values{keptField: {to}, "_once": {f.Once()}}, 0
	for _, part := range parts() {
		for _, name := range part.fields {
			if all := f.Many(name); len(all) > 0 {
				values[name] = all
			}
			for _, v := range values[name] {
				size += len(v)
			}
		}
	}
	if size > 60<<10 {
		return ""
	}
	if err := s.Kit.Drafts.Put(r.Context(), to, web.Draft{Page: newPage, Values: values}); err != nil {
		s.Kit.Log.WarnContext(r.Context(), "need draft not kept", "error", err)
		return ""
	}
	s.remember(w, r, to, keptSeconds)
	return to
}

// forget empties the draft of a need that was posted.
func (s *Pages) forget(w http.ResponseWriter, r *http.Request, f *web.Form) {
	if to := f.Raw(keptField); s.Kit.Drafts != nil && token(to) {
		if err := s.Kit.Drafts.Put(r.Context(), to, web.Draft{Page: newPage}); err != nil {
			s.Kit.Log.WarnContext(r.Context(), "need draft not emptied", "error", err)
		}
	}
	s.remember(w, r, "", -1)
}

func (s *Pages) remember(w http.ResponseWriter, r *http.Request, to string, seconds int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure over TLS, as for every cookie of the site
		Name: keptCookie, Value: to, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: web.Secure(r), SameSite: http.SameSiteLaxMode,
	})
}

// pending is the token of a draft on this computer that can be gone on with.
func (s *Pages) pending(r *http.Request) string {
	c, err := r.Cookie(keptCookie)
	if err != nil || s.Kit.Drafts == nil || !token(c.Value) {
		return ""
	}
	d, err := s.Kit.Drafts.Get(r.Context(), c.Value)
	if err != nil || d.Values.Get("theme")+d.Values.Get("title") == "" {
		return ""
	}
	return c.Value
}

// token reports whether the text can be the token of a draft: nobody guesses it.
func token(s string) bool { return len(s) == len(rand.Text()) && url.QueryEscape(s) == s }

// resume is where a pending draft goes on.
func resume(kept string) string { return newPage + "?draft=" + url.QueryEscape(kept) + "&step=2" }
