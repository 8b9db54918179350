package pingotest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// leakTime is how long what was told to end may take to do so; tests change it.
var leakTime = 5 * time.Second

// watched counts the tests that are being checked: when there are several at once,
// nobody knows whose a descriptor is.
var watched struct{ begun, now atomic.Int64 }

// CheckLeaks fails a test if something is left in the end that was begun since,
// after its cleanups that are registered later:
//
//   - goroutines that the test started, or that others did for it,
//   - on Linux also descriptors and child processes, if no other test is checked at the same time.
//
// What is about to end gets some seconds for it. Run calls CheckLeaks by itself.
func CheckLeaks(t *testing.T) {
	t.Helper()
	number, alone := watched.begun.Add(1), watched.now.Add(1) == 1
	before := resources()
	label := strconv.FormatInt(number, 10)
	pprof.SetGoroutineLabels(pprof.WithLabels(t.Context(), pprof.Labels(labelKey, label)))
	t.Cleanup(func() {
		defer watched.now.Add(-1)
		pprof.SetGoroutineLabels(context.Background())
		if left := remaining(func() string { return goroutines(label) }); left != "" {
			t.Errorf("goroutines that the test has left behind:\n%s", left)
		}
		if !alone || watched.begun.Load() != number {
			return
		}
		if left := remaining(func() string { return newer(resources(), before) }); left != "" {
			t.Errorf("the test has left behind:\n%s", left)
		}
	})
}

const labelKey = "pingotest"

// remaining returns what is left when there has been time for it to go.
func remaining(what func() string) string {
	late := time.Now().Add(leakTime)
	for {
		left := what()
		if left == "" || time.Now().After(late) {
			return left
		}
		time.Sleep(time.Millisecond)
	}
}

// goroutines lists those that have a label. Goroutines hand their labels on to those
// that they start.
func goroutines(label string) string {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1) // to memory
	var left []string
	for group := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(group, fmt.Sprintf("%q:%q", labelKey, label)) {
			left = append(left, stack(group))
		}
	}
	return strings.Join(left, "\n")
}

// address is what a line of a profile begins with, behind which people read on.
var address = regexp.MustCompile(`(?m)^#\t0x[0-9a-f]+\t`)

// stack returns a group of a profile for people.
func stack(group string) string {
	at := strings.Index(group, "#\t")
	if at < 0 {
		return group
	}
	return address.ReplaceAllString(group[at:], "\t")
}

// newer lists what is in now and not in before.
func newer(now, before map[string]bool) string {
	var left []string
	for _, what := range slices.Sorted(maps.Keys(now)) {
		if !before[what] {
			left = append(left, "\t"+what)
		}
	}
	return strings.Join(left, "\n")
}

// anyNumber is that of references which may be kept.
const anyNumber = -1

// references is a plugin, wherever it runs.
type references interface {
	References() (exported, imported int)
}

// checkReferences fails a test that still holds something of the plugin's, or whose
// plugin still holds more than it may of the test's. What nobody holds goes when the
// collector finds it, which is asked to.
func checkReferences(t *testing.T, p references, keeps int) {
	left := remaining(func() string {
		exported, imported := p.References()
		switch {
		case imported > 0:
			runtime.GC()
			return fmt.Sprintf("the test still holds %d references to what is in the plugin: close what it returns by reference, or drop it", imported)
		case keeps != anyNumber && exported > keeps:
			runtime.GC()
			return fmt.Sprintf("the implementation still holds %d references to what the test passed, and Kit.Keeps is %d", exported, keeps)
		}
		return ""
	})
	if left != "" {
		t.Error(left)
	}
}
