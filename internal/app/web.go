package app

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/api"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/engagement/engagementweb"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/enterprise/enterpriseweb"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/guarantee/guaranteeweb"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/indicator/indicatorweb"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/institution/institutionweb"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/park/parkweb"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/recognition/recognitionweb"
	"qiban.dev/qiban/internal/domain/techplatform/techplatformweb"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook/yearbookweb"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/portal"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
	"qiban.dev/qiban/internal/workbench"
)

// mostKept bounds the memory of pages and answers that are given again, in bytes.
const mostKept = 16 << 20

// Handler is everything the program answers over HTTP.
func (a *App) Handler(c config.Serve) (http.Handler, error) {
	kit, mux, err := a.routed(c)
	if err != nil {
		return nil, err
	}
	return a.probes(kit.Wrap(mux)), nil
}

// routed is the kit and every route of the program.
func (a *App) routed(c config.Serve) (*web.Kit, *routes, error) {
	var programs *api.API // made below: it needs the kit, which leaves its problems to it
	kit, err := web.New(web.Config{
		Problem:  func(w http.ResponseWriter, r *http.Request, f *fault.Error) bool { return programs.Problem(w, r, f) },
		Sessions: accountweb.Sessions{Accounts: a.Account, Dress: a.dress}, Drafts: drafts{a.DB}, Uploads: formFiles{a.Files}, Menu: a.menu,
		Answers: db.NewFresh[string, *web.Answer](a.DB, db.Anything).Bounded(mostKept, (*web.Answer).Weight),
		Log:     a.Log, Clock: a.DB.Now, Cookie: accountweb.Cookie, Proxies: c.Proxies, InFlight: c.Busy,
		ReadOnly: a.readOnly, Observe: a.observe,
	})
	if err != nil {
		return nil, nil, err
	}
	programs = a.programs(kit, c)
	mux := &routes{ServeMux: http.NewServeMux()}
	kit.Routes(mux)
	for _, pages := range a.pages(kit) {
		pages.Routes(mux)
	}
	programs.Routes(mux)
	return kit, mux, nil
}

// programs is the interface for programs.
func (a *App) programs(kit *web.Kit, c config.Serve) *api.API {
	return api.New(api.Config{
		Kit: kit, Gate: a.Gate, Accounts: a.Account, Enterprises: a.Enterprise, Needs: a.Engagement,
		Colleagues: a.staffNames, Territory: a.Territory, Flow: a.Flow, Recognition: a.Recognition, Parks: a.Park, Guarantees: a.Guarantee, Platforms: a.Technology, Search: a.Search,
		Institutions: a.Institution, Notify: a.Notify, Files: a.Files, Tables: a.Transfer, Indicators: a.Indicator, Yearbook: a.Yearbook,
		Jobs: a.Jobs, DB: a.DB, Home: a.Place, Site: c.URL, Log: a.Log, Clock: a.DB.Now,
		Key:      api.Limit{PerMinute: c.API.PerMinute, Burst: c.API.PerMinute},
		Stranger: api.Limit{PerMinute: c.API.OpenPerMinute, Burst: c.API.OpenPerMinute},
	})
}

// pages are every package of pages.
func (a *App) pages(kit *web.Kit) []interface{ Routes(web.Mux) } {
	accounts := &accountweb.Pages{Kit: kit, Accounts: a.Account, Regions: a.regions, Called: a.called, After: after}
	return []interface{ Routes(web.Mux) }{
		accounts,
		&enterpriseweb.Pages{Kit: kit, Enterprises: a.Enterprise, Places: a.Territory, Home: a.Place, Names: a.names},
		&institutionweb.Pages{Kit: kit, Institutions: a.Institution, Places: a.Territory, Home: a.Place},
		&parkweb.Pages{Kit: kit, Parks: a.Park, Institutions: a.Institution, Places: a.Territory, Home: a.Place},
		&techplatformweb.Pages{
			Kit: kit, Platforms: a.Technology, Enterprises: a.Enterprise, Institutions: a.Institution, Places: a.Territory, Home: a.Place,
			Industries: industries, IndustryName: func(l text.Lang, code string) string {
				return enterpriseweb.IndustryName(l, enterprise.Industry{Edition: enterpriseweb.Edition, Code: code})
			},
		},
		&guaranteeweb.Pages{
			Kit: kit, Guarantees: a.Guarantee, Enterprises: a.Enterprise, Institutions: a.Institution, Places: a.Territory, Home: a.Place,
		},
		&recognitionweb.Pages{Kit: kit, Recognition: a.Recognition, Places: a.Territory, Home: a.Place},
		&engagementweb.Pages{
			Kit: kit, Needs: a.Engagement, Enterprises: a.Enterprise, Institutions: a.Institution,
			Territory: a.Territory, Flow: a.Flow, Colleagues: a.colleagues,
		},
		&indicatorweb.Pages{
			Kit: kit, Indicators: a.Indicator, Places: places{a.Territory}, People: a.names, Records: a.records, Home: a.Place,
		},
		&yearbookweb.Pages{
			Kit: kit, Yearbook: a.Yearbook, Indicators: a.Indicator, Places: places{a.Territory}, People: a.names, Home: a.Place,
		},
		&workbench.Todo{Kit: kit, Needs: a.Engagement, Territory: a.Territory, Flow: a.Flow, Colleagues: a.colleagues, Others: a.waiting},
		&workbench.Search{
			Kit: kit, Needs: a.Engagement, Enterprises: a.Enterprise, Institutions: a.Institution, Indicators: a.Indicator,
		},
		&workbench.Imports{Kit: kit, Desk: a.Transfer},
		&workbench.Board{Kit: kit, Indicators: a.Indicator, Places: places{a.Territory}},
		&workbench.Settings{
			Kit: kit, DB: a.DB, Flow: a.Flow, Enterprises: a.Enterprise, Territory: a.Territory, Accounts: a.Account,
			Jobs: a.Jobs, Home: a.Place,
		},
		&portal.Pages{
			Kit: kit, DB: a.DB, Accounts: a.Account, Enterprises: a.Enterprise, Institutions: a.Institution, Parks: a.Park, Guarantees: a.Guarantee,
			Places: a.Territory, Flow: a.Flow, Notify: a.Notify, Search: a.Search, Home: a.Place,
			Figures: a.numbers, Definitions: a.definitions, Admit: accounts.Admit,
			EnterpriseStaff: RoleMember, InstitutionStaff: RoleInstitutionStaff,
		},
	}
}

// after is where somebody goes who signs in without having been on the way to a
// page: an official to the first thing on their desk.
func after(by authz.Actor) string {
	switch {
	case by.Somewhere(engagement.Accept):
		return workbench.Home
	case by.Somewhere(recognition.Review):
		return "/bench/reviews"
	case by.Somewhere(account.SeeAudit):
		return workbench.SettingsHome + "/audit"
	case len(officeOf(by)) > 0:
		return "/bench/people"
	}
	return "/my"
}

// names are the display names of people by id.
func (a *App) names(ctx context.Context, ids ...string) (map[string]string, error) {
	return a.Account.Names(ctx, a.DB, ids)
}

// colleagues are those who may accept needs at an office.
func (a *App) colleagues(ctx context.Context, office region.Code) ([]engagementweb.Colleague, error) {
	refs, err := a.Account.Holders(ctx, a.DB, engagement.Accept, authz.At(office))
	var list []engagementweb.Colleague
	for _, p := range nearest(refs) {
		list = append(list, engagementweb.Colleague{ID: p.ID, Name: p.Name})
	}
	return list, err
}

// regions are the places within the tops down to the county, to choose from.
func (a *App) regions(ctx context.Context, lang text.Lang, tops []region.Code) ([]ui.Option, error) {
	tree, err := a.Territory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	today := string(ledger.DateOf(a.DB.Now()))
	var options []ui.Option
	var walk func(code region.Code)
	walk = func(code region.Code) {
		p, ok := tree.Place(code, today)
		if !ok {
			return
		}
		options = append(options, ui.Option{Value: string(code), Label: placeName(p, lang).Full})
		if code.Level() >= region.County {
			return
		}
		for _, below := range tree.Children(code, today) {
			walk(below.Code)
		}
	}
	for _, top := range tops {
		walk(top)
	}
	return options, nil
}

func placeName(p territory.Place, lang text.Lang) indicator.PlaceName {
	if lang == text.En && p.NameEn != "" {
		return indicator.PlaceName{Full: p.NameEn, Short: p.NameEn}
	}
	return indicator.PlaceName{Full: p.Name, Short: p.Short}
}

// Names are places' names on a day.
func (p places) Names(ctx context.Context, on ledger.Date, lang text.Lang, codes ...region.Code) (map[region.Code]indicator.PlaceName, error) {
	tree, err := p.territory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[region.Code]indicator.PlaceName, len(codes))
	for _, c := range codes {
		if name := nameIn(tree, c, on, lang); name.Full != "" {
			names[c] = name
		}
	}
	return names, nil
}

// nameIn is what a code was called on a day, or last before or after; empty for
// a code that never named a place.
func nameIn(tree *territory.Tree, code region.Code, on ledger.Date, lang text.Lang) indicator.PlaceName {
	at, ok := tree.Place(code, string(on))
	if !ok {
		at, ok = tree.Last(code)
	}
	if !ok {
		return indicator.PlaceName{}
	}
	return placeName(at, lang)
}

// records names the records behind figures and where they open.
func (a *App) records(ctx context.Context, by authz.Actor, lang text.Lang, records []ledger.Record) (map[ledger.Record]ui.Link, error) {
	links := map[ledger.Record]ui.Link{}
	needs, err := a.Engagement.Open(ctx, by.Scope(engagement.See), records...)
	if err != nil {
		return nil, err
	}
	for r, n := range needs {
		links[r] = ui.Link{Label: n.Number + " " + n.Title, Href: "/needs/" + string(n.ID)}
	}
	var ids []string
	for _, r := range records {
		if r.Kind == authz.Institution {
			ids = append(ids, r.ID)
		}
	}
	names, err := institution.Names(ctx, a.DB, ids...)
	if err != nil {
		return nil, err
	}
	for id, name := range names {
		links[ledger.Record{Kind: authz.Institution, ID: id}] = ui.Link{Label: name, Href: "/institutions/" + id}
	}
	parks, err := a.Park.Open(ctx, by, records...)
	if err != nil {
		return nil, err
	}
	for r, b := range parks {
		href := map[string]string{
			park.Record: "/bench/parks/" + r.ID, park.BuildingRecord: "/bench/parks/" + string(b.Park),
			park.TenancyRecord: "/bench/tenants/" + r.ID, park.PlanRecord: "/bench/parkplans/" + r.ID,
		}
		links[r] = ui.Link{Label: b.Name, Href: href[r.Kind]}
	}
	cases, err := a.Guarantee.OpenRecords(ctx, by.Scope(guarantee.See), records...)
	if err != nil {
		return nil, err
	}
	for r, c := range cases {
		links[r] = ui.Link{Label: c.Number + " " + c.Client, Href: "/guarantees/" + r.ID}
	}
	found, err := a.Technology.Opened(ctx, by, records)
	for r, o := range found {
		links[r] = ui.Link{Label: o.Label, Href: o.Href}
	}
	return links, err
}

// headline are the figures that stand on the home page.
var headline = []string{"G5", "G7", "P3", "P1", "T5", "T6", "S1", "E5"}

// numbers are a place's headline figures for the newest year that has any.
func (a *App) numbers(ctx context.Context, place region.Code, lang text.Lang) (portal.Numbers, error) {
	_, newest, err := a.Indicator.Years(ctx, place)
	if err != nil || newest == 0 {
		return portal.Numbers{}, err
	}
	chapter, err := a.Yearbook.Draft(ctx, place, newest, lang)
	if err != nil {
		return portal.Numbers{}, err
	}
	n := portal.Numbers{Year: newest, AsOf: chapter.AsOf}
	for _, e := range chapter.Figures {
		if e.Exact == nil || !slices.Contains(headline, e.ID) {
			continue
		}
		n.List = append(n.List, portal.Number{
			Figure: e.Figure, Label: e.Name, Phrase: e.Phrase, Note: e.GrowthPhrase(lang),
		})
	}
	slices.SortStableFunc(n.List, func(x, y portal.Number) int {
		return slices.Index(headline, x.Figure.ID) - slices.Index(headline, y.Figure.ID)
	})
	return n, nil
}

// definitions explain every indicator of the current year.
func (a *App) definitions(ctx context.Context, lang text.Lang) ([]portal.Definition, error) {
	defs, err := a.Indicator.Defined(ctx, a.DB.Now().Year())
	list := make([]portal.Definition, len(defs))
	for i, d := range defs {
		english := lang == text.En
		list[i] = portal.Definition{
			ID: d.ID, Section: lang.T("yearbook.section." + d.Section), Name: d.Label(english), Note: d.Explanation(english),
			Unit: indicator.UnitName(d.Unit, lang), Measured: d.Measure != "" || len(d.Ratio) > 0,
		}
	}
	return list, err
}

// staffNames are the colleagues by id.
func (a *App) staffNames(ctx context.Context, office region.Code) (map[string]string, error) {
	all, err := a.colleagues(ctx, office)
	names := make(map[string]string, len(all))
	for _, c := range all {
		names[c.ID] = c.Name
	}
	return names, err
}

// industries are the choices of an industry by its code alone: whoever needs no
// older edition of the classification does not speak of editions.
func industries(p web.P, now string) []ui.Option {
	if now != "" {
		now = enterpriseweb.Edition + ":" + now
	}
	list := enterpriseweb.Industries(p, now)
	for i := range list {
		list[i].Value = strings.TrimPrefix(list[i].Value, enterpriseweb.Edition+":")
	}
	return list
}
