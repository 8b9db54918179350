package progress

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLine(t *testing.T) {
	for terminal, want := range map[bool]string{
		false: "step 1\nstep 2\n2 steps\n",
		true:  "\r\x1b[Kstep 1\r\x1b[Kstep 2\r\x1b[K2 steps\n\r\x1b[K",
	} {
		var b bytes.Buffer
		l := &Line{w: &b, terminal: terminal}
		l.Say("step %d", 1)
		l.Say("step %d", 2)
		l.Keep("%d steps", 2)
		l.Clear()
		assert.Equal(t, want, b.String())
	}
}

// A file that stderr was redirected to is no terminal.
func TestFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer f.Close()
	To(f).Say("a step")
	text, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	assert.Equal(t, "a step\n", string(text))
}
