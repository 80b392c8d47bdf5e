package testkit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// witness notes what a tab does beside what is seen: requests under way, and
// everything that went wrong. It is called while messages are read, so it only
// notes.
type witness struct {
	lock     sync.Mutex
	under    map[network.RequestID]string // what is under way, by address
	expected int64                        // status of the next page, 0: a good one
	wrong    []string
}

func newWitness() *witness { return &witness{under: map[network.RequestID]string{}} }

// see notes an event of the tab.
func (w *witness) see(ev any) {
	w.lock.Lock()
	defer w.lock.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if !endless(e.Type) {
			w.under[e.RequestID] = e.Request.URL
		}
	case *network.EventResponseReceived:
		w.answered(e)
	case *network.EventLoadingFinished:
		delete(w.under, e.RequestID)
	case *network.EventLoadingFailed:
		w.failed(e)
	case *log.EventEntryAdded: // a policy of the page that was broken is told here
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			w.wrong = append(w.wrong, "the browser complains: "+e.Entry.Text)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.wrong = append(w.wrong, "an error on the console: "+words(e.Args))
		}
	case *runtime.EventExceptionThrown:
		w.wrong = append(w.wrong, "a script fails: "+thrown(e.ExceptionDetails))
	case *page.EventJavascriptDialogOpening:
		w.wrong = append(w.wrong, "a dialog of the browser opens: "+e.Message)
	}
}

// endless is a request whose end the tab may never be told of: streams and
// farewells, and the site's icon, which the browser fetches for itself and drops
// without a word when the next page comes. Its status is judged all the same.
func endless(t network.ResourceType) bool {
	return t == network.ResourceTypeEventSource || t == network.ResourceTypePing || t == network.ResourceTypeOther
}

// answered judges the status of an answer. 422 is a form that comes back.
func (w *witness) answered(e *network.EventResponseReceived) {
	status := e.Response.Status
	if e.Type == network.ResourceTypeDocument && w.expected != 0 {
		if status != w.expected {
			w.wrong = append(w.wrong, fmt.Sprintf("%s answers %d, want %d", e.Response.URL, status, w.expected))
		}
		w.expected = 0
		return
	}
	if status >= 400 && status != 422 {
		w.wrong = append(w.wrong, fmt.Sprintf("%s answers %d", e.Response.URL, status))
	}
}

// failed ends a request without an answer. One that a new page cut short is well.
func (w *witness) failed(e *network.EventLoadingFailed) {
	at := w.under[e.RequestID]
	delete(w.under, e.RequestID)
	if !e.Canceled {
		w.wrong = append(w.wrong, fmt.Sprintf("%s is not loaded: %s %s", at, e.ErrorText, e.BlockedReason))
	}
}

func (w *witness) expect(status int64) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.expected = status
}

func (w *witness) busy() bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return len(w.under) > 0
}

// waiting names what is under way.
func (w *witness) waiting() string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return strings.Join(slices.Sorted(maps.Values(w.under)), ", ")
}

// troubles are what went wrong since they were last asked for.
func (w *witness) troubles() []string {
	w.lock.Lock()
	defer w.lock.Unlock()
	wrong := w.wrong
	w.wrong = nil
	return wrong
}

// words are what a script wrote to the console.
func words(args []*runtime.RemoteObject) string {
	var said []string
	for _, a := range args {
		if a.Description != "" {
			said = append(said, a.Description)
		} else {
			said = append(said, strings.Trim(string(a.Value), `"`))
		}
	}
	return strings.Join(said, " ")
}

func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil {
		return d.Exception.Description
	}
	return d.Text
}
