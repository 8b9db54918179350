package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pingogen/pingogen/generator"
)

const conformanceHelp = `pingogen conformance writes a test that any plugin of a contract can be put to.

usage: pingogen conformance [flags] [packages]       (packages: default .)
       pingogen conformance -run BINARY [package]

The test, pingo_conformance_test.go, lies beside the contract. It starts the
plugin that $PINGO_PLUGIN names, and is skipped without: does it serve the
contract, does each method answer when it is called with zero values, instead of
panicking, does it bear many calls at once, does it stop? Tests of yours get
that plugin from pingotest.Plugin.

  -run BINARY  write nothing; run the package's tests against this plugin
  -arg A       with -run: an argument for the plugin; may be repeated
  -check       write nothing; name stale files and exit with status 1
  -tags list   build tags, separated by commas

  //go:generate go tool pingogen conformance     beside the contract
  pingogen conformance -run bin/hello-plugin ./greeter
  pingogen conformance -run bin/kv-plugin -arg -max-items=10 ./kv
  go test -c ./greeter                           for who has no source:
  PINGO_PLUGIN=./hello-plugin ./greeter.test -test.v

Exit status: 0 fine, 1 findings, stale files, or it fails, 2 environment.
`

func conformance(flags *flag.FlagSet) action {
	o := &options{}
	flags.BoolVar(&o.check, "check", false, "")
	flags.StringVar(&o.config.Tags, "tags", "", "")
	binary := flags.String("run", "", "")
	var arguments string // one a line
	flags.Func("arg", "", func(arg string) error {
		if strings.Contains(arg, "\n") {
			return errors.New("it has more than one line")
		}
		arguments += arg + "\n"
		return nil
	})
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *binary != "" {
			return runConformance(ctx, *binary, arguments, o.config.Tags, args, stdout, stderr)
		}
		if arguments != "" {
			return usageError{errors.New("-arg goes with -run")}
		}
		o.config.Patterns = args
		result, err := generator.GenerateConformance(o.config)
		if err != nil {
			return err
		}
		return o.deliver(result, stdout, stderr)
	}
}

// runConformance runs a package's tests against a plugin.
func runConformance(ctx context.Context, binary, arguments, tags string, packages []string, stdout, stderr io.Writer) error {
	if len(packages) > 1 {
		return usageError{errors.New("-run takes one package")}
	}
	path, err := filepath.Abs(binary) // the tests run elsewhere
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s: there is no such file", binary)
	}
	if len(packages) == 0 {
		packages = []string{"."}
	}
	list := exec.CommandContext(ctx, "go", "list", "-tags", tags, "-f", "{{.TestGoFiles}}", "--", packages[0])
	list.Stderr = stderr
	files, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list %s: %w", packages[0], err)
	}
	if !strings.Contains(string(files), generator.ConformanceOutput) {
		return fmt.Errorf("%s has no %s; run pingogen conformance %[1]s", packages[0], generator.ConformanceOutput)
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-tags", tags}, packages...)...)
	cmd.Env = append(os.Environ(), "PINGO_PLUGIN="+path)
	if arguments != "" {
		cmd.Env = append(cmd.Env, "PINGO_PLUGIN_ARGS="+arguments)
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return errFindings // the go command has said what
		}
		return err
	}
	return nil
}
