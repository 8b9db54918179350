package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator"
)

func TestHelpFitsOneScreen(t *testing.T) {
	texts := []string{help}
	for name, c := range commands() {
		require.Contains(t, help, name)
		require.Contains(t, c.help, "\nusage: pingogen "+name+" ")
		require.Contains(t, c.help, "\n  pingogen "+name, "an example")
		require.Contains(t, c.help, "\nExit status: 0 ")
		texts = append(texts, c.help)
	}
	for _, text := range texts {
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		require.LessOrEqual(t, len(lines), 24)
		for _, line := range lines {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
	}
}

// Each command's help names its flags.
func TestHelpOfCommands(t *testing.T) {
	for name, c := range commands() {
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		c.parse(flags)
		flags.VisitAll(func(f *flag.Flag) { require.Contains(t, c.help, "\n  -"+f.Name+" ", name) })
	}
}

func TestParseFlags(t *testing.T) {
	for _, mixed := range []bool{true, false} {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		b := flags.Bool("b", false, "")
		s := flags.String("s", "", "")
		rest, err := parseFlags(flags, []string{"-s", "v", "x", "-b", "y", "--", "-z"}, mixed)
		require.NoError(t, err)
		require.Equal(t, "v", *s)
		require.Equal(t, mixed, *b)
		if mixed {
			require.Equal(t, []string{"x", "y", "-z"}, rest)
		} else {
			require.Equal(t, []string{"x", "-b", "y", "--", "-z"}, rest)
		}
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	for _, name := range []string{"check", "diff", "o", "serves", "type", "tags", "json", "v", "explain", "version"} {
		require.Contains(t, help, "  -"+name+" ")
		require.NotEqual(t, exitEnv, run([]string{"-" + name + "=false", "-h"}, io.Discard, io.Discard), name)
	}
}

func TestExitCodes(t *testing.T) {
	var stderr bytes.Buffer
	require.Equal(t, exitFindings, exitOf(errFindings, &stderr))
	require.Empty(t, stderr.String(), "findings have been printed already")

	require.Equal(t, exitEnv, exitOf(errors.New("no go command"), &stderr))
	require.Equal(t, "pingogen: no go command\n", stderr.String())

	stderr.Reset()
	bug := fmt.Errorf("generating: %w", &generator.BugError{Package: "example.com/m", Text: "what was emitted does not compile"})
	require.Equal(t, exitBug, exitOf(bug, &stderr))
	require.Contains(t, stderr.String(), "pingogen: internal error: example.com/m: what was emitted does not compile\n")
	require.Contains(t, stderr.String(), "Please report")
}

func TestPanicIsReported(t *testing.T) {
	var stderr bytes.Buffer
	require.Equal(t, exitBug, guard(&stderr, func() int { panic("oops") }))
	require.Contains(t, stderr.String(), "pingogen: panic: oops\n")
	require.Contains(t, stderr.String(), "TestPanicIsReported", "the stack is there")
	require.Contains(t, stderr.String(), "Please report")
}

func TestCandidates(t *testing.T) {
	for line, want := range map[string]string{
		"":                           "",
		"pingogen":                   "",
		"pingogen ":                  "bench call conformance diff doctor inspect new replay help main",
		"pingogen re":                "replay",
		"pingogen h":                 "help",
		"pingogen nothing ":          "",
		"pingogen help d":            "diff doctor",
		"pingogen -ch":               "-check",
		"pingogen main -s":           "-serves",
		"pingogen call -":            "-describe -json -arg -timeout -deadline",
		"pingogen call -describe":    "-describe",
		"pingogen call ":             "",
		"pingogen call /no/plugin S": "",
		"pingogen inspect x ":        "",
	} {
		require.Equal(t, want, strings.Join(candidates(line), " "), line)
	}
}
