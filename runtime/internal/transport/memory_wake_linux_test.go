package transport

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spoilers are what a peer may do to a word that the other side sleeps on.
var spoilers = map[string]func(word *atomic.Uint32){
	"honest":       nil,
	"says awake":   func(word *atomic.Uint32) { word.Store(0) },
	"says asleep":  func(word *atomic.Uint32) { word.Store(1) },
	"sleeps on it": func(word *atomic.Uint32) { word.Store(1); sleep(word, time.Millisecond) },
}

// A deadline in the past wakes who waits, whenever it comes and whatever the peer does.
func TestMemoryDeadlineIsNotMissed(t *testing.T) {
	eachSpoiler(t, func(t *testing.T, spoil func(*atomic.Uint32)) {
		a, b := memories(t)
		t.Cleanup(spoiling(b, spoil))
		for i := range 100 {
			failed := waitFor(t, a)
			pause(i)
			require.NoError(t, a.SetDeadline(time.Unix(1, 0)))
			for range 2 {
				require.ErrorIs(t, soon(t, failed), os.ErrDeadlineExceeded)
			}
			require.NoError(t, a.SetDeadline(time.Time{}))
		}
	})
}

// So does the end, at either side.
func TestMemoryEndIsNotMissed(t *testing.T) {
	eachSpoiler(t, func(t *testing.T, spoil func(*atomic.Uint32)) {
		for i := range 60 {
			a, b := memories(t)
			stop := spoiling(b, spoil)
			t.Cleanup(stop)
			failed := waitFor(t, a)
			pause(i / 2)
			end := []*memory{a, b}[i%2]
			require.NoError(t, end.socket.Close()) // as when its process ends
			for range 2 {
				require.Error(t, soon(t, failed))
			}
			stop()
			_, _ = a.Close(), b.Close() // one of which fails
		}
	})
}

func eachSpoiler(t *testing.T, f func(t *testing.T, spoil func(word *atomic.Uint32))) {
	for name, spoil := range spoilers {
		t.Run(name, func(t *testing.T) { f(t, spoil) })
	}
}

// waitFor has one read, where nothing comes, and one write, where there is no room.
func waitFor(t *testing.T, s *memory) (failed <-chan error) {
	_, err := s.TryWrite(make([]byte, ringSize))
	require.NoError(t, err)
	errs := make(chan error, 2)
	go func() {
		_, err := s.Read(make([]byte, 1))
		errs <- err
	}()
	go func() {
		_, err := s.Write([]byte("x"))
		errs <- err
	}()
	return errs
}

// spoiling does that to the words that the other side of s sleeps on, again and again until stop is called.
func spoiling(s *memory, spoil func(word *atomic.Uint32)) (stop func()) {
	if spoil == nil {
		return func() {}
	}
	var over atomic.Bool
	var ended sync.WaitGroup
	ended.Go(func() {
		for !over.Load() {
			spoil(&s.out.hungry)
			spoil(&s.in.full)
			runtime.Gosched()
		}
	})
	return func() {
		over.Store(true)
		ended.Wait()
	}
}

// pause is a short time, another one for each i.
func pause(i int) {
	for end := time.Now().Add(time.Duration(i%100) * time.Microsecond); time.Now().Before(end); {
	}
}

func soon(t *testing.T, errs <-chan error) error {
	t.Helper()
	select {
	case err := <-errs:
		return err
	case <-time.After(time.Minute):
		require.FailNow(t, "who waits was not woken up")
		return nil
	}
}

// Who has read everything by the time that it was woken up has had the processor of who writes for that, and is left asleep
// until all is written.
func TestReaderOnTheSameProcessorSleepsOn(t *testing.T) {
	shared := &ring{}
	s := &sink{ring: shared}
	asleep := func(read bool) bool {
		s.at += step
		if read {
			shared.tail.Store(s.at) // as the reader does in the middle of wake
		}
		shared.hungry.Store(1)
		s.wakeAhead()
		return shared.hungry.Load() == 1
	}
	require.False(t, asleep(false), "it runs elsewhere")
	require.False(t, asleep(true))
	for range nearFor/step - 1 {
		require.True(t, asleep(false))
	}
	s.tell()
	require.Zero(t, shared.hungry.Load(), "that was all")
	require.False(t, asleep(false), "it may run elsewhere by now")
	require.False(t, asleep(false))
}
