// Package migrations holds the schema as ordered goose files (数据库结构). The
// first line of each names the package that owns the tables it makes; only the
// owner writes them. Write portable SQL: TEXT and BIGINT, keys and region codes
// as TEXT COLLATE "C", bytes as BYTEA; package db adapts these for SQLite.
package migrations

import "embed"

// Files is every migration, in the order of its number.
//
//go:embed [0-9]*.sql
var Files embed.FS

// Golden is the schema that the migrations make, written down for each database
// (schema.sqlite.sql, schema.postgres.sql); a test keeps it true.
//
//go:embed schema.*.sql
var Golden embed.FS
