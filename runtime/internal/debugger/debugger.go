// Package debugger lets a program wait for its debugger.
package debugger

import (
	"fmt"
	"io"
	"os"
	"time"
)

// tick is how often a program looks for its debugger.
const tick = 20 * time.Millisecond

// Await tells on w how a debugger attaches to this program, which is called name, and returns when one has, or
// when the program is told to go on without.
func Await(w io.Writer, name string) {
	goOn := told() // before anybody knows that it can be
	_, _ = fmt.Fprintf(w, "pingo: %s waits for a debugger: dlv attach %d%s\n", name, os.Getpid(), otherwise(os.Getpid()))
	for !traced() {
		select {
		case <-goOn:
			return
		case <-time.After(tick):
		}
	}
}
