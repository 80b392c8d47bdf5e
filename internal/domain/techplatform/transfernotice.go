package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/xfer"
)

// EnterNotice is the office's right to send notices for review for the enterprises
// and institutions of its place (代录技术供需).
const EnterNotice authz.Permission = "techplatform.notice.enter"

// NoticeTable is technology needs and offers as a spreadsheet (技术供需). What comes
// in waits for its first review like any other; whoever brought it cannot review
// it. One is known by its side, its party and its title.
func NoticeTable() *xfer.Table {
	return &xfer.Table{Name: "technology-notice", Title: "technotice.table", Columns: []xfer.Column{
		{Key: "number", Label: "technotice.page.number", Type: xfer.Note},
		{Key: "side", Label: "technotice.form.side", Type: xfer.Choice, Required: true, Options: xfer.OptionsOf(Sides())},
		{Key: "title", Label: "technotice.form.title", Required: true, Example: "细纱机断头自动检测"},
		{Key: "text", Label: "technotice.form.text", Required: true},
		{Key: "industry", Label: "technotice.form.industry", Type: xfer.Code, Required: true, Example: "C17"},
		{Key: "amount", Label: "technotice.form.amount", Type: xfer.Money},
		{Key: "code", Label: "tech.column.code", Type: xfer.Code, Hint: "technotice.column.code_hint"},
		{Key: "institution", Label: "technotice.column.institution", Hint: "technotice.column.institution_hint"},
		{Key: "contact", Label: "technotice.form.contact", Hint: "technotice.column.contact_hint"},
		{Key: "party", Label: "technotice.page.party", Type: xfer.Note},
		{Key: "state", Label: "technotice.page.state", Type: xfer.Note},
		{Key: "published", Label: "technotice.column.published", Type: xfer.Note},
		{Key: "until", Label: "technotice.page.until", Type: xfer.Note},
	}}
}

type noticeSheet struct{ sheet }

// noticeLine is what a row says, and once it is sorted the notice it makes.
type noticeLine struct {
	Notice
	code, institution string
}

// ImportNotices lands rows of NoticeTable as an actor (导入技术供需). What is on file
// changes by its page alone.
func (s *Service) ImportNotices(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	base, err := s.sheet(by, EnterNotice)
	if err != nil {
		return nil, err
	}
	i := &noticeSheet{base}
	i.Sort, i.Write = i.sort, i.write
	return i, nil
}

func (i *noticeSheet) Prepare(r *xfer.Row) {
	l := &noticeLine{code: enterprise.Normalise(r.Code("code")), institution: r.Text("institution")}
	l.Side = Side(r.Pick("side"))
	l.NoticeProfile = NoticeProfile{Title: r.Text("title"), Text: r.Text("text"), Industry: r.Code("industry"), Amount: r.Amount("amount"), Contact: r.Text("contact")}
	switch {
	case !r.Sound("code", "institution"):
	case (l.code == "") == (l.institution == ""):
		r.Break("code", "technotice.import.party")
	case l.Side == Wanted && l.institution != "":
		r.Break("side", "technotice.field.side")
	}
	r.Value, r.Keys = l, []string{string(l.Side) + "\x00" + l.code + "\x00" + l.institution + "\x00" + l.Title}
}

func (i *noticeSheet) sort(ctx context.Context, r db.Reader, rows []*xfer.Row) error {
	firms, err := i.firms(ctx, r, rows, func(row *xfer.Row) string { return row.Value.(*noticeLine).code })
	if err != nil {
		return err
	}
	for _, row := range rows {
		l := row.Value.(*noticeLine)
		if e, ok := firms[l.code]; ok {
			l.Party, l.Name, l.Region = authz.Party{Kind: authz.Enterprise, ID: string(e.ID)}, e.Profile.Name, e.Profile.Region
		} else if l.institution != "" {
			if err := i.body(ctx, r, row, l); err != nil {
				return err
			}
		}
		if len(row.Bad) > 0 {
			row.BreakAll("", l.check(i.s.industry).Err())
			continue
		}
		if err := i.find(ctx, r, row, l); err != nil {
			return err
		}
	}
	return nil
}

// body finds the institution that a row names in full, within reach; one whose
// name several have is none.
func (i *noticeSheet) body(ctx context.Context, r db.Reader, row *xfer.Row, l *noticeLine) error {
	found, err := institution.Named(ctx, r, i.by.Scope(i.do), ledger.Date(i.s.today()), l.institution)
	switch body, ok := found[l.institution]; {
	case err != nil:
	case !ok || body.Ended != "" && body.Ended <= i.s.today():
		row.Break("institution", "technotice.import.institution", "value", l.institution)
	default:
		l.Party, l.Name, l.Region = authz.Party{Kind: authz.Institution, ID: string(body.ID)}, l.institution, body.Region
	}
	return err
}

// find compares a row with what its party has on file under the title. Whom to
// ask does not go out, and so is not compared.
func (i *noticeSheet) find(ctx context.Context, r db.Reader, row *xfer.Row, l *noticeLine) error {
	broken := l.check(i.s.industry)
	firm, institution := ids(l.Party)
	var old []noticeRow
	if err := r.Select(ctx, &old, `SELECT `+noticeColumns+` FROM techplatform_notice n WHERE n.side = ? AND n.title = ? AND n.enterprise_id = ? AND n.institution_id = ?
		ORDER BY n.id`, string(l.Side), l.Title, firm, institution); err != nil {
		return err
	}
	for n := range old {
		was := old[n].notice().NoticeProfile
		if was.Contact = l.Contact; was == l.NoticeProfile {
			row.Outcome = xfer.Unchanged
			return nil
		}
	}
	row.Outcome = xfer.New
	row.BreakAll("", broken.Err())
	if len(old) > 0 {
		row.Break("title", "technotice.import.known", "number", old[len(old)-1].Number)
	}
	return nil
}

func (i *noticeSheet) write(ctx context.Context, tx *db.Tx, b *gate.Batch, rows []*xfer.Row) error {
	for _, row := range rows {
		n := &row.Value.(*noticeLine).Notice
		n.ID, n.State, n.SubmittedBy, n.Version, n.Since, n.UpdatedAt = db.NewID(), Submitted, i.by.ID, 1, tx.Now, tx.Now
		var err error
		if n.Number, err = nextNumber(ctx, tx, n.Side.prefix()); err != nil {
			return err
		}
		record := gate.Record{Kind: NoticeKind, ID: n.ID}
		if err := b.Add(&gate.Change{
			By: i.by, Do: EnterNotice, On: n.view(), Record: record, Detail: map[string]any{"number": n.Number, "side": n.Side, "import": true},
		}); err != nil {
			return err
		}
		if err := insertNotice(ctx, tx, n); err != nil {
			return err
		}
		if err := flow.Note(ctx, tx, record, flow.Began(i.by, EnterNotice, Submitted, "")); err != nil {
			return err
		}
	}
	return nil
}

// ExportNotices writes the notices within the actor's reach, the newest first,
// without whom to ask (导出技术供需).
func (s *Service) ExportNotices(ctx context.Context, by authz.Actor, f NoticeFilter, put func(cells []string) error) error {
	return db.Pages(func(page db.Page) ([]Notice, string, error) {
		list, next, _, err := s.Notices(ctx, by.Scope(SeeNotice), f, page)
		return list, next, err
	}, func(list []Notice) error {
		firm := func(n *Notice) string { id, _ := ids(n.Party); return id }
		codes, err := codesBy(ctx, s.db, list, firm)
		for k := range list {
			n := &list[k]
			institution := ""
			if n.Party.Kind == authz.Institution {
				institution = n.Name
			}
			if err == nil {
				err = put([]string{
					n.Number, string(n.Side), n.Title, n.Text, n.Industry, xfer.Amount(n.Amount), codes[firm(n)], institution, "", n.Name, string(n.State),
					n.PublishedOn, n.Until,
				})
			}
		}
		return err
	})
}
