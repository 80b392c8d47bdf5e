package enterprise

import (
	"context"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// Order is how a list is sorted.
type Order string

// The orders; the zero Order is ByUpdated.
const (
	ByUpdated Order = "updated" // newest change first
	ByCreated Order = "created" // newest entry first
	ByName    Order = "name"    // by characters
	byPlace   Order = "place"   // by place and name, for exporting
)

// Filter narrows a list. Zero fields do not narrow.
type Filter struct {
	Text     string      // part of a name, or a whole licence number
	Region   region.Code // the subtree
	Status   []flow.State
	Size     []Class
	Industry Industry // with everything below it: C, C17, 17, 1711
	Merged   bool     // also entries that were merged into others
	Order    Order
}

func (f Filter) sql(scope authz.Scope) (string, []any) {
	where, args := reach(scope)
	and := func(cond string, more ...any) {
		where += " AND " + cond
		args = append(args, more...)
	}
	if !f.Merged {
		and(`e.alias_of = ''`)
	}
	if f.Region != "" {
		span := f.Region.Span()
		and(`e.region >= ? AND e.region < ?`, span.From, span.To)
	}
	if len(f.Status) > 0 {
		and(`e.status IN (`+db.Marks(len(f.Status))+`)`, anys(f.Status)...)
	}
	if len(f.Size) > 0 {
		and(`e.size IN (`+db.Marks(len(f.Size))+`)`, anys(f.Size)...)
	}
	if f.Industry.Code != "" {
		and(`e.industry_edition = ? AND e.industry >= ? AND e.industry < ?`, f.Industry.Edition, f.Industry.Code, f.Industry.Code+"~")
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		code := Normalise(text)
		and(`(e.name_find LIKE ? ESCAPE '\' OR e.id IN (SELECT i.enterprise_id FROM enterprise_identifier i
			WHERE i.value = ? OR i.org_code = ?))`, db.Part(strings.ToLower(text)), code, code)
	}
	return where, args
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// Select is a page of enterprises within a scope, with the cursor of the next
// page, "" at the end.
func Select(ctx context.Context, r db.Reader, scope authz.Scope, f Filter, page db.Page) ([]Enterprise, string, error) {
	where, args := f.sql(scope)
	order, key, err := f.Order.sorted()
	if err != nil {
		return nil, "", err
	}
	rows, next, err := db.Paged(ctx, r, page, order, selectEnterprise+where, args, key)
	if err != nil {
		return nil, "", err
	}
	list := db.As(rows, (*record).enterprise)
	return list, next, withIdentifiers(ctx, r, list)
}

// Count is how many enterprises the filter finds within the scope.
func Count(ctx context.Context, r db.Reader, scope authz.Scope, f Filter) (int, error) {
	where, args := f.sql(scope)
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM enterprise e WHERE `+where, args...)
	return n, err
}

// sorted is how a list in this order is read page by page, and a record's place in it.
func (o Order) sorted() (db.Order, func(*record) []string, error) {
	switch o {
	case byPlace:
		return db.Order{Columns: []string{"e.region", "e.name", "e.id"}},
			func(r *record) []string { return []string{r.Region, r.Name, r.ID} }, nil
	case ByName:
		return db.Order{Columns: []string{"e.name", "e.id"}},
			func(r *record) []string { return []string{r.Name, r.ID} }, nil
	case ByCreated:
		return db.Order{Columns: []string{"e.id"}, Down: true},
			func(r *record) []string { return []string{r.ID} }, nil
	case ByUpdated, "":
		return db.Order{Columns: []string{"e.updated_at", "e.id"}, Down: true, Number: true},
			func(r *record) []string { return []string{strconv.FormatInt(r.UpdatedAt, 10), r.ID} }, nil
	}
	return db.Order{}, nil, fault.Fields{{Name: "order", Key: "field.choice"}}.Err()
}
