package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/pingogen/pingogen/runtime/tool"
)

// command is what pingogen does beside generating, with flags and help of its own.
type command struct {
	help  string
	parse func(*flag.FlagSet) (do action) // declares the flags
	mixed bool                            // flags may stand behind arguments, too
}

// action does what a command says, with what is no flag.
type action func(ctx context.Context, args []string, stdout, stderr io.Writer) error

// commands returns all of them by name.
func commands() map[string]command {
	return map[string]command{
		"new":         {help: newHelp, parse: newPlugin, mixed: true},
		"inspect":     {help: inspectHelp, parse: inspect, mixed: true},
		"call":        {help: callHelp, parse: call},
		"doctor":      {help: doctorHelp, parse: doctor, mixed: true},
		"diff":        {help: diffHelp, parse: diffContracts, mixed: true},
		"conformance": {help: conformanceHelp, parse: conformance, mixed: true},
		"replay":      {help: replayHelp, parse: replay, mixed: true},
		"bench":       {help: benchHelp, parse: bench},
	}
}

// usageError is about the command line.
type usageError struct{ error }

// run reads the command's line and does what it says.
func (c command) run(name string, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := c.parse(flags)
	rest, err := parseFlags(flags, args, c.mixed)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stdout, c.help)
		return exitOK
	case err == nil:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop) // the next one ends this program at once
		if err = do(ctx, rest, stdout, stderr); err != nil && ctx.Err() != nil {
			return interrupted(ctx, err, stderr)
		}
	default:
		err = usageError{err}
	}
	var wrong usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &wrong):
		_, _ = fmt.Fprintf(stderr, "pingogen %s: %v (pingogen help %s shows how)\n", name, err, name)
		return exitEnv
	}
	return exitOf(err, stderr)
}

// interrupted says that a signal was why a command has failed, unless it has been said.
func interrupted(ctx context.Context, err error, stderr io.Writer) int {
	if !errors.Is(err, errFindings) {
		_, _ = fmt.Fprintln(stderr, "pingogen:", context.Cause(ctx))
	}
	return exitSignal
}

// dispatch runs the command that args begin with, if they do.
func dispatch(args []string, stdout, stderr io.Writer) (code int, ok bool) {
	if len(args) == 0 {
		return 0, false
	}
	switch args[0] {
	case "help":
		return helpFor(args[1:], stdout, stderr), true
	case "complete":
		return complete(stdout, stderr), true
	}
	c, ok := commands()[args[0]]
	if !ok {
		return 0, false
	}
	return c.run(args[0], args[1:], stdout, stderr), true
}

// parseFlags returns what is no flag. If they are mixed, flags end at "--" only.
func parseFlags(flags *flag.FlagSet, args []string, mixed bool) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		left := flags.Args()
		ended := len(left) < len(args) && args[len(args)-len(left)-1] == "--"
		if !mixed || ended || len(left) == 0 {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

// helpFor prints the help of a command.
func helpFor(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "main" || args[0] == "help" {
		_, _ = io.WriteString(stdout, help)
		return exitOK
	}
	c, ok := commands()[args[0]]
	if !ok {
		return usage(stderr, fmt.Errorf("there is no help for %q", args[0]))
	}
	_, _ = io.WriteString(stdout, c.help)
	return exitOK
}

// binaryFlags declares the flags that say how a plugin is started.
func binaryFlags(flags *flag.FlagSet, b *tool.Binary) {
	durationFlag(flags, &b.Timeout, "timeout", 10*time.Second)
	flags.Func("arg", "", func(arg string) error {
		b.Args = append(b.Args, arg)
		return nil
	})
}

// durationFlag declares a flag for a duration that is longer than nothing.
func durationFlag(flags *flag.FlagSet, d *time.Duration, name string, value time.Duration) {
	*d = value
	flags.Func(name, "", func(text string) error {
		given, err := time.ParseDuration(text)
		if err != nil || given <= 0 {
			return errors.New("want a duration such as 500ms or 10s")
		}
		*d = given
		return nil
	})
}

// noFlags refuses flags among what stands behind the binary, where they would be
// arguments of a method. No JSON begins like one.
func noFlags(args []string) error {
	for _, arg := range args {
		if flagLike.MatchString(arg) {
			return usageError{fmt.Errorf("%s stands behind the binary: flags stand before it, and arguments are JSON", arg)}
		}
	}
	return nil
}

var flagLike = regexp.MustCompile(`^--?[a-z]`)

// binaryOf takes the only argument of a command, which is a binary.
func binaryOf(b *tool.Binary, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("want one binary, not %d arguments", len(args))}
	}
	b.Path = args[0]
	return nil
}

// writeJSON writes v for programs, without HTML's escapes.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeLine writes v for programs on one line.
func writeLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// lines returns what prints each line of a plugin's output.
func lines(w io.Writer) func(string) {
	return func(line string) { _, _ = fmt.Fprintln(w, strings.TrimRight(line, "\n")) }
}
