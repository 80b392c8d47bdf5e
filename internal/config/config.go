// Package config is everything an operator can set (配置), in one struct, from
// flags and environment variables. kong reads it and prints its reference.
package config

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Store says where the records are. Every command takes it.
type Store struct {
	Data string `help:"Folder with the embedded database and uploads." default:"data" env:"QIBAN_DATA" type:"path"`
	DB   string `help:"Use this PostgreSQL instead of the embedded database: postgres://user@host/name." env:"QIBAN_DB" name:"db"`
	// ReadOnly is for every command: what would change something refuses.
	ReadOnly bool   `help:"Show everything, change nothing: commands that would change something refuse." env:"QIBAN_READ_ONLY"`
	Files    string `help:"Where uploads are kept: a folder, or s3://bucket/prefix?region=…; the folder files in the data folder when empty. Credentials of S3 come from the environment (AWS_ACCESS_KEY_ID …)." env:"QIBAN_FILES"`
}

// Uploads is where uploads are kept, as files.OpenStore takes it.
func (s Store) Uploads() string {
	if s.Files != "" {
		return s.Files
	}
	return filepath.Join(s.Data, "files")
}

// Source is what db.Open takes: the PostgreSQL address when given, else the folder.
func (s Store) Source() string {
	if s.DB != "" {
		return s.DB
	}
	return s.Data
}

// DefaultPlace is the region code an installation serves unless told otherwise.
const DefaultPlace = "320900"

// Serve is how the server listens and behaves.
type Serve struct {
	Addr    string         `help:"Address to listen on." default:"localhost:8080" env:"QIBAN_ADDR"`
	URL     string         `help:"Address that people reach the site at; needed behind a proxy and in mails." env:"QIBAN_URL" name:"url"`
	Place   string         `help:"Region code of the place this installation serves." default:"320900" env:"QIBAN_PLACE"`
	Proxies []netip.Prefix `help:"Networks of reverse proxies whose X-Forwarded-For is believed." env:"QIBAN_PROXIES"`
	Busy    int            `help:"Requests of a kind (reading, changing, uploading) answered or waiting at once; more are asked to come back." default:"256" env:"QIBAN_BUSY"`
	API     API            `embed:"" prefix:"api-"`
	Drain   time.Duration  `help:"How long to go on answering after being told to stop, while /readyz already says no; twice the interval of the proxy's probes." default:"0s" env:"QIBAN_DRAIN"`
	Metrics string         `help:"Address to answer Prometheus on, such as localhost:9090; never the public one. Off when empty." name:"metrics-addr" env:"QIBAN_METRICS_ADDR"`
	Backups Backups        `embed:""`
	Replica string         `help:"Copy the embedded database continuously to file:///folder or s3://bucket/prefix?region=…, about a second behind. Off when empty." name:"replicate" env:"QIBAN_REPLICATE"`
	Log     Log            `embed:"" prefix:"log-"`
	Secrets `embed:""`
	Contact Contact `embed:""`
	Mail    Mail    `embed:"" prefix:"mail-"`
	Upload  Upload  `embed:"" prefix:"upload-"`
}

// Upload is how much people may upload. Sizes are in MB.
type Upload struct {
	File  int64 `help:"Largest file, in MB." default:"10" env:"QIBAN_UPLOAD_FILE"`
	Each  int   `help:"Most files on one record." default:"10" env:"QIBAN_UPLOAD_EACH"`
	Owner int64 `help:"Most that the files of one enterprise, institution, person or office come to, in MB." default:"500" env:"QIBAN_UPLOAD_OWNER"`
	Site  int64 `help:"Most that all files come to, in MB." default:"50000" env:"QIBAN_UPLOAD_SITE"`
}

// DefaultUpload is what holds where nothing is set.
func DefaultUpload() Upload { return Upload{File: 10, Each: 10, Owner: 500, Site: 50000} }

// API is how much programs may ask of each process; 0 is without a limit.
type API struct {
	PerMinute     int `help:"API requests of one key in a minute; more are asked to wait. Each process counts by itself; 0 is no limit." default:"600" env:"QIBAN_API_PER_MINUTE"`
	OpenPerMinute int `help:"API requests in a minute from one address without a key; 0 is no limit." default:"120" env:"QIBAN_API_OPEN_PER_MINUTE"`
}

// Backups are archives made every night.
type Backups struct {
	Folder string `help:"Write an archive into this folder every night at 2:30 Beijing time. Off when empty." name:"backups" env:"QIBAN_BACKUPS" type:"path"`
	Keep   int    `help:"How many of them to keep." name:"backups-keep" default:"14" env:"QIBAN_BACKUPS_KEEP"`
}

// Log is how the server's log is written, to standard error.
type Log struct {
	Format string `help:"text or json." enum:"text,json" default:"text" env:"QIBAN_LOG_FORMAT"`
	Level  string `help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"QIBAN_LOG_LEVEL"`
}

// Contact is where people reach the office; it stands on every page.
type Contact struct {
	Hotline string `help:"Telephone number of the service centre, as it is read." env:"QIBAN_HOTLINE"`
	Hours   string `help:"When the telephone is answered." env:"QIBAN_HOURS"`
}

// Secrets say where the installation's secret is kept.
type Secrets struct {
	SecretFile string `help:"File with the installation's secret; made in the data folder when missing." env:"QIBAN_SECRET_FILE" type:"path"`
}

// Mail is how mail leaves. Without a host, messages stay in the inbox.
type Mail struct {
	Host     string `help:"SMTP server, as host:port." env:"QIBAN_MAIL_HOST"`
	User     string `help:"SMTP user." env:"QIBAN_MAIL_USER"`
	Password string `help:"SMTP password; better given in the environment." env:"QIBAN_MAIL_PASSWORD"`
	From     string `help:"Sender address." default:"qiban@localhost" env:"QIBAN_MAIL_FROM"`
	Folder   string `help:"Write mails into this folder instead of sending them; for trying out." env:"QIBAN_MAIL_FOLDER" type:"path"`
}

// Secret is the installation's 32 secret bytes: they protect second factors and
// device marks. It is made on first use; several processes must share it.
func (s Secrets) Secret(store Store) ([]byte, error) {
	key, err := s.Kept(store)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	file, err := s.File(store)
	if err != nil {
		return nil, err
	}
	return newSecret(file)
}

// Kept is the secret as it is; fs.ErrNotExist where there is none yet.
func (s Secrets) Kept(store Store) ([]byte, error) {
	file, err := s.File(store)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(string(raw))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s does not hold 64 hexadecimal digits", file)
	}
	return key, nil
}

// File is where the secret is kept.
func (s Secrets) File(store Store) (string, error) {
	switch {
	case s.SecretFile != "":
		return s.SecretFile, nil
	case store.DB != "":
		return "", errors.New("with --db, several servers share one secret: give --secret-file (QIBAN_SECRET_FILE)")
	}
	return filepath.Join(store.Data, "secret"), nil
}

func newSecret(file string) ([]byte, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return key, os.WriteFile(file, []byte(hex.EncodeToString(key)), 0o600)
}

// HostPort is the server's name and port; no port is 0.
func (m Mail) HostPort() (string, int) {
	host, port, err := net.SplitHostPort(m.Host)
	if err != nil {
		return m.Host, 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return m.Host, 0
	}
	return host, n
}
