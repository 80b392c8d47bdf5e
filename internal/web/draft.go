package web

import (
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"net/url"
	"strings"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// Names of the values forms carry besides their fields.
const (
	onceField  = "_once"  // the form's own number, against taking it twice
	pageField  = "_page"  // the page the form stands on
	draftParam = "draft"  // token of a kept form
	draftLimit = 64 << 10 // bytes of a kept form
)

// signIn sends the reader to sign in and back. What they sent is kept, and is in
// the form again when they come back.
func (k *Kit) signIn(w http.ResponseWriter, r *http.Request) {
	back := pathOf(r)
	if to := k.keep(r); to != "" {
		back = to
		k.Flash(w, r, "", "web.signin.first")
	}
	http.Redirect(w, r, "/sign-in?back="+url.QueryEscape(back), http.StatusSeeOther)
}

// keep stores a form that was sent and answers the address of its page with the
// token; "" when there is nothing to keep or it could not be kept.
func (k *Kit) keep(r *http.Request) string {
	if k.Drafts == nil || r.Method != http.MethodPost || parse(r) != nil {
		return ""
	}
	page := pageOf(r)
	if page == "/" {
		return ""
	}
	values, size := url.Values{}, 0
	for name, list := range r.PostForm {
		if secret(name) || name == pageField {
			continue
		}
		values[name] = list
		for _, v := range list {
			size += len(name) + len(v)
		}
	}
	if len(values) == 0 || size > draftLimit {
		return ""
	}
	token := newToken()
	if err := k.Drafts.Put(r.Context(), token, Draft{Page: page, Values: values}); err != nil {
		k.Log.WarnContext(r.Context(), "form not kept", "id", stateOf(r).id, "error", err)
		return ""
	}
	return withDraft(page, token)
}

// secret reports fields whose values are never kept.
func secret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"password", "passwd", "secret", "otp", "token", "pin"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// withDraft adds the token to the page's address.
func withDraft(page, token string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	q := u.Query()
	q.Set(draftParam, token)
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// recall is the kept form the address asks for, if it stands on this page.
func (k *Kit) recall(r *http.Request) (url.Values, error) {
	token := r.URL.Query().Get(draftParam)
	if k.Drafts == nil || token == "" {
		return nil, nil
	}
	d, err := k.Drafts.Get(r.Context(), token)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if path, _, _ := strings.Cut(d.Page, "?"); path != r.URL.Path {
		return nil, nil
	}
	return d.Values, nil
}

// newToken is 128 random bits, as letters and digits.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

func langOf(r *http.Request) text.Lang {
	if c, err := r.Cookie("lang"); err == nil {
		return text.Parse(c.Value)
	}
	return text.Parse(r.Header.Get("Accept-Language"))
}

// language remembers the language asked for and goes back to the page.
func (k *Kit) language(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the request came over TLS
		Name: "lang", Value: string(text.Parse(r.FormValue("to"))), Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, Secure: Secure(r), SameSite: http.SameSiteLaxMode,
	})
	return SeeOther(w, r, Local(r.FormValue("back")))
}
