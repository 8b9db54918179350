package suites

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// maxPeak is what a process may have had in memory at once, in KiB.
const maxPeak = 64 << 10

// Copying 1 GiB from the host through a plugin and back keeps both processes small.
// The host is a program of its own, so that nothing else is in its memory.
func TestCopyInLittleMemory(t *testing.T) {
	switch {
	case runtime.GOOS != "linux":
		t.Skip("the peak is read from /proc")
	case raceDetector:
		t.Skip("the race detector needs several times the memory of the program")
	}
	size := int64(1 << 30)
	if testing.Short() {
		size = 1 << 27
	}
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, asHost, strconv.FormatInt(size, 10))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var copied int64
	var host, plugin int
	_, err = fmt.Sscan(string(out), &copied, &host, &plugin)
	require.NoError(t, err, "%s", out)
	t.Logf("peak of the host %d KiB, of the plugin %d KiB", host, plugin)
	require.Equal(t, size, copied)
	require.Positive(t, host)
	require.Less(t, host, maxPeak)
	require.Positive(t, plugin)
	require.Less(t, plugin, maxPeak)
}

// zeros has as many bytes as anybody reads.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// copyThroughPlugin is the host of the test above. It prints how much arrived,
// and what the peaks were.
func copyThroughPlugin(size string) error {
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	ctx := context.Background()
	p := pingo.NewPlugin("auto", program, asPlugin, noCollector)
	p.SetTimeout(time.Minute) // a busy machine takes its time
	p.Start()
	defer p.Stop()
	var arrived count
	copied, err := NewReadersClient(p).Copy(ctx, &arrived, io.LimitReader(zeros{}, n))
	if err != nil {
		return err
	}
	if copied != int64(arrived) {
		return fmt.Errorf("%d bytes of %d arrived", arrived, copied)
	}
	there, err := NewInsideClient(p).Usage(ctx)
	fmt.Println(copied, usage().Peak, there.Peak)
	return err
}

// count counts what is written.
type count int64

func (c *count) Write(p []byte) (int, error) {
	*c += count(len(p))
	return len(p), nil
}
