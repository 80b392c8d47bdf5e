package enterpriseweb

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// own are the enterprises that the reader acts for.
func own(by authz.Actor) []string { return by.Parties(authz.Enterprise, enterprise.Edit) }

// mine is the enterprise that the page is about: the one named in the address,
// else the only or first one that the reader acts for.
func (s *Pages) mine(r *http.Request) (enterprise.Enterprise, error) {
	by := web.Actor(r)
	if !by.SignedIn() {
		return enterprise.Enterprise{}, fault.New(fault.SignIn, "fault.sign_in")
	}
	ids := own(by)
	id := r.URL.Query().Get("e")
	if id == "" && len(ids) > 0 {
		id = ids[0]
	}
	if !slices.Contains(ids, id) {
		return enterprise.Enterprise{}, fault.New(fault.NotFound, "firm.own.none")
	}
	return s.Enterprises.Get(r.Context(), by, enterprise.ID(id))
}

// own is the enterprise's profile, to be changed (企业资料).
func (s *Pages) own(w http.ResponseWriter, r *http.Request) error {
	e, err := s.mine(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "firm.profile")
	if err != nil {
		return err
	}
	c, err := s.Enterprises.Contact(r.Context(), web.Actor(r), e.ID)
	if err != nil {
		return err
	}
	start(f, e, c)
	return s.profile(w, r, http.StatusOK, f, edited{Enterprise: e})
}

// start fills the form with what is on file.
func start(f *web.Form, e enterprise.Enterprise, c enterprise.Contact) {
	p := e.Profile
	f.Start("name", p.Name).Start("short_name", p.ShortName).Start("region", string(p.Region)).Start("address", p.Address)
	f.Start("legal_form", string(p.LegalForm)).Start("industry", industryValue(p.Industry)).Start("established", p.Established)
	f.Start("code", e.CreditCode()).Start("version", strconv.Itoa(e.Version))
	f.Start("contact_person", c.Person).Start("contact_phone", c.Phone).Start("contact_mail", c.Mail)
}

// profileOf reads the profile part of a form.
func profileOf(f *web.Form) enterprise.Profile {
	return enterprise.Profile{
		Name: f.Text("name"), ShortName: f.Text("short_name"), Region: region.Code(f.Text("region")), Address: f.Text("address"),
		LegalForm: enterprise.LegalForm(f.Text("legal_form")), Industry: industryOf(f.Text("industry")), Established: date(f, "established"),
	}
}

// date is a day as the domain takes it. What could not be read stays as it was
// typed: the domain refuses it together with everything else that is wrong.
func date(f *web.Form, name string) string {
	if day := f.Date(name); day != "" {
		return day
	}
	return f.Text(name)
}

func contactOf(f *web.Form) enterprise.Contact {
	return enterprise.Contact{Person: f.Text("contact_person"), Phone: f.Text("contact_phone"), Mail: f.Text("contact_mail")}
}

func (s *Pages) saveOwn(w http.ResponseWriter, r *http.Request) error {
	e, err := s.mine(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "firm.profile")
	if err != nil {
		return err
	}
	contact := contactOf(f)
	in := enterprise.Amendment{Profile: profileOf(f), Contact: &contact}
	if f.Text("code") != e.CreditCode() { // as it is: other numbers on file stay
		in.Codes = []string{f.Text("code")}
	}
	err = s.Enterprises.Edit(r.Context(), web.Actor(r), e.ID, int(f.Int("version")), in)
	if f.Broken(err) {
		return s.profile(w, r, http.StatusUnprocessableEntity, f, edited{Enterprise: e})
	}
	if both, ok := errors.AsType[*enterprise.Both](err); ok {
		return s.profile(w, r, http.StatusPreconditionFailed, f, edited{Enterprise: e, Both: both})
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "firm.own.saved")
	return web.SeeOther(w, r, "/my")
}

// edited is an enterprise whose form is shown, with both versions when somebody
// else has changed it meanwhile.
type edited struct {
	Enterprise enterprise.Enterprise
	Both       *enterprise.Both
}

// version is the one the form is sent with: that of the newest record, because
// the reader has seen it beside their own.
func (e edited) version(f *web.Form) string {
	if e.Both != nil {
		return strconv.Itoa(e.Both.Theirs.Version)
	}
	return f.Raw("version")
}

func (s *Pages) profile(w http.ResponseWriter, r *http.Request, status int, f *web.Form, e edited) error {
	tree, err := s.tree(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, ownPage(web.Page(r), f, e, tree, Towns(web.Page(r), tree, s.Home, s.Kit.Today())))
}

// differing are the lines in which two versions of a profile differ.
func differing(p web.P, t *territory.Tree, theirs, yours enterprise.Profile) []ui.Row {
	lines := []struct{ name, theirs, yours string }{
		{"name", theirs.Name, yours.Name},
		{"short_name", theirs.ShortName, yours.ShortName},
		{"region", placeName(p, t, theirs.Region), placeName(p, t, yours.Region)},
		{"address", theirs.Address, yours.Address},
		{"legal_form", formName(p, theirs.LegalForm), formName(p, yours.LegalForm)},
		{"industry", IndustryName(p.Lang, theirs.Industry), IndustryName(p.Lang, yours.Industry)},
		{"established", p.DateOf(theirs.Established), p.DateOf(yours.Established)},
	}
	var rows []ui.Row
	for _, l := range lines {
		if l.theirs != l.yours {
			rows = append(rows, ui.Row{Cells: ui.Words(p.T("firm.profile."+l.name), l.theirs, l.yours)})
		}
	}
	return rows
}

func formName(p web.P, form enterprise.LegalForm) string {
	if form == enterprise.NoForm {
		return ""
	}
	return p.T("enterprise.form." + string(form))
}

func legalForms(p web.P) []ui.Option {
	options := []ui.Option{{Value: "", Label: p.T("firm.choose")}}
	for _, form := range enterprise.LegalForms() {
		options = append(options, ui.Option{Value: string(form), Label: formName(p, form)})
	}
	return options
}

// years are the enterprise's figures by year, with the form for one year.
func (s *Pages) years(w http.ResponseWriter, r *http.Request) error {
	e, err := s.mine(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "firm.year")
	if err != nil {
		return err
	}
	known, err := s.Enterprises.Years(r.Context(), web.Actor(r), e.ID)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	year := q.Get("year")
	if year == "" {
		year = strconv.Itoa(s.Kit.Clock().In(ui.Shanghai()).Year() - 1) // the newest that has ended
	}
	f.Start("year", year)
	startYear(f, known, year)
	for _, name := range []string{"employees", "revenue", "assets"} {
		if v := q.Get(name); v != "" {
			f.Start(name, v)
		}
	}
	return s.yearsPage(w, r, http.StatusOK, f, e, known)
}

// startYear fills in what is on file for the year, with its version.
func startYear(f *web.Form, known []enterprise.Year, year string) {
	f.Start("version", "0")
	for _, y := range known {
		if strconv.Itoa(y.Year) != year {
			continue
		}
		f.Start("version", strconv.Itoa(y.Version))
		for name, n := range map[enterprise.Metric]*int64{enterprise.Employees: y.Figures.Employees, enterprise.Revenue: y.Figures.Revenue, enterprise.Assets: y.Figures.Assets} {
			if n != nil {
				f.Start(string(name), typed(name, *n))
			}
		}
		return
	}
}

func (s *Pages) saveYear(w http.ResponseWriter, r *http.Request) error {
	e, err := s.mine(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "firm.year")
	if err != nil {
		return err
	}
	by := web.Actor(r)
	y := enterprise.Year{Year: int(f.Int("year")), Figures: figures(f), Source: enterprise.SelfReported, Version: int(f.Int("version"))}
	known, err := s.Enterprises.Years(r.Context(), by, e.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(k enterprise.Year) bool { return y.Version == 0 && k.Year == y.Year }) {
		f.Wrong("year", "firm.year.known", "year", strconv.Itoa(y.Year))
	} else {
		err = s.Enterprises.SetYear(r.Context(), by, e.ID, y)
	}
	if f.Broken(err) {
		return s.yearsPage(w, r, http.StatusUnprocessableEntity, f, e, known)
	}
	if err != nil {
		return err
	}
	answer, err := s.Enterprises.Sizing(r.Context(), by, e.ID, y.Year, enterprise.ForPolicy)
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "firm.year.saved", "year", strconv.Itoa(y.Year), "class", web.Lang(r).T(ClassKey(answer.Class)))
	return web.SeeOther(w, r, "/my/enterprise/years?e="+string(e.ID))
}

func (s *Pages) yearsPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form, e enterprise.Enterprise, known []enterprise.Year) error {
	rules, err := s.Enterprises.Rules(r.Context())
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, yearsView(web.Page(r), f, e, known, rules))
}

// yearRows are the years on file with the class that each makes.
func yearRows(p web.P, e enterprise.Enterprise, known []enterprise.Year, rules enterprise.Rules, change bool) []ui.Row {
	var rows []ui.Row
	for _, y := range known {
		end := strconv.Itoa(y.Year) + "-12-31"
		answer := rules.Classify(enterprise.ForPolicy, end, e.Profile.Industry, y.Figures)
		year := ui.Cell{Text: strconv.Itoa(y.Year)}
		if change && y.Via == "" {
			year.Href = "/my/enterprise/years?e=" + string(e.ID) + "&year=" + year.Text
		}
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			year,
			{Text: optional(p, enterprise.Employees, y.Figures.Employees)},
			{Text: optional(p, enterprise.Revenue, y.Figures.Revenue)},
			{Text: optional(p, enterprise.Assets, y.Figures.Assets)},
			{Text: p.T(ClassKey(answer.Class))},
			{Text: p.T("enterprise.source." + string(y.Source)), Faint: true},
		}})
	}
	return rows
}

// myClaims are the reader's own claims (我的认领).
func (s *Pages) myClaims(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "firm.claim")
	if err != nil {
		return err
	}
	return s.claimsOf(w, r, http.StatusOK, f, "")
}

func (s *Pages) claimsOf(w http.ResponseWriter, r *http.Request, status int, f *web.Form, open string) error {
	list, err := s.Enterprises.MyClaims(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, myClaimsPage(web.Page(r), f, s.Kit.Files(f, files.Field), list, open))
}

func (s *Pages) addEvidence(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "firm.claim")
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	papers, err := s.Kit.Receive(r, f, files.Field)
	if err != nil {
		return err
	}
	if err = f.Err(); err == nil {
		err = s.Enterprises.AddEvidence(r.Context(), web.Actor(r), id, f.Long("evidence"), papers...)
	}
	if f.Broken(err) {
		return s.claimsOf(w, r, http.StatusUnprocessableEntity, f, id)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "firm.claim.added")
	return web.SeeOther(w, r, "/my/claims")
}

// claimFile gives away what was shown for a claim: to the claimant, and to those
// who decide.
func (s *Pages) claimFile(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if !by.SignedIn() {
		return fault.New(fault.SignIn, "fault.sign_in")
	}
	f, data, err := s.Enterprises.OpenClaimFile(r.Context(), by, r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}

// attached are the files of a claim as they are listed at an address.
func attached(p web.P, at string, all []files.File) []ui.Attachment {
	list := make([]ui.Attachment, len(all))
	for i, f := range all {
		list[i] = ui.Attachment{
			Name: f.Name, Href: at + "/files/" + f.ID,
			Meta: p.T(files.TypeKey(f.Type)) + " · " + ui.Bytes(f.Size) + " · " + p.Short(f.At),
		}
	}
	return list
}
