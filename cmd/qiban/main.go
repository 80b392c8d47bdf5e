// Command qiban is the whole program (企伴): the server and every command an
// operator needs. Run it without arguments for the list.
package main

import (
	"os"

	"qiban.dev/qiban/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:])) }
