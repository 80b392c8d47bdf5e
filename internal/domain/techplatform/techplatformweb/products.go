package techplatformweb

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// productArea is the area of the forms of new products.
const productArea = "techproduct.form"

func productHref(id string) string { return "/products/" + id }

// productsView is a list of new products: the public one, the desk's or one's own.
type productsView struct {
	web.Filters
	places places
	List   []techplatform.Product
	Total  int
	Next   string
	Grades []techplatform.Grade
	May    bool   // the reader applies
	Show   string // of the desk: "" waiting for the reader, "open" under way, "all"
	Form   *web.Form
	Keeps  bool // the reader keeps the grades
	times  techplatform.Times
	name   func(code string) string
}

func (s *Pages) productsView(r *http.Request, path string) (productsView, techplatform.ProductFilter, error) {
	p, q, by := web.Page(r), r.URL.Query(), web.Actor(r)
	v := productsView{
		Filters: web.Filters{Path: path, Query: q}, May: by.Somewhere(techplatform.ApplyProduct), Keeps: by.May(techplatform.SetGrade, authz.At(s.Home)),
		name: func(code string) string { return s.IndustryName(p.Lang, code) },
	}
	var err error
	if v.places, err = s.places(r); err == nil {
		v.Grades, err = s.Platforms.Grades(r.Context())
	}
	return v, techplatform.ProductFilter{
		Region: region.Code(q.Get("place")), Grade: q.Get("grade"), State: flow.State(q.Get("state")), Text: strings.TrimSpace(q.Get("q")),
	}, err
}

// grades are the choices of an answer.
func grades(p web.P, all []techplatform.Grade, ended bool) []ui.Option {
	var list []ui.Option
	for _, g := range all {
		switch {
		case !g.Ended:
			list = append(list, ui.Option{Value: g.ID, Label: g.In(p.English())})
		case ended:
			list = append(list, ui.Option{Value: g.ID, Label: p.T("techproduct.page.grade.ended", "name", g.In(p.English()))})
		}
	}
	return list
}

func (v productsView) chips(p web.P) []ui.Filter {
	return []ui.Filter{
		v.Chip(p, "grade", p.T("techproduct.form.grade"), grades(p, v.Grades, true)), v.Chip(p, "place", p.T("tech.form.region"), v.places.Counties(p)),
	}
}

// products is the public list of new products (新产品).
func (s *Pages) products(w http.ResponseWriter, r *http.Request) error {
	v, f, err := s.productsView(r, "/products")
	if err != nil {
		return err
	}
	if v.List, v.Next, v.Total, err = s.Platforms.PublicProducts(r.Context(), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, productsPage(web.Page(r), v))
}

// ownProducts are those of the reader's enterprises.
func (s *Pages) ownProducts(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	v, f, err := s.productsView(r, "/my/products")
	if err != nil {
		return err
	}
	var own []authz.Party
	for _, id := range by.Parties(authz.Enterprise, techplatform.SeeProduct) {
		own = append(own, authz.Party{Kind: authz.Enterprise, ID: id})
	}
	if v.List, v.Next, v.Total, err = s.Platforms.Products(r.Context(), authz.Own(own...), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, ownProductsPage(web.Page(r), v))
}

// deskProducts are those of the reader's place, and the answers that can be given.
func (s *Pages) deskProducts(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, productArea)
	if err != nil {
		return err
	}
	return s.productDesk(w, r, http.StatusOK, f)
}

func (s *Pages) productDesk(w http.ResponseWriter, r *http.Request, status int, form *web.Form) error {
	by := web.Actor(r)
	if err := web.Staff(by, techplatform.SeeProduct); err != nil {
		return err
	}
	v, f, err := s.productsView(r, "/bench/products")
	if err != nil {
		return err
	}
	v.Form, v.Show = form, v.Query.Get("show")
	at := web.PageOf(v.Query)
	f.UnderWay = v.Show == "open"
	if v.Show == "" {
		v.List, v.Next, v.Total, err = s.Platforms.ProductsWaiting(r.Context(), by, f, at)
	} else {
		v.List, v.Next, v.Total, err = s.Platforms.Products(r.Context(), by.Scope(techplatform.SeeProduct), f, at)
	}
	if err != nil {
		return err
	}
	if v.times, err = s.Platforms.Times(r.Context()); err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, deskProductsPage(web.Page(r), v))
}

// saveGrade adds an answer that can be given, or changes one.
func (s *Pages) saveGrade(w http.ResponseWriter, r *http.Request) error {
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, productArea)
	if err != nil {
		return err
	}
	_, err = s.Platforms.SetGrade(r.Context(), web.Actor(r), authz.At(s.Home), techplatform.Grade{
		ID: f.Text("id"), Name: f.Text("name"), English: f.Text("english"), Position: int(web.FormNumber(f, "position", f.Int)), Ended: f.Tick("ended"),
		Version: int(f.Int("version")),
	})
	if f.Refused(err) {
		return s.productDesk(w, r, f.Status(), f)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "techproduct.page.saved")
	return web.SeeOther(w, r, "/bench/products")
}

// productView is one new product, or the form of an application.
type productView struct {
	techplatform.ProductDetail
	places places
	Form   *web.Form
	Do     string // the step whose form has something to correct
	Firms  []ui.Option
	Office bool
	Choose []ui.Option // industries
	Papers ui.Files
	Grades []techplatform.Grade
	times  techplatform.Times
	name   func(code string) string
}

func (v productView) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: productHref(v.ID), Version: v.Version}
}

func (v productView) may(do authz.Permission) bool {
	return slices.ContainsFunc(v.Open, func(s flow.Step) bool { return s.Do == do })
}

func (s *Pages) productView(r *http.Request, f *web.Form) (productView, error) {
	by, p := web.Actor(r), web.Page(r)
	v := productView{Form: f, Office: len(by.Regions(techplatform.SeeProduct)) > 0, name: func(code string) string { return s.IndustryName(p.Lang, code) }}
	var err error
	if v.places, err = s.places(r); err != nil {
		return v, err
	}
	v.ProductDetail, err = s.Platforms.Product(r.Context(), by, r.PathValue("id"))
	if fault.Is(err, fault.NotFound) { // one's own is not shown before it is confirmed
		err = cmp.Or(web.SignedIn(by), err)
	}
	if err != nil {
		return v, err
	}
	if v.times, err = s.Platforms.Times(r.Context()); err != nil {
		return v, err
	}
	v.Papers = s.Kit.Files(f, files.Field)
	if v.may(techplatform.ReviseProduct) {
		v.Choose = s.Industries(p, v.Industry)
	}
	if v.may(techplatform.ConfirmProduct) {
		v.Grades, err = s.Platforms.Grades(r.Context())
	}
	return v, err
}

func (s *Pages) product(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, productArea)
	if err != nil {
		return err
	}
	v, err := s.productView(r, f)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, productPage(web.Page(r), v))
}

func productOf(f *web.Form) techplatform.ProductProfile {
	return techplatform.ProductProfile{
		Name: f.Text("name"), Industry: f.Text("industry"), About: f.Long("about"),
		Patents: strings.FieldsFunc(f.Text("patents"), func(c rune) bool { return strings.ContainsRune(" ;；,，、", c) }),
	}
}

// actProduct takes a step of an application.
func (s *Pages) actProduct(w http.ResponseWriter, r *http.Request) error {
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, productArea)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.takeProduct(r, f, do); f.Refused(err) {
		v, err := s.productView(r, f)
		if err != nil {
			return err
		}
		v.Do = do
		return s.Kit.Page(w, r, f.Status(), productPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "techproduct.page.done."+do)
	return web.SeeOther(w, r, productHref(r.PathValue("id")))
}

func (s *Pages) takeProduct(r *http.Request, f *web.Form, do string) error {
	ctx, by, id, version, reason := r.Context(), web.Actor(r), r.PathValue("id"), int(f.Int("version")), f.Long("reason")
	var err error
	switch do {
	case "revise":
		var papers files.Papers
		if papers.Add, err = s.Kit.Receive(r, f, files.Field); err != nil {
			return err
		}
		papers.Remove = f.Many("remove")
		if err = f.Err(); err == nil {
			_, err = s.Platforms.ReviseProduct(ctx, by, id, version, productOf(f), papers)
		}
	case "check":
		_, err = s.Platforms.CheckProduct(ctx, by, id, version)
	case "forward":
		_, err = s.Platforms.ForwardProduct(ctx, by, id, version)
	case "return":
		_, err = s.Platforms.ReturnProduct(ctx, by, id, version, reason)
	case "confirm":
		_, err = s.Platforms.ConfirmProduct(ctx, by, id, version, techplatform.Finding{Grade: f.Text("grade"), Certificate: f.Text("certificate"), On: web.FormDay(f, "on")})
	case "refuse":
		_, err = s.Platforms.RefuseProduct(ctx, by, id, version, reason)
	case "reopen":
		_, err = s.Platforms.ReopenProduct(ctx, by, id, version, reason)
	case "withdraw":
		_, err = s.Platforms.DropProduct(ctx, by, id, version)
	default:
		err = fault.Missing()
	}
	return err
}

// newProduct is the form of an application.
func (s *Pages) newProduct(r *http.Request) (productView, error) {
	by, v := web.Actor(r), productView{}
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, productArea); err != nil {
		return v, err
	}
	v.Choose, v.Papers = s.Industries(web.Page(r), ""), s.Kit.Files(v.Form, files.Field)
	v.Firms, err = s.ownFirms(r, by, techplatform.ApplyProduct)
	return v, err
}

func (s *Pages) enterProduct(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newProduct(r)
	if err != nil {
		return err
	}
	if len(v.Firms) > 0 {
		v.Form.Start("enterprise", v.Firms[0].Value)
	}
	return s.Kit.Page(w, r, http.StatusOK, enterProductPage(web.Page(r), v))
}

func (s *Pages) saveProduct(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newProduct(r)
	if err != nil {
		return err
	}
	f := v.Form
	var papers files.Papers
	if papers.Add, err = s.Kit.Receive(r, f, files.Field); err != nil {
		return err
	}
	var p techplatform.Product
	if err = f.Err(); err == nil {
		p, err = s.Platforms.ApplyProduct(r.Context(), web.Actor(r), enterprise.ID(f.Text("enterprise")), productOf(f), papers, f.Once())
	}
	if f.Refused(err) {
		v.Papers = s.Kit.Files(f, files.Field)
		return s.Kit.Page(w, r, f.Status(), enterProductPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "techproduct.page.sent", "number", p.Number)
	return web.SeeOther(w, r, productHref(p.ID))
}

// productFile gives a paper away to whoever sees the application.
func (s *Pages) productFile(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, data, err := s.Platforms.OpenProductFile(r.Context(), by, r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}
