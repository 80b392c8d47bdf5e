package web

import "net/url"

// PerPage is how many records a list shows at once.
const PerPage = 25

// ListPage is a page of a list, of the shape that the domains' lists take.
type ListPage = struct {
	Limit int
	After string
}

// PageOf is the page of a list that its address asks for.
func PageOf(q url.Values) ListPage { return ListPage{PerPage, q.Get("after")} }
