package debugger

import (
	"os"
	"syscall"
)

var isDebuggerPresent = syscall.NewLazyDLL("kernel32.dll").NewProc("IsDebuggerPresent")

// traced tells whether a debugger is there.
func traced() bool {
	yes, _, _ := isDebuggerPresent.Call()
	return yes != 0
}

// otherwise says how a plugin goes on without a debugger.
func otherwise(int) string { return "" }

// told gets something when the plugin is told to go on, for which this system has no way.
func told() <-chan os.Signal { return nil }
