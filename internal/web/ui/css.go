package ui

import (
	"fmt"

	"github.com/a-h/templ"
)

// cssf makes the value of a style attribute from numbers of our own; it only
// ever sets custom properties that the style sheet reads (the content policy
// allows style attributes for this, and no style elements).
func cssf(format string, args ...any) templ.SafeCSS {
	return templ.SafeCSS(fmt.Sprintf(format, args...))
}
