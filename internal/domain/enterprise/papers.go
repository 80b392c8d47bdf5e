package enterprise

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
)

// What a claimant shows (营业执照、授权书) hangs on the claim. It holds personal
// data: those who decide open it, and leave a trace; the claimant opens it
// freely; who acts for the enterprise already does not see it.

func claimRecord(id string) gate.Record { return gate.Record{Kind: ClaimKind, ID: id} }

// paper hangs the claimant's pending uploads on a claim. They count against the
// person: the enterprise is not theirs yet.
func (s *Service) paper(ctx context.Context, tx *db.Tx, c *gate.Change, claim string, tokens []string) error {
	to := files.To{Record: claimRecord(claim), Owner: authz.Party{Kind: authz.Person, ID: c.By.ID}}
	return s.hooks.Files.Apply(ctx, tx, c, to, files.Papers{Add: tokens})
}

// withPapers adds to a person's claims what was shown for them.
func (s *Service) withPapers(ctx context.Context, mine []MyClaim) error {
	records := make([]gate.Record, len(mine))
	for i, c := range mine {
		records[i] = claimRecord(c.ID)
	}
	all, err := files.Of(ctx, s.db, records...)
	for i := range mine {
		for _, f := range all {
			if f.On(ClaimKind, mine[i].ID) {
				mine[i].Files = append(mine[i].Files, f)
			}
		}
	}
	return err
}

// OpenClaimFile opens what was shown for a claim, for those who decide it, which
// is noted, or for the claimant; Close the reader. For everybody else it is
// NotFound.
func (s *Service) OpenClaimFile(ctx context.Context, by authz.Actor, claim, file string) (files.File, io.ReadSeekCloser, error) {
	c, err := loadClaim(ctx, s.db, authz.Unbounded("the reader is looked at next"), claim)
	if err != nil {
		return files.File{}, nil, err
	}
	decides, own := by.May(DecideClaim, authz.At(c.Region)), by.Personal() && c.Person == by.ID
	if !decides && !own {
		return files.File{}, nil, fault.Missing()
	}
	f, err := files.Get(ctx, s.db, claimRecord(claim), file)
	if err != nil {
		return f, nil, err
	}
	if own {
		return s.hooks.Files.Reveal(ctx, f, nil)
	}
	return s.hooks.Files.Reveal(ctx, f, &gate.Change{By: by, Do: DecideClaim, On: authz.At(c.Region), Record: claimRecord(claim)})
}
