package institutionweb

import (
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// listView is a page of the register as the office sees it.
type listView struct {
	directoryView
	May      func(authz.Permission) bool
	Contacts bool // the reader may take contacts away
}

// list is the register within the reader's reach.
func (s *Pages) list(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, institution.See); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	t.Top = web.Top(by, institution.See, s.Home)
	v := listView{directoryView: directoryView{Filters: web.Filters{Path: "/bench/institutions", Query: r.URL.Query()}, places: t}, May: by.Somewhere, Contacts: len(by.Regions(institution.ExportContacts)) > 0}
	f, scope := FilterOf(v.Query), by.Scope(institution.See)
	f.Ended = v.Query.Get("ended") != ""
	if v.List, v.Next, err = s.Institutions.List(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Institutions.Count(r.Context(), scope, f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, listPage(web.Page(r), v))
}

// detailView is one institution at the desk.
type detailView struct {
	institution.Detail
	places places
	May    func(authz.Permission) bool
	Form   *web.Form
	Do     string // the step whose form has something to correct
	choose ui.Files
}

// acts are the small forms of the page.
func (v detailView) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: benchHref(v.ID), Version: v.Version}
}

func sends(p web.P, do string) ui.Button {
	return ui.Button{Label: p.T("provider.step." + do + ".send"), Kind: ui.Quiet}
}

// papers are the documents as the office sees them.
func (v detailView) papers() papersView {
	pv := papersView{Detail: v.Detail, Form: v.Form, Choose: v.choose, Noted: true}
	if v.May(institution.Edit) {
		pv.Action = benchHref(v.ID) + "/files"
	}
	return pv
}

func (s *Pages) detail(r *http.Request, area string) (detailView, error) {
	by := web.Actor(r)
	var v detailView
	err := web.Staff(by, institution.See)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, area); err != nil {
		return v, err
	}
	if v.places, err = s.places(r); err != nil {
		return v, err
	}
	v.Detail, err = s.Institutions.Get(r.Context(), by.Scope(institution.See), institution.ID(r.PathValue("id")))
	target := v.Target()
	v.May = func(p authz.Permission) bool { return by.May(p, target) }
	return v, err
}

// show is one institution with its services, terms and tasks.
func (s *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := s.detail(r, stepArea)
	if err != nil {
		return err
	}
	return s.detailPage(w, r, http.StatusOK, v)
}

func (s *Pages) detailPage(w http.ResponseWriter, r *http.Request, status int, v detailView) error {
	v.choose = s.Kit.Files(v.Form, files.Field)
	return s.Kit.Page(w, r, status, detailPage(web.Page(r), v))
}

// step does one of the small acts: publish, hide, end, tier, recognise,
// withdraw, task.
func (s *Pages) step(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.act(r, f, do); f.Broken(err) {
		v, err := s.detail(r, stepArea)
		if err != nil {
			return err
		}
		v.Form, v.Do = f, do
		return s.detailPage(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "provider.step."+do+".done")
	return web.SeeOther(w, r, benchHref(institution.ID(r.PathValue("id"))))
}

func (s *Pages) act(r *http.Request, f *web.Form, do string) error {
	ctx, by, id := r.Context(), web.Actor(r), institution.ID(r.PathValue("id"))
	version := int(f.Int("version"))
	term := institution.Term{Tier: institution.Tier(f.Text("tier")), From: web.FormDay(f, "from"), To: web.FormDay(f, "to"), Document: f.Text("document")}
	task := institution.Task{ID: f.Text("task"), Year: int(f.Int("year")), Title: f.Text("title"), Status: institution.TaskStatus(f.Text("status")), Note: f.Long("note")}
	day := web.FormDay(f, "day")
	var err error
	switch do {
	case "publish", "hide":
		_, err = s.Institutions.Publish(ctx, by, id, version, do == "publish")
	case "end":
		_, err = s.Institutions.End(ctx, by, id, version, day, f.Long("reason"))
	case "tier":
		_, err = s.Institutions.SetTier(ctx, by, id, version, term)
	case "recognise":
		_, err = s.Institutions.Recognise(ctx, by, id, version, term)
	case "withdraw":
		_, err = s.Institutions.Withdraw(ctx, by, id, version, day, f.Long("reason"))
	case "task":
		_, err = s.Institutions.AssignTask(ctx, by, id, version, task)
	default:
		err = fault.Missing()
	}
	return err
}

func benchHref(id institution.ID) string { return "/bench/institutions/" + string(id) }

// enter is the form of a new institution.
func (s *Pages) enter(w http.ResponseWriter, r *http.Request) error {
	if err := web.Staff(web.Actor(r), institution.Register); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	f.Start("level", string(institution.CountyWide))
	return s.profilePage(w, r, http.StatusOK, profileView{Form: f, Action: "/bench/institutions/new", Back: "/bench/institutions", New: true})
}

func (s *Pages) saveEntry(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, institution.Register); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	in := profileOf(f)
	i, err := s.Institutions.Register(r.Context(), by, in, f.Once())
	if taken(f, err) || f.Broken(err) {
		return s.profilePage(w, r, http.StatusUnprocessableEntity, profileView{Form: f, Action: "/bench/institutions/new", Back: "/bench/institutions", New: true})
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "provider.entered")
	return web.SeeOther(w, r, benchHref(i.ID))
}

// edit is the profile at the desk.
func (s *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	v, err := s.detail(r, profileArea)
	if err != nil {
		return err
	}
	start(v.Form, v.Institution)
	return s.profilePage(w, r, http.StatusOK, profileView{Form: v.Form, Action: benchHref(v.ID) + "/edit", Back: benchHref(v.ID)})
}

func (s *Pages) saveEdit(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	id := institution.ID(r.PathValue("id"))
	return s.saveProfile(w, r, id, profileView{Form: f, Action: benchHref(id) + "/edit", Back: benchHref(id)})
}

// service is the form of one service at the desk; ?service= names one to change.
func (s *Pages) service(w http.ResponseWriter, r *http.Request) error {
	v, err := s.detail(r, serviceArea)
	if err != nil {
		return err
	}
	return s.servicePage(w, r, v.Detail, serviceView{Form: v.Form, Action: benchHref(v.ID) + "/services", Back: benchHref(v.ID)})
}

func (s *Pages) saveService(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, serviceArea)
	if err != nil {
		return err
	}
	id := institution.ID(r.PathValue("id"))
	return s.putService(w, r, id, serviceView{Form: f, Action: benchHref(id) + "/services", Back: benchHref(id)})
}

// contactsView are the people to speak to; nil until they were asked for.
type contactsView struct {
	detailView
	People []institution.Person
	Shown  bool
	Own    bool
}

// contacts asks before the people are shown: reading them leaves a trace.
func (s *Pages) contacts(w http.ResponseWriter, r *http.Request) error {
	v, err := s.detail(r, "provider.contact")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, contactsPage(web.Page(r), contactsView{detailView: v}))
}

func (s *Pages) showContacts(w http.ResponseWriter, r *http.Request) error {
	v, err := s.detail(r, "provider.contact")
	if err != nil {
		return err
	}
	people, err := s.Institutions.Contacts(r.Context(), web.Actor(r), v.ID)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, contactsPage(web.Page(r), contactsView{detailView: v, People: people, Shown: true}))
}

func (s *Pages) setContacts(w http.ResponseWriter, r *http.Request) error {
	v, err := s.detail(r, "provider.contact")
	if err != nil {
		return err
	}
	people := peopleOf(v.Form)
	_, err = s.Institutions.SetContacts(r.Context(), web.Actor(r), v.ID, int(v.Form.Int("version")), people)
	if v.Form.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, contactsPage(web.Page(r), contactsView{detailView: v, People: people, Shown: true}))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "provider.contact.saved")
	return web.SeeOther(w, r, benchHref(v.ID))
}

// rowsOfPeople is how many people the form has room for.
const rowsOfPeople = 5

// peopleOf reads the rows of the form; an empty row is nobody.
func peopleOf(f *web.Form) []institution.Person {
	var people []institution.Person
	for i := range rowsOfPeople {
		n := strconv.Itoa(i + 1)
		p := institution.Person{Name: f.Text("name" + n), Post: f.Text("post" + n), Phone: f.Text("phone" + n), Email: f.Text("email" + n)}
		if p != (institution.Person{}) {
			people = append(people, p)
		}
	}
	return people
}

// taken puts the conflict of a code that is on the register at its field.
func taken(f *web.Form, err error) bool {
	if !fault.Is(err, fault.Conflict) {
		return false
	}
	f.Wrong("code", "institution.conflict.code")
	return true
}
