package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/tool"
)

const callHelp = `pingogen call calls a method of a plugin with JSON, and prints JSON.

usage: pingogen call [flags] BINARY Contract.Method [argument ...]
       pingogen call -describe BINARY Contract.Method

The plugin is started, called and stopped; what it prints goes to stderr. The
arguments are JSON, in the order of the parameters or as name=JSON, and so is
the reply. A stream is printed item by item, a line each; one of bytes as it is.
An argument may also be @FILE, or - for stdin: the bytes for an io.Reader, the
items for a sequence, otherwise the JSON; or where an io.Writer writes to.

  -describe    print a command to fill in, and what comes back; run nothing
  -json        print bytes as JSON, too: a string for each line
  -arg A       an argument for the plugin; may be repeated
  -timeout D   how long a start may take (default 10s)
  -deadline D  how long the call may take

  pingogen call bin/hello-plugin Greeter.SayHello '"Go developer"'
  pingogen call bin/kv-plugin Store.Find 'q={"Prefix":"a","Limit":5}' | jq .
  pingogen call bin/zip-plugin Compress - < go.sum > go.sum.gz
  complete -o default -C 'pingogen complete' pingogen    tab completes methods

Exit status: 0 fine, 1 the call failed, 2 wrong arguments, or no plugin.
`

func call(flags *flag.FlagSet) action {
	var b tool.Binary
	binaryFlags(flags, &b)
	describe := flags.Bool("describe", false, "")
	asJSON := flags.Bool("json", false, "")
	var deadline time.Duration
	durationFlag(flags, &deadline, "deadline", 0)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if len(args) == 0 || *describe && len(args) > 2 {
			return usageError{errors.New("want a binary, a method and its arguments")}
		}
		if err := noFlags(args[1:]); err != nil {
			return err
		}
		b.Path, b.Print = args[0], lines(stderr)
		switch {
		case len(args) == 1:
			return wantMethod(ctx, b)
		case *describe:
			return describeCall(ctx, b, args[1], stdout)
		}
		s, err := tool.Open(ctx, b)
		if err != nil {
			return err
		}
		defer s.Close()
		out := &terminal{w: stdout}
		s.Stdin = os.Stdin
		if !*asJSON {
			s.Stdout = out
		}
		if deadline > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, deadline)
			defer cancel()
		}
		err = s.Call(ctx, args[1], args[2:], out.printLine)
		if out.err != nil {
			return out.err
		}
		return callFailed(ctx, s.Report, args[1], err, stderr)
	}
}

// terminal takes what a call returns. A line is one of its own, also after bytes that were
// written as they are.
type terminal struct {
	w      io.Writer
	inLine bool  // they have not ended with a line
	err    error // the first
}

func (t *terminal) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if n > 0 {
		t.inLine = p[n-1] != '\n'
	}
	if t.err == nil {
		t.err = err
	}
	return n, err
}

func (t *terminal) printLine(json []byte) error {
	if t.inLine {
		json = append([]byte("\n"), json...)
	}
	_, err := t.Write(append(json, '\n'))
	return err
}

// callFailed prints why a call failed, with what is known of its fate.
func callFailed(ctx context.Context, r *tool.Report, method string, err error, stderr io.Writer) error {
	var wrong *tool.ArgumentError
	if err == nil || errors.As(err, &wrong) {
		return err
	}
	if m, err := r.Method(method); err == nil {
		method = m.FullName()
	}
	why := err
	var failed *pingo.CallError
	if errors.As(err, &failed) {
		why = failed.Err
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		why = context.Cause(ctx)
	}
	_, _ = fmt.Fprintf(stderr, "pingogen: %s: %s: %v\n", method, pingo.FateOf(err), why)
	return errFindings
}

// wantMethod says which methods could have been named.
func wantMethod(ctx context.Context, b tool.Binary) error {
	r, err := tool.Inspect(ctx, b, false)
	if err != nil {
		return err
	}
	if len(r.MethodNames()) == 0 {
		return fmt.Errorf("%s serves no contract, and the types of objects in the style of net/rpc are not known", b.Path)
	}
	return usageError{fmt.Errorf("name a method of %s: %s", b.Path, strings.Join(r.MethodNames(), ", "))}
}

// describeCall prints how a method is called.
func describeCall(ctx context.Context, b tool.Binary, method string, stdout io.Writer) error {
	r, err := tool.Inspect(ctx, b, false)
	if err != nil {
		return err
	}
	m, err := r.Method(method)
	if err != nil {
		return err
	}
	args, result, err := m.Example()
	if err != nil {
		return err
	}
	for line := range strings.Lines(m.Doc) {
		_, _ = fmt.Fprintf(stdout, "# %s\n", strings.TrimSuffix(line, "\n"))
	}
	if m.Go != "" {
		_, _ = fmt.Fprintf(stdout, "# %s%s\n", m.FullName(), m.Go)
	}
	_, _ = fmt.Fprintf(stdout, "pingogen call %s %s", b.Path, m.FullName())
	for _, arg := range args {
		_, _ = fmt.Fprintf(stdout, " '%s'", strings.ReplaceAll(arg, "'", `'\''`))
	}
	_, _ = fmt.Fprintln(stdout)
	for line := range strings.Lines(result) {
		_, _ = fmt.Fprintf(stdout, "# %s\n", strings.TrimSuffix(line, "\n"))
	}
	return nil
}
