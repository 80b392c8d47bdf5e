package engagement

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// entire is how many criteria there are.
const entire = 6

// Reason is one criterion with its verdict and a sentence that says why.
type Reason struct {
	Criterion string           `json:"criterion"` // theme, place, amount, capacity, record, alike
	Verdict   criteria.Verdict `json:"verdict"`
	Key       string           `json:"key"`
	Args      []Arg            `json:"args,omitempty"`
}

// Arg is an argument of the sentence: a value, or a text key.
type Arg struct {
	Name  string   `json:"name"`
	Value string   `json:"value,omitempty"`
	Text  text.Key `json:"text,omitempty"`
}

// In is the sentence in a language.
func (r Reason) In(l text.Lang) string {
	args := make([]any, 0, 2*len(r.Args))
	for _, a := range r.Args {
		if a.Text != "" {
			args = append(args, a.Name, a.Text)
		} else {
			args = append(args, a.Name, a.Value)
		}
	}
	return l.T(r.Key, args...)
}

func say(criterion string, v criteria.Verdict, args ...any) Reason {
	r := Reason{Criterion: criterion, Verdict: v, Key: "need.reason." + criterion + "." + string(v)}
	for i := 0; i+1 < len(args); i += 2 {
		a := Arg{Name: args[i].(string)}
		switch x := args[i+1].(type) {
		case text.Key:
			a.Text = x
		case int:
			a.Value = strconv.Itoa(x)
		default:
			a.Value, _ = x.(string)
		}
		r.Args = append(r.Args, a)
	}
	return r
}

// variant is the reason with another sentence.
func (r Reason) variant(name string) Reason {
	r.Key += "." + name
	return r
}

// Proposal is an institution that could be asked, and why (推荐哪家机构).
type Proposal struct {
	Institution institution.Institution
	Offering    institution.Offering // the service that fits best
	Reasons     []Reason             // all six criteria, the failed ones too, in a fixed order
	Score       int                  // how many are met
	Rank        int                  // 0 to 100: the criteria by weight, half for a maybe
	Workload    int                  // what it has in hand
	Asked       Answer               // what it said when this need was offered to it before
	Before      bool                 // it was offered to it before
}

// proposals is how many institutions are shown at most.
const proposals = 20

// weights are how much each criterion matters, out of 100, in the order of the
// reasons.
func weights() [entire]int { return [entire]int{35, 25, 15, 10, 10, 5} }

// Propose compares the institutions that could be asked to serve the need,
// best first. It is for the office that handles the need, which decides; nothing
// is decided here. Others who see the need are Denied. Three queries, however many institutions there are.
func (s *Service) Propose(ctx context.Context, by authz.Actor, id ID) ([]Proposal, error) {
	n, err := s.reach(ctx, by, id, MakeOffer)
	if err != nil {
		return nil, err
	}
	if err := gate.Check(&gate.Change{By: by, Do: MakeOffer, On: n.desk()}); err != nil {
		return nil, err
	}
	all, err := s.compare(ctx, &n, "")
	if err != nil {
		return nil, err
	}
	if len(all) > proposals {
		all = all[:proposals]
	}
	past, err := offers(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, o := range past {
			if o.Institution == all[i].Institution.ID {
				all[i].Before, all[i].Asked = true, o.Answer
			}
		}
	}
	return all, nil
}

// reasonsFor are the reasons for and against one institution: the snapshot that
// an offer keeps.
func (s *Service) reasonsFor(ctx context.Context, n *Need, to institution.ID) ([]Reason, error) {
	all, err := s.compare(ctx, n, to)
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		return all[0].Reasons, nil
	}
	return []Reason{say("theme", criteria.Unmet, "theme", text.Key(n.Theme.Key()))}, nil
}

// compare looks at every institution that offers something of the theme or at
// the place, best first; or at one alone.
func (s *Service) compare(ctx context.Context, n *Need, only institution.ID) ([]Proposal, error) {
	day := ledger.DateOf(s.db.Now())
	found, err := institution.Candidates(ctx, s.db, n.Theme, n.Region, day, only)
	if err != nil {
		return nil, err
	}
	past, err := s.records(ctx, only)
	if err != nil {
		return nil, err
	}
	alike, err := s.alike(ctx, n, only)
	if err != nil {
		return nil, err
	}
	best := map[institution.ID]Proposal{}
	for _, c := range found {
		p := judge(n, c, past[string(c.ID)], alike[string(c.ID)])
		old, seen := best[c.ID]
		if !seen || compareProposals(p, old) < 0 {
			best[c.ID] = p
		}
	}
	all := make([]Proposal, 0, len(best))
	for _, p := range best {
		all = append(all, p)
	}
	slices.SortFunc(all, compareProposals)
	return all, nil
}

// compareProposals puts what fits better first; between equals the one with
// less in hand, then by name, so that nobody is favoured.
func compareProposals(a, b Proposal) int {
	return cmp.Or(
		cmp.Compare(b.Rank, a.Rank), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Workload, b.Workload),
		strings.Compare(a.Institution.Name, b.Institution.Name), strings.Compare(string(a.Institution.ID), string(b.Institution.ID)),
		strings.Compare(a.Offering.ID, b.Offering.ID),
	)
}

// record is how an institution has answered in the last year.
type record struct {
	Institution string `db:"institution_id"`
	Answered    int    `db:"answered"`
	OnTime      int    `db:"on_time"`
	InHand      int    `db:"in_hand"`
	ThisMonth   int    `db:"this_month"`
}

// records are those of every institution, or of one, in one query.
func (s *Service) records(ctx context.Context, only institution.ID) (map[string]record, error) {
	now := s.db.Now()
	month := now.In(flow.Shanghai()).Format("2006-01")
	var rows []record
	err := s.db.Select(ctx, &rows, `SELECT o.institution_id,
		SUM(CASE WHEN o.answer IN ('accepted', 'declined') THEN 1 ELSE 0 END) AS answered,
		SUM(CASE WHEN o.answer IN ('accepted', 'declined') AND o.on_time = 1 THEN 1 ELSE 0 END) AS on_time,
		SUM(CASE WHEN o.answer = '' OR (o.answer = 'accepted' AND n.institution_id = o.institution_id
			AND n.state IN ('in_progress', 'waiting')) THEN 1 ELSE 0 END) AS in_hand,
		SUM(CASE WHEN o.answer IN ('', 'accepted') AND o.offered_at >= ? THEN 1 ELSE 0 END) AS this_month
		FROM need_offer o JOIN need n ON n.id = o.need_id
		WHERE o.offered_at >= ? AND (? = '' OR o.institution_id = ?) GROUP BY o.institution_id`,
		db.Millis(startOf(month)), db.Millis(now.AddDate(-1, 0, 0)), string(only), string(only))
	found := make(map[string]record, len(rows))
	for _, r := range rows {
		found[r.Institution] = r
	}
	return found, err
}

// similarEnough is from which likeness of two texts on a past need counts as
// similar, and remembered how many past needs of the theme are compared.
const (
	similarEnough = 0.25
	remembered    = 2000
)

// alike counts, for every institution or for one, the needs like this one that
// it delivered in the last year, in one query.
func (s *Service) alike(ctx context.Context, n *Need, only institution.ID) (map[string]int, error) {
	var rows []struct {
		Institution string `db:"institution_id"`
		Title       string `db:"title"`
		Body        string `db:"body"`
	}
	span := n.Region.At(region.Province).Span()
	err := s.db.Select(ctx, &rows, `SELECT institution_id, title, body FROM need
		WHERE theme = ? AND finished_at >= ? AND institution_id <> '' AND (? = '' OR institution_id = ?) AND id <> ?
		AND region >= ? AND region < ? ORDER BY finished_at DESC LIMIT ?`,
		string(n.Theme), db.Millis(s.db.Now().AddDate(-1, 0, 0)), string(only), string(only), string(n.ID), span.From, span.To, remembered)
	if err != nil {
		return nil, err
	}
	words := text.PairsOf(n.Title + " " + n.Text)
	found := map[string]int{}
	for _, r := range rows {
		if words.Likeness(text.PairsOf(r.Title+" "+r.Body)) >= similarEnough {
			found[r.Institution]++
		}
	}
	return found, nil
}
