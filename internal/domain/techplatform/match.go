package techplatform

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/text"
)

// Match is a notice of the other side that may fit, and why (推荐对接).
type Match struct {
	Notice
	Rank  int              // 0 to 100
	Words []string         // that both use, the longest first, at most four
	Alike criteria.Verdict // whether they speak of the same
	Fits  criteria.Verdict // the industry: met is the same; to be judged is of one section, as all manufacturing is
	Price criteria.Verdict // whether it lies within what may be spent; unknown when either is to be agreed
}

// How notices are compared: what the text and the industry are worth out of 100,
// from which likeness of the texts on one is worth looking at, what counts as
// fully alike, how many are compared and shown.
const (
	textWorth     = 60
	sameIndustry  = 40
	sameSection   = 10
	worthLooking  = 0.12
	fullyAlike    = 0.5
	comparedMost  = 1000
	matchesShown  = 8
	sharedPhrases = 4
)

// matches are the published notices of the other side that fit, best first. The
// party's own are left out.
func (s *Service) matches(ctx context.Context, n *Notice) ([]Match, error) {
	var found []Match
	words := text.PairsOf(n.Title + "，" + n.Text)
	f := NoticeFilter{Side: n.Side.other(), public: s.today()}
	page := db.Page{Limit: 200}
	for compared := 0; compared < comparedMost; {
		list, next, err := manyNotices(ctx, s.db, authz.Unbounded("published notices are public"), f, page)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if m, ok := compare(n, &list[i], words); ok && list[i].Party != n.Party {
				found = append(found, m)
			}
		}
		compared += len(list)
		if page.After = next; next == "" {
			break
		}
	}
	slices.SortFunc(found, func(a, b Match) int { return cmp.Or(cmp.Compare(b.Rank, a.Rank), cmp.Compare(b.ID, a.ID)) })
	return found[:min(len(found), matchesShown)], nil
}

// compare says how well another notice fits; false when it is not worth looking at.
func compare(n, other *Notice, words text.Pairs) (Match, bool) {
	written := other.Title + "，" + other.Text
	alike := words.Likeness(text.PairsOf(written))
	m := Match{Notice: *other, Alike: criteria.Unmet, Fits: criteria.Unmet, Price: criteria.Unknown}
	m.Contact = "" // for those who were introduced
	if alike >= worthLooking {
		m.Alike, m.Words = criteria.Met, text.Shared(written, words, sharedPhrases)
	}
	m.Rank = int(math.Round(min(alike/fullyAlike, 1) * textWorth))
	switch {
	case division(n.Industry) == division(other.Industry):
		m.Fits = criteria.Met
		m.Rank += sameIndustry
	case n.Industry[:1] == other.Industry[:1]:
		m.Fits = criteria.ToJudge
		m.Rank += sameSection
	}
	need, offer := n, other
	if n.Side == Offered {
		need, offer = other, n
	}
	if need.Amount > 0 && offer.Amount > 0 {
		m.Price = criteria.Unmet
		if offer.Amount <= need.Amount {
			m.Price = criteria.Met
		}
	}
	return m, m.Alike == criteria.Met || m.Fits == criteria.Met
}

// division is the industry's division: C17 of C1711.
func division(industry string) string { return strings.ToUpper(industry[:min(3, len(industry))]) }
