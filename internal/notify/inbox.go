package notify

import (
	"context"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/text"
)

// Received is a message in somebody's inbox.
type Received struct {
	ID      string
	Key     string
	Args    []any
	Link    string
	Created time.Time
	Read    time.Time // zero until read
}

// Text is the message in a language.
func (r Received) Text(l text.Lang) string { return l.T(r.Key, r.Args...) }

// Unread reports whether the person has not opened it yet.
func (r Received) Unread() bool { return r.Read.IsZero() }

type row struct {
	ID      string `db:"id"`
	Person  string `db:"person"`
	Key     string `db:"key"`
	Args    string `db:"args"`
	Link    string `db:"link"`
	Created int64  `db:"created"`
	ReadAt  int64  `db:"read_at"`
}

const columns = `id, person, key, args, link, created, read_at`

func (r row) received() (Received, error) {
	args, err := unpack(r.Args)
	return Received{
		ID: r.ID, Key: r.Key, Args: args, Link: r.Link,
		Created: db.Time(r.Created), Read: db.Time(r.ReadAt),
	}, err
}

// Inbox is a page of the person's messages, newest first, with the cursor of
// the next page.
func (n *Notify) Inbox(ctx context.Context, person string, page db.Page) ([]Received, string, error) {
	query, args := `SELECT `+columns+` FROM notify_message WHERE person = ?`, []any{person}
	rows, next, err := db.Paged(ctx, n.db, page, db.Order{Columns: []string{"id"}, Down: true},
		query, args,
		func(x *row) []string { return []string{x.ID} })
	if err != nil {
		return nil, "", err
	}
	list := make([]Received, len(rows))
	for i, r := range rows {
		if list[i], err = r.received(); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// Unread counts the person's unread messages.
func (n *Notify) Unread(ctx context.Context, person string) (int, error) {
	var count int
	err := n.db.Get(ctx, &count, `SELECT count(*) FROM notify_message WHERE person = ? AND read_at = 0`, person)
	return count, err
}

// MarkRead marks messages of the person as read, all of them when no id is
// given. What is already read, or somebody else's, stays as it is.
func (n *Notify) MarkRead(ctx context.Context, person string, ids ...string) error {
	return n.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { //nolint:forbidigo // an inbox is nobody's record but its reader's
		const query = `UPDATE notify_message SET read_at = ? WHERE person = ? AND read_at = 0`
		now := db.Millis(tx.Now)
		if len(ids) == 0 {
			_, err := tx.Exec(ctx, query, now, person)
			return err
		}
		for _, id := range ids {
			if _, err := tx.Exec(ctx, query+` AND id = ?`, now, person, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// How long inboxes keep messages that were read, and that never were.
const (
	keepRead   = 183 * 24 * time.Hour
	keepUnread = 2 * 365 * 24 * time.Hour
)

// tidy deletes messages that have been kept long enough.
func (n *Notify) tidy(ctx context.Context, _ struct{}) error {
	return n.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { //nolint:forbidigo // an inbox is nobody's record but its reader's
		deleted, err := tx.Exec(ctx, `DELETE FROM notify_message WHERE created < ? OR (read_at > 0 AND read_at < ?)`,
			db.Millis(tx.Now.Add(-keepUnread)), db.Millis(tx.Now.Add(-keepRead)))
		jobs.Count(ctx, "deleted", deleted)
		return err
	})
}
