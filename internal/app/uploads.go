package app

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/web"
)

// formFiles keeps what comes with a form until its record is made.
type formFiles struct{ files *files.Service }

func (u formFiles) Hold(ctx context.Context, by authz.Actor, form, name string, data io.ReadSeeker) (web.Held, error) {
	p, err := u.files.Hold(ctx, by, files.Incoming{Name: name, Data: data, Form: form})
	return u.held(p), err
}

func (u formFiles) Held(ctx context.Context, by authz.Actor, tokens []string) ([]web.Held, error) {
	all, err := u.files.Held(ctx, by, tokens...)
	held := make([]web.Held, len(all))
	for i, p := range all {
		held[i] = u.held(p)
	}
	return held, err
}

func (formFiles) held(p files.Pending) web.Held {
	return web.Held{Token: p.Token, Name: p.Name, Kind: files.TypeKey(p.Type), Size: p.Size, Renamed: p.Renamed}
}

func (formFiles) Accept() string { return files.Accept() }

func (u formFiles) Most() (size int64, n int) {
	l := u.files.Limits()
	return l.File, l.PerRecord
}
