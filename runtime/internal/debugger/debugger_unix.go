//go:build unix

package debugger

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// otherwise says how a plugin goes on without a debugger.
func otherwise(pid int) string { return fmt.Sprintf(" (kill -CONT %d goes on without)", pid) }

// told gets something when the plugin is told to go on.
func told() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGCONT)
	return c
}
