package pingotest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Fault is something that happens to a connection.
type Fault int

const (
	// Delay holds bytes back for a while.
	Delay Fault = iota
	// Cut ends the connection between two bytes.
	Cut
	// Garble changes a bit. It may be one of an answer, which is wrong then: a connection has no checksums,
	// since what it runs on does not garble.
	Garble
	// Duplicate sends some bytes twice, of which the same is true.
	Duplicate
	// Freeze lets nothing through any more, in either direction, until the connection is closed.
	Freeze
	// Kill ends the plugin's process, and lets through what it has sent.
	Kill
)

// String returns the fault's name in small letters.
func (f Fault) String() string {
	names := []string{"delay", "cut", "garble", "duplicate", "freeze", "kill"}
	if f < 0 || int(f) >= len(names) {
		return fmt.Sprintf("Fault(%d)", int(f))
	}
	return names[f]
}

// SeedVariable is the environment variable that replays faults.
const SeedVariable = "PINGOTEST_SEED"

// Faults disturbs the connections of a plugin at random: a test sees whether the host's code can live with what
// happens to a plugin. The zero value disturbs them with all kinds of faults.
//
//	cfg = pingotest.Faults{Kinds: []pingotest.Fault{pingotest.Cut, pingotest.Kill}}.Apply(t, cfg)
//	p := pingo.New(cfg)
//
// After which bytes of which connection what happens depends on a seed, which is logged. With the variable
// PINGOTEST_SEED in the environment of the test, it happens again.
type Faults struct {
	// Kinds are the faults that happen, each as often as the others. Nil means all.
	Kinds []Fault
	// Every is how many bytes go in one direction between two faults, on average. Zero means 16 KiB.
	Every int
	// Spare is how many bytes go in each direction before the first fault, so that the plugin becomes
	// ready. Zero means 8 KiB, less than zero none.
	Spare int
	// MaxDelay bounds Delay. Zero means 10 ms.
	MaxDelay time.Duration
}

// Apply returns a Config like cfg whose connections are disturbed.
func (f Faults) Apply(t testing.TB, cfg pingo.Config) pingo.Config {
	t.Helper()
	return f.apply(seed(t), cfg)
}

// seed chooses a seed, or takes that which is to be replayed.
func seed(t testing.TB) uint64 {
	t.Helper()
	s := rand.Uint64()
	if text := os.Getenv(SeedVariable); text != "" {
		var err error
		if s, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("pingotest: %s is not a number: %v", SeedVariable, err)
		}
	}
	t.Logf("pingotest: faults are replayed by %s=%d", SeedVariable, s)
	return s
}

func (f Faults) apply(seed uint64, cfg pingo.Config) pingo.Config {
	f = f.withDefaults()
	var pid atomic.Int64
	if events := cfg.Events; true {
		cfg.Events = func(e pingo.Event) {
			if started, ok := e.(pingo.EventStarted); ok {
				pid.Store(int64(started.Pid))
			}
			if events != nil {
				events(e)
			}
		}
	}
	kill := func() {
		if p, err := os.FindProcess(int(pid.Load())); err == nil && p.Pid > 0 {
			_ = p.Kill()
		}
	}
	wire := cfg.Wire
	var connections atomic.Uint64
	cfg.Wire = func(c net.Conn) net.Conn {
		if wire != nil {
			c = wire(c)
		}
		return f.disturb(c, seed, connections.Add(1), kill)
	}
	return cfg
}

func (f Faults) withDefaults() Faults {
	if f.Kinds == nil {
		f.Kinds = []Fault{Delay, Cut, Garble, Duplicate, Freeze, Kill}
	}
	if f.Every <= 0 {
		f.Every = 16 << 10
	}
	if f.Spare == 0 {
		f.Spare = 8 << 10
	}
	if f.MaxDelay <= 0 {
		f.MaxDelay = 10 * time.Millisecond
	}
	return f
}

// disturb returns a connection with the faults of the nth one.
func (f Faults) disturb(c net.Conn, seed, n uint64, kill func()) *wire {
	w := &wire{Conn: c, kill: kill}
	w.open, w.close = context.WithCancel(context.Background())
	w.thawed, w.freeze = context.WithCancel(context.Background())
	w.in = course{faults: f, chance: rand.New(rand.NewPCG(seed, 2*n))}
	w.out = course{faults: f, chance: rand.New(rand.NewPCG(seed, 2*n+1))}
	w.in.draw(max(0, f.Spare))
	w.out.draw(max(0, f.Spare))
	return w
}

// course is what happens in one direction.
type course struct {
	faults Faults
	chance *rand.Rand
	left   int // bytes until next
	next   Fault
	recent []byte // the last bytes, for Duplicate
}

const maxRecent = 64

// draw chooses the next fault.
func (c *course) draw(spare int) {
	c.left = spare + 1 + c.chance.IntN(2*c.faults.Every)
	c.next = c.faults.Kinds[c.chance.IntN(len(c.faults.Kinds))]
}

// passed notes that bytes went through.
func (c *course) passed(p []byte) {
	c.left -= len(p)
	c.recent = append(c.recent, p...)
	if extra := len(c.recent) - maxRecent; extra > 0 {
		c.recent = append(c.recent[:0], c.recent[extra:]...)
	}
}

// wire is a connection on which faults happen. One goroutine reads and one writes at a time, though
// Close may come from any.
type wire struct {
	net.Conn
	kill   func()
	open   context.Context // until Close
	close  func()
	thawed context.Context // until a Freeze
	freeze func()
	in     course
	out    course
	again  []byte // what Read returns again
}

// Close implements net.Conn.
func (w *wire) Close() error {
	w.close()
	return w.Conn.Close()
}

// Write implements net.Conn.
func (w *wire) Write(p []byte) (written int, err error) {
	for written < len(p) {
		if w.frozen() {
			return written, net.ErrClosed
		}
		garbled := false
		if w.out.left == 0 {
			fault := w.out.next
			w.out.draw(0)
			switch fault {
			case Garble:
				garbled = true
			case Duplicate:
				if _, err := w.Conn.Write(w.out.recent); err != nil {
					return written, err
				}
			default:
				if w.happen(fault, &w.out) {
					return written, syscall.EPIPE
				}
				continue
			}
		}
		part := p[written:min(len(p), written+w.out.left)]
		if garbled {
			part = []byte{w.out.garble(part[0])}
		}
		n, err := w.Conn.Write(part)
		w.out.passed(part[:n])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// Read implements net.Conn.
func (w *wire) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if len(w.again) > 0 {
			n := copy(p, w.again)
			w.again = w.again[n:]
			return n, nil
		}
		if w.frozen() {
			return 0, net.ErrClosed
		}
		garbled := false
		if w.in.left == 0 {
			fault := w.in.next
			w.in.draw(0)
			switch fault {
			case Garble:
				garbled = true
			case Duplicate:
				w.again = append([]byte(nil), w.in.recent...)
				continue
			default:
				if w.happen(fault, &w.in) {
					return 0, io.EOF
				}
				continue
			}
		}
		limit := min(len(p), w.in.left)
		if garbled {
			limit = 1
		}
		n, err := w.Conn.Read(p[:limit])
		if garbled && n == 1 {
			p[0] = w.in.garble(p[0])
		}
		w.in.passed(p[:n])
		return n, err
	}
	return 0, nil
}

func (c *course) garble(b byte) byte { return b ^ 1<<c.chance.IntN(8) }

// happen is what the other faults do. It tells whether the connection was cut.
func (w *wire) happen(fault Fault, c *course) (cut bool) {
	switch fault {
	case Delay:
		select {
		case <-time.After(time.Duration(c.chance.Int64N(int64(c.faults.MaxDelay)) + 1)):
		case <-w.open.Done():
		}
	case Cut:
		_ = w.Close()
		return true
	case Freeze:
		w.freeze()
	case Kill:
		w.kill()
	}
	return false
}

// frozen waits for the Close of a connection that is frozen, and tells whether it is.
func (w *wire) frozen() bool {
	if w.thawed.Err() == nil {
		return false
	}
	<-w.open.Done()
	return true
}
