package pingo

import (
	"errors"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/diagnose"
)

// StartError says why a plugin did not become ready, and what to do about it, in the
// words of pingogen doctor. It is in what Ready, Err and calls return then, and in the
// errors of the original pingo.
type StartError struct {
	Problem string // such as "it was built for linux/arm64, and this is linux/amd64"
	Remedy  string // such as "build it with GOOS=linux GOARCH=amd64"; or ""
	Err     error  // what happened: a *CrashError, an error of package os, or of another kind
}

func (e *StartError) Error() string {
	var b strings.Builder
	b.WriteString("the plugin did not start: " + e.Problem)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	var crash *CrashError
	if errors.As(e.Err, &crash) {
		crash.writeStderr(&b)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *StartError) Unwrap() error { return e.Err }

// whyNoStart returns err with what it means that the executable at path did not become
// ready for it. The errors of the original pingo stay outside; what says by itself what to
// do is left alone.
func (c *Config) whyNoStart(path string, err error) error {
	var late ErrRegistrationTimeout
	var invalid ErrInvalidMessage
	var crash *CrashError
	switch {
	case errors.As(err, new(*StartError)):
		return err
	case errors.As(err, &late):
		return c.overdue(diagnose.Late, err)
	case errors.As(err, &invalid):
		return ErrInvalidMessage{explained(diagnose.Protocol(invalid.Err), invalid.Err)}
	case errors.As(err, &crash):
		return explained(c.whyExited(path, crash), err)
	case path == "" || refused(path, err):
		if found := diagnose.Directory(c.Dir, path); c.Dir != "" && found != (diagnose.Finding{}) {
			return explained(found, err)
		}
		return explained(diagnose.Refused(c.located(path), err), err)
	}
	return err
}

// explained is err with what it means.
func explained(found diagnose.Finding, err error) *StartError {
	return &StartError{found.Problem, found.Remedy, err}
}

// overdue returns err, and if that says that the time for a start was over, what that was waiting for then.
func (c *Config) overdue(found func(time.Duration) diagnose.Finding, err error) error {
	var late ErrRegistrationTimeout
	if !errors.As(err, &late) {
		return err
	}
	return ErrRegistrationTimeout{explained(found(c.StartTimeout), late.Err)}
}

// inside returns err wrapped. The errors of the original pingo stay outside, so that type assertions find them.
func inside(err error, wrap func(error) error) error {
	switch err := err.(type) {
	case ErrConnectionFailed:
		return ErrConnectionFailed{wrap(err.Err)}
	case ErrHttpServe:
		return ErrHttpServe{wrap(err.Err)}
	case ErrInvalidMessage:
		return ErrInvalidMessage{wrap(err.Err)}
	case ErrRegistrationTimeout:
		return ErrRegistrationTimeout{wrap(err.Err)}
	}
	return wrap(err)
}

// refused tells whether err is that of the system, which did not start the file at path,
// and nothing more is said of it.
func refused(path string, err error) bool {
	switch err := err.(type) {
	case *exec.Error:
		return true
	case *fs.PathError:
		return err.Op == "fork/exec" || err.Path == path
	}
	return false
}

// whyExited is what the end of a process means that was not ready.
func (c *Config) whyExited(path string, crash *CrashError) diagnose.Finding {
	var limit *LimitError
	if errors.As(crash.Err, &limit) {
		return diagnose.Limit(limit)
	}
	if crash.Signal != nil && len(crash.Stderr) == 0 { // as a damaged program ends
		if found := diagnose.File(c.located(path)); found != (diagnose.Finding{}) {
			return found
		}
	}
	found := diagnose.Exited(crash.ExitCode, crash.Signal, len(crash.Stderr) == 0)
	if crash.Signal != nil && c.Limits.Memory > 0 {
		found.Remedy = "raise Config.Limits.Memory, which may be too little to start with; else " + found.Remedy
	}
	if c.Limits.OpenFiles > 0 && says(crash.Stderr, outOfFiles) {
		found.Remedy = "raise Config.Limits.OpenFiles, which is too little to start with; else " + found.Remedy
	}
	return found
}

// located is the file that the system looks for as path.
func (c *Config) located(path string) string {
	if filepath.Base(path) != path && !filepath.IsAbs(path) {
		path = filepath.Join(c.Dir, path)
	}
	if found, err := exec.LookPath(path); err == nil {
		return found
	}
	return path
}
