package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

// Uploads keep files that came with a form until the form is complete, so that
// nobody chooses a file twice because another field was wrong.
type Uploads interface {
	// Hold keeps a file for the actor under a token. The same file sent again with
	// the same form is the same. What is wrong with it is an Invalid fault.
	Hold(ctx context.Context, by authz.Actor, form, name string, data io.ReadSeeker) (Held, error)
	// Held are the actor's files of the tokens that are still kept.
	Held(ctx context.Context, by authz.Actor, tokens []string) ([]Held, error)
	// Accept is what a chooser offers, as the attribute of that name takes it.
	Accept() string
	// Most are the bytes one file may have, and how many a record takes.
	Most() (size int64, n int)
}

// Held is a file that waits for its form (待提交的附件).
type Held struct {
	Token   string
	Name    string
	Kind    string // text key of what it is
	Size    int64
	Renamed bool // the name was corrected, because the content is something else
}

// heldField ends the name of the values that carry the tokens of a file field.
const heldField = "_held"

// How a request with files is bounded: it may take longer than others, and
// fewer of them are answered at once, so that slow ones do not fill the house.
const (
	uploadLong     = 5 * time.Minute
	uploadsAtOnce  = 24
	filesInRequest = 5
)

// HandleUpload is Handle for a form with files in it: of somebody who is signed
// in, its body may be larger, and it may take longer to arrive.
func (k *Kit) HandleUpload(h Handler) http.Handler {
	return k.handle(func(w http.ResponseWriter, r *http.Request) error {
		if !multipartBody(r) || !Actor(r).SignedIn() {
			return h(w, r)
		}
		select {
		case k.dock <- struct{}{}:
			defer func() { <-k.dock }()
		default:
			return fault.New(fault.Unavailable, "web.fault.unavailable.title")
		}
		Extend(w)
		return h(w, r)
	}, k.uploadMost())
}

func (k *Kit) uploadMost() int64 {
	if k.Uploads == nil {
		return 0
	}
	size, _ := k.Uploads.Most()
	return filesInRequest * size
}

func multipartBody(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// Extend gives a client with a file longer than the server gives everybody: five
// minutes from now.
func Extend(w http.ResponseWriter) {
	c, until := http.NewResponseController(w), time.Now().Add(uploadLong)
	_ = c.SetReadDeadline(until) // a writer that knows no deadlines has none
	_ = c.SetWriteDeadline(until)
}

// Receive takes the files that were chosen under the name, and answers the
// tokens of all that wait there now: those, and what waited from an earlier
// sending and was not unticked. What is wrong with a file is noted on the field.
func (k *Kit) Receive(r *http.Request, f *Form, name string) ([]string, error) {
	by := Actor(r)
	if k.Uploads == nil || !by.SignedIn() {
		return nil, nil
	}
	var sent []*multipart.FileHeader
	if f.files != nil {
		sent = f.files.File[name]
	}
	if len(sent) > filesInRequest {
		f.Wrong(name, "web.upload.at_once", "max", filesInRequest, "n", len(sent))
		sent = nil
	}
	for _, head := range sent {
		if head.Size == 0 && head.Filename == "" { // nothing chosen
			continue
		}
		got, err := k.hold(r.Context(), by, f, head)
		if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Invalid && len(e.Fields) > 0 {
			for _, b := range e.Fields {
				f.broken.Add(name, b.Key, b.Args...)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		f.keepHeld(name, got)
	}
	return f.Tokens(name), nil
}

func (k *Kit) hold(ctx context.Context, by authz.Actor, f *Form, head *multipart.FileHeader) (Held, error) {
	in, err := head.Open()
	if err != nil {
		return Held{}, err
	}
	got, err := k.Uploads.Hold(ctx, by, f.Once(), head.Filename, in)
	return got, errors.Join(err, in.Close())
}

// keepHeld adds a file that waits to the form, once.
func (f *Form) keepHeld(name string, got Held) {
	for _, h := range f.held[name] {
		if h.Token == got.Token {
			return
		}
	}
	if f.held == nil {
		f.held = map[string][]Held{}
	}
	f.held[name] = append(f.held[name], got)
	f.values[name+heldField] = f.Tokens(name)
}

// Tokens are those of the files that wait under the name.
func (f *Form) Tokens(name string) []string {
	var all []string
	for _, h := range f.held[name] {
		all = append(all, h.Token)
	}
	return all
}

// recallHeld finds the files that the form's tokens name, as far as they are the
// reader's.
func (k *Kit) recallHeld(r *http.Request, f *Form) error {
	by := Actor(r)
	if k.Uploads == nil || !by.SignedIn() {
		return nil
	}
	for field, tokens := range f.values {
		name, ok := strings.CutSuffix(field, heldField)
		if !ok {
			continue
		}
		all, err := k.Uploads.Held(r.Context(), by, tokens)
		if err != nil {
			return err
		}
		delete(f.values, field)
		for _, h := range all {
			f.keepHeld(name, h)
		}
	}
	return nil
}

// HeldName is the field that carries the tokens of a file field, for a form in
// steps that carries them along.
func HeldName(name string) string { return name + heldField }

// Files is the chooser of a field that takes files, with those that wait already.
func (k *Kit) Files(f *Form, name string) ui.Files {
	u := ui.Files{Field: f.Field(name), HeldName: HeldName(name)}
	if k.Uploads == nil {
		return u
	}
	size, n := k.Uploads.Most()
	u.Accept, u.Most = k.Uploads.Accept(), min(n, filesInRequest)
	hint := "web.upload.hint"
	if own := f.area + "." + name + ".hint"; text.Has(own) {
		hint = own
	}
	u.Hint = f.lang.T(hint, "max", size>>20, "n", u.Most)
	for _, h := range f.held[name] {
		meta := f.lang.T(h.Kind) + " · " + ui.Bytes(h.Size)
		if h.Renamed {
			meta += " · " + f.lang.T("web.upload.renamed")
		}
		u.Held = append(u.Held, ui.Option{Value: h.Token, Label: h.Name, Hint: meta})
	}
	return u
}

// Download is a file to be taken away (下载): never shown in place, whatever it is.
type Download struct {
	Name string // as it is saved under; already clean
	Type string
	Size int64
	Data io.ReadSeekCloser // closed by Download
}

// Download answers a file as an attachment that a browser neither shows, guesses
// at nor keeps. Parts of it can be asked for.
func (k *Kit) Download(w http.ResponseWriter, r *http.Request, d Download) error {
	defer func() { _ = d.Data.Close() }() // it was only read
	attach(w, d.Name, d.Type)
	http.ServeContent(w, r, "", time.Time{}, d.Data)
	return nil
}

func attach(w http.ResponseWriter, name, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-store")
	Extend(w)
}

// Stream answers a file like Download, while it is written. What fails before its
// first bytes is an error to answer; after them the connection breaks off, so
// that half a file never looks whole.
func Stream(w http.ResponseWriter, name, kind string, write func(io.Writer) error) error {
	out := &begun{w: w, name: name, kind: kind}
	err := write(out)
	if err != nil && out.yes {
		panic(http.ErrAbortHandler)
	}
	return err
}

// begun sets the headers of a file with its first bytes.
type begun struct {
	w          http.ResponseWriter
	name, kind string
	yes        bool
}

func (b *begun) Write(p []byte) (int, error) {
	if !b.yes {
		b.yes = true
		attach(b.w, b.name, b.kind)
	}
	return b.w.Write(p)
}

// disposition names an attachment in UTF-8, and in plain letters for those that
// read nothing else.
func disposition(name string) string {
	plain := strings.Map(func(c rune) rune {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '%' || c == ';' {
			return '_'
		}
		return c
	}, name)
	const kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; strings.IndexByte(kept, c) >= 0 {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.WriteString("%" + hex[c>>4:c>>4+1] + hex[c&15:c&15+1])
		}
	}
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + b.String()
}
