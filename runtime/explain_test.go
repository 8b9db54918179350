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
	gone := s.conn.Err()
	require.Equal(t, io.ErrUnexpectedEOF, gone)

	require.Equal(t, gone, s.explain(t.Context(), "Lab.Read", conn.Executed, gone, gone))
	err := s.explain(t.Context(), "Lab.Read", conn.NotDelivered, errors.Join(ErrUnimplemented, gone), gone)
	require.False(t, errors.As(err, new(*CrashError)))
	require.ErrorAs(t, s.explain(t.Context(), "Lab.Read", conn.MaybeExecuted, gone, gone), new(*CrashError))
	s.conn.Close(nil)
}
