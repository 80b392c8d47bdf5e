package jobs

import (
	"context"
	"time"
)

// Forget deletes the records that have been kept long enough.
func (j *Jobs) Forget(ctx context.Context, now time.Time) error { return j.forget(ctx, now) }
