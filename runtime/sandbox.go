package pingo

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pingogen/pingogen/runtime/internal/process"
)

// Sandbox lists what a plugin may reach, with all that it starts: nothing that it does not list,
// from before the first instruction of the plugin's program on. What is empty allows
// nothing. See docs/security.md for what it does not hold off.
//
// Paths are those of files, or of directories with all that is in them, and have to exist when the
// plugin starts. Relative ones start at the host's working directory. The plugin's executable need not
// be listed, but a script's interpreter, and the loader and libraries of a program that is not
// static, such as one that uses cgo, need to be in Execute.
type Sandbox struct {
	// Read may be read.
	Read []string

	// Write may be read, written to, and in directories made, renamed and removed. The modes, owners and times
	// of files can be changed by their descriptors, not by their names.
	Write []string

	// Execute may be read and executed.
	Execute []string

	// Connect are the TCP ports that may be connected to, on any machine. There are no other
	// sockets than those of TCP, with the transport unix also Unix sockets: names cannot be looked up over UDP.
	// With the transport unix, Connect also allows to connect to Unix sockets.
	Connect []uint16

	// Bind are the TCP ports that may be listened on; 0 stands for one that the system
	// chooses.
	Bind []uint16
}

func (s *Sandbox) clone() *Sandbox {
	if s == nil {
		return nil
	}
	return &Sandbox{slices.Clone(s.Read), slices.Clone(s.Write), slices.Clone(s.Execute), slices.Clone(s.Connect), slices.Clone(s.Bind)}
}

// process is what the system has to hold, with what a plugin needs that listens for its host: a
// directory for its socket, or a port.
func (s *Sandbox) process(transport, directory string) *process.Sandbox {
	if s == nil {
		return nil
	}
	all := process.Sandbox{
		Read: s.Read, Write: slices.Clone(s.Write), Execute: s.Execute,
		Connect: s.Connect, Bind: slices.Clone(s.Bind), UnixSockets: transport == "unix",
	}
	switch transport {
	case "unix":
		all.Write = append(all.Write, directory)
	case "tcp":
		all.Bind = append(all.Bind, 0)
	}
	return &all
}

// explain says more of why a program could not be started.
func (s *Sandbox) explain(err error) error {
	if s == nil || !errors.Is(err, fs.ErrPermission) || !errors.As(err, new(*fs.PathError)) {
		return err
	}
	return fmt.Errorf("%w: the interpreter of a script, and the loader and libraries of a program that is not static (ldd shows them), have to be in Config.Sandbox.Execute; CGO_ENABLED=0 go build makes a static one of a Go program", err)
}
