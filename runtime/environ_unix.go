//go:build !windows

package pingo

// basicVariables are what every plugin gets of the host's environment.
var basicVariables = []string{"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE"}
