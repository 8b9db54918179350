package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/pingogen/pingogen/internal/scaffold"
)

const newHelp = `pingogen new makes a contract, a plugin, a host and a test of both.

usage: pingogen new [flags] NAME

It makes a directory NAME below the current one with the package NAME, which has
the contract; impl, which implements it; a host and a plugin in cmd; and a test
that passes. Where there is no go.mod yet, NAME becomes a module. It then runs
go generate and go mod tidy. Change everything, and run go generate again.

  -module PATH  the new module's path (default example.com/NAME)
  -replace DIR  use the source of pingogen in DIR instead of a released version

  pingogen new greeter && cd greeter && go test ./...
  pingogen new -module github.com/me/greeter greeter
  go run github.com/pingogen/pingogen/cmd/pingogen@latest new greeter

Exit status: 0 fine, 2 a file is there already, or the go command failed.
`

func newPlugin(flags *flag.FlagSet) action {
	var c scaffold.Config
	flags.StringVar(&c.Module, "module", "", "")
	flags.StringVar(&c.Replace, "replace", "", "")
	return func(ctx context.Context, args []string, stdout, _ io.Writer) error {
		if len(args) != 1 {
			return usageError{errors.New("want one name, such as greeter")}
		}
		c.Name, c.Version = args[0], released()
		path, err := scaffold.New(ctx, c)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, `%[2]s has the contract, the plugin, the host and a test. In %[1]s:

  go test ./...
  go build -o bin/ ./cmd/...
  bin/%[1]s-host bin/%[1]s-plugin
`, c.Name, path)
		return err
	}
}

// released returns the version of this program, if it is a released one.
func released() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != "github.com/pingogen/pingogen" || info.Main.Version == "(devel)" {
		return ""
	}
	return info.Main.Version
}
