package territory

import (
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/region"
)

// The rights over the tree. Reorganising is checked at the place that holds all
// that changes: moving a town between counties needs the right over the city.
const (
	Reorganise authz.Permission = "territory.region.reorganise" // 调整行政区划
	SetKeyTown authz.Permission = "territory.key_town.set"      // 确定重点镇
)

// Kind is what sort of place a code names.
type Kind string

const (
	Admin Kind = "admin" // 行政区划
	Zone  Kind = "zone"  // 开发区: counted by itself, but no county
)

// Place is a code with its name for a span of days (地方): it holds on every
// day with From <= day < To; an empty From is since before the records and
// an empty To is still.
type Place struct {
	Code      region.Code  `db:"code"`
	Name      string       `db:"name"`       // 射阳县
	NameEn    string       `db:"name_en"`    // Sheyang County; towns have none
	Short     string       `db:"short_name"` // 射阳
	Level     region.Level `db:"level"`      //
	Parent    region.Code  `db:"parent"`     // empty above the province
	Kind      Kind         `db:"kind"`       //
	From      string       `db:"valid_from"` // ISO
	To        string       `db:"valid_to"`   // ISO, the first day it no longer holds
	KnownFrom string       `db:"known_from"` // documented from this day on
	Grade     string       `db:"grade"`      // A full text … C weak source, M from memory
	Note      string       `db:"note"`
}

// On reports whether the place existed on the day under this name.
func (p Place) On(day string) bool { return p.From <= day && (p.To == "" || day < p.To) }

// Approximate reports whether the place is only projected back to the day (推定).
func (p Place) Approximate(day string) bool { return day < p.KnownFrom }

// Township reports a real town, township or street (乡镇、街道), not a farm, park
// or zone that is only counted like one.
func (p Place) Township() bool { return p.Level == region.Town && p.Code[6] < '4' }

// What pages say of a place that is projected, and of a list of key towns that
// is made up for demonstration.
const (
	ApproximateKey = "territory.approximate"
	SyntheticKey   = "territory.synthetic"
)

// LevelKey is the text key of a level's name.
func LevelKey(l region.Level) string { return "territory.level." + strconv.Itoa(int(l)) }

// Turn is one line of the lineage (沿革): on a day From became To.
type Turn struct {
	From  region.Code `db:"from_code"`
	To    region.Code `db:"to_code"`
	On    string      `db:"on_date"`
	Kind  ChangeKind  `db:"kind"`
	Main  bool        `db:"main"` // records of From go to this To
	Grade string      `db:"grade"`
	Note  string      `db:"note"`
}

// ChangeKind is how the tree changes.
type ChangeKind string

const (
	Rename  ChangeKind = "rename"  // 更名: the same code, another name
	Upgrade ChangeKind = "upgrade" // 改设: 县→区, 镇→街道, with a new code
	Merge   ChangeKind = "merge"   // 合并
	Split   ChangeKind = "split"   // 析出
	Moved   ChangeKind = "move"    // 划归: to another county or city
)

// Key is the text key of the kind's name.
func (k ChangeKind) Key() string { return "territory.kind." + string(k) }
