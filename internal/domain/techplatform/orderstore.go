package techplatform

import (
	"context"
	"fmt"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const orderColumns = `o.id, o.number, o.platform_id, o.institution_id, o.service_id, o.service_name, o.kind, o.enterprise_id, o.requester,
	o.region, o.title, o.body, o.wanted_by, o.instrument_id, o.day, o.from_minute, o.to_minute, o.state, o.done_on, o.report, o.fee,
	o.free, o.score, o.on_time, o.words, o.placed_at, o.since, o.confirmed_at, o.version, o.updated_at`

type orderRow struct {
	ID          string         `db:"id"`
	Number      string         `db:"number"`
	Platform    ID             `db:"platform_id"`
	Institution institution.ID `db:"institution_id"`
	Service     string         `db:"service_id"`
	ServiceName string         `db:"service_name"`
	Kind        ServiceKind    `db:"kind"`
	Enterprise  string         `db:"enterprise_id"`
	Requester   string         `db:"requester"`
	Region      region.Code    `db:"region"`
	Title       string         `db:"title"`
	Body        string         `db:"body"`
	WantedBy    string         `db:"wanted_by"`
	Instrument  string         `db:"instrument_id"`
	Day         string         `db:"day"`
	From        int            `db:"from_minute"`
	To          int            `db:"to_minute"`
	State       flow.State     `db:"state"`
	DoneOn      string         `db:"done_on"`
	Report      string         `db:"report"`
	Fee         int64          `db:"fee"`
	Free        int64          `db:"free"`
	Score       int            `db:"score"`
	OnTime      int64          `db:"on_time"`
	Words       string         `db:"words"`
	PlacedAt    int64          `db:"placed_at"`
	Since       int64          `db:"since"`
	ConfirmedAt int64          `db:"confirmed_at"`
	Version     int            `db:"version"`
	UpdatedAt   int64          `db:"updated_at"`
}

func (r *orderRow) order() Order {
	return Order{
		ID: OrderID(r.ID), Number: r.Number,
		Wish: Wish{
			Service: r.Service, Title: r.Title, Text: r.Body, WantedBy: r.WantedBy, Instrument: r.Instrument, Slot: Slot{r.Day, r.From, r.To},
		},
		Platform: r.Platform, Institution: r.Institution, Kind: r.Kind, ServiceName: r.ServiceName, Enterprise: r.Enterprise,
		Requester: r.Requester, Region: r.Region, State: r.State,
		Delivery: Delivery{On: r.DoneOn, Report: r.Report, Fee: r.Fee, Free: r.Free == 1},
		Rating:   Rating{Score: r.Score, OnTime: r.OnTime == 1, Words: r.Words},
		PlacedAt: db.Time(r.PlacedAt), Since: db.Time(r.Since), ConfirmedAt: db.Time(r.ConfirmedAt), Version: r.Version, UpdatedAt: db.Time(r.UpdatedAt),
	}
}

func orderScope() authz.Columns {
	return authz.Columns{Region: "o.region", Party: map[string]string{
		authz.Enterprise: "o.enterprise_id", authz.Institution: "o.institution_id",
	}}
}

// oneOrder is the order if the scope reaches it, else NotFound.
func oneOrder(ctx context.Context, r db.Reader, s authz.Scope, id string) (Order, error) {
	where, args := s.SQL(orderScope())
	var got orderRow
	err := r.Get(ctx, &got, `SELECT `+orderColumns+` FROM techplatform_order o WHERE o.id = ? AND `+where, append([]any{id}, args...)...)
	return got.order(), err
}

// OrderFilter narrows a list of orders; zero fields do not.
type OrderFilter struct {
	Region     region.Code // of the enterprise: the subtree
	Platform   ID
	Enterprise string
	State      flow.State
	Open       bool   // those that still wait for somebody
	Text       string // number, title or enterprise
}

func (f *OrderFilter) sql() (string, []any) {
	where, args := "", []any{}
	add := func(cond string, values ...any) {
		where += " AND " + cond
		args = append(args, values...)
	}
	if f.Region != "" {
		span := f.Region.Span()
		add(`o.region >= ? AND o.region < ?`, span.From, span.To)
	}
	if f.Platform != "" {
		add(`o.platform_id = ?`, string(f.Platform))
	}
	if f.Enterprise != "" {
		add(`o.enterprise_id = ?`, f.Enterprise)
	}
	if f.State != "" {
		add(`o.state = ?`, string(f.State))
	}
	if f.Open {
		add(`o.state IN (?, ?, ?, ?)`, string(Placed), string(Accepted), string(Delivered), string(Confirmed))
	}
	if f.Text != "" {
		part := db.Part(f.Text)
		add(`(o.number LIKE ? ESCAPE '\' OR o.title LIKE ? ESCAPE '\' OR o.requester LIKE ? ESCAPE '\')`, part, part, part)
	}
	return where, args
}

func manyOrders(ctx context.Context, r db.Reader, s authz.Scope, f OrderFilter, page db.Page) ([]Order, string, error) {
	where, args := s.SQL(orderScope())
	more, values := f.sql()
	args = append(args, values...)
	where += more
	rows, next, err := db.Paged(ctx, r, page, db.Order{Columns: []string{"o.id"}, Down: true}, // in the order in which orders came in
		`SELECT `+orderColumns+` FROM techplatform_order o WHERE `+where, args,
		func(x *orderRow) []string { return []string{x.ID} })
	if err != nil {
		return nil, "", err
	}
	return db.As(rows, (*orderRow).order), next, nil
}

func countOrders(ctx context.Context, r db.Reader, s authz.Scope, f OrderFilter) (int, error) {
	where, args := s.SQL(orderScope())
	more, values := f.sql()
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM techplatform_order o WHERE `+where+more, append(args, values...)...)
	return n, err
}

func insertOrder(ctx context.Context, tx *db.Tx, o *Order) error {
	_, err := tx.Exec(ctx, `INSERT INTO techplatform_order (id, number, platform_id, institution_id, service_id, service_name, kind,
		enterprise_id, ordered_for, requester, region, title, body, wanted_by, instrument_id, day, from_minute, to_minute, state, done_on,
		report, fee, free, score, on_time, words, placed_at, since, confirmed_at, version, updated_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'','',0,0,0,0,'',?,?,0,1,?)`,
		string(o.ID), o.Number, string(o.Platform), string(o.Institution), o.Service, o.ServiceName, string(o.Kind),
		o.Enterprise, o.Enterprise, o.Requester, string(o.Region), o.Title, o.Text, o.WantedBy, o.Instrument, o.Slot.Day, o.Slot.From, o.Slot.To,
		string(o.State), db.Millis(tx.Now), db.Millis(tx.Now), db.Millis(tx.Now))
	return err
}

// updateOrder writes the order over the version it was read at, and raises it.
func updateOrder(ctx context.Context, tx *db.Tx, o *Order) error {
	o.Version, o.UpdatedAt = o.Version+1, tx.Now
	confirmed := int64(0)
	if !o.ConfirmedAt.IsZero() {
		confirmed = db.Millis(o.ConfirmedAt)
	}
	return tx.ExecOne(ctx, `UPDATE techplatform_order SET day = ?, from_minute = ?, to_minute = ?, state = ?, done_on = ?, report = ?, fee = ?,
		free = ?, score = ?, on_time = ?, words = ?, since = ?, confirmed_at = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
		o.Slot.Day, o.Slot.From, o.Slot.To, string(o.State), o.On, o.Report, o.Fee, db.Bool(o.Free), o.Score, db.Bool(o.OnTime), o.Words,
		db.Millis(o.Since), confirmed, o.Version, db.Millis(tx.Now), string(o.ID), o.Version-1)
}

// orderNumber begins the numbers of orders (技术服务).
const orderNumber = "JS"

// nextNumber is the next number of the year: JS-2009-00012. It belongs to the
// transaction: one that is not used is given again.
func nextNumber(ctx context.Context, tx *db.Tx, prefix string) (string, error) {
	year := flow.DayOf(tx.Now)[:4]
	counter := year
	if prefix != orderNumber { // the only ones at first
		counter = prefix + year
	}
	var n int64
	err := tx.Get(ctx, &n, `INSERT INTO techplatform_number (year, last) VALUES (?, 1)
		ON CONFLICT (year) DO UPDATE SET last = techplatform_number.last + 1 RETURNING last`, counter)
	return fmt.Sprintf("%s-%s-%05d", prefix, year, n), err
}
