package enterprise

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// ClaimForm asks to act for an enterprise.
type ClaimForm struct {
	Code     string      // a licence number as typed
	Region   region.Code // where the claimant says it is
	Evidence string
	Papers   []string // tokens of the claimant's pending uploads
	Once     string   // idempotency key
}

// FileClaim asks to act for the enterprise of a number (认领). The answer tells
// nothing of whether the number is known or whose it is. Conflict only when the
// claimant has an open or accepted claim to it already.
func (s *Service) FileClaim(ctx context.Context, by authz.Actor, in ClaimForm) (MyClaim, error) {
	c := gate.Change{By: by, Do: Claim, On: authz.At(in.Region).Of(authz.Person, by.ID), Record: gate.Record{Kind: ClaimKind}, Once: in.Once}
	if !by.Personal() { // a grant goes to a person
		return MyClaim{}, fault.New(fault.SignIn, "fault.sign_in")
	}
	if err := gate.Check(&c); err != nil {
		return MyClaim{}, err
	}
	var bad fault.Fields
	codes := parseCodes([]string{in.Code}, &bad)
	if len(codes) == 0 && !bad.Has(codeField) {
		bad.Add(codeField, "field.required")
	}
	if in.Region.Level() != region.Town {
		bad.Add("region", "enterprise.register.town")
	}
	bad.Length("evidence", strings.TrimSpace(in.Evidence), shortestReason, longestEvidence)
	if err := bad.Err(); err != nil {
		return MyClaim{}, err
	}
	claim := ClaimRecord{Code: codes[0].Value, Person: by.ID, PersonName: by.Name, Region: in.Region, Evidence: strings.TrimSpace(in.Evidence)}
	err := s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		claim.ID, claim.CreatedAt = db.NewID(), tx.Now
		c.Record.ID = claim.ID
		known, err := sameCode(ctx, tx, codes, "")
		if err != nil {
			return err
		}
		claim.Enterprise = ""
		if len(known) > 0 {
			claim.Enterprise = known[0]
		}
		if err := s.file(ctx, tx, &claim, codes, claim.Enterprise); err != nil {
			return err
		}
		return s.paper(ctx, tx, &c, claim.ID, in.Papers)
	})
	if again, ok := gate.Again(err); ok {
		return s.myClaim(ctx, by, again)
	}
	return claim.mine(), err
}

// fileWithRegistration files the registrant's claim to the new entry, and lets
// the registrant act for that entry meanwhile.
func (s *Service) fileWithRegistration(ctx context.Context, tx *db.Tx, c *gate.Change, e Enterprise, codes []Identifier, in Registration) error {
	by := c.By
	known, err := sameCode(ctx, tx, codes, e.ID)
	if err != nil {
		return err
	}
	claim := ClaimRecord{
		ID: db.NewID(), Enterprise: e.ID, Code: codes[0].Value, Person: by.ID, PersonName: by.Name,
		Region: e.Profile.Region, Registered: true, Holds: true, Evidence: strings.TrimSpace(in.Evidence),
	}
	if len(known) > 0 {
		claim.Contested = known[0]
	}
	if err := s.file(ctx, tx, &claim, codes, claim.Contested); err != nil {
		return err
	}
	if err := s.paper(ctx, tx, c, claim.ID, in.Papers); err != nil {
		return err
	}
	return s.grant(ctx, tx, by.ID, e.ID)
}

// file writes a claim. Against a known enterprise its county decides; if
// somebody acts for that one, the claim is disputed from the start.
func (s *Service) file(ctx context.Context, tx *db.Tx, claim *ClaimRecord, codes []Identifier, against ID) error {
	if twice, err := alreadyClaimed(ctx, tx, claim.Person, codes); err != nil {
		return err
	} else if twice {
		return fault.New(fault.Conflict, "enterprise.claim.already")
	}
	claim.Status = ClaimLifecycle().Start
	if against != "" {
		if err := contest(ctx, tx, claim, against); err != nil {
			return err
		}
	}
	return insertClaim(ctx, tx, *claim)
}

// contest sets who decides a claim against a known enterprise, and whether it
// is disputed.
func contest(ctx context.Context, tx *db.Tx, claim *ClaimRecord, against ID) error {
	e, err := Load(ctx, tx, authz.Unbounded("the number was given"), against)
	if err != nil {
		return err
	}
	if e.Status == Verified {
		claim.Region = e.Profile.Region
	}
	others, err := holders(ctx, tx, against)
	if len(others) > 0 {
		claim.Status = ClaimDisputed
	}
	return err
}

// recontest brings the registrant's open claim in line with corrected numbers.
func recontest(ctx context.Context, tx *db.Tx, id ID, codes []Identifier) error {
	open, err := selectClaims(ctx, tx, `c.enterprise_id = ? AND c.registered = 1 AND c.status IN ('pending', 'disputed')`, id)
	if err != nil || len(open) == 0 {
		return err
	}
	known, err := sameCode(ctx, tx, codes, id)
	if err != nil {
		return err
	}
	e, err := Load(ctx, tx, authz.Unbounded("the change was allowed"), id)
	if err != nil {
		return err
	}
	for _, c := range open {
		c.Code, c.Contested, c.Region, c.Status = codes[0].Value, "", e.Profile.Region, ClaimPending
		if len(known) > 0 {
			c.Contested = known[0]
			if err := contest(ctx, tx, &c, known[0]); err != nil {
				return err
			}
		}
		if err := updateClaim(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}

// MyClaims are the actor's own claims, the newest first.
func (s *Service) MyClaims(ctx context.Context, by authz.Actor) ([]MyClaim, error) {
	if !by.SignedIn() {
		return nil, fault.New(fault.SignIn, "fault.sign_in")
	}
	claims, err := selectClaims(ctx, s.db, `c.person = ? ORDER BY c.id DESC`, by.ID)
	mine := make([]MyClaim, len(claims))
	for i, c := range claims {
		mine[i] = c.mine()
	}
	if err != nil {
		return nil, err
	}
	return mine, s.withPapers(ctx, mine)
}

func (s *Service) myClaim(ctx context.Context, by authz.Actor, id string) (MyClaim, error) {
	claims, err := selectClaims(ctx, s.db, `c.person = ? AND c.id = ?`, by.ID, id)
	if err == nil && len(claims) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return MyClaim{}, err
	}
	return claims[0].mine(), nil
}

// AddEvidence adds words, and pending uploads by their tokens, to the actor's own
// open claim.
func (s *Service) AddEvidence(ctx context.Context, by authz.Actor, id, words string, papers ...string) error {
	if _, err := s.myClaim(ctx, by, id); err != nil {
		return err
	}
	var bad fault.Fields
	words = strings.TrimSpace(words)
	bad.Length("evidence", words, shortestReason, longestEvidence)
	if err := bad.Err(); err != nil {
		return err
	}
	c := gate.Change{By: by, Do: Claim, On: authz.Target{}.Of(authz.Person, by.ID), Record: gate.Record{Kind: ClaimKind, ID: id}}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		claim, err := loadClaim(ctx, tx, authz.Unbounded("it is the actor's own"), id)
		if err != nil {
			return err
		}
		if ClaimLifecycle().Ended(claim.Status) {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		claim.Evidence = strings.TrimSpace(claim.Evidence + "\n" + dayOf(tx.Now) + " " + words)
		if err := s.paper(ctx, tx, &c, id, papers); err != nil {
			return err
		}
		return updateClaim(ctx, tx, claim)
	})
}

// Claims is a page of the claims that the actor decides, the oldest first, with
// the next page's cursor.
func (s *Service) Claims(ctx context.Context, by authz.Actor, f ClaimFilter, page db.Page) ([]ClaimRecord, string, error) {
	where, args := f.sql(by.Scope(DecideClaim))
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"c.id"}}, selectClaim+where, args,
		func(x *claimRow) []string { return []string{x.ID} })
	return db.As(rows, (*claimRow).claim), next, err
}

// CountClaims is how many claims the filter finds among those the actor decides.
func (s *Service) CountClaims(ctx context.Context, by authz.Actor, f ClaimFilter) (int, error) {
	where, args := f.sql(by.Scope(DecideClaim))
	var n int
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM enterprise_claim c WHERE `+where, args...)
	return n, err
}

// GetClaim is one claim among those the actor decides, with what was shown for it.
func (s *Service) GetClaim(ctx context.Context, by authz.Actor, id string) (ClaimRecord, error) {
	c, err := loadClaim(ctx, s.db, by.Scope(DecideClaim), id)
	if err == nil {
		c.Files, err = files.Of(ctx, s.db, claimRecord(id))
	}
	return c, err
}

// Holders are the claims by which people act for an enterprise: for those who decide.
func (s *Service) Holders(ctx context.Context, by authz.Actor, id ID) ([]ClaimRecord, error) {
	where, args := by.Scope(DecideClaim).SQL(authz.Columns{Region: "c.region"})
	return selectClaims(ctx, s.db, where+` AND c.enterprise_id = ? AND c.holds = 1 ORDER BY c.id`, append(args, id)...)
}

func (s *Service) grant(ctx context.Context, tx *db.Tx, person string, e ID) error {
	if s.hooks.Granted == nil {
		return nil
	}
	return s.hooks.Granted(ctx, tx, person, e)
}

func (s *Service) revoke(ctx context.Context, tx *db.Tx, person string, e ID) error {
	if s.hooks.Revoked == nil {
		return nil
	}
	return s.hooks.Revoked(ctx, tx, person, e)
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, c ClaimRecord, key string, args ...any) error {
	if s.hooks.Told == nil {
		return nil
	}
	return s.hooks.Told(ctx, tx, News{Person: c.Person, Key: key, Claim: c.ID, Args: append([]any{"code", c.Code}, args...)})
}
