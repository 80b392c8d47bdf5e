package enterprise

import (
	"context"
	"fmt"
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
	order, err := f.Order.sql(page, &where, &args)
	if err != nil {
		return nil, "", err
	}
	size := page.Size()
	var recs []record
	if err := r.Select(ctx, &recs, selectEnterprise+where+` ORDER BY `+order+` LIMIT ?`, append(args, size+1)...); err != nil {
		return nil, "", err
	}
	next := ""
	if len(recs) > size {
		recs = recs[:size]
		next = f.Order.cursor(recs[size-1])
	}
	list := make([]Enterprise, len(recs))
	for i, rec := range recs {
		list[i] = rec.enterprise()
	}
	return list, next, withIdentifiers(ctx, r, list)
}

// Count is how many enterprises the filter finds within the scope.
func Count(ctx context.Context, r db.Reader, scope authz.Scope, f Filter) (int, error) {
	where, args := f.sql(scope)
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM enterprise e WHERE `+where, args...)
	return n, err
}

// sql adds the condition that continues after the page's cursor.
func (o Order) sql(page db.Page, where *string, args *[]any) (order string, err error) {
	if o == byPlace {
		return o.afterPlace(page, where, args)
	}
	keys, err := page.Keys(2)
	if err != nil {
		return "", err
	}
	switch o { //nolint:exhaustive // by place is answered above: its cursor has three keys
	case ByName:
		if keys != nil {
			*where += ` AND (e.name > ? OR (e.name = ? AND e.id > ?))`
			*args = append(*args, keys[0], keys[0], keys[1])
		}
		return `e.name, e.id`, nil
	case ByCreated:
		if keys != nil {
			*where += ` AND e.id < ?`
			*args = append(*args, keys[1])
		}
		return `e.id DESC`, nil
	case ByUpdated, "":
		if keys != nil {
			at, err := strconv.ParseInt(keys[0], 10, 64)
			if err != nil {
				return "", fault.Fields{{Name: "after", Key: "field.cursor"}}.Err()
			}
			*where += ` AND (e.updated_at < ? OR (e.updated_at = ? AND e.id < ?))`
			*args = append(*args, at, at, keys[1])
		}
		return `e.updated_at DESC, e.id DESC`, nil
	}
	return "", fault.Fields{{Name: "order", Key: "field.choice"}}.Err()
}

func (o Order) afterPlace(page db.Page, where *string, args *[]any) (order string, err error) {
	keys, err := page.Keys(3)
	if keys != nil {
		*where += ` AND (e.region > ? OR (e.region = ? AND (e.name > ? OR (e.name = ? AND e.id > ?))))`
		*args = append(*args, keys[0], keys[0], keys[1], keys[1], keys[2])
	}
	return `e.region, e.name, e.id`, err
}

func (o Order) cursor(last record) string {
	if o == byPlace {
		return db.Cursor(last.Region, last.Name, last.ID)
	}
	if o == ByName {
		return db.Cursor(last.Name, last.ID)
	}
	return db.Cursor(fmt.Sprint(last.UpdatedAt), last.ID)
}
