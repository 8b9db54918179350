package pingo_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what must happen, on a busy machine.
const patience = time.Minute

// unixSockets tells whether this system has unix sockets (Wine has not). Helpers
// do not ask: they may be killed before they have cleaned up.
var unixSockets = sync.OnceValue(func() bool {
	dir, err := os.MkdirTemp("", "pingo-test-")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		return false
	}
	return l.Close() == nil
})

// recorder is an ErrorHandler that keeps what it gets.
type recorder struct {
	t *testing.T

	mu      sync.Mutex // protects following
	lines   []string
	errs    []error
	changed chan struct{} // closed and replaced at every change
}

func newRecorder(t *testing.T) *recorder {
	return &recorder{t: t, changed: make(chan struct{})}
}

func (r *recorder) Error(err error) {
	if lacking(err) {
		return
	}
	r.change(func() { r.errs = append(r.errs, err) })
}

// lacking tells whether err is auto's complaint about what this system does not have.
func lacking(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) ||
		!unixSockets() && strings.Contains(err.Error(), "the transport unix cannot be set up, trying the transport tcp: connection failed: listen unix")
}

func (r *recorder) Print(v any) {
	r.change(func() { r.lines = append(r.lines, v.(string)) })
}

func (r *recorder) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *recorder) snapshot() (lines []string, errs []error, changed chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines), slices.Clone(r.errs), r.changed
}

// await waits until the plugin has printed line.
func (r *recorder) await(line string) {
	r.t.Helper()
	r.awaitFunc(func(lines []string, _ []error) bool { return slices.Contains(lines, line) })
}

func (r *recorder) awaitFunc(enough func(lines []string, errs []error) bool) {
	r.t.Helper()
	late := time.After(patience)
	for {
		lines, errs, changed := r.snapshot()
		if enough(lines, errs) {
			return
		}
		select {
		case <-changed:
		case <-late:
			require.FailNow(r.t, "the plugin did not say it", "lines %q, errors %v", lines, errs)
		}
	}
}

// within fails the test if f does not return.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	wait(t, what, done)
}

// wait fails the test if c is never closed.
func wait(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		require.FailNow(t, what+" takes for ever")
	}
}
