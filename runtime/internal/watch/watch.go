// Package watch notices that an executable was replaced, by a look at it now and then.
// Who looks says when that is.
package watch

import (
	"os"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/executable"
)

// Sighting is a file at a time. It does not change.
type Sighting struct {
	Path string
	info os.FileInfo // nil if there is none
}

// Equal tells whether nothing has been written, nor may be executed that might not.
func (s *Sighting) Equal(o *Sighting) bool {
	if s.info == nil || o.info == nil {
		return s.info == o.info && s.Path == o.Path
	}
	return s.Path == o.Path && s.info.Size() == o.info.Size() && s.info.ModTime().Equal(o.info.ModTime()) && s.executable() == o.executable() && os.SameFile(s.info, o.info)
}

// executable is for whom there is leave to execute the file, where the system has such a thing.
func (s *Sighting) executable() os.FileMode { return s.info.Mode() & 0o111 }

// Look returns the executable at path as it is now, for a process that is started in dir.
func Look(path, dir string) *Sighting {
	at, _ := executable.Find(path, dir)
	info, _ := os.Stat(at) // none while it is being replaced
	return &Sighting{path, info}
}

// settleTime is how long a new executable has to stay as it is, so that one which is
// still being written is not started.
const settleTime = 500 * time.Millisecond

// Watch is what is known of an executable that is looked at now and then.
type Watch struct {
	program *Sighting // that was started last
	tried   *Sighting // that was tried since, or is the same
	last    *Sighting // that was seen last
	since   time.Time // from when on last has been as it is
}

// Changed takes a look, and tells whether there is another executable than that which was tried
// last, and it has settled. It is taken for tried then. What is started otherwise is program.
func (w *Watch) Changed(program, now *Sighting, at time.Time) bool {
	if program != w.program {
		*w = Watch{program, program, program, at}
	}
	if !now.Equal(w.last) {
		w.last, w.since = now, at
	}
	if now.info == nil || now.Equal(w.tried) || at.Sub(w.since) < settleTime {
		return false
	}
	w.tried = now
	return true
}

// Again has what was tried last tried again, once more time has passed.
func (w *Watch) Again() {
	w.tried, w.since = w.program, time.Now()
}
