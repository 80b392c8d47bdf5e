package techplatform

import (
	"slices"
	"strings"
)

// Kind is what a platform was set up for.
type Kind string

// The kinds of platform.
const (
	Common Kind = "common" // 共性技术服务平台
	InBase Kind = "base"   // 特色产业基地技术服务平台
)

// Kinds are both, in the order of the form.
func Kinds() []Kind { return []Kind{Common, InBase} }

// Key is the text key of the kind's name.
func (k Kind) Key() string { return "tech.kind." + string(k) }

// Level is what a platform is recognised as (认定级别).
type Level string

// The levels; NoLevel is a platform that is not recognised.
const (
	NoLevel  Level = ""
	City     Level = "city"     // 市级
	Province Level = "province" // 省级
	Nation   Level = "nation"   // 国家级
)

// Levels are the three, the highest first.
func Levels() []Level { return []Level{Nation, Province, City} }

// Key is the text key of the level's name.
func (l Level) Key() string {
	if l == NoLevel {
		return "tech.level.none"
	}
	return "tech.level." + string(l)
}

// Function is what a platform does for the enterprises of a base (服务功能).
type Function string

// The functions.
const (
	Testing  Function = "testing"  // 产品检测
	Skills   Function = "skills"   // 技能培训
	Research Function = "research" // 研发攻关
	Matching Function = "matching" // 配套协作
)

// Functions are the four, in the order in which the chapter names them.
func Functions() []Function { return []Function{Testing, Skills, Research, Matching} }

// Key is the text key of the function's name.
func (f Function) Key() string { return "tech.function." + string(f) }

// ServiceKind is what a service is counted as.
type ServiceKind string

// The kinds of service.
const (
	Comprehensive ServiceKind = "comprehensive" // 综合性技术服务
	Professional  ServiceKind = "professional"  // 专业性技术服务
)

// ServiceKinds are both.
func ServiceKinds() []ServiceKind { return []ServiceKind{Comprehensive, Professional} }

// Key is the text key of the kind's name.
func (k ServiceKind) Key() string { return "tech.service." + string(k) }

// FounderKind is who a founder is.
type FounderKind string

// The kinds of founder.
const (
	University FounderKind = "university" // 高等院校
	Institute  FounderKind = "institute"  // 科研院所
	Firm       FounderKind = "enterprise" // 企业
	Government FounderKind = "government" // 政府部门
	OtherBody  FounderKind = "other"      // 其他
)

// FounderKinds are all of them, in the order of the form.
func FounderKinds() []FounderKind {
	return []FounderKind{University, Institute, Firm, Government, OtherBody}
}

// Key is the text key of the kind's name.
func (k FounderKind) Key() string { return "tech.founder." + string(k) }

// Contribution is what a founder brings (出资方式).
type Contribution string

// The kinds of contribution.
const (
	Funds      Contribution = "funds"      // 资金
	Equipment  Contribution = "equipment"  // 设备
	Technology Contribution = "technology" // 技术
	Premises   Contribution = "premises"   // 场地
	People     Contribution = "people"     // 人员
)

// Contributions are all of them, in the order of the form.
func Contributions() []Contribution {
	return []Contribution{Funds, Equipment, Technology, Premises, People}
}

// Key is the text key of the contribution's name.
func (c Contribution) Key() string { return "tech.contribution." + string(c) }

// list is how a short list of codes is stored: each between spaces.
func list[T ~string](items []T) string {
	if len(items) == 0 {
		return ""
	}
	parts := make([]string, len(items))
	for i, it := range items {
		parts[i] = string(it)
	}
	return " " + strings.Join(parts, " ") + " "
}

func unlist[T ~string](column string) []T {
	var items []T
	for _, f := range strings.Fields(column) {
		items = append(items, T(f))
	}
	return items
}

// oneOf reports that every item is among all, each once.
func oneOf[T comparable](items, all []T) bool {
	for n, it := range items {
		if !slices.Contains(all, it) || slices.Contains(items[:n], it) {
			return false
		}
	}
	return true
}
