package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// land takes existing books over as an office does: a table with the columns'
// keys as headings goes through the domain's own import. Every row has to land.
func land(ctx context.Context, t *xfer.Table, importer xfer.Importer, keys string, rows [][]string) error {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	if err := w.WriteAll(append([][]string{strings.Fields(keys)}, rows...)); err != nil {
		return err
	}
	in, err := xfer.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), t, xfer.Most(), func(string) region.Code { return "" })
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	_, err = xfer.Run(ctx, in, importer, xfer.Plan{Each: func(r *xfer.Row) error {
		if len(r.Bad) > 0 {
			return fmt.Errorf("%s, line %d: %s (%v)", t.Name, r.Line, said(r.Bad), r.Cells())
		}
		return nil
	}})
	return err
}

// said is what is wrong in words.
func said(all fault.Fields) string {
	var words []string
	for _, f := range all {
		words = append(words, f.Name+": "+text.En.T(f.Key, f.Args...))
	}
	return strings.Join(words, "; ")
}
