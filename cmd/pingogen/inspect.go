package main

import (
	"context"
	"flag"
	"io"

	"github.com/pingogen/pingogen/runtime/tool"
)

const inspectHelp = `pingogen inspect says what a plugin serves.

usage: pingogen inspect [flags] BINARY

It reads that in the binary, for whatever system that is, and runs nothing. A
plugin whose binary does not say it is started, asked, and stopped; the output
says which of the two was done. What may be no plugin is not run.

  -json        print JSON
  -start       start the plugin in any case: what does it serve really, and
               which objects does it have that are not of a contract?
  -arg A       an argument for the plugin, when it is started; may be repeated
  -timeout D   how long a start may take (default 10s)

  pingogen inspect bin/hello-plugin
  pingogen inspect -json bin/hello-plugin | jq -r '.contracts[].methods[].name'
  pingogen inspect -start bin/hello-plugin

Exit status: 0 fine, 2 there is no such file, it is no plugin or did not start.
`

func inspect(flags *flag.FlagSet) action {
	var b tool.Binary
	binaryFlags(flags, &b)
	asJSON := flags.Bool("json", false, "")
	start := flags.Bool("start", false, "")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if err := binaryOf(&b, args); err != nil {
			return err
		}
		b.Print = lines(stderr)
		r, err := tool.Inspect(ctx, b, *start)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return writeJSON(stdout, r)
		}
		return r.WriteText(stdout)
	}
}
