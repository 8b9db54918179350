// Package descriptors mentions files and connections where they cannot travel.
package descriptors

import (
	"context"
	"io/fs"
	"iter"
	"net"
	"os"
)

//pingo:plugin failure=zero
type Store interface {
	Fine(f *os.File, conns []*net.TCPConn, m map[string]struct{ L *net.UnixListener }) (Handle, Mine, net.Conn, error)
	Root(r *os.Root) error
	Copied(f os.File, l [2]net.TCPListener) error
	Key(m map[*os.File]int) error
	Hidden(h hidden) error
	Items(c <-chan *os.File) error
	Sends(c chan<- []*net.UDPConn) error
	Sequence(s iter.Seq2[string, Item]) error
	Errors() (iter.Seq2[*os.File, error], error)
	Inside(m map[string]iter.Seq2[int, Handle]) error
	Visit(visit func(ctx context.Context, f *os.File) (*os.File, error)) error
	Functions(c <-chan func() (*os.File, error)) error
	Conns(c <-chan net.Conn, ls iter.Seq2[net.Listener, error]) error
	File(f fs.File) error
}

// Handle is a file by another name.
type Handle *os.File

// Mine is the same type.
type Mine = *os.File

// hidden is another one.
type hidden os.File

// Item has one far below, which contains itself.
type Item struct {
	Again *Item
	Files map[string]*struct{ Inner **os.File }
}
