package pingo_test

import (
	"fmt"
	"os"
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

// resident is how many KiB of memory a process has.
func resident(t *testing.T, pid int) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		if n, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			_, err := fmt.Sscan(n, &kib)
			require.NoError(t, err)
		}
	}
	return kib
}
