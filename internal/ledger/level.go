package ledger

// levelArms add up the newest value of each subject: one arm for each day that
// the level is looked at.
func (p *plan) levelArms(a *answer, know *knowledge) []*arm {
	var arms []*arm
	for _, end := range p.ends() {
		from, args := p.newest(end, !know.gone.IsEmpty())
		s := factShape
		s.table, s.n = from, "1"
		w := where{args: args}
		p.filter(&w, s)
		p.bounds(&w)
		w.add(p.counts())
		arm := p.sumArm(a, s, &w)
		arm.end = end
		arms = append(arms, arm)
	}
	return arms
}

// counts is what a newest value must be to stand behind the figure.
func (p *plan) counts() string {
	switch p.m.Sum {
	case Quantity:
		return "f.quantity <> 0"
	case Amount:
		return "f.amount <> 0"
	default:
		return "f.quantity > 0"
	}
}

// merged are the subjects that were merged, and those they were merged into.
const merged = "(SELECT n FROM ledger_alias UNION SELECT root FROM ledger_alias)"

// newest is a table f of the facts that are, on the day, the newest of their
// subject. Where the subject lies and what it is, its newest fact says: so a
// fact may be left out for its place, but never as one that is newer.
func (p *plan) newest(end Date, merges bool) (string, []any) {
	var w where
	p.holding(&w, "f", end)
	w.add("NOT EXISTS (SELECT 1 FROM ledger_fact g WHERE g.subject = f.subject AND g.occurred_on >= f.occurred_on" +
		" AND (g.occurred_on > f.occurred_on OR g.id > f.id) AND ")
	var newer where
	p.holding(&newer, "g", end)
	w.sql[len(w.sql)-1] += newer.String() + ")"
	w.args = append(w.args, newer.args...)
	p.filter(&w, factShape)
	columns := "f.id, " + prefixed("f.", factColumns)
	if !merges {
		return "(SELECT " + columns + " FROM ledger_fact f WHERE " + w.String() + ") f", w.args
	}
	w.add("f.subject NOT IN " + merged)
	var g where // those who count together with others are ranked among them
	p.holding(&g, "f", end)
	g.add("f.subject IN " + merged)
	return "(SELECT " + columns + " FROM ledger_fact f WHERE " + w.String() + " UNION ALL SELECT " + columns +
			" FROM (SELECT f.*, ROW_NUMBER() OVER (PARTITION BY COALESCE(a.root, f.subject) ORDER BY f.occurred_on DESC, f.id DESC) AS newness" +
			" FROM ledger_fact f LEFT JOIN ledger_alias a ON a.n = f.subject WHERE " + g.String() + ") f WHERE f.newness = 1) f",
		append(w.args, g.args...)
}

// holding adds that the fact of the table is one of the stream's that holds on
// the day: of the source asked for, and not taken back by then.
func (p *plan) holding(w *where, f string, end Date) {
	w.add(f+".stream = ? AND "+f+".occurred_on <= ? AND "+f+".reverses = 0", p.stream.name, string(end))
	w.add("NOT EXISTS (SELECT 1 FROM ledger_fact r WHERE r.reverses = "+f+".id AND r.reverses <> 0 AND r.occurred_on <= ?)", string(end))
	if p.Source != NoOrigin {
		w.add(f+".reported = ?", reportedAs(p.Source))
	}
}
