package techplatform

import (
	"context"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/search"
)

// InstrumentKind names the documents of instruments, which search finds by
// themselves below their platforms.
const InstrumentKind = "instrument"

// Searched are the published platforms with their instruments, the specialty
// industry bases, the patents, the needs and offers that are published, and the new
// products that are confirmed as search finds them.
func (s *Service) Searched() []search.Source {
	heard := func(kind string) map[string]func(context.Context, db.Reader, []string) ([]string, error) {
		return map[string]func(context.Context, db.Reader, []string) ([]string, error){kind: nil}
	}
	patents := heard(PatentRecord)
	patents[enterprise.Kind] = func(ctx context.Context, r db.Reader, ids []string) (found []string, err error) { // its name is the holder's
		where, args := search.Pick{IDs: ids}.Where("enterprise_id")
		return found, r.Select(ctx, &found, `SELECT id FROM techplatform_patent WHERE `+where, args...)
	}
	products := heard(ProductKind)
	products[GradeKind] = func(ctx context.Context, r db.Reader, ids []string) (found []string, err error) {
		where, args := search.Pick{IDs: ids}.Where("grade_id")
		return found, r.Select(ctx, &found, `SELECT id FROM techplatform_product WHERE `+where, args...)
	}
	return []search.Source{
		{Name: PlatformKind, Heard: heard(PlatformKind), Read: s.platformDocuments},
		{Name: BaseKind, Heard: heard(BaseKind), Read: s.baseDocuments},
		{Name: PatentRecord, Heard: patents, Read: s.patentDocuments},
		{Name: NoticeKind, Heard: heard(NoticeKind), Read: s.noticeDocuments},
		{Name: ProductKind, Heard: products, Read: s.productDocuments},
	}
}

func (s *Service) platformDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	day := s.today()
	where, args := p.Where("p.id")
	var rows []platformRow
	if err := r.Select(ctx, &rows, `SELECT `+platformColumns+fromPlatform+`
		WHERE p.published = 1 AND (p.ended = '' OR p.ended > ?) AND `+where, append([]any{day, day, day}, args...)...); err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := search.Pick{}
	for _, row := range rows {
		ids.IDs = append(ids.IDs, row.ID)
	}
	where, args = ids.Where("platform_id")
	var offers []struct {
		Platform    string      `db:"platform_id"`
		Kind        ServiceKind `db:"kind"`
		Name        string      `db:"name"`
		Description string      `db:"description"`
	}
	if err := r.Select(ctx, &offers, `SELECT platform_id, kind, name, description FROM techplatform_service WHERE ended = 0 AND `+where+`, id`, args...); err != nil {
		return nil, err
	}
	var tools []Instrument
	if err := r.Select(ctx, &tools, `SELECT `+instrumentColumns+` FROM techplatform_instrument WHERE ended = 0 AND `+where+`, id`, args...); err != nil {
		return nil, err
	}
	var all []search.Document
	for n := range rows {
		k := rows[n].platform()
		keys, body := []string{"search.kind.techplatform", k.Kind.Key()}, []string{k.About}
		for _, f := range k.Functions {
			keys = append(keys, f.Key())
		}
		for _, o := range offers {
			if o.Platform == string(k.ID) {
				keys, body = append(keys, o.Kind.Key()), append(body, o.Name+"："+o.Description)
			}
		}
		all = append(all, search.Document{
			Kind: PlatformKind, Record: string(k.ID), Root: string(k.ID), Region: k.Region, Title: k.Name,
			Tags: k.Industry + " " + search.Words(keys...), Body: strings.Join(append(body, k.Address), "\n"),
		})
		for _, t := range tools {
			if t.Platform == k.ID {
				all = append(all, search.Document{
					Kind: InstrumentKind, Record: t.ID, Root: string(k.ID), Region: k.Region, Title: t.Name,
					Tags: t.Model + " " + k.Industry + " " + search.Words("search.kind.instrument"), Body: t.About + "\n" + k.Name,
				})
			}
		}
	}
	return all, nil
}

func (s *Service) baseDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	where, args := p.Where("b.id")
	var rows []baseRow
	if err := r.Select(ctx, &rows, `SELECT `+baseColumns+` FROM techplatform_base b
		WHERE (b.ended = '' OR b.ended > ?) AND `+where, append([]any{s.today()}, args...)...); err != nil {
		return nil, err
	}
	all := make([]search.Document, len(rows))
	for n := range rows {
		b := rows[n].base()
		all[n] = search.Document{
			Kind: BaseKind, Record: string(b.ID), Root: string(b.ID), Region: b.Region, Title: b.Name,
			Tags: b.Industry + " " + search.Words("search.kind.techbase"), Body: b.About,
		}
	}
	return all, nil
}

func (s *Service) patentDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	where, args := p.Where("p.id")
	var rows []patentRow
	if err := r.Select(ctx, &rows, `SELECT `+patentColumns+fromPatent+where, args...); err != nil {
		return nil, err
	}
	all := make([]search.Document, len(rows))
	for n := range rows {
		k := rows[n].patent()
		all[n] = search.Document{
			Kind: PatentRecord, Record: k.ID, Root: k.ID, Region: k.Region, Title: k.Title,
			Tags: k.written() + " " + k.Holder + " " + search.Words("search.kind.patent", k.Kind.Key()), Body: k.Holder + "\n" + k.About,
		}
	}
	return all, nil
}

// noticeDocuments never hold who to ask: that is for those who were introduced.
func (s *Service) noticeDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	where, args := p.Where("n.id")
	var rows []noticeRow
	if err := r.Select(ctx, &rows, `SELECT `+noticeColumns+` FROM techplatform_notice n
		WHERE n.state = ? AND (n.until = '' OR n.until >= ?) AND `+where, append([]any{string(Shown), s.today()}, args...)...); err != nil {
		return nil, err
	}
	all := make([]search.Document, len(rows))
	for i := range rows {
		n := rows[i].notice()
		all[i] = search.Document{
			Kind: NoticeKind, Record: n.ID, Root: n.ID, Region: n.Region, Title: n.Title,
			Tags: n.Number + " " + n.Name + " " + search.Words("search.kind."+NoticeKind, n.Side.Key()), Body: n.Name + "\n" + n.Text,
		}
	}
	return all, nil
}

// productDocuments are the confirmed ones alone, as on the public list.
func (s *Service) productDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	where, args := p.Where("p.id")
	var rows []productRow
	if err := r.Select(ctx, &rows, `SELECT `+productColumns+fromProduct+`p.state = ? AND `+where, append([]any{string(ProductConfirmed)}, args...)...); err != nil {
		return nil, err
	}
	all := make([]search.Document, len(rows))
	for i := range rows {
		k := rows[i].product()
		all[i] = search.Document{
			Kind: ProductKind, Record: k.ID, Root: k.ID, Region: k.Region, Title: k.Name,
			Tags: strings.Join([]string{k.Certificate, k.GradeName.Name, k.GradeName.English, k.Applicant, search.Words("search.kind." + ProductKind)}, " "),
			Body: k.Applicant + "\n" + k.About,
		}
	}
	return all, nil
}
