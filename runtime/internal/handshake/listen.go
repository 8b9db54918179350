package handshake

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Listener is a program that was started by hand and waits for a host to attach to
// it. It tells hosts where in a file that only its user can read.
type Listener struct {
	File string // of the invitation
	kind string // of the socket: unix or tcp
}

// invitation is what is in the file.
type invitation struct {
	pid           int
	kind, address string
	host, plugin  secret // what each side has to show
}

// invitationMark is how the file begins.
const invitationMark = "pingo attach 1"

// NewListener makes a directory for the file.
func NewListener() (*Listener, error) {
	dir, err := os.MkdirTemp("", "pingo-attach-")
	if err != nil {
		return nil, err
	}
	l := &Listener{File: filepath.Join(dir, "host"), kind: "unix"}
	if len(l.address()) > maxSocketPath || tryListen(l.address()) != nil {
		l.kind = "tcp"
	}
	return l, nil
}

func (l *Listener) address() string { return filepath.Join(filepath.Dir(l.File), "s") }

// Close removes the file.
func (l *Listener) Close() { removeAll([]string{l.address(), l.File, filepath.Dir(l.File)}) }

// Accept waits for a host, and returns the connection to it, authenticated in both
// directions. It calls ready when hosts can come.
func (l *Listener) Accept(ready func()) (net.Conn, error) {
	_ = os.Remove(l.address()) // which a host before may have left
	nl, err := listen(l.kind, l.address())
	if err != nil {
		return nil, err
	}
	in := invitation{pid: os.Getpid(), kind: l.kind, address: nl.Addr().String(), host: newSecret(), plugin: newSecret()}
	if err := in.write(l.File); err != nil {
		_ = nl.Close() // nobody was told of it
		return nil, err
	}
	ready()
	d := newDoor(in.host, in.plugin, os.Getuid())
	d.listener = nl
	return d.admit(nil)
}

// String is the text of the file.
func (in *invitation) String() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s\n%x\n%x\n", invitationMark, in.pid, in.kind, in.address, in.host, in.plugin)
}

// write writes the file, in the place of the one before, which is not emptied first: who reads
// it meanwhile finds one or the other, and so does who comes when this process was killed.
func (in *invitation) write(file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	text := in.String()
	if _, err = f.WriteString(text); err == nil {
		err = f.Truncate(int64(len(text)))
	}
	return errors.Join(err, f.Close())
}

// parseInvitation reads the text of a file.
func parseInvitation(text string) (*invitation, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 7 || lines[0] != invitationMark {
		return nil, errors.New("it is not what a plugin writes that was started with PINGO_ATTACH=listen, or not by this version")
	}
	in := &invitation{kind: lines[2], address: lines[3]}
	pid, err := strconv.Atoi(lines[1])
	host, err1 := hex.DecodeString(lines[4])
	plugin, err2 := hex.DecodeString(lines[5])
	if err := errors.Join(err, err1, err2); err != nil {
		return nil, err
	}
	if copy(in.host[:], host) != len(secret{}) || copy(in.plugin[:], plugin) != len(secret{}) {
		return nil, errors.New("a key is cut off")
	}
	in.pid = pid
	return in, nil
}

// Dial attaches a host to the program that wrote a file.
func Dial(ctx context.Context, file string) (c net.Conn, pid int, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	in, err := parseInvitation(string(text))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	if c, err = in.dial(ctx); err != nil {
		return nil, 0, err
	}
	o := &Offer{offer: offer{key: in.host}}
	if err := bounded(ctx, c, func() error { return o.authenticate(c, in.plugin) }); err != nil {
		_ = c.Close()
		return nil, 0, err
	}
	return c, in.pid, nil
}

func (in *invitation) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	switch host, _, err := net.SplitHostPort(in.address); {
	case in.kind == "unix":
		return d.DialContext(ctx, "unix", in.address)
	case err != nil:
		return nil, err
	case !net.ParseIP(host).IsLoopback():
		return nil, fmt.Errorf("%s is not on this machine", in.address)
	}
	return d.DialContext(ctx, "tcp", in.address)
}
