package pingo

import (
	"fmt"
	"slices"
	"time"
)

// The zero values of Config's durations and sizes mean these.
const (
	DefaultStartTimeout = 2 * time.Second
	DefaultGracePeriod  = 2 * time.Second
	DefaultMaxMessage   = 64 << 20
)

// Config says what to start and how. Only Path is needed. A Config may be used
// for any number of Plugins; New copies it.
type Config struct {
	// Path is the plugin's executable. It should be absolute; a name without a
	// slash is looked up as package os/exec does.
	Path string

	// Args are the arguments of the plugin, without the name of the program.
	Args []string

	// Dir is the plugin's working directory. Empty means that of the host.
	Dir string

	// Env is the environment of the plugin, as "key=value", added to the few
	// variables that programs need on this system, such as PATH, HOME and the
	// directory for temporary files. Nothing else of the host's environment
	// reaches the plugin: set Env to os.Environ() to pass everything on.
	// Variables whose names begin with PINGO_ are the runtime's own.
	Env []string

	// Transport is "unix", "tcp" or "auto", which is also what "" means.
	//
	// auto hands the plugin a connected socket, where the system has such a
	// thing: there is no address, no file and no port that anybody else could
	// find. If it cannot be set up, unix is tried and then tcp. With unix and
	// tcp the plugin listens, on a socket of its own in SocketDirectory or on
	// the loopback interface, for this host only.
	Transport string

	// SocketDirectory is where the socket of the unix transport is made. Empty
	// means the directory for temporary files. A path that is too long for a
	// socket is worked around.
	SocketDirectory string

	// StartTimeout bounds the time from Start until the plugin is ready. Zero, or
	// less, means DefaultStartTimeout.
	StartTimeout time.Duration

	// GracePeriod bounds how long Stop lets calls in flight finish, and then how
	// long it lets the plugin exit by itself, before it ends the plugin with all
	// the processes that it started. Zero means DefaultGracePeriod; a negative
	// value means to end it at once.
	GracePeriod time.Duration

	// MaxMessage bounds the arguments and the results of one call, in bytes.
	// Larger ones are errors. It holds in both directions, and the plugin adopts
	// it. Zero means DefaultMaxMessage; what is beyond 2 GiB means that.
	MaxMessage int

	// ErrorHandler is told of errors outside of calls and of the plugin's
	// output. Nil means a DefaultErrorHandler.
	ErrorHandler ErrorHandler
}

// withDefaults returns a copy with every zero replaced. It panics when the
// transport is none.
func (c Config) withDefaults() Config {
	switch c.Transport {
	case "":
		c.Transport = "auto"
	case "auto", "unix", "tcp":
	default:
		panic(fmt.Sprintf("pingo: invalid transport %q: use \"unix\", \"tcp\" or \"auto\"", c.Transport))
	}
	c.Args = slices.Clone(c.Args)
	c.Env = slices.Clone(c.Env)
	if c.StartTimeout <= 0 {
		c.StartTimeout = DefaultStartTimeout
	}
	if c.GracePeriod == 0 {
		c.GracePeriod = DefaultGracePeriod
	}
	if c.MaxMessage <= 0 {
		c.MaxMessage = DefaultMaxMessage
	}
	if c.ErrorHandler == nil {
		c.ErrorHandler = NewDefaultErrorHandler()
	}
	return c
}
