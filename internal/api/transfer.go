package api

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"slices"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/xfer"
)

// tables are the operations of tables that come in and go out (导入导出).
type tables struct {
	desk  *xfer.Desk
	store *files.Service
}

func (t tables) operations() []operation {
	const look, write = "table:read", "table:write"
	return []operation{
		lists("listImports", "/imports", words{"导入记录", "List imports"}, t.list).needs(write).
			note("你的单位导入过什么，新的在前；别人导入的只能看到数。", "What your offices imported, newest first; of others' imports there are only the counts."),
		creates("importTable", "/imports", words{"导入一个表格", "Import a table"}, t.bring, t.show).needs(write).
			note("先用 POST /uploads 上传。后台任务接着导入：隔一会儿看一次 GET /imports/{id}，到 state 是 done 或 failed 为止。有错的行不导入，其余照常。写了 dry_run 就只检查，confirm 以后才导入。",
				"Upload the file with POST /uploads first. A job then imports it: look at GET /imports/{id} from time to time until state is done or failed. Rows with faults are rejected, the others land. With dry_run every row is only checked; it lands after confirm."),
		gets("getImport", "/imports/{id}", words{"一次导入", "One import"}, t.show).needs(write).
			note("只有你自己的。", "Your own ones only."),
		changes("confirmImport", "POST /imports/{id}/confirm", words{"确认导入", "Let a checked import land"}, t.decide(t.desk.Confirm), t.show).needs(write).matched(),
		changes("discardImport", "POST /imports/{id}/discard", words{"放弃导入", "Give a checked import up"}, t.decide(t.desk.Discard), t.show).needs(write).matched(),
		opens("getRejectedRows", "/imports/{id}/rejected", words{"没有导入的行", "The rows that were rejected"}, t.rejected).needs(write).
			note("和传来的文件同一种格式，多出行号和原因两列；改好了原样再导入。", "In the format of the file that came, with the row's number and what is wrong with it; corrected, it is imported as it is."),
		sends("exportTable", "/exports/{kind}", words{"导出一个表格", "Export a table"}, t.export).needs(look).
			note("你能看到的全部记录。kind 是 enterprise、enterprise-year、institution、return、target、need 或 place；表格没有的筛选不能写。联系人要密钥另有 contact:read，每家的审计都会记下。",
				"All records that you may see. kind is enterprise, enterprise-year, institution, return, target, need or place; a filter that the table does not have is refused. Contacts need a key with contact:read too, and stand in the trail of each record."),
		opens("getTableTemplate", "/exports/{kind}/template", words{"表格模板", "The template of a table"}, t.template).needs(write),
	}
}

// Import is a table that was brought in (一次导入).
type Import struct {
	ID        string `json:"id" doc:"编号|Its id"`
	Kind      string `json:"kind" doc:"哪种表格|Which table"`
	Name      string `json:"name" doc:"文件名|File name"`
	Size      int64  `json:"size" doc:"字节|Bytes"`
	By        string `json:"by" doc:"谁导入的|Who brought it"`
	State     string `json:"state" enum:"checking,checked,waiting,running,done,failed,discarded" doc:"状态：检查中、待确认、排队中、导入中、已导入、没有导完、已放弃|State: checked waits for confirm, the others need nothing"`
	Rows      int64  `json:"rows" doc:"已经看过的行数|Rows looked at so far"`
	New       int64  `json:"new" doc:"新增的行数|New rows"`
	Changed   int64  `json:"changed" doc:"更新的行数|Changed rows"`
	Unchanged int64  `json:"unchanged" doc:"没有变化的行数|Rows that change nothing"`
	Rejected  int64  `json:"rejected" doc:"没有导入的行数|Rejected rows"`
	CreatedAt string `json:"created_at" format:"date-time" doc:"什么时候传来的|When it came"`
	EndedAt   string `json:"ended_at" doc:"什么时候办完的，没有办完时为空|When it ended; empty before"`
	Version   int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

// ImportDetail is an import with what was found in the file.
type ImportDetail struct {
	Import
	Headings []string     `json:"headings" doc:"认出来的列，照文件的写法|The columns that were understood, as the file has them"`
	Sample   [][]string   `json:"sample" doc:"前 10 行|The first 10 rows"`
	Unknown  []string     `json:"unknown" doc:"不认识、没有用的列|Columns that are not known and were left alone"`
	Problems []RowProblem `json:"problems" doc:"没有导入的行和原因，最多 200 行；全部在 rejected|Rejected rows with the reasons, at most 200; all are in rejected"`
	Trouble  string       `json:"trouble" doc:"为什么没有导完；没有问题时为空|Why it failed; empty when it did not"`
}

// RowProblem is a row that cannot land.
type RowProblem struct {
	Row int    `json:"row" doc:"文件里的第几行|Its number in the file"`
	Why string `json:"why" doc:"这一行所有的错|Everything wrong with it"`
}

func importOf(u xfer.Upload) Import {
	return Import{
		ID: u.ID, Kind: u.Kind, Name: u.Name, Size: u.Bytes, By: u.PersonName, State: string(u.State), Rows: u.Done,
		New: u.Report.New, Changed: u.Report.Changed, Unchanged: u.Report.Unchanged, Rejected: u.Report.Rejected,
		CreatedAt: instant(u.Created), EndedAt: instant(u.Ended), Version: u.Version,
	}
}

// office refuses those who import nothing.
func (t tables) office(by actor) error {
	if by.Somewhere(xfer.MayUse) {
		return nil
	}
	return fault.Closed()
}

func (t tables) list(ctx context.Context, c *Call, in *leafing) (page[Import], error) {
	if err := t.office(c.By); err != nil {
		return page[Import]{}, err
	}
	list, next, err := t.desk.List(ctx, c.By, db.Page{Limit: in.Limit, After: in.After})
	return pageOf(list, next, importOf), err
}

func (t tables) show(ctx context.Context, c *Call, id string) (ImportDetail, error) {
	u, err := t.desk.Get(ctx, c.By, id)
	if err != nil {
		return ImportDetail{}, err
	}
	c.Versioned(u.Version)
	c.ages = true // rows are counted while it runs, and that is no new version
	same := func(s string) string { return s }
	return ImportDetail{
		Import: importOf(u), Headings: each(u.Preview.Headings, same), Unknown: each(u.Preview.Unknown, same), Trouble: u.Preview.Trouble,
		Sample:   each(u.Preview.Rows, func(row []string) []string { return each(row, same) }),
		Problems: each(u.Preview.Problems, func(p xfer.Problem) RowProblem { return RowProblem{p.Line, p.Why} }),
	}, nil
}

type importNew struct {
	Body struct {
		Kind   string `json:"kind" enum:"enterprise,enterprise-year,institution,return,target,park,park_building,park_tenancy,recognition_award,technology-service,patent,technology-notice,new-product,guarantee,guarantor,guarantor-standing,guarantor-capital,guarantor-statement,guarantor-outlet,guarantor-bank,pool-member,technology-platform,platform-founder,platform-service,instrument,industry-base,base-platform,park-plan" doc:"哪种表格|Which table"`
		Token  string `json:"token" doc:"上传表格得到的 token|The token of the uploaded file"`
		DryRun bool   `json:"dry_run,omitempty" doc:"只检查，不导入|Only check every row"`
	}
}

func (t tables) bring(ctx context.Context, c *Call, in *importNew) (string, error) {
	if err := t.office(c.By); err != nil {
		return "", err
	}
	b := &in.Body
	var bad fault.Fields
	if !slices.ContainsFunc(t.desk.Kinds(c.By), func(k xfer.Kind) bool { return k.Table.Name == b.Kind }) {
		bad.Add("kind", "field.choice")
	}
	name, body, err := t.uploaded(ctx, c.By, b.Token, &bad)
	if err == nil {
		err = bad.Err()
	}
	if err != nil {
		return "", err
	}
	take := t.desk.Bring
	if b.DryRun {
		take = t.desk.Take
	}
	id, err := take(ctx, c.By, b.Kind, name, body, c.Lang)
	if err != nil {
		return id, atToken(err)
	}
	_ = t.store.Drop(ctx, c.By, b.Token) // the desk has its own; what stays is swept after a day
	return id, nil
}

// uploaded reads what the caller sent before; what is wrong with it is noted.
func (t tables) uploaded(ctx context.Context, by actor, token string, bad *fault.Fields) (name string, body []byte, err error) {
	p, data, err := t.store.OpenHeld(ctx, by, token)
	if fault.Is(err, fault.NotFound) {
		bad.Add("token", "files.field.gone")
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = data.Close() }() // it was only read
	if most := xfer.Uploaded().Bytes; p.Size > most {
		bad.Add("token", "xfer.file.bytes", "most", most>>20)
		return "", nil, nil
	}
	body, err = io.ReadAll(data)
	return p.Name, body, err
}

// atToken tells what is wrong with the file at the field that names it here.
func atToken(err error) error {
	fields := slices.Clone(fault.FieldsOf(err))
	if len(fields) == 0 {
		return err
	}
	for i := range fields {
		if fields[i].Name == "file" {
			fields[i].Name = "token"
		}
	}
	return fields.Err()
}

func (t tables) decide(do func(context.Context, actor, string, int) error) func(context.Context, *Call, *byID) error {
	return func(ctx context.Context, c *Call, in *byID) error { return do(ctx, c.By, in.ID, c.Version) }
}

// inMemory is a small document.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func table(name string, body []byte) (files.File, io.ReadSeekCloser, error) {
	return files.File{Name: name, Type: xfer.MediaType(name)}, inMemory{bytes.NewReader(body)}, nil
}

func (t tables) rejected(ctx context.Context, c *Call, in *byID) (files.File, io.ReadSeekCloser, error) {
	name, body, err := t.desk.Rejected(ctx, c.By, in.ID)
	if err != nil {
		return files.File{}, nil, err
	}
	return table(name, body)
}

// tableAs names a table and how it is written.
type tableAs struct {
	Kind   string `path:"kind" doc:"哪种表格|Which table"`
	Format string `query:"format" enum:"csv,xlsx" default:"xlsx" doc:"格式|Format"`
}

// file is the name it goes out under.
func (a tableAs) file(more string) (name string, as xfer.Format) {
	as = xfer.Format(orElse(a.Format, string(xfer.XLSX)))
	return a.Kind + more + "." + string(as), as
}

func (t tables) template(_ context.Context, c *Call, in *tableAs) (files.File, io.ReadSeekCloser, error) {
	if err := t.office(c.By); err != nil {
		return files.File{}, nil, err
	}
	kind, err := t.desk.Kind(in.Kind)
	if err != nil {
		return files.File{}, nil, err
	}
	var out bytes.Buffer
	name, as := in.file("-template")
	if err := xfer.Template(&out, kind.Table, as, c.Lang); err != nil {
		return files.File{}, nil, err
	}
	return table(name, out.Bytes())
}

type tableFilter struct {
	tableAs
	Region          string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Year            int    `query:"year" minimum:"1978" maximum:"2100" doc:"年份，不填是所有年份：enterprise-year、return、target、need|The year; all when left out"`
	Contacts        bool   `query:"contacts" doc:"连同联系人：enterprise、institution|With the persons to speak to"`
	Text            string `query:"text" maxLength:"100" doc:"名称等的一部分：enterprise、enterprise-year、institution、need|Part of the name, the number or who asks"`
	Status          string `query:"status" enum:"unverified,verified,rejected,closed" doc:"企业的状态：enterprise、enterprise-year|State of the enterprise"`
	Size            string `query:"size" enum:"large,medium,small,micro,not_covered,unknown" doc:"规模类型：enterprise、enterprise-year|Size class"`
	Industry        string `query:"industry" doc:"行业代码，含下级：enterprise、enterprise-year|Industry code of the edition of 2017, with everything below it"`
	Theme           string `query:"theme" enum:"development,transformation,financing,markets,startup,capability" doc:"服务主题：institution、need|Theme of service"`
	Tier            string `query:"tier" enum:"core,close,contact" doc:"层级：institution|Tier"`
	InstitutionKind string `query:"institution_kind" enum:"service_centre,guarantor,bank,training_body,technology_platform,university,intermediary,association,law_firm,other" doc:"机构的类别：institution|Kind of institution"`
	Demonstration   bool   `query:"demonstration" doc:"只要示范服务机构：institution|Demonstration institutions only"`
	State           string `query:"state" doc:"需求的状态：need|State of the need"`
	Open            bool   `query:"open" doc:"只要还在办的需求、没有注销的机构：need、institution|Only needs that are not over, institutions on the register"`
}

func (t tables) export(ctx context.Context, c *Call, in *tableFilter) error {
	kind, err := t.desk.Out(c.By, in.Kind)
	if err != nil {
		return err
	}
	filter := xfer.Filter{Region: region.Code(in.Region), Year: in.Year, Lang: c.Lang, Contacts: in.Contacts, List: in.list()}
	var bad fault.Fields
	for _, name := range sortedKeys(c.r.URL.Query()) {
		if name != "format" && name != "region" && !slices.Contains(kind.Narrows, name) {
			bad.Add(name, "api.field.unknown")
		}
	}
	if in.Region != "" && !filter.Region.Valid() {
		bad.Add("region", "field.choice")
	}
	if in.State != "" && !slices.Contains(engagement.Lifecycle().States, flow.State(in.State)) && !bad.Has("state") {
		bad.Add("state", "field.choice")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	name, as := in.file("")
	return web.Stream(c.w, name, xfer.MediaType(name), func(w io.Writer) error { return kind.Write(ctx, w, c.By, filter, as) })
}

// list is what the table is narrowed to, as the page of the list says it.
func (f *tableFilter) list() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"place": f.Region, "q": f.Text, "status": f.Status, "size": f.Size, "industry": f.Industry, "theme": f.Theme,
		"tier": f.Tier, "kind": f.InstitutionKind, "step": f.State,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, yes := range map[string]bool{"demonstration": f.Demonstration, "open": f.Open, "ended": !f.Open} {
		if yes {
			q.Set(name, "1")
		}
	}
	return q
}
