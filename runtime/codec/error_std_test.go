package codec

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStandardTypes(t *testing.T) {
	for _, in := range []error{
		&fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist},
		&fs.PathError{Op: "open", Path: "/x", Err: syscall.Errno(2)},
		&os.LinkError{Op: "rename", Old: "/x", New: "/y", Err: fs.ErrPermission},
		os.NewSyscallError("read", syscall.Errno(11)),
		&strconv.NumError{Func: "Atoi", Num: "x", Err: strconv.ErrSyntax},
		&time.ParseError{Layout: time.DateOnly, Value: "x", LayoutElem: "2006", ValueElem: "x"},
		&time.ParseError{Value: "x", Message: ": no time"},
		syscall.Errno(13),
		&net.AddrError{Err: "missing port in address", Addr: "x"},
		&net.DNSError{Err: "no such host", Name: "x", Server: "127.0.0.1:53", IsNotFound: true},
		&net.DNSError{UnwrapErr: context.DeadlineExceeded, Err: "x", Name: "y", IsTimeout: true, IsTemporary: true},
		&net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept", syscall.ECONNRESET)},
		&net.OpError{Op: "read", Net: "unix", Err: os.ErrDeadlineExceeded},
		&net.ParseError{Type: "IP address", Text: "x"},
		net.InvalidAddrError("x"), net.UnknownNetworkError("y"),
		&url.Error{Op: "parse", URL: "%", Err: url.EscapeError("%")},
		&url.Error{Op: "Get", URL: "http://x", Err: context.DeadlineExceeded},
		url.InvalidHostError(" "),
	} {
		got := crossed(t, in)
		require.Equal(t, in, got)
		require.EqualError(t, got, in.Error())
		requireSameAnswers(t, in, got)
		requireSameShape(t, fmt.Errorf("wrapped: %w", in), crossed(t, fmt.Errorf("wrapped: %w", in)))
	}
}

// TestErrorsAsTheyComeFromTheLibrary lets errors cross that the library's own
// functions return.
func TestErrorsAsTheyComeFromTheLibrary(t *testing.T) {
	_, open := os.Open(filepath.Join(t.TempDir(), "none"))
	_, number := strconv.ParseInt("99999999999999999999", 10, 64)
	_, date := time.Parse(time.DateOnly, "2024-13-01")
	_, parse := url.Parse("http://[" + t.Name())
	_, addr := netip.ParseAddr("x")
	_, port := net.ResolveTCPAddr("tcp", "127.0.0.1")
	_, network := net.Dial("none", "x")
	closed := os.NewFile(^uintptr(0), "x").Close()
	over, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, late := new(net.Dialer).DialContext(over, "tcp", "127.0.0.1:1")
	for _, in := range []error{open, number, date, parse, addr, port, network, closed, late, over.Err(), context.Cause(over)} {
		if in == nil {
			continue
		}
		got := crossed(t, in)
		requireSameShape(t, in, got)
		requireSameAnswers(t, in, got)
	}
	require.ErrorIs(t, crossed(t, open), fs.ErrNotExist)
	require.ErrorIs(t, crossed(t, number), strconv.ErrRange)
	require.ErrorIs(t, crossed(t, late), context.DeadlineExceeded)
}

func TestAddressesOfAnOpError(t *testing.T) {
	in := &net.OpError{Op: "dial", Net: "tcp", Err: io.EOF,
		Source: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1},
		Addr:   &net.UnixAddr{Net: "unix", Name: "/x"},
	}
	got := crossed(t, in).(*net.OpError)
	require.EqualError(t, got, in.Error())
	for _, pair := range [][2]net.Addr{{in.Source, got.Source}, {in.Addr, got.Addr}} {
		require.Equal(t, pair[0].Network(), pair[1].Network())
		require.Equal(t, pair[0].String(), pair[1].String())
	}
	require.Equal(t, got, crossed(t, got))
}

// TestErrnoOfAnotherSystem: its number would mean something else, but its text
// and what it matches still hold.
func TestErrnoOfAnotherSystem(t *testing.T) {
	got := withFingerprint(t, syscall.ENOENT, 1)
	require.EqualError(t, got, syscall.ENOENT.Error())
	require.ErrorIs(t, got, fs.ErrNotExist)
	require.NotErrorIs(t, got, syscall.ENOENT)
}
