package notify_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/text"
)

// postbox is a real SMTP server that keeps what it is sent.
type postbox struct {
	sync.Mutex
	busy    int  // refuse this many mails for now
	refuses bool // knows no mailbox at all
	tries   int
	secure  bool     // the last mail came over TLS
	to      []string // of each mail, all it was sent to: mails may come at the same time
	mails   []*mail.Message
	bodies  []string
	raw     []string
}

func (b *postbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{postbox: b, conn: c}, nil
}

type session struct {
	*postbox
	conn *smtp.Conn
	rcpt []string // of the mail under way
}

func (s *session) Reset()                               { s.rcpt = nil }
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) AuthMechanisms() []string             { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "office" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.Lock()
	defer s.Unlock()
	s.tries++
	if s.refuses {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	if s.busy > 0 {
		s.busy--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "busy, come back"}
	}
	s.rcpt = append(s.rcpt, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.Lock()
	defer s.Unlock()
	_, s.secure = s.conn.TLSConnectionState()
	s.to = append(s.to, strings.Join(s.rcpt, ", "))
	s.mails, s.bodies, s.raw = append(s.mails, m), append(s.bodies, string(body)), append(s.raw, string(raw))
	return nil
}

// listen starts the server and says how to reach it. certificate nil offers no TLS.
func (b *postbox) listen(t *testing.T, certificate *tls.Certificate, implicit bool) notify.Mail {
	t.Helper()
	server := smtp.NewServer(b)
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.Domain, server.AllowInsecureAuth = "localhost", true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
		if implicit {
			l = tls.NewListener(l, server.TLSConfig)
		}
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return notify.Mail{From: "盐城市中小企业服务 <service@yancheng.example>", Site: "https://yancheng.example/", Host: "127.0.0.1", Port: port}
}

func selfSigned(t *testing.T) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func decoded(t *testing.T, m *mail.Message, header string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(header))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMailArrivesHoweverTheServerIsProtected(t *testing.T) {
	certificate, roots := selfSigned(t)
	for _, c := range []struct {
		name        string
		certificate *tls.Certificate
		implicit    bool
		security    notify.Security
		roots       *x509.CertPool
		password    string
		runs        string
		secure      bool
	}{
		{"a plain server", nil, false, notify.Plain, nil, "", "done", false},
		{"STARTTLS where it is offered", certificate, false, notify.Opportunistic, roots, "secret", "done", true},
		{"plain where it is not", nil, false, notify.Opportunistic, nil, "", "done", false},
		{"STARTTLS demanded and offered", certificate, false, notify.StartTLS, roots, "secret", "done", true},
		{"TLS from the first byte", certificate, true, notify.TLS, roots, "secret", "done", true},
		{"STARTTLS demanded and not offered", nil, false, notify.StartTLS, nil, "", strings.Repeat("failed ", 15) + "gave_up", false},
		{"a certificate that nobody vouches for", certificate, false, notify.StartTLS, nil, "", strings.Repeat("failed ", 15) + "gave_up", false},
		{"a password is not said in the clear", nil, false, notify.Opportunistic, nil, "secret", strings.Repeat("failed ", 15) + "gave_up", false},
		{"a wrong password", certificate, false, notify.StartTLS, roots, "guess", strings.Repeat("failed ", 15) + "gave_up", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := &postbox{}
			how := box.listen(t, c.certificate, c.implicit)
			how.Security, how.Roots = c.security, c.roots
			if c.password != "" {
				how.User, how.Password = "office", c.password
			}
			o := newOffice(t, t.TempDir(), how)
			o.tell(stale("盐都机械厂"), "wang")
			if runs := o.deliver(); runs != c.runs {
				t.Fatalf("runs: %s, want %s", runs, c.runs)
			}
			if c.runs != "done" {
				if len(box.mails) != 0 {
					t.Error("a mail arrived")
				}
				return
			}
			if len(box.mails) != 1 || box.secure != c.secure || box.to[0] != "wang@yancheng.example" {
				t.Fatalf("%d mails to %v, secure %t", len(box.mails), box.to, box.secure)
			}
		})
	}
}

func TestAMailIsChineseThroughoutAndLeadsBack(t *testing.T) {
	box := &postbox{}
	o := newOffice(t, t.TempDir(), box.listen(t, nil, false))
	name := strings.Repeat("江苏省盐城市盐都区", 8) + "机械厂"
	o.tell(stale(name), "wang", "smith")
	if runs := o.deliver(); runs != "done done" {
		t.Fatalf("runs: %s", runs)
	}
	for i, m := range box.mails {
		want, greeting := name+"，你好：", "王海燕，你好："
		if strings.HasPrefix(box.to[i], "smith") {
			want, greeting = "Hello "+name+",", "Hello John Smith,"
		}
		if got := decoded(t, m, "Subject"); got != want {
			t.Errorf("subject %q, want %q", got, want)
		}
		from, err := m.Header.AddressList("From")
		if err != nil || from[0].Name != "盐城市中小企业服务" {
			t.Errorf("from %v, %v", from, err)
		}
		body := quoted(t, box.bodies[i])
		for _, part := range []string{greeting, "https://yancheng.example/bench/needs/7"} {
			if !strings.Contains(body, part) {
				t.Errorf("the body lacks %q:\n%s", part, body)
			}
		}
		for _, line := range strings.Split(box.raw[i], "\n") {
			if strings.IndexFunc(line, func(r rune) bool { return r > 127 }) >= 0 || len(line) > 998 {
				t.Errorf("a line that old servers break: %q", line)
			}
		}
	}
}

func TestABusyServerGetsTheMailOnceItIsReady(t *testing.T) {
	box := &postbox{busy: 3}
	o := newOffice(t, t.TempDir(), box.listen(t, nil, false))
	o.tell(stale("x"), "wang")
	if runs := o.deliver(); runs != "failed failed failed done" || len(box.mails) != 1 {
		t.Fatalf("runs: %s, %d mails", runs, len(box.mails))
	}
}

func TestAMailboxThatDoesNotExistIsNotTriedAgain(t *testing.T) {
	box := &postbox{refuses: true}
	o := newOffice(t, t.TempDir(), box.listen(t, nil, false))
	o.tell(stale("x"), "wang")
	if runs := o.deliver(); runs != "gave_up" || box.tries != 1 {
		t.Fatalf("runs: %s, %d tries", runs, box.tries)
	}
}

func TestNoNameAddsAHeaderOrARecipient(t *testing.T) {
	box := &postbox{}
	o := newOffice(t, t.TempDir(), box.listen(t, nil, false))
	evil := "x\r\nBcc: victim@elsewhere.example\r\n\r\nbuy \"now\" <b@c.example>, \u2028 more"
	o.people[0].Name = evil
	o.people[1].Email = "smith@yancheng.example\r\nBcc: victim@elsewhere.example"
	o.people[2].Email = "li@yancheng.example, victim@elsewhere.example"
	o.tell(stale(evil), "wang", "smith", "li")
	o.write(func(ctx context.Context, tx *db.Tx) error {
		return o.Post(ctx, tx, notify.Letter{
			Name: evil, Email: "new@yancheng.example", Lang: text.En,
			Message: notify.Message{Key: "notify.mail.greeting", Args: []any{"name", evil}, Link: "/password?t=abc"},
		})
	})
	o.deliver()
	if len(box.mails) != 2 {
		t.Fatalf("%d mails arrived, want those to good addresses", len(box.mails))
	}
	for i, m := range box.mails {
		if m.Header.Get("Bcc") != "" || strings.Contains(box.to[i], "victim") {
			t.Errorf("smuggled: %v to %s", m.Header, box.to[i])
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != box.to[i] {
			t.Errorf("to %v, %v", to, err)
		}
	}
}

func TestAMailFollowsThePersonAsTheyAreWhenItIsSent(t *testing.T) {
	box := &postbox{}
	o := newOffice(t, t.TempDir(), box.listen(t, nil, false))
	o.tell(stale("x"), "wang")
	o.tell(stale("x"), "smith")
	o.people[0].Email, o.people[0].Lang = "haiyan@yancheng.example", text.En
	o.write(func(ctx context.Context, tx *db.Tx) error { return o.SetWantsMail(ctx, tx, "smith", false) })
	if runs := o.deliver(); runs != "done done" {
		t.Fatalf("runs: %s", runs)
	}
	if len(box.to) != 1 || box.to[0] != "haiyan@yancheng.example" || decoded(t, box.mails[0], "Subject") != "Hello x," {
		t.Fatalf("to %v", box.to)
	}
}

func TestSettingsThatCannotBeRightAreRefused(t *testing.T) {
	good := notify.Mail{From: "a@b.example", Site: "https://b.example", Host: "localhost"}
	for name, spoil := range map[string]func(*notify.Mail){
		"no sender":     func(m *notify.Mail) { m.From = "" },
		"no site":       func(m *notify.Mail) { m.Site = "b.example" },
		"two ways":      func(m *notify.Mail) { m.Folder = t.TempDir() },
		"odd security":  func(m *notify.Mail) { m.Security = "ssl3" },
		"port too high": func(m *notify.Mail) { m.Port = 70000 },
	} {
		m := good
		spoil(&m)
		if _, err := notify.New(nil, nil, options(m)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := notify.New(nil, nil, options(good)); err != nil {
		t.Error(err)
	}
}

func options(m notify.Mail) notify.Options {
	return notify.Options{
		Mail:   m,
		People: func(context.Context, db.Reader, []string) ([]notify.Person, error) { return nil, nil },
		Holders: func(context.Context, db.Reader, authz.Permission, authz.Target) ([]notify.Person, error) {
			return nil, nil
		},
	}
}

func quoted(t *testing.T, body string) string {
	t.Helper()
	raw, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
