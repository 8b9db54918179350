package main

import (
	"errors"
	"flag"
	"fmt"
	"go/build"
	"io"
	"runtime/debug"
	"strings"

	"github.com/pingogen/pingogen/generator"
)

const help = `pingogen generates plugin clients and adapters for //pingo:plugin interfaces.

usage: pingogen [flags] [packages]                 (packages: default .)
       pingogen main -o dir [-serves A,B] [flags]  (a plugin's main package)
       pingogen new|inspect|call|bench|replay|diff|doctor|conformance ...

  -check      write nothing; name stale files and exit with status 1
  -diff       write nothing; print what would change
  -o name     name of the output files (default pingo_gen.go); main: directory
  -serves A,B main: contracts to serve (default: all that the result implements)
  -type A,B   generate for these interfaces though they have no directive
  -tags list  build tags, separated by commas
  -json       print diagnostics as JSON, one object a line
  -v          print notes, and how long each stage took
  -explain X  say what diagnostic X means, such as PG020
  -version    print the version

  //go:generate go tool pingogen            the package in this directory
  pingogen -check ./...                     in CI: is what it wrote up to date?
  pingogen main -o ../cmd/hello-plugin      the plugin that New in here makes

More: https://github.com/pingogen/pingogen/blob/main/docs/generator.md
Exit status: 0 fine, 1 findings or stale files, 2 environment, 3 a bug.
`

// options are what the command line says.
type options struct {
	config                     generator.Config
	check, diff, json, verbose bool

	main    bool   // pingogen main
	mainDir string // its output directory
	serves  []string
}

// parse reads the command line. When that is all there is to do, or it is
// wrong, done is true and code is the exit code.
func parse(args []string, stdout, stderr io.Writer) (o *options, code int, done bool) {
	o = &options{main: len(args) > 0 && args[0] == "main"}
	if o.main {
		args = args[1:]
	}
	var types, serves, output, explain string
	var showVersion bool
	flags := flag.NewFlagSet("pingogen", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.check, "check", false, "")
	flags.BoolVar(&o.diff, "diff", false, "")
	flags.BoolVar(&o.json, "json", false, "")
	flags.BoolVar(&o.verbose, "v", false, "")
	flags.BoolVar(&showVersion, "version", false, "")
	flags.StringVar(&output, "o", "", "")
	flags.StringVar(&types, "type", "", "")
	flags.StringVar(&o.config.Tags, "tags", "", "")
	flags.StringVar(&serves, "serves", "", "")
	flags.StringVar(&explain, "explain", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stdout, help)
		return nil, exitOK, true
	case err != nil:
		return nil, usage(stderr, err), true
	case showVersion:
		_, _ = fmt.Fprintln(stdout, version())
		return nil, exitOK, true
	case explain != "":
		return nil, printExplanation(explain, stdout, stderr), true
	}
	o.config.Patterns, o.config.Types, o.serves = flags.Args(), list(types), list(serves)
	if err := errors.Join(o.setOutput(output), flagBehind(flags.Args())); err != nil {
		return nil, usage(stderr, err), true
	}
	return o, exitOK, false
}

// flagBehind refuses a flag that stands behind packages.
func flagBehind(packages []string) error {
	for _, p := range packages {
		if strings.HasPrefix(p, "-") {
			return fmt.Errorf("%s stands behind the packages: flags stand before them", p)
		}
	}
	return nil
}

// printExplanation prints what a diagnostic means.
func printExplanation(code string, stdout, stderr io.Writer) int {
	text, err := generator.Explain(code)
	if err != nil {
		return usage(stderr, err)
	}
	_, _ = io.WriteString(stdout, text)
	return exitOK
}

// setOutput gives -o its meaning, and checks what goes with it.
func (o *options) setOutput(output string) error {
	switch {
	case o.main && output == "":
		return errors.New("main needs -o: the directory of the plugin's main package, as in -o ../cmd/hello-plugin")
	case o.main && (len(o.config.Patterns) > 1 || len(o.config.Types) > 0):
		return errors.New("main takes one package, and no -type")
	case o.main:
		o.mainDir = output
		return nil
	case len(o.serves) > 0:
		return errors.New("-serves belongs to pingogen main")
	case strings.ContainsAny(output, `/\`):
		return fmt.Errorf("-o %s: it is a file name, since the code belongs in the package's directory", output)
	case output != "" && (!strings.HasSuffix(output, ".go") || strings.HasSuffix(output, "_test.go")):
		return fmt.Errorf("-o %s: the name of a Go file is needed, and not of a test", output)
	case strings.HasPrefix(output, "_") || strings.HasPrefix(output, "."):
		return fmt.Errorf("-o %s: the go command ignores files of such names", output)
	case output != "" && tied(output):
		return fmt.Errorf("-o %s: its name ends like that of a system, and the go command builds such files for that alone: choose another one", output)
	}
	o.config.Output = output
	return nil
}

// tied tells whether the go command builds a file for one system or processor only
// because of its name: x_windows.go.
func tied(name string) bool {
	nowhere := build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	match, err := nowhere.MatchFile("", name)
	return err == nil && !match
}

// usage prints what is wrong with the command line.
func usage(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintf(stderr, "pingogen: %v (pingogen -h lists the flags)\n", err)
	return exitEnv
}

// list splits what is separated by commas.
func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// version returns the version of the module that pingogen was built from.
func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == "github.com/pingogen/pingogen" && m.Version != "" {
				v = m.Version
			}
		}
	}
	return "pingogen " + v
}
