package testkit

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ShotsEnv names the variable with the folder that Shot writes pictures to;
// without it none are taken.
const ShotsEnv = "QIBAN_SHOTS"

// The windows that pages are made for.
const (
	Phone   = 390
	Desktop = 1440
)

// patience is how long a story waits for what should be there. It costs nothing
// while pages are quick.
const patience = 20 * time.Second

//go:embed browser.js
var asking string

// Chromium is one browser program; each person opens a Browser in it.
type Chromium struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // the browser lives in it, as chromedp wants it
}

// StartChromium starts a browser without a window, ended with the test. Without
// one installed the test fails and names the command that installs it.
func StartChromium(t testing.TB) *Chromium {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Fatal("the tests need a browser: apt-get install --yes --no-install-recommends chromium fonts-noto-cjk")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("headless", "new"), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("lang", "zh-CN"), chromedp.WindowSize(Desktop, 1000))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return &Chromium{t: t, ctx: ctx}
}

// Browser is one person's browser: it shares no cookie with the others. Every
// step waits until the page has what it is about, and fails the test when it has
// not. An error on the console, a script or style that the site's own policy
// forbids, a missing file and an answer of 4xx or 5xx (but 422, a form that comes
// back) fail the test too, where they happen.
type Browser struct {
	t    testing.TB
	ctx  context.Context //nolint:containedctx // the tab lives in it, as chromedp wants it
	who  string
	site string
	axe  string
	wide int64 // of the window
	seen *witness
}

// Open opens a browser on the site, in Chinese, with a desktop window. who is
// whose it is, for messages.
func (c *Chromium) Open(t testing.TB, who, site string) *Browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &Browser{t: t, ctx: ctx, who: who, site: site, seen: newWitness()}
	b.must(chromedp.Listen(ctx, b.seen.see))
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": "zh-CN"}})
	b.Width(Desktop)
	return b
}

// Width gives the window another width; the page on it stays.
func (b *Browser) Width(px int64) *Browser {
	b.t.Helper()
	b.wide = px
	b.window(usualHeight)
	return b
}

const usualHeight = 900

func (b *Browser) window(height int64) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: b.wide, Height: height, DeviceScaleFactor: 1, Mobile: b.wide < 600,
	})
}

// WithoutScript switches scripts off, from the next page on.
func (b *Browser) WithoutScript() *Browser {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return b
}

// Expect lets the next step be answered with the status, and fails it otherwise.
func (b *Browser) Expect(status int64) *Browser { b.seen.expect(status); return b }

// Visit opens a page of the site.
func (b *Browser) Visit(path string) *Browser {
	b.t.Helper()
	if answer := call(b, page.Navigate, page.NavigateParams{URL: b.site + path}); answer.ErrorText != "" {
		b.t.Errorf("%s: Visit %s: %s", b.who, path, answer.ErrorText)
	}
	return b.settle("Visit " + path)
}

// Path is the address of the page, without the site.
func (b *Browser) Path() string {
	b.t.Helper()
	at, err := chromedp.Run(b.soon(), chromedp.Location())
	b.must(err)
	return strings.TrimPrefix(at, b.site)
}

// Query is a value in the address of the page.
func (b *Browser) Query(name string) string {
	b.t.Helper()
	u, err := url.Parse(b.Path())
	b.must(err)
	return u.Query().Get(name)
}

// Fill types a value into the field with the label, instead of what stood there.
// In a list it chooses the entry with these words.
func (b *Browser) Fill(label, value string) *Browser {
	b.t.Helper()
	at := b.find("Fill "+label, "field", label)
	if at.Tag == "select" {
		if !b.ask("select", label, value).Found {
			b.t.Fatalf("%s: the list %q has no entry %q", b.who, label, value)
		}
		return b.settle("Fill " + label)
	}
	b.click(at)
	b.ask("empty", label)
	if value == "" {
		b.keys("\b")
	} else {
		call(b, input.InsertText, input.InsertTextParams{Text: value})
	}
	return b.settle("Fill " + label)
}

// Choose ticks the box or the button with the label; one that is ticked stays.
func (b *Browser) Choose(label string) *Browser {
	b.t.Helper()
	if at := b.find("Choose "+label, "choice", label); !at.Checked {
		b.click(at)
	}
	return b.settle("Choose " + label)
}

// Attach chooses a file of that name for the page's only file field.
func (b *Browser) Attach(name, content string) *Browser {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), name)
	b.must(os.WriteFile(file, []byte(content), 0o600))
	_, err := chromedp.Run(b.soon(), chromedp.SetUploadFiles("input[type=file]", []string{file}))
	b.must(err)
	return b.settle("Attach " + name)
}

// Press presses the button or the link that says the words.
func (b *Browser) Press(words string) *Browser {
	b.t.Helper()
	b.click(b.find("Press "+words, "press", words))
	return b.settle("Press " + words)
}

// PressBeside presses the button or link nearest to other words: the 受理 of one
// row among many.
func (b *Browser) PressBeside(words, button string) *Browser {
	b.t.Helper()
	b.click(b.find("Press "+button+" beside "+words, "beside", words, button))
	return b.settle("Press " + button)
}

// Click presses the first thing that a selector finds, for what has no words of
// its own, such as a number.
func (b *Browser) Click(selector string) *Browser {
	b.t.Helper()
	b.click(b.find("Click "+selector, "first", selector))
	return b.settle("Click " + selector)
}

// Upload chooses a file in the first field for files.
func (b *Browser) Upload(file string) *Browser {
	b.t.Helper()
	_, err := chromedp.Run(b.soon(), chromedp.SetUploadFiles(`input[type=file]`, []string{file}))
	b.must(err)
	return b.settle("Upload " + filepath.Base(file))
}

// Keys presses keys as they come: letters, "\t" for Tab, "\r" for Enter, " ", or
// those of chromedp's kb.
func (b *Browser) Keys(keys string) *Browser {
	b.t.Helper()
	b.keys(keys)
	return b.settle(fmt.Sprintf("Keys %q", keys))
}

// Back turns the focus back, as Shift and Tab do.
func (b *Browser) Back() *Browser {
	b.t.Helper()
	_, err := chromedp.Run(b.soon(), chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)))
	b.must(err)
	return b
}

// Focus is what has the focus; empty when nothing has. Ringed is false when
// nobody could see it.
func (b *Browser) Focus() (label, tag string, ringed bool) {
	b.t.Helper()
	at := b.ask("focused")
	return at.Value, at.Tag, at.Found && at.Over == ""
}

// Value is what stands in the field with the label.
func (b *Browser) Value(label string) string {
	b.t.Helper()
	b.find("look at "+label, "field", label)
	return b.ask("value", label).Value
}

// Holds fails the test unless the field with the label holds the value.
func (b *Browser) Holds(label, value string) *Browser {
	b.t.Helper()
	if got := b.Value(label); got != value {
		b.t.Errorf("%s: %s holds %q, want %q", b.who, label, got, value)
	}
	return b
}

// See waits until the page says each of the words; spaces do not matter.
func (b *Browser) See(words ...string) *Browser {
	b.t.Helper()
	for _, w := range words {
		if !b.within(func() bool { return evaluate[bool](b, "says", w) }) {
			b.t.Fatalf("%s does not see %q at %s; the page says:\n%s", b.who, w, b.Path(), b.Text())
		}
	}
	return b
}

// NotSee fails the test when the page says one of the words.
func (b *Browser) NotSee(words ...string) *Browser {
	b.t.Helper()
	for _, w := range words {
		if evaluate[bool](b, "says", w) {
			b.t.Errorf("%s sees %q at %s", b.who, w, b.Path())
		}
	}
	return b
}

// Text is what the page says.
func (b *Browser) Text() string { b.t.Helper(); return evaluate[string](b, "text") }

// Read is what the first element that a selector finds says, empty when there
// is none.
func (b *Browser) Read(selector string) string {
	b.t.Helper()
	return evaluate[string](b, "read", selector)
}

// Links are the addresses on this site that the page leads to.
func (b *Browser) Links() []string { b.t.Helper(); return evaluate[[]string](b, "links") }

// NoSideways fails the test when the page must be scrolled sideways.
func (b *Browser) NoSideways() *Browser {
	b.t.Helper()
	if wide := evaluate[string](b, "wide"); wide != "" {
		b.t.Errorf("%s: %s is %s", b.who, b.Path(), wide)
	}
	return b
}

// Shot keeps a picture of the whole page as name.png, when pictures are wanted.
func (b *Browser) Shot(name string) *Browser {
	b.t.Helper()
	folder := os.Getenv(ShotsEnv)
	if folder == "" {
		return b
	}
	picture, err := chromedp.Run(b.soon(), chromedp.FullScreenshot(100))
	b.must(err)
	b.must(os.MkdirAll(folder, 0o750))
	b.must(os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600))
	return b
}

// place is something on the page, as browser.js answers.
type place struct {
	Found, Disabled, Checked     bool
	X, Y                         float64
	Tag, Type, Value, Href, Over string
}

// find waits for something one can click on.
func (b *Browser) find(step, question string, words ...string) place {
	b.t.Helper()
	var at place
	ok := b.within(func() bool {
		at = b.ask(question, words...)
		return at.Found && !at.Disabled && at.Over == ""
	})
	switch {
	case ok:
	case !at.Found:
		b.t.Fatalf("%s cannot %s at %s: nothing there is called so. The page says:\n%s", b.who, step, b.Path(), b.Text())
	case at.Disabled:
		b.t.Fatalf("%s cannot %s at %s: it is disabled", b.who, step, b.Path())
	default:
		b.t.Fatalf("%s cannot %s at %s: covered by %s", b.who, step, b.Path(), at.Over)
	}
	return at
}

func (b *Browser) ask(question string, words ...string) place {
	b.t.Helper()
	return evaluate[place](b, question, words...)
}

// evaluate asks browser.js. A page that is just leaving cannot answer; then the
// next one is asked.
func evaluate[T any](b *Browser, question string, words ...string) T {
	b.t.Helper()
	quoted, err := json.Marshal(words)
	b.must(err)
	expression := fmt.Sprintf("(%s).%s(...(%s ?? []))", strings.TrimSpace(asking), question, quoted)
	var answer T
	if !b.within(func() bool {
		answer, err = chromedp.Run(b.soon(), chromedp.Evaluate[T](expression))
		return err == nil
	}) {
		b.t.Fatalf("%s: the page cannot be asked for %s %q: %v", b.who, question, words, err)
	}
	return answer
}

func (b *Browser) click(at place) {
	b.t.Helper()
	_, err := chromedp.Run(b.soon(), chromedp.MouseClickXY(at.X, at.Y))
	b.must(err)
}

func (b *Browser) keys(keys string) {
	b.t.Helper()
	_, err := chromedp.Run(b.soon(), chromedp.KeyEvent(keys))
	b.must(err)
}

// settle waits until the step has had its answer: nothing is under way to the
// server, and the page is complete. Then what went wrong on the way is reported.
func (b *Browser) settle(step string) *Browser {
	b.t.Helper()
	quiet := 0
	if !b.within(func() bool {
		if quiet++; b.seen.busy() || !evaluate[bool](b, "ready") {
			quiet = 0
		}
		return quiet > 2
	}) {
		b.t.Fatalf("%s: %s: the page does not come to rest: %s", b.who, step, b.seen.waiting())
	}
	for _, trouble := range b.seen.troubles() {
		b.t.Errorf("%s: %s: %s", b.who, step, trouble)
	}
	return b
}

// within asks again and again until yes, or until patience is at an end.
func (b *Browser) within(yes func() bool) bool {
	for end := time.Now().Add(patience); ; time.Sleep(30 * time.Millisecond) {
		if yes() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// soon is the tab's context for one command.
func (b *Browser) soon() context.Context {
	ctx, cancel := context.WithTimeout(b.ctx, 3*patience)
	time.AfterFunc(3*patience, cancel)
	return ctx
}

// call runs a command of the browser's protocol.
func call[P, R any](b *Browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	answer, err := chromedp.Call(b.soon(), command, params)
	b.must(err)
	return answer
}

func (b *Browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", b.who, err)
	}
}
