package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

type galleryCommand struct {
	Addr string `help:"Address to listen on." default:"localhost:8081"`
}

// Run serves the gallery of components until it is told to stop. It needs no
// database.
func (c *galleryCommand) Run(ctx context.Context, out io.Writer) error {
	kit, err := web.New(web.Config{
		Sessions: nobody{}, Log: slog.Default(), Clock: time.Now,
		Menu: func(*http.Request, web.Who, text.Lang) web.Menu {
			return web.Menu{Site: ui.Site{Sub: "Gallery 组件"}}
		},
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	kit.Routes(mux)
	mux.Handle("GET /{$}", kit.Handle(func(w http.ResponseWriter, r *http.Request) error {
		p := web.Page(r)
		p.Title = "Gallery"
		return kit.Page(w, r, http.StatusOK, web.Portal(p, ui.Gallery(p)))
	}))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", c.Addr, err)
	}
	fmt.Fprintf(out, "The gallery is at %s\n", address("", listener.Addr()))
	return serve(ctx, slog.Default(), listener, kit.Wrap(mux), func() {}, func(context.Context) error { return nil })
}

// nobody is signed in at the gallery.
type nobody struct{}

func (nobody) Who(*http.Request) (web.Who, error) { return web.Who{}, nil }
