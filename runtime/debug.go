package pingo

import (
	"fmt"
	"os"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/handshake"
)

// A plugin whose host was told to have it debugged waits here, before its own main and
// init functions, and after it has begun to watch its host.
func init() {
	if os.Getenv(envDebug) != "wait" || handshake.ByHand() {
		return
	}
	_ = os.Unsetenv(envDebug) // what the plugin starts is not meant
	goOn := told()            // before anybody knows that it can be
	fmt.Fprintf(os.Stderr, "pingo: %s waits for a debugger: dlv attach %d%s\n", baseName(os.Args[0]), os.Getpid(), otherwise(os.Getpid()))
	for !traced() {
		select {
		case <-goOn:
			return
		case <-time.After(debugTick):
		}
	}
}

// debugTick is how often a plugin looks for its debugger.
const debugTick = 20 * time.Millisecond
