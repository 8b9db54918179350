package pingo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/debugger"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
)

// Environment variables for who debugs a plugin. See docs/debugging.md.
const (
	envDebug  = "PINGO_DEBUG"  // wait: plugins wait for a debugger, and the host for them
	envAttach = "PINGO_ATTACH" // in a program started by hand, listen; in a host, NAME=FILE of such programs
)

// A plugin whose host was told to have it debugged waits here, before its own main and
// init functions, and after it has begun to watch its host.
func init() {
	if os.Getenv(envDebug) != "wait" || handshake.ByHand() {
		return
	}
	_ = os.Unsetenv(envDebug) // what the plugin starts is not meant
	debugger.Await(os.Stderr, baseName(os.Args[0]))
}

// noTime is what a clock that stands still does not reach.
const noTime = 365 * 24 * time.Hour

// standStill stops the host's clocks for a plugin that is being debugged.
func (c *Config) standStill() {
	c.StartTimeout, c.GracePeriod, c.ProbeInterval = noTime, noTime, -1
}

// debugs tells whether a plugin is to wait for a debugger: PINGO_DEBUG is "wait", for
// all plugins, or "wait:" with the name of its executable.
func debugs(path string) bool {
	what, name, named := strings.Cut(os.Getenv(envDebug), ":")
	return what == "wait" && (!named || name == baseName(path))
}

// attachesTo returns the file of the running program that is to be used instead of a new
// one: PINGO_ATTACH is a list, separated by commas, of NAME=FILE, with the name of the executable.
func attachesTo(path string) string {
	for entry := range strings.SplitSeq(os.Getenv(envAttach), ",") {
		if name, file, ok := strings.Cut(entry, "="); ok && name == baseName(path) {
			return file
		}
	}
	return ""
}

// wrongSetting says what is wrong with the variables in a host. Who sets one waits for
// something: to start without that would only puzzle.
func wrongSetting() error {
	wrong := func(name, value, want string) error {
		return &StartError{
			Problem: fmt.Sprintf("the host's environment has %s=%s", name, value),
			Remedy:  "set it to " + want + ", or not at all: see https://github.com/pingogen/pingogen/blob/main/docs/debugging.md",
			Err:     errors.New("unknown value of " + name),
		}
	}
	debug := os.Getenv(envDebug)
	if what, name, named := strings.Cut(debug, ":"); debug != "" && (what != "wait" || named && name == "") {
		return wrong(envDebug, debug, "wait, for all plugins, or wait:NAME, for those with an executable of that name")
	}
	attach := os.Getenv(envAttach)
	for entry := range strings.SplitSeq(attach, ",") {
		if entry == "" || attach == "listen" { // which this program itself may do
			continue
		}
		if name, file, _ := strings.Cut(entry, "="); name == "" || file == "" {
			return wrong(envAttach, attach, "what a plugin prints that was started with "+envAttach+"=listen")
		}
	}
	return nil
}

// forHosts says that variables do nothing in a program that was started by hand, if one is set.
func forHosts() string {
	var b strings.Builder
	if v := os.Getenv(envAttach); v != "" {
		fmt.Fprintf(&b, "\n%s=%s means nothing to it: with %[1]s=listen it waits for a host.", envAttach, v)
	}
	if v := os.Getenv(envDebug); v != "" {
		fmt.Fprintf(&b, "\n%s=%s is for its host.", envDebug, v)
	}
	return b.String()
}

// baseName is what an executable is called.
func baseName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".exe") }
