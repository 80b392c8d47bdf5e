package xfer

import (
	"bytes"
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// Work does what an import waits for: looks at its rows, or lands them, as the
// person or the key that asked for it, with the rights they have now. A job calls
// it; a second time it does nothing, and after an interruption it goes on,
// because rows that landed are unchanged.
func (d *Desk) Work(ctx context.Context, id string) error {
	u, err := loadRun(ctx, d.db, id)
	if err != nil {
		return err
	}
	if !u.State.Busy() {
		return nil
	}
	dry := u.State == Checking
	report, preview, rejects, err := d.run(ctx, &u, dry)
	if err != nil && fault.Of(err) != fault.Invalid && fault.Of(err) != fault.Denied && fault.Of(err) != fault.SignIn {
		return err // again later
	}
	by, actorErr := d.hooks.Actor(ctx, u.Person, u.Key)
	if actorErr != nil || !by.May(MayUse, authz.At(u.Region)) { // no longer in office: the program notes how it ended
		by = authz.System("xfer", MayUse)
	}
	u.Report, u.Preview, u.Done = report, preview, report.Rows
	switch {
	case err != nil:
		u.State, u.Preview.Trouble = Failed, said(err, u.Lang)
	case dry:
		u.State = Checked
	default:
		u.State = Done
	}
	c := d.change(by, u, map[string]any{
		"state": u.State, "new": report.New, "changed": report.Changed, "unchanged": report.Unchanged, "rejected": report.Rejected,
	})
	return d.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		if u.State != Checked {
			u.Ended = tx.Now
		}
		if err := updateRun(ctx, tx, u); err != nil {
			return err
		}
		if k, err := d.Kind(u.Kind); err == nil && k.Landed != nil && !dry && report.New+report.Changed > 0 {
			if err := k.Landed(ctx, tx); err != nil {
				return err
			}
		}
		return putParts(ctx, tx, u.ID, "out", rejects)
	})
}

// said is a fault in words.
func said(err error, l text.Lang) string {
	var words string
	for _, f := range fault.FieldsOf(err) {
		words += l.T(f.Key, f.Args...) + " "
	}
	if words == "" {
		words = l.T("fault.denied")
	}
	return words
}

// run reads the rows of an upload. What it gathers is bounded by the size of
// what was uploaded.
func (d *Desk) run(ctx context.Context, u *Upload, dry bool) (report Report, preview Preview, rejects []byte, err error) {
	by, err := d.hooks.Actor(ctx, u.Person, u.Key)
	if err != nil {
		return report, preview, nil, err
	}
	k, err := d.Kind(u.Kind)
	if err != nil {
		return report, preview, nil, err
	}
	body, err := getParts(ctx, d.db, u.ID, "in")
	if err != nil {
		return report, preview, nil, err
	}
	r, err := d.open(ctx, k, body)
	if err != nil {
		return report, preview, nil, err
	}
	defer func() { _ = r.Close() }() // it was only read
	imp, err := k.Import(ctx, by)
	if err != nil {
		return report, preview, nil, err
	}
	var out bytes.Buffer
	file, err := NewRejects(&out, r, u.Lang)
	if err != nil {
		return report, preview, nil, err
	}
	preview.Unknown = r.Header.Unknown
	for _, at := range r.Header.at {
		if at >= 0 { // as the file has it: in which unit an amount stands is in it
			preview.Headings = append(preview.Headings, r.Header.raw[at])
		}
	}
	report, err = Run(ctx, r, imp, Plan{
		Dry: dry,
		Each: func(row *Row) error {
			if len(preview.Rows) < previewRows {
				preview.Rows = append(preview.Rows, row.there())
			}
			if row.Outcome != Rejected {
				return nil
			}
			if len(preview.Problems) < previewProblems {
				preview.Problems = append(preview.Problems, Problem{row.Line, k.Table.Why(row.Bad, u.Lang)})
			}
			return file.Row(row)
		},
		Progress: func(rows int64, _ float64) {
			if rows != u.Done && !dry {
				u.Done = rows
				_ = d.progress(ctx, u.ID, rows) // a count that is missed comes with the next
			}
		},
	})
	if closing := file.Close(); err == nil {
		err = closing
	}
	if report.Rejected == 0 {
		out.Reset()
	}
	return report, preview, out.Bytes(), err
}

// there are the row's cells of the columns that the file has.
func (r *Row) there() []string {
	var cells []string
	for j, cell := range r.Cells() {
		if r.header.at[j] >= 0 {
			cells = append(cells, short(cell))
		}
	}
	return cells
}
