package transport

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Both ends write and read at once, in every way and of every length, and in every other round one of
// them is closed in the middle. What arrives is what was sent, descriptors come with their bytes, and none is left.
func TestMemoryStress(t *testing.T) {
	for round := range 10 {
		left, passed, err := os.Pipe()
		require.NoError(t, err)
		x, y := memoryPair(t)
		a, b := x.(*memory), y.(*memory)
		r := rand.New(rand.NewPCG(1, uint64(round)))
		length := 1 + r.IntN(8*ringSize)
		broken := round%2 == 1
		there, back := newTraffic(t, a, b, length, r.Uint64()), newTraffic(t, b, a, length, r.Uint64())
		var all sync.WaitGroup
		for _, way := range []*traffic{there, back} {
			if broken {
				way.closeAt = 1 + r.IntN(2*length)
			}
			all.Go(func() { way.write(int(passed.Fd())) })
			all.Go(way.read)
		}
		all.Wait()
		if !broken {
			require.Equal(t, []int{length, length}, []int{there.arrived, back.arrived})
		}
		_, _ = a.Close(), b.Close() // as broken rounds have done
		require.NoError(t, passed.Close())
		require.NoError(t, left.SetReadDeadline(time.Now().Add(time.Minute)))
		_, err = left.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF, "nobody has a copy of what was passed")
		require.NoError(t, left.Close())
	}
}

// traffic is what goes one way.
type traffic struct {
	t        *testing.T
	from, to *memory
	seed     uint64
	closeAt  int // the reader closes its end after so many bytes; 0 for never

	length, arrived int
	sets            chan set // in the order in which they were sent
}

// set is a set of descriptors: where it is, and how many they are.
type set struct{ at, n int }

func newTraffic(t *testing.T, from, to *memory, length int, seed uint64) *traffic {
	return &traffic{t: t, from: from, to: to, length: length, seed: seed, sets: make(chan set, length)}
}

// at is the byte at a position.
func (f *traffic) at(i int) byte { return byte(i) ^ byte(i>>8)*31 }

func (f *traffic) size(r *rand.Rand) int {
	if r.IntN(3) > 0 {
		return 1 + r.IntN(100)
	}
	return 1 + r.IntN(3*ringSize)
}

func (f *traffic) write(fd int) {
	r := rand.New(rand.NewPCG(2, f.seed))
	all := make([]byte, f.length)
	for i := range all {
		all[i] = f.at(i)
	}
	for at := 0; at < len(all); {
		p := all[at:][:min(f.size(r), len(all)-at)]
		files := []int{fd, fd, fd}[:1+r.IntN(3)]
		n, err := len(p), error(nil)
		switch r.IntN(6) {
		case 0:
			n, err = f.from.TryWrite(p)
		case 1:
			half := len(p) / 2
			err = f.from.WriteBuffers(net.Buffers{p[:half], nil, p[half:]})
		case 2:
			f.sets <- set{at, len(files)}
			_, err = f.from.WriteFiles(p, files)
		case 3:
			if n, err = f.from.TryWriteFiles(p, files); n > 0 {
				f.sets <- set{at, len(files)}
			}
		default:
			_, err = f.from.Write(p)
		}
		if err != nil {
			f.end(err)
			return
		}
		at += n
	}
}

func (f *traffic) read() {
	r := rand.New(rand.NewPCG(3, f.seed))
	buf := make([]byte, 3*ringSize)
	for f.arrived < f.length {
		n, err := f.to.ReadHint(buf[:f.size(r)], Hint(r.IntN(8)))
		if got := f.to.Received(); got.Files != nil {
			assert.Equal(f.t, <-f.sets, set{f.arrived, len(got.Files)})
			got.close()
		}
		for i, b := range buf[:n] {
			if b != f.at(f.arrived+i) {
				assert.Fail(f.t, "another byte came than was sent")
				_ = f.to.Close()
				return
			}
		}
		f.arrived += n
		if f.closeAt > 0 && f.arrived >= f.closeAt {
			_ = f.to.Close()
		}
		if err != nil && !errors.Is(err, ErrNothing) {
			f.end(err)
			return
		}
	}
}

// end is an error, which only happens if somebody closes an end.
func (f *traffic) end(err error) {
	if f.closeAt == 0 {
		assert.NoError(f.t, err)
	}
}
