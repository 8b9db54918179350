package handshake

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

var hello = Hello{
	MaxMessage: 1 << 20, StreamCredit: 1 << 10,
	Objects: []string{"Greeter", "Lab"},
	Contracts: []codec.Contract{{
		Name:    "Greeter",
		Package: "example.com/greeter",
		Methods: []codec.Method{{Name: "SayHello", Signature: "(name string) (string)", Fingerprint: 1 << 63}},
		Types:   []codec.Type{{Name: "T", Definition: "struct{}"}},
	}},
}

// attached is an Attachment whose host is at the other end of c, and is watched from the beginning.
func attached(c net.Conn, gone func()) *Attachment {
	return attach(func() (net.Conn, error) { return c, nil }, gone, 0)
}

// exchange has both sides say Hello.
func exchange(ctx context.Context, host, plugin net.Conn) (hostGot, pluginGot Hello, hostErr, pluginErr error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, pluginGot, pluginErr = attached(plugin, func() {}).Answer(ctx, hello)
	}()
	hostGot, hostErr = Greet(ctx, host, Hello{MaxMessage: 7})
	<-done
	return hostGot, pluginGot, hostErr, pluginErr
}

func TestHellos(t *testing.T) {
	a, b := net.Pipe()
	hostGot, pluginGot, hostErr, pluginErr := exchange(t.Context(), a, b)
	require.NoError(t, hostErr)
	require.NoError(t, pluginErr)
	require.Equal(t, hello, hostGot)
	require.Equal(t, Hello{MaxMessage: 7}, pluginGot)
}

// A side that does not know a feature takes it for a contract of which it has none.
func TestHelloOfWhoKnowsMore(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	knows, old := hello, hello
	knows.Leaves = true
	old.Contracts = append(slices.Clip(old.Contracts), codec.Contract{Name: "PingoLeave"})
	require.Equal(t, encoded(&old), encoded(&knows))
	go func() { _ = writeHello(a, &knows) }()
	var got Hello
	require.NoError(t, readHello(b, &got))
	require.Equal(t, knows, got)
}

// encoded is a Hello as bytes.
func encoded(h *Hello) []byte {
	var e codec.Encoder
	e.Message(h)
	return e.Buffer()
}

func TestHelloIsTimed(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	late := errors.New("late")
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, late)
	defer cancel()
	_, _, err := attached(b, func() {}).Answer(ctx, hello) // the host says nothing
	require.ErrorIs(t, err, late)
}

func TestHelloWithTooManyContracts(t *testing.T) {
	for want, h := range map[string]Hello{
		`the other side describes the contract "C" twice`:           {Contracts: []codec.Contract{{Name: "C"}, {Name: "D"}, {Name: "C"}}},
		"the other side has 1001 contracts; at most 1000 are taken": {Contracts: make([]codec.Contract, 1001)},
	} {
		var b bytes.Buffer
		require.NoError(t, writeHello(&b, &h))
		err := readHello(&b, &h)
		require.ErrorAs(t, err, new(*InvalidError))
		require.EqualError(t, err, want)
	}
}

// A plugin that does not answer yet notices that its host is gone.
func TestAttachmentNoticesThatTheHostIsGone(t *testing.T) {
	for name, say := range map[string]func(net.Conn) error{
		"before its Hello": func(net.Conn) error { return nil },
		"after its Hello":  func(c net.Conn) error { return writeHello(c, &hello) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			gone := make(chan struct{})
			plugin := attached(b, func() { close(gone) })
			require.NoError(t, say(a))
			require.NoError(t, a.Close())
			<-gone
			_, _, err := plugin.Answer(t.Context(), hello)
			require.ErrorIs(t, err, ErrGone)
		})
	}
}

// quick is an Attachment of a program that comes to Answer in its head start.
func quick(c net.Conn, gone func()) *Attachment {
	return attach(func() (net.Conn, error) { return c, nil }, gone, time.Hour)
}

func TestHellosOfWhoIsQuick(t *testing.T) {
	for name, ctx := range map[string]context.Context{"for ever": context.Background(), "until it is interrupted": t.Context()} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			greeted := make(chan error)
			go func() {
				_, err := Greet(t.Context(), a, Hello{MaxMessage: 7})
				greeted <- err
			}()
			_, got, err := quick(b, func() {}).Answer(ctx, hello)
			require.NoError(t, err)
			require.Equal(t, Hello{MaxMessage: 7}, got)
			require.NoError(t, <-greeted)
		})
	}
}

func TestWhoIsQuickNoticesThatTheHostIsGone(t *testing.T) {
	for name, say := range map[string]func(net.Conn) error{
		"before its Hello": func(net.Conn) error { return nil },
		"after its Hello":  func(c net.Conn) error { return writeHello(c, &hello) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			gone := make(chan struct{})
			go func() {
				_ = say(a) // fails if b is closed, and then the test does
				_ = a.Close()
			}()
			_, _, err := quick(b, func() { close(gone) }).Answer(context.Background(), hello)
			require.ErrorIs(t, err, ErrGone)
			<-gone
		})
	}
}

func TestHostThatSpeaksOutOfTurnToWhoIsQuick(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	go func() {
		var text bytes.Buffer
		_ = writeHello(&text, &hello) // to memory
		text.WriteByte(0)
		_, _ = a.Write(text.Bytes()) // fails if b is closed, and then the test does
	}()
	_, _, err := quick(b, func() { t.Error("it is there") }).Answer(context.Background(), hello)
	require.ErrorIs(t, err, errOutOfTurn)
}

func TestHostThatSpeaksOutOfTurn(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	plugin := attached(b, func() { t.Error("it is there") })
	require.NoError(t, writeHello(a, &hello))
	_, err := a.Write([]byte{0})
	require.NoError(t, err)
	_, _, err = plugin.Answer(t.Context(), hello)
	require.ErrorAs(t, err, new(*InvalidError))
}

func TestInvalidHellos(t *testing.T) {
	for text, want := range map[string]string{
		"HTTP/1.1 200 OK":                   "does not speak pingo's protocol",
		"pingo\x02....":                     "speaks version 2 of the protocol, this side version 1",
		"pingo\x01\xff\xff\xff\xff":         "a handshake of 4294967295 bytes was announced; at most 4194304 are taken",
		"pingo\x01\x02\x00\x00\x00\xff\xff": "the handshake cannot be decoded; build both sides with the same pingo",
	} {
		var h Hello
		err := readHello(strings.NewReader(text), &h)
		var invalid *InvalidError
		require.ErrorAs(t, err, &invalid, "%q", text)
		require.ErrorContains(t, err, want)
	}
	var h Hello
	require.Error(t, readHello(strings.NewReader("pingo\x01\x09\x00\x00\x00x"), &h), "cut off")
}

func FuzzHello(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, writeHello(&b, &hello))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Hello
		if readHello(bytes.NewReader(b), &h) != nil {
			return
		}
		var again bytes.Buffer
		require.NoError(t, writeHello(&again, &h))
		var same Hello
		require.NoError(t, readHello(&again, &same))
		require.Equal(t, h, same)
	})
}

func listening(t *testing.T) []string {
	l, err := net.Listen("unix", shortDir(t)+"/s")
	if err != nil {
		return []string{"tcp"}
	}
	require.NoError(t, l.Close())
	return []string{"unix", "tcp"}
}

func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "pingo-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// meeting is a host and a plugin, in one process, before they are connected.
type meeting struct {
	offer    *Offer
	accepted chan net.Conn
	failed   chan error
}

func meet(t *testing.T, kind string) *meeting {
	t.Helper()
	o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
	require.NoError(t, err)
	t.Cleanup(o.Close)
	m := &meeting{offer: o, accepted: make(chan net.Conn, 1), failed: make(chan error, 1)}
	receive, send := o.child[0], o.child[1]
	o.child = nil
	go func() {
		defer send.Close()
		c, err := acceptOn(kind, receive, send)
		if err != nil {
			m.failed <- err
			return
		}
		m.accepted <- c
	}()
	return m
}

func eachListening(t *testing.T, test func(t *testing.T, kind string)) {
	for _, kind := range listening(t) {
		t.Run(kind, func(t *testing.T) { test(t, kind) })
	}
}

func TestMeeting(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		host, err := m.offer.Connect(t.Context())
		require.NoError(t, err)
		m.offer.Close()
		for _, path := range m.offer.offer.cleanup {
			require.NoFileExists(t, path)
			require.NoDirExists(t, path)
		}
		plugin := <-m.accepted
		got, _, err, _ := exchange(t.Context(), host, plugin)
		require.NoError(t, err)
		require.Equal(t, hello, got)
		require.NoError(t, host.Close())
		require.NoError(t, plugin.Close())
	})
}

// announced returns what a plugin told its host, and how to connect to it.
func (m *meeting) announced(t *testing.T) (a *announcement, dial func() net.Conn) {
	t.Helper()
	a, err := m.offer.announcement(t.Context())
	require.NoError(t, err)
	return a, func() net.Conn {
		c, err := m.offer.dial(t.Context(), a)
		require.NoError(t, err)
		return c
	}
}

// A start that ends while the host connects says why it ended.
func TestConnectTellsWhyItsTimeIsOver(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		a, _ := m.announced(t)
		why := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		_, err := m.offer.dial(ctx, a)
		require.Equal(t, why, err)
		late, cancelLate := context.WithDeadlineCause(t.Context(), time.Unix(1, 0), why)
		defer cancelLate()
		_, err = m.offer.dial(late, a)
		require.Equal(t, why, err)
	})
}

func TestStrangersAreNotLetIn(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		a, dial := m.announced(t)

		require.NoError(t, dial().Close(), "connecting and closing does no harm")
		silent := dial()
		liar := dial()
		_, err := liar.Write(make([]byte, 32))
		require.NoError(t, err)
		n, err := liar.Read(make([]byte, 1))
		require.Error(t, err)
		require.Zero(t, n, "not a byte for who does not know the key")

		host := dial()
		require.NoError(t, m.offer.authenticate(host, a.key))
		plugin := <-m.accepted
		defer plugin.Close()
		defer host.Close()

		_, err = silent.Read(make([]byte, 1))
		require.Error(t, err, "who waited is sent away")
		_, err = m.offer.dial(t.Context(), a)
		require.Error(t, err, "nobody listens any more")
	})
}

func TestManyStrangersDoNotKeepTheHostOut(t *testing.T) {
	m := meet(t, "tcp")
	a, dial := m.announced(t)
	for range 10 * maxPeers {
		defer dial().Close()
	}
	for {
		host := dial()
		if m.offer.authenticate(host, a.key) == nil {
			defer host.Close()
			break
		}
		require.NoError(t, host.Close()) // no room until the time of the others is over
	}
	require.NoError(t, (<-m.accepted).Close())
}

func TestImpostorIsNotTrusted(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		a, dial := m.announced(t)
		a.key[0]++
		c := dial()
		defer c.Close()
		require.ErrorIs(t, m.offer.authenticate(c, a.key), errImpostor)
		require.NoError(t, (<-m.accepted).Close())
	})
}

func TestPluginNoticesThatItsHostIsGone(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		m.announced(t)
		require.NoError(t, m.offer.send.Close())
		require.ErrorIs(t, <-m.failed, ErrGone)
		for _, path := range m.offer.offer.cleanup {
			require.NoFileExists(t, path, "the plugin cleans up for its host")
			require.NoDirExists(t, path)
		}
	})
}

// The host has no time to do anything once the plugin runs.
func TestPluginOfAHostThatEndedCleansUp(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
		require.NoError(t, err)
		receive, send := o.child[0], o.child[1]
		require.NoError(t, errors.Join(o.send.Close(), o.receive.Close()))
		_, err = acceptOn(kind, receive, send)
		require.ErrorIs(t, err, ErrGone)
		require.NoError(t, send.Close())
		for _, path := range o.offer.cleanup {
			require.NoFileExists(t, path)
			require.NoDirExists(t, path)
		}
	})
}

// The host ends when it is connected and has not cleaned up yet.
func TestPluginLeavesNothingOnceItsHostIsConnected(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		host, err := m.offer.Connect(t.Context())
		require.NoError(t, err)
		plugin := <-m.accepted
		for _, path := range m.offer.offer.cleanup {
			require.NoFileExists(t, path)
			require.NoDirExists(t, path)
		}
		require.NoError(t, errors.Join(host.Close(), plugin.Close()))
	})
}

// Nothing but the transport and the numbers is for all to see, and no two keys
// are the same.
func TestEnvironmentHoldsNoSecret(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		keys := map[secret]bool{{}: true}
		for range 3 {
			o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
			require.NoError(t, err)
			require.Equal(t, []string{"PINGO_TRANSPORT=" + kind, "PINGO_FILES=3,4"}, o.Env([]uintptr{3, 4}))
			require.False(t, keys[o.offer.key], "a key of all zeros, or one that was there before")
			keys[o.offer.key] = true
			o.Close()
		}
	})
}

func TestDirectoryWhoseNameDoesNotFitAnOffer(t *testing.T) {
	dir := shortDir(t)
	root := dir
	for len(dir) < maxOffer/2 {
		dir += "/" + strings.Repeat("d", 200)
	}
	if listening(t)[0] != "unix" || os.MkdirAll(dir, 0o700) != nil {
		t.Skip("this system has no unix sockets, or no such names")
	}
	_, err := NewOffer(Way{Transport: "unix", Directory: dir})
	require.ErrorContains(t, err, "set SocketDirectory to a shorter one")
	files, err := filepath.Glob(dir + "/*")
	require.NoError(t, err)
	require.Empty(t, files)
	require.NoError(t, os.RemoveAll(root))
}

func TestPluginThatCannotListenSaysWhy(t *testing.T) {
	if listening(t)[0] != "unix" {
		t.Skip("this system has no unix sockets")
	}
	o, err := NewOffer(Way{Transport: "unix", Directory: shortDir(t)})
	require.NoError(t, err)
	defer o.Close()
	receive, send := o.child[0], o.child[1]
	require.NoError(t, os.Remove(o.offer.cleanup[1]))
	failed := make(chan error)
	go func() {
		_, err := acceptOn("unix", receive, send)
		failed <- err
	}()
	_, err = o.Connect(t.Context())
	require.ErrorAs(t, err, new(*ListenError))
	require.ErrorContains(t, err, "listen unix")
	require.Error(t, <-failed)
}

func TestOfferThatIsNotTaken(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
		require.NoError(t, err)
		o.Close()
		for _, path := range o.offer.cleanup {
			require.NoDirExists(t, path)
		}
	})
}
