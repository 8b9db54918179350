package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pingogen/pingogen/runtime/tool"
)

// complete prints what the word at the cursor may be, for the shells' "complete -C": the
// line is $COMP_LINE, and the cursor is at $COMP_POINT. Not all of them also give words as
// arguments. Where it prints nothing, the shell completes names of files.
func complete(stdout, stderr io.Writer) int {
	line, ok := os.LookupEnv("COMP_LINE")
	if !ok {
		return usage(stderr, errors.New("complete is for the shell, after: complete -o default -C 'pingogen complete' pingogen"))
	}
	if at, err := strconv.Atoi(os.Getenv("COMP_POINT")); err == nil && 0 <= at && at <= len(line) {
		line = line[:at]
	}
	for _, name := range candidates(line) {
		_, _ = fmt.Fprintln(stdout, name)
	}
	return exitOK
}

// candidates lists what the last word of a line may be.
func candidates(line string) []string {
	words, word := strings.Fields(line), ""
	if n := len(words) - 1; n >= 0 && strings.HasSuffix(line, words[n]) {
		words, word = words[:n], words[n]
	}
	if len(words) == 0 {
		return nil
	}
	name, before := "", words[len(words)-1]
	if len(words) > 1 {
		name = words[1]
	}
	names := slices.Sorted(maps.Keys(commands()))
	switch {
	case strings.HasPrefix(word, "-"):
		text := help
		if c, ok := commands()[name]; ok {
			text = c.help
		}
		return beginning(flagsIn(text), word)
	case name == "":
		return beginning(append(names, "help", "main"), word)
	case name == "help":
		return beginning(names, word)
	case (name == "call" || name == "bench") && before != name:
		return methodsOf(before, word)
	}
	return nil
}

// methodsOf lists the methods of a plugin that word may mean, with or without the contract.
func methodsOf(binary, word string) []string {
	r, err := tool.Read(context.Background(), binary)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(r.MethodNames(), func(full string) bool {
		_, name, _ := strings.Cut(full, ".")
		return !strings.HasPrefix(full, word) && !strings.HasPrefix(name, word)
	})
}

// flagsIn lists the flags that a help explains.
func flagsIn(help string) []string {
	var flags []string
	for _, found := range regexp.MustCompile(`(?m)^  (-[a-z]+)`).FindAllStringSubmatch(help, -1) {
		flags = append(flags, found[1])
	}
	return flags
}

func beginning(names []string, word string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, word) })
}
