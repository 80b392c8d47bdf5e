package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/web"
)

// drafts keeps forms for people who must sign in again, in the database so that
// every process finds them. Only a hash of the token is kept.
type drafts struct{ db *db.DB }

// draftsKept is how long a kept form waits.
const draftsKept = 30 * 24 * time.Hour

func (s drafts) Put(ctx context.Context, token string, d web.Draft) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO app_draft (token, page, form, at) VALUES (?,?,?,?)
			ON CONFLICT (token) DO UPDATE SET page = excluded.page, form = excluded.form, at = excluded.at`,
			hashed(token), d.Page, d.Values.Encode(), db.Millis(tx.Now))
		return err
	})
}

func (s drafts) Get(ctx context.Context, token string) (web.Draft, error) {
	var row struct{ Page, Form string }
	if err := s.db.Get(ctx, &row, `SELECT page, form FROM app_draft WHERE token = ? AND at > ?`,
		hashed(token), db.Millis(s.db.Now().Add(-draftsKept))); err != nil {
		return web.Draft{}, err
	}
	values, err := url.ParseQuery(row.Form)
	return web.Draft{Page: row.Page, Values: values}, err
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// forgetDrafts drops forms nobody came back for.
func (a *App) forgetDrafts(ctx context.Context) error {
	return a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM app_draft WHERE at < ?`, db.Millis(tx.Now.Add(-draftsKept)))
		return err
	})
}
