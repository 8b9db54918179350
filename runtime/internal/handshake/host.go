package handshake

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/process"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// ListenError says that the plugin could not listen.
type ListenError struct{ Text string }

func (e *ListenError) Error() string { return e.Text }

// Offer is the host's side of one start, over one transport.
type Offer struct {
	transport string
	as        *process.Identity // whom the plugin runs as, nil for the host's own user
	child     []*os.File        // for the plugin to inherit
	conn      net.Conn          // with auto
	shares    bool              // with auto: the last of child is memory
	send      *os.File          // the control stream, otherwise
	receive   *os.File
	offer     offer
	encrypter Encrypter // nil for none
	made      []string  // directories, for the socket of unix
}

// Way is how host and plugin come together.
type Way struct {
	Transport string            // auto (an inherited socket), unix or tcp
	Memory    int               // with auto: of how many bytes the rings in shared memory are; 0 for none
	Directory string            // where the directory for the socket of unix is made; "" for that for temporary files
	As        *process.Identity // whom the plugin runs as; nil for the host's own user
	Encrypt   bool              // connections of tcp
}

// String is for errors.
func (w Way) String() string {
	if w.Memory > 0 {
		return "shared memory"
	}
	return "the transport " + w.Transport
}

// NewOffer sets a transport up.
func NewOffer(way Way) (*Offer, error) {
	o := &Offer{transport: way.Transport, as: way.As}
	err := o.setUp(way)
	if err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

func (o *Offer) setUp(way Way) (err error) {
	if o.transport == "auto" {
		return o.makePair(way.Memory)
	}
	o.offer.key, o.offer.user = newSecret(), os.Geteuid()
	if o.transport == "tcp" && way.Encrypt {
		if o.encrypter, err = newEncrypter(); err != nil {
			return err
		}
		o.offer.public = o.encrypter.Public()
	}
	if o.transport == "unix" {
		if err := o.makeDirectory(way.Directory); err != nil {
			return err
		}
		if err := tryListen(o.offer.address); err != nil {
			return err
		}
	}
	return o.makeControl()
}

func (o *Offer) makePair(memory int) error {
	if memory > 0 {
		c, files, err := transport.SharedPair(memory)
		if err != nil {
			return err
		}
		o.conn, o.child, o.shares = c, files, true
		return nil
	}
	c, child, err := transport.Pair()
	if err != nil {
		return err
	}
	o.conn, o.child = c, []*os.File{child}
	return nil
}

// tryListen finds out whether the plugin will be able to listen, before there is one.
func tryListen(address string) error {
	l, err := net.Listen("unix", address)
	if err != nil {
		return err
	}
	return l.Close() // which removes the socket
}

// maxSocketPath is the longest path that every system takes for a socket.
const maxSocketPath = 100

// makeDirectory makes a directory that nobody else may enter, and if its name is
// too long for a socket, a short link to it.
func (o *Offer) makeDirectory(dir string) error {
	dir, err := filepath.Abs(cmp.Or(dir, os.TempDir())) // the plugin may have another working directory
	if err != nil {
		return err
	}
	private, err := o.makePrivate(dir)
	if err != nil {
		return err
	}
	o.offer.address = filepath.Join(private, "s")
	if len(o.offer.address) <= maxSocketPath {
		return nil
	}
	short, err := o.makeTemp(shortTemp())
	if err != nil {
		return err
	}
	link := filepath.Join(short, "d")
	o.offer.cleanup = append(o.offer.cleanup, link, short)
	o.offer.address = filepath.Join(link, "s")
	if len(o.offer.address) > maxSocketPath {
		return fmt.Errorf("%s is too long for a socket; set SocketDirectory to a shorter directory", o.offer.address)
	}
	return os.Symlink(private, link)
}

// makePrivate makes the directory for the socket. That of another user is inside one
// of the host's, where that user cannot put something else in its place.
func (o *Offer) makePrivate(dir string) (string, error) {
	private, err := o.makeTemp(dir)
	if err != nil {
		return "", err
	}
	outer := []string{private}
	if o.as != nil {
		private = filepath.Join(private, "p")
		if err := os.Mkdir(private, 0o700); err != nil {
			return "", err
		}
		if err := os.Chown(private, int(o.as.User), int(o.as.Group)); err != nil {
			return "", err
		}
		outer = append([]string{private}, outer...)
	}
	o.offer.cleanup = append([]string{filepath.Join(private, "s")}, outer...)
	return private, nil
}

// makeTemp makes a directory that only its user may enter, and go through who the
// plugin runs as.
func (o *Offer) makeTemp(dir string) (string, error) {
	made, err := os.MkdirTemp(dir, "pingo-")
	if err != nil {
		return "", err
	}
	o.made = append(o.made, made)
	if o.as != nil {
		err = os.Chmod(made, 0o711)
	}
	return made, err
}

// shortTemp is a directory for temporary files whose name leaves room.
func shortTemp() string {
	if dir := os.TempDir(); len(dir) < maxSocketPath/2 {
		return dir
	}
	return "/tmp"
}

// makeControl makes the control stream, with the offer in it already: the plugin
// has to find it, and remove the files, even if the host ends at once.
func (o *Offer) makeControl() error {
	toPlugin, send, err := os.Pipe()
	if err != nil {
		return err
	}
	o.child, o.send = append(o.child, toPlugin), send
	receive, toHost, err := os.Pipe()
	if err != nil {
		return err
	}
	o.child, o.receive = append(o.child, toHost), receive
	var e codec.Encoder
	if o.offer.Encode(&e); len(e.Buffer()) > maxOffer {
		return fmt.Errorf("the name of the directory for sockets is too long; set SocketDirectory to a shorter one")
	}
	return writeMessage(o.send, nil, &o.offer)
}

// maxOffer is what a pipe takes on every system before somebody reads it.
const maxOffer = 4000

// Files are what the plugin has to inherit.
func (o *Offer) Files() []*os.File { return o.child }

// Directory is where the plugin makes its socket; "" if it makes none.
func (o *Offer) Directory() string {
	if o.offer.address == "" {
		return ""
	}
	return filepath.Dir(o.offer.address)
}

// Env tells the plugin where the files are.
func (o *Offer) Env(numbers []uintptr) []string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, strconv.FormatUint(uint64(n), 10))
	}
	env := []string{envTransport + "=" + o.transport}
	if o.shares {
		last := len(texts) - 1
		env = append(env, envMemory+"="+texts[last])
		texts = texts[:last]
	}
	return append(env, envFiles+"="+strings.Join(texts, ","))
}

// Started closes what only the plugin needs. Without it, the host would not
// notice when the plugin closes its ends.
func (o *Offer) Started() {
	for _, f := range o.child {
		_ = f.Close() // the plugin has its own
	}
	o.child = nil
}

// Connect returns the connection to the plugin, authenticated in both
// directions. It follows Started, and Share the Hello. The Offer must still be closed.
func (o *Offer) Connect(ctx context.Context) (net.Conn, error) {
	if o.conn != nil {
		c := o.conn
		o.conn = nil
		return c, nil
	}
	a, err := o.announcement(ctx)
	if err != nil {
		return nil, err
	}
	if a.problem != "" {
		return nil, &ListenError{a.problem}
	}
	c, err := o.dial(ctx, a)
	if err != nil {
		return nil, err
	}
	if o.encrypter != nil {
		c = o.encrypter.Client(c, a.public)
	}
	if err := bounded(ctx, c, func() error { return o.authenticate(c, a.key) }); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// announcement waits for the plugin. Not every system can interrupt the read: it
// ends at the latest when the plugin does.
func (o *Offer) announcement(ctx context.Context) (*announcement, error) {
	a := new(announcement)
	read := make(chan error, 1)
	go func(r io.Reader) { read <- readMessage(r, a) }(o.receive)
	select {
	case err := <-read:
		return a, err
	case <-ctx.Done():
	}
	select { // a plugin that ended may have said why
	case err := <-read:
		if err == nil {
			return a, nil
		}
	case <-time.After(lastWords):
	}
	return nil, context.Cause(ctx)
}

// lastWords is how long it may take to read what is there already.
const lastWords = 100 * time.Millisecond

// dial connects. If that ends with ctx, the error is why ctx ended: the dialer
// would tell an end of its own, hence it does not see the deadline.
func (o *Offer) dial(ctx context.Context, a *announcement) (net.Conn, error) {
	dialing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	c, err := o.dialListener(dialing, a)
	cause := context.Cause(ctx)
	if cause == nil {
		return c, err
	}
	if err == nil {
		_ = c.Close() // nothing was said on it
	}
	return nil, cause
}

func (o *Offer) dialListener(ctx context.Context, a *announcement) (net.Conn, error) {
	var d net.Dialer
	if o.transport == "unix" {
		return d.DialContext(ctx, "unix", o.offer.address)
	}
	port := strconv.Itoa(int(a.port))
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		if c, err6 := d.DialContext(ctx, "tcp", net.JoinHostPort("::1", port)); err6 == nil {
			return c, nil
		}
	}
	return c, err
}

var errImpostor = errors.New("who answered is not the plugin")

// authenticate shows the key to who it has to be as far as the system knows, and wants
// to see the plugin's.
func (o *Offer) authenticate(c net.Conn, key secret) error {
	if err := checkPeer(c, o.pluginUser()); err != nil {
		return err
	}
	if _, err := c.Write(o.offer.key[:]); err != nil {
		return err
	}
	var shown secret
	if _, err := io.ReadFull(c, shown[:]); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(shown[:], key[:]) != 1 {
		return errImpostor
	}
	return nil
}

// Close ends the offer: files are removed and descriptors closed, but for the
// connection that Connect returned.
func (o *Offer) Close() {
	o.Started()
	if o.conn != nil {
		_ = o.conn.Close()
	}
	for _, f := range []*os.File{o.send, o.receive} {
		if f != nil {
			_ = f.Close()
		}
	}
	removeAll(o.offer.cleanup)
	for _, dir := range o.made {
		_ = os.RemoveAll(dir) // what the plugin has put there, too
	}
}

// removeAll removes files and empty directories. What is gone already is no matter.
func removeAll(paths []string) {
	for _, p := range paths {
		_ = os.Remove(p)
	}
}
