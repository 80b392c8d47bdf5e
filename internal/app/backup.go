package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"qiban.dev/qiban/internal/backup"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/region"
)

type backupCommand struct {
	config.Store
	config.Secrets
	File         string `arg:"" optional:"" help:"The archive to write, or - for standard output; by default a file in this folder named after place and time." type:"path"`
	Place        string `help:"Region code of the place this installation serves." default:"320900" env:"QIBAN_PLACE"`
	WithSecret   bool   `help:"Put the installation's secret into the archive, which is then to be guarded like it."`
	WithoutFiles bool   `help:"Leave uploads out."`
}

// Run writes an archive. It looks only, and may run beside a server.
func (c *backupCommand) Run(ctx context.Context, out io.Writer) error {
	if c.File == "-" && out == io.Writer(os.Stdout) && term.IsTerminal(int(os.Stdout.Fd())) {
		return usageError{errors.New("an archive is not for reading on a terminal: name a file, or send it on with a pipe")}
	}
	a, err := Open(ctx, c.Store, Options{ReadOnly: true, Place: region.Code(c.Place)})
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	what := backup.What{Program: Version, Site: c.Place, Log: a.Log}
	if c.WithSecret {
		key, err := c.Kept(c.Store)
		if err != nil {
			return fmt.Errorf("the secret: %w", err)
		}
		what.Secret = []byte(hex.EncodeToString(key))
	}
	if !c.WithoutFiles {
		what.Files = uploads{a.Files.Store()}
	}
	if c.File == "-" {
		_, err := backup.Write(ctx, a.DB, a.Jobs, out, what)
		return err
	}
	if c.File == "" {
		c.File = archiveName(c.Place, a.DB.Now())
	}
	m, size, err := a.backupTo(ctx, c.File, what)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s, %.1f MB\n", c.File, contents(m), float64(size)/1e6)
	return nil
}

// archiveName says which place and when, in UTC, so that names sort by age.
func archiveName(place string, at time.Time) string {
	return "qiban-" + place + "-" + at.Format("20060102-150405") + ".tar.zst"
}

// contents is what an archive holds, in few words.
func contents(m backup.Manifest) string {
	rows := int64(0)
	for _, t := range m.Tables {
		rows += t.Rows
	}
	return fmt.Sprintf("%d rows in %d tables, %d waiting jobs, %d uploads; hash %.16s", rows, len(m.Tables), m.Jobs.Rows, m.Files.Rows, m.Total)
}

// backupTo writes an archive that is there whole, for its owner only, or not
// at all.
func (a *App) backupTo(ctx context.Context, file string, what backup.What) (m backup.Manifest, size int64, err error) {
	temp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*") // mode 0600
	if err != nil {
		return m, 0, err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	if m, err = backup.Write(ctx, a.DB, a.Jobs, temp, what); err != nil {
		return m, 0, err
	}
	if err = temp.Sync(); err != nil {
		return m, 0, err
	}
	info, err := temp.Stat()
	if err == nil {
		err = temp.Close()
	}
	if err != nil {
		return m, 0, err
	}
	if err = os.Rename(temp.Name(), file); err != nil {
		return m, 0, err
	}
	return m, info.Size(), syncFolder(filepath.Dir(file))
}

// nightly writes an archive into the folder and takes the oldest away.
func (a *App) nightly(ctx context.Context, c config.Backups) error {
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return err
	}
	what := backup.What{Program: Version, Site: string(a.Place), Files: uploads{a.Files.Store()}, Log: a.Log}
	file := filepath.Join(c.Folder, archiveName(string(a.Place), a.DB.Now()))
	m, size, err := a.backupTo(ctx, file, what)
	if err != nil {
		return err
	}
	for _, t := range m.Tables {
		jobs.Count(ctx, "rows", t.Rows)
	}
	jobs.Count(ctx, "bytes", size)
	made, err := filepath.Glob(filepath.Join(c.Folder, "qiban-"+string(a.Place)+"-*.tar.zst"))
	if err != nil {
		return err
	}
	slices.Sort(made) // by age: the name holds the moment
	for len(made) > max(c.Keep, 1) {
		if err := os.Remove(made[0]); err != nil {
			return err
		}
		made = made[1:]
	}
	return nil
}

// syncFolder makes new names in a folder outlive a power cut.
func syncFolder(name string) error {
	folder, err := os.Open(name) //nolint:gosec // a folder the operator named
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// uploads are the contents that an archive carries along.
type uploads struct{ *files.Store }

// Each names what the records refer to.
func (u uploads) Each(ctx context.Context, r db.Reader, fn func(sha string, size int64) error) error {
	return files.Each(ctx, r, func(c files.Content) error { return fn(c.Sha, c.Size) })
}

// Open reads one.
func (u uploads) Open(ctx context.Context, sha string) (io.ReadCloser, error) {
	return u.Store.Open(ctx, sha)
}

// Put keeps one; the size is the archive's and was looked at.
func (u uploads) Put(ctx context.Context, sha string, _ int64, content io.Reader) error {
	return u.Store.Put(ctx, sha, content)
}

// watched reads a file and shows how far it is, on a terminal.
func watched(file *os.File, words string) (io.Reader, func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return file, func() {}
	}
	info, err := file.Stat()
	if err != nil {
		return file, func() {}
	}
	bar := progressbar.DefaultBytes(info.Size(), words)
	return io.TeeReader(file, bar), func() { _ = bar.Finish() }
}
