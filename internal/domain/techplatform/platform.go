package techplatform

import (
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/region"
)

// ID names a platform.
type ID string

// The kinds of the records kept here, as in the audit trail.
const (
	PlatformKind = "techplatform"
	BaseKind     = "techbase"
	OrderKind    = "techorder"
	WorkKind     = "techwork"
	PatentRecord = "patent"
	NoticeKind   = "technotice"
	IntroKind    = "techintro"
	ProductKind  = "techproduct"
	GradeKind    = "techgrade"
)

// The rights over platforms and bases. See is the right to find one in a list
// that is not public.
const (
	See           authz.Permission = "techplatform.see"
	Register      authz.Permission = "techplatform.register"
	Edit          authz.Permission = "techplatform.edit"
	Publish       authz.Permission = "techplatform.publish"
	End           authz.Permission = "techplatform.end"
	SetLevel      authz.Permission = "techplatform.level.set"
	SetService    authz.Permission = "techplatform.service.set"
	SetInstrument authz.Permission = "techplatform.instrument.set"
	Block         authz.Permission = "techplatform.instrument.block"
	RecordWork    authz.Permission = "techplatform.work.record"
	TakeBackWork  authz.Permission = "techplatform.work.withdraw"
	SetBase       authz.Permission = "techplatform.base.set"
)

// Permissions are all rights of this domain, each once.
func Permissions() []authz.Permission {
	return slices.Concat(Lifecycle().Permissions(), []authz.Permission{
		See, Register, Edit, Publish, End, SetLevel, SetService, SetInstrument, Block, RecordWork, ConfirmWork, ReturnWork, TakeBackWork, SetBase, SeeOrder, SeePatent,
		KeepPatent, SeeNotice, SeeIntro, SeeProduct, SetGrade, Supervise,
		EnterNotice,
	}, NoticeLifecycle().Permissions(), IntroLifecycle().Permissions(), ProductLifecycle().Permissions())
}

// Profile is what a platform says of itself.
type Profile struct {
	Name        string
	Kind        Kind
	Institution institution.ID // that runs it
	Base        string         // the base it was set up in; of kind InBase only
	Functions   []Function
	Industry    string      // the trade it serves, in words: 纺织
	Region      region.Code // where it sits; not changed by Edit
	Founded     string      // ISO date: it counts from then on
	Address     string
	About       string // at most 1,000 characters
}

// Founder is one of those who set a platform up together (共建单位).
type Founder struct {
	Kind   FounderKind
	Name   string
	What   Contribution
	Amount int64 // in fen: money, or what the contribution is valued at; 0 when not known
	Note   string
}

// Term is a span of dates at a level, under a document. To is the first day it
// no longer holds, empty while open.
type Term struct {
	ID       string
	Level    Level
	From, To string
	Document string
}

// On reports whether the term holds on the day.
func (t Term) On(day string) bool { return t.From <= day && (t.To == "" || day < t.To) }

// Platform is one platform as of a day.
type Platform struct {
	ID ID
	Profile
	Level     Level
	Published bool
	Ended     string // ISO date: closed since; empty while it works
	Version   int
	UpdatedAt time.Time
}

// Target is what the rights over the platform are checked against.
func (p *Platform) Target() authz.Target {
	return authz.At(p.Region).Of(authz.Institution, string(p.Institution))
}

// On is what an act is checked against in an installation with the top: a level is
// given by the city, see region.Code.Judge.
func (p *Platform) On(do authz.Permission, top region.Code) authz.Target {
	if do == SetLevel {
		return authz.At(p.Region.Judge(top))
	}
	return p.Target()
}

// Offering is one thing a platform does for enterprises (服务项目).
type Offering struct {
	ID          string
	Platform    ID
	Kind        ServiceKind
	Name        string
	Description string
	Price       int64  // in fen for one Unit; 0 when it is free
	Unit        string // 次, 样, 小时
	FreeShare   int    // what part of a year's orders is done for free (公益份额), in per cent
	Ended       bool
}

// Instrument is something that is booked by the half hour (仪器设备).
type Instrument struct {
	ID       string
	Platform ID
	Name     string
	Model    string
	About    string
	Price    int64 // in fen an hour; 0 when it is free
	Opens    int   // minutes since midnight
	Closes   int
	Weekends bool // also on days that are not worked
	Ended    bool
}

// BaseID names a base.
type BaseID string

// Base is a specialty industry base (特色产业基地).
type Base struct {
	ID        BaseID
	Name      string
	Region    region.Code // county or town; not changed later
	Industry  string      // 纺织
	Since     string      // ISO date: planned and announced
	Ended     string      // ISO date, empty while it stands
	About     string
	Platforms int // how many serve it
	Version   int
	UpdatedAt time.Time
}

// Target is what the rights over the base are checked against.
func (b *Base) Target() authz.Target { return authz.At(b.Region) }

// Link says what a platform does for a base.
type Link struct {
	Base      BaseID
	BaseName  string
	Platform  ID
	Name      string // of the platform
	Functions []Function
	Since     string // ISO date
}

// tidy takes the blanks off the ends of words.
func tidy(words ...*string) {
	for _, w := range words {
		*w = strings.TrimSpace(*w)
	}
}
