package codec

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"syscall"
)

// Files and connections travel as descriptors of the system, beside the bytes of
// the message that mentions them.
//
// What is encoded is a duplicate, which belongs to the message until it is sent.
// What a reply mentions changes hands as a result does in one process: it is closed on
// this side, sent or not. The other side owns what it gets.

// MaxFiles is how many files and connections one message may mention.
const MaxFiles = 64

// isDescriptor tells of the types that travel by EncodeFile and EncodeSocket.
func isDescriptor(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[*os.File](), reflect.TypeFor[*net.TCPConn](), reflect.TypeFor[*net.UDPConn](), reflect.TypeFor[*net.UnixConn](),
		reflect.TypeFor[*net.IPConn](), reflect.TypeFor[*net.TCPListener](), reflect.TypeFor[*net.UnixListener]():
		return true
	}
	return false
}

// Files are the descriptors that travel with a message. Whoever holds them closes
// them, or hands them on.
type Files []int

// Close closes all that were not taken.
func (fs Files) Close() {
	for i, fd := range fs {
		if fd >= 0 {
			closeDescriptor(fd)
			fs[i] = -1
		}
	}
}

// outgoingFiles is what an Encoder has seen of files and connections.
type outgoingFiles struct {
	copies Files
	moved  []io.Closer // what was given away by a reply
}

// Gives says that what the message mentions changes hands, since it is a reply:
// CloseGiven closes it.
func (e *Encoder) Gives() { e.gives = true }

// Files are the descriptors that the message mentions. They are the caller's as
// soon as the message is sent, and otherwise closed by Unexport.
func (e *Encoder) Files() Files {
	if e.files == nil {
		return nil
	}
	return e.files.copies
}

// CloseGiven closes what a reply has given away. It is called when all of it is encoded.
func (e *Encoder) CloseGiven() {
	if e.files == nil {
		return
	}
	for _, c := range e.files.moved {
		_ = c.Close() // the implementation may have closed it itself, and the copy counts
	}
	e.files.moved = nil
}

// descriptor is what this side has, and the other gets a copy of.
type descriptor interface {
	syscall.Conn
	io.Closer
}

// EncodeFile sends a file: the other side gets one of its own for the same open file.
func EncodeFile(e *Encoder, f *os.File) {
	if f == nil {
		e.Uint8(referenceNil)
		return
	}
	if err := e.passes(); err != nil {
		e.Fail(fmt.Errorf("the file %s cannot be sent: %w; what is in it can be, by an io.Reader or io.Writer", f.Name(), err))
		return
	}
	if f == os.Stdin || f == os.Stdout || f == os.Stderr {
		e.descriptor(f, f.Name(), false) // of the whole process, which nobody can give away
		return
	}
	e.descriptor(f, f.Name(), e.gives)
}

// DecodeFile reads what EncodeFile wrote.
func DecodeFile(d *Decoder) *os.File {
	fd, name, ok := d.descriptor()
	if !ok {
		return nil
	}
	f := os.NewFile(uintptr(fd), name)
	d.opened(f)
	return f
}

// Socket is a connection of package net, or a listener, that is one descriptor.
type Socket interface {
	*net.TCPConn | *net.UDPConn | *net.UnixConn | *net.IPConn | *net.TCPListener | *net.UnixListener
	comparable
	descriptor
}

// EncodeSocket sends a connection or a listener: the other side gets one of its own
// for the same socket.
func EncodeSocket[T Socket](e *Encoder, s T) {
	var none T
	if s == none {
		e.Uint8(referenceNil)
		return
	}
	if err := e.passes(); err != nil {
		e.Fail(fmt.Errorf("a %T cannot be sent: %w; as a %s it can be, by reference", s, err, insteadOf(s)))
		return
	}
	e.socket(s)
}

// insteadOf is the interface behind which a socket may stay where it is.
func insteadOf(s any) string {
	if _, ok := s.(net.Listener); ok {
		return "net.Listener"
	}
	return "net.Conn"
}

// DecodeSocket reads what EncodeSocket wrote.
func DecodeSocket[T Socket](d *Decoder) T { return decodeSocket[T](d) }

func decodeSocket[T any](d *Decoder) (s T) {
	fd, _, ok := d.descriptor()
	if !ok {
		return s
	}
	return socketAs[T](d, fd)
}

// EncodeConnection is EncodeInterface for net.Conn, net.PacketConn and net.Listener: what is
// a socket, and nothing else behind the interface, travels as one where that is possible.
func EncodeConnection(e *Encoder, isNil bool, v any, proxy *Reference, serve func() *Service) {
	if s := bareSocket(v); s != nil && e.passes() == nil {
		e.socket(s)
		return
	}
	EncodeInterface(e, isNil, v, proxy, serve)
}

// bareSocket returns v if it is exactly a type that DecodeSocket can make again: what
// embeds one may do more than the socket.
func bareSocket(v any) descriptor {
	switch s := v.(type) {
	case *net.TCPConn:
		return bare(s)
	case *net.UDPConn:
		return bare(s)
	case *net.UnixConn:
		return bare(s)
	case *net.IPConn:
		return bare(s)
	case *net.TCPListener:
		return bare(s)
	case *net.UnixListener:
		return bare(s)
	}
	return nil
}

func bare[T Socket](s T) descriptor {
	var none T
	if s == none {
		return nil
	}
	return s
}

// passes is why no descriptor can go along with the message, or nil.
func (e *Encoder) passes() error {
	if e.peer == nil || e.apart {
		return errNoDescriptors
	}
	return e.peer.PassesFiles()
}

// errNoDescriptors is for what is encoded apart from a message, as items of streams are.
var errNoDescriptors = errors.New("descriptors travel in parameters and results only, not in items of streams")

// socket writes a socket. A listener that is given away must not remove its path
// when this side closes it.
func (e *Encoder) socket(s descriptor) {
	if l, ok := s.(*net.UnixListener); ok && e.gives {
		l.SetUnlinkOnClose(false)
	}
	e.descriptor(s, "", e.gives)
}

// descriptor writes the index of a duplicate, and its name.
func (e *Encoder) descriptor(v descriptor, name string, given bool) {
	if e.files == nil {
		e.files = &outgoingFiles{}
	}
	if given {
		e.files.moved = append(e.files.moved, v)
	}
	if len(e.files.copies) == MaxFiles {
		e.Fail(fmt.Errorf("more than %d files and connections in one message", MaxFiles))
		return
	}
	if e.err != nil {
		return // nothing will be sent
	}
	fd, err := duplicate(v)
	if err != nil {
		e.Fail(fmt.Errorf("cannot duplicate %T %s: %w", v, name, err))
		return
	}
	e.Uint8(referenceDescriptor)
	e.Uint64(uint64(len(e.files.copies)))
	e.String(name)
	e.files.copies = append(e.files.copies, fd)
}

// incomingFiles is what a message brought, and what became of it.
type incomingFiles struct {
	files  Files
	opened []io.Closer
}

// Bring says which descriptors came with the message, which belong to the decoder
// from then on.
func (d *Decoder) Bring(files Files) {
	if len(files) > 0 {
		d.files = &incomingFiles{files: files}
	}
}

// CloseFiles closes what came with the message and nobody decoded. If the message
// could not be decoded, it also closes the rest: nobody gets it.
func (d *Decoder) CloseFiles() {
	if d.files == nil {
		return
	}
	d.files.files.Close()
	if d.err != nil {
		for _, c := range d.files.opened {
			_ = c.Close()
		}
	}
	d.files.opened = nil
}

// opened notes what was made of a descriptor.
func (d *Decoder) opened(c io.Closer) { d.files.opened = append(d.files.opened, c) }

// descriptor takes a descriptor out of the message; false means nil, or an error.
func (d *Decoder) descriptor() (fd int, name string, ok bool) {
	switch kind := d.Uint8(); {
	case d.err != nil, kind == referenceNil:
		return 0, "", false
	case kind != referenceDescriptor:
		d.Fail(fmt.Errorf("kind %d where a file or a connection is expected", kind))
		return 0, "", false
	}
	return d.takeDescriptor()
}

// takeDescriptor takes the one that the message names next. Each can be taken once.
func (d *Decoder) takeDescriptor() (fd int, name string, ok bool) {
	i, name := d.Uint64(), d.String()
	switch {
	case d.err != nil:
	case d.files == nil || i >= uint64(len(d.files.files)):
		d.Fail(fmt.Errorf("descriptor %d did not come with the message", i))
	case d.files.files[i] == LostFile:
		d.Fail(errLost)
	case d.files.files[i] < 0:
		d.Fail(fmt.Errorf("descriptor %d is mentioned twice", i))
	default:
		fd = d.files.files[i]
		d.files.files[i] = -1
		return fd, name, true
	}
	return 0, "", false
}

// LostFile stands in Files for a descriptor that was sent and did not arrive.
const LostFile = -2

var errLost = errors.New("a file or connection was lost on the way: this process cannot have more of them open")

// socketAs makes a socket of a descriptor.
func socketAs[T any](d *Decoder, fd int) (s T) {
	v, err := openSocket(fd, listens(&s))
	if err != nil {
		d.Fail(fmt.Errorf("the descriptor is no %v: %w", reflect.TypeFor[T](), err))
		return s
	}
	d.opened(v)
	s, ok := v.(T)
	if !ok {
		d.Fail(fmt.Errorf("the descriptor is a %T, not a %v", v, reflect.TypeFor[T]()))
	}
	return s
}

// listens tells whether s is for a listener, which its descriptor does not say.
func listens(s any) bool {
	switch s.(type) {
	case *net.Listener, **net.TCPListener, **net.UnixListener:
		return true
	}
	return false
}

// openSocket takes over a descriptor, of which package net makes a copy.
func openSocket(fd int, listener bool) (io.Closer, error) {
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	if listener {
		return net.FileListener(f)
	}
	return net.FileConn(f)
}
