package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Type is what a column holds. The program has no other: instants and money are
// integers, dates and JSON are text.
type Type string

const (
	Integer Type = "integer" // 64 bits
	Text    Type = "text"
	Bytes   Type = "bytes"
)

// Column is one column of a table. Identity is one that PostgreSQL numbers; SQLite
// goes on from the highest number by itself.
type Column struct {
	Name     string `json:"name"`
	Type     Type   `json:"type"`
	Identity bool   `json:"-"`
}

// Table is a table as the database describes it (表). Key is its primary key in
// order; Refers are the other tables its foreign keys point to.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Key     []string `json:"key"`
	Refers  []string `json:"-"`
}

// Tables are the tables of the program's records, each after those it refers
// to. What others keep in the same database for themselves (the migrations'
// versions, the job queue, replication) is not among them, nor is the index of
// search, which is made from them.
func Tables(ctx context.Context, r Reader) ([]Table, error) {
	columns, references := sqliteColumns, sqliteReferences
	if r.Dialect() == Postgres {
		columns, references = postgresColumns, postgresReferences
	}
	var found []struct {
		Tbl, Name, Type string
		Key             int
		Identity        bool
	}
	if err := r.Select(ctx, &found, columns); err != nil {
		return nil, err
	}
	keys := map[string]map[int]string{}
	var all []Table
	for _, c := range found {
		if !ours(c.Tbl) {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Name != c.Tbl {
			all = append(all, Table{Name: c.Tbl})
			keys[c.Tbl] = map[int]string{}
		}
		t := &all[len(all)-1]
		kind, known := types()[strings.ToUpper(c.Type)]
		if !known {
			return nil, fmt.Errorf("column %s of table %s is of type %s, which only one of the databases has", c.Name, c.Tbl, c.Type)
		}
		t.Columns = append(t.Columns, Column{Name: c.Name, Type: kind, Identity: c.Identity})
		if c.Key > 0 {
			keys[c.Tbl][c.Key] = c.Name
		}
	}
	for i := range all {
		for place := 1; keys[all[i].Name][place] != ""; place++ {
			all[i].Key = append(all[i].Key, keys[all[i].Name][place])
		}
		if len(all[i].Key) == 0 {
			return nil, fmt.Errorf("table %s has no primary key", all[i].Name)
		}
	}
	var points []struct{ Tbl, Other string }
	if err := r.Select(ctx, &points, references); err != nil {
		return nil, err
	}
	for _, p := range points {
		if i := slices.IndexFunc(all, func(t Table) bool { return t.Name == p.Tbl }); i >= 0 && p.Tbl != p.Other {
			all[i].Refers = append(all[i].Refers, p.Other)
		}
	}
	return inOrder(all)
}

func types() map[string]Type {
	return map[string]Type{"TEXT": Text, "BIGINT": Integer, "INTEGER": Integer, "BLOB": Bytes, "BYTEA": Bytes}
}

// ours leaves out what goose, River, SQLite and Litestream keep for themselves,
// and the index of search.
func ours(table string) bool {
	for _, theirs := range []string{"goose_", "river_", "sqlite_", "_litestream_", "search_"} {
		if strings.HasPrefix(table, theirs) {
			return false
		}
	}
	return true
}

// inOrder puts every table after those it refers to, otherwise by name.
func inOrder(all []Table) ([]Table, error) {
	slices.SortFunc(all, func(a, b Table) int { return strings.Compare(a.Name, b.Name) })
	ordered, placed := make([]Table, 0, len(all)), map[string]bool{}
	for len(ordered) < len(all) {
		before := len(ordered)
		for _, t := range all {
			ready := !slices.ContainsFunc(t.Refers, func(other string) bool { return !placed[other] })
			if !placed[t.Name] && ready {
				ordered, placed[t.Name] = append(ordered, t), true
			}
		}
		if len(ordered) == before {
			return nil, errors.New("tables refer to each other in a circle")
		}
	}
	return ordered, nil
}

// Rows is the query for every row of the table in the order of its primary key,
// which is the same on both databases. Every table has one.
func (t Table) Rows(dialect Dialect) string {
	names, order := make([]string, len(t.Columns)), []string{}
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	for _, name := range t.Key {
		term := quoted(name)
		i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		if dialect == Postgres && t.Columns[i].Type == Text {
			term += ` COLLATE "C"`
		}
		order = append(order, term)
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + quoted(t.Name) + " ORDER BY " + strings.Join(order, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

const (
	sqliteColumns = `SELECT m.name AS tbl, c.name AS name, c.type AS type, c.pk AS key, 0 AS identity
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid`
	sqliteReferences = `SELECT DISTINCT m.name AS tbl, f."table" AS other
		FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1, 2`
	postgresColumns = `SELECT c.relname AS tbl, a.attname AS name, format_type(a.atttypid, NULL) AS type,
		COALESCE(array_position(k.conkey, a.attnum), 0) AS key, a.attidentity <> '' AS identity
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY c.relname COLLATE "C", a.attnum`
	postgresReferences = `SELECT DISTINCT c.relname AS tbl, o.relname AS other
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND k.contype = 'f' ORDER BY 1, 2`
)
