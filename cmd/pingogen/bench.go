package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pingogen/pingogen/runtime/tool"
)

const benchHelp = `pingogen bench measures how long the calls of a method take.

usage: pingogen bench [flags] BINARY Contract.Method [argument ...]

The plugin is started, called again and again with the same arguments, which are
JSON as for pingogen call, and stopped. Progress goes to stderr, and how the
latencies are distributed to stdout. Arguments are encoded by their description:
a generated client is a little faster.

  -c N         callers at once (default 1)
  -duration D  how long (default 5s)
  -n N         how many calls at most (default: as many as there is time for)
  -json        print JSON; durations are in nanoseconds
  -arg A       an argument for the plugin; may be repeated
  -timeout D   how long a start may take (default 10s)

  pingogen bench bin/hello-plugin Greeter.SayHello '"Go developer"'
  pingogen bench -c 64 -duration 10s bin/kv-plugin Store.Stats
  pingogen bench -json bin/kv-plugin Store.Stats | jq .latency.p99

Exit status: 0 fine, 1 calls failed, 2 wrong arguments, or no plugin.
`

func bench(flags *flag.FlagSet) action {
	var b tool.Binary
	binaryFlags(flags, &b)
	var load tool.Bench
	flags.IntVar(&load.Callers, "c", 1, "")
	durationFlag(flags, &load.Duration, "duration", 5*time.Second)
	flags.IntVar(&load.Calls, "n", 0, "")
	asJSON := flags.Bool("json", false, "")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		switch {
		case len(args) == 0:
			return usageError{errors.New("want a binary, a method and its arguments")}
		case load.Callers < 1 || load.Calls < 0:
			return usageError{errors.New("-c and -n are positive")}
		}
		if err := noFlags(args[1:]); err != nil {
			return err
		}
		b.Path, b.Print = args[0], lines(stderr)
		if len(args) == 1 {
			return wantMethod(ctx, b)
		}
		s, err := tool.Open(ctx, b)
		if err != nil {
			return err
		}
		defer s.Close()
		load.Progress = progress(stderr)
		m, err := s.Bench(ctx, args[1], args[2:], load)
		if err != nil {
			return err
		}
		if isTerminal(stderr) {
			_, _ = fmt.Fprint(stderr, "\r\x1b[K")
		}
		if *asJSON {
			err = writeJSON(stdout, m)
		} else {
			err = m.WriteText(stdout)
		}
		if err == nil && m.Errors+m.CutOff > 0 {
			return errFindings
		}
		return err
	}
}

// progress writes how far it is: on a terminal, again and again on the same line.
func progress(w io.Writer) func(time.Duration, int, int) {
	format := "%v: %d calls, %.0f/s, %d failed\n"
	if isTerminal(w) {
		format = "\r\x1b[K%v: %d calls, %.0f/s, %d failed"
	}
	return func(elapsed time.Duration, calls, failed int) {
		_, _ = fmt.Fprintf(w, format, elapsed.Round(time.Second), calls, float64(calls)/elapsed.Seconds(), failed)
	}
}

// isTerminal tells whether a line can be written again.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
