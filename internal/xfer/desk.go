package xfer

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// MayUse is the right to import through the workbench and the API (导入表格); what each row
// needs is asked for each row.
const MayUse authz.Permission = "xfer.import"

// RunKind is the kind of the records kept here, as in the audit trail.
const RunKind = "xfer_run"

// State is where an import stands.
type State string

// The states.
const (
	Checking  State = "checking"  // 检查中
	Checked   State = "checked"   // 待确认
	Waiting   State = "waiting"   // 排队中
	Running   State = "running"   // 导入中
	Done      State = "done"      // 已导入
	Failed    State = "failed"    // 没有导完
	Discarded State = "discarded" // 已放弃
)

// Busy reports that a job has the import in hand.
func (s State) Busy() bool { return s == Checking || s == Waiting || s == Running }

// Key is the text key of the state's name.
func (s State) Key() string { return "xfer.state." + string(s) }

// Upload is an import through the workbench or the API (一次导入).
type Upload struct {
	ID         string
	Kind       string
	Name       string
	Bytes      int64
	Person     string
	PersonName string
	Key        string // of the program that asked for it, "" when the person did
	Region     region.Code
	Lang       text.Lang
	State      State
	Created    time.Time
	Ended      time.Time
	Done       int64 // rows so far
	Report     Report
	Preview    Preview
	Version    int
}

// Preview is what a look at a file found, or why it could not be read.
type Preview struct {
	Headings []string   `json:"headings,omitempty"`
	Rows     [][]string `json:"rows,omitempty"` // the first, as they stand
	Unknown  []string   `json:"unknown,omitempty"`
	Problems []Problem  `json:"problems,omitempty"` // the first rows that cannot land
	Trouble  string     `json:"trouble,omitempty"`
}

// Problem is a row that cannot land.
type Problem struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// How much of a file a preview shows.
const (
	previewRows     = 10
	previewProblems = 200
	longestName     = 200
	checkAtOnce     = 1 << 20 // larger files are looked at by a job
)

// Hooks are what the desk asks of the rest of the program.
type Hooks struct {
	Kinds func() []Kind
	// Actor is a person as they may act now, or what a key of theirs leaves of
	// that; key is "" for the person.
	Actor   func(ctx context.Context, person, key string) (authz.Actor, error)
	Places  func(ctx context.Context) (Places, error)
	Enqueue func(ctx context.Context, tx *db.Tx, job string, run string) error
}

// The jobs that a Hooks.Enqueue asks for; each calls Desk.Work.
const (
	CheckJob  = "xfer.check"
	ImportJob = "xfer.run"
)

// Desk keeps the imports of the workbench and the API. It is safe for concurrent use.
type Desk struct {
	db    *db.DB
	gate  *gate.Gate
	hooks Hooks
}

// NewDesk makes the desk.
func NewDesk(d *db.DB, g *gate.Gate, hooks Hooks) *Desk { return &Desk{db: d, gate: g, hooks: hooks} }

// Kinds are the tables that the actor is offered to import.
func (d *Desk) Kinds(by authz.Actor) []Kind {
	return slices.DeleteFunc(d.hooks.Kinds(), func(k Kind) bool { return k.Import == nil || !by.Somewhere(k.MayImport) })
}

// Outgoing are the tables that the actor is offered to export.
func (d *Desk) Outgoing(by authz.Actor) []Kind {
	return slices.DeleteFunc(d.hooks.Kinds(), func(k Kind) bool { return k.Export == nil || len(by.Regions(k.MayExport)) == 0 })
}

// Out is a kind that the actor is offered to export: SignIn for nobody, Denied
// for those who are offered none, else NotFound when there is none of the name.
func (d *Desk) Out(by authz.Actor, name string) (Kind, error) {
	offered := d.Outgoing(by)
	i := slices.IndexFunc(offered, func(k Kind) bool { return k.Table.Name == name })
	switch {
	case i >= 0:
		return offered[i], nil
	case !by.SignedIn():
		return Kind{}, fault.New(fault.SignIn, "fault.sign_in")
	case len(offered) == 0:
		return Kind{}, fault.Closed()
	}
	return Kind{}, fault.Missing()
}

// Kind is a kind that can be imported; NotFound when there is none of the name.
func (d *Desk) Kind(name string) (Kind, error) {
	for _, k := range d.hooks.Kinds() {
		if k.Table.Name == name && k.Import != nil {
			return k, nil
		}
	}
	return Kind{}, fault.Missing()
}

// Take keeps an uploaded file and looks at every row of it, at once or, when it
// is large, by a job; nothing of it lands. A file that is no table of the kind
// is an Invalid fault at "file" and is not kept.
func (d *Desk) Take(ctx context.Context, by authz.Actor, kind, name string, body []byte, l text.Lang) (string, error) {
	return d.take(ctx, by, kind, name, body, l, Checking)
}

// Bring keeps an uploaded file as Take does and lets it land by a job, without
// waiting for somebody to have looked at it: rows that cannot land are rejected.
func (d *Desk) Bring(ctx context.Context, by authz.Actor, kind, name string, body []byte, l text.Lang) (string, error) {
	return d.take(ctx, by, kind, name, body, l, Waiting)
}

func (d *Desk) take(ctx context.Context, by authz.Actor, kind, name string, body []byte, l text.Lang, first State) (string, error) {
	k, err := d.Kind(kind)
	if err != nil {
		return "", err
	}
	at := by.Regions(MayUse)
	if len(at) == 0 {
		return "", gate.Check(&gate.Change{By: by, Do: MayUse})
	}
	r, err := d.open(ctx, k, body)
	if err != nil {
		return "", err
	}
	if err := r.Close(); err != nil {
		return "", err
	}
	u := Upload{
		ID: db.NewID(), Kind: kind, Name: cut(name), Bytes: int64(len(body)), Person: by.ID, PersonName: by.Name,
		Key: by.Key, Region: at[0], Lang: l, State: first, Version: 1,
	}
	job := ""
	switch {
	case first == Waiting:
		job = ImportJob
	case len(body) > checkAtOnce:
		job = CheckJob
	}
	c := d.change(by, u, map[string]any{"kind": kind, "bytes": len(body)})
	if err := d.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		if err := insertRun(ctx, tx, u); err != nil {
			return err
		}
		if err := putParts(ctx, tx, u.ID, "in", body); err != nil || job == "" {
			return err
		}
		return d.hooks.Enqueue(ctx, tx, job, u.ID)
	}); err != nil {
		return "", err
	}
	if job != "" {
		return u.ID, nil
	}
	return u.ID, d.Work(ctx, u.ID)
}

// cut is the last part of a file's name, no longer than it may be.
func cut(name string) string {
	name = strings.ToValidUTF8(name[strings.LastIndexAny(name, `/\`)+1:], "")
	for len(name) > longestName {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

func (d *Desk) change(by authz.Actor, u Upload, detail map[string]any) *gate.Change {
	return &gate.Change{By: by, Do: MayUse, On: authz.At(u.Region), Record: gate.Record{Kind: RunKind, ID: u.ID}, Detail: detail}
}

func (d *Desk) open(ctx context.Context, k Kind, body []byte) (*Reader, error) {
	places, err := d.hooks.Places(ctx)
	if err != nil {
		return nil, err
	}
	return Open(bytes.NewReader(body), int64(len(body)), k.Table, Uploaded(), places)
}

// Get is an import of the actor's own; NotFound for anybody else's, because a
// file may hold personal data.
func (d *Desk) Get(ctx context.Context, by authz.Actor, id string) (Upload, error) {
	u, err := loadRun(ctx, d.db, id)
	if err == nil && (u.Person != by.ID || !by.May(MayUse, authz.At(u.Region))) {
		err = fault.Missing()
	}
	return u, err
}

// List is a page of the imports of the actor's offices, newest first.
func (d *Desk) List(ctx context.Context, by authz.Actor, page db.Page) ([]Upload, string, error) {
	return listRuns(ctx, d.db, by.Scope(MayUse), page)
}

// Confirm lets a checked import land, by a job. Conflict when it is not waiting
// for that, Stale when it was looked at anew.
func (d *Desk) Confirm(ctx context.Context, by authz.Actor, id string, version int) error {
	return d.decide(ctx, by, id, version, Waiting)
}

// Discard gives a checked import up.
func (d *Desk) Discard(ctx context.Context, by authz.Actor, id string, version int) error {
	return d.decide(ctx, by, id, version, Discarded)
}

func (d *Desk) decide(ctx context.Context, by authz.Actor, id string, version int, to State) error {
	u, err := d.Get(ctx, by, id)
	if err != nil {
		return err
	}
	if u.State != Checked {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	return d.gate.Write(ctx, d.change(by, u, map[string]any{"state": to}), func(ctx context.Context, tx *db.Tx) error {
		u.State, u.Version, u.Key = to, version, by.Key // it lands as whoever says so
		if to == Discarded {
			u.Ended = tx.Now
		}
		if err := updateRun(ctx, tx, u); err != nil || to != Waiting {
			return err
		}
		return d.hooks.Enqueue(ctx, tx, ImportJob, id)
	})
}

// Rejected is the file of rows that did not land, with its name; NotFound when
// there is none, or no longer.
func (d *Desk) Rejected(ctx context.Context, by authz.Actor, id string) (name string, body []byte, err error) {
	u, err := d.Get(ctx, by, id)
	if err != nil {
		return "", nil, err
	}
	if body, err = getParts(ctx, d.db, id, "out"); err == nil && len(body) == 0 {
		err = fault.Missing()
	}
	base, ext := u.Name, ""
	if dot := strings.LastIndexByte(u.Name, '.'); dot > 0 {
		base, ext = u.Name[:dot], u.Name[dot:]
	}
	return base + ".rejected" + ext, body, err
}
