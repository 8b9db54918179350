package schema

import (
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

var update = flag.Bool("update", false, "add today's descriptions to testdata/compat")

const compat = root + "/testdata/compat"

// Programs that were built before work with those that are built now: of each
// contract, testdata/compat has every description that a binary has ever had.
// Files are added with -update and never changed.
func TestDescriptionsOfOlderBinaries(t *testing.T) {
	for _, match := range []string{"examples/", "internal/evolving/"} {
		for _, now := range generatedContracts(t, match) {
			t.Run(now.Package+"."+now.Name, func(t *testing.T) { requireCompatible(t, now) })
		}
	}
}

func requireCompatible(t *testing.T, now codec.Contract) {
	today := filepath.Join(compat, fileOf(now))
	if *update {
		require.NoError(t, os.WriteFile(today, []byte(write(now)), 0o666))
	}
	stored, err := filepath.Glob(filepath.Join(compat, filePrefix(now)+"*.txt"))
	require.NoError(t, err)
	require.Contains(t, stored, today, "the description is new: run go test -update, and commit the new file beside the old ones")
	for _, file := range stored {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		before := read(t, string(text))
		require.Equal(t, string(text), write(before))
		require.Equal(t, now.Package, before.Package)
		for _, m := range before.Methods {
			requireMethodFits(t, file, &before, &now, m.Name)
		}
	}
}

// requireMethodFits looks at a method in both directions, as a plugin's and as a host's.
func requireMethodFits(t *testing.T, file string, before, now *codec.Contract, name string) {
	older, newer := New(before, "before"), New(now, "now")
	if _, err := newer.method(name); err != nil && newer.err == nil {
		return // it is gone: calls fail as not implemented
	}
	for _, compare := range []func(w, r *Contract, name string) (*Plan, []Mismatch){Arguments, Results} {
		_, mismatches := compare(older, newer, name)
		require.Empty(t, mismatches, "%s: from then to now, method %s", file, name)
		_, mismatches = compare(newer, older, name)
		require.Empty(t, mismatches, "%s: from now to then, method %s", file, name)
	}
}

func filePrefix(c codec.Contract) string {
	return path.Base(path.Dir(c.Package)) + "." + path.Base(c.Package) + "." + c.Name + "-"
}

func fileOf(c codec.Contract) string {
	sum := fnv.New32a()
	sum.Write([]byte(write(c))) // never fails
	return fmt.Sprintf("%s%08x.txt", filePrefix(c), sum.Sum32())
}

// write returns a contract as a text: a line for each of its parts.
func write(c codec.Contract) string {
	var b strings.Builder
	fmt.Fprintf(&b, "contract %s %q\n", c.Name, c.Package)
	for _, m := range c.Methods {
		fmt.Fprintf(&b, "method %#016x %s%s\n", m.Fingerprint, m.Name, m.Signature)
	}
	for _, t := range c.Types {
		fmt.Fprintf(&b, "type %s = %s\n", t.Name, t.Definition)
	}
	return b.String()
}

// read returns the contract that write wrote.
func read(t *testing.T, text string) (c codec.Contract) {
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch word {
		case "contract":
			_, err := fmt.Sscanf(rest, "%s %q", &c.Name, &c.Package)
			require.NoError(t, err)
		case "method":
			number, m, _ := strings.Cut(rest, " ")
			fingerprint, err := strconv.ParseUint(number, 0, 64)
			require.NoError(t, err)
			name, signature, _ := strings.Cut(m, "(")
			c.Methods = append(c.Methods, codec.Method{Name: name, Signature: "(" + signature, Fingerprint: fingerprint})
		case "type":
			name, definition, _ := strings.Cut(rest, " = ")
			c.Types = append(c.Types, codec.Type{Name: name, Definition: definition})
		}
	}
	return c
}
