package files

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// Papers is what a step does to the documents of what it changes (附件): who may
// take the step may bring them and take them off.
type Papers struct {
	Add    []string // tokens of the actor's pending uploads
	Remove []string // ids of files
}

// Apply does to the documents of a record what a step asks, in the transaction
// of the domain's change and under its right. What is off already is as wanted.
// Invalid is as Attach says it; a nil service takes none and is Unavailable.
func (s *Service) Apply(ctx context.Context, tx *db.Tx, c *gate.Change, to To, all ...Papers) error {
	for _, p := range all {
		if len(p.Add)+len(p.Remove) == 0 {
			continue
		}
		if s == nil {
			return fault.New(fault.Unavailable, "files.unavailable")
		}
		for _, id := range p.Remove {
			f, err := Get(ctx, tx, to.Record, id)
			if err == nil {
				err = s.Detach(ctx, tx, c, f)
			}
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if _, err := s.Attach(ctx, tx, c, to, p.Add...); err != nil {
			return err
		}
	}
	return nil
}

// Reveal opens a file for somebody whom the domain lets see it; Close the reader.
// That is noted as the change says, unless the file is the reader's own and there
// is none. A nil service has no files: NotFound.
func (s *Service) Reveal(ctx context.Context, f File, c *gate.Change) (File, io.ReadSeekCloser, error) {
	if s == nil {
		return File{}, nil, fault.Missing()
	}
	in, err := s.Open(ctx, f)
	if err != nil || c == nil {
		return f, in, err
	}
	if err := s.Disclose(ctx, c, f); err != nil {
		_ = in.Close() // nothing was read
		return f, nil, err
	}
	return f, in, nil
}
