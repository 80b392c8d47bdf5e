package files

import (
	"context"
	"time"
)

// Stored calls fn with the key of every object.
func (s *Store) Stored(ctx context.Context, fn func(key string)) error {
	return s.each(ctx, func(k string, _ int64, _ time.Time) error { fn(k); return nil })
}

// Damage replaces what lies under a hash, or takes it away.
func (s *Store) Damage(ctx context.Context, sha string, with []byte) error {
	if with == nil {
		return s.remove(ctx, key(sha))
	}
	b, err := s.open(true)
	if err != nil {
		return err
	}
	return b.WriteAll(ctx, key(sha), with, nil)
}
