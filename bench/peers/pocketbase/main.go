// Command pocketbase is PocketBase as benchmarks compare with it: its own build,
// with one collection that holds the needs of a Qiban database.
//
//	pocketbase -dir D -from qiban.db     fills a new folder
//	pocketbase -dir D -addr 127.0.0.1:0  serves it, and says where
package main

import (
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

func main() {
	dir := flag.String("dir", "", "folder of the database")
	from := flag.String("from", "", "Qiban's qiban.db to fill from")
	addr := flag.String("addr", "", "address to serve at")
	sync := flag.String("synchronous", "FULL", "of SQLite; PocketBase's own choice is NORMAL")
	flag.Parse()
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir: *dir, HideStartBanner: true,
		DBConnect: func(path string) (*dbx.DB, error) {
			return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)"+
				"&_pragma=synchronous("+*sync+")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)")
		},
	})
	if err := app.Bootstrap(); err != nil {
		log.Fatal(err)
	}
	if *from != "" {
		if err := fill(app, *from); err != nil {
			log.Fatal(err)
		}
	}
	if *addr == "" {
		return
	}
	free, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	at := free.Addr().String()
	_ = free.Close()
	fmt.Println("PocketBase is at", at)
	if err := apis.Serve(app, apis.ServeConfig{HttpAddr: at}); err != nil {
		log.Fatal(err)
	}
}

// texts and numbers are the fields of a need, as in Qiban's table.
const (
	texts   = "number region office enterprise_id requester size channel theme title body wanted_by state assignee assignee_name whole_clock step_clock due_step"
	numbers = "amount months due posted_at version updated_at"
)

// needs is the collection, open to everybody, with the index that serves the
// list best: the county has a field of its own here.
func needs() *core.Collection {
	c := core.NewBaseCollection("needs")
	for _, name := range append(strings.Fields(texts), "county") {
		c.Fields.Add(&core.TextField{Name: name})
	}
	for _, name := range strings.Fields(numbers) {
		c.Fields.Add(&core.NumberField{Name: name})
	}
	c.ListRule, c.ViewRule, c.CreateRule = types.Pointer(""), types.Pointer(""), types.Pointer("")
	c.AddIndex("needs_county_theme", false, "county, theme, posted_at", "")
	return c
}

func fill(app core.App, from string) error {
	source, err := sql.Open("sqlite", "file:"+from+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	if err := app.Save(needs()); err != nil {
		return err
	}
	names := append(strings.Fields(texts), strings.Fields(numbers)...)
	rows, err := source.Query("SELECT id, " + strings.Join(names, ", ") + " FROM need")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	return app.RunInTransaction(func(tx core.App) error {
		for rows.Next() {
			var id string
			values, into := make([]any, len(names)), []any{&id}
			for i := range values {
				into = append(into, &values[i])
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			p := dbx.Params{"id": short(id)}
			for i, name := range names {
				p[name] = values[i]
			}
			p["county"] = fmt.Sprint(p["region"])[:6]
			if _, err := tx.DB().Insert("needs", p).Execute(); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// short is an id as PocketBase wants it: fifteen letters and digits.
func short(id string) string {
	plain := strings.ReplaceAll(id, "-", "")
	return plain[len(plain)-15:]
}
