package conn

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// The system is asked for huge pages wherever a fresh buffer is, from end to end.
func TestLargeBuffersAskForHugePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this system has no huge pages: ", err)
	}
	for _, size := range []int{smallestRecycled, 1 << 20, 17 << 20} {
		b := newLarge(size)
		first := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
		for _, at := range []uintptr{first, first + uintptr(size)/2, first + uintptr(size) - 1} {
			require.Contains(t, flagsOfMapping(t, at), "hg", "of %d bytes, at %d", size, at-first)
		}
		b[0] = 1
	}
}

// flagsOfMapping returns the flags of the mapping in which addr is.
func flagsOfMapping(t *testing.T, addr uintptr) []string {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	require.NoError(t, err)
	defer f.Close()
	inside := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var begin, end uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &begin, &end); n == 2 {
			inside = begin <= addr && addr < end
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return strings.Fields(flags)
		}
	}
	t.Fatalf("nothing is mapped at %x", addr)
	return nil
}
