package codec

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzError reads anything as an error: no panic, an error that can be printed,
// and one that crosses again.
func FuzzError(f *testing.F) {
	for _, err := range []error{
		nil, io.EOF, errors.New("x"), fmt.Errorf("x: %w", io.EOF), errors.Join(io.EOF, errors.New(strings.Repeat("x", 100))),
		&fs.PathError{Op: "open", Path: "/x", Err: syscall.Errno(2)}, &netError{timeout: true},
		&net.OpError{Op: "dial", Addr: &net.TCPAddr{Port: 1}, Err: &matching{[]error{fs.ErrExist}}},
		list{io.EOF, list{code(1)}}, errCode, &fieldError{Name: "a", Other: io.EOF, Err: io.EOF},
	} {
		var e Encoder
		e.Error(err)
		f.Add(e.Buffer())
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d Decoder
		d.Reset(msg, false)
		err := d.Error()
		require.Zero(t, d.depth)
		if d.Err() != nil || err == nil {
			return
		}
		text := textOf(err)
		require.NotContains(t, text, "Error method panicked")
		var e Encoder
		e.Error(err)
		require.NoError(t, e.Err())
		d.Reset(e.Buffer(), false)
		require.Equal(t, text, textOf(d.Error()))
		require.NoError(t, d.Err())
	})
}

// TestRandomTrees lets trees of every kind of error cross.
func TestRandomTrees(t *testing.T) {
	for seed := range uint64(500) {
		in := randomTree(rand.New(rand.NewPCG(seed, 0)), 6)
		got := crossed(t, in)
		requireSameShape(t, in, got)
		requireSameIdentity(t, in, got)
		requireSameShape(t, in, crossed(t, got))
	}
}

func requireSameIdentity(t *testing.T, in, got error) {
	t.Helper()
	for _, v := range []error{io.EOF, fs.ErrNotExist, errCode, errStubborn, code(1), syscall.Errno(2)} {
		require.Equal(t, errors.Is(in, v), errors.Is(got, v), "%v", v)
	}
	for range 2 { // as each is in the other
		var path *fs.PathError
		if errors.As(in, &path) {
			var gotPath *fs.PathError
			require.ErrorAs(t, got, &gotPath)
			require.Equal(t, path.Path, gotPath.Path)
		}
		in, got = got, in
	}
}

func randomTree(r *rand.Rand, depth int) error {
	leaves := []error{io.EOF, fs.ErrNotExist, errCode, errStubborn, code(1), code(2), errors.New("leaf"), syscall.Errno(2), &netError{timeout: true}}
	if depth == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	child := func() error { return randomTree(r, r.IntN(depth)) }
	switch r.IntN(9) {
	case 0:
		return fmt.Errorf("wrap: %w", child())
	case 1:
		return fmt.Errorf("two: %w, %w", child(), child())
	case 2:
		return errors.Join(child(), child(), child())
	case 3:
		return &fs.PathError{Op: "open", Path: fmt.Sprint(r.IntN(100)), Err: child()}
	case 4:
		return &fieldError{Name: "f", Other: child(), Err: child()}
	case 5:
		return list{child(), child()}
	case 6:
		return &busy{cause: child()}
	case 7:
		return &net.OpError{Op: "read", Net: "tcp", Err: child()}
	default:
		return leaves[r.IntN(len(leaves))]
	}
}
