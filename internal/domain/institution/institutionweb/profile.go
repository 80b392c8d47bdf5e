package institutionweb

import (
	"net/http"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// The areas of the forms; the small ones of a page share one.
const (
	profileArea = "provider.profile"
	serviceArea = "provider.service"
	stepArea    = "provider.step"
	taskArea    = "provider.task"
)

// profileView is the form of a profile, at the desk or in the own space.
type profileView struct {
	Form         *web.Form
	places       places
	Action, Back string
	New          bool
	Own          bool
	Theirs       *institution.Institution // as it is now, when somebody else changed it first
}

func start(f *web.Form, i institution.Institution) {
	f.Start("name", i.Name).Start("region", string(i.Region)).Start("level", string(i.Level)).Start("code", i.Code)
	f.Start("founded", i.Founded).Start("about", i.About).Start("address", i.Address).Start("website", i.Website)
	if i.Capital > 0 {
		f.Start("capital", ui.Wan(i.Capital))
	}
	kinds := make([]string, len(i.Kinds))
	for n, k := range i.Kinds {
		kinds[n] = string(k)
	}
	f.Start("kinds", kinds...)
	f.Start("version", strconv.Itoa(i.Version))
}

func profileOf(f *web.Form) institution.Profile {
	p := institution.Profile{
		Name: f.Text("name"), Region: region.Code(f.Text("region")), Level: institution.Level(f.Text("level")), Code: f.Text("code"),
		Founded: web.FormDay(f, "founded"), Since: web.FormDay(f, "since"), Capital: web.FormNumber(f, "capital", f.Wan), About: f.Long("about"), Address: f.Text("address"), Website: f.Text("website"),
	}
	for _, k := range f.Many("kinds") {
		p.Kinds = append(p.Kinds, institution.Kind(k))
	}
	return p
}

func (s *Pages) profilePage(w http.ResponseWriter, r *http.Request, status int, v profileView) error {
	var err error
	if v.places, err = s.places(r); err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, profilePage(web.Page(r), v))
}

// saveProfile changes a profile; when somebody else was first, both versions
// stand side by side and the form goes out again with the newer version.
func (s *Pages) saveProfile(w http.ResponseWriter, r *http.Request, id institution.ID, v profileView) error {
	in, version := profileOf(v.Form), int(v.Form.Int("version"))
	now, err := s.Institutions.Edit(r.Context(), web.Actor(r), id, version, in)
	if fault.Is(err, fault.Stale) && now.ID != "" {
		v.Theirs = &now
		return s.profilePage(w, r, http.StatusPreconditionFailed, v)
	}
	if taken(v.Form, err) || v.Form.Broken(err) {
		return s.profilePage(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "provider.saved")
	return web.SeeOther(w, r, v.Back)
}

// version is the one the form is sent with: the newest that the reader has seen.
func (v profileView) version() string {
	if v.Theirs != nil {
		return strconv.Itoa(v.Theirs.Version)
	}
	return v.Form.Raw("version")
}

// differing are the lines in which the record differs from what was typed.
func (v profileView) differing(p web.P) []ui.Row {
	t, y := v.Theirs.Profile, profileOf(v.Form)
	lines := [][3]string{
		{"name", t.Name, y.Name},
		{"region", v.places.Full(p, t.Region), v.places.Full(p, y.Region)},
		{"kinds", kinds(p, t.Kinds), kinds(p, y.Kinds)},
		{"code", t.Code, y.Code},
		{"founded", p.DateOf(t.Founded), p.DateOf(y.Founded)},
		{"capital", money(p, t.Capital), money(p, y.Capital)},
		{"address", t.Address, y.Address},
		{"website", t.Website, y.Website},
		{"about", t.About, y.About},
	}
	var rows []ui.Row
	for _, l := range lines {
		if l[1] != l[2] {
			rows = append(rows, ui.Row{Cells: ui.Words(p.T("provider.profile."+l[0]), l[1], l[2])})
		}
	}
	return rows
}

// serviceView is the form of one service.
type serviceView struct {
	Form         *web.Form
	places       places
	Action, Back string
	Institution  institution.Institution
	Own          bool
}

func (s *Pages) servicePage(w http.ResponseWriter, r *http.Request, d institution.Detail, v serviceView) error {
	var err error
	if v.places, err = s.places(r); err != nil {
		return err
	}
	v.Institution = d.Institution
	id := r.URL.Query().Get("service")
	if i := slices.IndexFunc(d.Offerings, func(o institution.Offering) bool { return o.ID == id }); i >= 0 {
		startService(v.Form, d.Offerings[i])
	} else if id != "" {
		return fault.Missing()
	}
	v.Form.Start("version", strconv.Itoa(d.Version)).Start("fee", string(institution.Free))
	return s.Kit.Page(w, r, http.StatusOK, servicePage(web.Page(r), v))
}

func startService(f *web.Form, o institution.Offering) {
	f.Start("service", o.ID).Start("theme", string(o.Theme)).Start("form", string(o.Form)).Start("title", o.Name).Start("description", o.Description)
	f.Start("fee", string(o.Fee))
	if o.MaxAmount > 0 {
		f.Start("max_amount", ui.Wan(o.MaxAmount))
	}
	if o.Capacity > 0 {
		f.Start("capacity", strconv.Itoa(o.Capacity))
	}
	codes := make([]string, len(o.Regions))
	for i, c := range o.Regions {
		codes[i] = string(c)
	}
	f.Start("regions", codes...)
	if o.Ended {
		f.Start("ended", "1")
	}
}

func offeringOf(f *web.Form) institution.Offering {
	o := institution.Offering{
		ID: f.Text("service"), Theme: institution.Theme(f.Text("theme")), Form: institution.Form(f.Text("form")), Name: f.Text("title"),
		Description: f.Long("description"), MaxAmount: web.FormNumber(f, "max_amount", f.Wan), Capacity: int(web.FormNumber(f, "capacity", f.Int)), Fee: institution.Fee(f.Text("fee")), Ended: f.Tick("ended"),
	}
	for _, c := range f.Many("regions") {
		o.Regions = append(o.Regions, region.Code(c))
	}
	return o
}

// putService adds a service or changes the one that the form names.
func (s *Pages) putService(w http.ResponseWriter, r *http.Request, id institution.ID, v serviceView) error {
	by := web.Actor(r)
	d, err := s.Institutions.Get(r.Context(), by.Scope(institution.See), id)
	if err != nil {
		return err
	}
	o := offeringOf(v.Form)
	if known := func(k institution.Offering) bool { return k.ID == o.ID }; o.ID != "" && !slices.ContainsFunc(d.Offerings, known) {
		return fault.Missing()
	}
	_, err = s.Institutions.SetOffering(r.Context(), by, id, int(v.Form.Int("version")), o)
	if renamed(v.Form, err) {
		v.Institution = d.Institution
		if v.places, err = s.places(r); err != nil {
			return err
		}
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, servicePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "provider.service.saved")
	return web.SeeOther(w, r, v.Back)
}

// renamed tells what the domain says of a service's name at its field, title:
// a browser would fill "name" with the reader's own.
func renamed(f *web.Form, err error) bool {
	var e *fault.Error
	if fault.Is(err, fault.Invalid) {
		e = faultOf(err)
		for i := range e.Fields {
			if e.Fields[i].Name == "name" {
				e.Fields[i].Name = "title"
			}
		}
	}
	return f.Broken(err)
}

// mine is the institution that the reader works for.
func (s *Pages) mine(r *http.Request, may authz.Permission) (institution.ID, error) {
	by := web.Actor(r)
	if !by.SignedIn() {
		return "", fault.New(fault.SignIn, "fault.sign_in")
	}
	ids := by.Parties(authz.Institution, may)
	id := r.URL.Query().Get("i")
	if id == "" && len(ids) > 0 {
		id = ids[0]
	}
	switch {
	case slices.Contains(ids, id):
		return institution.ID(id), nil
	case len(by.Parties(authz.Institution, institution.See)) > 0:
		return "", fault.New(fault.Denied, "provider.own.denied")
	default:
		return "", fault.New(fault.NotFound, "provider.own.none")
	}
}

// own is the institution's space (我的机构).
func (s *Pages) own(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, taskArea)
	if err != nil {
		return err
	}
	return s.ownPage(w, r, http.StatusOK, f)
}

// ownView is the institution's space.
type ownView struct {
	institution.Detail
	places places
	Form   *web.Form
	May    func(authz.Permission) bool
	choose ui.Files
}

// papers are the documents as the institution's own people see them.
func (v ownView) papers() papersView {
	pv := papersView{Detail: v.Detail, Form: v.Form, Choose: v.choose}
	if v.May(institution.Edit) {
		pv.Action = "/my/institution/files?i=" + string(v.ID)
	}
	return pv
}

func (s *Pages) ownPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	by := web.Actor(r)
	id, err := s.mine(r, institution.See)
	if err != nil {
		return err
	}
	v := ownView{Form: f, choose: s.Kit.Files(f, files.Field)}
	if v.places, err = s.places(r); err != nil {
		return err
	}
	if v.Detail, err = s.Institutions.Get(r.Context(), by.Scope(institution.See), id); err != nil {
		return err
	}
	target := v.Target()
	v.May = func(p authz.Permission) bool { return by.May(p, target) }
	return s.Kit.Page(w, r, status, ownPage(web.Page(r), v))
}

func (s *Pages) ownProfile(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mine(r, institution.Edit)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	d, err := s.Institutions.Get(r.Context(), web.Actor(r).Scope(institution.See), id)
	if err != nil {
		return err
	}
	start(f, d.Institution)
	return s.profilePage(w, r, http.StatusOK, profileView{Form: f, Own: true, Action: "/my/institution/profile?i=" + string(id), Back: "/my/institution"})
}

func (s *Pages) saveOwnProfile(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mine(r, institution.Edit)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	return s.saveProfile(w, r, id, profileView{Form: f, Own: true, Action: "/my/institution/profile?i=" + string(id), Back: "/my/institution"})
}

func (s *Pages) ownService(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mine(r, institution.SetOffering)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, serviceArea)
	if err != nil {
		return err
	}
	d, err := s.Institutions.Get(r.Context(), web.Actor(r).Scope(institution.See), id)
	if err != nil {
		return err
	}
	return s.servicePage(w, r, d, serviceView{Form: f, Own: true, Action: "/my/institution/services?i=" + string(id), Back: "/my/institution"})
}

func (s *Pages) saveOwnService(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mine(r, institution.SetOffering)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, serviceArea)
	if err != nil {
		return err
	}
	return s.putService(w, r, id, serviceView{Form: f, Own: true, Action: "/my/institution/services?i=" + string(id), Back: "/my/institution"})
}

// reportTask is the institution's own word on a task of its.
func (s *Pages) reportTask(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mine(r, institution.ReportTask)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, taskArea)
	if err != nil {
		return err
	}
	version := int(f.Int("version"))
	if err = f.Err(); err == nil {
		_, err = s.Institutions.ReportTask(r.Context(), web.Actor(r), id, version, f.Text("task"), institution.TaskStatus(f.Text("status")), f.Long("note"))
	}
	if f.Broken(err) {
		return s.ownPage(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "provider.task.saved")
	return web.SeeOther(w, r, "/my/institution")
}
