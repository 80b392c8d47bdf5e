package files

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Kind is the kind of a file in the audit trail.
const Kind = "file"

// To says where pending uploads go.
type To struct {
	Record gate.Record // it hangs on
	Owner  authz.Party // whose quota it counts against
	Most   int         // files on the record in all; 0 is the limit of the site
}

// Attach hangs the actor's pending uploads on a record, in the transaction of
// the change that the domain is making to it, and notes each in the audit trail
// under the same right. Too many on the record or too much for the owner is
// Invalid under Field, as is an upload that is gone (see Gone).
func (s *Service) Attach(ctx context.Context, tx *db.Tx, c *gate.Change, to To, tokens ...string) ([]File, error) {
	tokens = slices.Compact(slices.Sorted(slices.Values(tokens)))
	if len(tokens) == 0 {
		return nil, nil
	}
	var got []File
	for _, token := range tokens {
		p, err := s.take(ctx, tx, c.By, token)
		if err != nil {
			return nil, err
		}
		got = append(got, File{
			ID: db.NewID(), Content: p.Content, Type: p.Type, Name: p.Name, Owner: to.Owner, Record: to.Record,
			By: c.By.ID, ByName: c.By.Name, At: tx.Now,
		})
	}
	var size int64
	for _, f := range got {
		size += f.Size
	}
	n := int64(len(got))
	if err := book(ctx, tx,
		entry{account: pendingKey(c.By.ID), bytes: -size, files: -n},
		entry{ownerKey(to.Owner), size, n, s.limits.Owner, 0, "files.field.quota"}); err != nil {
		return nil, err
	}
	if err := s.count(ctx, tx, to, n); err != nil {
		return nil, err
	}
	for i := range got {
		if err := s.insert(ctx, tx, c, &got[i]); err != nil {
			return nil, err
		}
	}
	return got, nil
}

// take makes a pending upload the transaction's own.
func (s *Service) take(ctx context.Context, tx *db.Tx, by authz.Actor, token string) (Pending, error) {
	p, err := held(ctx, tx, by, token, tx.Now)
	if fault.Is(err, fault.NotFound) {
		return Pending{}, gone()
	}
	if err != nil {
		return Pending{}, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM files_pending WHERE id = ? AND person = ? AND ready = 1`, token, by.ID)
	if err == nil && n == 0 {
		err = gone()
	}
	return p, err
}

// count holds the record to its number of files. The owner's account is locked:
// nobody else adds to the record meanwhile.
func (s *Service) count(ctx context.Context, tx *db.Tx, to To, more int64) error {
	most := to.Most
	if most == 0 {
		most = s.limits.PerRecord
	}
	var n int64
	if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM files_file WHERE record_kind = ? AND record_id = ? AND removed_at = 0`,
		to.Record.Kind, to.Record.ID); err != nil {
		return err
	}
	if n+more > int64(most) {
		return refused("files.field.many", "max", most, "n", n+more)
	}
	return nil
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, c *gate.Change, f *File) error {
	note := gate.Change{
		By: c.By, Do: c.Do, On: c.On, Record: gate.Record{Kind: Kind, ID: f.ID},
		Detail: map[string]any{"attached": f.Record.Kind + " " + f.Record.ID, "sha": f.Sha, "size": f.Size, "type": f.Type},
	}
	return s.gate.Also(ctx, tx, &note, func(ctx context.Context) error {
		if err := touch(ctx, tx, f.Content); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO files_file (`+fileColumns+`, removed_by, removed_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,'',0)`,
			f.ID, f.Sha, f.Size, f.Type, f.Name, f.Owner.Kind, f.Owner.ID, f.Record.Kind, f.Record.ID, f.By, f.ByName, db.Millis(f.At))
		return err
	})
}

// Detach takes a file off its record, in the transaction of the domain's change,
// and notes it. The row stays, without what it says being shown again; the
// content goes when nothing else has it. Gone already is NotFound.
func (s *Service) Detach(ctx context.Context, tx *db.Tx, c *gate.Change, f File) error {
	note := gate.Change{
		By: c.By, Do: c.Do, On: c.On, Record: gate.Record{Kind: Kind, ID: f.ID},
		Detail: map[string]any{"detached": f.Record.Kind + " " + f.Record.ID, "sha": f.Sha},
	}
	return s.gate.Also(ctx, tx, &note, func(ctx context.Context) error {
		n, err := tx.Exec(ctx, `UPDATE files_file SET removed_by = ?, removed_at = ? WHERE id = ? AND removed_at = 0`,
			c.By.ID, db.Millis(tx.Now), f.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Missing()
		}
		if err := touch(ctx, tx, f.Content); err != nil {
			return err
		}
		return book(ctx, tx, entry{account: ownerKey(f.Owner), bytes: -f.Size, files: -1},
			entry{account: site, bytes: -f.Size, files: -1})
	})
}
