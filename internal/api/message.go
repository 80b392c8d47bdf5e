package api

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/notify"
)

// messages are the operations of one's own inbox (消息).
type messages struct {
	inbox *notify.Notify
	db    db.Reader
}

func (m messages) operations() []operation {
	return []operation{
		lists("listMyMessages", "/me/messages", words{"我的消息", "Your own messages"}, m.list).needs("me:read").
			note("新的在前，用你选的语言写成。", "Newest first, in the language you ask for."),
		changes("markMessagesRead", "POST /me/messages/read", words{"标为已读", "Mark messages as read"}, m.markRead, m.unread).needs("me:write"),
		reads("getMailWish", "/me/mail-wish", words{"是否也收邮件", "Whether mails are wished for too"}, m.wish).needs("me:read"),
		changes("setMailWish", "PUT /me/mail-wish", words{"改收不收邮件", "Say whether mails are wished for"}, m.setWish, m.showWish).needs("me:write"),
	}
}

// Message is a message of the inbox.
type Message struct {
	ID        string `json:"id" doc:"编号|Its id"`
	Text      string `json:"text" doc:"内容|What it says"`
	Link      string `json:"link" doc:"关于哪一页，没有时为空|The page it is about; empty for none"`
	CreatedAt string `json:"created_at" format:"date-time" doc:"时间|When"`
	ReadAt    string `json:"read_at" doc:"什么时候读的，没读时为空|When it was read; empty before"`
}

func (m messages) list(ctx context.Context, c *Call, in *leafing) (page[Message], error) {
	list, next, err := m.inbox.Inbox(ctx, c.By.ID, db.Page{Limit: in.Limit, After: in.After})
	return pageOf(list, next, func(r notify.Received) Message {
		return Message{r.ID, r.Text(c.Lang), r.Link, instant(r.Created), instant(r.Read)}
	}), err
}

type messagesRead struct {
	Body struct {
		IDs []string `json:"ids,omitempty" doc:"哪些消息，最多 200 条；不写是全部|Which ones, at most 200; all of them when left out"`
	}
}

// Unread is how many messages wait.
type Unread struct {
	Unread int `json:"unread" doc:"还有几条没读|How many are not read yet"`
}

// mostMessages is how many can be marked in one request: a page of them.
const mostMessages = 200

func (m messages) markRead(ctx context.Context, c *Call, in *messagesRead) error {
	if len(in.Body.IDs) > mostMessages {
		return fault.Fields{{Name: "ids", Key: "api.field.many", Args: []any{"max", mostMessages}}}.Err()
	}
	if in.Body.IDs != nil && len(in.Body.IDs) == 0 {
		return nil // none were named, which is not all
	}
	return m.inbox.MarkRead(ctx, c.By.ID, in.Body.IDs...)
}

func (m messages) unread(ctx context.Context, c *Call, _ string) (Unread, error) {
	n, err := m.inbox.Unread(ctx, c.By.ID)
	return Unread{n}, err
}

// MailWish is whether mails come beside the messages.
type MailWish struct {
	Possible bool `json:"possible" doc:"这个网站能不能发邮件|Whether this site can send mails at all"`
	Wanted   bool `json:"wanted" doc:"你要不要收|Whether you wish for them"`
}

func (m messages) wish(ctx context.Context, c *Call, _ *struct{}) (MailWish, error) {
	return m.showWish(ctx, c, "")
}

func (m messages) showWish(ctx context.Context, c *Call, _ string) (MailWish, error) {
	wanted, err := m.inbox.WantsMail(ctx, m.db, c.By.ID)
	return MailWish{m.inbox.Mails(), wanted}, err
}

type mailWishSet struct {
	Body struct {
		Wanted bool `json:"wanted" doc:"要不要收|Whether you wish for them"`
	}
}

func (m messages) setWish(ctx context.Context, c *Call, in *mailWishSet) error {
	return m.inbox.Wish(ctx, c.By.ID, in.Body.Wanted)
}
