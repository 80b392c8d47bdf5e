package api

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/domain/yearbook"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/jobs"
	"qiban.dev/qiban/internal/notify"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/search"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/xfer"
)

// Where the interface is.
const (
	Prefix   = "/api/v1"       // operations are below it
	SpecPath = "/openapi.json" // the specification
	DocsPath = "/api"          // the page that people read
)

// Config is what the interface stands on. Every field is needed but Site.
type Config struct {
	Kit          *web.Kit // draws the page
	Gate         *gate.Gate
	Accounts     *account.Service
	Enterprises  *enterprise.Service
	Institutions *institution.Service
	Notify       *notify.Notify
	Files        *files.Service
	Tables       *xfer.Desk
	Needs        *engagement.Service
	// Colleagues are the names of those who may handle needs at an office, by id.
	Colleagues func(ctx context.Context, office region.Code) (map[string]string, error)
	Indicators *indicator.Service
	Yearbook   *yearbook.Service
	// The slices that rest on the register.
	Recognition *recognition.Service
	Parks       *park.Service
	Guarantees  *guarantee.Service
	Platforms   *techplatform.Service
	Search      *search.Service
	Territory   *territory.Service
	Flow        *flow.Service
	Jobs        *jobs.Jobs
	DB          *db.DB      // for what no service keeps: the audit trail, runs of jobs
	Home        region.Code // the top of this installation's tree
	Site        string      // the address people reach it at, "" when not known
	Log         *slog.Logger
	Clock       func() time.Time

	Key      Limit // requests of one key
	Stranger Limit // requests of one network without a key
}

// API is the interface. It is safe for concurrent use.
type API struct {
	Config
	operations      []operation
	keys, strangers *limiter
	paths           *http.ServeMux      // of the operations, whatever the method
	methods         map[string][]string // of each of them
	buffers         sync.Pool
	specs           specs
}

// group is the operations of one domain.
type group struct {
	tag        string
	about      words
	operations []operation
}

// domains are every domain's operations, in the order of the page.
func (a *API) domains() []group {
	figuresOf := spots{a.Indicators, a.Territory, a.Home}
	return []group{
		{"enterprise", words{"企业", "Enterprises"}, enterprises{a.Enterprises}.operations()},
		{"need", words{"需求", "Needs"}, needs{a.Needs, a.Colleagues}.operations()},
		{"institution", words{"机构", "Institutions"}, institutions{a.Institutions}.operations()},
		{"recognition", words{"认定", "Recognition"}, recognitions{a.Recognition, a.Home}.operations()},
		{"park", words{"园区", "Parks"}, parks{a.Parks, a.Home}.operations()},
		{"guarantee", words{"担保", "Guarantees"}, guarantees{a.Guarantees, a.Home}.operations()},
		{"platform", words{"技术平台", "Technology platforms"}, platforms{a.Platforms, a.Home}.operations()},
		{"search", words{"检索", "Search"}, finding{a.Search}.operations()},
		{"file", words{"附件", "Documents"}, documents{a.Files}.operations()},
		{"table", words{"表格", "Tables"}, tables{a.Tables, a.Files}.operations()},
		{"figure", words{"指标与报表", "Figures and returns"}, figures{figuresOf}.operations()},
		{"yearbook", words{"年鉴", "The yearbook"}, chapters{figuresOf, a.Yearbook}.operations()},
		{"account", words{"人员与权限", "People and rights"}, slices.Concat(accounts{a.Accounts}.operations(), messages{a.Notify, a.DB}.operations())},
		{"place", words{"区划", "Places"}, places{a.Territory, a.Home}.operations()},
		{"setting", words{"设置", "Settings"}, slices.Concat(
			settings{a.Flow, a.DB, a.Jobs, a.Home}.operations(), sizeRules{a.Enterprises, a.Home}.operations())},
	}
}

// New makes the interface.
func New(c Config) *API {
	a := &API{
		Config: c, paths: http.NewServeMux(), methods: map[string][]string{},
		keys: newLimiter(c.Key, "key", c.Clock), strangers: newLimiter(c.Stranger, "network", c.Clock),
	}
	a.buffers.New = func() any { return new(bytes.Buffer) }
	for _, g := range a.domains() {
		for _, op := range g.operations {
			op.tag = g.tag
			a.operations = append(a.operations, op)
		}
	}
	for _, op := range a.operations {
		path := Prefix + op.path
		if len(a.methods[path]) == 0 {
			a.paths.Handle(path, http.NotFoundHandler())
		}
		a.methods[path] = append(a.methods[path], op.method)
	}
	return a
}

// Routes adds every operation, the specification and the page.
func (a *API) Routes(mux web.Mux) {
	for i := range a.operations {
		mux.Handle(a.operations[i].pattern(), a.handler(&a.operations[i]))
	}
	mux.Handle("GET "+Prefix, http.HandlerFunc(a.index))
	mux.Handle("GET "+SpecPath, http.HandlerFunc(a.spec))
	mux.Handle("GET "+DocsPath, a.Kit.Handle(a.docs))
	mux.Handle("/api/", http.HandlerFunc(a.elsewhere))
}

// Index is where things are.
type Index struct {
	Name string `json:"name"`
	Docs string `json:"docs"`
	Spec string `json:"openapi"`
}

func (a *API) index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	a.write(w, r, http.StatusOK, Index{Name: "Qiban 企伴 API v1", Docs: DocsPath, Spec: SpecPath})
}
