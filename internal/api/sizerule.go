package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// sizeRules are the operations of the size rules (划型标准): dated data, which an
// operator may replace or add to.
type sizeRules struct {
	register *enterprise.Service
	home     region.Code
}

func (s sizeRules) operations() []operation {
	return []operation{
		reads("listSizeRules", "/size-rules", words{"划型标准", "Size rules"}, s.list).public(),
		gets("getSizeRule", "/size-rules/{id}", words{"一个划型标准", "One size rule"}, s.show).public(),
		changes("setSizeRule", "PUT /size-rules/{id}", words{"修改划型标准", "Replace or add a size rule"}, s.set, s.show).needs("setting:write").matched().
			note("改了以后，所有企业在后台重新划型。", "Afterwards all enterprises are classified anew in the background."),
	}
}

// SizeRule is a rule with the span of days it is in force.
type SizeRule struct {
	ID          string                    `json:"id" doc:"编号|Its id"`
	Like        string                    `json:"like" doc:"行业和界限照哪一个标准|Takes rows and industries of this rule"`
	Uses        []string                  `json:"uses" doc:"用途：policy、statistics|What it is for: policy, statistics"`
	From        string                    `json:"from" doc:"从哪一天起|In force from this day"`
	Until       string                    `json:"until" doc:"到哪一天为止，不含；还在用时为空|No longer from this day; empty while in force"`
	Source      Bilingual                 `json:"source" doc:"依据|The law"`
	Definitions map[string]Bilingual      `json:"definitions" doc:"指标怎么算|How figures are defined"`
	Rows        []SizeRow                 `json:"rows" doc:"每个行业的界限|The bounds of each industry"`
	Industries  map[string][]SizeIndustry `json:"industries" doc:"哪些行业代码归哪一行，按分类标准的版本|Which codes belong to which row, by edition"`
	Version     int                       `json:"version" doc:"版本，即 ETag；没改过是 0|Version, the same as the ETag; 0 when never changed"`
}

// Bilingual is words in both languages.
type Bilingual struct {
	Zh string `json:"zh" doc:"中文|Chinese"`
	En string `json:"en" doc:"英文|English"`
}

// SizeRow is the bounds of an industry.
type SizeRow struct {
	ID          string               `json:"id" doc:"编号|Its id"`
	Name        Bilingual            `json:"name" doc:"行业|The industry"`
	Article     Bilingual            `json:"article" doc:"条款|Article"`
	Grade       string               `json:"grade" doc:"出处有多可靠：A 原文，B 转引，C 不可靠，M 凭记忆|How well the source was read: A text, B quoted, C weak, M memory"`
	Definitions map[string]Bilingual `json:"definitions,omitempty" doc:"这一行指标怎么算|How its figures are defined"`
	Bounds      []SizeBounds         `json:"bounds" doc:"界限|Lower bounds"`
}

// SizeBounds are the lower bounds of one figure.
type SizeBounds struct {
	Metric string `json:"metric" enum:"employees,revenue,assets" doc:"指标|The figure"`
	Large  int64  `json:"large" doc:"大型，人或万元|Large, in people or 10,000 yuan"`
	Medium int64  `json:"medium" doc:"中型|Medium"`
	Small  int64  `json:"small,omitempty" doc:"小型，没有微型的标准不写|Small; left out where there is no micro tier"`
}

// SizeIndustry sends industry codes to a row.
type SizeIndustry struct {
	Codes string    `json:"codes" doc:"代码，如 54-58,591|Codes, such as 54-58,591"`
	Row   string    `json:"row" doc:"哪一行，或 not_covered、unknown|The row, or not_covered or unknown"`
	Grade string    `json:"grade" doc:"出处有多可靠|How well the source was read"`
	Note  Bilingual `json:"note" doc:"说明|Note"`
}

func bilingual(w enterprise.Words) Bilingual { return Bilingual{w[0], w[1]} }
func (b Bilingual) words() enterprise.Words  { return enterprise.Words{line(b.Zh), line(b.En)} }

func sizeRuleOf(s enterprise.RuleSet) SizeRule {
	out := SizeRule{
		ID: s.ID, Like: s.Like, From: s.From, Until: s.Until, Source: bilingual(s.Source), Definitions: defined(s.Definitions),
		Uses: []string{}, Rows: []SizeRow{}, Industries: map[string][]SizeIndustry{},
	}
	for _, u := range s.Uses {
		out.Uses = append(out.Uses, string(u))
	}
	for _, r := range s.Rows {
		row := SizeRow{ID: r.ID, Name: bilingual(r.Name), Article: bilingual(r.Article), Grade: r.Grade, Definitions: defined(r.Definitions), Bounds: []SizeBounds{}}
		for _, b := range r.Bounds {
			row.Bounds = append(row.Bounds, SizeBounds{string(b.Metric), b.Large, b.Medium, b.Small})
		}
		out.Rows = append(out.Rows, row)
	}
	for edition, list := range s.Industries {
		for _, i := range list {
			out.Industries[edition] = append(out.Industries[edition], SizeIndustry{i.Codes, i.Row, i.Grade, bilingual(i.Note)})
		}
	}
	return out
}

func defined(m map[enterprise.Metric]enterprise.Words) map[string]Bilingual {
	out := make(map[string]Bilingual, len(m))
	for metric, w := range m {
		out[string(metric)] = bilingual(w)
	}
	return out
}

func (s sizeRules) list(ctx context.Context, _ *Call, _ *struct{}) (page[SizeRule], error) {
	rules, err := s.register.Rules(ctx)
	return pageOf(rules.Sets, "", func(set enterprise.RuleSet) SizeRule {
		version, lookup := s.register.RuleVersion(ctx, set.ID)
		if lookup != nil {
			err = lookup
		}
		out := sizeRuleOf(set)
		out.Version = version
		return out
	}), err
}

func (s sizeRules) show(ctx context.Context, c *Call, id string) (SizeRule, error) {
	rules, err := s.register.Rules(ctx)
	if err != nil {
		return SizeRule{}, err
	}
	for _, set := range rules.Sets {
		if set.ID == id {
			out := sizeRuleOf(set)
			out.Version, err = s.register.RuleVersion(ctx, id)
			c.Versioned(out.Version)
			return out, err
		}
	}
	return SizeRule{}, fault.Missing()
}

type sizeRuleSet struct {
	byID
	Body struct {
		Like        string                    `json:"like,omitempty" doc:"行业和界限照哪一个标准|Take rows and industries of this rule"`
		Uses        []string                  `json:"uses" doc:"用途：policy、statistics|What it is for: policy, statistics"`
		From        string                    `json:"from" doc:"从哪一天起|In force from this day"`
		Until       string                    `json:"until,omitempty" doc:"到哪一天为止，不含|No longer from this day"`
		Source      Bilingual                 `json:"source" doc:"依据|The law"`
		Definitions map[string]Bilingual      `json:"definitions,omitempty" doc:"指标怎么算|How figures are defined"`
		Rows        []SizeRow                 `json:"rows,omitempty" doc:"每个行业的界限|The bounds of each industry"`
		Industries  map[string][]SizeIndustry `json:"industries,omitempty" doc:"哪些行业代码归哪一行|Which codes belong to which row"`
	}
}

func (s sizeRules) set(ctx context.Context, c *Call, in *sizeRuleSet) error {
	b := in.Body
	set := enterprise.RuleSet{
		ID: in.ID, Like: b.Like, Uses: named[enterprise.Use](b.Uses), From: b.From, Until: b.Until, Source: b.Source.words(),
		Definitions: metrics(b.Definitions), Industries: map[string][]enterprise.IndustryOf{},
	}
	for _, r := range b.Rows {
		row := enterprise.Row{ID: r.ID, Name: r.Name.words(), Article: r.Article.words(), Grade: r.Grade, Definitions: metrics(r.Definitions)}
		for _, o := range r.Bounds {
			row.Bounds = append(row.Bounds, enterprise.Bounds{Metric: enterprise.Metric(o.Metric), Large: o.Large, Medium: o.Medium, Small: o.Small})
		}
		set.Rows = append(set.Rows, row)
	}
	for edition, list := range b.Industries {
		for _, i := range list {
			set.Industries[edition] = append(set.Industries[edition], enterprise.IndustryOf{Codes: i.Codes, Row: i.Row, Grade: i.Grade, Note: i.Note.words()})
		}
	}
	return s.register.SetRule(ctx, c.By, s.home, set, c.Version)
}

func metrics(m map[string]Bilingual) map[enterprise.Metric]enterprise.Words {
	out := map[enterprise.Metric]enterprise.Words{}
	for name, b := range m {
		out[enterprise.Metric(name)] = b.words()
	}
	return out
}
