// Package process runs the plugin's process: start, output, signals, the end of
// its group, and what is known of how it ended.
//
// A process leads a group of its own (unix) or a job (windows), so that it ends
// together with all the processes that it started. The group is signalled only
// while its leader is not reaped, so that its number cannot be anybody else's.
package process

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/executable"
)

// Config says what to run.
type Config struct {
	Path   string
	Args   []string
	Dir    string
	Env    []string // all of it
	Limits Limits
	// Sandbox is all that the process may reach, if it is not nil.
	Sandbox *Sandbox
	// OutputRate is how many bytes of output are read in a second; who writes more has to
	// wait. Zero means all. Flood is told when that begins.
	OutputRate int
	Flood      func()
	As         *Identity // whom it runs as; nil for this process's own
	// Image is what runs, if it is not nil. Path is then what the child is told that it is.
	Image *executable.Copy
	Files []*os.File // descriptors 3, 4 and so on of the child
	Pass  []*os.File // what it inherits beside these, wherever; see Refs
	// Refs returns the environment variables that tell the child where the files of
	// Pass are; it gets their numbers in the child.
	Refs func(numbers []uintptr) []string
	// Line gets the lines of stdout and stderr, one at a time, from a goroutine
	// that may be kept waiting: see output.
	Line func(Line)
}

// Identity is a user and a group.
type Identity struct{ User, Group uint32 }

// Process is a started process. All methods may be called from any goroutine.
type Process struct {
	cmd    *exec.Cmd
	group  group
	limits *limiter
	output *output
	exited context.Context    // over when the process is, its group killed and its status known,
	exit   context.CancelFunc // which this says

	mu   sync.Mutex // protects following
	over bool       // the group must not be signalled any more
	how  Exit
}

// Exit is how a process ended.
type Exit struct {
	Code   int       // -1 if a signal ended it, or if it is not known
	Signal os.Signal // nil if none
	Use    Use
}

// Start runs a process. The caller keeps the files and the copy, and closes them.
func Start(cfg Config) (*Process, error) {
	out, err := newOutput(cfg)
	if err != nil {
		return nil, err
	}
	defer out.closeChildEnds()
	p := &Process{output: out}
	p.exited, p.exit = context.WithCancel(context.Background())
	if err := p.start(cfg); err != nil {
		out.abandon()
		return nil, err
	}
	out.start()
	return p, nil
}

// executeCopy makes cmd execute a copy of an executable, which it believes to be at path.
func executeCopy(cmd *exec.Cmd, path string, c *executable.Copy) (release func(), _ error) {
	cmd.Err = nil // path need not be found
	cmd.Args[0] = path
	if c.Image == nil {
		cmd.Path = c.Path
		return func() {}, nil
	}
	f, err := executeFile(cmd, c.Image)
	if err != nil {
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

// start prepares the command and starts it. The child inherits what is listed here,
// and nothing else.
func (p *Process) start(cfg Config) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	p.cmd = exec.Command(cfg.Path, cfg.Args...)
	p.cmd.Dir = cfg.Dir
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = null, p.output.stdout.child, p.output.stderr.child
	if p.group, err = newGroup(p.cmd); err != nil {
		return err
	}
	if cfg.As != nil {
		become(p.cmd, *cfg.As)
	}
	if p.limits, err = newLimiter(p.cmd, cfg); err == nil {
		if err = p.launch(cfg); err != nil {
			p.limits.abandon()
		}
	}
	if err != nil {
		p.group.close()
	}
	return err
}

// launch starts the command with what it inherits.
func (p *Process) launch(cfg Config) error {
	numbers, err := pass(p.cmd, cfg.Files, cfg.Pass)
	if err != nil {
		return err
	}
	p.cmd.Env = slices.Clone(cfg.Env)
	if cfg.Refs != nil {
		p.cmd.Env = append(p.cmd.Env, cfg.Refs(numbers)...)
	}
	if cfg.Image != nil {
		release, err := executeCopy(p.cmd, cfg.Path, cfg.Image)
		if err != nil {
			return err
		}
		defer release()
	}
	cell, err := newCell(p.cmd, cfg)
	if err != nil {
		return err
	}
	defer cell.close()
	started := make(chan error)
	go p.live(cell, started, make(chan struct{}))
	return <-started
}

// live starts the process and waits for its end on one thread, which ends no
// sooner than the process or this program: some systems tell a process when the
// thread that started it ends.
//
// The thread is not the main one, and has no children, so that all that it will have to wait for is the
// process's doing. It closes taken. It is used again afterwards: it would be missed at once. But a thread that
// is in the process's sandbox could be reached from there: it opens
// no files, is never unlocked, ends with this goroutine, and lets the process begin by that.
func (p *Process) live(cell *cell, started chan<- error, taken chan struct{}) {
	runtime.LockOSThread()
	if !threadIsFree() {
		defer runtime.UnlockOSThread() // not before, or the other might be this one
		other := make(chan struct{})
		go p.live(cell, started, other)
		<-other
		close(taken)
		return
	}
	close(taken)
	if !cell.closed() {
		defer runtime.UnlockOSThread()
	}
	err := cell.enter()
	if err == nil {
		err = p.begin()
	}
	if err == nil && cell.closed() {
		go p.liveOn(cell.resume(p.cmd.Process), started)
		return
	}
	started <- err
	if err == nil {
		p.reap(true)
		p.finish()
	}
}

// liveOn lets a process begin that was started in a sandbox, and waits for its end.
func (p *Process) liveOn(resume func(), started chan<- error) {
	resume()
	started <- nil
	p.reap(false)
	p.finish()
}

// begin starts the process within its limits.
func (p *Process) begin() error {
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.group.add(p.cmd.Process)
	err := p.limits.apply(p.cmd.Process)
	if err != nil { // then it must not go on
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
	return err
}

// reap sees the process end, ends what is left of its group, and only then
// lets go of its number. Own tells whether the calling thread has started it.
func (p *Process) reap(own bool) {
	reap(p.cmd, own, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.over = true
		p.group.kill()
	})
}

// finish tells how the process has ended.
func (p *Process) finish() {
	p.mu.Lock()
	p.how = exitOf(p.cmd.ProcessState)
	p.how.Use = p.limits.end(p.cmd.ProcessState)
	p.mu.Unlock()
	p.group.close()
	p.exit()
}

// Pid is the number of the process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Exited is closed when the process has ended. What it left in its group is
// killed by then.
func (p *Process) Exited() <-chan struct{} { return p.exited.Done() }

// AfterExit calls f, on a goroutine of its own, when Exited is closed, unless stop was called before.
func (p *Process) AfterExit(f func()) (stop func() bool) { return context.AfterFunc(p.exited, f) }

// Exit is how the process ended, once Exited is closed.
func (p *Process) Exit() Exit {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.how
}

// Terminate asks the group to end, where the system has such a request.
func (p *Process) Terminate() { p.signal(group.terminate) }

// Kill ends the group, and the control group with all that has left the group: who traces the
// process from there keeps it from being reaped.
func (p *Process) Kill() {
	p.signal(func(g group) {
		g.kill()
		p.limits.kill()
	})
}

func (p *Process) signal(f func(group)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		f(p.group)
	}
}

// Flush returns when all output has been read, or after a moment if a process
// that left the group still holds it. No more is read after that.
func (p *Process) Flush(atMost time.Duration) { p.output.flush(atMost) }

// Deliver returns when Line has got all that was read, or after a while; the
// rest is dropped then. It follows Flush.
func (p *Process) Deliver(atMost time.Duration) { p.output.deliver(atMost) }

// Stderr is the last lines of stderr, oldest first.
func (p *Process) Stderr() []string { return p.output.tail.lines() }
