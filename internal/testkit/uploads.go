package testkit

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/web"
)

// Uploads keeps what comes with the forms of pages under test, as the program does.
func Uploads(f *files.Service) web.Uploads { return shelf{f} }

type shelf struct{ *files.Service }

func (s shelf) Hold(ctx context.Context, by authz.Actor, form, name string, data io.ReadSeeker) (web.Held, error) {
	p, err := s.Service.Hold(ctx, by, files.Incoming{Name: name, Data: data, Form: form})
	return held(p), err
}

func (s shelf) Held(ctx context.Context, by authz.Actor, tokens []string) ([]web.Held, error) {
	all, err := s.Service.Held(ctx, by, tokens...)
	waiting := make([]web.Held, len(all))
	for i, p := range all {
		waiting[i] = held(p)
	}
	return waiting, err
}

func held(p files.Pending) web.Held {
	return web.Held{Token: p.Token, Name: p.Name, Kind: files.TypeKey(p.Type), Size: p.Size, Renamed: p.Renamed}
}

func (shelf) Accept() string { return files.Accept() }

func (s shelf) Most() (size int64, n int) { return s.Limits().File, s.Limits().PerRecord }
