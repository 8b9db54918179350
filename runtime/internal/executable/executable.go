// Package executable finds executables, and sees to it that the bytes which were hashed are
// the bytes that run: it copies an executable to where nobody can change it, and hashes the copy.
package executable

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pingogen/pingogen/runtime/internal/regular"
)

// Sum is the SHA-256 of an executable.
type Sum = [sha256.Size]byte

// MismatchError says that an executable is another one.
type MismatchError struct {
	Path      string
	Want, Got Sum
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s has the SHA-256 %x, not %x", e.Path, e.Got, e.Want)
}

// Copy is a copy of an executable that is what it should be, and stays that.
type Copy struct {
	Image *os.File // the copy, if it has no name: to be executed by its descriptor
	Path  string   // the copy, if Image is nil
	dir   string   // holds nothing but the copy
}

// Hash returns the checksum of what is at path now.
func Hash(ctx context.Context, path string) (sum Sum, _ error) {
	f, err := open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	sum, _, err = hash(ctx, f)
	return sum, err
}

// Secure returns a copy of the executable at path, or a MismatchError if its checksum is
// not want. Others says that another user will execute it.
//
// It reads the file twice: what is not wanted must not fill the memory, whatever its
// size. Only the checksum of the copy counts.
func Secure(ctx context.Context, path string, want Sum, others bool) (*Copy, error) {
	source, err := open(path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	got, size, err := hash(ctx, source)
	if err == nil && got != want {
		err = &MismatchError{path, want, got}
	}
	if err != nil {
		return nil, err
	}
	c, err := inMemory(source, size)
	if errors.Is(err, errors.ErrUnsupported) {
		c, err = inDirectory(source, size, others)
	}
	if err != nil {
		return nil, fmt.Errorf("copy of %s: %w", path, err)
	}
	if err := c.check(ctx, path, want); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// open opens a regular file.
func open(path string) (*os.File, error) {
	f, err := regular.Open(path)
	if errors.Is(err, regular.ErrOther) {
		err = fmt.Errorf("%s is not a regular file, and only these have a checksum", path)
	}
	return f, err
}

func hash(ctx context.Context, r io.Reader) (sum Sum, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(h, untilEnd{ctx, r})
	h.Sum(sum[:0])
	return sum, size, err
}

// untilEnd reads until its context ends.
type untilEnd struct {
	ctx context.Context
	r   io.Reader
}

func (u untilEnd) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.r.Read(p)
}

// copyTo copies the size bytes that were hashed, and not what was appended meanwhile.
func copyTo(dst io.Writer, source *os.File, size int64) error {
	_, err := io.Copy(dst, io.NewSectionReader(source, 0, size))
	return err
}

// check hashes the copy.
func (c *Copy) check(ctx context.Context, path string, want Sum) error {
	f := c.Image
	if f == nil {
		var err error
		if f, err = os.Open(c.Path); err != nil {
			return err
		}
		defer f.Close()
	}
	got, _, err := hash(ctx, io.NewSectionReader(f, 0, 1<<62))
	if err == nil && got != want {
		err = &MismatchError{path, want, got}
	}
	return err
}

// inDirectory makes a copy in a directory that nobody but its user may change, or
// even enter, unless another user has to execute it.
func inDirectory(source *os.File, size int64, others bool) (*Copy, error) {
	dir, err := os.MkdirTemp("", "pingo-")
	if err != nil {
		return nil, err
	}
	c := &Copy{dir: dir, Path: filepath.Join(dir, filepath.Base(source.Name()))}
	if err := c.fill(source, size, others); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Copy) fill(source *os.File, size int64, others bool) error {
	mode, dirMode := os.FileMode(0o500), os.FileMode(0o700)
	if others {
		mode, dirMode = 0o555, 0o711
	}
	if err := os.Chmod(c.dir, dirMode); err != nil {
		return err
	}
	defer holdForks()() // a child that has the file open for writing would keep it from being executed
	f, err := os.OpenFile(c.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	return errors.Join(copyTo(f, source, size), f.Chmod(mode), f.Close())
}

// Started closes what is not needed any more once the executable runs. Like Close, it
// does nothing to a nil Copy.
func (c *Copy) Started() {
	if c != nil && c.Image != nil {
		_ = c.Image.Close() // nothing was written through it
	}
}

// Close removes the copy, when what runs it has ended.
func (c *Copy) Close() {
	c.Started()
	if c != nil && c.dir != "" {
		remove(c.Path)
		remove(c.dir)
	}
}
