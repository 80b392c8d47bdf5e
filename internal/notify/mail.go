package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"qiban.dev/qiban/internal/jobs"
)

// Security is how the connection to the mail server is protected.
type Security string

const (
	Opportunistic Security = ""         // STARTTLS when the server offers it
	StartTLS      Security = "starttls" // refuse a server without it
	TLS           Security = "tls"      // TLS from the first byte, port 465
	Plain         Security = "plain"    // none: for a server on the same machine, without a password
)

// Mail says how mail leaves this site. The zero value sends none.
type Mail struct {
	From string // "盐城市中小企业服务 <service@example.org>"
	Site string // address that links in mails begin with: "https://qiban.example.org"

	Host     string // of the SMTP server
	Port     int    // 0 is the usual one of Security: 465 or 587
	User     string // empty for a server that asks for none
	Password string // only ever said over TLS
	Security Security
	Roots    *x509.CertPool // authorities to trust; nil is the system's

	// Folder keeps each mail as a file instead of sending it, for
	// demonstrations; Host must be empty.
	Folder string
}

func (m Mail) on() bool { return m.Host != "" || m.Folder != "" }

func (m Mail) check() error {
	if !m.on() {
		return nil
	}
	if m.Host != "" && m.Folder != "" {
		return errors.New("mail: choose a server or a folder, not both")
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		return fmt.Errorf("mail: the sender %q: %w", m.From, err)
	}
	if !strings.HasPrefix(m.Site, "http://") && !strings.HasPrefix(m.Site, "https://") {
		return fmt.Errorf("mail: the site's address %q does not begin with https://", m.Site)
	}
	if m.Folder != "" {
		return os.MkdirAll(m.Folder, 0o700)
	}
	_, err := m.client()
	return err
}

// sendLong bounds one conversation with the mail server.
const sendLong = 45 * time.Second

func (m Mail) client() (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithTimeout(sendLong),
		gomail.WithTLSConfig(&tls.Config{ServerName: m.Host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch m.Security {
	case Opportunistic:
		options = append(options, gomail.WithTLSPortPolicy(gomail.TLSOpportunistic))
	case StartTLS:
		options = append(options, gomail.WithTLSPortPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithSSLPort(false))
	case Plain:
		options = append(options, gomail.WithTLSPortPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("mail: security %q: choose starttls, tls or plain", m.Security)
	}
	if m.Port != 0 {
		options = append(options, gomail.WithPort(m.Port))
	}
	if m.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	return gomail.NewClient(m.Host, options...)
}

// envelope is one mail, ready but for its form.
type envelope struct {
	id      string // the same for every attempt, so that a repeated mail is seen to be one
	name    string
	address string
	subject string
	body    string
	written time.Time
}

// send delivers the mail or keeps it in the folder. What no repetition can
// mend, such as a mailbox that does not exist, is given up.
func (m Mail) send(ctx context.Context, e envelope) error {
	msg, err := m.message(e)
	if err != nil {
		return jobs.GiveUp(err)
	}
	if m.Folder != "" {
		return keep(msg, filepath.Join(m.Folder, e.id+".eml"))
	}
	client, err := m.client()
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.Reason == gomail.ErrSMTPRcptTo && !failed.IsTemp() {
		return jobs.GiveUp(err)
	}
	return err
}

func (m Mail) message(e envelope) (*gomail.Msg, error) {
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return nil, err
	}
	to, err := mail.ParseAddress(e.address)
	if err != nil || to.Address != e.address {
		return nil, fmt.Errorf("%q is not a mail address", e.address)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&mail.Address{Name: oneLine(from.Name), Address: from.Address})
	msg.ToMailAddress(&mail.Address{Name: oneLine(e.name), Address: to.Address})
	_, host, _ := strings.Cut(from.Address, "@")
	msg.SetMessageIDWithValue(e.id + "@" + host)
	msg.SetDateWithValue(e.written)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday replies
	msg.Subject(oneLine(e.subject))
	msg.SetBodyString(gomail.TypeTextPlain, e.body)
	return msg, nil
}

// oneLine is s without what could end a header line.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }), " ")
}

// keep writes the mail so that a reader of the folder never sees half of it.
func keep(msg *gomail.Msg, name string) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".mail-*")
	if err != nil {
		return err
	}
	_, err = msg.WriteTo(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), name)
}
