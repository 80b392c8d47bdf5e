package institution

import (
	"slices"
	"strings"

	"qiban.dev/qiban/internal/region"
)

// Theme is what a service is about (服务主题); the text key is theme.<code>.
type Theme string

// The six themes.
const (
	Development    Theme = "development"    // 平稳健康发展: knowing and using policies
	Transformation Theme = "transformation" // 转型升级: diagnosis, technology, strategy
	Financing      Theme = "financing"      // 缓解瓶颈制约: guarantees, banks
	Markets        Theme = "markets"        // 开拓市场: electronic commerce, fairs
	Startup        Theme = "startup"        // 全民创业: coaching, projects
	Capability     Theme = "capability"     // 提升素质: training, use of information
)

// Themes are the six, in the order in which offices list them.
func Themes() []Theme {
	return []Theme{Development, Transformation, Financing, Markets, Startup, Capability}
}

// Valid reports whether it is one of the six.
func (t Theme) Valid() bool { return slices.Contains(Themes(), t) }

// Key is the text key of the theme's name.
func (t Theme) Key() string { return "theme." + string(t) }

// Form is how a service is given (服务形式); the text key is form.<code>.
type Form string

// The four forms.
const (
	ExpertTeam Form = "expert_team" // 专家队伍
	Event      Form = "event"       // 重大活动
	Media      Form = "media"       // 媒介
	Training   Form = "training"    // 培训
)

// Forms are the four, in the order in which offices list them.
func Forms() []Form { return []Form{ExpertTeam, Event, Media, Training} }

// Valid reports whether it is one of the four.
func (f Form) Valid() bool { return slices.Contains(Forms(), f) }

// Key is the text key of the form's name.
func (f Form) Key() string { return "form." + string(f) }

// Kind is what an institution is (机构类别).
type Kind string

// The kinds of institution.
const (
	ServiceCentre      Kind = "service_centre"      // 中小企业服务中心
	Guarantor          Kind = "guarantor"           // 担保机构
	Bank               Kind = "bank"                // 银行
	TrainingBody       Kind = "training_body"       // 培训机构
	TechnologyPlatform Kind = "technology_platform" // 技术平台
	University         Kind = "university"          // 高等院校
	Intermediary       Kind = "intermediary"        // 中介机构
	Association        Kind = "association"         // 协会、商会
	LawFirm            Kind = "law_firm"            // 律师事务所
	Other              Kind = "other"               // 其他
)

// Kinds are all kinds, in the order of the form.
func Kinds() []Kind {
	return []Kind{
		ServiceCentre, Guarantor, Bank, TrainingBody, TechnologyPlatform,
		University, Intermediary, Association, LawFirm, Other,
	}
}

// Valid reports whether it is one of the kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Key is the text key of the kind's name.
func (k Kind) Key() string { return "institution.kind." + string(k) }

// Tier is how closely an institution is bound to the service system (层级).
type Tier string

// The tiers; NoTier is an institution on the register only.
const (
	NoTier  Tier = ""
	Core    Tier = "core"    // 核心层
	Close   Tier = "close"   // 紧密层
	Contact Tier = "contact" // 联系层
)

// Tiers are the three, the closest first.
func Tiers() []Tier { return []Tier{Core, Close, Contact} }

// Key is the text key of the tier's name.
func (t Tier) Key() string {
	if t == NoTier {
		return "institution.tier.none"
	}
	return "institution.tier." + string(t)
}

// Level is the government level an institution belongs to (市级、县级), which
// need not be that of the place where it sits.
type Level string

// The levels.
const (
	Provincial Level = "province"
	Municipal  Level = "city"
	CountyWide Level = "county"
	TownWide   Level = "town"
)

// Levels are all levels, the highest first.
func Levels() []Level { return []Level{Provincial, Municipal, CountyWide, TownWide} }

// Key is the text key of the level's name.
func (l Level) Key() string { return "institution.level." + string(l) }

// Home is the region the level gives an institution that sits at the code: the
// city for a city-level institution in one of its districts.
func (l Level) Home(at region.Code) region.Code {
	want := map[Level]region.Level{
		Provincial: region.Province, Municipal: region.City, CountyWide: region.County, TownWide: region.Town,
	}[l]
	if home := at.At(want); home != "" {
		return home
	}
	return at
}

// Fee says whether a service costs the enterprise something (收费).
type Fee string

// The kinds of fee.
const (
	Free Fee = "free" // 公益
	Low  Fee = "low"  // 低收费
	Paid Fee = "paid" // 市场价
)

// Fees are all kinds of fee, the cheapest first.
func Fees() []Fee { return []Fee{Free, Low, Paid} }

// Key is the text key of the fee's name.
func (f Fee) Key() string { return "institution.fee." + string(f) }

// list is how a short list of codes is stored: each between spaces, so that
// " bank " finds a bank and nothing else.
func list[T ~string](items []T) string {
	if len(items) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte(' ')
	for _, it := range items {
		b.WriteString(string(it))
		b.WriteByte(' ')
	}
	return b.String()
}

func unlist[T ~string](column string) []T {
	var items []T
	for _, f := range strings.Fields(column) {
		items = append(items, T(f))
	}
	return items
}
