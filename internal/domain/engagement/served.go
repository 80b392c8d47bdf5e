package engagement

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
)

// Served is what an institution did in a span of days, as those who asked
// confirmed it.
type Served struct {
	Enterprises int // different ones
	Deliveries  int
	Rated       int // needs that were rated
	Solved      int // of these, as solved at least in part
}

// ServedBy counts what an institution did from one day to another, both included.
func ServedBy(ctx context.Context, r db.Reader, id institution.ID, from, to string) (Served, error) {
	var s Served
	return s, r.Get(ctx, &s, `SELECT COUNT(DISTINCT NULLIF(n.enterprise_id, '')) AS enterprises, COUNT(*) AS deliveries,
		COUNT(DISTINCT t.need_id) AS rated, COUNT(DISTINCT CASE WHEN t.solved <> 'no' THEN t.need_id END) AS solved
		FROM need_delivery d JOIN need n ON n.id = d.need_id LEFT JOIN need_rating t ON t.need_id = n.id
		WHERE d.institution_id = ? AND d.day >= ? AND d.day <= ? AND d.state = ?`, string(id), from, to, string(DeliveryConfirmed))
}
