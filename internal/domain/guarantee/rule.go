package guarantee

import (
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

// whole is 100 per cent, in the hundredths of a per cent that rules count in.
const whole = 10_000

// Base is what limits are a share of.
type Base string

// The bases.
const (
	OfCapital   Base = "capital"    // 实收资本: 2001
	OfNetAssets Base = "net_assets" // 净资产: since 2010
)

// Weight is how much of a guarantee counts against the leverage limit.
type Weight struct {
	Class string `json:"class"`           // small: an enterprise that is small or micro; other
	UpTo  int64  `json:"up_to,omitempty"` // fen outstanding for the one client; 0 for any
	Share int64  `json:"share"`           // in hundredths of a per cent
}

// Rule is one version of the limits (限额规则), with the span of days it holds.
// Shares are in hundredths of a per cent, multiples in hundredths, money in fen;
// 0 is no such limit. It is data: whoever may set rules adds versions, and a
// published one never changes.
type Rule struct {
	ID     string          `json:"id"`
	Name   criteria.Words  `json:"name"`
	From   string          `json:"from"`
	To     string          `json:"to,omitempty"`
	Source criteria.Source `json:"source"`
	Base   Base            `json:"base"`
	// Single and Group are what one client, and a related group, may be guaranteed
	// of the base.
	Single int64 `json:"single"`
	Group  int64 `json:"group"`
	// Leverage is how many times the base may be outstanding; Usual what is usual
	// (an alarm, not a bar); Small what is allowed to whoever serves small firms:
	// at least SmallShare of the amount and SmallClients of the clients.
	Leverage     int64    `json:"leverage"`
	Usual        int64    `json:"usual,omitempty"`
	Small        int64    `json:"small,omitempty"`
	SmallShare   int64    `json:"small_share,omitempty"`
	SmallClients int64    `json:"small_clients,omitempty"`
	Weights      []Weight `json:"weights,omitempty"`
	// Exempt are the types that the limits above do not bind; a pool keeps its own.
	Exempt  []Type `json:"exempt,omitempty"`
	Minimum int64  `json:"minimum,omitempty"` // of registered capital
	// Support is what of its amount a policy guarantor (政府性融资担保机构) gives small
	// and micro enterprises at least, SupportSmall what of that goes to clients of at
	// most SupportUpTo fen: alarms, not bars.
	Support      int64 `json:"support,omitempty"`
	SupportSmall int64 `json:"support_small,omitempty"`
	SupportUpTo  int64 `json:"support_up_to,omitempty"`
	// The asset ratios (资产比例): net assets with the reserves for unearned fees and
	// for claims of total assets at least; of total assets less claims to be recovered
	// the classes Ⅰ and Ⅱ together, and Ⅰ, at least, and Ⅲ at most: alarms, not bars.
	AssetBacking int64 `json:"asset_backing,omitempty"`
	AssetUpper   int64 `json:"asset_upper,omitempty"`
	AssetFirst   int64 `json:"asset_first,omitempty"`
	AssetThird   int64 `json:"asset_third,omitempty"`
	// How far a loan is extended in all (展期; 《贷款通则》第十二条): by a share of its
	// first term when that was up to a year, or up to five; by so many months when it
	// was longer.
	ExtendShort  int64 `json:"extend_short,omitempty"`
	ExtendMedium int64 `json:"extend_medium,omitempty"`
	ExtendLong   int64 `json:"extend_long,omitempty"`
	// What the program itself sets: from which amount two persons approve, how
	// many vote, which share passes, and from which share of a limit on it warns.
	TwoAbove int64 `json:"two_above"`
	Quorum   int64 `json:"quorum"`
	Pass     int64 `json:"pass"`
	Warn     int64 `json:"warn"`
	// Grades say how surely each number is known where that is not the source's
	// grade. C and M are to be confirmed by the operator.
	Grades    map[string]string `json:"grades,omitempty"`
	Published bool              `json:"-"`
	Shipped   bool              `json:"-"`
	Version   int               `json:"-"` // of an operator's draft, to be sent back with a change
}

// On reports whether the rule holds on the day.
func (r *Rule) On(day string) bool { return r.From <= day && (r.To == "" || day < r.To) }

// below reports whether a guarantor has less capital than the rule asks for: a flag,
// told of exempt types too, and no bar.
func (r *Rule) below(registered int64) bool { return registered < r.Minimum }

// extends is the last day to which a loan from a day until another may be extended
// in all, "" when the rule sets no such limit.
func (r *Rule) extends(from, until string) string {
	share := r.ExtendShort
	switch {
	case until > flow.AddMonths(from, 60):
		if r.ExtendLong == 0 {
			return ""
		}
		return flow.AddMonths(until, int(r.ExtendLong))
	case until > flow.AddMonths(from, 12):
		share = r.ExtendMedium
	}
	if share == 0 {
		return ""
	}
	return flow.AddDays(until, int(daysBetween(from, until)*share/whole))
}

// Grade is how surely the number is known.
func (r *Rule) Grade(number string) string {
	if g, ok := r.Grades[number]; ok {
		return g
	}
	return r.Source.Grade
}

// Unconfirmed reports whether the operator has yet to confirm the number.
func (r *Rule) Unconfirmed(number string) bool {
	g := r.Grade(number)
	return g == "C" || g == "M"
}

// Numbers are the names of a rule's numbers, in the order of the form.
func Numbers() []string {
	return []string{
		"single", "group", "leverage", "usual", "small", "small_share", "small_clients", "weights", "exempt",
		"minimum", "support", "support_small", "support_up_to", "asset_backing", "asset_upper", "asset_first", "asset_third", "extend_short", "extend_medium", "extend_long",
		"two_above", "quorum", "pass", "warn",
	}
}

//go:embed rules/*.json
var shipped embed.FS

// Shipped are the rules the program comes with, by their first day.
func Shipped() ([]Rule, error) {
	raw, err := shipped.ReadFile("rules/limits.json")
	if err != nil {
		return nil, err
	}
	var rules []Rule
	if err := json.Unmarshal(raw, &rules); err != nil {
		return nil, fmt.Errorf("limits.json: %w", err)
	}
	for i := range rules {
		if err := rules[i].check(); err != nil {
			return nil, fmt.Errorf("limits.json: %s: %w", rules[i].ID, err)
		}
	}
	return rules, nil
}

// check tells everything that is wrong with a rule.
func (r *Rule) check() error {
	var f fault.Fields
	r.Name.Zh, r.Source.Law = strings.TrimSpace(r.Name.Zh), strings.TrimSpace(r.Source.Law)
	f.Length("name", r.Name.Zh, 2, 60)
	f.Length("law", r.Source.Law, 2, 120)
	f.Day("from", r.From)
	f.OptionalDay("to", r.To)
	if r.To != "" && !f.Has("to") && r.To <= r.From {
		f.Add("to", "guarantee.field.span")
	}
	fault.Choice(&f, "base", r.Base, []Base{OfCapital, OfNetAssets})
	grades := []string{"A", "B", "C", "M", "P"}
	fault.Choice(&f, "grade", r.Source.Grade, grades)
	for name, share := range map[string]int64{
		"single": r.Single, "group": r.Group, "small_share": r.SmallShare, "small_clients": r.SmallClients, "pass": r.Pass, "warn": r.Warn,
		"support": r.Support, "support_small": r.SupportSmall, "extend_short": r.ExtendShort, "extend_medium": r.ExtendMedium,
		"asset_backing": r.AssetBacking, "asset_upper": r.AssetUpper, "asset_first": r.AssetFirst, "asset_third": r.AssetThird,
	} {
		if share < 0 || share > whole {
			f.Add(name, "guarantee.field.share")
		}
	}
	for name, n := range map[string]int64{"leverage": r.Leverage, "usual": r.Usual, "small": r.Small} {
		fold(&f, name, n, 100)
	}
	f.Range("quorum", r.Quorum, 1, 30)
	f.Range("extend_long", r.ExtendLong, 0, 120)
	for name, fen := range map[string]int64{"minimum": r.Minimum, "support_up_to": r.SupportUpTo, "two_above": r.TwoAbove} {
		if fen < 0 || fen > mostAmount {
			f.Add(name, "guarantee.field.amount0")
		}
	}
	if r.Group > 0 && r.Group < r.Single {
		f.Add("group", "guarantee.field.group")
	}
	if r.Small > 0 && r.Small < r.Leverage {
		f.Add("small", "guarantee.field.small")
	}
	for _, w := range r.Weights {
		if w.Share < 0 || w.Share > whole || w.UpTo < 0 || (w.Class != "small" && w.Class != "other") {
			f.Add("weights", "guarantee.field.weights")
			break
		}
	}
	for _, t := range r.Exempt {
		fault.Choice(&f, "exempt", t, Types())
	}
	for n, g := range r.Grades {
		if !slices.Contains(Numbers(), n) || !slices.Contains(grades, g) {
			f.Add("grade", "field.choice")
			break
		}
	}
	return f.Err()
}

// InForce is the rule that holds on the day: of several, the latest to begin,
// and of those an operator's own. False before the first.
func InForce(rules []Rule, day string) (Rule, bool) {
	var found Rule
	ok := false
	for _, r := range rules {
		if !r.Published || !r.On(day) {
			continue
		}
		if !ok || r.From > found.From || r.From == found.From && !r.Shipped {
			found, ok = r, true
		}
	}
	return found, ok
}

// yuan is an amount in fen as people read it in a sentence: 万元 with what is
// needed of decimals.
func yuan(fen int64) string {
	s := strconv.FormatFloat(math.Round(float64(fen)/10_000)/100, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
