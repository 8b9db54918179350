package conn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// told is a stream on which nothing comes. It keeps what it was told of it.
type told struct {
	transport.Stream
	hint transport.Hint
}

func (s *told) ReadHint(_ []byte, hint transport.Hint) (int, error) {
	s.hint = hint
	return 0, transport.ErrNothing
}

// Who waits for a peer on another processor asks again and again, and on the same one lets go of it.
func TestReaderTellsWhereThePeerIs(t *testing.T) {
	const leading = transport.Brief | transport.Alone | transport.Spin
	for name, test := range map[string]struct {
		here, elsewhere transport.Hint // what the stream is told
		hint            transport.Hint
		prepare         func(*reader)
	}{
		"a call alone":             {transport.Brief | transport.Alone | transport.Near, leading, leading, func(*reader) {}},
		"calls of others":          {transport.Brief, leading &^ transport.Alone, leading &^ transport.Alone, func(*reader) {}},
		"nobody spins":             {transport.Brief | transport.Alone, transport.Brief | transport.Alone, transport.Brief | transport.Alone, func(*reader) {}},
		"several frames at once":   {transport.Brief | transport.Alone, leading, leading, func(r *reader) { r.frames = 2 }},
		"inside a large message":   {transport.Brief | transport.Alone, leading, leading, func(r *reader) { r.large = &large{Header: frame.Header{}} }},
		"bytes for who pulls":      {transport.Brief | transport.Alone, leading, leading, func(r *reader) { r.likely = true }},
		"a peer that tells no one": {transport.Brief | transport.Alone, transport.Brief | transport.Alone, leading, func(r *reader) { r.cpu = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			var s told
			ask := func(at func(cpu uint16) uint16) transport.Hint {
				for { // until this thread has stayed where it was
					cpu := transport.CPU()
					if cpu == 0 {
						t.Skip("this system does not tell the processor")
					}
					r := newReader(&s, 1<<20)
					r.hint, r.cpu, r.frames = test.hint, at(cpu), 1
					test.prepare(&r)
					_, _ = r.read(nil)
					if transport.CPU() == cpu {
						return s.hint
					}
				}
			}
			require.Equal(t, test.here, ask(func(cpu uint16) uint16 { return cpu }), "on the same processor")
			require.Equal(t, test.elsewhere, ask(func(cpu uint16) uint16 { return cpu + 1 }), "on another processor")
		})
	}
}
