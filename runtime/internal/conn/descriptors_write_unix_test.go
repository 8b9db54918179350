//go:build unix

package conn

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// A write takes what it wants, also nothing: descriptors go with the first byte of their frame.
func TestDescriptorsOfPartialWrites(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := &partial{rng: rng}
		var l load
		want := map[int]int{} // where they go, and how many
		for range 1 + rng.IntN(5) {
			if n := rng.IntN(4); n > 0 {
				want[len(l.buf)] = n
				set := make(codec.Files, n)
				for i := range set {
					set[i] = codec.LostFile // closed by nobody
				}
				l.parcels = append(l.parcels, parcel{len(l.buf), set})
			}
			l.buf = append(l.buf, make([]byte, 1+rng.IntN(9))...)
		}
		for !l.isSent() {
			if rng.IntN(2) == 0 {
				require.NoError(t, l.try(s))
			} else {
				require.NoError(t, l.write(s))
			}
		}
		require.Equal(t, len(l.buf), s.sent)
		require.Equal(t, want, s.files(), "seed %d", seed)
	}
}

// partial takes part of each write.
type partial struct {
	transport.Stream
	rng  *rand.Rand
	sent int
	got  map[int]int
}

func (s *partial) files() map[int]int {
	if s.got == nil {
		return map[int]int{}
	}
	return s.got
}

func (s *partial) CanPass() error               { return nil }
func (s *partial) Received() transport.Received { return transport.Received{} }

func (s *partial) TryWrite(p []byte) (int, error) {
	n := s.rng.IntN(len(p) + 1)
	s.sent += n
	return n, nil
}

func (s *partial) Write(p []byte) (int, error) {
	s.sent += len(p)
	return len(p), nil
}

func (s *partial) TryWriteFiles(p []byte, files []int) (int, error) {
	at := s.sent
	n, err := s.TryWrite(p)
	s.take(at, n, files)
	return n, err
}

func (s *partial) WriteFiles(p []byte, files []int) (int, error) {
	at := s.sent
	n, err := s.Write(p)
	s.take(at, n, files)
	return n, err
}

func (s *partial) take(at, n int, files []int) {
	if n == 0 {
		return
	}
	if s.got == nil {
		s.got = map[int]int{}
	}
	s.got[at] += len(files)
}
