package tool

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/pingogen/pingogen/runtime/internal/dynamic"
)

// sink takes what comes back from one call: values, and the bytes of streams, one at a time.
type sink struct {
	lines []*lines // that bytes go to; appended to where the call is made

	mu   sync.Mutex // protects following
	each func(json []byte) error
	raw  io.Writer // takes bytes; nil means that each gets them, as lines
	err  error     // the first of each or raw, or errOver
}

var errOver = errors.New("the call is over")

// value hands on a value.
func (s *sink) value(json []byte) error { return s.do(func() error { return s.each(json) }) }

// do runs f unless something has failed before.
func (s *sink) do(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = f()
	}
	return s.err
}

// flush hands on lines that have not ended.
func (s *sink) flush() error {
	for _, l := range s.lines {
		if err := l.flush(); err != nil {
			return err
		}
	}
	return nil
}

// close has whatever comes later fail, and returns what has failed so far.
func (s *sink) close() (err error) {
	_ = s.flush() // kept in err
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.err
	s.err = errOver
	return err
}

// bytes returns what takes the bytes of a stream.
func (s *sink) bytes() io.Writer {
	if s.raw != nil {
		return rawSink{s}
	}
	l := &lines{each: s.value}
	s.lines = append(s.lines, l)
	return l
}

// rawSink hands on bytes as they are.
type rawSink struct{ *sink }

func (s rawSink) Write(p []byte) (n int, err error) {
	err = s.do(func() error {
		n, err = s.raw.Write(p)
		return err
	})
	return n, err
}

// maxLine is how long a line of a stream of bytes may be: one that is longer is cut.
const maxLine = 64 << 10

// lines makes JSON of the lines of a stream: the text of each with its end, or
// {"base64": "..."} if it is none. All of them together are the stream.
type lines struct {
	each func(json []byte) error

	mu   sync.Mutex // protects following
	line []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n') + 1
		whole := n > 0
		if !whole {
			n = len(rest)
		}
		n = min(n, maxLine-len(l.line))
		l.line = append(l.line, rest[:n]...)
		rest = rest[n:]
		if whole && l.line[len(l.line)-1] == '\n' || len(l.line) == maxLine {
			if err := l.hand(); err != nil {
				return len(p) - len(rest), err
			}
		}
	}
	return len(p), nil
}

// flush hands on a line that has not ended.
func (l *lines) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hand()
}

// hand hands on the line.
func (l *lines) hand() error {
	if len(l.line) == 0 {
		return nil
	}
	var v any = string(l.line)
	if !utf8.Valid(l.line) {
		v = dynamic.Object{{Name: "base64", Value: base64.StdEncoding.EncodeToString(l.line)}}
	}
	l.line = l.line[:0]
	b, err := dynamic.Marshal(v)
	if err != nil {
		return err
	}
	return l.each(b)
}
