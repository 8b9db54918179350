package handshake

import (
	"bytes"
	"context"
	"errors"
	"net"
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
		"pingo\x01\x02\x00\x00\x00\xff\xff": "the handshake cannot be decoded: ",
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
