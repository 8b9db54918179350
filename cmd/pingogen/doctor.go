package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/pingogen/pingogen/runtime/description"
	"github.com/pingogen/pingogen/runtime/tool"
)

const doctorHelp = `pingogen doctor says why a plugin does not start, and what to do.

usage: pingogen doctor [flags] BINARY

It looks at the file, and if nothing is wrong with that, starts the plugin as a
host does, and stops it. As to a host, a name without a slash is one in $PATH.

  -host SRC    also see whether the plugin fits a host with the contracts of
               SRC, which is anything that pingogen diff takes: their package,
               or a plugin (a host's binary does not say what it wants)
  -arg A       an argument for the plugin; may be repeated
  -timeout D   how long the start may take, as the host's Config.StartTimeout
               says (default 2s; up to 10s are waited to say how long it takes)
  -json        print JSON

  pingogen doctor bin/hello-plugin
  pingogen doctor -host ./greeter bin/hello-plugin

Exit status: 0 it starts, 1 it does not, or does not fit, 2 wrong flags.
`

func doctor(flags *flag.FlagSet) action {
	var b tool.Binary
	binaryFlags(flags, &b)
	b.Timeout = 0 // a host's default
	host := flags.String("host", "", "")
	asJSON := flags.Bool("json", false, "")
	return func(ctx context.Context, args []string, stdout, _ io.Writer) (err error) {
		if err := binaryOf(&b, args); err != nil {
			return err
		}
		var contracts []description.Contract
		if *host != "" {
			if contracts, err = hostContracts(ctx, *host, b.Timeout); err != nil {
				return fmt.Errorf("-host wants the package of the host's contracts, or a plugin with the same: %w", err)
			}
		}
		d := tool.Diagnose(ctx, b, contracts)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if *asJSON {
			err = writeJSON(stdout, d)
		} else {
			_, err = fmt.Fprintln(stdout, d)
		}
		if err == nil && d.Problem != "" {
			return errFindings
		}
		return err
	}
}

// hostContracts are those of what -host names. To who names the host itself, what keeps a binary from
// being a plugin is not what is wrong.
func hostContracts(ctx context.Context, name string, timeout time.Duration) ([]description.Contract, error) {
	contracts, err := tool.Load(ctx, name, timeout)
	var not *tool.NotPluginError
	if errors.As(err, &not) {
		err = fmt.Errorf("%s: %s; a host's binary does not say which contracts it calls", not.Path, not.Reason)
	}
	return contracts, err
}
