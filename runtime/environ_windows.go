package pingo

// basicVariables are what every plugin gets of the host's environment.
var basicVariables = []string{
	"PATH", "PATHEXT", "SystemRoot", "SystemDrive", "windir", "ComSpec", "TEMP", "TMP",
	"USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramData", "USERNAME",
}
