package api

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
)

// finding is the search over public records (检索).
type finding struct{ index *search.Service }

func (s finding) operations() []operation {
	return []operation{
		reads("search", "/search", words{"全文检索公开的记录", "Search public records by words"}, s.find).public().
			note("名称里有的排在前面，再看种类、行业和地点，最后看正文。没有全都包含的，给出最接近的，near 为 true。最多看 2000 条。",
				"What stands in the title comes first, then kind, industry and place, then the text. When nothing holds all of the words, what comes closest is shown and near is true. At most 2000 records are looked through."),
	}
}

type searchAsked struct {
	Q      string `query:"q" maxLength:"100" doc:"要找的词，用空格分开的都要有|What to look for; all of the words apart by spaces"`
	Kind   string `query:"kind" enum:"institution,park,techplatform,instrument,techbase,patent,technotice,recognition_call,recognition_award,recognition_application" doc:"只找这一种|Only of this kind"`
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"20" doc:"每页最多几条|At most this many records"`
	After  string `query:"after" maxLength:"2000" doc:"上一页的 next|The next of the page before"`
}

// SearchFound is a page of what was found.
type SearchFound struct {
	Items []SearchHit   `json:"items" doc:"找到的，最相符的在前|What was found, the best first"`
	Next  string        `json:"next,omitempty" doc:"下一页的 after，最后一页没有|The after of the next page; missing on the last"`
	Total int           `json:"total" doc:"一共几条|How many in all"`
	More  bool          `json:"more" doc:"还有没数到的|Whether there are more than were counted"`
	Near  bool          `json:"near" doc:"没有全都包含的，这些最接近|Nothing holds all of the words; these come closest"`
	Kinds []SearchCount `json:"kinds" doc:"每种几条，不论 kind|How many of each kind, whatever kind asks for"`
}

// SearchHit is a record that was found.
type SearchHit struct {
	Kind   string `json:"kind" doc:"种类|Kind"`
	ID     string `json:"id" doc:"编号|Its id"`
	Of     string `json:"of,omitempty" doc:"属于哪条记录（仪器所在的平台）|The record it is part of: an instrument's platform"`
	Region string `json:"region" doc:"所在地的代码|Code of its place"`
	Title  string `json:"title" doc:"名称|Title"`
	Text   string `json:"text,omitempty" doc:"正文里相符的一段|The part of its text that was asked for"`
}

// SearchCount is how many of a kind were found.
type SearchCount struct {
	Kind string `json:"kind" doc:"种类|Kind"`
	N    int    `json:"n" doc:"几条|How many"`
}

func (s finding) find(ctx context.Context, c *Call, in *searchAsked) (SearchFound, error) {
	var broken fault.Fields
	broken.Length("q", line(in.Q), 1, 100)
	if err := broken.Err(); err != nil {
		return SearchFound{}, err
	}
	f, err := s.index.Find(ctx, search.Query{Text: line(in.Q), Kind: in.Kind, Within: region.Code(in.Region)}, db.Page{Limit: in.Limit, After: in.After})
	if err != nil {
		return SearchFound{}, err
	}
	c.follow(f.Next)
	out := SearchFound{
		Items: make([]SearchHit, len(f.Hits)), Kinds: make([]SearchCount, len(f.Kinds)), Next: f.Next, Total: f.Total, More: f.More, Near: f.Near,
	}
	for i, h := range f.Hits {
		out.Items[i] = SearchHit{Kind: h.Kind, ID: h.Record, Region: string(h.Region), Title: plainText(h.Title), Text: plainText(h.Text)}
		if h.Root != h.Record {
			out.Items[i].Of = h.Root
		}
	}
	for i, k := range f.Kinds {
		out.Kinds[i] = SearchCount(k)
	}
	return out, nil
}

func plainText(pieces []search.Piece) string {
	var all strings.Builder
	for _, p := range pieces {
		all.WriteString(p.Text)
	}
	return all.String()
}
