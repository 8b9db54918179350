package executable

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Not even this process can write to the copy, by whatever way.
func TestCopyInMemoryIsSealed(t *testing.T) {
	path, sum := file(t, "\x7fELF")
	c, err := Secure(t.Context(), path, sum, false)
	require.NoError(t, err)
	defer c.Close()
	if c.Image == nil {
		t.Skip("this system executes nothing from memory")
	}
	_, err = c.Image.Write([]byte("evil"))
	require.ErrorIs(t, err, syscall.EBADF, "it is open for reading")
	f, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", c.Image.Fd()), os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	_, err = f.Write([]byte("evil"))
	require.ErrorIs(t, err, syscall.EPERM)
	require.ErrorIs(t, f.Truncate(0), syscall.EPERM)
	require.ErrorIs(t, f.Truncate(100), syscall.EPERM)
	_, err = syscall.Mmap(int(f.Fd()), 0, 4, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	require.ErrorIs(t, err, syscall.EPERM)
	require.Equal(t, "\x7fELF", content(t, c))
}
