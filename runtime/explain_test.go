package pingo

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// An implementation may return what is also the end of a connection.
func TestErrorOfTheImplementationIsNotTheEndOfTheConnection(t *testing.T) {
	a, b := transport.Pipe()
	s := &session{plugin: New(Config{Path: "plugin"}), ended: make(chan struct{})}
	s.conn, s.because = conn.New(a, conn.Config{}), s.endOf
	require.NoError(t, b.Close())
	<-s.conn.Done()
	s.crash = &CrashError{ExitCode: 1}
	close(s.ended)
	require.Equal(t, io.EOF, s.conn.Err())

	require.Equal(t, io.EOF, s.explain(t.Context(), "Lab.Read", conn.Executed, io.EOF, io.EOF))
	err := s.explain(t.Context(), "Lab.Read", conn.NotDelivered, errors.Join(ErrUnimplemented, io.EOF), io.EOF)
	require.False(t, errors.As(err, new(*CrashError)))
	require.ErrorAs(t, s.explain(t.Context(), "Lab.Read", conn.MaybeExecuted, io.EOF, io.EOF), new(*CrashError))
	s.conn.Close(nil)
}
