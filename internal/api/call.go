package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
)

// Call is one request as an operation sees it.
type Call struct {
	By      authz.Actor
	Lang    text.Lang
	Version int // of the record, as If-Match gave it; 0 when the operation does not ask for it

	api  *API
	op   *operation
	w    http.ResponseWriter
	r    *http.Request
	body []byte
	etag string
	ages bool // what is answered changes with the days too: If-None-Match never holds
	next string
	// scopes are those of the key; handed is a secret that is answered this once.
	scopes []string
	handed string
	turns  []territory.Turn // what a preview found
	upload Upload           // what was uploaded just now
	kept   *web.Answer      // the answer, if it may be given again
}

// Versioned notes the version of the record that is answered: its ETag.
func (c *Call) Versioned(version int) { c.etag = `"` + strconv.Itoa(version) + `"` }

// Path is a part of the address, by its name in the route.
func (c *Call) Path(name string) string { return c.r.PathValue(name) }

// again reads the body once more, for what an answer needs of it.
func (c *Call) again(into any) error { return json.Unmarshal(c.body, into) }

// follow notes the cursor of the next page.
func (c *Call) follow(next string) { c.next = next }

// about is the id of the record that a write is about: the address has it, else
// the write made it.
func (c *Call) about(made string) string {
	if id := c.r.PathValue("id"); id != "" {
		return id
	}
	return made
}

// once carries out the use case, unless this very request was carried out
// before: then the record it made is answered. Two at once have one effect; the
// loser finds out from the gate, or from how the winner has left the record.
func (c *Call) once(ctx context.Context, do func() (string, error)) (made string, err error) {
	done := func() (string, bool, error) {
		r, ok, err := c.api.Gate.Done(ctx, c.By)
		if ok {
			c.w.Header().Set("Idempotency-Replayed", "true")
		}
		return r.ID, ok, err
	}
	if made, again, err := done(); again || err != nil {
		return made, err
	}
	made, err = do()
	if err == nil {
		return made, nil
	}
	if before, again, lookup := done(); again || lookup != nil {
		return before, lookup
	}
	return made, err
}

// current puts the ETag of the record as it is now beside a refusal as stale.
func (c *Call) current(_ context.Context, err error, show func() error) {
	if !fault.Is(err, fault.Stale) || show() != nil {
		return
	}
	c.w.Header().Set("ETag", c.etag)
}

// paging is how a list is leafed through.
type paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"20" doc:"每页最多几条|At most this many records"`
	After string `query:"after" maxLength:"2000" doc:"上一页的 next|The next of the page before"`
	Total bool   `query:"total" doc:"是否也数出总数|Whether to count all records too"`
}

func (p paging) page() db.Page { return db.Page{Limit: p.Limit, After: p.After} }

// count is the exact total, when it was asked for.
func (p paging) count(fn func() (int, error)) (*int, error) {
	if !p.Total {
		return nil, nil
	}
	n, err := fn()
	return &n, err
}

// page is a page of a list.
type page[T any] struct {
	Items []T    `json:"items" doc:"这一页的记录|The records of this page"`
	Next  string `json:"next,omitempty" doc:"下一页的 after，最后一页没有|The after of the next page; missing on the last"`
	Total *int   `json:"total,omitempty" doc:"总数，要了才有|All records; only when asked for"`
}

// pageOf translates a page of a domain's records.
func pageOf[T, D any](list []D, next string, of func(D) T) page[T] {
	p := page[T]{Items: make([]T, len(list)), Next: next}
	for i, d := range list {
		p.Items[i] = of(d)
	}
	return p
}

// link is the address of the next page.
func (c *Call) link() string {
	q := c.r.URL.Query()
	q.Set("after", c.next)
	u := url.URL{Path: c.r.URL.Path, RawQuery: q.Encode()}
	return "<" + u.String() + `>; rel="next"`
}

// fresh reports that the asker has this version already.
func (c *Call) fresh() bool {
	if c.etag == "" || c.ages || c.op.writes() {
		return false
	}
	for tag := range strings.SplitSeq(c.r.Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == c.etag || tag == "*" {
			return true
		}
	}
	return false
}
