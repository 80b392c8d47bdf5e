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
		w.add("f.newness = 1")
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

// newest is a table f of the facts that hold on the day, where newness 1 is the
// newest of its subject. Where the subject lies and what it is, its newest fact
// says; so nothing may be filtered before the ranking but the source.
func (p *plan) newest(end Date, merged bool) (string, []any) {
	subject, alias := "f.subject", ""
	if merged {
		subject, alias = "COALESCE(a.root, f.subject)", " LEFT JOIN ledger_alias a ON a.n = f.subject"
	}
	var w where
	w.add("f.stream = ? AND f.occurred_on <= ? AND f.reverses = 0", p.stream.name, string(end))
	w.add("NOT EXISTS (SELECT 1 FROM ledger_fact r WHERE r.reverses = f.id AND r.reverses <> 0 AND r.occurred_on <= ?)", string(end))
	if p.Source != NoOrigin {
		w.add("f.reported = ?", reportedAs(p.Source))
	}
	return "(SELECT f.*, ROW_NUMBER() OVER (PARTITION BY " + subject + " ORDER BY f.occurred_on DESC, f.id DESC) AS newness" +
		" FROM ledger_fact f" + alias + " WHERE " + w.String() + ") f", w.args
}
