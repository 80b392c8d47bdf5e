package enterprise

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
)

// Decision is the answer to a claim.
type Decision struct {
	Accept bool
	// Replace takes the enterprise from everyone who acted for it until now;
	// otherwise an accepted claimant joins them.
	Replace bool
	// Reason is told to whoever loses. Required to refuse, to replace and in a dispute.
	Reason string
}

// Decide answers a claim (处理认领). When the claimant had registered a second
// entry of a verified enterprise, accepting merges the two. Whoever loses the
// right to act is told why, and so is whoever keeps it.
func (s *Service) Decide(ctx context.Context, by authz.Actor, id string, version int, d Decision) error {
	claim, err := s.GetClaim(ctx, by, id)
	if err != nil {
		return err
	}
	c := gate.Change{By: by, Do: DecideClaim, On: authz.At(claim.Region), Record: gate.Record{Kind: ClaimKind, ID: id}}
	if err := gate.Check(&c); err != nil {
		return err
	}
	d.Reason = strings.TrimSpace(d.Reason)
	if !d.Accept || d.Replace || claim.Status == ClaimDisputed {
		if err := checkReason(d.Reason); err != nil {
			return err
		}
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		claim, err := loadClaim(ctx, tx, authz.Unbounded("the change was allowed"), id)
		if err != nil {
			return err
		}
		to := ClaimAccepted
		if !d.Accept {
			to = ClaimRejected
		}
		was := claim.Status
		if claim.Status, err = ClaimLifecycle().Outcome(was, DecideClaim, to); err != nil {
			return err
		}
		claim.Version, claim.Reason, claim.DecidedBy, claim.DecidedAt = version, d.Reason, by.ID, tx.Now
		c.Detail = map[string]any{"accept": d.Accept, "replace": d.Replace, "reason": d.Reason, "before": was}
		if d.Accept {
			return s.accept(ctx, tx, by, claim, d, c.Detail)
		}
		return s.refuse(ctx, tx, claim, was)
	})
}

func (s *Service) accept(ctx context.Context, tx *db.Tx, by authz.Actor, claim ClaimRecord, d Decision, detail map[string]any) error {
	target, second, err := s.subject(ctx, tx, claim)
	if err != nil {
		return err
	}
	held := claim.Holds
	if second == nil {
		claim.Enterprise = target.ID
	}
	claim.Holds = true
	if err := updateClaim(ctx, tx, claim); err != nil {
		return err
	}
	detail["enterprise"] = target.ID
	if err := s.others(ctx, tx, by, claim, target.ID, d); err != nil {
		return err
	}
	switch {
	case second != nil: // moves the right to act to the target
		detail["merged"] = second.ID
		err = s.mergeInto(ctx, tx, *second, target)
	case !held:
		err = s.grant(ctx, tx, claim.Person, target.ID)
	}
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, claim, "enterprise.news.accepted", "name", target.Profile.Name)
}

// subject is the enterprise that an accepted claim is to, and the claimant's own
// second entry of it, which then ceases.
func (s *Service) subject(ctx context.Context, tx *db.Tx, claim ClaimRecord) (target Enterprise, second *Enterprise, err error) {
	all := authz.Unbounded("the decision names it")
	if claim.Enterprise == "" {
		code, err := Parse(claim.Code)
		if err != nil {
			return target, nil, err
		}
		known, err := sameCode(ctx, tx, []Identifier{code}, "")
		if err != nil {
			return target, nil, err
		}
		if len(known) == 0 {
			return target, nil, fault.New(fault.Conflict, "enterprise.claim.no_enterprise", "code", claim.Code)
		}
		target, err = Load(ctx, tx, all, known[0])
		return target, nil, err
	}
	own, err := resolved(ctx, tx, claim.Enterprise)
	if err != nil || !claim.Registered || claim.Contested == "" {
		return own, nil, err
	}
	other, err := resolved(ctx, tx, claim.Contested)
	if err != nil || other.Status != Verified || other.ID == own.ID || own.Status == Verified {
		return own, nil, err
	}
	return other, &own, nil
}

func resolved(ctx context.Context, r db.Reader, id ID) (Enterprise, error) {
	id, err := Resolve(ctx, r, id)
	if err != nil {
		return Enterprise{}, err
	}
	return Load(ctx, r, authz.Unbounded("the decision names it"), id)
}

// others tells those who acted for the enterprise until now, and with Replace
// ends their right.
func (s *Service) others(ctx context.Context, tx *db.Tx, by authz.Actor, claim ClaimRecord, target ID, d Decision) error {
	until, err := selectClaims(ctx, tx, `c.enterprise_id IN (?, ?) AND c.enterprise_id <> '' AND c.holds = 1 AND c.id <> ? ORDER BY c.id`,
		target, claim.Contested, claim.ID)
	if err != nil {
		return err
	}
	for _, o := range until {
		if o.Person == claim.Person || !d.Replace && o.Enterprise != target {
			continue
		}
		if !d.Replace {
			if err := s.tell(ctx, tx, o, "enterprise.news.joined"); err != nil {
				return err
			}
			continue
		}
		o.Status, o.Holds, o.Reason, o.DecidedBy, o.DecidedAt = ClaimRejected, false, d.Reason, by.ID, tx.Now
		if err := updateClaim(ctx, tx, o); err != nil {
			return err
		}
		if err := s.revoke(ctx, tx, o.Person, o.Enterprise); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, o, "enterprise.news.lost", "reason", d.Reason); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) refuse(ctx context.Context, tx *db.Tx, claim ClaimRecord, was flow.State) error {
	held := claim.Holds
	claim.Holds = false
	if err := updateClaim(ctx, tx, claim); err != nil {
		return err
	}
	if held {
		if err := s.revoke(ctx, tx, claim.Person, claim.Enterprise); err != nil {
			return err
		}
	}
	if claim.Registered {
		if err := s.rejectEntry(ctx, tx, claim); err != nil {
			return err
		}
	}
	if err := s.tell(ctx, tx, claim, "enterprise.news.refused", "reason", claim.Reason); err != nil {
		return err
	}
	if was != ClaimDisputed {
		return nil
	}
	for _, id := range []ID{claim.Enterprise, claim.Contested} {
		keep, err := holders(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, k := range keep {
			if err := s.tell(ctx, tx, k, "enterprise.news.kept"); err != nil {
				return err
			}
		}
	}
	return nil
}

// rejectEntry gives back the entry that a refused registrant made, unless staff
// have verified it since.
func (s *Service) rejectEntry(ctx context.Context, tx *db.Tx, claim ClaimRecord) error {
	e, err := Load(ctx, tx, authz.Unbounded("the decision names it"), claim.Enterprise)
	if err != nil || e.Status != Unverified || e.AliasOf != "" {
		return err
	}
	rejected := e
	rejected.Status, rejected.Reason = Rejected, claim.Reason
	if err := update(ctx, tx, rejected); err != nil {
		return err
	}
	return s.recount(ctx, tx, e, rejected)
}

// Dispute notes that more than one person says to act for an enterprise, and
// asks all of them for evidence (列为有争议). It tells nobody about the others.
func (s *Service) Dispute(ctx context.Context, by authz.Actor, id string, version int, reason string) error {
	claim, err := s.GetClaim(ctx, by, id)
	if err != nil {
		return err
	}
	c := gate.Change{
		By: by, Do: DisputeClaim, On: authz.At(claim.Region), Record: gate.Record{Kind: ClaimKind, ID: id},
		Detail: map[string]any{"reason": reason},
	}
	if err := gate.Check(&c); err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	return s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		claim, err := loadClaim(ctx, tx, authz.Unbounded("the change was allowed"), id)
		if err != nil {
			return err
		}
		if claim.Status, err = ClaimLifecycle().Next(claim.Status, DisputeClaim); err != nil {
			return err
		}
		claim.Version = version
		if err := updateClaim(ctx, tx, claim); err != nil {
			return err
		}
		asked, err := selectClaims(ctx, tx, `c.id = ? OR (c.holds = 1 AND c.enterprise_id <> '' AND c.enterprise_id IN (?, ?)) ORDER BY c.id`,
			id, claim.Enterprise, claim.Contested)
		if err != nil {
			return err
		}
		for _, a := range asked {
			if err := s.tell(ctx, tx, a, "enterprise.news.evidence"); err != nil {
				return err
			}
		}
		return nil
	})
}

// acceptRegistrant follows from a licence seen: the registrant's claim is
// accepted, and claims of others to the same numbers are disputed, to be
// decided where the enterprise is.
func (s *Service) acceptRegistrant(ctx context.Context, tx *db.Tx, by authz.Actor, e Enterprise) error {
	open, err := selectClaims(ctx, tx, `c.enterprise_id = ? AND c.registered = 1 AND c.status IN ('pending', 'disputed') ORDER BY c.id`, e.ID)
	if err != nil {
		return err
	}
	for _, c := range open {
		c.Status, c.DecidedBy, c.DecidedAt = ClaimAccepted, by.ID, tx.Now
		if err := updateClaim(ctx, tx, c); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, c, "enterprise.news.accepted", "name", e.Profile.Name); err != nil {
			return err
		}
	}
	for _, h := range e.Identifiers {
		if _, err := tx.Exec(ctx, `UPDATE enterprise_claim SET contested = ?, status = 'disputed', region = ?, version = version + 1
			WHERE code = ? AND enterprise_id <> ? AND status IN ('pending', 'disputed')`,
			e.ID, e.Profile.Region, h.Value, e.ID); err != nil {
			return err
		}
	}
	return nil
}
