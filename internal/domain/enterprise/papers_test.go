package enterprise_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
)

// licence uploads a scan and answers its token.
func (w *world) licence(by authz.Actor, words string) string {
	w.t.Helper()
	p, err := w.files.Hold(w.t.Context(), by, files.Incoming{Name: "营业执照.pdf", Data: strings.NewReader("%PDF-1.4\n" + words), Form: "form"})
	w.ok(err)
	return p.Token
}

func (w *world) opens(by authz.Actor, claim, file string) bool {
	w.t.Helper()
	_, in, err := w.OpenClaimFile(w.t.Context(), by, claim, file)
	if fault.Is(err, fault.NotFound) {
		return false
	}
	w.ok(err)
	_, err = io.Copy(io.Discard, in)
	w.ok(errors.Join(err, in.Close()))
	return true
}

// A registrant shows the licence, adds a letter, and only those who decide see
// both; each opening of theirs is noted.
func TestALicenceIsSeenByThoseWhoDecideAndByItsClaimant(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, gu := t.Context(), w.person("gu")
		_, err := w.Register(ctx, gu, enterprise.Registration{
			Profile: enterprise.Profile{Name: "鹤乡纺织有限公司", Region: hede}, Codes: []string{mill}, Own: true,
			Papers: []string{w.licence(gu, "licence")},
		})
		w.ok(err)
		mine, err := w.MyClaims(ctx, gu)
		w.ok(err)
		if len(mine) != 1 || len(mine[0].Files) != 1 || mine[0].Files[0].Owner != (authz.Party{Kind: authz.Person, ID: "gu"}) {
			t.Fatalf("%+v", mine)
		}
		id := mine[0].ID
		w.ok(w.AddEvidence(ctx, gu, id, "补一份授权书", w.licence(gu, "letter")))
		if err := w.AddEvidence(ctx, w.person("zhou"), id, "补一份授权书"); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else adds: %v", err)
		}
		seen, err := w.GetClaim(ctx, staff(sheyang), id)
		w.ok(err)
		if len(seen.Files) != 2 {
			t.Fatalf("the county sees %+v", seen.Files)
		}
		file := seen.Files[0].ID
		firm := authz.Actor{Kind: authz.Human, ID: "zhang", Grants: []authz.Grant{{
			Role:  authz.Role{Name: "owner", Permissions: []authz.Permission{enterprise.View, enterprise.Edit}},
			Party: authz.Party{Kind: authz.Enterprise, ID: string(seen.Enterprise)},
		}}}
		for who, c := range map[string]struct {
			by authz.Actor
			ok bool
		}{
			"the claimant": {gu, true}, "the county": {staff(sheyang), true}, "the next county": {staff("320925"), false},
			"who acts for it": {firm, false}, "another": {w.person("zhou"), false}, "nobody": {authz.Actor{}, false},
		} {
			if got := w.opens(c.by, id, file); got != c.ok {
				t.Errorf("%s opens the licence: %v", who, got)
			}
		}
		if w.opens(staff(sheyang), id, id) || w.opens(staff(sheyang), file, file) {
			t.Error("an id that is none opens something")
		}
		trail, err := gate.Trail(ctx, w.db, gate.Record{Kind: enterprise.ClaimKind, ID: id})
		w.ok(err)
		reads := 0
		for _, e := range trail {
			if strings.Contains(e.Detail, "file "+file) {
				reads++
			}
		}
		if reads != 1 {
			t.Errorf("%d readings are noted, want the county's one", reads)
		}
	})
}
