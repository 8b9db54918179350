package pingo_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Litterer leaves garbage.
type Litterer struct{}

// Leave leaves that many MiB, and returns who it is.
func (Litterer) Leave(mib int, pid *int) error {
	for range mib {
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		litter = b
	}
	litter = nil
	*pid = os.Getpid()
	return nil
}

var litter []byte

var _ = helper("litterer", func() {
	pingo.Register(Litterer{})
	fail(pingo.Run())
})

// A plugin that has nothing to do gives back what it does not need, long before Go's collector would look at it.
func TestIdlePluginGivesMemoryBack(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, _ := setup(t, "litterer")
		cfg.Env = append(cfg.Env, "GOGC=10000")
		use(&cfg, transport)
		p := start(t, cfg)
		var pid int
		require.NoError(t, p.Call("Litterer.Leave", 64, &pid))
		before := resident(t, pid)
		require.Greater(t, before, 64<<10)
		eventually(t, "the garbage is still there", func() string {
			return fmt.Sprint(resident(t, pid) < before-48<<10)
		}, "true")
		require.NoError(t, p.Call("Litterer.Leave", 1, &pid), "it works as before")
	})
}

// resident is how many KiB of memory a process has. What the race detector knows of it does not count, which that maps without reserving
// memory: the collector has it look at all that is freed, for which some systems give it pages.
func resident(t *testing.T, pid int) (kib int) {
	t.Helper()
	smaps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	require.NoError(t, err)
	mapping := 0
	for line := range strings.Lines(string(smaps)) {
		if n, ok := strings.CutPrefix(line, "Rss:"); ok {
			_, err := fmt.Sscan(n, &mapping)
			require.NoError(t, err)
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && !slices.Contains(strings.Fields(flags), "nr") {
			kib += mapping
		}
	}
	return kib
}
