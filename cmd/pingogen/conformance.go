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
contract, does each method answer instead of panicking, does it bear many calls
at once, does it stop? Tests of yours get that plugin from pingotest.Plugin.

  -run BINARY  write nothing; run the package's tests against this plugin
  -check       write nothing; name stale files and exit with status 1
  -tags list   build tags, separated by commas

  //go:generate go tool pingogen conformance     beside the contract
  pingogen conformance -run bin/hello-plugin ./greeter
  go test -c ./greeter                           for who has no source:
  PINGO_PLUGIN=./hello-plugin ./greeter.test -test.v

Exit status: 0 fine, 1 findings, stale files, or it fails, 2 environment.
`

func conformance(flags *flag.FlagSet) action {
	o := &options{}
	flags.BoolVar(&o.check, "check", false, "")
	flags.StringVar(&o.config.Tags, "tags", "", "")
	binary := flags.String("run", "", "")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *binary != "" {
			return runConformance(ctx, *binary, o.config.Tags, args, stdout, stderr)
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
func runConformance(ctx context.Context, binary, tags string, packages []string, stdout, stderr io.Writer) error {
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
