package pingo

import (
	"slices"
	"strings"
)

// basicVariables are what every plugin gets of the host's environment. Case does not matter.
var basicVariables = []string{
	"PATH", "PATHEXT", "SystemRoot", "SystemDrive", "windir", "ComSpec", "TEMP", "TMP",
	"USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramData", "USERNAME",
	"NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
}

func isBasic(name string) bool {
	return slices.ContainsFunc(basicVariables, func(basic string) bool { return strings.EqualFold(name, basic) })
}
