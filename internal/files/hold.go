package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
)

// kept is how long a pending upload waits, and how long a blob that nothing
// refers to is left alone: longer than any upload takes.
const kept = 24 * time.Hour

// Incoming is a file as it arrives.
type Incoming struct {
	Name string        // as the sender calls it
	Data io.ReadSeeker // read twice: to know what it is, and to keep it
	// Form ties it to one form: the same file sent again with it, because another
	// field was wrong or the button was pressed twice, is the same upload.
	Form string
	// Most bytes it may have; 0 is the limit of the site.
	Most int64
}

// Pending is an upload that waits for its record (待提交的上传).
type Pending struct {
	Token string
	Content
	Type    string
	Name    string
	At      time.Time
	Renamed bool // the name was given another extension, because the content is something else
}

// Hold keeps an upload under a token until its form is complete: for the person
// who sent it alone, for a day. What breaks a rule (too large, empty, of a type
// that is not accepted, too much pending) is Invalid under Field; a store that
// cannot keep it is Unavailable.
//
// Three steps, so that neither a crash nor a race does harm: the row that
// reserves room and protects the blob from the sweeper, the blob, the mark that
// it is there. A row without the mark counts, but is never handed out.
func (s *Service) Hold(ctx context.Context, by authz.Actor, in Incoming) (Pending, error) {
	if by.Kind == authz.Nobody || by.ID == "" {
		return Pending{}, fault.New(fault.SignIn, "fault.sign_in")
	}
	p, err := s.examine(in)
	if err != nil {
		return Pending{}, err
	}
	sum := sha256.Sum256([]byte(by.ID + "\x00" + in.Form + "\x00" + p.Sha + "\x00" + p.Name))
	p.Token = hex.EncodeToString(sum[:16])
	if err := s.reserve(ctx, by.ID, &p); err != nil {
		return Pending{}, err
	}
	if err := s.keep(ctx, p.Content, in.Data); err != nil {
		return Pending{}, errors.Join(err, s.Drop(context.WithoutCancel(ctx), by, p.Token))
	}
	err = s.aside(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE files_pending SET ready = 1 WHERE id = ?`, p.Token)
		if err == nil && n == 0 {
			return gone()
		}
		return err
	})
	return p, err
}

// examine reads an upload once: its hash, its size, what it is.
func (s *Service) examine(in Incoming) (Pending, error) {
	most, name := in.Most, CleanName(in.Name)
	if most == 0 {
		most = s.limits.File
	}
	h := sha256.New()
	first := make([]byte, 0, 32<<10)
	size, err := io.Copy(&taster{h, &first}, io.LimitReader(in.Data, most+1))
	switch {
	case err != nil:
		return Pending{}, fault.Because(err, fault.Invalid, "files.unread")
	case size > most:
		return Pending{}, refused("files.field.large", "name", name, "max", most>>20)
	case size == 0:
		return Pending{}, refused("files.field.empty", "name", name)
	}
	if _, err := in.Data.Seek(0, io.SeekStart); err != nil {
		return Pending{}, fault.Because(err, fault.Invalid, "files.unread")
	}
	kind, right, err := judge(first, name)
	if err != nil {
		return Pending{}, err
	}
	content := Content{Sha: hex.EncodeToString(h.Sum(nil)), Size: size}
	return Pending{Content: content, Type: kind.mime, Name: right, Renamed: right != name}, nil
}

// taster hashes everything and remembers the beginning.
type taster struct {
	h     hash.Hash
	first *[]byte
}

func (t *taster) Write(b []byte) (int, error) {
	if room := head - len(*t.first); room > 0 {
		*t.first = append(*t.first, b[:min(room, len(b))]...)
	}
	return t.h.Write(b)
}

// reserve makes the row of a pending upload, if there is room for it.
func (s *Service) reserve(ctx context.Context, person string, p *Pending) error {
	return s.aside(ctx, func(ctx context.Context, tx *db.Tx) error {
		p.At = tx.Now
		if err := touch(ctx, tx, p.Content); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `INSERT INTO files_pending (id, person, sha, size, type, name, ready, at) VALUES (?,?,?,?,?,?,0,?)
			ON CONFLICT (id) DO NOTHING`, p.Token, person, p.Sha, p.Size, p.Type, p.Name, db.Millis(tx.Now))
		if err != nil {
			return err
		}
		if n == 0 { // sent before: it waits anew
			_, err := tx.Exec(ctx, `UPDATE files_pending SET at = ? WHERE id = ?`, db.Millis(tx.Now), p.Token)
			return err
		}
		return book(ctx, tx,
			entry{pendingKey(person), p.Size, 1, mostPendingBytes, mostPending, "files.field.pending"},
			entry{site, p.Size, 1, s.limits.Site, 0, "files.site_full"})
	})
}

// touch makes sure that the blob has a row, and that the sweeper leaves it alone
// from now on for a day.
func touch(ctx context.Context, tx *db.Tx, c Content) error {
	_, err := tx.Exec(ctx, `INSERT INTO files_blob (id, size, touched_at) VALUES (?,?,?)
		ON CONFLICT (id) DO UPDATE SET touched_at = excluded.touched_at`, c.Sha, c.Size, db.Millis(tx.Now))
	return err
}

// keep stores the blob, unless it is there.
func (s *Service) keep(ctx context.Context, c Content, data io.ReadSeeker) error {
	if size, err := s.store.Size(ctx, c.Sha); err == nil && size == c.Size {
		return nil
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return s.store.Put(ctx, c.Sha, data)
}

type pendingRow struct {
	Token string `db:"id"`
	Content
	Type string `db:"type"`
	Name string `db:"name"`
	At   int64  `db:"at"`
}

func (r *pendingRow) pending() Pending {
	return Pending{Token: r.Token, Content: r.Content, Type: r.Type, Name: r.Name, At: db.Time(r.At)}
}

// held is a person's own pending upload, NotFound for anybody else's.
func held(ctx context.Context, r db.Reader, by authz.Actor, token string, now time.Time) (Pending, error) {
	var row pendingRow
	err := r.Get(ctx, &row, `SELECT id, sha, size, type, name, at FROM files_pending
		WHERE id = ? AND person = ? AND ready = 1 AND at > ?`, token, by.ID, db.Millis(now.Add(-kept)))
	return row.pending(), err
}

// Held are the actor's pending uploads of the tokens that are still there.
func (s *Service) Held(ctx context.Context, by authz.Actor, tokens ...string) ([]Pending, error) {
	var all []Pending
	for _, token := range tokens[:min(len(tokens), mostPending)] {
		p, err := held(ctx, s.db, by, token, s.db.Now())
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// OpenHeld reads the actor's own pending upload; NotFound for anybody else's.
func (s *Service) OpenHeld(ctx context.Context, by authz.Actor, token string) (Pending, io.ReadSeekCloser, error) {
	p, err := held(ctx, s.db, by, token, s.db.Now())
	if err != nil {
		return Pending{}, nil, err
	}
	r, err := s.Open(ctx, File{Content: p.Content})
	return p, r, err
}

// Drop gives up the actor's pending upload; one that is not there is fine.
func (s *Service) Drop(ctx context.Context, by authz.Actor, token string) error {
	return s.aside(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := release(ctx, tx, `id = ? AND person = ?`, token, by.ID)
		return err
	})
}

// release removes pending uploads and what they counted; n says how many.
func release(ctx context.Context, tx *db.Tx, where string, args ...any) (n int64, err error) {
	var rows []struct {
		ID     string `db:"id"`
		Person string `db:"person"`
		Size   int64  `db:"size"`
	}
	if err := tx.Select(ctx, &rows, `SELECT id, person, size FROM files_pending WHERE `+where+` ORDER BY person, id`, args...); err != nil {
		return 0, err
	}
	for _, r := range rows {
		gone, err := tx.Exec(ctx, `DELETE FROM files_pending WHERE id = ?`, r.ID)
		if err != nil {
			return n, err
		}
		if gone == 0 { // attached a moment ago
			continue
		}
		n++
		if err := book(ctx, tx, entry{account: pendingKey(r.Person), bytes: -r.Size, files: -1},
			entry{account: site, bytes: -r.Size, files: -1}); err != nil {
			return n, err
		}
	}
	return n, nil
}

// errGone is what an upload fails with that has been attached, dropped or swept.
var errGone = errors.New("files: the pending upload is gone")

func gone() error {
	return &fault.Error{
		Kind: fault.Invalid, Key: "fault.invalid", Args: []any{"n", 1},
		Fields: []fault.Field{{Name: Field, Key: "files.field.gone"}}, Cause: errGone,
	}
}

// Gone reports that Attach found a pending upload gone. Sent twice at the same
// moment, the second request finds it so: trying the write once more answers
// what the first has made.
func Gone(err error) bool { return errors.Is(err, errGone) }
