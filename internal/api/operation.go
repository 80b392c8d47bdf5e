package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"qiban.dev/qiban/internal/fault"
)

// words are documentation beside what it describes: Chinese, English.
type words [2]string

func (w words) both() string { return w[0] + "|" + w[1] }

// operation is one thing a program can ask for.
type operation struct {
	id     string // listEnterprises
	method string
	path   string // below /api/v1
	about  words
	more   words  // what needs to be known beyond the summary
	tag    string // the domain, set by New
	scope  string // what a key must be made for; "" for any key
	open   bool   // answered without a key
	match  bool   // If-Match is needed
	raw    bool   // the body is a file
	file   bool   // what is answered is a file
	status int    // of success
	input  *input
	output reflect.Type // nil: nothing is answered
	run    func(ctx context.Context, c *Call) error
}

func (o operation) needs(scope string) operation { o.scope = scope; return o }
func (o operation) public() operation            { o.open = true; return o }
func (o operation) matched() operation           { o.match = true; return o }
func (o operation) takesFile() operation         { o.raw = true; return o }

// note adds what needs to be known beyond the summary.
func (o operation) note(zh, en string) operation { o.more = words{zh, en}; return o }

func (o operation) pattern() string { return o.method + " " + Prefix + o.path }

// writes reports an operation that changes something.
func (o operation) writes() bool { return o.method != http.MethodGet }

// reads is an operation that looks at something.
func reads[I, O any](id, path string, about words, fn func(context.Context, *Call, *I) (O, error)) operation {
	o := operation{
		id: id, method: http.MethodGet, path: path, about: about, status: http.StatusOK,
		input: inputOf(reflect.TypeFor[I]()), output: reflect.TypeFor[O](),
	}
	o.run = func(ctx context.Context, c *Call) error {
		var in I
		if err := c.read(&in); err != nil {
			return err
		}
		out, err := fn(ctx, c, &in)
		if err != nil {
			return err
		}
		return c.answer(http.StatusOK, out)
	}
	return o
}

// lists is a page of records.
func lists[I, T any](id, path string, about words, fn func(context.Context, *Call, *I) (page[T], error)) operation {
	return reads(id, path, about, func(ctx context.Context, c *Call, in *I) (page[T], error) {
		p, err := fn(ctx, c, in)
		if p.Items == nil {
			p.Items = []T{}
		}
		c.follow(p.Next)
		return p, err
	})
}

// byID is what names one record.
type byID struct {
	ID string `path:"id" doc:"编号|Its id"`
}

// gets is one record.
func gets[O any](id, path string, about words, show func(context.Context, *Call, string) (O, error)) operation {
	return reads(id, path, about, func(ctx context.Context, c *Call, in *byID) (O, error) { return show(ctx, c, in.ID) })
}

// none is the answer of a change that has nothing to show.
type none struct{}

// creates is a write that makes a record.
func creates[I, O any](id, path string, about words,
	do func(context.Context, *Call, *I) (string, error), show func(context.Context, *Call, string) (O, error),
) operation {
	o := write[I, O](id, "POST "+path, about, do, show)
	o.status = http.StatusCreated
	return o
}

// changes is any other write; method is its method and path.
func changes[I, O any](id, method string, about words,
	do func(context.Context, *Call, *I) error, show func(context.Context, *Call, string) (O, error),
) operation {
	return write[I, O](id, method, about, func(ctx context.Context, c *Call, in *I) (string, error) { return "", do(ctx, c, in) }, show)
}

// ends is a write after which there is nothing to show.
func ends[I any](id, method string, about words, do func(context.Context, *Call, *I) error) operation {
	return changes[I, none](id, method, about, do, nil)
}

func write[I, O any](id, method string, about words,
	do func(context.Context, *Call, *I) (string, error), show func(context.Context, *Call, string) (O, error),
) operation {
	verb, path, _ := strings.Cut(method, " ")
	o := operation{id: id, method: verb, path: path, about: about, status: http.StatusOK, input: inputOf(reflect.TypeFor[I]())}
	if show == nil {
		o.status = http.StatusNoContent
	} else {
		o.output = reflect.TypeFor[O]()
	}
	o.run = func(ctx context.Context, c *Call) error {
		var in I
		if err := c.read(&in); err != nil {
			return err
		}
		made, err := c.once(ctx, func() (string, error) { return do(ctx, c, &in) })
		if err != nil {
			if show != nil && c.op.match {
				c.current(ctx, err, func() error { _, err := show(ctx, c, c.about("")); return err })
			}
			return err
		}
		if show == nil {
			return c.empty()
		}
		out, err := show(ctx, c, c.about(made))
		if fault.Is(err, fault.NotFound) { // the write may have given the right to see it
			if err = c.renew(ctx); err == nil {
				out, err = show(ctx, c, c.about(made))
			}
		}
		if err != nil {
			return err
		}
		return c.made(made, out)
	}
	return o
}
