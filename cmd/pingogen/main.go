// Command pingogen generates typed plugin clients and adapters from annotated Go interfaces.
//
// Put a directive on an interface and have go generate run pingogen:
//
//	//go:generate go tool pingogen
//
//	//pingo:plugin
//	type Greeter interface {
//		SayHello(ctx context.Context, name string) (string, error)
//	}
//
// That writes pingo_gen.go beside it. "pingogen main" writes the main package of
// a plugin from the constructor of an implementation. "pingogen -h" lists the flags.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"

	"github.com/pingogen/pingogen/generator"
)

// Exit codes.
const (
	exitOK       = 0
	exitFindings = 1 // something in the source has to change, or output is stale
	exitEnv      = 2 // packages cannot be loaded, files cannot be written, flags are wrong
	exitBug      = 3 // pingogen itself is wrong
	exitSignal   = 130
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main with its surroundings as arguments; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	return guard(stderr, func() int {
		out := &output{w: stdout}
		code := runWith(args, out, stderr)
		if code == exitOK && out.err != nil {
			return exitOf(out.err, stderr)
		}
		return code
	})
}

// runWith is run for an output that notes whether it was written.
func runWith(args []string, stdout *output, stderr io.Writer) int {
	if code, ok := dispatch(args, stdout, stderr); ok {
		return code
	}
	o, code, done := parse(args, stdout, stderr)
	if done {
		return code
	}
	if os.Getenv("GOGC") == "" { // it ends before it pays to collect garbage
		debug.SetGCPercent(-1)
		debug.SetMemoryLimit(1 << 30)
	}
	if err := o.execute(stdout, stderr); err != nil {
		code := exitOf(err, stderr)
		if list := o.config.Patterns; code == exitEnv && len(list) > 0 && commandLike.MatchString(list[0]) {
			_, _ = fmt.Fprintf(stderr, "If %s is meant as a command, there is none of that name: pingogen -h lists them. The package in a directory is ./%[1]s.\n", list[0])
		}
		return code
	}
	return exitOK
}

// commandLike is what a command is called, and packages of the standard library are, but
// none that has contracts.
var commandLike = regexp.MustCompile(`^[a-z]+$`)

// output keeps the first error of what is written.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// guard returns what f does, or reports its panic.
func guard(stderr io.Writer, f func() int) (code int) {
	defer func() {
		if v := recover(); v != nil {
			code = reportBug(stderr, fmt.Sprintf("panic: %v\n\n%s", v, debug.Stack()))
		}
	}()
	return f()
}

// errFindings says that what is wrong has been printed already.
var errFindings = errors.New("findings")

// execute does what the options say.
func (o *options) execute(stdout, stderr io.Writer) error {
	result, err := o.generate()
	if err == nil && (o.check || o.diff) && !o.main {
		err = o.addGenerated(result)
	}
	if err != nil {
		return err
	}
	return o.deliver(result, stdout, stderr)
}

// deliver says what was found, and writes what was made.
func (o *options) deliver(result *generator.Result, stdout, stderr io.Writer) (err error) {
	report := &reporter{stdout: stdout, stderr: stderr, json: o.json, notes: o.verbose}
	report.diagnostics(result.Diagnostics)
	switch {
	case o.diff:
		report.diffs(result.Stale())
	case o.check:
		report.stale(result.Stale())
	default:
		err = result.Write()
	}
	if o.verbose {
		report.timings(result.Timings)
	}
	switch {
	case err != nil:
		return err
	case result.Failed(), (o.check || o.diff) && len(result.Stale()) > 0:
		return errFindings
	}
	return nil
}

// generate runs the generator for packages or for a main.
func (o *options) generate() (*generator.Result, error) {
	if o.main {
		return generator.GenerateMain(generator.MainConfig{Config: o.config, MainDir: o.mainDir, Serves: o.serves})
	}
	return generator.Generate(o.config)
}

// exitOf prints err and returns the exit code that it means.
func exitOf(err error, stderr io.Writer) int {
	var bug *generator.BugError
	switch {
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.As(err, &bug):
		return reportBug(stderr, bug.Error())
	}
	_, _ = fmt.Fprintln(stderr, "pingogen:", err)
	return exitEnv
}

// reportBug prints what is needed to report a mistake of pingogen.
func reportBug(stderr io.Writer, text string) int {
	_, _ = fmt.Fprintf(stderr, "pingogen: %s\n\nThis is a bug in pingogen, and nothing was written for the package. Please report it with\n"+
		"the text above and the interface at https://github.com/pingogen/pingogen/issues (%s).\n", text, version())
	return exitBug
}
