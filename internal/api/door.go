package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
)

// handler answers one operation: who asks, how often, what is asked, in the
// order in which it costs least to refuse.
func (a *API) handler(op *operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &Call{api: a, op: op, w: w, r: r, Lang: web.Lang(r)}
		if err := guarded(c.enter); err != nil {
			a.fail(w, r, err, op)
			return
		}
		if op.writes() || op.file || a.Kit == nil || a.Kit.Answers == nil {
			c.answered()
			return
		}
		web.Again(w, r, a.Kit.Answers, c.asked(), func() *web.Answer {
			c.answered()
			return c.kept
		})
	})
}

// asked is all that an answer follows from besides the records: the address, the
// key, the language, and how it is sent.
func (c *Call) asked() string {
	h := c.r.Header
	return strings.Join([]string{
		c.By.Key, string(c.Lang), c.r.RequestURI, h.Get("Accept"), h.Get("Accept-Encoding"), h.Get("If-None-Match"),
	}, "\x00")
}

func (c *Call) answered() {
	if err := guarded(c.serve); err != nil {
		c.api.fail(c.w, c.r, err, c.op)
	}
}

func (c *Call) serve() error {
	if !c.op.file && !acceptable(c.r.Header.Get("Accept")) {
		return refuse(notAcceptable, "api.say.not_acceptable")
	}
	if err := c.fetch(); err != nil {
		return err
	}
	var err error
	if c.By.Request, err = c.request(); err != nil {
		return err
	}
	return c.op.run(c.r.Context(), c)
}

// guarded makes a panic an error, with where it happened.
func guarded(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if e, ok := v.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(v)
			}
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return fn()
}

// enter finds out whose key it is and counts the request: by key, or by network
// for those who have none or a wrong one.
func (c *Call) enter() error {
	h, a := c.w.Header(), c.api
	secret, given := bearer(c.r)
	if !given {
		if err := a.strangers.allow(h, network(web.ClientIP(c.r))); err != nil {
			return err
		}
		if !c.op.open {
			return fault.New(fault.SignIn, "fault.sign_in")
		}
		return nil
	}
	by, use, err := a.Accounts.ResolveKey(c.r.Context(), secret)
	if fault.Is(err, fault.SignIn) {
		if full := a.strangers.allow(h, network(web.ClientIP(c.r))); full != nil {
			return full
		}
		return fault.New(fault.SignIn, "api.say.wrong_key")
	}
	if err != nil {
		return err
	}
	if err := a.keys.allow(h, use.Key); err != nil {
		return err
	}
	if c.op.scope != "" && !c.op.open && !slices.Contains(use.Scopes, c.op.scope) {
		return fault.New(fault.Denied, "api.say.scope", "scope", c.op.scope)
	}
	c.By, c.scopes = by, use.Scopes
	return nil
}

// renew asks again what the key's person may do now.
func (c *Call) renew(ctx context.Context) error {
	secret, _ := bearer(c.r)
	by, _, err := c.api.Accounts.ResolveKey(ctx, secret)
	by.Request = c.By.Request
	c.By = by
	return err
}

// bearer is the key of the Authorization header; given is false without one.
func bearer(r *http.Request) (secret string, given bool) {
	head := r.Header.Get("Authorization")
	kind, secret, _ := strings.Cut(head, " ")
	if !strings.EqualFold(kind, "Bearer") {
		secret = "" // another kind of proof is a wrong key, not none
	}
	return strings.TrimSpace(secret), head != ""
}

// elsewhere answers addresses below /api that no operation has.
func (a *API) elsewhere(w http.ResponseWriter, r *http.Request) {
	if err := a.strangers.allow(w.Header(), network(web.ClientIP(r))); err != nil {
		a.fail(w, r, err, nil)
		return
	}
	if _, pattern := a.paths.Handler(r); pattern != "" {
		w.Header().Set("Allow", strings.Join(a.methods[pattern], ", "))
		a.fail(w, r, refuse(wrongMethod, "api.say.method", "methods", strings.Join(a.methods[pattern], ", ")), nil)
		return
	}
	a.fail(w, r, fault.New(fault.NotFound, "api.say.no_address"), nil)
}

// Problem answers a fault that the kit found before the request came here; false
// for addresses that are pages.
func (a *API) Problem(w http.ResponseWriter, r *http.Request, f *fault.Error) bool {
	if r.URL.Path != SpecPath && !strings.HasPrefix(r.URL.Path, "/api/") {
		return false
	}
	a.fail(w, r, f, nil)
	return true
}
