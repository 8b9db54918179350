package pingo_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/soak"
)

// state is a row.
type state struct {
	name  string
	make  func(exe, dir string) *subject
	extra time.Duration // that its end may take beside what the action says
	procs int           // how many processes there are
	deaf  bool          // signals other than SIGKILL do not end it
}

var states = []state{
	{name: "never started", make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.p = pingo.New(s.cfg)
		return s
	}},
	{name: "starting", procs: 1, make: func(exe, _ string) *subject {
		s := newSubject(exe, "idle")
		s.p = pingo.New(s.cfg)
		s.p.Start()
		s.call(func() error { return s.p.Call("Lab.Echo", "x", nil) })
		s.started(1)
		return s
	}},
	{name: "idle", procs: 1, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.cfg.ErrorHandler = quiet{}
		_ = s.start()
		return s
	}},
	{name: "in a call", procs: 1, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.hang()
		return s
	}},
	{name: "streaming", procs: 1, make: func(exe, dir string) *subject {
		s := newSubject(exe, "worker", filepath.Join(dir, "notes"))
		_ = s.start()
		seq, err := soak.NewWorkerClient(s.p).Count(context.Background(), 1<<40)
		flowing := make(chan struct{})
		s.call(func() error {
			for n, failure := range seq {
				if err = failure; err == nil && n == 1000 {
					close(flowing)
				}
			}
			return err
		})
		<-flowing
		return s
	}},
	{name: "holding references", procs: 1, make: func(exe, dir string) *subject {
		s := newSubject(exe, "worker", filepath.Join(dir, "notes"))
		_ = s.start()
		c, err := soak.NewWorkerClient(s.p).Open(context.Background(), 1)
		s.after = func() error {
			if err == nil {
				_, err = c.Next(context.Background())
			}
			return err
		}
		return s
	}},
	{name: "stopped by SIGSTOP, in a call", procs: 1, deaf: true, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.hang()
		_ = syscall.Kill(s.started(1)[0], syscall.SIGSTOP)
		return s
	}},
	{name: "ignoring signals, in a call", procs: 1, deaf: true, make: func(exe, _ string) *subject {
		s := newSubject(exe, "ignorant")
		s.hang()
		return s
	}},
	{name: "with 20 children", procs: 1, extra: atOnce, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		_ = s.start()
		for range 20 {
			_ = s.p.Call("Lab.Spawn", 0, nil)
		}
		return s
	}},
	{name: "fork-bombing within its limit", procs: 1, extra: atOnce, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		limit := 50
		user, alone := aloneAs(&s.cfg)
		if alone {
			s.left = func() int { return tasksOf(user) }
		} else {
			limit += tasksOf(user)
		}
		if alone && mayLimitOthers() {
			s.cfg.Limits.Processes = 2 * limit // the plugin does not die of what its children cannot have
		}
		_ = s.start()
		s.failed = s.p.Call("Lab.Bomb", limit, nil)
		return s
	}},
	{name: "output that nobody takes", procs: 1, extra: 2 * time.Second, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		full, release := make(chan struct{}), make(chan struct{})
		var once sync.Once
		s.cfg.ErrorHandler = lineHandler(func() {
			once.Do(func() { close(full) })
			<-release
		})
		s.cleanup = func() { close(release) }
		_ = s.start()
		s.call(func() error { return s.p.Call("Lab.Flood", 0, nil) })
		<-full
		return s
	}},
	{name: "a stranger holds its output", procs: 1, extra: exitBound, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		_ = s.start()
		var stranger int
		_ = s.p.Call("Lab.Escape", 0, &stranger)
		s.cleanup = func() { _ = syscall.Kill(stranger, syscall.SIGKILL) }
		return s
	}},
	{name: "already dead", make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		if s.start() == nil {
			_ = s.p.Call("Lab.Exit", 1, nil)
			<-s.p.Done()
		}
		return s
	}},
	{name: "in a swap", procs: 2, make: func(exe, dir string) *subject {
		s := newSubject(exe, "lab")
		_ = s.start()
		silent := filepath.Join(dir, "silent.sh")
		_ = os.WriteFile(silent, []byte("#!/bin/sh\nexec '"+exe+"' "+helperPrefix+"idle\n"), 0o700)
		s.call(func() error { return s.p.Swap(context.Background(), silent) })
		s.started(2)
		return s
	}},
}

// Flood writes to stdout for ever.
func (*Lab) Flood(_ int, _ *int) error {
	for {
		fmt.Println("flood")
	}
}

// Escape starts a process outside of the group, which holds the output, and ends by itself if
// nobody is left to end it.
func (*Lab) Escape(_ int, pid *int) error {
	cmd := exec.Command("sleep", "20")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	*pid = cmd.Process.Pid
	return nil
}

// Bomb starts processes on and on, of which n can be at a time, this one's threads included. It returns when there
// are as many.
func (*Lab) Bomb(n int, _ *int) error {
	bomb := func() error {
		return exec.Command("/bin/sh", "-c", fmt.Sprintf("{ ulimit -p %[1]d || ulimit -u %[1]d; } 2>/dev/null; while sleep 20 & do :; done", n)).Run()
	}
	if err := bomb(); !errors.As(err, new(*exec.ExitError)) {
		return fmt.Errorf("the bomb did not end for want of processes: %w", err)
	}
	go func() {
		for {
			_ = bomb()
		}
	}()
	return nil
}

var aloneUsers atomic.Int32

// ownSum is the checksum of this program.
var ownSum = sync.OnceValue(func() string {
	content, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
})

// aloneAs has a plugin run as a user who runs nothing else, if this process may.
func aloneAs(cfg *pingo.Config) (user string, alone bool) {
	if os.Geteuid() != 0 {
		return strconv.Itoa(os.Geteuid()), false
	}
	user = strconv.Itoa(10_000 + (os.Getpid()*64+int(aloneUsers.Add(1)))%50_000)
	cfg.User, cfg.Group, cfg.Dir, cfg.SHA256 = user, "65534", "/", ownSum() // so that the user need not be able to read it
	return user, true
}

// tasksOf counts the threads of a user's processes.
func tasksOf(user string) (n int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		content, _ := os.ReadFile(filepath.Join(dir, "status"))
		status := string(content)
		if _, threads, ok := strings.Cut(status, "\nThreads:"); ok && strings.Contains(status, "\nUid:\t"+user+"\t") && !strings.Contains(status, "State:\tZ") {
			one := 0
			_, _ = fmt.Sscan(threads, &one)
			n += one
		}
	}
	return n
}
