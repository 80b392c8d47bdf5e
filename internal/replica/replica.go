// Package replica copies an SQLite database continuously to a folder or an S3
// bucket, with Litestream (持续复制), and brings it back from there. It knows
// nothing of what is in the database. Uploads and the secret are not copied.
//
// While it runs, Litestream decides when SQLite's log is shortened; it keeps two
// small tables of its own (_litestream_*) in the database and its state in a
// hidden folder beside it.
package replica

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/benbjohnson/litestream/file"
	_ "github.com/benbjohnson/litestream/s3" // makes s3:// known
)

// Delay is how much of the newest may be lost with the machine: what was written
// since the last copy, which is made this often.
const Delay = time.Second

// Replica is a database being copied.
type Replica struct {
	store *litestream.Store
	db    *litestream.DB
}

// Start begins to copy the database of a data folder to a place, and returns
// when all of it has been copied once. The place is file:///folder or
// s3://bucket/prefix?region=…; credentials come from the environment.
func Start(ctx context.Context, folder, place string, log *slog.Logger) (*Replica, error) {
	client, err := reach(place)
	if err != nil {
		return nil, err
	}
	d := litestream.NewDB(filepath.Join(folder, "qiban.db"))
	d.Replica = litestream.NewReplicaWithClient(d, client)
	d.Replica.SyncInterval = Delay
	if c, ok := client.(*file.ReplicaClient); ok {
		c.Replica = d.Replica
	}
	store := litestream.NewStore([]*litestream.DB{d}, litestream.DefaultCompactionLevels)
	store.Logger = log
	d.SetLogger(log)
	if err := store.Open(ctx); err != nil {
		return nil, fmt.Errorf("replicate to %s: %w", shown(place), err)
	}
	r := &Replica{store: store, db: d}
	if err := r.Sync(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("replicate to %s: %w", shown(place), err), r.Close(ctx))
	}
	return r, nil
}

// Sync returns when everything that was acknowledged before the call is at the
// other place.
func (r *Replica) Sync(ctx context.Context) error { return r.db.SyncAndWait(ctx) }

// Close copies what is left and ends copying. Close the database itself before.
func (r *Replica) Close(ctx context.Context) error { return r.store.Close(ctx) }

// Restore brings the newest state at a place back into a file that is not there
// yet, and looks through all of it.
func Restore(ctx context.Context, place, into string) error {
	client, err := reach(place)
	if err != nil {
		return err
	}
	if err := client.Init(ctx); err != nil {
		return fmt.Errorf("replica at %s: %w", shown(place), err)
	}
	how := litestream.NewRestoreOptions()
	how.OutputPath, how.IntegrityCheck = into, litestream.IntegrityCheckFull
	if err := litestream.NewReplicaWithClient(nil, client).Restore(ctx, how); err != nil {
		return fmt.Errorf("replica at %s: %w", shown(place), err)
	}
	return nil
}

func reach(place string) (litestream.ReplicaClient, error) {
	u, err := url.Parse(place)
	if err != nil || u.Scheme != "file" && u.Scheme != "s3" {
		return nil, errors.New("a replica is at file:///folder or s3://bucket/prefix?region=…")
	}
	if u.User != nil {
		return nil, errors.New("the address of the bucket must hold no credentials: give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
	}
	return litestream.NewReplicaClientFromURL(place)
}

// shown is a place without its parameters.
func shown(place string) string {
	u, err := url.Parse(place)
	if err != nil {
		return "its place"
	}
	return u.Scheme + "://" + u.Host + u.Path
}
