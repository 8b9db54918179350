//go:build !windows

package pingo

import (
	"slices"
	"strings"
)

// basicVariables, and LC_*, are what every plugin gets of the host's environment.
var basicVariables = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE"}

func isBasic(name string) bool {
	return slices.Contains(basicVariables, name) || strings.HasPrefix(name, "LC_")
}
