package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/text"
)

// Person is somebody to tell: what notify must know of an account.
type Person struct {
	ID    string
	Name  string
	Email string    // empty when there is none
	Lang  text.Lang // empty is Chinese
}

// Options are what the program injects.
type Options struct {
	Mail Mail
	// Holders are the people who hold a permission over a target.
	Holders func(ctx context.Context, r db.Reader, p authz.Permission, t authz.Target) ([]Person, error)
	// People are the people with the ids, in any order; unknown ids are left out.
	People func(ctx context.Context, r db.Reader, ids []string) ([]Person, error)
	// Retry is the pause after a failed mail; nil is the queue's own.
	Retry func(attempt int) time.Duration
}

// Notify keeps the inboxes of one database and sends its mail.
type Notify struct {
	db   *db.DB
	jobs *jobs.Jobs
	opts Options
}

// New makes the notifier; an address or a server name that cannot be right is
// an error. Its Kinds must be added to the queue.
func New(d *db.DB, j *jobs.Jobs, opts Options) (*Notify, error) {
	if opts.Holders == nil || opts.People == nil {
		return nil, errors.New("notify: Holders and People are needed")
	}
	if err := opts.Mail.check(); err != nil {
		return nil, err
	}
	return &Notify{db: d, jobs: j, opts: opts}, nil
}

// Mails reports whether mail can be sent at all. Where it cannot, a page that
// would promise a mail says so instead.
func (n *Notify) Mails() bool { return n.opts.Mail.on() }

// Message is what to tell.
type Message struct {
	Key  string // text key of one sentence; Key + ".body", if there is one, says more in the mail
	Args []any  // as text.Lang.T takes them: strings, integers and text.Key
	Link string // path in this site, such as "/bench/needs/0190…"; empty for none
}

// Tell puts the message into the inbox of each of the people, once each, and
// enqueues a mail to those who get mails.
func (n *Notify) Tell(ctx context.Context, tx *db.Tx, to []string, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	args, err := pack(m.Args)
	if err != nil {
		return err
	}
	to = unique(to)
	mails, err := n.wanted(ctx, tx, to)
	if err != nil {
		return err
	}
	for _, person := range to {
		id := db.NewID()
		if _, err := tx.Exec(ctx, `INSERT INTO notify_message (id, person, key, args, link, created, read_at) VALUES (?,?,?,?,?,?,0)`,
			id, person, m.Key, args, m.Link, db.Millis(tx.Now)); err != nil {
			return err
		}
		if mails[person] {
			if err := n.jobs.Enqueue(ctx, tx, mailKind, mailJob{Message: id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// TellHolders tells everybody who holds the permission over the target.
func (n *Notify) TellHolders(ctx context.Context, tx *db.Tx, p authz.Permission, t authz.Target, m Message) error {
	people, err := n.opts.Holders(ctx, tx, p, t)
	if err != nil {
		return err
	}
	var ids []string
	for _, person := range people {
		ids = append(ids, person.ID)
	}
	return n.Tell(ctx, tx, ids, m)
}

// unique drops what is empty or comes twice, keeping the order.
func unique(ids []string) []string {
	seen := map[string]bool{"": true}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}

// check refuses what only a defect would send.
func (m Message) check() error {
	if !text.Has(m.Key) {
		return fmt.Errorf("notify: there is no text %q", m.Key)
	}
	if m.Link != "" && !local(m.Link) {
		return fmt.Errorf("notify: %q does not stay on this site", m.Link)
	}
	return nil
}

// local reports a path that no browser takes for another site.
func local(link string) bool {
	return strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && !strings.ContainsAny(link, "\\\r\n\t ")
}

// WantsMail reports whether the person wants mails; everybody does at first.
func (n *Notify) WantsMail(ctx context.Context, r db.Reader, person string) (bool, error) {
	var mail int64
	err := r.Get(ctx, &mail, `SELECT mail FROM notify_wish WHERE person = ?`, person)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	return mail == 1, err
}

// Wish keeps whether the person wants mails, in a change of its own.
func (n *Notify) Wish(ctx context.Context, person string, want bool) error {
	return n.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { //nolint:forbidigo // one's own wish, like a read mark
		return n.SetWantsMail(ctx, tx, person, want)
	})
}

// SetWantsMail keeps the person's wish.
func (n *Notify) SetWantsMail(ctx context.Context, tx *db.Tx, person string, want bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO notify_wish (person, mail) VALUES (?, ?)
		ON CONFLICT (person) DO UPDATE SET mail = excluded.mail`, person, db.Bool(want))
	return err
}

// wanted are the people among ids who get mails.
func (n *Notify) wanted(ctx context.Context, r db.Reader, ids []string) (map[string]bool, error) {
	mails := map[string]bool{}
	if !n.Mails() || len(ids) == 0 {
		return mails, nil
	}
	people, err := n.opts.People(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		mails[p.ID] = p.Email != ""
	}
	for some := range slices.Chunk(ids, 500) {
		var unwilling []string
		args := make([]any, len(some))
		for i, id := range some {
			args[i] = id
		}
		if err := r.Select(ctx, &unwilling, `SELECT person FROM notify_wish WHERE mail = 0 AND person IN (?`+
			strings.Repeat(`,?`, len(some)-1)+`)`, args...); err != nil {
			return nil, err
		}
		for _, id := range unwilling {
			mails[id] = false
		}
	}
	return mails, nil
}
