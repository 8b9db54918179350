package codec

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// handling is a Caller whose calls a handler answers.
type handling struct {
	handler Handler
	calls   int
}

func (h *handling) CallContext(ctx context.Context, _ string, args, reply any) error {
	h.calls++
	var request, response Encoder
	request.Message(args.(Message))
	var d Decoder
	d.Reset(request.Buffer(), false)
	failed := h.handler(ctx, &d, &response)
	d.Reset(response.Buffer(), false)
	if err := d.Message(reply.(Message)); err != nil {
		return err
	}
	return failed
}

// called reads by calls.
type called struct{ handling }

func (c *called) Read(p []byte) (int, error) { return ReadCall(context.Background(), c, "Read", p) }

func TestReadCall(t *testing.T) {
	text := strings.Repeat("0123456789", 500)
	for _, r := range []io.Reader{
		strings.NewReader(text), iotest.DataErrReader(strings.NewReader(text)), iotest.HalfReader(strings.NewReader(text)),
	} {
		require.NoError(t, iotest.TestReader(&called{handling{handler: ReadCallHandler(r)}}, []byte(text)))
	}
}

func TestReadCallIsBounded(t *testing.T) {
	c := &called{handling{handler: ReadCallHandler(bytes.NewReader(make([]byte, 3*maxFill)))}}
	n, err := c.Read(make([]byte, 2*maxFill))
	require.NoError(t, err)
	require.Equal(t, maxFill, n)
}

func TestReadAtCall(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), maxFill/4)
	c := &handling{handler: ReadAtHandler(bytes.NewReader(data))}
	p := make([]byte, 2*maxFill+5)
	n, err := ReadAtCall(t.Context(), c, "ReadAt", p, 3)
	require.NoError(t, err)
	require.Equal(t, len(p), n)
	require.True(t, bytes.Equal(data[3:3+n], p))
	require.Equal(t, 3, c.calls)

	n, err = ReadAtCall(t.Context(), c, "ReadAt", p, int64(len(data)-7))
	require.Equal(t, io.EOF, err)
	require.Equal(t, "3456789", string(p[:n]))
}

// What the other side says is not believed.
func TestFillIsChecked(t *testing.T) {
	lying := &handling{handler: func(_ context.Context, _ *Decoder, e *Encoder) error {
		e.Bytes(make([]byte, 9))
		return nil
	}}
	_, err := ReadCall(t.Context(), lying, "Read", make([]byte, 8))
	require.ErrorIs(t, err, errFill)

	empty := &handling{handler: func(_ context.Context, _ *Decoder, e *Encoder) error {
		e.Bytes(nil)
		return nil
	}}
	_, err = ReadAtCall(t.Context(), empty, "ReadAt", make([]byte, 8), 0)
	require.ErrorIs(t, err, io.ErrNoProgress)

	var e Encoder
	e.Message(&fillArgs{size: -1})
	var d Decoder
	d.Reset(e.Buffer(), false)
	require.NoError(t, ReadCallHandler(strings.NewReader("x"))(t.Context(), &d, &Encoder{}))
}
