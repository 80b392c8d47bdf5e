package institution

import (
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// ID names an institution.
type ID string

// The rights over institutions. See is the right to find it in a list that is
// not public.
const (
	See              authz.Permission = "institution.see"
	Register         authz.Permission = "institution.register"
	Edit             authz.Permission = "institution.edit"
	Publish          authz.Permission = "institution.publish"
	End              authz.Permission = "institution.end"
	SetOffering      authz.Permission = "institution.service.set"
	SetTier          authz.Permission = "institution.tier.set"
	SetDemonstration authz.Permission = "institution.demonstration.set"
	AssignTask       authz.Permission = "institution.task.assign"
	ReportTask       authz.Permission = "institution.task.report"
	SetContacts      authz.Permission = "institution.contact.set"
	SeeContacts      authz.Permission = "institution.contact.see"
	ExportContacts   authz.Permission = "institution.contact.export"
)

// Record is the kind of an institution's record in the audit trail.
const Record = "institution"

// Permissions are all rights of this domain.
func Permissions() []authz.Permission {
	return []authz.Permission{
		See, Register, Edit, Publish, End, SetOffering, SetTier, SetDemonstration,
		AssignTask, ReportTask, SetContacts, SeeContacts, ExportContacts,
	}
}

// Profile is what an institution says of itself.
type Profile struct {
	Name    string
	Region  region.Code // where it sits
	Kinds   []Kind      // the first is what it is counted as
	Level   Level
	Code    string // 统一社会信用代码 or the older 组织机构代码; may be empty
	Founded string // ISO date, may be empty
	Since   string // ISO date: on the register since; today when empty. Not changed by Edit
	Capital int64  // registered capital in fen, 0 when not known
	About   string // at most 1,000 characters
	Address string
	Website string
}

// Institution is one institution as of a day.
type Institution struct {
	ID ID
	Profile
	Tier          Tier
	Demonstration bool
	Published     bool
	Ended         string // ISO date: off the register since; empty while on it
	Version       int
	UpdatedAt     time.Time
}

// Kind is what the institution is counted as.
func (i *Institution) Kind() Kind {
	if len(i.Kinds) == 0 {
		return Other
	}
	return i.Kinds[0]
}

// Target is what the rights over the institution are checked against.
func (i *Institution) Target() authz.Target {
	return authz.At(i.Region).Of(authz.Institution, string(i.ID))
}

// Offering is one thing an institution does for enterprises (服务项目).
type Offering struct {
	ID          string
	Institution ID
	Theme       Theme
	Form        Form
	Name        string
	Description string
	Regions     []region.Code // the subtrees served; empty: the subtree of its own level
	MaxAmount   int64         // the most it does in one case, in fen; 0: not limited, or not about money
	Capacity    int           // cases a month; 0: not limited
	Fee         Fee
	Ended       bool
}

// mostRegions is how many places a service may name: more are one place above.
const mostRegions = 100

// Serves reports whether the service is meant for enterprises at the code.
func (s *Offering) Serves(at region.Code) bool {
	for _, r := range s.Regions {
		if r.Contains(at) {
			return true
		}
	}
	return false
}

// Term is a span of dates under a document: a tier or a recognition. To is the
// first day it no longer holds, empty while open.
type Term struct {
	ID       string
	Tier     Tier // of a tier; empty for a recognition
	From, To string
	Document string
}

// On reports whether the term holds on the day.
func (t Term) On(day string) bool { return t.From <= day && (t.To == "" || day < t.To) }

// TaskStatus is how far a task is.
type TaskStatus string

// The statuses of a task.
const (
	TaskGiven   TaskStatus = "given"   // 已下达
	TaskDoing   TaskStatus = "doing"   // 进行中
	TaskDone    TaskStatus = "done"    // 已完成
	TaskDropped TaskStatus = "dropped" // 已取消
)

// Key is the text key of the status.
func (s TaskStatus) Key() string { return "institution.task." + string(s) }

// Task is a special-topic task given to an institution for a year (专题性服务任务).
type Task struct {
	ID          string
	Institution ID
	Year        int
	Title       string
	Status      TaskStatus
	Note        string // what was done
}

// Person is somebody to speak to at an institution: personal data.
type Person struct {
	Name, Post, Phone, Email string
}

// check tells every broken field of a profile.
func (p *Profile) check() error {
	var f fault.Fields
	p.Name = strings.TrimSpace(p.Name)
	f.Length("name", p.Name, 2, 80)
	f.Length("about", p.About, 0, 1000)
	f.Length("address", p.Address, 0, 120)
	f.Length("code", p.Code, 0, 18)
	f.Length("website", p.Website, 0, 200)
	if !p.Region.Valid() {
		f.Add("region", "field.choice")
	}
	if len(p.Kinds) == 0 {
		f.Add("kinds", "field.required")
	}
	for n, k := range p.Kinds {
		if (!k.Valid() || slices.Contains(p.Kinds[:n], k)) && !f.Has("kinds") {
			f.Add("kinds", "field.choice")
		}
	}
	fault.Choice(&f, "level", p.Level, Levels())
	f.OptionalDay("founded", p.Founded)
	f.OptionalDay("since", p.Since)
	if p.Capital < 0 {
		f.Add("capital", "institution.field.negative")
	}
	if p.Website != "" && !f.Has("website") && !strings.HasPrefix(p.Website, "http://") && !strings.HasPrefix(p.Website, "https://") {
		f.Add("website", "institution.field.website", "value", p.Website)
	}
	return f.Err()
}

func (s *Offering) check() error {
	var f fault.Fields
	s.Name = strings.TrimSpace(s.Name)
	fault.Choice(&f, "theme", s.Theme, Themes())
	fault.Choice(&f, "form", s.Form, Forms())
	fault.Choice(&f, "fee", s.Fee, Fees())
	f.Length("name", s.Name, 2, 60)
	f.Length("description", s.Description, 0, 1000)
	if len(s.Regions) > mostRegions {
		f.Add("regions", "field.range", "min", 0, "max", mostRegions)
	}
	for n, r := range s.Regions[:min(len(s.Regions), mostRegions)] {
		if (!r.Valid() || slices.Contains(s.Regions[:n], r)) && !f.Has("regions") {
			f.Add("regions", "field.choice")
		}
	}
	if s.MaxAmount < 0 {
		f.Add("max_amount", "institution.field.negative")
	}
	if s.Capacity < 0 {
		f.Add("capacity", "institution.field.negative")
	}
	return f.Err()
}

func (t Term) check() error {
	var f fault.Fields
	f.Day("from", t.From)
	f.OptionalDay("to", t.To)
	if t.To != "" && t.To <= t.From {
		f.Add("to", "institution.field.order")
	}
	f.Length("document", t.Document, 0, 120)
	return f.Err()
}
