package engagement

import (
	"context"
	"strconv"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/xfer"
)

// Table is needs as a spreadsheet (企业需求). It only goes out: a need has its way
// through the hands of those who take part, and a table would go round it. Who
// is to be spoken to is not in it, nor the name of a founder.
func Table() *xfer.Table {
	var states, themes, channels []xfer.Option
	for _, s := range Lifecycle().States {
		states = append(states, xfer.Option{Value: string(s), Label: Lifecycle().StateKey(s)})
	}
	for _, t := range institution.Themes() {
		themes = append(themes, xfer.Option{Value: string(t), Label: t.Key()})
	}
	for _, c := range Channels() {
		channels = append(channels, xfer.Option{Value: string(c), Label: c.Key()})
	}
	return &xfer.Table{Name: Kind, Title: "need.table", Columns: []xfer.Column{
		{Key: "number", Label: "need.column.number", Type: xfer.Code},
		{Key: "title", Label: "need.column.title"},
		{Key: "theme", Label: "need.column.theme", Type: xfer.Choice, Options: themes},
		{Key: "amount", Label: "need.column.amount", Type: xfer.Money},
		{Key: "requester", Label: "need.column.requester"},
		{Key: "region", Label: "need.column.region", Type: xfer.Place},
		{Key: "office", Label: "need.column.office", Type: xfer.Place},
		{Key: "channel", Label: "need.column.channel", Type: xfer.Choice, Options: channels},
		{Key: "state", Label: "need.column.state", Type: xfer.Choice, Options: states},
		{Key: "institution", Label: "need.column.institution"},
		{Key: "posted", Label: "need.column.posted", Type: xfer.Date},
		{Key: "finished", Label: "need.column.finished", Type: xfer.Date},
		{Key: "on_time", Label: "need.column.on_time", Type: xfer.Choice, Options: []xfer.Option{
			{Value: "yes", Label: "xfer.yes"}, {Value: "no", Label: "xfer.no"},
		}},
		{Key: "closed", Label: "need.column.closed", Type: xfer.Date},
	}}
}

// exportPage is how many needs are read at once.
const exportPage = 200

// Export writes the needs that the filter finds within the reach of the actor's
// offices, the newest first (导出企业需求); year is that of posting, 0 for all.
func (s *Service) Export(ctx context.Context, by authz.Actor, f Filter, year int, put func(cells []string) error) error {
	page := db.Page{Limit: exportPage}
	for {
		list, next, err := s.List(ctx, by.Scope(See).Office(), f, page)
		if err != nil {
			return err
		}
		var ids []string
		for i := range list {
			ids = append(ids, string(list[i].Institution))
		}
		names, err := institution.Names(ctx, s.db, ids...)
		if err != nil {
			return err
		}
		for i := range list {
			cells := list[i].cells(names)
			if year != 0 && cells[10][:4] != strconv.Itoa(year) {
				continue
			}
			if err := put(cells); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
	}
}

// cells is a need in the order of the Table's columns.
func (n *Need) cells(institutions map[string]string) []string {
	requester, amount, onTime := "", "", ""
	if n.Enterprise != "" {
		requester = n.Requester
	}
	if n.Amount != 0 {
		amount = xfer.Yuan(&n.Amount)
	}
	if !n.Finished.IsZero() {
		onTime = map[bool]string{true: "yes", false: "no"}[n.OnTime]
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return flow.DayOf(t)
	}
	return []string{
		n.Number, n.Title, string(n.Theme), amount, requester, string(n.Region), string(n.Office), string(n.Channel), string(n.State),
		institutions[string(n.Institution)], day(n.PostedAt), day(n.Finished), onTime, day(n.ClosedAt),
	}
}
