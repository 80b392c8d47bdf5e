package jobs_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/jobs"
)

// BenchmarkWrite compares writing alone with writing while an idle queue polls
// the one connection.
func BenchmarkWrite(b *testing.B) {
	for _, c := range []struct {
		name    string
		started bool
	}{{"alone", false}, {"besideTheQueue", true}} {
		b.Run(c.name, func(b *testing.B) {
			ctx, d := context.Background(), open(b, b.TempDir())
			j := queue(b, d, jobs.KindOf("test.idle", func(context.Context, struct{}) error { return nil }))
			if c.started {
				if err := j.Start(ctx); err != nil {
					b.Fatal(err)
				}
				defer func() { _ = j.Stop(ctx) }()
			}
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
						_, err := tx.Exec(ctx, `INSERT INTO gate_once (actor, once, action, record_kind, record_id, at) VALUES (?, ?, '', '', '', 0)`, "a", db.NewID())
						return err
					}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
