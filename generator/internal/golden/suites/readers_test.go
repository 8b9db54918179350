package suites

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

func init() { // both sides have to know a variable that is neither theirs nor well known
	codec.RegisterErrors("testing/iotest", codec.ErrorVar("ErrTimeout", iotest.ErrTimeout))
}

// kinds are readers that behave as they may.
var kinds = map[string]func(io.Reader) io.Reader{
	"plain":   func(r io.Reader) io.Reader { return r },
	"one":     iotest.OneByteReader,
	"half":    iotest.HalfReader,
	"dataErr": iotest.DataErrReader,
	"timeout": iotest.TimeoutReader,
	"failed":  func(io.Reader) io.Reader { return iotest.ErrReader(io.ErrUnexpectedEOF) },
}

// readers is a Readers.
type readers struct{}

func (readers) Reader(_ context.Context, kind string, content []byte) (io.Reader, error) {
	if kinds[kind] == nil {
		return nil, fmt.Errorf("no reader %s", kind)
	}
	return kinds[kind](struct{ io.Reader }{bytes.NewReader(content)}), nil
}

func (readers) Seeker(_ context.Context, content []byte) (io.ReadSeeker, error) {
	return bytes.NewReader(content), nil
}

func (readers) ReaderAt(_ context.Context, content []byte) (ReadSeekerAt, error) {
	return bytes.NewReader(content), nil
}

func (readers) Test(_ context.Context, r ReadSeekerAt, content []byte) error {
	return iotest.TestReader(r, content)
}

func (readers) Copy(_ context.Context, w io.Writer, r io.Reader) (int64, error) {
	return io.Copy(w, r)
}

func TestReaders(t *testing.T) {
	c := NewReadersClient(start(t, "map"))
	for _, size := range []int{0, 1, 5_000} {
		content := []byte(strings.Repeat("x", size))
		for _, kind := range []string{"plain", "one", "half", "dataErr"} {
			r, err := c.Reader(t.Context(), kind, content)
			require.NoError(t, err)
			require.NoError(t, iotest.TestReader(r, content), kind)
			require.NotImplements(t, (*io.Seeker)(nil), r)
		}
		seeker, err := c.Seeker(t.Context(), content)
		require.NoError(t, err)
		require.NoError(t, iotest.TestReader(seeker, content))
		at, err := c.ReaderAt(t.Context(), content)
		require.NoError(t, err)
		require.NoError(t, iotest.TestReader(at, content))
		require.NoError(t, c.Test(t.Context(), bytes.NewReader(content), content), "in the plugin")
	}
}

// An error comes after all that was read before it, and reading goes on where it left off.
func TestReadersThatFail(t *testing.T) {
	c := NewReadersClient(start(t, "map"))
	content := bytes.Repeat([]byte("0123456789"), 10_000)

	r, err := c.Reader(t.Context(), "timeout", content)
	require.NoError(t, err)
	begin, err := io.ReadAll(r)
	require.ErrorIs(t, err, iotest.ErrTimeout)
	require.NotEmpty(t, begin)
	end, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, content, append(begin, end...))

	r, err = c.Reader(t.Context(), "failed", nil)
	require.NoError(t, err)
	for range 3 {
		n, err := r.Read(make([]byte, 10))
		require.Zero(t, n)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}

	var to bytes.Buffer
	n, err := c.Copy(t.Context(), &to, iotest.TimeoutReader(iotest.HalfReader(bytes.NewReader(content))))
	require.ErrorIs(t, err, iotest.ErrTimeout, "from the host's reader, through the plugin")
	require.EqualValues(t, to.Len(), n)
	require.Equal(t, content[:n], to.Bytes())
	_, err = c.Copy(t.Context(), iotest.TruncateWriter(&to, 10), bytes.NewReader(content))
	require.NoError(t, err)
	failed := errors.New("full")
	_, err = c.Copy(t.Context(), writerFunc(func([]byte) (int, error) { return 0, failed }), bytes.NewReader(content))
	require.ErrorContains(t, err, "full")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
