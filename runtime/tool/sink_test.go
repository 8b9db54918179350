package tool

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// However bytes arrive, the lines of them are the same, and together all of them.
func TestLinesOfBytes(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for text, want := range map[string][]string{
		"":               nil,
		"a":              {`"a"`},
		"a\n\nb\r\n":     {`"a\n"`, `"\n"`, `"b\r\n"`},
		"a\n\xffb\n<":    {`"a\n"`, `{"base64":"/2IK"}`, `"<"`},
		long + "\n":      {`"` + long + `"`, `"\n"`},
		long[1:] + "\na": {`"` + long[1:] + `\n"`, `"a"`},
	} {
		for _, step := range []int{1, 2, 1000, len(text) + 1} {
			var got []string
			s := &sink{each: func(json []byte) error {
				got = append(got, string(json))
				return nil
			}}
			w := s.bytes()
			for rest := text; rest != ""; {
				n, err := w.Write([]byte(rest[:min(step, len(rest))]))
				require.NoError(t, err)
				rest = rest[n:]
			}
			require.NoError(t, s.close())
			require.Equal(t, want, got)
		}
	}
}

// What a plugin writes when its call is over goes nowhere, and what could not be written
// ends it.
func TestSinkEnds(t *testing.T) {
	full := errors.New("full")
	s := &sink{each: func([]byte) error { return full }}
	w := s.bytes()
	_, err := w.Write([]byte("a\nb\n"))
	require.Equal(t, full, err)
	require.Equal(t, full, s.value([]byte("1")))
	require.Equal(t, full, s.close())
	_, err = w.Write([]byte("b\n"))
	require.Equal(t, errOver, err)
}
