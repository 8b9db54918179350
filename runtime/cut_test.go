package pingo_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// Note adds a line to a file, so that it can be seen how often it was called, and replies with its length.
func (*Lab) Note(file string, length *int) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	*length, err = f.WriteString("noted\n")
	return errors.Join(err, f.Close())
}

// scissors is a connection that ends after some bytes of one direction, counted
// from when it is armed. Unarmed it only counts.
type scissors struct {
	net.Conn
	armed   atomic.Bool
	in, out atomic.Int64 // bytes so far
	cutIn   int64        // how many there will be, if not negative
	cutOut  int64
}

func (s *scissors) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if !s.armed.Load() {
		return n, err
	}
	before := s.in.Add(int64(n)) - int64(n)
	if s.cutIn >= 0 && before+int64(n) > s.cutIn {
		_ = s.Conn.Close()
		return 0, io.EOF // the rest is lost with it
	}
	return n, err
}

func (s *scissors) Write(p []byte) (int, error) {
	if !s.armed.Load() {
		return s.Conn.Write(p)
	}
	before := s.out.Add(int64(len(p))) - int64(len(p))
	if s.cutOut >= 0 && before+int64(len(p)) > s.cutOut {
		n, _ := s.Conn.Write(p[:max(0, s.cutOut-before)])
		_ = s.Conn.Close()
		return n, syscall.EPIPE
	}
	return s.Conn.Write(p)
}

// noting makes a call of Lab.Note over a connection that is cut, and returns it.
func noting(t *testing.T, dir string, cutIn, cutOut int64) (s *scissors, noted int, err error) {
	cfg, _ := setup(t, "lab")
	cfg.Restart, cfg.RestartDelay = pingo.RestartAlways, time.Millisecond
	cfg.Wire = func(c net.Conn) net.Conn {
		if s != nil {
			return c // that of the next process
		}
		s = &scissors{Conn: c, cutIn: cutIn, cutOut: cutOut}
		return s
	}
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	s.armed.Store(true)
	file := filepath.Join(dir, fmt.Sprintf("%05d.%05d", cutIn, cutOut)) // as long in each call
	var length int
	within(t, "the call", func() { err = p.Call("Lab.Note", file, &length) })
	if err == nil {
		require.Equal(t, len("noted\n"), length)
	}
	within(t, "Stop", p.Stop)
	content, _ := os.ReadFile(file)
	return s, len(content) / len("noted\n"), err
}

// Wherever the connection is cut, a call ends once: with the right answer, having run once, or with an error
// that says what is known.
func TestConnectionCutAtEachByteOfACall(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("closing a TCP connection there can discard what was sent before: where it is cut is not known")
	}
	dir := t.TempDir()
	whole, noted, err := noting(t, dir, -1, -1)
	require.NoError(t, err)
	require.Equal(t, 1, noted)
	const farewell = frame.HeaderSize // a Drain, and the DrainAck to it
	out, in := whole.out.Load()-farewell, whole.in.Load()-farewell
	require.Greater(t, out, int64(frame.HeaderSize+len("Lab.Note")))
	var maybe, right atomic.Int64
	t.Run("cuts", func(t *testing.T) {
		cut := func(in, out int64) {
			t.Run(fmt.Sprint(in, ".", out), func(t *testing.T) {
				t.Parallel()
				_, noted, err := noting(t, dir, in, out)
				switch {
				case err == nil:
					require.Equal(t, 1, noted)
					right.Add(1)
				case pingo.FateOf(err) == pingo.MaybeExecuted:
					require.LessOrEqual(t, noted, 1)
					require.ErrorAs(t, err, new(*pingo.CrashError))
					maybe.Add(1)
				default:
					require.Fail(t, "a call that was not delivered is made again", "%v", err)
				}
			})
		}
		for n := range out + 1 {
			cut(-1, n)
		}
		for n := range in + 1 {
			cut(n, -1)
		}
	})
	require.EqualValues(t, 2, right.Load(), "those that are cut behind the call")
	require.Equal(t, out+in, maybe.Load())
}
