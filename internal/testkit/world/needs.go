package world

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
)

// Personal is the need that a founder asks for in their own name.
const Personal = "personal"

// needs makes a place's needs: in Own one in every state, elsewhere one that was
// just posted; and everywhere a founder's.
func (w *World) needs(at Place) {
	w.t.Helper()
	r := w.At[at.Name]
	states := []flow.State{engagement.Posted}
	if at == Own {
		states = engagement.Lifecycle().States
	}
	for _, state := range states {
		r.Needs[string(state)] = w.need(at, state)
	}
	founder := w.actor(r.Founder, "self", authz.Grant{Party: authz.Party{Kind: authz.Person, ID: r.Founder}})
	n, err := w.Engagement.Post(w.t.Context(), founder, engagement.Posting{
		Content: content(at, Personal), Contact: contact(at), Person: r.Founder, Region: at.Town,
	})
	w.must(err)
	r.Needs[Personal] = n.ID
	_, err = w.Engagement.PickCallbacks(w.t.Context(), engagement.Robot(), 100)
	w.must(err)
}

func content(at Place, what string) engagement.Content {
	return engagement.Content{
		Theme: institution.Financing, Title: Mark(at, what), Text: "春节前采购棉花，备足一季度订单的原料。", Amount: 30_000_000,
	}
}

func contact(at Place) engagement.Contact {
	return engagement.Contact{Name: Mark(at, "联系"), Phone: "13900000000"}
}

// papers is a document that somebody has uploaded, as the token of it.
func (w *World) papers(by authz.Actor, at Place, what string) []string {
	w.t.Helper()
	p, err := w.Files.Hold(w.t.Context(), by, files.Incoming{
		Name: Mark(at, what) + ".pdf", Data: strings.NewReader("%PDF-1.4 " + Mark(at, what)), Form: what,
	})
	w.must(err)
	return []string{p.Token}
}

// need brings one as far as the state along the plain way.
func (w *World) need(at Place, state flow.State) engagement.ID {
	w.t.Helper()
	ctx, r, desk := w.t.Context(), w.At[at.Name], w.Office("320000")
	asks := w.actor("maker", "owner", authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(r.Enterprise)}})
	does := w.actor("maker", "institution", authz.Grant{Party: authz.Party{Kind: authz.Institution, ID: string(r.Institution)}})
	e := w.Engagement
	n, err := e.Post(ctx, asks, engagement.Posting{Enterprise: string(r.Enterprise), Content: content(at, string(state)), Contact: contact(at), Papers: w.papers(asks, at, string(state))})
	w.must(err)
	go1 := func(next engagement.Need, err error) { w.t.Helper(); w.must(err); n = next }
	switch state {
	case engagement.Posted:
		return n.ID
	case engagement.Referred:
		go1(e.Refer(ctx, desk, n.ID, n.Version, "320900", "要市里协调"))
		return n.ID
	case engagement.Withdrawn:
		go1(e.Withdraw(ctx, asks, n.ID, n.Version, "不需要了"))
		return n.ID
	case engagement.Refused:
		go1(e.Refuse(ctx, desk, n.ID, n.Version, "不属于服务范围"))
		return n.ID
	default:
		go1(e.Accept(ctx, desk, n.ID, n.Version))
	}
	if state == engagement.Waiting {
		go1(e.Ask(ctx, desk, n.ID, n.Version, "请补充报表"))
		return n.ID
	}
	for _, step := range []struct {
		before flow.State
		take   func() (engagement.Need, error)
	}{
		{engagement.Taken, func() (engagement.Need, error) { return e.Offer(ctx, desk, n.ID, n.Version, r.Institution, "") }},
		{engagement.Offered, func() (engagement.Need, error) { return e.AcceptOffer(ctx, does, n.ID, n.Version) }},
		{"", func() (engagement.Need, error) {
			next, _, err := e.Deliver(ctx, does, n.ID, n.Version, engagement.Work{
				On: flow.DayOf(w.DB.Now()), Theme: institution.Financing, Form: institution.ExpertTeam, Quantity: 1, Text: "担保贷款，期限六个月",
			})
			return next, err
		}},
		{engagement.InProgress, func() (engagement.Need, error) { return e.Finish(ctx, does, n.ID, n.Version) }},
		{engagement.Delivered, func() (engagement.Need, error) { return e.Confirm(ctx, asks, n.ID, n.Version) }},
		{engagement.Rateable, func() (engagement.Need, error) {
			return e.Rate(ctx, asks, n.ID, n.Version, engagement.Rating{OnTime: true, Solved: engagement.Yes, Score: 5})
		}},
	} {
		if step.before == state {
			break
		}
		go1(step.take())
	}
	return n.ID
}

// SheetYear is the year of the one return that was submitted: the own county's.
const SheetYear = 2025

func (w *World) sheet() {
	w.t.Helper()
	ctx, office := w.t.Context(), w.Office(Own.Over)
	s, err := w.Indicator.Open(ctx, office, Own.Over, SheetYear)
	w.must(err)
	w.must(w.Indicator.FillIn(ctx, office, s.ID, s.Version, map[string]float64{"P3": 7}))
	w.must(w.Indicator.Advance(ctx, office, s.ID, s.Version+1, indicator.Submit, ""))
}

// Key is the secret of a person's key: one that may do all that the person may,
// or what says after what it lacks or why it is none any more.
func (p Person) Key(what string) string { return "qb_" + p.ID + what }

// What keys there are beside the whole one.
const (
	Expired = "/expired"
	Ended   = "/ended"
	Without = "/without " // and the scope that it lacks, alone of all
)

// keys makes the keys of everybody; the rows are written as account writes them.
func (w *World) keys() {
	w.t.Helper()
	now, digest := w.DB.Now(), w.digest()
	live, past := db.Millis(now.AddDate(0, 0, 30)), db.Millis(now.AddDate(0, 0, -1))
	var scopes []string
	for _, s := range w.Account.Scopes() {
		scopes = append(scopes, s.Name)
	}
	type row struct {
		what        string
		ends, ended int64
		scopes      []string
	}
	rows := []row{{"", live, 0, scopes}, {Expired, past, 0, scopes}, {Ended, live, past, scopes}}
	for i, s := range scopes {
		rows = append(rows, row{Without + s, live, 0, slices.Delete(slices.Clone(scopes), i, i+1)})
	}
	w.must(w.DB.Write(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, p := range w.People {
			for _, r := range rows {
				if p.ID == "" {
					continue
				}
				if _, err := tx.Exec(ctx, `INSERT INTO account_key
					(id, person, name, digest, tail, scopes, official, created_at, ends_at, ended_at, ended_by, used_on)
					VALUES (?,?,'',?,'',?,1,?,?,?,'',?)`, db.NewID(), p.ID, digest("key", p.Key(r.what)), strings.Join(r.scopes, " "),
					past, r.ends, r.ended, flow.DayOf(now)); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// digest is how account keeps what must not be read from the database.
func (w *World) digest() func(kind, secret string) string {
	w.t.Helper()
	mac, err := hkdf.Key(sha256.New, Key(), nil, "qiban account mac", 32)
	w.must(err)
	return func(kind, secret string) string {
		h := hmac.New(sha256.New, mac)
		_, _ = h.Write([]byte(kind + "\x00" + secret))
		return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}
}

// sessions signs everybody in without their passwords, which take a tenth of a
// second each: the rows are written as account writes them.
func (w *World) sessions() {
	w.t.Helper()
	now, digest := db.Millis(w.DB.Now()), w.digest()
	const day = 24 * 60 * 60 * 1000
	w.must(w.DB.Write(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for i := range w.People {
			p := &w.People[i]
			if p.ID == "" {
				continue
			}
			p.Token = "token of " + p.ID
			if _, err := tx.Exec(ctx, `INSERT INTO account_session
				(id, token, person, stage, official, kept, agent, network, created_at, seen_at, idle, ends_at, ended_at)
				VALUES (?,?,?,'done',1,0,'','',?,?,?,?,0)`,
				db.NewID(), digest("session", p.Token), p.ID, now, now, day, now+day); err != nil {
				return err
			}
		}
		return nil
	}))
	for i := range w.People {
		if p := &w.People[i]; p.ID != "" {
			var err error
			p.Actor, err = w.Account.Resolve(w.t.Context(), p.Token)
			w.must(err)
		}
	}
}
