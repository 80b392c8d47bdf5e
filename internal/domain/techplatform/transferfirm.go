package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/xfer"
)

// sheet is an import of records of which each row names its enterprises by their codes.
type sheet struct {
	xfer.Land
	s  *Service
	by authz.Actor
	do authz.Permission // the right to bring them in
}

// sheet begins an import; who has the right nowhere is Denied.
func (s *Service) sheet(by authz.Actor, do authz.Permission) (sheet, error) {
	if !by.Somewhere(do) {
		return sheet{}, fault.Closed()
	}
	return sheet{Land: xfer.Land{DB: s.db, Gate: s.gate}, s: s, by: by, do: do}, nil
}

// firms are the enterprises that rows name, within the reach of the right, by the
// code as it is normalised. A row whose enterprise is not among them is broken; one
// without a code is left to its importer.
func (i *sheet) firms(ctx context.Context, r db.Reader, rows []*xfer.Row, code func(*xfer.Row) string) (map[string]enterprise.Enterprise, error) {
	var codes []string
	for _, row := range rows {
		if c := code(row); c != "" {
			codes = append(codes, c)
		}
	}
	found, err := enterprise.ByNumber(ctx, r, i.by.Scope(i.do), codes...)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if c := code(row); c != "" && found[c].ID == "" {
			row.Break("code", "tech.import.foreign", "value", c)
		}
	}
	return found, nil
}

// codesBy are the codes of the enterprises of a list.
func codesBy[T any](ctx context.Context, r db.Reader, list []T, id func(*T) string) (map[string]string, error) {
	var ids []string
	for n := range list {
		if one := id(&list[n]); one != "" {
			ids = append(ids, one)
		}
	}
	return enterprise.Codes(ctx, r, ids...)
}
