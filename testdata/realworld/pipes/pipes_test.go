package pipes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"
)

// asPlugin makes this test's binary a plugin.
const asPlugin = "serve-pipes"

func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != asPlugin {
		os.Exit(m.Run())
	}
	RegisterPipes(pipes{})
	fmt.Fprintln(os.Stderr, pingo.Run())
	os.Exit(1)
}

// pipes is the plugin's Pipes.
type pipes struct{}

func (pipes) Pipe(_ context.Context, kind string) (net.Conn, net.Conn, error) {
	if kind == "memory" {
		c1, c2 := net.Pipe()
		return c1, c2, nil
	}
	l, err := nettest.NewLocalListener(kind)
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	c1, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	c2, err := l.Accept()
	if err != nil {
		return nil, nil, errors.Join(err, c1.Close())
	}
	return c1, c2, nil
}

func TestGeneratedCodeIsCurrent(t *testing.T) {
	out, err := exec.Command("go", "tool", "pingogen", "-check", ".").CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestConn(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	for _, kind := range []string{"memory", "tcp"} {
		t.Run(kind, func(t *testing.T) {
			p := pingo.New(pingo.Config{Path: program, Args: []string{asPlugin}, StartTimeout: time.Minute})
			p.Start()
			t.Cleanup(p.Stop)
			c := NewPipesClient(p)
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				c1, c2, err = c.Pipe(t.Context(), kind)
				return c1, c2, func() { c1.Close(); c2.Close() }, err
			})
			left := func() bool {
				runtime.GC()
				exported, imported := p.References()
				return exported+imported > 0
			}
			for deadline := time.Now().Add(time.Minute); left(); runtime.Gosched() {
				require.True(t, time.Now().Before(deadline), "references are left")
			}
		})
	}
}

// A Write of a connection is one call, and no larger than a message.
func TestLargeWrite(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	p := pingo.New(pingo.Config{Path: program, Args: []string{asPlugin}, StartTimeout: time.Minute, MaxMessage: 1 << 16,
		Transport: "tcp"}) // which passes no descriptors: the connection stays in the plugin
	p.Start()
	t.Cleanup(p.Stop)
	c1, c2, err := NewPipesClient(p).Pipe(t.Context(), "tcp")
	require.NoError(t, err)
	_, err = c1.Write(make([]byte, 1<<17))
	require.ErrorContains(t, err, "limit")
	_, err = c1.Write([]byte("ping")) // the connection is what it was
	require.NoError(t, err)
	b := make([]byte, 4)
	_, err = io.ReadFull(c2, b)
	require.NoError(t, err)
	require.Equal(t, "ping", string(b))
	require.NoError(t, c1.Close())
	require.NoError(t, c2.Close())
}
