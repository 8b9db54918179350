package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/pingogen/pingogen/runtime/tool"
)

const diffHelp = `pingogen diff compares two versions of contracts: what breaks whom?

usage: pingogen diff [flags] OLD NEW

Each of the two is a plugin's binary, a description (as text, or the JSON of
pingogen inspect), or the generated code of a package: ./kv, or ./kv@REVISION
as it is in git. They are compared as hosts and plugins do when they meet. To
add a method breaks nobody; to remove one breaks hosts that still call it. Of a
contract with a method that does not fit, no method can be called.

  -timeout D   how long the start of a plugin may take that has to be asked
               (default 10s)
  -json        print JSON

  pingogen diff old/kv-plugin bin/kv-plugin
  pingogen diff ./kv@v1.2.0 ./kv            before a release
  pingogen diff ./kv@origin/main ./kv       in CI, for each change

Exit status: 0 nothing breaks, 1 something does, 2 they cannot be compared.
`

func diffContracts(flags *flag.FlagSet) action {
	var timeout time.Duration
	durationFlag(flags, &timeout, "timeout", 10*time.Second)
	asJSON := flags.Bool("json", false, "")
	return func(ctx context.Context, args []string, stdout, _ io.Writer) error {
		if len(args) != 2 {
			return usageError{errors.New("want two versions, OLD and NEW")}
		}
		before, err := tool.Load(ctx, args[0], timeout)
		if err != nil {
			return err
		}
		after, err := tool.Load(ctx, args[1], timeout)
		if err != nil {
			return err
		}
		if len(before)+len(after) == 0 { // which says nothing of what they do serve
			return fmt.Errorf("neither %s nor %s serves a contract, and the types of objects in the style of net/rpc are not known: there is nothing to compare", args[0], args[1])
		}
		c := tool.Compare(before, after)
		if *asJSON {
			err = writeJSON(stdout, c)
		} else {
			err = c.WriteText(stdout)
		}
		if oldHost, newHost := c.Breaks(); err == nil && oldHost+newHost > 0 {
			return errFindings
		}
		return err
	}
}
