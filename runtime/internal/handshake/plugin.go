package handshake

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// ErrNoHost says that this process was not started as a plugin.
var ErrNoHost = errors.New("not started by a host")

// Bounds of who may try to connect before the host has.
const (
	authTime = 2 * time.Second // to show the key
	maxPeers = 64              // at once
)

// inherited is what the environment said, read once and then removed from it, so
// that the plugin's own children are not taken for plugins.
type inherited struct {
	transport string
	numbers   []uintptr
	memory    uintptr // 0 for none
	err       error
}

var fromHost = readEnvironment()

// ByHand tells whether this program was not started by a host.
func ByHand() bool { return errors.Is(fromHost.err, ErrNoHost) }

// numbersOf tells how many descriptors come with a transport; 0 if it is not known.
func numbersOf(transport string) int {
	switch transport {
	case "auto":
		return 1
	case "unix", "tcp":
		return 2
	}
	return 0
}

func readEnvironment() (in inherited) {
	in.transport = os.Getenv(envTransport)
	files, memory := os.Getenv(envFiles), os.Getenv(envMemory)
	for _, name := range []string{envTransport, envFiles, envMemory} {
		_ = os.Unsetenv(name) // fails for impossible names only
	}
	if in.transport == "" {
		in.err = ErrNoHost
		return in
	}
	want := numbersOf(in.transport)
	if want == 0 {
		in.err = fmt.Errorf("the transport %q is not known to this plugin; build it with the same pingo as its host", in.transport)
		return in
	}
	for _, text := range strings.Split(files, ",") {
		n, err := inheritedNumber(text)
		if err != nil {
			in.err = fmt.Errorf("%s=%q is not a list of descriptors", envFiles, files)
			return in
		}
		in.numbers = append(in.numbers, n)
	}
	if memory != "" {
		n, err := inheritedNumber(memory)
		if err != nil || in.transport != "auto" {
			in.err = fmt.Errorf("%s=%q is not a descriptor, or comes with the transport %s", envMemory, memory, in.transport)
			return in
		}
		in.memory = n
	}
	if len(in.numbers) != want {
		in.err = fmt.Errorf("%s=%q should have %d numbers for the transport %s", envFiles, files, want, in.transport)
	}
	return in
}

func inheritedNumber(text string) (uintptr, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err == nil {
		keepFromChildren(uintptr(n))
	}
	return uintptr(n), err
}

// accept returns the connection to the host, authenticated in both directions.
// It waits as long as the host does.
func (in *inherited) accept() (net.Conn, error) {
	switch {
	case in.memory != 0:
		return transport.InheritedSharing(in.numbers[0], in.memory)
	case in.transport == "auto":
		return transport.Inherited(in.numbers[0])
	}
	receive := os.NewFile(in.numbers[0], "from host")
	send := os.NewFile(in.numbers[1], "to host")
	defer send.Close()
	return acceptOn(in.transport, receive, send)
}

// acceptOn listens as the offer says, announces where, and waits for the host.
// Nothing of the socket is left afterwards, even if the host has no time to see to that.
func acceptOn(kind string, receive, send *os.File) (net.Conn, error) {
	var o offer
	if err := readMessage(receive, &o); err != nil {
		_ = receive.Close()
		return nil, fmt.Errorf("the host's offer cannot be read: %w", goneUnlessInvalid(err))
	}
	defer removeAll(o.cleanup)
	a := announcement{key: newSecret()}
	d := newDoor(o.key, a.key, o.user)
	err := d.encrypt(o.public, &a)
	var l net.Listener
	if err == nil {
		l, err = listen(kind, o.address)
	}
	if err != nil {
		_ = receive.Close()
		return nil, errors.Join(err, writeMessage(send, nil, &announcement{problem: err.Error()}))
	}
	gone := hostGone(receive)
	if t, ok := l.Addr().(*net.TCPAddr); ok {
		a.port = uint16(t.Port)
	}
	if err := writeMessage(send, nil, &a); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("%w: %w", ErrGone, err)
	}
	d.listener = l
	return d.admit(gone)
}

func listen(kind, address string) (net.Listener, error) {
	if kind == "unix" {
		return net.Listen("unix", address)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if l, err6 := net.Listen("tcp", "[::1]:0"); err6 == nil {
			return l, nil
		}
	}
	return l, err
}

// hostGone is closed when the host closes its end, which it does when it is
// connected, has given up, or has ended.
func hostGone(receive *os.File) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer receive.Close()
		_, _ = io.Copy(io.Discard, receive) // any end is an end
	}()
	return gone
}

// door lets one peer in: who shows the key. Everybody else gets a short time and
// never a byte.
type door struct {
	listener   net.Listener
	want, show secret
	user       int // whom the host runs as
	secure     func(net.Conn) net.Conn

	mu    sync.Mutex // protects following
	peers map[net.Conn]bool
	host  net.Conn // who was let in
	shut  bool
}

// newDoor is for who runs as user, without encryption.
func newDoor(want, show secret, user int) *door {
	return &door{want: want, show: show, user: user, secure: func(c net.Conn) net.Conn { return c }}
}

// encrypt makes the door encrypt what goes through it, if the host wants that.
func (d *door) encrypt(public []byte, a *announcement) error {
	if len(public) == 0 {
		return nil
	}
	e, err := newEncrypter()
	if err != nil {
		return err
	}
	a.public = e.Public()
	d.secure = func(c net.Conn) net.Conn { return e.Server(c, public) }
	return nil
}

// admit returns the host's connection, or an error if it is gone before.
func (d *door) admit(gone <-chan struct{}) (net.Conn, error) {
	d.peers = map[net.Conn]bool{}
	ctx, in := context.WithCancel(context.Background())
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		d.accept(in)
	}()
	select {
	case <-ctx.Done():
	case <-gone:
	case <-accepting:
	}
	in()
	host := d.close()
	<-accepting
	if host == nil {
		return nil, ErrGone
	}
	return host, nil
}

func (d *door) accept(in context.CancelFunc) {
	for {
		c, err := d.listener.Accept()
		if err != nil {
			var temporary interface{ Temporary() bool }
			if errors.As(err, &temporary) && temporary.Temporary() {
				time.Sleep(10 * time.Millisecond) // out of descriptors, say; another Accept at once would fail too
				continue
			}
			return
		}
		if !d.enter(c) {
			_ = c.Close()
			continue
		}
		go d.check(c, in)
	}
}

// enter makes room for a peer, if there is any.
func (d *door) enter(c net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut || len(d.peers) >= maxPeers {
		return false
	}
	d.peers[c] = true
	return true
}

// check lets c in or throws it out.
func (d *door) check(c net.Conn, in context.CancelFunc) {
	_ = c.SetDeadline(time.Now().Add(authTime)) // fails only when closed
	secured := d.secure(c)
	if !d.knows(c, secured) || !d.take(c, secured) {
		d.leave(c)
		return
	}
	_ = c.SetDeadline(time.Time{})  // if it cannot, the connection is dead, and its next user will see
	_, _ = secured.Write(d.show[:]) // as above
	in()
}

// knows tells whether who is at the other end can show the key.
func (d *door) knows(c, secured net.Conn) bool {
	if checkPeer(c, d.user) != nil {
		return false
	}
	var shown secret
	_, err := io.ReadFull(secured, shown[:])
	return err == nil && subtle.ConstantTimeCompare(shown[:], d.want[:]) == 1
}

// take makes c, secured, the host's connection, unless there is one. It comes before
// the answer: who got the answer may close the control stream at once.
func (d *door) take(c, secured net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut || d.host != nil {
		return false
	}
	delete(d.peers, c)
	d.host = secured
	return true
}

func (d *door) leave(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.peers, c)
	_ = c.Close()
}

// close sends everybody else away.
func (d *door) close() net.Conn {
	_ = d.listener.Close() // removes the socket of unix
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut = true
	for c := range d.peers {
		_ = c.Close()
	}
	return d.host
}
