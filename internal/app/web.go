package app

import (
	"net/http"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/web"
)

// Handler is everything the program answers over HTTP.
func (a *App) Handler(c config.Serve) (http.Handler, error) {
	kit, err := web.New(web.Config{
		Sessions: accountweb.Sessions{Accounts: a.Account, Dress: a.dress}, Drafts: drafts{a.DB}, Menu: a.menu,
		Log: a.Log, Clock: a.DB.Now, Cookie: accountweb.Cookie, Proxies: c.Proxies, InFlight: c.Busy,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	for _, pages := range a.pages(kit) {
		pages.Routes(mux)
	}
	return kit.Wrap(mux), nil
}

// pages are every package of pages.
func (a *App) pages(kit *web.Kit) []interface{ Routes(*http.ServeMux) } {
	return []interface{ Routes(*http.ServeMux) }{
		&accountweb.Pages{Kit: kit, Accounts: a.Account, Party: a.partyName, After: after},
	}
}

// after is where somebody goes who signs in without having been on the way to a page.
func after(by authz.Actor) string {
	if len(officeOf(by)) > 0 {
		return "/bench"
	}
	return "/my"
}
