package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
)

// office is a site with a few people, its queue and its notifier.
type office struct {
	*notify.Notify
	t      *testing.T
	db     *db.DB
	jobs   *jobs.Jobs
	people []notify.Person
}

const accept authz.Permission = "engagement.need.accept"

func newOffice(t *testing.T, source string, mail notify.Mail) *office {
	t.Helper()
	ctx, silent := context.Background(), slog.New(slog.DiscardHandler)
	d, err := db.Open(ctx, source, db.Options{Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := jobs.Migrate(ctx, d); err != nil {
		t.Fatal(err)
	}
	j, err := jobs.New(d, silent)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, db: d, jobs: j, people: []notify.Person{
		{ID: "wang", Name: "王海燕", Email: "wang@yancheng.example", Lang: text.Zh},
		{ID: "smith", Name: "John Smith", Email: "smith@yancheng.example", Lang: text.En},
		{ID: "li", Name: "李明"},
	}}
	o.Notify, err = notify.New(d, j, notify.Options{
		Mail: mail,
		Holders: func(_ context.Context, _ db.Reader, p authz.Permission, at authz.Target) ([]notify.Person, error) {
			if p != accept || at.Region != "320924" {
				return nil, nil
			}
			return o.people[:2], nil
		},
		People: func(_ context.Context, _ db.Reader, ids []string) ([]notify.Person, error) {
			var found []notify.Person
			for _, p := range o.people {
				if slices.Contains(ids, p.ID) {
					found = append(found, p)
				}
			}
			return found, nil
		},
		Retry: func(int) time.Duration { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Add(o.Kinds()...); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) write(fn func(ctx context.Context, tx *db.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(context.Background(), fn); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) tell(m notify.Message, to ...string) {
	o.t.Helper()
	o.write(func(ctx context.Context, tx *db.Tx) error { return o.Tell(ctx, tx, to, m) })
}

// deliver runs the mail jobs and returns the outcomes of their runs, oldest first.
func (o *office) deliver() string {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := o.jobs.Settle(ctx); err != nil {
		o.t.Fatal(err)
	}
	runs, _, err := jobs.Runs(ctx, o.db, jobs.Filter{}, db.Page{})
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, r := range slices.Backward(runs) {
		out = append(out, string(r.Outcome))
	}
	return strings.Join(out, " ")
}

// stale is a message with words of its own in both languages, a text key among
// its parameters, and a name that somebody chose.
func stale(name string) notify.Message {
	return notify.Message{
		Key: "notify.mail.greeting", Args: []any{"name", name}, Link: "/bench/needs/7",
	}
}

func TestEachPersonReadsTheInboxInTheirOwnLanguage(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, o := context.Background(), newOffice(t, source, notify.Mail{})
		o.write(func(ctx context.Context, tx *db.Tx) error {
			m := notify.Message{Key: "portal.places.n", Args: []any{"n", 3}, Link: "/bench"}
			if err := o.TellHolders(ctx, tx, accept, authz.At("320924"), m); err != nil {
				return err
			}
			return o.TellHolders(ctx, tx, accept, authz.At("320981"), m) // nobody holds it there
		})
		o.tell(notify.Message{Key: "notify.mail.greeting", Args: []any{"name", text.Key("portal.messages")}}, "wang", "", "wang")

		list, next, err := o.Inbox(ctx, "wang", db.Page{})
		if err != nil || len(list) != 2 || next != "" {
			t.Fatalf("%d messages, %q, %v", len(list), next, err)
		}
		if got := list[0].Text(text.Zh) + list[0].Text(text.En); got != "消息，你好：Hello Messages," {
			t.Errorf("newest: %s", got)
		}
		if got := list[1].Text(text.Zh) + list[1].Text(text.En); got != "3 个县（市、区）各有站点Each of the 3 counties has its own" || list[1].Link != "/bench" || !list[1].Unread() {
			t.Errorf("oldest: %s %+v", got, list[1])
		}
		if n, err := o.Unread(ctx, "smith"); n != 1 || err != nil {
			t.Errorf("smith has %d unread, %v", n, err)
		}
	})
}

func TestAnInboxIsPagedAndReadByItsOwnerAlone(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx, o := context.Background(), newOffice(t, source, notify.Mail{})
		for range 5 {
			o.tell(notify.Message{Key: "portal.messages"}, "wang", "li")
		}
		var seen []string
		for page, more := (db.Page{Limit: 2}), true; more; more = page.After != "" {
			list, next, err := o.Inbox(ctx, "wang", page)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list {
				seen = append(seen, m.ID)
			}
			page.After = next
		}
		if len(seen) != 5 || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) {
			t.Fatalf("pages gave %v", seen)
		}
		unread := func(who string, want int) {
			t.Helper()
			if n, err := o.Unread(ctx, who); n != want || err != nil {
				t.Errorf("%s has %d unread, want %d, %v", who, n, want, err)
			}
		}
		for _, step := range []struct {
			who      string
			ids      []string
			wang, li int
		}{
			{"li", seen[:1], 5, 5}, // not li's message
			{"wang", seen[:2], 3, 5},
			{"wang", seen[:2], 3, 5},
			{"wang", nil, 0, 5},
		} {
			if err := o.MarkRead(ctx, step.who, step.ids...); err != nil {
				t.Fatal(err)
			}
			unread("wang", step.wang)
			unread("li", step.li)
		}
	})
}

func TestNobodyIsToldOfAWriteThatFailed(t *testing.T) {
	ctx, o := context.Background(), newOffice(t, t.TempDir(), notify.Mail{From: "a@b.example", Site: "https://b.example", Folder: t.TempDir()})
	err := o.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := o.Tell(ctx, tx, []string{"wang"}, stale("x")); err != nil {
			t.Error(err)
		}
		return errors.New("no")
	})
	if err == nil {
		t.Fatal("the write went through")
	}
	if n, err := o.Unread(ctx, "wang"); n != 0 || err != nil {
		t.Errorf("%d unread, %v", n, err)
	}
	if runs := o.deliver(); runs != "" {
		t.Errorf("mail jobs ran: %s", runs)
	}
}

func TestOnlyWordsAndPlacesOfThisSiteAreTold(t *testing.T) {
	ctx, o := context.Background(), newOffice(t, t.TempDir(), notify.Mail{})
	for _, m := range []notify.Message{
		{Key: "no.such.words"},
		{Key: "portal.messages", Link: "https://elsewhere.example/"},
		{Key: "portal.messages", Link: "//elsewhere.example/"},
		{Key: "portal.messages", Link: "/\\elsewhere.example/"},
		{Key: "portal.messages", Link: "/a\r\nBcc: x"},
		{Key: "portal.messages", Args: []any{"alone"}},
	} {
		err := o.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return o.Tell(ctx, tx, []string{"wang"}, m) })
		if err == nil {
			t.Errorf("%+v was told", m)
		}
	}
}

func TestWithoutAServerOnlyTheInboxIsUsed(t *testing.T) {
	ctx, o := context.Background(), newOffice(t, t.TempDir(), notify.Mail{})
	o.tell(stale("x"), "wang")
	if o.Mails() || o.deliver() != "" {
		t.Error("mail was tried without a server")
	}
	err := o.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return o.Post(ctx, tx, notify.Letter{Email: "a@b.example", Message: notify.Message{Key: "portal.messages"}})
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("a letter: %v", err)
	}
}

func TestAFolderKeepsTheMailsOfADemonstration(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mail")
	o := newOffice(t, t.TempDir(), notify.Mail{From: "企伴 <a@b.example>", Site: "https://b.example", Folder: folder})
	o.tell(stale("盐都机械厂"), "wang", "li")
	o.write(func(ctx context.Context, tx *db.Tx) error { return o.SetWantsMail(ctx, tx, "smith", false) })
	o.tell(stale("x"), "smith")
	if runs := o.deliver(); runs != "done" {
		t.Fatalf("runs: %s", runs)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 || !strings.HasSuffix(files[0].Name(), ".eml") {
		t.Fatalf("%v, %v", files, err)
	}
}

func TestOldMessagesGo(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2009, 2, 20, 0, 0, 0, 0, time.UTC)
	d, err := db.Open(ctx, t.TempDir(), db.Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	none := func(context.Context, db.Reader, []string) ([]notify.Person, error) { return nil, nil }
	n, err := notify.New(d, nil, notify.Options{
		People: none,
		Holders: func(context.Context, db.Reader, authz.Permission, authz.Target) ([]notify.Person, error) {
			return nil, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	tell := func() {
		if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			return n.Tell(ctx, tx, []string{"wang"}, notify.Message{Key: "portal.messages"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	tell()
	if err := n.MarkRead(ctx, "wang"); err != nil {
		t.Fatal(err)
	}
	tell()
	for _, step := range []struct {
		days, left int
	}{{180, 2}, {10, 1}, {500, 1}, {60, 0}} {
		now = now.AddDate(0, 0, step.days)
		for _, k := range n.Kinds() {
			if k.Periodic() {
				if err := k.Run(ctx, []byte("{}")); err != nil {
					t.Fatal(err)
				}
			}
		}
		list, _, err := n.Inbox(ctx, "wang", db.Page{})
		if err != nil || len(list) != step.left {
			t.Fatalf("on %s: %d messages, want %d, %v", now, len(list), step.left, err)
		}
	}
}
