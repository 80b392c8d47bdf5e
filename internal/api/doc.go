// Package api is the JSON interface for programs (接口): every use case that has
// a page, with the same rights, under /api/v1, described in OpenAPI 3.1 at
// /openapi.json and readable at /api.
//
// # How a domain's file is written
//
// One file per domain. A small struct holds the services, and operations lists
// what it answers; api.go names the struct in domains. Nothing else is needed:
// routes, the specification and the page at /api come from the list.
//
//	type enterprises struct{ register *enterprise.Service }
//
//	func (e enterprises) operations() []operation {
//		return []operation{
//			lists("listEnterprises", "/enterprises", words{"企业名录", "List enterprises"}, e.list).needs("enterprise:read"),
//			gets("getEnterprise", "/enterprises/{id}", words{"一家企业", "One enterprise"}, e.show).needs("enterprise:read"),
//			creates("registerEnterprise", "/enterprises", words{"登记企业", "Register an enterprise"}, e.add, e.show).needs("enterprise:write"),
//			changes("editEnterprise", "PUT /enterprises/{id}", words{"修改企业", "Edit an enterprise"}, e.edit, e.show).needs("enterprise:write").matched(),
//		}
//	}
//
// What a request brings is a struct: fields tagged path or query, and Body for
// JSON. Lists embed paging. What is answered is a type of this package, never a
// domain's, so that the domain can change without breaking programs.
//
//	type enterpriseEdit struct {
//		ID   string `path:"id" doc:"企业编号|Id of the enterprise"`
//		Body enterpriseBody
//	}
//
// Words beside a field are its documentation, Chinese and English with a bar
// between them. Names are snake_case and are those that the domain uses in
// fault.Field, so that a broken field needs no translation. Money is in fen
// (分), a day is ISO text, an instant RFC 3339 in UTC, an id a string. A
// response field is always there; one that may be unknown is a pointer and null.
// A request field that may be left out says omitempty.
//
//   - reads: anything that is only looked at; lists: a page of records by cursor;
//     gets: one record by {id}.
//   - creates: POST that makes a record: do returns its id, show answers it (201).
//   - changes: any other write: do changes, show answers the record as it is now
//     (200); nothing is shown (204) when show is nil.
//   - matched: the record has a version. show calls Call.Versioned, which becomes
//     the ETag; the runtime asks for If-Match and hands it on as Call.Version.
//   - opens, sends: a document, answered as it is. takesFile: the body is one.
//   - needs: the scope a key must have. public: readable without a key.
//
// A write is one use case, and one call of gate.Write in it: then Idempotency-Key
// works without a word in the file. The actor carries the key (authz.Request);
// a repeat does not run the use case but answers show, with Idempotency-Replayed.
// {id} is what show is given; where the path has none, what the first request made.
//
// # What is done once, for all
//
// wire.go reads the request and writes the answer, problem.go says what went
// wrong (RFC 9457), door.go finds out whose key it is, limit.go counts requests,
// spec.go writes the specification, docs.go and docs.templ the page.
//
// huma gives the OpenAPI model and makes schemas from Go types. It does not run
// the requests: its messages are English sentences and its error type a variable
// of the package, where problems here come in the reader's language.
package api
