//go:build unix

package debugger

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Await says is true as soon as it is said.
func TestAwaitGoesOnWhenItIsTold(t *testing.T) {
	r, w := io.Pipe()
	over := make(chan struct{})
	go func() {
		defer close(over)
		Await(w, "plugin")
	}()
	said := fmt.Sprintf("pingo: plugin waits for a debugger: dlv attach %[1]d (kill -CONT %[1]d goes on without)\n", os.Getpid())
	line := make([]byte, len(said))
	_, err := io.ReadFull(r, line)
	require.NoError(t, err)
	require.Equal(t, said, string(line))
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGCONT))
	<-over
}
