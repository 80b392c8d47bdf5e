package app

import (
	"context"
	"net/http"

	"qiban.dev/qiban/internal/api"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
	"qiban.dev/qiban/internal/workbench"
	"qiban.dev/qiban/internal/xfer"
)

// dress completes what the frame of a page says about who reads it.
func (a *App) dress(r *http.Request, who *web.Who) error {
	ctx := r.Context()
	who.OwnHref, who.OwnIcon = after(who.Actor), "person"
	if tops := officeOf(who.Actor); len(tops) > 0 {
		lang := web.Lang(r)
		names, err := places{a.Territory}.Names(ctx, ledger.DateOf(a.DB.Now()), lang, tops[0])
		who.Own, who.OwnIcon, who.Place = lang.T("menu.bench"), "inbox", names[tops[0]].Full
		return err
	}
	var over []account.Place
	for _, g := range who.Actor.Grants {
		over = append(over, account.Place{Party: g.Party})
	}
	names, err := a.called(ctx, web.Lang(r), over)
	if err != nil {
		return err
	}
	for _, g := range who.Actor.Grants {
		if name := names[account.Place{Party: g.Party}]; name != "" {
			who.Own, who.OwnIcon = name, map[string]string{authz.Enterprise: "building", authz.Institution: "bank"}[g.Party.Kind]
			return nil
		}
	}
	return nil
}

// officeOf are the places where the actor works for an office.
func officeOf(by authz.Actor) []region.Code {
	var tops []region.Code
	for _, g := range by.Grants {
		if g.Region != "" {
			tops = append(tops, g.Region)
		}
	}
	return tops
}

// called is what places and organisations are called, at most one query for each
// kind; a person, and what is unknown, is left out.
func (a *App) called(ctx context.Context, lang text.Lang, over []account.Place) (map[account.Place]string, error) {
	var codes []region.Code
	ids := map[string][]string{}
	for _, p := range over {
		if p.Region != "" {
			codes = append(codes, p.Region)
		}
		ids[p.Party.Kind] = append(ids[p.Party.Kind], p.Party.ID)
	}
	called := make(map[account.Place]string, len(over))
	if len(codes) > 0 {
		names, err := places{a.Territory}.Names(ctx, ledger.DateOf(a.DB.Now()), lang, codes...)
		if err != nil {
			return nil, err
		}
		for code, name := range names {
			called[account.Place{Region: code}] = name.Full
		}
	}
	for kind, load := range map[string]func(context.Context, db.Reader, ...string) (map[string]string, error){
		authz.Enterprise: enterprise.Names, authz.Institution: institution.Names,
	} {
		names, err := load(ctx, a.DB, ids[kind]...)
		if err != nil {
			return nil, err
		}
		for id, name := range names {
			called[account.Place{Party: authz.Party{Kind: kind, ID: id}}] = name
		}
	}
	return called, nil
}

// menu is what the frame of a page lists for a reader.
func (a *App) menu(_ *http.Request, who web.Who, lang text.Lang) web.Menu {
	item := func(key, href, icon string, also ...string) ui.NavItem {
		return ui.NavItem{Label: lang.T("menu." + key), Href: href, Icon: icon, Also: also}
	}
	m := web.Menu{
		Nav: []ui.NavItem{
			item("services", "/services", ""), item("size", "/size", ""), item("institutions", "/institutions", ""), item("parks", "/parks", ""), item("guarantees", "/guarantors", ""), item("technology", "/platforms", ""),
			item("data", "/data", ""), item("yearbook", "/yearbook", ""),
		},
		Foot: []ui.Link{
			{Label: lang.T("menu.help"), Href: "/help"},
			{Label: lang.T("menu.accessibility"), Href: "/accessibility"},
			{Label: lang.T("menu.definitions"), Href: "/definitions"},
			{Label: lang.T("menu.recognition"), Href: "/recognition"},
			{Label: lang.T("menu.api"), Href: api.DocsPath},
			{Label: lang.T("menu.privacy"), Href: "/privacy"},
		},
		Site: a.site(lang),
	}
	m.Side = a.side(who.Actor, item, lang)
	return m
}

// site is what the office says of itself on every page.
func (a *App) site(lang text.Lang) ui.Site {
	ctx, today := context.Background(), ledger.DateOf(a.DB.Now())
	names, err := places{a.Territory}.Names(ctx, today, lang, a.Place)
	if err != nil {
		a.Log.Error("the tree of places could not be read", "error", err)
	}
	place := names[a.Place].Full
	site := ui.Site{Sub: lang.T("site.sub", "place", place), Office: lang.T("site.office", "place", place), Hotline: a.contact.Hotline, Hours: a.contact.Hours}
	if a.demo.Load() {
		site.Note = lang.T("site.note")
	}
	if a.readOnly {
		site.Alert = lang.T("site.read_only")
	}
	return site
}

// side is the workbench's menu: only what the actor may open.
func (a *App) side(by authz.Actor, item func(key, href, icon string, also ...string) ui.NavItem, lang text.Lang) []ui.NavItem {
	var side []ui.NavItem
	add := func(may authz.Permission, group string, n ui.NavItem, onlyWide bool) {
		if by.Somewhere(may) {
			n.OnlyWide = onlyWide
			if group != "" {
				n.Group = lang.T("menu.group." + group)
			}
			side = append(side, n)
		}
	}
	add(engagement.Accept, "", item("todo", "/bench", "inbox"), false)
	add(engagement.Accept, "", item("needs", "/bench/needs", "need"), false)
	add(enterprise.Verify, "", item("enterprises", "/bench/enterprises", "building", "/bench/claims"), false)
	add(institution.Register, "", item("providers", "/bench/institutions", "bank"), true)
	add(park.Register, "", item("parks", "/bench/parks", "building", "/bench/parkplans", "/bench/space", "/bench/tenants"), true)
	add(guarantee.Relate, "", item("guarantees", "/bench/guarantees", "shield", "/bench/guarantors"), true)
	add(techplatform.Register, "", item("technology", "/bench/platforms", "flask", "/bench/technology", "/bench/products", "/bench/patents", "/bench/industry-bases", "/bench/works"), true)
	add(recognition.Check, "", item("recognition", "/bench/recognition", "flag"), true)
	add(recognition.Review, "", item("reviews", "/bench/reviews", "check"), false)
	add(engagement.MakeCallback, "", item("callbacks", "/bench/callbacks", "phone"), true)
	add(xfer.MayUse, "", item("imports", workbench.ImportHome, "upload"), true)
	add(indicator.View, "figures", item("board", "/bench/board", "chart"), false)
	add(indicator.View, "figures", item("returns", "/bench/returns", "table"), true)
	add(indicator.Target, "figures", item("targets", "/bench/targets", "flag"), true)
	add(yearbook.Edit, "figures", item("chapter", "/bench/yearbook", "book"), false)
	deskless := !by.Somewhere(engagement.Accept) // the phone's bar has room for an administrator's few entries
	add(account.See, "settings", item("people", "/bench/people", "lock"), !deskless)
	for _, may := range workbench.SettingsRights() {
		if by.Somewhere(may) && may != account.SeeAudit {
			add(may, "settings", item("settings", workbench.SettingsHome, "settings"), !deskless)
			break
		}
	}
	add(account.SeeAudit, "settings", item("audit", workbench.SettingsHome+"/audit", "shield"), false)
	return side
}
