package recognition

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/search"
)

// Searched are the calls that are open (申报通知), the titles that hold (认定) and the
// applications that are public (公示) as search finds them: a call by its name,
// words and title, the others by the name of the subject, the one of then and the
// one of today, and by the title.
func (s *Service) Searched() []search.Source {
	awards := s.heard(KindAward, "recognition_award")
	// An application that is decided brings an award, which ends the one before.
	awards[KindApplication] = func(ctx context.Context, r db.Reader, ids []string) (found []string, err error) {
		where, args := search.Pick{IDs: ids}.Where("w.application_id")
		return found, r.Select(ctx, &found, `SELECT o.id FROM recognition_award w
			JOIN recognition_award o ON o.subject_kind = w.subject_kind AND o.subject_id = w.subject_id WHERE `+where, args...)
	}
	return []search.Source{
		{Name: KindCall, Heard: map[string]func(context.Context, db.Reader, []string) ([]string, error){KindCall: nil}, Read: s.callDocuments},
		{Name: KindAward, Heard: awards, Read: s.awardDocuments},
		{Name: KindApplication, Heard: s.heard(KindApplication, "recognition_application"), Read: s.publicDocuments},
	}
}

// heard are the records of a table, and the subjects by whose names they are found.
func (s *Service) heard(kind, table string) map[string]func(context.Context, db.Reader, []string) ([]string, error) {
	all := map[string]func(context.Context, db.Reader, []string) ([]string, error){kind: nil}
	for _, k := range s.hooks.Subjects {
		all[k.Kind] = func(ctx context.Context, r db.Reader, ids []string) (found []string, err error) {
			where, args := search.Pick{IDs: ids}.Where("subject_id")
			return found, r.Select(ctx, &found, `SELECT id FROM `+table+` WHERE subject_kind = ? AND `+where, append([]any{k.Kind}, args...)...)
		}
	}
	return all
}

// nameNow is what a subject is called today, empty when that is as it was.
func (s *Service) nameNow(ctx context.Context, r db.Reader, was Subject) (string, error) {
	k, ok := s.subjects(was.Kind)
	if !ok {
		return "", nil
	}
	now, err := k.Find(ctx, r, was.ID)
	if fault.Is(err, fault.NotFound) || now.Name == was.Name {
		return "", nil
	}
	return now.Name, err
}

func (s *Service) callDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	where, args := p.Where("c.id")
	var rows []struct {
		callRow
		TitleZh string `db:"title_zh"`
		TitleEn string `db:"title_en"`
	}
	if err := r.Select(ctx, &rows, `SELECT c.id, c.title, c.office, c.name, c.document, c.body, c.closes, t.name AS title_zh, t.name_en AS title_en
		FROM recognition_call c JOIN recognition_title t ON t.id = c.title WHERE c.state = ? AND c.closes >= ? AND `+where,
		append([]any{string(CallOpen), s.today()}, args...)...); err != nil {
		return nil, err
	}
	all := make([]search.Document, len(rows))
	for i, row := range rows {
		all[i] = search.Document{
			Kind: KindCall, Record: row.ID, Root: row.ID, Region: row.Office, Title: row.Name,
			Tags: row.TitleZh + " " + row.TitleEn + " " + search.Words("search.kind."+KindCall), Body: row.Document + "\n" + row.Body,
		}
	}
	return all, nil
}

func (s *Service) awardDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	held, args := AwardFilter{On: s.today()}.sql()
	where, more := p.Where("w.id")
	var rows []struct {
		awardRow
		TitleZh string `db:"title_zh"`
		TitleEn string `db:"title_en"`
	}
	if err := r.Select(ctx, &rows, `SELECT `+awardColumns+`, t.name AS title_zh, t.name_en AS title_en
		FROM recognition_award w JOIN recognition_title t ON t.id = w.title WHERE 1 = 1`+held+` AND `+where, append(args, more...)...); err != nil {
		return nil, err
	}
	all := make([]search.Document, len(rows))
	for i, row := range rows {
		w := row.award()
		name, err := s.nameNow(ctx, r, w.Subject)
		if err != nil {
			return nil, err
		}
		all[i] = search.Document{
			Kind: KindAward, Record: w.ID, Root: w.ID, Region: w.Region, Title: w.Name + "：" + row.TitleZh,
			Tags: name + " " + row.TitleEn + " " + search.Words("search.kind."+KindAward), Body: w.Document,
		}
	}
	return all, nil
}

func (s *Service) publicDocuments(ctx context.Context, r db.Reader, p search.Pick) ([]search.Document, error) {
	where, args := p.Where("a.id")
	var rows []struct {
		applicationRow
		Name string `db:"call_name"`
	}
	if err := r.Select(ctx, &rows, `SELECT `+applicationColumns+`, c.name AS call_name
		FROM recognition_application a JOIN recognition_call c ON c.id = a.call_id
		WHERE a.state = ? AND a.public_to >= ? AND `+where, append([]any{string(Publicised), s.today()}, args...)...); err != nil {
		return nil, err
	}
	all := make([]search.Document, len(rows))
	for i := range rows {
		a, err := rows[i].application()
		if err != nil {
			return nil, err
		}
		name, err := s.nameNow(ctx, r, a.Subject)
		if err != nil {
			return nil, err
		}
		all[i] = search.Document{
			Kind: KindApplication, Record: a.ID, Root: a.ID, Region: a.Region, Title: a.Name,
			Tags: name + " " + search.Words("search.kind."+KindApplication), Body: rows[i].Name,
		}
	}
	return all, nil
}
