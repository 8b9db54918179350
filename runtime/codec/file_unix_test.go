//go:build unix

package codec

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// passer is a Peer that passes descriptors, unless err says why not.
type passer struct {
	Peer
	err error
}

func (p passer) PassesFiles() error { return p.err }

func countOpen(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/dev/fd")
	require.NoError(t, err)
	return len(list)
}

// holdings are all that travels as a descriptor.
type holdings struct {
	file   *os.File
	tcp    *net.TCPConn
	unix   *net.UnixListener
	conn   net.Conn
	packet net.PacketConn
	listen net.Listener
}

func (h *holdings) Encode(e *Encoder) {
	EncodeFile(e, h.file)
	EncodeSocket(e, h.tcp)
	EncodeSocket(e, h.unix)
	serve := func() *Service { return &Service{} }
	EncodeConnection(e, h.conn == nil, h.conn, nil, serve)
	EncodeConnection(e, h.packet == nil, h.packet, nil, serve)
	EncodeConnection(e, h.listen == nil, h.listen, nil, serve)
}

func (h *holdings) Decode(d *Decoder) {
	h.file = DecodeFile(d)
	h.tcp = DecodeSocket[*net.TCPConn](d)
	h.unix = DecodeSocket[*net.UnixListener](d)
	h.conn = DecodeInterface(d, func(*Reference) net.Conn { return nil })
	h.packet = DecodeInterface(d, func(*Reference) net.PacketConn { return nil })
	h.listen = DecodeInterface(d, func(*Reference) net.Listener { return nil })
}

func (h *holdings) close() {
	h.file.Close() // which is allowed for nil
	if h.tcp != nil {
		h.tcp.Close()
	}
	if h.unix != nil {
		h.unix.Close()
	}
	for _, c := range []io.Closer{h.conn, h.packet, h.listen} {
		if c != nil {
			c.Close()
		}
	}
}

// all opens one of each.
func all(t testing.TB) *holdings {
	file, err := os.Open(os.DevNull)
	require.NoError(t, err)
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	tcp, err := net.Dial("tcp", listen.Addr().String())
	require.NoError(t, err)
	conn, err := listen.Accept()
	require.NoError(t, err)
	unix, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
	require.NoError(t, err)
	packet, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	return &holdings{file, tcp.(*net.TCPConn), unix, conn, packet, listen}
}

func TestHoldings(t *testing.T) {
	before := countOpen(t)
	sent := all(t)
	opened := countOpen(t)
	var e Encoder
	e.Attach(passer{})
	e.Message(sent)
	require.NoError(t, e.Err())
	require.Len(t, e.Files(), 6)
	require.Equal(t, opened+6, countOpen(t))
	var d Decoder
	d.Reset(e.Buffer(), false)
	d.Bring(e.Files())
	var got holdings
	require.NoError(t, d.Message(&got))
	require.Equal(t, opened+6, countOpen(t))
	require.Equal(t, os.DevNull, got.file.Name())
	require.Equal(t, sent.tcp.LocalAddr().String(), got.tcp.LocalAddr().String())
	require.Equal(t, sent.unix.Addr().String(), got.unix.Addr().String())
	require.Equal(t, sent.conn.RemoteAddr().String(), got.conn.RemoteAddr().String())
	require.Equal(t, sent.packet.LocalAddr().String(), got.packet.LocalAddr().String())
	require.Equal(t, sent.listen.Addr().String(), got.listen.Addr().String())
	got.close()
	sent.close()
	require.Equal(t, before, countOpen(t))
}

// What a reply mentions is closed when it is encoded, or cannot be.
func TestHoldingsThatAreGivenAway(t *testing.T) {
	for _, fails := range []bool{false, true} {
		before := countOpen(t)
		given := all(t)
		var e Encoder
		e.Attach(passer{})
		e.Gives()
		e.Message(given)
		require.NoError(t, e.Err())
		if fails {
			e.Fail(errors.New("later"))
			e.Unexport()
		} else {
			e.CloseGiven()
			require.Equal(t, before+6, countOpen(t))
			e.Files().Close()
		}
		require.Equal(t, before, countOpen(t))
		require.ErrorIs(t, given.file.Close(), os.ErrClosed)
		require.ErrorIs(t, given.conn.Close(), net.ErrClosed)
	}
}

func TestHoldingsThatCannotBeSent(t *testing.T) {
	sent := all(t)
	defer sent.close()
	why := errors.New("no way")
	for _, c := range []struct {
		encode func(*Encoder)
		want   string
	}{
		{func(e *Encoder) { EncodeFile(e, sent.file) }, "the file /dev/null cannot be sent: no way; what is in it can be, by an io.Reader or io.Writer"},
		{func(e *Encoder) { EncodeSocket(e, sent.tcp) }, "a *net.TCPConn cannot be sent: no way; as a net.Conn it can be, by reference"},
		{func(e *Encoder) { EncodeSocket(e, sent.unix) }, "a *net.UnixListener cannot be sent: no way; as a net.Listener it can be, by reference"},
	} {
		before := countOpen(t)
		var e Encoder
		e.Attach(passer{err: why})
		c.encode(&e)
		require.ErrorIs(t, e.Err(), why)
		require.EqualError(t, e.Err(), c.want)
		e.Attach(passer{})
		require.Empty(t, e.Files())
		require.Equal(t, before, countOpen(t))
	}
	var e Encoder
	EncodeFile(&e, sent.file)
	require.ErrorContains(t, e.Err(), "the file /dev/null cannot be sent: descriptors travel in parameters and results only, not in items of streams")
	e.Reset(nil)
	e.Any(sent.file)
	require.EqualError(t, e.Err(), "a value of type *os.File in an any cannot be sent: a *os.File can only be sent where the contract says that there is one: leave it out with the tag `pingo:\"-\"`")
	e.Reset(nil)
	EncodeFile(&e, nil)
	require.NoError(t, e.Err())
}

// FuzzFiles decodes messages that say one thing, and descriptors that say another:
// nothing stays open.
func FuzzFiles(f *testing.F) {
	var e Encoder
	e.Attach(passer{})
	h := all(f)
	e.Message(h)
	h.close()
	e.Files().Close()
	f.Add(e.Buffer(), []byte{0, 1, 2, 1, 3, 2})
	f.Add(e.Buffer(), []byte{0, 0, 0, 0, 0, 0})
	f.Add(e.Buffer(), []byte{3, 1})
	f.Add(e.Buffer(), []byte{4, 1})
	f.Add([]byte("\x04\x01\x00\x04\x01\x00\x00\x00\x00\x00"), []byte{0, 1})
	f.Add([]byte("\x04\x00\x00\x00\x00\x04\x01\x00\x00\x00"), []byte{2, 0, 1, 3})
	f.Fuzz(func(t *testing.T, msg, kinds []byte) {
		before := countOpen(t)
		var files Files
		for _, kind := range kinds[:min(len(kinds), MaxFiles)] {
			files = append(files, openAny(t, kind))
		}
		var d Decoder
		d.Reset(msg, false)
		d.Bring(files)
		var got holdings
		if d.Message(&got) == nil {
			got.close()
		}
		require.Equal(t, before, countOpen(t))
	})
}

// openAny opens something, or stands for what was lost.
func openAny(t *testing.T, kind byte) (fd int) {
	var err error
	switch kind % 5 {
	case 0:
		fd, err = syscall.Open(os.DevNull, syscall.O_RDWR, 0)
	case 1:
		fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	case 2:
		fd, err = syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	case 3:
		fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	case 4:
		return LostFile
	}
	require.NoError(t, err)
	return fd
}
