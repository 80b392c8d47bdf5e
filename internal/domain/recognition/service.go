package recognition

import (
	"context"
	"math"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/notify"
)

// Person is somebody who may review.
type Person struct{ ID, Name string }

// Hooks connect the domain to what lies above or beside it. Notify and Files may
// be nil.
type Hooks struct {
	Subjects []Subjects
	Notify   *notify.Notify
	Files    *files.Service
	// Reviewers are the people who hold the right to review at an office, Ties the
	// parties that a person acts for: nobody reviews their own. Party finds who may
	// apply by the full name or the credit code; NotFound when there is none, or
	// more than one.
	Reviewers func(ctx context.Context, r db.Reader, over authz.Target) ([]Person, error)
	Ties      func(ctx context.Context, r db.Reader, person string) ([]authz.Party, error)
	Party     func(ctx context.Context, r db.Reader, name string) (party authz.Party, fullName string, err error)
}

// Service is the use cases. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	gate   *gate.Gate
	ledger *ledger.Ledger
	flow   *flow.Service
	hooks  Hooks
}

// New makes the service.
func New(d *db.DB, g *gate.Gate, l *ledger.Ledger, f *flow.Service, hooks Hooks) *Service {
	return &Service{db: d, gate: g, ledger: l, flow: f, hooks: hooks}
}

func (s *Service) today() string { return string(ledger.DateOf(s.db.Now())) }

func (s *Service) subjects(kind string) (*Subjects, bool) {
	i := slices.IndexFunc(s.hooks.Subjects, func(k Subjects) bool { return k.Kind == kind })
	if i < 0 {
		return nil, false
	}
	return &s.hooks.Subjects[i], true
}

// Kinds are the kinds of subject that titles can be given to.
func (s *Service) Kinds() []string {
	kinds := make([]string, len(s.hooks.Subjects))
	for i, k := range s.hooks.Subjects {
		kinds[i] = k.Kind
	}
	return kinds
}

// Mine are the subjects that the actor may apply for in a call and whose name
// holds the text, at most MostSubjects.
func (s *Service) Mine(ctx context.Context, by authz.Actor, c *Call, text string) ([]Subject, error) {
	t, err := oneTitle(ctx, s.db, c.Title)
	if err != nil {
		return nil, err
	}
	k, ok := s.subjects(t.Subject)
	if !ok || k.Mine == nil {
		return nil, nil
	}
	all, err := k.Mine(ctx, by, text)
	return slices.DeleteFunc(all, func(sub Subject) bool {
		return !by.May(Apply, authz.At(sub.Region).Of(sub.Party.Kind, sub.Party.ID)) || !c.Office.Contains(sub.Region)
	}), err
}

// calls is how calls are kept; everybody may find one.
func (s *Service) calls() *flow.Process[Call] {
	return &flow.Process[Call]{
		Kept: gate.Kept[Call]{
			Kind: KindCall, See: Announce,
			Load: func(ctx context.Context, r db.Reader, _ authz.Scope, id string) (Call, error) {
				return oneCall(ctx, r, id)
			},
			Target: (*Call).Target, Version: func(c *Call) int { return c.Version }, Save: updateCall,
		},
		Life: callLife, State: func(c *Call) *flow.State { return &c.State },
	}
}

// applications is how applications are kept.
func (s *Service) applications() *flow.Process[Application] {
	return &flow.Process[Application]{
		Kept: gate.Kept[Application]{
			Kind: KindApplication, See: See, Load: oneApplication,
			Target: (*Application).Target, On: on,
			Version: func(a *Application) int { return a.Version }, Save: updateApplication,
		},
		Life: life, State: func(a *Application) *flow.State { return &a.State },
	}
}

// awarded is how awards are kept.
func (s *Service) awarded() *flow.Process[Award] {
	return &flow.Process[Award]{
		Kept: gate.Kept[Award]{
			Kind: KindAward, See: See, Load: oneAward,
			Target: (*Award).Target, On: awardOn,
			Version: func(a *Award) int { return a.Version }, Save: updateAward,
		},
		Life: awardLife, State: func(a *Award) *flow.State { return &a.State },
	}
}

// step takes one step of an application.
func (s *Service) step(ctx context.Context, by authz.Actor, id string, version int, m flow.Move,
	fn func(ctx context.Context, tx *db.Tx, a *Application) error,
) (Application, error) {
	return s.applications().Take(ctx, s.gate, by, id, version, m, fn)
}

// Announce publishes a call (发布通知). The version of the criteria that is in
// force when it opens is the call's for good. once is the request's idempotency
// key.
func (s *Service) Announce(ctx context.Context, by authz.Actor, in Call, once string) (Call, error) {
	if err := in.check(s.today()); err != nil {
		return Call{}, err
	}
	t, err := oneTitle(ctx, s.db, in.Title)
	if fault.Is(err, fault.NotFound) {
		return Call{}, fault.Fields{{Name: "title", Key: "field.choice"}}.Err()
	}
	if err != nil {
		return Call{}, err
	}
	c := in
	c.ID, c.State, c.Terms, c.Version = db.NewID(), CallOpen, t.Terms, 1
	change := gate.Change{
		By: by, Do: Announce, On: c.Target(), Once: once, Record: gate.Record{Kind: KindCall, ID: c.ID},
		Detail: map[string]any{"title": c.Title, "year": c.Year, "document": c.Document},
	}
	err = s.gate.Write(ctx, &change, func(ctx context.Context, tx *db.Tx) error {
		set, err := criteria.Load(ctx, tx, t.Criteria, c.Opens)
		if fault.Is(err, fault.NotFound) {
			return fault.Fields{{Name: "opens", Key: "recognition.field.no_criteria", Args: []any{"day", c.Opens}}}.Err()
		}
		if err != nil {
			return err
		}
		c.CriteriaVersion = set.Version
		if err := insertCall(ctx, tx, &c); err != nil {
			return err
		}
		return flow.Note(ctx, tx, change.Record, flow.Began(by, Announce, CallOpen, c.Document))
	})
	if id, again := gate.Again(err); again {
		return oneCall(ctx, s.db, id)
	}
	return c, err
}

// Prolong has an open call take applications for longer (延长申报): closes is its new
// last day, after the one it has and not past, and a year later at most.
func (s *Service) Prolong(ctx context.Context, by authz.Actor, id string, version int, closes string) (Call, error) {
	var f fault.Fields
	f.Day("closes", closes)
	if err := f.Err(); err != nil {
		return Call{}, err
	}
	return s.calls().Take(ctx, s.gate, by, id, version, flow.Move{Do: Prolong, Note: closes}, func(_ context.Context, tx *db.Tx, c *Call) error {
		from := max(flow.AddDays(c.Closes, 1), string(ledger.DateOf(tx.Now)))
		if to := flow.AddDays(c.Closes, 366); closes < from || closes > to {
			return fault.Fields{{Name: "closes", Key: "recognition.field.prolong", Args: []any{"from", from, "to", to}}}.Err()
		}
		c.Closes = closes
		return nil
	})
}

// Close ends a call once every application is decided (结束). Conflict before.
func (s *Service) Close(ctx context.Context, by authz.Actor, id string, version int) (Call, error) {
	return s.calls().Take(ctx, s.gate, by, id, version, flow.Move{Do: Close}, func(ctx context.Context, tx *db.Tx, c *Call) error {
		var open int
		if err := tx.Get(ctx, &open, `SELECT COUNT(*) FROM recognition_application WHERE call_id = ? AND state IN (?,?,?,?,?)`,
			c.ID, string(Submitted), string(Checked), string(Reviewing), string(Scored), string(Publicised)); err != nil {
			return err
		}
		if open > 0 {
			return fault.New(fault.Conflict, "recognition.conflict.undecided", "n", open)
		}
		return nil
	})
}

// CallDetail is a call with what it goes by.
type CallDetail struct {
	Call
	TitleOf  Title // with the call's terms
	Criteria *criteria.Set
}

// Call is one call with its title and criteria; calls are public.
func (s *Service) Call(ctx context.Context, id string) (CallDetail, error) {
	return s.callOf(ctx, s.db, id)
}

func (s *Service) callOf(ctx context.Context, r db.Reader, id string) (CallDetail, error) {
	var d CallDetail
	var err error
	if d.Call, err = oneCall(ctx, r, id); err != nil {
		return d, err
	}
	if d.TitleOf, err = oneTitle(ctx, r, d.Title); err != nil {
		return d, err
	}
	d.TitleOf.Terms = d.Terms
	d.Criteria, err = criteria.LoadVersion(ctx, r, d.TitleOf.Criteria, d.CriteriaVersion)
	return d, err
}

// Begin starts an application of a subject in a call (申报), with everything that
// the register and the ledger know filled in. Conflict when the call takes none
// today, or the subject applied before.
func (s *Service) Begin(ctx context.Context, by authz.Actor, call, subject, once string) (Application, error) {
	d, err := s.Call(ctx, call)
	if err != nil {
		return Application{}, err
	}
	k, ok := s.subjects(d.TitleOf.Subject)
	if !ok {
		return Application{}, fault.New(fault.Conflict, "recognition.conflict.kind")
	}
	choose := fault.Fields{{Name: "subject", Key: "field.choice"}}.Err()
	if subject == "" {
		return Application{}, choose
	}
	sub, err := k.Find(ctx, s.db, subject)
	if fault.Is(err, fault.NotFound) {
		return Application{}, choose
	}
	if err != nil {
		return Application{}, err
	}
	a := Application{
		ID: db.NewID(), Call: call, Title: d.Title, Subject: sub, Office: d.Office, State: Draft, By: by.ID, Version: 1,
	}
	if !by.May(Apply, a.Target()) { // it looks the same as one that does not exist
		return Application{}, choose
	}
	c := gate.Change{
		By: by, Do: Apply, On: a.Target(), Once: once, Record: gate.Record{Kind: KindApplication, ID: a.ID},
		Detail: map[string]any{"call": call, "subject": sub.ID},
	}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if err := s.takes(d, sub, tx); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, k, &d, &a); err != nil {
			return err
		}
		if err := insertApplication(ctx, tx, &a); err != nil {
			return err
		}
		return flow.Note(ctx, tx, c.Record, flow.Began(by, Apply, Draft, ""))
	})
	if id, again := gate.Again(err); again {
		return oneApplication(ctx, s.db, by.Scope(Apply), id)
	}
	return a, err
}

// takes reports why an application cannot be handed in now.
func (s *Service) takes(d CallDetail, sub Subject, tx *db.Tx) error {
	today := string(ledger.DateOf(tx.Now))
	switch {
	case !d.Takes(today):
		return fault.New(fault.Conflict, "recognition.conflict.dates", "opens", d.Opens, "closes", d.Closes)
	case !d.Office.Contains(sub.Region):
		return fault.New(fault.Conflict, "recognition.conflict.place")
	}
	return nil
}

// fill puts in what the program knows, over what was known before; what the
// applicant entered stays, with what the program knows beside it.
func (s *Service) fill(ctx context.Context, r db.Reader, k *Subjects, d *CallDetail, a *Application) error {
	if k.Knows == nil {
		return nil
	}
	known, err := k.Knows(ctx, r, a.Subject, min(d.Closes, s.today()))
	if err != nil {
		return err
	}
	if a.Inputs == nil {
		a.Inputs = Inputs{}
	}
	for _, ask := range Asked(d.Criteria) {
		v, ok := known[ask.ID]
		n, isNumber := v.Value.Number()
		if !ok || !isNumber {
			continue
		}
		n = math.Round(n*100) / 100 // as people enter it: what comes back unchanged is still known
		in := Input{Value: n, Flag: ask.Flag, From: v.From}
		if own, has := a.Inputs[ask.ID]; has && own.From == "" && own.Value != n {
			in = own
			in.Known, in.KnownBy = &n, v.From
		}
		a.Inputs[ask.ID] = in
	}
	return nil
}

// Entry is what an applicant fills in.
type Entry struct {
	Inputs Inputs // by criterion; only their values count
	Words  string
}

// Fill keeps what the applicant entered (填写). A value the program knows can be
// replaced; the application then says that it is the applicant's own, and what the
// program knows.
func (s *Service) Fill(ctx context.Context, by authz.Actor, id string, version int, in Entry) (Application, error) {
	in.Words = strings.TrimSpace(in.Words)
	var f fault.Fields
	f.Length("words", in.Words, 0, 2000)
	for name, v := range in.Inputs {
		if !(v.Value >= -1e15 && v.Value <= 1e15) {
			f.Add(Field(name), "field.number", "value", "")
		}
	}
	if err := f.Err(); err != nil {
		return Application{}, err
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Apply}, func(ctx context.Context, tx *db.Tx, a *Application) error {
		d, err := s.callOf(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		next := Inputs{}
		var f fault.Fields
		for _, ask := range Asked(d.Criteria) {
			v, ok := in.Inputs[ask.ID]
			if !ok {
				continue
			}
			ask.check(&f, v.Value)
			v = Input{Value: v.Value, Flag: ask.Flag}
			if was, had := a.Inputs[ask.ID]; had && was.Value == v.Value {
				v.From = was.From
			}
			next[ask.ID] = v
		}
		if err := f.Err(); err != nil {
			return err
		}
		a.Inputs, a.Words, a.By = next, in.Words, by.ID
		if k, ok := s.subjects(a.Kind); ok { // what was emptied but is known comes back
			return s.fill(ctx, tx, k, &d, a)
		}
		return nil
	})
}

// papers is where the evidence of an application hangs.
func (a *Application) papers() files.To {
	to := files.To{Record: gate.Record{Kind: KindApplication, ID: a.ID}, Owner: a.Party}
	if a.Party.ID == "" {
		to.Owner = authz.Party{Kind: files.Office, ID: string(a.Office)}
	}
	return to
}

// Prove brings evidence for one criterion or rubric line, or takes it off (佐证材料).
func (s *Service) Prove(ctx context.Context, by authz.Actor, id string, version int, line string, p files.Papers) (Application, error) {
	if len(p.Add)+len(p.Remove) == 0 {
		return Application{}, fault.Fields{{Name: files.Field, Key: "field.required"}}.Err()
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Apply, Detail: map[string]any{"line": line}},
		func(ctx context.Context, tx *db.Tx, a *Application) error {
			d, err := s.callOf(ctx, tx, a.Call)
			if err != nil {
				return err
			}
			known := slices.ContainsFunc(Provable(d.Criteria), func(x Ask) bool { return x.ID == line })
			if !known && len(p.Add) > 0 {
				return fault.Fields{{Name: "line", Key: "field.choice"}}.Err()
			}
			c := &gate.Change{By: by, Do: Apply, On: a.Target()}
			before, err := files.Of(ctx, tx, a.papers().Record)
			if err != nil {
				return err
			}
			if err := s.hooks.Files.Apply(ctx, tx, c, a.papers(), p); err != nil {
				return err
			}
			after, err := files.Of(ctx, tx, a.papers().Record)
			if err != nil {
				return err
			}
			a.proved(line, before, after)
			return nil
		})
}

// proved notes which files are new for a line, and forgets those taken off.
func (a *Application) proved(line string, before, after []files.File) {
	has := func(all []files.File, id string) bool {
		return slices.ContainsFunc(all, func(f files.File) bool { return f.ID == id })
	}
	next := map[string][]string{}
	for l, ids := range a.Evidence {
		if kept := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !has(after, id) }); len(kept) > 0 {
			next[l] = kept
		}
	}
	for _, f := range after {
		if !has(before, f.ID) {
			next[line] = append(next[line], f.ID)
		}
	}
	a.Evidence = next
}

// Provable are the criteria and rubric lines that evidence can be brought for.
func Provable(s *criteria.Set) []Ask {
	all := Asked(s)
	for _, it := range Judged(s) {
		all = append(all, Ask{ID: it.ID, Name: it.Name, Evidence: it.Evidence})
	}
	return all
}

// Submit hands the application in (提交). All values the conditions need must be
// there, of a group as many as answer it, and evidence where a line counts only with
// it: Invalid tells every one that is missing. Conflict outside the days of the call,
// unless it was handed in before and given back.
func (s *Service) Submit(ctx context.Context, by authz.Actor, id string, version int, once string) (Application, error) {
	return s.step(ctx, by, id, version, flow.Move{Do: Submit, Once: once}, func(ctx context.Context, tx *db.Tx, a *Application) error {
		d, err := s.callOf(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		// What was handed in in time and given back may come after the last day, until the call ends.
		if again := !a.SubmittedAt.IsZero() && d.State == CallOpen; !again {
			if err := s.takes(d, a.Subject, tx); err != nil {
				return err
			}
		}
		f := a.lacks(d.Criteria)
		if err := f.Err(); err != nil {
			return err
		}
		a.SubmittedAt, a.Reason = tx.Now, ""
		return s.tell(ctx, tx, Check, a.Target(), a, "recognition.told.submitted")
	})
}

// lacks is everything that is missing of the application by its criteria.
func (a *Application) lacks(set *criteria.Set) fault.Fields {
	var f fault.Fields
	for _, ask := range Asked(set) {
		if _, ok := a.Inputs[ask.ID]; !ok && !ask.Optional {
			f.Add(Field(ask.ID), "field.required")
		}
	}
	for _, ask := range Provable(set) {
		if ask.Evidence && len(a.Evidence[ask.ID]) == 0 {
			f.Add(Field(ask.ID), "recognition.field.evidence")
		}
	}
	for _, group := range openGroups(set.Evaluate(a.Inputs.values())) {
		need := 1
		if group.Rule.Of != nil {
			need = group.Rule.Min
		}
		field := ""
		if missing := group.Missing(); len(missing) > 0 {
			field = Field(missing[0])
		}
		f.Add(field, "recognition.field.group", "name", group.Rule.Name, "n", need)
	}
	return f
}

// Withdraw takes the application back (撤回).
func (s *Service) Withdraw(ctx context.Context, by authz.Actor, id string, version int) (Application, error) {
	return s.step(ctx, by, id, version, flow.Move{Do: Withdraw}, nil)
}

// Return gives the application back to be completed (退回补正).
func (s *Service) Return(ctx context.Context, by authz.Actor, id string, version int, reason string) (Application, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Application{}, err
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Return, Note: reason}, func(ctx context.Context, tx *db.Tx, a *Application) error {
		a.Reason = reason
		return s.tellApplicant(ctx, tx, a, "recognition.told.returned", "reason", reason)
	})
}

// Check passes the first check (初审通过). Conflict when a condition is not met or
// not answered: then it is given back or refused; and for whoever acts for the
// applicant, or has filled the application in or handed it in. What a person must
// judge, they judge by this.
func (s *Service) Check(ctx context.Context, by authz.Actor, id string, version int, note string) (Application, error) {
	return s.step(ctx, by, id, version, flow.Move{Do: Check, Note: strings.TrimSpace(note)}, func(ctx context.Context, tx *db.Tx, a *Application) error {
		d, err := s.callOf(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		if s.tied(ctx, tx, by, a) {
			return fault.New(fault.Conflict, "recognition.conflict.own")
		}
		steps, err := flow.History(ctx, tx, gate.Record{Kind: KindApplication, ID: id})
		if err != nil {
			return err
		}
		if filled(steps, by.ID) {
			return fault.New(fault.Conflict, "recognition.conflict.filled")
		}
		switch d.Criteria.Evaluate(a.Inputs.values()).Verdict {
		case criteria.Unmet:
			return fault.New(fault.Conflict, "recognition.conflict.unmet")
		case criteria.Unknown:
			return fault.New(fault.Conflict, "recognition.conflict.unknown")
		default: // met, or this check is the judgement
		}
		return s.tellApplicant(ctx, tx, a, "recognition.told.checked")
	})
}

// filled reports whether somebody has filled the application in or handed it in.
func filled(steps []flow.Event, person string) bool {
	return slices.ContainsFunc(steps, func(e flow.Event) bool { return e.By == person && (e.Do == Apply || e.Do == Submit) })
}

// tied reports whether the actor acts for the applicant.
func (s *Service) tied(_ context.Context, _ db.Reader, by authz.Actor, a *Application) bool {
	if a.Party.ID == "" {
		return false
	}
	return slices.ContainsFunc(by.Grants, func(g authz.Grant) bool { return g.Party == a.Party })
}

// Refuse ends the application without an award (不予认定).
func (s *Service) Refuse(ctx context.Context, by authz.Actor, id string, version int, reason string) (Application, error) {
	if err := fault.NoReason(&reason); err != nil {
		return Application{}, err
	}
	return s.step(ctx, by, id, version, flow.Move{Do: Refuse, Note: reason}, func(ctx context.Context, tx *db.Tx, a *Application) error {
		a.Reason = reason
		return s.tellApplicant(ctx, tx, a, "recognition.told.refused", "reason", reason)
	})
}

// tell writes to those who hold a right over a target.
func (s *Service) tell(ctx context.Context, tx *db.Tx, right authz.Permission, over authz.Target, a *Application, key string, args ...any) error {
	if s.hooks.Notify == nil {
		return nil
	}
	return s.hooks.Notify.TellHolders(ctx, tx, right, over, a.message(key, args...))
}

// tellApplicant writes to the people of the applicant.
func (s *Service) tellApplicant(ctx context.Context, tx *db.Tx, a *Application, key string, args ...any) error {
	if a.Party.ID == "" {
		return nil
	}
	return s.tell(ctx, tx, Submit, authz.Target{}.Of(a.Party.Kind, a.Party.ID), a, key, args...)
}

func (a *Application) message(key string, args ...any) notify.Message {
	return notify.Message{Key: key, Args: append([]any{"name", a.Name}, args...), Link: "/recognition/applications/" + a.ID}
}
