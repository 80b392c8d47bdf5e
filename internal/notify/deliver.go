package notify

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/text"
)

const (
	mailKind   = "notify.mail"
	letterKind = "notify.letter"
	tidyKind   = "notify.tidy"
	mailQueue  = "mail"
	// The pauses between so many attempts add up to about two days.
	mailAttempts = 16
)

// Kinds are the jobs of this package; add them to the queue.
func (n *Notify) Kinds() []jobs.Kind {
	mail := []jobs.Option{jobs.Queue(mailQueue), jobs.Attempts(mailAttempts), jobs.Retry(n.opts.Retry)}
	return []jobs.Kind{
		jobs.KindOf(mailKind, n.deliver, mail...),
		jobs.KindOf(letterKind, n.post, mail...),
		jobs.KindOf(tidyKind, n.tidy, jobs.On(jobs.Daily(3, 50))),
	}
}

type mailJob struct {
	Message string `json:"message"`
}

// deliver mails one message of an inbox to its person as they are now: the
// address, the language and the wish may have changed since.
func (n *Notify) deliver(ctx context.Context, job mailJob) error {
	var r row
	err := n.db.Get(ctx, &r, `SELECT `+columns+` FROM notify_message WHERE id = ?`, job.Message)
	if fault.Is(err, fault.NotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	m, err := r.received()
	if err != nil {
		return jobs.GiveUp(err)
	}
	people, err := n.opts.People(ctx, n.db, []string{r.Person})
	if err != nil || len(people) == 0 || people[0].Email == "" || !n.Mails() {
		return err
	}
	if want, err := n.WantsMail(ctx, n.db, r.Person); err != nil || !want {
		return err
	}
	p := people[0]
	err = n.opts.Mail.send(ctx, envelope{
		id: m.ID, name: p.Name, address: p.Email, written: m.Created,
		subject: m.Text(p.Lang), body: n.body(p.Lang, p.Name, m.Key, m.Args, m.Link, "notify.mail.foot"),
	})
	if err == nil {
		jobs.Count(ctx, "mails", 1)
	}
	return err
}

// Letter is a mail to an address rather than a person, kept in no inbox: an
// invitation, a link to set a new password. Unlike a Message its parameters may
// hold a short-lived secret; they stay in the queue for a day after delivery.
type Letter struct {
	Name  string
	Email string
	Lang  text.Lang
	Message
}

type letterJob struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Lang    text.Lang `json:"lang"`
	Key     string    `json:"key"`
	Args    string    `json:"args"`
	Link    string    `json:"link"`
	Written int64     `json:"written"`
}

// Post enqueues a letter. Where mail cannot be sent it is fault.Unavailable.
func (n *Notify) Post(ctx context.Context, tx *db.Tx, l Letter) error {
	if !n.Mails() {
		return fault.New(fault.Unavailable, "notify.no_mail")
	}
	if err := l.check(); err != nil {
		return err
	}
	args, err := pack(l.Args)
	if err != nil {
		return err
	}
	return n.jobs.Enqueue(ctx, tx, letterKind, letterJob{
		ID: db.NewID(), Name: l.Name, Email: l.Email, Lang: l.Lang,
		Key: l.Key, Args: args, Link: l.Link, Written: db.Millis(tx.Now),
	})
}

func (n *Notify) post(ctx context.Context, l letterJob) error {
	args, err := unpack(l.Args)
	if err != nil {
		return jobs.GiveUp(err)
	}
	err = n.opts.Mail.send(ctx, envelope{
		id: l.ID, name: l.Name, address: l.Email, written: db.Time(l.Written),
		subject: l.Lang.T(l.Key, args...), body: n.body(l.Lang, l.Name, l.Key, args, l.Link, "notify.mail.foot_letter"),
	})
	if err == nil {
		jobs.Count(ctx, "mails", 1)
	}
	return err
}

// body is the text of a mail: a greeting, the sentence, what more there is to
// say, where to go, and why it came.
func (n *Notify) body(l text.Lang, name, key string, args []any, link, foot string) string {
	parts := []string{l.T("notify.mail.greeting_all")}
	if name != "" {
		parts[0] = l.T("notify.mail.greeting", "name", name)
	}
	parts = append(parts, l.T(key, args...))
	if text.Has(key + ".body") {
		parts = append(parts, l.T(key+".body", args...))
	}
	site := strings.TrimSuffix(n.opts.Mail.Site, "/")
	if link != "" {
		parts = append(parts, l.T("notify.mail.link", "link", site+link))
	}
	return strings.Join(append(parts, "-- \n"+l.T(foot, "site", site)), "\n\n") + "\n"
}
