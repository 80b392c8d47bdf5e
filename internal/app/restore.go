package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"qiban.dev/qiban/internal/backup"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/replica"
)

type restoreCommand struct {
	config.Store
	config.Secrets
	File    string `arg:"" optional:"" help:"The archive." type:"existingfile"`
	Replica string `help:"Bring back the copy that qiban serve --replicate made at this place, instead of an archive."`
	Check   bool   `help:"Only read the whole archive and hold every hash against it."`
}

// Run reads the archive twice: once to see that it is whole, before anything is
// made, and once to restore it, when every hash is looked at again.
func (c *restoreCommand) Run(ctx context.Context, out io.Writer) error {
	if err := changing(c.Store); err != nil {
		return err
	}
	switch {
	case (c.File == "") == (c.Replica == ""):
		return usageError{errors.New("name an archive, or a replica with --replica")}
	case c.Replica != "":
		return c.fromReplica(ctx, out)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	in, done := watched(file, "checking")
	found, err := backup.Check(ctx, in)
	done()
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	fmt.Fprintf(out, "%s: of %s, from %s by qiban %s; %s\n", c.File,
		found.Made.Format("2006-01-02 15:04:05 MST"), found.Engine, found.Program, contents(found.Manifest))
	if c.Check {
		fmt.Fprintln(out, "The archive is whole.")
		return nil
	}
	if err := c.secretFits(found); err != nil {
		return err
	}
	claim, err := db.Take(ctx, c.Source(), db.Alone, slog.Default())
	if err != nil {
		return err
	}
	defer func() { _ = claim.Release() }()
	if c.DB != "" {
		err = c.intoDatabase(ctx, file, found)
	} else {
		err = c.intoFolder(ctx, file, found)
	}
	if err != nil {
		return err
	}
	return c.report(ctx, out, found)
}

// fromReplica brings back a continuous copy, which only a folder can take.
func (c *restoreCommand) fromReplica(ctx context.Context, out io.Writer) error {
	if c.DB != "" || c.Check {
		return usageError{errors.New("a replica is brought back into a folder (--data); it is looked through on the way")}
	}
	claim, err := db.Take(ctx, c.Source(), db.Alone, slog.Default())
	if err != nil {
		return err
	}
	defer func() { _ = claim.Release() }()
	if err := vacant(c.Data); err != nil {
		return err
	}
	stage, err := os.MkdirTemp(c.Data, staging)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(stage) }()
	if err := replica.Restore(ctx, c.Replica, filepath.Join(stage, "qiban.db")); err != nil {
		return err
	}
	a, err := Open(ctx, config.Store{Data: stage, Files: c.Uploads()}, Options{})
	if err == nil {
		err = a.Close()
	}
	if err == nil {
		err = c.settle(stage, backup.Contents{})
	}
	if err != nil {
		return err
	}
	return c.report(ctx, out, backup.Contents{})
}

// secretFits finds out before anything is done whether the archive's secret has
// a place to go to.
func (c *restoreCommand) secretFits(found backup.Contents) error {
	if !found.Secret {
		return nil
	}
	file, err := c.Secrets.File(c.Store)
	if err != nil {
		return usageError{fmt.Errorf("the archive holds the installation's secret: %w", err)}
	}
	key, err := c.Kept(c.Store)
	if err == nil && hex.EncodeToString(key) != string(found.Key) {
		err = fmt.Errorf("%s is another secret than the archive's: move it away first", file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// intoFolder restores beside the place where the database will be, and puts it
// there when everything is right.
func (c *restoreCommand) intoFolder(ctx context.Context, file *os.File, found backup.Contents) error {
	if err := vacant(c.Data); err != nil {
		return err
	}
	stage, err := os.MkdirTemp(c.Data, staging)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(stage) }()
	if err := load(ctx, config.Store{Data: stage, Files: c.Uploads()}, file, found); err != nil {
		return err
	}
	return c.settle(stage, found)
}

// staging begins the name of the folder that a restore works in.
const staging = ".restore-"

// settle moves a finished database to its place; it is the last to come.
func (c *restoreCommand) settle(stage string, found backup.Contents) error {
	if err := c.keepSecret(found); err != nil {
		return err
	}
	if left, err := filepath.Glob(filepath.Join(stage, "qiban.db-*")); err != nil || len(left) > 0 {
		return fmt.Errorf("the restored database was not closed well: %v (%w)", left, err)
	}
	if err := os.Rename(filepath.Join(stage, "qiban.db"), filepath.Join(c.Data, "qiban.db")); err != nil {
		return err
	}
	return syncFolder(c.Data)
}

func (c *restoreCommand) keepSecret(found backup.Contents) error {
	if !found.Secret {
		return nil
	}
	name, err := c.Secrets.File(c.Store)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(name, found.Key, 0o600)
}

func (c *restoreCommand) intoDatabase(ctx context.Context, file *os.File, found backup.Contents) error {
	if err := load(ctx, c.Store, file, found); err != nil {
		return err
	}
	return c.keepSecret(found)
}

// vacant says whether a folder is free for a restore. The secret and uploads may
// wait there, and what an interrupted restore left is taken away.
func vacant(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, staging):
			if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
				return err
			}
		case name == db.LockFile, name == "secret", name == "files", name == "lost+found":
		default:
			return fmt.Errorf("%s holds %s: %w", folder, name, backup.ErrNotEmpty)
		}
	}
	return nil
}

// load fills an empty store and brings it up to this program's version.
func load(ctx context.Context, store config.Store, file *os.File, found backup.Contents) error {
	d, err := db.Open(ctx, store.Source(), db.Options{})
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return errors.Join(err, d.Close())
	}
	kept, err := files.OpenStore(ctx, store.Uploads())
	if err != nil {
		return errors.Join(err, d.Close())
	}
	again, err := backup.Load(ctx, d, file, uploads{kept})
	if err == nil && again.Manifest.Total != found.Manifest.Total {
		err = errors.New("the archive was changed while it was read")
	}
	if err := errors.Join(err, kept.Close(), d.Close()); err != nil {
		return err
	}
	a, err := Open(ctx, store, Options{Place: region.Code(found.Site)})
	if err != nil {
		return fmt.Errorf("the records were restored, but could not be brought up to this version: %w", err)
	}
	return a.Close()
}

// report looks at what was restored as qiban doctor does.
func (c *restoreCommand) report(ctx context.Context, out io.Writer, found backup.Contents) error {
	fmt.Fprintln(out, "Restored. Now it is looked over:")
	if err := (&doctorCommand{Store: c.Store, Secrets: c.Secrets}).Run(ctx, out); err != nil {
		return fmt.Errorf("everything was restored, but it was not in order: %w", err)
	}
	if !found.Secret {
		fmt.Fprintln(out, "The installation's secret is not part of it: put the file secret back before people sign in with a second factor.")
	}
	return nil
}
