package guarantee

import (
	"cmp"
	"slices"

	"qiban.dev/qiban/internal/fault"
)

// exposure is what a guarantor stands for for one client, in fen: approved and
// outstanding.
type exposure struct {
	Client string `db:"client"`
	Group  string `db:"grp"` // the related group it belongs to, empty for none
	Amount int64  `db:"amount"`
	Small  int64  `db:"small"` // of it, for contracts with a small or micro enterprise
}

// standing is all that the limits of a guarantor on a day are counted from.
type standing struct {
	typ       Type
	finance   Finance
	multiple  int64            // of a pool, in hundredths
	cap       int64            // of a pool's member, in hundredths
	shares    map[string]int64 // of a pool: paid in by member enterprise, in fen
	fund      int64            // of a pool, in fen
	exposures []exposure       // by client
	statement Statement        // of assets, zero when none is on file
	stated    Finance          // on the day of the statement
}

// LimitKind names a limit.
type LimitKind string

// The limits. Usual, those of support and the asset ratios are alarms; the others bar.
const (
	SingleLimit   LimitKind = "single"   // 单户限额
	GroupLimit    LimitKind = "group"    // 关联方限额
	LeverageLimit LimitKind = "leverage" // 放大倍数上限
	UsualLimit    LimitKind = "usual"    // 一般倍数
	PoolLimit     LimitKind = "pool"     // 互助担保额度
	MemberLimit   LimitKind = "member"   // 会员限额
	// What policy guarantors may do beside their purpose: guarantees that are not of
	// small firms, and of theirs those of large amounts.
	SupportLimit      LimitKind = "support"       // 小微企业以外的担保额
	SupportSmallLimit LimitKind = "support_small" // 小微企业里的大额担保
	// The asset ratios (资产比例): shares that a statement has to show at least, of
	// class Ⅲ at most.
	AssetBacking LimitKind = "asset_backing" // 净资产加准备金占资产总额
	AssetUpper   LimitKind = "asset_upper"   // Ⅰ级和Ⅱ级资产占比
	AssetFirst   LimitKind = "asset_first"   // Ⅰ级资产占比
	AssetThird   LimitKind = "asset_third"   // Ⅲ级资产占比
)

// Key is the text key of the limit's name.
func (k LimitKind) Key() string { return "guarantee.limit." + string(k) }

// Limit is one bound and how much of it is used up, in fen. Of an asset ratio Used is
// the part, Of the whole, and Most what the part may be at most, or at least.
type Limit struct {
	Kind       LimitKind
	Who        string // the client or group it is about; empty for the whole book
	Used, Most int64
	// Times is what Most is of the base: hundredths of a multiple for leverage,
	// usual, pool and member, hundredths of a per cent for the others.
	Times int64
	Grade string // how surely the number is known
	Near  bool   // the share of it that warns is reached; of an asset ratio that it is broken
	Of    int64  // of an asset ratio, else 0
}

// Floor reports whether Most is the least that there has to be.
func (l Limit) Floor() bool {
	return l.Kind == AssetBacking || l.Kind == AssetUpper || l.Kind == AssetFirst
}

// Over reports whether more is used than there is, or less there than there has to
// be.
func (l Limit) Over() bool {
	if l.Floor() {
		return l.Used < l.Most
	}
	return l.Used > l.Most
}

// Bars reports whether nothing may be approved beyond it.
func (l Limit) Bars() bool {
	return l.Kind != UsualLimit && l.Kind != SupportLimit && l.Kind != SupportSmallLimit && l.Of == 0
}

// base is what the rule's limits are a share of.
func (r *Rule) base(f Finance) int64 {
	if r.Base == OfCapital {
		return f.Registered
	}
	return max(0, f.NetAssets-f.Invested)
}

// binds reports whether the rule's own limits bind a type of guarantor.
func (r *Rule) binds(t Type) bool { return !slices.Contains(r.Exempt, t) }

// limits are all bounds that bind: of the whole book, and of each client and
// related group.
func (r *Rule) limits(s *standing) []Limit {
	all := r.overall(s)
	for _, e := range s.exposures {
		all = append(all, r.ofClient(s, e.Client)...)
	}
	seen := map[LimitKind]map[string]bool{}
	return slices.DeleteFunc(all, func(l Limit) bool { // a group comes up with each of its members
		if seen[l.Kind] == nil {
			seen[l.Kind] = map[string]bool{}
		}
		twice := seen[l.Kind][l.Who]
		seen[l.Kind][l.Who] = true
		return twice
	})
}

// overall are the bounds of the whole book.
func (r *Rule) overall(s *standing) []Limit {
	var all []Limit
	if r.binds(s.typ) {
		times, weighted := r.multiple(s), r.weighted(s.exposures)
		all = append(all, r.limit(Limit{Kind: LeverageLimit, Used: weighted, Most: r.base(s.finance) * times / 100, Times: times}))
		if r.Usual > 0 {
			all = append(all, r.limit(Limit{Kind: UsualLimit, Used: weighted, Most: r.base(s.finance) * r.Usual / 100, Times: r.Usual}))
		}
	}
	if s.typ == Policy && r.Support > 0 {
		all = append(all, r.purpose(s.exposures)...)
	}
	if s.typ == Mutual && s.multiple > 0 {
		paid := int64(0)
		for _, p := range s.shares {
			paid += p
		}
		paid = max(0, min(paid, s.fund)) // what was lost bears nothing
		all = append(all, r.limit(Limit{Kind: PoolLimit, Used: total(s.exposures), Most: paid * s.multiple / 100, Times: s.multiple}))
	}
	return all
}

// purpose are the bounds of what a policy guarantor does beside its purpose: the rest
// of the shares that it gives small firms, and small amounts, at least.
func (r *Rule) purpose(all []exposure) []Limit {
	sum, small, large := total(all), int64(0), int64(0)
	for _, e := range all {
		small += e.Small
		if e.Amount > r.SupportUpTo {
			large += e.Small
		}
	}
	bounds := []Limit{r.limit(Limit{Kind: SupportLimit, Used: sum - small, Most: sum * (whole - r.Support) / whole, Times: whole - r.Support})}
	if r.SupportSmall > 0 {
		bounds = append(bounds, r.limit(Limit{Kind: SupportSmallLimit, Used: large, Most: small * (whole - r.SupportSmall) / whole, Times: whole - r.SupportSmall}))
	}
	return bounds
}

// HasRatios reports whether the rule sets asset ratios for a type of guarantor.
func (r *Rule) HasRatios(t Type) bool {
	return r.binds(t) && r.AssetBacking+r.AssetUpper+r.AssetFirst+r.AssetThird > 0
}

// ratios are the asset ratios of the rule by the statement on file. They warn where
// they are broken, and bar nothing.
func (r *Rule) ratios(s *standing) []Limit {
	if !r.binds(s.typ) {
		return nil
	}
	a, m := s.statement, s.stated
	var all []Limit
	for _, l := range []Limit{
		{Kind: AssetBacking, Used: m.NetAssets + m.Unearned + m.Compensation, Of: a.Total, Times: r.AssetBacking},
		{Kind: AssetUpper, Used: a.First + a.Second, Of: a.classed(), Times: r.AssetUpper},
		{Kind: AssetFirst, Used: a.First, Of: a.classed(), Times: r.AssetFirst},
		{Kind: AssetThird, Used: a.Third, Of: a.classed(), Times: r.AssetThird},
	} {
		if l.Of == 0 || l.Times == 0 {
			continue
		}
		l.Most, l.Grade = l.Of*l.Times/whole, r.Grade(string(l.Kind))
		if l.Floor() {
			l.Most = (l.Of*l.Times + whole - 1) / whole
		}
		l.Near = l.Over()
		all = append(all, l)
	}
	return all
}

// ofClient are the bounds that concern one client.
func (r *Rule) ofClient(s *standing, client string) []Limit {
	var own exposure
	for _, e := range s.exposures {
		if e.Client == client {
			own = e
		}
	}
	var all []Limit
	if r.binds(s.typ) {
		base := r.base(s.finance)
		if r.Single > 0 {
			all = append(all, r.limit(Limit{Kind: SingleLimit, Who: client, Used: own.Amount, Most: base * r.Single / whole, Times: r.Single}))
		}
		if r.Group > 0 && own.Group != "" {
			used := int64(0)
			for _, e := range s.exposures {
				if e.Group == own.Group {
					used += e.Amount
				}
			}
			all = append(all, r.limit(Limit{Kind: GroupLimit, Who: own.Group, Used: used, Most: base * r.Group / whole, Times: r.Group}))
		}
	}
	if s.typ == Mutual && s.cap > 0 {
		all = append(all, r.limit(Limit{Kind: MemberLimit, Who: client, Used: own.Amount, Most: s.shares[client] * s.cap / 100, Times: s.cap}))
	}
	return all
}

// limit completes a bound with what the rule says of its number.
func (r *Rule) limit(l Limit) Limit {
	l.Near = l.Used > 0 && l.Used*whole >= l.Most*r.Warn
	switch l.Kind {
	case PoolLimit, MemberLimit:
		l.Grade = "A" // agreed with the bank, and in the pool's own articles
	case LeverageLimit:
		l.Grade = worse(r.Grade("leverage"), r.gradeOfWeights())
	default:
		l.Grade = r.Grade(string(l.Kind))
	}
	return l
}

func (r *Rule) gradeOfWeights() string {
	if len(r.Weights) == 0 {
		return "A"
	}
	return r.Grade("weights")
}

// worse is the less sure of two grades; the project's own are sure.
func worse(a, b string) string {
	rank := map[string]int{"P": 0, "A": 0, "B": 1, "C": 2, "M": 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// multiple is how many times the base may be outstanding: more for whoever
// serves small firms in the main.
func (r *Rule) multiple(s *standing) int64 {
	if r.Small == 0 || len(s.exposures) == 0 {
		return r.Leverage
	}
	sum, small, clients, smallClients := int64(0), int64(0), int64(0), int64(0)
	for _, e := range s.exposures {
		if e.Amount == 0 {
			continue
		}
		sum, small, clients = sum+e.Amount, small+e.Small, clients+1
		if e.Small > 0 {
			smallClients++
		}
	}
	if sum > 0 && shareOf(small, sum) >= r.SmallShare && shareOf(smallClients, clients) >= r.SmallClients {
		return r.Small
	}
	return r.Leverage
}

// weighted is what the exposures count against the leverage limit.
func (r *Rule) weighted(all []exposure) int64 {
	if len(r.Weights) == 0 {
		return total(all)
	}
	sum := int64(0)
	for _, e := range all {
		sum += r.weigh("small", e.Small, e.Amount) + r.weigh("other", e.Amount-e.Small, e.Amount)
	}
	return sum
}

// weigh counts an amount of one class for a client with so much outstanding.
func (r *Rule) weigh(class string, amount, client int64) int64 {
	for _, w := range r.Weights {
		if w.Class == class && (w.UpTo == 0 || client <= w.UpTo) {
			return amount * w.Share / whole
		}
	}
	return amount
}

func total(all []exposure) int64 {
	sum := int64(0)
	for _, e := range all {
		sum += e.Amount
	}
	return sum
}

// shareOf is a part of a whole in hundredths of a per cent, rounded down; 0 of
// nothing.
func shareOf(part, of int64) int64 {
	if of == 0 {
		return 0
	}
	return part * whole / of
}

// broken are the bounds that an approval for the client has gone beyond, all of
// them, as one fault about its amount; nil when none is.
func (r *Rule) broken(s *standing, client string) error {
	var f fault.Fields
	for _, l := range append(r.overall(s), r.ofClient(s, client)...) {
		if l.Bars() && l.Over() {
			f.Add("amount", "guarantee.over."+string(l.Kind), "used", yuan(l.Used), "most", yuan(l.Most))
		}
	}
	if _, member := s.shares[client]; s.typ == Mutual && !member {
		f.Add("amount", "guarantee.over.stranger")
	}
	return f.Err()
}

// alarms are the bounds that are near or gone beyond, the fullest first.
func alarms(all []Limit) []Limit {
	var near []Limit
	for _, l := range all {
		if l.Near {
			near = append(near, l)
		}
	}
	slices.SortStableFunc(near, func(a, b Limit) int { return cmp.Compare(fullness(b), fullness(a)) })
	return near
}

// fullness is how much of a limit is used, in hundredths of a per cent; of what there
// has to be at least, how much that is of what there is.
func fullness(l Limit) int64 {
	part, of := l.Used, l.Most
	if l.Floor() {
		part, of = of, part
	}
	if of <= 0 {
		return 100 * whole
	}
	return part * whole / of
}
