package app

import (
	"fmt"
	"io"

	"qiban.dev/qiban/internal/api"
	"qiban.dev/qiban/internal/text"
)

type openapiCommand struct {
	Lang string `help:"Language of the descriptions." enum:"zh,en" default:"en"`
}

// Run prints the specification of the API, as /openapi.json answers it. It needs
// no database.
func (c *openapiCommand) Run(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%s", api.New(api.Config{}).Spec(text.Parse(c.Lang)))
	return err
}
