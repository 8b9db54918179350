package pingotest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// The test binary is also the plugin, when this is in its environment.
const echoVariable = "FAULT_TEST_PLUGIN"

func init() {
	if os.Getenv(echoVariable) != "" {
		pingo.Register(Parrot{})
		log.Fatal(pingo.Run())
	}
}

// Parrot is an object in the style of net/rpc.
type Parrot struct{}

func (Parrot) Repeat(s string, r *string) error { *r = s; return nil }

type silent struct{}

func (silent) Error(error) {}
func (silent) Print(any)   {}

func parrot(t *testing.T) pingo.Config {
	exe, err := os.Executable()
	require.NoError(t, err)
	return pingo.Config{
		Path: exe, Env: []string{echoVariable + "=1", "GORACE=atexit_sleep_ms=0"},
		StartTimeout: time.Minute, GracePeriod: 50 * time.Millisecond, ErrorHandler: silent{},
		Restart: pingo.RestartAlways, RestartDelay: time.Millisecond, RestartMaxDelay: time.Millisecond, RestartBudget: -1,
		ProbeInterval: 100 * time.Millisecond,
	}
}

// squawk calls from many goroutines, and counts the calls that went well and that did not.
func squawk(t *testing.T, p *pingo.Plugin, calls int, right func(sent, got string) bool) (well, failed int64) {
	var callers sync.WaitGroup
	var good, bad atomic.Int64
	for i := range 8 {
		callers.Go(func() {
			for j := range calls {
				sent := fmt.Sprintf("%d.%d", i, j)
				sent += string(bytes.Repeat([]byte(sent), j%50))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				var got string
				err := p.CallContext(ctx, "Parrot.Repeat", sent, &got)
				cancel()
				switch {
				case err != nil:
					bad.Add(1)
				case right(sent, got):
					good.Add(1)
				default:
					t.Errorf("sent %q, got %q", sent, got)
				}
			}
		})
	}
	callers.Wait()
	return good.Load(), bad.Load()
}

func TestFaults(t *testing.T) {
	for _, kind := range []Fault{Delay, Cut, Garble, Duplicate, Freeze, Kill} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			cfg := Faults{Kinds: []Fault{kind}, Every: 4 << 10, MaxDelay: time.Millisecond}.Apply(t, parrot(t))
			p := pingo.New(cfg)
			p.Start()
			defer p.Stop()
			well, failed := squawk(t, p, 25, func(sent, got string) bool {
				return sent == got || kind == Garble || kind == Duplicate
			})
			require.Positive(t, well)
			require.EqualValues(t, 8*25, well+failed)
			if kind == Delay {
				require.Zero(t, failed)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	p := pingo.New(Faults{}.Apply(t, parrot(t)))
	p.Start()
	well, failed := squawk(t, p, 100, func(string, string) bool { return true })
	require.EqualValues(t, 800, well+failed)
	p.Stop()
	require.NoError(t, p.Err())
}

// trip sends bytes over a connection with faults, and tells what arrived.
func trip(seed uint64) (arrived []byte, kills int) {
	a, b := net.Pipe()
	f := Faults{Kinds: []Fault{Garble, Duplicate, Kill, Delay, Cut}, Every: 200, Spare: -1, MaxDelay: 1}.withDefaults()
	w := f.disturb(a, seed, 1, func() { kills++ })
	go func() {
		source := rand.New(rand.NewPCG(1, 1))
		for range 100 {
			p := make([]byte, source.IntN(100))
			for i := range p {
				p[i] = byte(source.Uint32())
			}
			if _, err := w.Write(p); err != nil {
				break
			}
		}
		_ = w.Close()
	}()
	arrived, _ = io.ReadAll(b)
	return arrived, kills
}

func TestSeedReplaysFaults(t *testing.T) {
	differ := false
	for seed := range uint64(50) {
		first, kills := trip(seed)
		again, killsAgain := trip(seed)
		require.Equal(t, first, again)
		require.Equal(t, kills, killsAgain)
		other, _ := trip(seed + 1000)
		differ = differ || !bytes.Equal(first, other)
	}
	require.True(t, differ)
	t.Setenv(SeedVariable, "77")
	require.EqualValues(t, 77, seed(t))
}

func TestFaultsWhenReading(t *testing.T) {
	sent := bytes.Repeat([]byte("0123456789"), 10)
	for _, kind := range []Fault{Cut, Garble, Duplicate} {
		a, b := net.Pipe()
		w := Faults{Kinds: []Fault{kind}, Every: 20, Spare: -1}.withDefaults().disturb(a, 1, 1, nil)
		go func() {
			_, _ = b.Write(sent)
			_ = b.Close()
		}()
		got, err := io.ReadAll(w)
		require.NoError(t, err)
		require.NotEqual(t, sent, got, kind)
		switch kind {
		case Cut:
			require.True(t, bytes.HasPrefix(sent, got))
		case Garble:
			require.Len(t, got, len(sent))
		case Duplicate:
			require.Greater(t, len(got), len(sent))
		}
		_ = b.Close()
		_ = w.Close()
	}
}
