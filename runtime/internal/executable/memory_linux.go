package executable

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pingogen/pingogen/runtime/internal/memfd"
)

// inMemory copies an executable to a file in memory that has no name, and seals it:
// from then on nobody can write to it, whoever gets hold of it, not even this process.
//
// A script has to be opened by its interpreter, by name, and goes to a directory.
func inMemory(source *os.File, size int64) (*Copy, error) {
	if isScript(source) {
		return nil, fmt.Errorf("script in memory: %w", errors.ErrUnsupported)
	}
	f, err := memfd.New("pingo:"+filepath.Base(source.Name()), memfd.Executable)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := copyTo(f, source, size); err != nil {
		return nil, err
	}
	if err := memfd.AddSeals(f, memfd.Sealed|memfd.NoShrink|memfd.NoGrow|memfd.NoWrite); err != nil {
		return nil, err
	}
	image, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd())) // what is open for writing may not be executed
	if err != nil {
		return nil, fmt.Errorf("%w: /proc is needed to execute a file that has no name: %w", errors.ErrUnsupported, err)
	}
	return &Copy{Image: image}, nil
}

func isScript(f *os.File) bool {
	var start [2]byte
	n, _ := f.ReadAt(start[:], 0) // what cannot be read will be told when it is copied
	return bytes.Equal(start[:n], []byte("#!"))
}
