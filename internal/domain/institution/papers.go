package institution

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
)

// papers is where the documents of an institution hang (资质文件：营业执照、许可证、
// 证书). They are not public: a licence names people.
func (i *Institution) papers() files.To {
	return files.To{
		Record: gate.Record{Kind: Record, ID: string(i.ID)},
		Owner:  authz.Party{Kind: authz.Institution, ID: string(i.ID)},
	}
}

// SetPapers brings documents of the institution and takes them off, for those
// who may edit its profile. Neither is Invalid under files.Field; Stale is as
// for Edit. once is the number of the form or request: the same documents sent
// again with it are the same change, others are another.
func (s *Service) SetPapers(ctx context.Context, by authz.Actor, id ID, version int, p files.Papers, once string) (Institution, error) {
	c := gate.Change{By: by, Do: Edit, Detail: map[string]any{"attached": len(p.Add), "detached": len(p.Remove)}}
	if once != "" { // a page gone back to has the old number, and may bring something else
		sum := sha256.Sum256([]byte(strings.Join(slices.Concat(p.Add, p.Remove), " ")))
		c.Once = once + " " + hex.EncodeToString(sum[:16])
	}
	i, err := s.write(ctx, &c, id, version, s.today(), func(ctx context.Context, tx *db.Tx, i *Institution) error {
		if len(p.Add)+len(p.Remove) == 0 {
			return fault.Fields{{Name: files.Field, Key: "field.required"}}.Err()
		}
		return s.hooks.Files.Apply(ctx, tx, &c, i.papers(), p)
	})
	if _, again := gate.Again(err); again {
		return s.reach(ctx, by, id, Edit)
	}
	return i, err
}

// OpenFile opens a document of an institution for those who see its entry;
// Close the reader. Its own people read it freely, everybody else leaves a trace.
// Not there, or not the actor's to see, is NotFound.
func (s *Service) OpenFile(ctx context.Context, by authz.Actor, id ID, file string) (files.File, io.ReadSeekCloser, error) {
	i, err := one(ctx, s.db, by.Scope(See), id, s.today())
	if err != nil {
		return files.File{}, nil, err
	}
	at := i.papers()
	f, err := files.Get(ctx, s.db, at.Record, file)
	if err != nil {
		return files.File{}, nil, err
	}
	if by.May(See, authz.Target{}.Of(at.Owner.Kind, at.Owner.ID)) {
		return s.hooks.Files.Reveal(ctx, f, nil)
	}
	return s.hooks.Files.Reveal(ctx, f, &gate.Change{By: by, Do: See, On: i.Target(), Record: at.Record})
}
