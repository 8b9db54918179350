package pingo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pingogen/pingogen/runtime/internal/executable"
	"github.com/pingogen/pingogen/runtime/internal/lockfile"
)

// ChecksumError is why an executable was refused, and not run: it is another one than
// Config.SHA256 or Config.LockFile says.
type ChecksumError struct {
	Path     string // of the executable
	Want     string // its checksum in hexadecimal digits; "" if LockFile does not list it
	Got      string // the checksum of what is there
	LockFile string // where Want is from, or should be; "" for Config.SHA256
}

func (e *ChecksumError) Error() string {
	where := "Config.SHA256"
	if e.LockFile != "" {
		where = e.LockFile
	}
	if e.Want == "" {
		return fmt.Sprintf("the executable %s was refused: it has the SHA-256 %s, and %s does not list it", e.Path, e.Got, where)
	}
	return fmt.Sprintf("the executable %s was refused: it has the SHA-256 %s, but %s says %s", e.Path, e.Got, where, e.Want)
}

// errDisagree begins the error for a LockFile that lists another checksum than SHA256.
var errDisagree = errors.New("Config.SHA256 says")

// whyNoSwap returns err with what to do about it if that is Config.SHA256, which keeps every
// other executable from being swapped in, whatever it is.
func (c *Config) whyNoSwap(err error) error {
	var refused *ChecksumError
	byLockFile := errors.As(err, &refused) && refused.LockFile != ""
	if c.SHA256 == "" || byLockFile || refused == nil && !errors.Is(err, errDisagree) {
		return err
	}
	return fmt.Errorf("%w; Config.SHA256 lets no other executable be swapped in: list those that may run in Config.LockFile instead", err)
}

// secure returns a copy of the executable that nobody can change, if its checksum was
// asked for; else nil.
func (c *Config) secure(ctx context.Context, path string) (*executable.Copy, error) {
	if c.SHA256 == "" && c.LockFile == "" {
		return nil, nil
	}
	path, err := executable.Find(path, c.Dir)
	if err != nil {
		return nil, err
	}
	want, lockFile, err := c.checksum(ctx, path)
	if err != nil {
		return nil, err
	}
	made, err := executable.Secure(ctx, path, want, c.User != "" || c.Group != "")
	var differ *executable.MismatchError
	if errors.As(err, &differ) {
		return nil, &ChecksumError{Path: path, Want: hex.EncodeToString(want[:]), Got: hex.EncodeToString(differ.Got[:]), LockFile: lockFile}
	}
	return made, err
}

// checksum is what the executable at path should have, and where that is from. With
// both a SHA256 and a LockFile, they have to agree.
func (c *Config) checksum(ctx context.Context, path string) (want executable.Sum, lockFile string, err error) {
	if c.SHA256 != "" {
		if want, err = lockfile.ParseSum(c.SHA256); err != nil {
			return want, "", fmt.Errorf("Config.SHA256: %w", err)
		}
	}
	if c.LockFile == "" {
		return want, "", nil
	}
	listed, ok, err := lockfile.Find(c.LockFile, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return want, "", fmt.Errorf("Config.LockFile: %w; write it with sha256sum %s > %s", err, path, c.LockFile)
	case err != nil:
		return want, "", fmt.Errorf("Config.LockFile: %w", err)
	case !ok:
		got, err := executable.Hash(ctx, path)
		if err != nil {
			return want, "", err
		}
		return want, "", &ChecksumError{Path: path, Got: hex.EncodeToString(got[:]), LockFile: c.LockFile}
	case c.SHA256 != "" && listed != want:
		return want, "", fmt.Errorf("%w %x of %s, and %s says %x", errDisagree, want, path, c.LockFile, listed)
	}
	return listed, c.LockFile, nil
}
