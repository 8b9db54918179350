//go:build unix

package descriptors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// files is the plugin's side of Files. As a function in one process would not close
// what it gets, it says so wherever it does: what it gets here is its own.
type files struct{ kept *os.File }

func (*files) Write(_ context.Context, f *os.File, text string) error {
	defer f.Close()
	_, err := io.WriteString(f, text)
	return err
}

func (*files) Create(_ context.Context, name string) (*os.File, error) { return os.Create(name) }
func (*files) Pipe() (r, w *os.File, err error)                        { return os.Pipe() }
func (*files) Echo(f *os.File) (*os.File, error)                       { return f, nil }

func (*files) Same() (a, b *os.File, err error) {
	a, err = os.Open(os.DevNull)
	return a, a, err
}

func (*files) Output() (Handle, error) { return os.Stdout, nil }

var errBeside = errors.New("beside a file")

func (*files) Fail() (*os.File, error) {
	f, _ := os.Open(os.DevNull)
	return f, errBeside
}

func (*files) Unsendable() (*os.File, any, error) {
	f, err := os.Open(os.DevNull)
	return f, struct{ unsendable int }{}, err
}

func (*files) Crash(f *os.File) (*os.File, error) {
	f.Close()
	panic("before it returns")
}

func (fs *files) Keep(f *os.File) error {
	fs.kept = f
	return nil
}

func (fs *files) Kept() (*os.File, error) {
	if fs.kept == nil {
		return nil, &Broken{os.Stdout}
	}
	return fs.kept, nil
}

func (*files) Many(b Bundle) (Bundle, error) { return b, nil }

func (*files) Pad(f *os.File, pad []byte) (*os.File, []byte, error) { return f, pad, nil }

func (*files) Block(ctx context.Context, f *os.File) (*os.File, error) {
	_, _ = io.WriteString(f, "!")
	<-ctx.Done()
	return f, nil
}

func (*files) Ask(ctx context.Context, f func(context.Context, *os.File) (*os.File, error)) (string, error) {
	mine, err := os.Open(os.DevNull)
	if err != nil {
		return "", err
	}
	defer mine.Close()
	got, err := f(ctx, mine)
	if err != nil {
		return "", err
	}
	defer got.Close()
	text, err := io.ReadAll(got)
	return string(text), err
}

func (*files) Copy(to io.Writer, from io.Reader) (int64, error) { return io.Copy(to, from) }
func (*files) Open() (int, error)                               { return open() }

func (*files) Narrow(n int) error {
	already, err := open()
	if err != nil {
		return err
	}
	limit := uint64(already + n)
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: limit, Max: limit})
}

// open counts the descriptors that this process has open, but for the one that it counts with.
func open() (int, error) {
	list, err := os.ReadDir("/dev/fd")
	return len(list) - 1, err
}

// sockets is the plugin's side of Sockets.
type sockets struct{}

func (sockets) Dial(network, address string) (net.Conn, error) { return net.Dial(network, address) }

func (sockets) DialTCP(address string) (*net.TCPConn, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

func (sockets) Listen(network, address string) (net.Listener, error) {
	return net.Listen(network, address)
}

func (sockets) ListenTCP() (*net.TCPListener, error) { return net.ListenTCP("tcp", loopback()) }

func loopback() *net.TCPAddr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (sockets) ListenUnix(path string) (*net.UnixListener, error) {
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}

func (sockets) Packets() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") }

func (sockets) PacketsUDP() (*net.UDPConn, error) {
	return net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
}

func (sockets) Greet(conn net.Conn) error {
	defer conn.Close()
	_, err := io.WriteString(conn, "hello")
	return err
}

func (sockets) Kind(conn net.Conn) (string, error) {
	defer conn.Close()
	return fmt.Sprintf("%T", conn), nil
}

func (sockets) Serve(l net.Listener) error {
	defer l.Close()
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	return echo(conn)
}

// echo sends back what it reads, by this process: what package net copies by the system
// goes through pipes that it keeps, and which the tests would count.
func echo(conn net.Conn) error {
	_, err := io.Copy(struct{ io.Writer }{conn}, struct{ io.Reader }{conn})
	return err
}

type wrapped struct{ *net.TCPConn }

func (sockets) Wrap(conn net.Conn) (net.Conn, error) { return wrapped{conn.(*net.TCPConn)}, nil }

func (sockets) Cast(conn *net.UnixConn) error { return conn.Close() }

func (sockets) Accept(ctx context.Context, l net.Listener) (<-chan net.Conn, error) {
	conns := make(chan net.Conn)
	go func() {
		defer l.Close()
		defer close(conns)
		if conn, err := l.Accept(); err == nil {
			conns <- conn
		}
	}()
	return conns, nil
}

func (sockets) Open() (int, error) { return open() }
