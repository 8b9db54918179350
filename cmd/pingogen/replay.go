package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pingogen/pingogen/runtime/record"
	"github.com/pingogen/pingogen/runtime/tool"
)

const replayHelp = `pingogen replay makes recorded calls again, and shows where answers differ.

usage: pingogen replay [flags] RECORDING BINARY

The recording is what a host has saved with package runtime/record. The calls
are made one after the other, in their order, of one plugin that is started for
them, with nothing of the state that it may have had before.

  -json        print the differences as JSON, one a line
  -arg A       an argument for the plugin; may be repeated
  -timeout D   how long a start may take (default 10s)
  -deadline D  how long a call may take (default 1m)

  pingogen replay calls.json bin/kv-plugin
  pingogen replay calls.json new/kv-plugin -arg -max-items=10

Exit status: 0 answers are the same, 1 some differ, 2 no recording or plugin.
`

func replay(flags *flag.FlagSet) action {
	var b tool.Binary
	binaryFlags(flags, &b)
	asJSON := flags.Bool("json", false, "")
	var deadline time.Duration
	durationFlag(flags, &deadline, "deadline", time.Minute)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if len(args) != 2 {
			return usageError{errors.New("want a recording and a binary")}
		}
		calls, err := readRecording(args[0])
		if err != nil {
			return err
		}
		b.Path, b.Print = args[1], lines(stderr)
		s, err := tool.Open(ctx, b)
		if err != nil {
			return err
		}
		defer s.Close()
		n, err := s.Replay(ctx, calls, deadline, func(d tool.Difference) error {
			if *asJSON {
				return writeLine(stdout, d)
			}
			return writeDifference(stdout, d)
		})
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(stderr, "%d the same, %d different, %d skipped\n", n.Same, n.Different, n.Skipped)
		if n.Different > 0 {
			return errFindings
		}
		return nil
	}
}

func readRecording(path string) ([]record.Call, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	calls, err := record.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(calls) == 0 {
		return nil, fmt.Errorf("%s: there is no call in it", path)
	}
	return calls, nil
}

// noResults is the answer of a method that has no results, and did not fail.
const noResults = "(no results)"

// writeDifference writes a call and both answers.
func writeDifference(w io.Writer, d tool.Difference) error {
	_, err := fmt.Fprintf(w, "%s", d.Call.Method)
	for _, arg := range d.Call.Args {
		_, _ = fmt.Fprintf(w, " %s", arg)
	}
	_, _ = fmt.Fprintf(w, "\n  - %s\n  + %s\n", cmp.Or(d.Old, noResults), cmp.Or(d.New, noResults))
	return err
}
