package pingo

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/supervise"
)

// The zero values of Config's durations and sizes mean these.
const (
	DefaultStartTimeout = 2 * time.Second
	DefaultGracePeriod  = 2 * time.Second
	DefaultMaxMessage   = 64 << 20
	DefaultSharedMemory = 256 << 10

	DefaultRestartDelay    = 100 * time.Millisecond
	DefaultRestartMaxDelay = 10 * time.Second
	DefaultRestartBudget   = 5
	DefaultRestartWindow   = time.Minute

	DefaultProbeInterval = 10 * time.Second
	DefaultProbeMisses   = 3
)

// Config says what to start and how. Only Path is needed. A Config may be used
// for any number of Plugins; New copies it.
type Config struct {
	// Path is the plugin's executable. It should be absolute: a name without a slash is looked
	// up as package os/exec does, and another relative path starts at Dir.
	Path string

	// Args are the arguments of the plugin, without the name of the program.
	Args []string

	// Dir is the plugin's working directory, where a relative Path begins. Empty means that of the host.
	Dir string

	// Env is added to the environment of the plugin, as "key=value". Of the host's it
	// gets only a few variables that programs need, such as PATH, HOME and the directory
	// for temporary files: docs/security.md lists them. Set Env to os.Environ() to
	// pass everything on. Names that begin with PINGO_ are the runtime's own.
	Env []string

	// SHA256 is the checksum of the executable, in 64 hexadecimal digits: one that has
	// another is refused, with a ChecksumError. The bytes that were hashed are the bytes
	// that run, whatever happens to the file meanwhile; see docs/security.md. It also holds
	// when the plugin is restarted, and for what is swapped in, by Swap or Watch: a plugin that
	// is to be renewed needs a LockFile instead. Empty means that it is not asked for.
	SHA256 string

	// LockFile is a list of such checksums, as sha256sum writes it, with names
	// relative to its directory, and a regular file. It is read at every start: an executable that it does
	// not list, or lists with another checksum, is refused. Empty means none.
	LockFile string

	// Files are open files that the plugin inherits beside stdin, which is empty, stdout
	// and stderr: the first is descriptor 3 in the plugin, the next 4, and so on. The
	// caller keeps them, and may close them when no process will be started any more. No other
	// descriptor of the host reaches the plugin's program. Windows has no such numbers.
	Files []*os.File

	// User and Group are names, or numbers, of whom the plugin runs as. With a User it
	// has that one's own group, unless Group says another, and no others. Only a
	// privileged host can do this. Empty means the host's own. Windows does not have them.
	User  string
	Group string

	// Transport is "unix", "tcp" or "auto", which is also what "" means.
	//
	// auto hands the plugin a connected socket, where the system has such a
	// thing: there is no address, no file and no port that anybody else could
	// find. See SharedMemory. If it cannot be set up, unix is tried and then tcp. With unix and
	// tcp the plugin listens, on a socket of its own in SocketDirectory or on
	// the loopback interface, for this host only.
	Transport string

	// SharedMemory is how many bytes of each direction may be on the way through memory that host and plugin share, on
	// Linux and with the transport auto, instead of through the socket: a small call takes half the time or less, and large
	// ones are copied faster. It is rounded up to a power of two, from 64 KiB to 256 MiB. Each process keeps twice as much for its
	// plugin, once that many have gone through it. Zero means DefaultSharedMemory, where the system has it; a
	// negative value none. If a size is given and memory cannot be shared, the ErrorHandler is told; the plugin starts in
	// any case. One that is attached to has a socket.
	SharedMemory int

	// TLS encrypts what the transport tcp carries, with certificates for this one
	// connection. Host and plugin need to import runtime/pingotls for it. The other
	// transports cannot be listened to, and are not encrypted.
	TLS bool

	// SocketDirectory is where the socket of the unix transport is made. Empty
	// means the directory for temporary files. A path that is too long for a
	// socket is worked around.
	SocketDirectory string

	// StartTimeout bounds the time from Start until the plugin is ready. Zero, or
	// less, means DefaultStartTimeout.
	StartTimeout time.Duration

	// GracePeriod bounds how long Stop lets calls in flight finish, and then how
	// long it lets the plugin exit by itself, before it ends the plugin with all
	// the processes that it started. Calls that have not finished in the first have a quarter of the
	// second to answer, since their contexts end. Zero means DefaultGracePeriod; a negative
	// value means to end it at once.
	GracePeriod time.Duration

	// MaxMessage bounds the arguments and the results of one call, in bytes.
	// Larger ones are errors. It holds in both directions, and the plugin adopts
	// it. Zero means DefaultMaxMessage; what is beyond 2 GiB means that.
	MaxMessage int

	// Limits bound what the plugin may use up, on this machine and in this program.
	Limits Limits

	// Sandbox lists what the plugin may reach of files and network, if it is not nil, and keeps it from
	// other processes. It needs Linux, a kernel with Landlock, and ptrace; where it cannot be held, the start fails.
	Sandbox *Sandbox

	// Restart says whether a plugin that has ended by itself is started again:
	// RestartNever, which is the zero value, RestartOnFailure or RestartAlways.
	//
	// Calls that were under way when it ended fail, calls that are made while it is
	// restarted wait for it. What the plugin had passed by reference is gone with
	// it: calls of that return a CrashError, also when another process runs. A
	// plugin that did not become ready the first time is not restarted.
	Restart Restart

	// RestartDelay is how long a restart waits after the first failure. It doubles
	// with each failure that follows, up to RestartMaxDelay, and is cut by up to
	// half of it at random. Zero means DefaultRestartDelay and DefaultRestartMaxDelay.
	RestartDelay    time.Duration
	RestartMaxDelay time.Duration

	// RestartBudget is how many failures at a time are put up with, restarts that
	// failed included; at one more the plugin is given up, with a GaveUpError. A
	// failure fades evenly within RestartWindow: after half of it, it counts for half. Zero
	// means DefaultRestartBudget and DefaultRestartWindow; a negative RestartBudget
	// means that the plugin is never given up.
	RestartBudget int
	RestartWindow time.Duration

	// ProbeInterval is how often a plugin is asked for a sign of life. One that
	// leaves ProbeMisses in a row unanswered is wedged: it is ended, with a
	// CrashError that wraps ErrWedged, and restarted if Restart says so. A slow
	// method, or many, do not keep a plugin from answering; a process that is
	// stopped, as by a debugger, does not answer. An implementation with a method
	// Health(context.Context) error is asked for that as well, and a plugin
	// that fails it ProbeMisses times in a row ends in the same way, with ErrUnhealthy.
	//
	// Zero means DefaultProbeInterval and DefaultProbeMisses; a negative ProbeInterval
	// means that nothing is asked.
	ProbeInterval time.Duration
	ProbeMisses   int

	// Watch is how often the executable is looked at. When there is another one at its path, and that has not
	// changed for half a second, it is swapped in as by Plugin.Swap, and calls that the old process
	// has not finished within GracePeriod are cancelled, and fail with ErrSwapped. If it is not fit to take calls, the old
	// process goes on, Events and ErrorHandler are told, and it is not tried again before it
	// changes, or is what a restart finds. A restart that fails with a file which has changed since a process became ready does not
	// end the plugin when RestartBudget is used up: another is waited for, and until there is one that becomes ready calls fail. Each process of a Pool is swapped by itself. Zero, or less, means that nobody looks.
	Watch time.Duration

	// Events is told what happens to the plugin, in the order in which it happens,
	// by one goroutine at a time that nobody waits for. Nil means that nobody
	// wants to know. If it does not keep up, so that 10,000 events wait or 16 MiB of text, output
	// and failed calls are left out, and it is told how many.
	Events func(Event)

	// LogHandler takes the records that are logged in the plugin with package log/slog, as
	// records: see the function LogHandler, which the plugin's side has without asking for it. It is
	// asked for the lowest level that it takes, so that others are not even sent; when that
	// changes, the plugin knows about a second later. It is given an attribute "plugin", which is Plugin.String, so that one handler does
	// for several. Nil means the handler of slog.Default; slog.DiscardHandler means that nothing is logged.
	LogHandler slog.Handler

	// Wire is given each connection to a process before anything is said on it, and returns the one that
	// is used in its place. It is for tests, which count, record or disturb what
	// goes over it, as package pingotest does, and costs time even if it returns what it got. Nil means
	// that the connection is used as it is.
	Wire func(net.Conn) net.Conn

	// Intercept runs around each call that the host makes of the plugin, and around each
	// that the plugin makes of the host; the first is the outermost. See [Interceptor].
	Intercept []Interceptor

	// ErrorHandler is told of errors outside of calls and of the plugin's
	// output. Nil means a DefaultErrorHandler.
	ErrorHandler ErrorHandler
}

// withDefaults returns a copy with every zero replaced. It panics when the
// transport is none, or cannot share memory.
func (c Config) withDefaults() Config {
	switch c.Transport {
	case "":
		c.Transport = "auto"
	case "auto", "unix", "tcp":
	default:
		panic(fmt.Sprintf("pingo: invalid transport %q: use \"unix\", \"tcp\" or \"auto\"", c.Transport))
	}
	if c.SharedMemory > 0 && c.Transport != "auto" {
		panic(fmt.Sprintf("pingo: Config.SharedMemory needs the transport \"auto\", not %q", c.Transport))
	}
	c.Args = slices.Clone(c.Args)
	c.Env = slices.Clone(c.Env)
	c.Files = slices.Clone(c.Files)
	c.Intercept = slices.Clone(c.Intercept)
	c.StartTimeout = positive(c.StartTimeout, DefaultStartTimeout)
	c.GracePeriod = cmp.Or(c.GracePeriod, DefaultGracePeriod)
	c.MaxMessage = positive(c.MaxMessage, DefaultMaxMessage)
	c.Limits = c.Limits.withDefaults()
	c.Sandbox = c.Sandbox.clone()
	c.ProbeInterval = cmp.Or(c.ProbeInterval, DefaultProbeInterval)
	c.ProbeMisses = positive(c.ProbeMisses, DefaultProbeMisses)
	c.RestartDelay = positive(c.RestartDelay, DefaultRestartDelay)
	c.RestartMaxDelay = positive(c.RestartMaxDelay, DefaultRestartMaxDelay)
	c.RestartBudget = cmp.Or(c.RestartBudget, DefaultRestartBudget)
	c.RestartWindow = positive(c.RestartWindow, DefaultRestartWindow)
	if c.ErrorHandler == nil {
		c.ErrorHandler = NewDefaultErrorHandler()
	}
	return c
}

// positive is a setting, or what it means when it is zero or less.
func positive[T int | time.Duration](setting, means T) T {
	if setting <= 0 {
		return means
	}
	return setting
}

// policy is when the plugin is restarted, and when it is given up.
func (c *Config) policy() supervise.Policy {
	return supervise.Policy{Delay: c.RestartDelay, MaxDelay: c.RestartMaxDelay, Window: c.RestartWindow, Budget: c.RestartBudget}
}
