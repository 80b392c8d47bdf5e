package ui

import (
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"
)

// Icon draws a named icon in the size and colour of the text around it. It says
// nothing to a screen reader: the words beside it do. An unknown name is an
// error, so that a misspelt icon never reaches a reader unseen.
func Icon(name string) templ.Component { return icon(name, "i") }

// YesIcon is a condition that is met.
func YesIcon() templ.Component { return icon("check", "i yes") }

// NoIcon is one that is not.
func NoIcon() templ.Component { return icon("close", "i no") }

// MaybeIcon is one for a person to judge.
func MaybeIcon() templ.Component { return icon("question", "i maybe") }

func icon(name, class string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		d, ok := drawings[name]
		if !ok {
			return fmt.Errorf("ui: there is no icon %q", name)
		}
		_, err := io.WriteString(w, `<svg class="`+class+`" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">`+d+`</svg>`)
		return err
	})
}

// drawings are lines on a grid of 20; it is never changed.
var drawings = map[string]string{
	// moving about
	"menu":  `<path d="M3 5.500h14M3 10h14M3 14.500h14"/>`,
	"more":  `<path d="M4.500 10h.1M10 10h.1M15.500 10h.1" stroke-width="2.600"/>`,
	"down":  `<path d="m5 8 5 5 5-5"/>`,
	"up":    `<path d="m5 12 5-5 5 5"/>`,
	"next":  `<path d="m8 5 5 5-5 5"/>`,
	"back":  `<path d="m12 5-5 5 5 5"/>`,
	"close": `<path d="m5 5 10 10M15 5 5 15"/>`,
	"out":   `<path d="M8 4H4v12h12v-4M11 4h5v5M16 4l-7.500 7.500"/>`,
	"leave": `<path d="M8 3.500H4v13h4M8 10h9M13.500 6.500 17 10l-3.500 3.500"/>`,

	// saying how it stands
	"check":    `<path d="m4 10.5 4 4 8-9"/>`,
	"alert":    `<path d="M10 3 18 17H2L10 3Z"/><path d="M10 8v4.2M10 14.6v.1"/>`,
	"info":     `<circle cx="10" cy="10" r="7.5"/><path d="M10 9v5M10 6.2v.1"/>`,
	"question": `<circle cx="10" cy="10" r="7.5"/><path d="M7.8 7.8c.2-1.4 1.2-2 2.3-2 1.300 0 2.300.8 2.300 2 0 1.700-2.400 1.900-2.400 3.700M10 14.200v.1"/>`,
	"lock":     `<path d="M4.500 9h11v8h-11zM7 9V6.300a3 3 0 0 1 6 0V9M10 12.300v1.700"/>`,
	"clock":    `<circle cx="10" cy="10" r="7.5"/><path d="M10 5.500V10l3 2"/>`,
	"bell":     `<path d="M4.500 14.500c1.200-1.300 1.300-3 1.300-5.300a4.200 4.200 0 0 1 8.400 0c0 2.300.1 4 1.300 5.300zM8.300 17c.4.5 1 .8 1.700.8s1.300-.3 1.700-.8"/>`,

	// doing
	"search":   `<circle cx="9" cy="9" r="5.5"/><path d="m13.2 13.2 4 4"/>`,
	"plus":     `<path d="M10 4v12M4 10h12"/>`,
	"download": `<path d="M10 3v10M6 9.500l4 4 4-4M3.500 17h13"/>`,
	"upload":   `<path d="M10 13.500v-10M6 7l4-4 4 4M3.500 17h13"/>`,
	"print":    `<path d="M5.500 7V3h9v4M5.500 14H3V7h14v7h-2.500"/><path d="M5.500 11.500h9V17h-9z"/>`,
	"edit":     `<path d="m4 13.500-.7 3.200L6.500 16 16.300 6.200l-2.500-2.500zM12 5.500 14.500 8"/>`,
	"view":     `<path d="M2 10c2-3.500 4.700-5.300 8-5.300s6 1.800 8 5.300c-2 3.500-4.700 5.300-8 5.300S4 13.500 2 10z"/><circle cx="10" cy="10" r="2.300"/>`,
	"trash":    `<path d="M4 5.500h12M8 5.500V3.500h4v2M5.500 5.500l.7 11.500h7.600l.7-11.500M8.500 8.500v5.500M11.500 8.500v5.500"/>`,
	"refresh":  `<path d="M16 8.500A6.300 6.300 0 0 0 4.300 7.300M4 11.500a6.300 6.300 0 0 0 11.700 1.200M4 3.800v3.700h3.700M16 16.200v-3.700h-3.700"/>`,
	"attach":   `<path d="m15.500 9.500-5.700 5.700a3.400 3.400 0 0 1-4.800-4.800l6.200-6.200a2.300 2.300 0 0 1 3.200 3.200l-6 6a1.100 1.100 0 0 1-1.600-1.600l5.200-5.200"/>`,
	"filter":   `<path d="M3 5h14M5.500 10h9M8 15h4"/>`,
	"keyboard": `<path d="M2.500 5h15v10h-15zM5.500 8h.1M8.500 8h.1M11.500 8h.1M14.500 8h.1M5.500 12h9"/>`,

	// things of the trade
	"inbox":    `<path d="M3 11.500 5.300 4h9.400L17 11.500V16H3zM3 11.500h4.200c.3 1.500 1.400 2.200 2.800 2.200s2.500-.7 2.800-2.200H17"/>`,
	"need":     `<path d="M3 4h14v9.500H9.500L6 17v-3.500H3zM6.500 7.500h7M6.500 10.300h4.500"/>`,
	"building": `<path d="M3 17V8l5 3V8l5 3V3h4v14zM6.500 14h1M10.500 14h1"/>`,
	"bank":     `<path d="M3 17h14M4 8h12L10 3zM5.500 8v6.500M10 8v6.500M14.500 8v6.500M3.500 14.500h13"/>`,
	"document": `<path d="M5 2.500h7l3.500 3.500v11.500H5zM12 2.500V6h3.500M7.500 10h5.500M7.500 13.300h5.500"/>`,
	"chart":    `<path d="M3 17h14M5.500 14V9M10 14V4M14.500 14v-3.500"/>`,
	"table":    `<path d="M3 4h14v12H3zM3 8.500h14M3 12.300h14M8 8.500V16"/>`,
	"book":     `<path d="M10 5.500C8 4 5.500 3.700 3 4v11.500c2.500-.3 5 0 7 1.500 2-1.500 4.500-1.800 7-1.500V4c-2.500-.3-5 0-7 1.500zm0 0V17"/>`,
	"person":   `<circle cx="10" cy="6.500" r="3.200"/><path d="M3.500 17c.6-3.600 3-5.200 6.500-5.200s5.900 1.600 6.500 5.200"/>`,
	"people":   `<circle cx="7.500" cy="7" r="2.800"/><path d="M2 16.500c.5-3.200 2.500-4.600 5.500-4.600s5 1.400 5.500 4.600M12.800 4.500a2.600 2.600 0 0 1 0 5M15 12.500c1.700.6 2.700 1.900 3 4"/>`,
	"calendar": `<path d="M3 5h14v12H3zM3 8.500h14M6.500 3v3.500M13.500 3v3.500M6.500 12h.1M10 12h.1M13.500 12h.1"/>`,
	"globe":    `<circle cx="10" cy="10" r="7.5"/><path d="M2.500 10h15M10 2.500c2.200 2.200 3.200 4.700 3.200 7.500s-1 5.300-3.200 7.500c-2.200-2.200-3.200-4.700-3.200-7.500s1-5.300 3.200-7.500z"/>`,
	"place":    `<path d="M10 17.500c3.700-4 5.500-6.900 5.500-9.300a5.500 5.500 0 0 0-11 0c0 2.400 1.800 5.300 5.500 9.300z"/><circle cx="10" cy="8.200" r="1.900"/>`,
	"phone":    `<path d="M5 3h3l1.300 4-2 1.500a9.500 9.500 0 0 0 4.200 4.200l1.500-2 4 1.300v3c0 1-1 2-2 2C9 17 3 11 3 5c0-1 1-2 2-2z"/>`,
	"mail":     `<path d="M3 4.500h14v11H3zM3 5l7 6 7-6"/>`,
	"flag":     `<path d="M5 17.500V3h10l-2 3.500 2 3.500H5"/>`,
	"park":     `<path d="M2.500 17h15M4 17v-6l4-2.500V17M8 17V5l5-2v14M13 17V8l3.500 1.500V17M10.300 7.500h.1M10.300 10.500h.1M10.300 13.500h.1"/>`,
	"shield":   `<path d="M10 2.500 16.500 5v5c0 3.700-2.600 6.200-6.500 7.500C6.100 16.200 3.500 13.700 3.500 10V5z"/>`,
	"medal":    `<circle cx="10" cy="7.500" r="4.500"/><path d="M7.500 11.500 6 17.500l4-2 4 2-1.500-6"/>`,
	"flask":    `<path d="M8 3h4M8.800 3v5L4.500 15.500c-.5.9.1 1.700 1 1.700h9c.9 0 1.500-.8 1-1.700L11.200 8V3M6.500 12.500h7"/>`,
	"settings": `<path d="M3 6h8M15 6h2M3 14h2M9 14h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>`,

	// the six service themes 六大服务主题
	"theme-policy":    `<path d="M4 3h9l3 3v11H4zM7 8h6M7 11h6M7 14h3.500"/>`,
	"theme-upgrade":   `<path d="M3.500 8.500a6.800 6.800 0 0 1 12-2.300M16.500 11.500a6.800 6.800 0 0 1-12 2.300M15.800 2.800v3.500h-3.500M4.200 17.200v-3.500h3.500"/>`,
	"theme-guarantee": `<path d="M10 2.500 16.500 5v5c0 3.700-2.600 6.200-6.500 7.500C6.100 16.200 3.500 13.700 3.500 10V5zM7 7l3 3.300L13 7M10 10.300V14M7.700 10.800h4.600"/>`,
	"theme-market":    `<path d="M3 9.500 4.500 4h11L17 9.500M3 9.500a2.300 2.300 0 0 0 4.700 0 2.300 2.300 0 0 0 4.600 0 2.300 2.300 0 0 0 4.700 0M4.500 12v5h11v-5"/>`,
	"theme-startup":   `<path d="M10 17V9M10 11.500c-3.500 0-5.500-1.800-5.700-5 3.500 0 5.500 1.700 5.700 5zM10 9c0-3 1.800-5.200 5.700-5.700.2 3.700-1.900 5.700-5.700 5.700zM6 17h8"/>`,
	"theme-talent":    `<path d="m2 7.500 8-4 8 4-8 4zM5.500 9.500v4c1.300 1.200 2.800 1.700 4.500 1.700s3.200-.5 4.500-1.700v-4M18 7.500v4.500"/>`,
}
