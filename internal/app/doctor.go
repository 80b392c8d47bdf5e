package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/jobs"
)

type doctorCommand struct {
	config.Store
	config.Secrets
	Full bool `help:"Read every upload and compare its hash, not only its size."`
	JSON bool `help:"Write the findings as JSON." name:"json"`
}

// health is how a thing was found.
type health string

const (
	fine     health = "ok"
	doubtful health = "warn"
	broken   health = "bad"
)

// finding is one line of the report.
type finding struct {
	About string `json:"about"`
	Is    health `json:"is"`
	Says  string `json:"says"`
	Do    string `json:"do,omitempty"` // what the operator does about it
}

// errNotInOrder makes the exit code 1 after a report that says why.
var errNotInOrder = errors.New("not everything is in order; the lines marked bad say what to do")

// Run looks at everything and changes nothing.
func (c *doctorCommand) Run(ctx context.Context, out io.Writer) error {
	found, err := c.examine(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		err = e.Encode(found)
	} else {
		for _, f := range found {
			fmt.Fprintf(out, "%-4s  %s: %s\n", f.Is, f.About, f.Says)
			if f.Do != "" {
				fmt.Fprintf(out, "      → %s\n", f.Do)
			}
		}
	}
	if slices.ContainsFunc(found, func(f finding) bool { return f.Is == broken }) {
		return errors.Join(err, errNotInOrder)
	}
	return err
}

func (c *doctorCommand) examine(ctx context.Context) ([]finding, error) {
	schema, usable, err := c.schema(ctx)
	if err != nil || !usable {
		return schema, err
	}
	a, err := Open(ctx, c.Store, Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }()
	found := schema
	for _, look := range []func(context.Context, *App) (finding, error){
		trailInOrder, ledgerInOrder, c.uploadsInOrder, jobsInOrder, clockInOrder,
	} {
		f, err := look(ctx, a)
		if err != nil {
			return found, err
		}
		found = append(found, f)
	}
	return append(found, c.space()...), nil
}

// schema looks before anything else, because an older one cannot be looked into.
func (c *doctorCommand) schema(ctx context.Context) (found []finding, usable bool, err error) {
	if c.DB == "" {
		if _, err := os.Stat(c.Data + "/qiban.db"); err != nil {
			return nil, false, fmt.Errorf("there is no database in the folder %s", c.Data)
		}
	}
	d, err := db.Open(ctx, c.Source(), db.Options{ReadOnly: true})
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	have, err := db.Versions(ctx, d)
	if err != nil {
		return nil, false, err
	}
	known, err := db.Known()
	if err != nil {
		return nil, false, err
	}
	without := func(all, these []int64) []int64 {
		return slices.DeleteFunc(slices.Clone(all), func(v int64) bool { return slices.Contains(these, v) })
	}
	if missing := without(known, have); len(missing) > 0 {
		return []finding{{
			"schema", broken, fmt.Sprintf("%d of %d migrations are missing: %v", len(missing), len(known), missing),
			"run qiban migrate; qiban serve does it too",
		}}, false, nil
	}
	if newer := without(have, known); len(newer) > 0 {
		return []finding{{
			"schema", broken, fmt.Sprintf("a newer program has changed it: migrations %v", newer),
			"use that program; an older one may spoil records",
		}}, false, nil
	}
	drift, err := db.Drift(ctx, d)
	if err != nil {
		return nil, false, err
	}
	if len(drift) > 0 {
		return []finding{{
			"schema", drifted(drift), "it was changed past the program: " + strings.Join(drift, "; "),
			"put back what is missing (migrations/ says how it was); what is not the program's is not in its backups",
		}}, true, nil
	}
	return []finding{{"schema", fine, fmt.Sprintf("up to date, %d migrations, nothing added or taken away", len(known)), ""}}, true, nil
}

// drifted: what is missing breaks the program, what was added may not.
func drifted(drift []string) health {
	for _, d := range drift {
		if !strings.HasSuffix(d, "is not the program's") {
			return broken
		}
	}
	return doubtful
}

func trailInOrder(ctx context.Context, a *App) (finding, error) {
	entries, err := gate.Verify(ctx, a.DB)
	if b, ok := errors.AsType[*gate.Break](err); ok {
		return finding{"audit trail", broken, b.Error(), "somebody changed the database past the program: keep a copy, find out who could"}, nil
	}
	return finding{"audit trail", fine, fmt.Sprintf("%d entries, unbroken", entries), ""}, err
}

func ledgerInOrder(ctx context.Context, a *App) (finding, error) {
	report, err := a.Ledger.Verify(ctx)
	if err != nil {
		return finding{}, err
	}
	if !report.OK() {
		return finding{
			"ledger", broken, fmt.Sprintf("%d roll-ups differ from the facts, the first: %+v", report.Different, report.Differences[0]),
			"run qiban ledger rebuild, and report it: it should not happen. The facts are the truth",
		}, nil
	}
	return finding{"ledger", fine, fmt.Sprintf("the roll-ups agree with the facts (%d, %d of them not rolled yet)", report.Facts, report.Tail), ""}, nil
}

func (c *doctorCommand) uploadsInOrder(ctx context.Context, a *App) (finding, error) {
	report, err := files.Verify(ctx, a.DB, a.Files.Store(), c.Full)
	if err != nil {
		return finding{"uploads", broken, "the store " + a.Files.Store().String() + " cannot be read: " + inWords(err), "check --files and the store's own state"}, nil
	}
	if !report.OK() {
		some := slices.Concat(report.Missing, report.Damaged)
		return finding{
			"uploads", broken, fmt.Sprintf("of %d uploads %d are missing and %d damaged, the first: %s",
				report.Contents, len(report.Missing), len(report.Damaged), some[0]),
			"is --files right? Else take them from a backup: qiban restore it elsewhere and copy its files",
		}, nil
	}
	looked := "their sizes are right; --full reads them"
	if c.Full {
		looked = "every hash is right"
	}
	return finding{"uploads", fine, fmt.Sprintf("%d with %.1f MB, %s", report.Contents, float64(report.Bytes)/1e6, looked), ""}, nil
}

func jobsInOrder(ctx context.Context, a *App) (finding, error) {
	backlogs, err := jobs.Backlogs(ctx, a.DB)
	if err != nil {
		return finding{}, err
	}
	var waiting int64
	var given []string
	for _, b := range backlogs {
		waiting += b.Waiting
		if b.GivenUp > 0 {
			given = append(given, fmt.Sprintf("%s %d", b.Kind, b.GivenUp))
		}
	}
	late, err := jobs.Late(ctx, a.DB, time.Now().Add(-lateAfter))
	switch {
	case err != nil:
		return finding{}, err
	case late > 0:
		return finding{
			"jobs", doubtful, fmt.Sprintf("%d should have begun more than %s ago", late, lateAfter),
			"does qiban serve run, without --read-only? Else it cannot keep up: see 设置 › 参数",
		}, nil
	case len(given) > 0:
		return finding{"jobs", doubtful, "given up in the last days: " + strings.Join(given, ", "), "设置 › 参数 says why; what a mail said is in the inbox anyway"}, nil
	}
	return finding{"jobs", fine, fmt.Sprintf("%d wait, none is late or was given up", waiting), ""}, nil
}

// lateAfter is how long a job may wait past its time before somebody should look.
const lateAfter = time.Hour

// clockInOrder compares with the database's clock and with what was recorded.
func clockInOrder(ctx context.Context, a *App) (finding, error) {
	now := `SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)`
	if a.DB.Dialect() == db.Postgres {
		now = `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`
	}
	var theirs, newest int64
	if err := errors.Join(a.DB.Get(ctx, &theirs, now),
		a.DB.Get(ctx, &newest, `SELECT COALESCE(max(at), 0) FROM audit_entry`)); err != nil {
		return finding{}, err
	}
	const mend = "set the clock by a time server (chrony, systemd-timesyncd); time limits and sessions depend on it"
	own := time.Now()
	switch ahead := db.Time(newest).Sub(own); {
	case own.Year() < 2026:
		return finding{"clock", broken, "this machine believes it is " + own.Format(time.DateTime), mend}, nil
	case ahead > time.Minute:
		return finding{"clock", broken, fmt.Sprintf("the newest entry of the audit trail is %s in the future", ahead.Round(time.Second)), mend}, nil
	}
	if off := db.Time(theirs).Sub(own).Abs(); off > 5*time.Second {
		return finding{"clock", doubtful, fmt.Sprintf("the database's clock is %s off this machine's", off.Round(time.Second)), mend}, nil
	}
	return finding{"clock", fine, "agrees with the database and with what was recorded", ""}, nil
}

// space looks at what the database cannot know: the secret and the disk.
func (c *doctorCommand) space() []finding {
	found := []finding{c.secretInOrder()}
	if c.DB != "" {
		return found // PostgreSQL's disk is not ours to see
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(c.Data, &disk); err != nil {
		return append(found, finding{"disk", doubtful, err.Error(), ""})
	}
	free, whole := disk.Bavail*uint64(disk.Bsize), disk.Blocks*uint64(disk.Bsize) //nolint:unconvert // the type differs between machines
	f := finding{"disk", fine, fmt.Sprintf("%.1f of %.1f GB are free", float64(free)/1e9, float64(whole)/1e9), ""}
	switch {
	case free < 256<<20:
		f.Is, f.Do = broken, "make room now: soon nothing can be saved"
	case free < 2<<30 || free < whole/20:
		f.Is, f.Do = doubtful, "make room; a backup and the log of a busy day need some"
	}
	return append(found, f)
}

func (c *doctorCommand) secretInOrder() finding {
	if c.SecretFile == "" && c.DB != "" {
		return finding{"secret", doubtful, "not looked at", "give --secret-file (QIBAN_SECRET_FILE)"}
	}
	_, err := c.Kept(c.Store)
	name, _ := c.File(c.Store)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return finding{
			"secret", doubtful, name + " is not there",
			"put it back before anybody serves: qiban serve makes a new one, and second factors are lost",
		}
	case err != nil:
		return finding{"secret", broken, err.Error(), "put the right file back; its owner must be able to read it"}
	}
	if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o077 != 0 {
		return finding{"secret", doubtful, fmt.Sprintf("others can read %s (%s)", name, info.Mode().Perm()), "chmod 600 " + name}
	}
	return finding{"secret", fine, "readable, by its owner only", ""}
}
