package institution

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// The streams of facts about which institutions there are. Each is a level of
// one subject, the institution: 1 from the day it belongs, 0 from the day it no
// longer does.
const (
	streamAll           = "institution.all"
	streamCentre        = "institution.centre"
	streamDemonstration = "institution.demonstration"
	streamOther         = "institution.other"
	streamCore          = "institution.core"
	streamClose         = "institution.close"
	streamContact       = "institution.contact"
)

func streams() []string {
	return []string{streamAll, streamCentre, streamDemonstration, streamOther, streamCore, streamClose, streamContact}
}

// Measures are the numbers of institutions at a date: all (by kind, tier, level
// and whether they are demonstration institutions), service centres (服务中心),
// demonstration institutions (示范服务机构), others (其他中介服务机构: neither of the
// two), and those of each tier.
func Measures() []ledger.Measure {
	var all []ledger.Measure
	for _, s := range streams() {
		all = append(all, ledger.Measure{
			ID: s, Of: s, Kind: ledger.Level, Sum: ledger.Facts, Unit: "unit.institution",
			Dims: []string{"kind", "tier", "level", "demonstration"},
		})
	}
	return all
}

// standing is all that the stock counts about an institution: what it is, and
// since when it has been what.
type standing struct {
	Kind         Kind
	Level        Level
	Region       region.Code
	Since, Ended string
	Terms        []Term
	Turned       []string // days for which facts were posted before
}

// value is what one stream says of the institution on a day.
type value struct {
	quantity int64
	dims     [ledger.Dims]string
	region   region.Code
}

// on is the institution's value in each stream on a day.
func (s *standing) on(day string) map[string]value {
	listed := s.Since != "" && s.Since <= day && (s.Ended == "" || day < s.Ended)
	tier, demo := NoTier, false
	for _, t := range s.Terms {
		if t.On(day) && t.Tier == NoTier {
			demo = true
		} else if t.On(day) {
			tier = t.Tier
		}
	}
	yes := "no"
	if demo {
		yes = "yes"
	}
	dims := [ledger.Dims]string{string(s.Kind), string(tier), string(s.Level), yes}
	belongs := map[string]bool{
		streamAll:           true,
		streamCentre:        s.Kind == ServiceCentre,
		streamDemonstration: demo,
		streamOther:         s.Kind != ServiceCentre && !demo,
		streamCore:          tier == Core,
		streamClose:         tier == Close,
		streamContact:       tier == Contact,
	}
	values := map[string]value{}
	for stream, in := range belongs {
		if listed && in {
			values[stream] = value{1, dims, s.Region}
		} else {
			values[stream] = value{} // nothing: what it is does not matter then
		}
	}
	return values
}

// turns are the days on which something about the institution changes, or once
// did: the ledger has a fact there.
func (s *standing) turns() []string {
	days := append([]string{s.Since, s.Ended}, s.Turned...)
	for _, t := range s.Terms {
		days = append(days, t.From, t.To)
	}
	return days
}

// changed are the facts that turn what the ledger knows from before into after,
// from the given day on. A level takes the newest value, so nothing is reversed:
// a fact is posted on each day that begins something where the ledger, with the
// facts posted for earlier days, would otherwise say the wrong thing.
func changed(id ID, before, after *standing, from string) []ledger.Fact {
	days := append(before.turns(), after.turns()...)
	days = append(days, from)
	days = slices.DeleteFunc(days, func(d string) bool { return d == "" || d < from })
	slices.Sort(days)
	days = slices.Compact(days)
	var facts []ledger.Fact
	carried := map[string]value{} // what the ledger says by now
	for n, day := range days {
		was, is := before.on(day), after.on(day)
		for _, stream := range streams() {
			told := n == 0 || carried[stream] == is[stream]
			carried[stream] = is[stream]
			if !told || was[stream] != is[stream] {
				facts = append(facts, fact(id, stream, day, after.Region, is[stream]))
			}
		}
	}
	return facts
}

func fact(id ID, stream, day string, at region.Code, v value) ledger.Fact {
	if v.region != "" {
		at = v.region
	}
	return ledger.Fact{
		Stream: stream, OccurredOn: ledger.Date(day), Region: at,
		Subject:     ledger.Subject{Kind: Record, ID: string(id)},
		Institution: string(id), Dims: v.dims, Quantity: v.quantity,
		Record: ledger.Record{Kind: Record, ID: string(id)},
	}
}

// standingOf reads what the stock counts about an institution.
func standingOf(ctx context.Context, r db.Reader, i *Institution) (*standing, error) {
	all, err := terms(ctx, r, i.ID)
	if err != nil {
		return nil, err
	}
	turned, err := turned(ctx, r, i.ID)
	if err != nil {
		return nil, err
	}
	return &standing{
		Kind: i.Kind(), Level: i.Level, Region: i.Region, Since: i.Since, Ended: i.Ended, Terms: all, Turned: turned,
	}, nil
}

// count posts what the change means for the stock, and notes for which days.
func (s *Service) count(ctx context.Context, tx *db.Tx, id ID, before, after *standing, from string) error {
	facts := changed(id, before, after, from)
	if len(facts) == 0 {
		return nil
	}
	days := before.Turned
	for _, f := range facts {
		days = append(days, string(f.OccurredOn))
	}
	slices.Sort(days)
	if err := setTurned(ctx, tx, id, slices.Compact(days)); err != nil {
		return err
	}
	_, err := s.ledger.Post(ctx, tx, facts...)
	return err
}
