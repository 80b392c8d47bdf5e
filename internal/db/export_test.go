package db

import "github.com/pressly/goose/v3"

// Provider lets tests walk the migrations one by one.
func (d *DB) Provider() (*goose.Provider, error) { return d.provider() }
