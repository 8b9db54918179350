// Package descriptors has what travels as a descriptor of the system: files, connections and listeners.
package descriptors

import (
	"context"
	"io"
	"net"
	"os"
)

// Files passes files, in both directions and in any position.
//
//pingo:plugin
type Files interface {
	// Write writes text to a file of the host.
	Write(ctx context.Context, f *os.File, text string) error
	// Create returns a file that the plugin has opened.
	Create(ctx context.Context, name string) (*os.File, error)
	// Pipe returns the ends of a pipe.
	Pipe() (r, w *os.File, err error)
	// Echo returns what it gets, and does not close it.
	Echo(f *os.File) (*os.File, error)
	// Same returns one file twice.
	Same() (a, b *os.File, err error)
	// Output returns the plugin's standard output, which stays open there.
	Output() (Handle, error)
	// Fail returns a file beside an error.
	Fail() (*os.File, error)
	// Unsendable returns a file beside what cannot be sent.
	Unsendable() (*os.File, any, error)
	// Crash returns a file and panics.
	Crash(f *os.File) (*os.File, error)
	// Keep keeps a file for Kept.
	Keep(f *os.File) error
	Kept() (*os.File, error)
	// Many returns files in the positions in which it gets them.
	Many(b Bundle) (Bundle, error)
	// Pad takes a file with a message that travels in chunks, and returns both.
	Pad(f *os.File, pad []byte) (*os.File, []byte, error)
	// Block waits for the end of the call, and returns a file all the same.
	Block(ctx context.Context, f *os.File) (*os.File, error)
	// Ask calls the host's function with a file, and returns what that returns.
	Ask(ctx context.Context, f func(ctx context.Context, f *os.File) (*os.File, error)) (string, error)
	// Copy is given the same file as a stream.
	Copy(to io.Writer, from io.Reader) (int64, error)
	// Open counts the descriptors that the plugin has open.
	Open() (int, error)
	// Narrow lets the plugin open n more descriptors, and no more.
	Narrow(n int) error
}

// Handle is a file by another name.
type Handle *os.File

// Broken is an error that cannot travel as a whole.
type Broken struct{ File *os.File }

func (b *Broken) Error() string { return b.File.Name() + " is broken" }

// Bundle has files in all positions.
type Bundle struct {
	Name  string
	One   *os.File
	List  []*os.File
	Named map[string]*os.File
	Inner struct{ Two Handle }
	Far   **os.File
}

// Sockets passes connections and listeners.
//
//pingo:plugin failure=zero
type Sockets interface {
	// Dial returns a connection that the plugin has made.
	Dial(network, address string) (net.Conn, error)
	DialTCP(address string) (*net.TCPConn, error)
	// Listen returns a listener.
	Listen(network, address string) (net.Listener, error)
	ListenTCP() (*net.TCPListener, error)
	ListenUnix(path string) (*net.UnixListener, error)
	// Packets returns a socket for packets.
	Packets() (net.PacketConn, error)
	PacketsUDP() (*net.UDPConn, error)
	// Greet writes to a connection of the host, and closes it.
	Greet(conn net.Conn) error
	// Kind tells what it gets.
	Kind(conn net.Conn) (string, error)
	// Serve answers one connection of a listener of the host.
	Serve(l net.Listener) error
	// Wrap returns what it gets in a type of its own.
	Wrap(conn net.Conn) (net.Conn, error)
	// Cast gets a connection of any kind as one of Unix.
	Cast(conn *net.UnixConn) error
	// Accept sends connections one by one.
	Accept(ctx context.Context, l net.Listener) (<-chan net.Conn, error)
	// Open counts the descriptors that the plugin has open.
	Open() (int, error)
}
