package guarantee

import (
	"context"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

const needColumns = `n.id, n.number, n.region, n.enterprise_id, n.amount, n.months, n.purpose, n.security, n.wanted_by, n.state,
	n.posted_at, n.offer_id, n.case_id, n.funded_on, n.funded, n.version, n.updated_at`

const fromNeed = ` FROM guarantee_need n JOIN enterprise e ON e.id = n.enterprise_id`

type needRow struct {
	ID         string      `db:"id"`
	Number     string      `db:"number"`
	Region     region.Code `db:"region"`
	Enterprise string      `db:"enterprise_id"`
	Client     string      `db:"client"`
	Amount     int64       `db:"amount"`
	Months     int         `db:"months"`
	Purpose    string      `db:"purpose"`
	Security   string      `db:"security"`
	WantedBy   string      `db:"wanted_by"`
	State      flow.State  `db:"state"`
	PostedAt   int64       `db:"posted_at"`
	Offer      string      `db:"offer_id"`
	Case       ID          `db:"case_id"`
	FundedOn   string      `db:"funded_on"`
	Funded     int64       `db:"funded"`
	Version    int         `db:"version"`
	UpdatedAt  int64       `db:"updated_at"`
}

func (r *needRow) need() Need {
	return Need{
		ID: r.ID, Number: r.Number, Region: r.Region, Enterprise: r.Enterprise, Client: r.Client,
		Wish: Wish{r.Amount, r.Months, r.Purpose, securities(r.Security)}, WantedBy: r.WantedBy, State: r.State, PostedAt: db.Time(r.PostedAt),
		Chosen: r.Offer, Case: r.Case, FundedOn: r.FundedOn, Funded: r.Funded, Version: r.Version, Updated: db.Time(r.UpdatedAt),
	}
}

func needScope() authz.Columns {
	return authz.Columns{Region: "n.region", Party: map[string]string{authz.Enterprise: "n.enterprise_id"}}
}

// oneNeed is the need if the scope reaches it, else NotFound.
func oneNeed(ctx context.Context, r db.Reader, s authz.Scope, id string) (Need, error) {
	where, args := s.SQL(needScope())
	var got needRow
	if err := r.Get(ctx, &got, `SELECT `+needColumns+`, e.name AS client`+fromNeed+` WHERE n.id = ? AND `+where, append([]any{id}, args...)...); err != nil {
		return Need{}, err
	}
	return got.need(), nil
}

func insertNeed(ctx context.Context, tx *db.Tx, n *Need) error {
	n.Updated = tx.Now
	_, err := tx.Exec(ctx, `INSERT INTO guarantee_need (id, number, region, enterprise_id, posted_as, amount, months, purpose, security, wanted_by,
		state, posted_at, offer_id, case_id, funded_on, funded, version, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		n.ID, n.Number, string(n.Region), n.Enterprise, n.Enterprise, n.Amount, n.Months, n.Purpose, joined(n.Security), n.WantedBy,
		string(n.State), db.Millis(n.PostedAt), n.Chosen, string(n.Case), n.FundedOn, n.Funded, n.Version, db.Millis(tx.Now))
	return err
}

func updateNeed(ctx context.Context, tx *db.Tx, n *Need) error {
	err := tx.ExecOne(ctx, `UPDATE guarantee_need SET state = ?, offer_id = ?, case_id = ?, funded_on = ?, funded = ?, version = version + 1,
		updated_at = ? WHERE id = ? AND version = ?`,
		string(n.State), n.Chosen, string(n.Case), n.FundedOn, n.Funded, db.Millis(tx.Now), n.ID, n.Version)
	if err == nil {
		n.Version++
		n.Updated = tx.Now
	}
	return err
}

func putOffer(ctx context.Context, tx *db.Tx, o *Offer) error {
	o.ID = db.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO guarantee_offer (id, need_id, institution_id, kind, amount, months, rate, words, valid_until, made_at)
		VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (need_id, institution_id) DO UPDATE SET amount = excluded.amount, months = excluded.months,
		rate = excluded.rate, words = excluded.words, valid_until = excluded.valid_until, made_at = excluded.made_at`,
		o.ID, o.Need, string(o.Institution), string(o.Kind), o.Amount, o.Months, o.Rate, o.Words, o.Until, db.Millis(o.MadeAt))
	return err
}

// offers are those made to a need, the cheapest first.
func offers(ctx context.Context, r db.Reader, need string) ([]Offer, error) {
	var rows []struct {
		ID          string           `db:"id"`
		Institution institution.ID   `db:"institution_id"`
		Name        string           `db:"name"`
		Kind        institution.Kind `db:"kind"`
		Amount      int64            `db:"amount"`
		Months      int              `db:"months"`
		Rate        int64            `db:"rate"`
		Words       string           `db:"words"`
		Until       string           `db:"valid_until"`
		MadeAt      int64            `db:"made_at"`
	}
	err := r.Select(ctx, &rows, `SELECT o.id, o.institution_id, i.name, o.kind, o.amount, o.months, o.rate, o.words, o.valid_until, o.made_at
		FROM guarantee_offer o JOIN institution i ON i.id = o.institution_id WHERE o.need_id = ? ORDER BY o.rate, o.made_at, o.id`, need)
	all := make([]Offer, len(rows))
	for i, o := range rows {
		all[i] = Offer{o.ID, need, o.Institution, o.Name, o.Kind, o.Amount, o.Months, o.Rate, o.Words, o.Until, db.Time(o.MadeAt)}
	}
	return all, err
}

// homes is an institution of the actor's that takes financing needs, and the
// place whose needs it sees.
type homes struct {
	id   institution.ID
	name string
	kind institution.Kind
	home region.Code
}

// homes are the actor's guarantors and banks.
func (s *Service) homes(ctx context.Context, by authz.Actor, do authz.Permission) ([]homes, error) {
	var mine []homes
	for _, id := range by.Parties(authz.Institution, do) {
		i, err := institution.On(ctx, s.db, institution.ID(id), ledgerDay(s.today()))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, kind := range []institution.Kind{institution.Guarantor, institution.Bank} {
			if slices.Contains(i.Kinds, kind) {
				mine = append(mine, homes{i.ID, i.Name, kind, i.Level.Home(i.Region)})
				break
			}
		}
	}
	return mine, nil
}

func reaches(mine []homes, at region.Code) bool {
	return slices.ContainsFunc(mine, func(h homes) bool { return h.home.Contains(at) })
}

// NeedDetail is a need with its offers and history. An institution sees its own
// offer only; who posted it, and the office, see all.
type NeedDetail struct {
	Need
	Offers []Offer
	Events []flow.Event
	Open   []flow.Step
	As     []institution.ID          // the actor's institutions that may make an offer
	Names  map[institution.ID]string // what those are called
}

// GetNeed is a need, if the actor can find it, else NotFound.
func (s *Service) GetNeed(ctx context.Context, by authz.Actor, id string) (NeedDetail, error) {
	mine, err := s.homes(ctx, by, See)
	if err != nil {
		return NeedDetail{}, err
	}
	n, err := s.needs((*Need).client, mine).Reach(ctx, s.db, by, id, See)
	if err != nil {
		return NeedDetail{}, err
	}
	d := NeedDetail{Need: n}
	if d.Offers, err = offers(ctx, s.db, id); err != nil {
		return NeedDetail{}, err
	}
	if d.Events, err = flow.History(ctx, s.db, gate.Record{Kind: NeedKind, ID: id}); err != nil {
		return NeedDetail{}, err
	}
	lender := authz.Target{}
	for _, o := range d.Offers {
		if o.ID == n.Chosen && o.Kind == institution.Bank {
			lender = lender.Of(authz.Institution, string(o.Institution))
		}
	}
	d.Open = NeedLifecycle().Open(n.State, func(do authz.Permission) bool {
		switch do {
		case MakeOffer:
			return by.Personal() && reaches(mine, n.Region)
		case Fund:
			return by.Personal() && by.May(do, lender)
		default:
			return by.Personal() && by.May(do, n.client())
		}
	})
	d.Names = map[institution.ID]string{}
	for _, h := range mine {
		if h.home.Contains(n.Region) {
			d.As, d.Names[h.id] = append(d.As, h.id), h.name
		}
	}
	if !by.May(See, n.client()) { // others' offers stay theirs
		d.Offers = slices.DeleteFunc(d.Offers, func(o Offer) bool {
			return !slices.ContainsFunc(mine, func(h homes) bool { return h.id == o.Institution })
		})
		d.Events = slices.DeleteFunc(d.Events, func(e flow.Event) bool { return e.Do == MakeOffer && e.By != by.ID })
	}
	return d, nil
}

// NeedFilter narrows a list of needs; zero fields do not.
type NeedFilter struct {
	Region     region.Code
	State      flow.State
	Enterprise string // its id
	Text       string // part of the enterprise's name or of the number
}

// ListNeeds is a page of the financing needs the actor finds, newest first:
// those within its reach, and those of the places its institutions serve.
func (s *Service) ListNeeds(ctx context.Context, by authz.Actor, f NeedFilter, page db.Page) ([]Need, string, error) {
	where, args, err := s.found(ctx, by, f)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"n.posted_at", "n.id"}, Down: true, Number: true},
		`SELECT `+needColumns+`, e.name AS client`+fromNeed+` WHERE `+where, args,
		func(x *needRow) []string { return []string{strconv.FormatInt(x.PostedAt, 10), x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*needRow).need), next, nil
}

// CountNeeds is how many financing needs the filter finds for the actor.
func (s *Service) CountNeeds(ctx context.Context, by authz.Actor, f NeedFilter) (int, error) {
	where, args, err := s.found(ctx, by, f)
	if err != nil {
		return 0, err
	}
	var n int
	return n, s.db.Get(ctx, &n, `SELECT COUNT(*)`+fromNeed+` WHERE `+where, args...)
}

// found is the condition of what the filter finds for the actor.
func (s *Service) found(ctx context.Context, by authz.Actor, f NeedFilter) (where string, args []any, err error) {
	mine, err := s.homes(ctx, by, See)
	if err != nil {
		return "", nil, err
	}
	where, args = by.Scope(See).SQL(needScope())
	for _, h := range mine {
		more, values := authz.Within(h.home).SQL(needScope())
		where, args = where+" OR "+more, append(args, values...)
	}
	where = "(" + where + ")"
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`n.region >= ? AND n.region < ?`, span.From, span.To)
	}
	if f.State != "" {
		add(`n.state = ?`, string(f.State))
	}
	if f.Enterprise != "" {
		add(`n.enterprise_id = ?`, f.Enterprise)
	}
	if f.Text != "" {
		add(`(e.name LIKE ? ESCAPE '\' OR n.number LIKE ? ESCAPE '\')`, db.Part(f.Text), db.Part(f.Text))
	}
	return where, args, nil
}
