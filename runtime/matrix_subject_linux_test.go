package pingo_test

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// subject is a plugin in a state, and what has been called.
type subject struct {
	cfg     pingo.Config
	p       *pingo.Plugin
	pending chan error // the results of calls that are under way
	calls   int        // how many these are
	after   func() error
	left    func() int // how many tasks are left of it, if that can be seen
	cleanup func()
	failed  error // why the state could not be reached

	mu    sync.Mutex // protects following
	pids  []int      // of the processes, in the order of their start
	conns []*os.File // copies of the host's ends
}

// newSubject is a plugin that was not started.
func newSubject(exe, helper string, args ...string) *subject {
	s := &subject{pending: make(chan error, 10), cleanup: func() {}}
	s.cfg = pingo.Config{
		Path: exe, Args: append([]string{helperPrefix + helper}, args...),
		StartTimeout: patience, GracePeriod: matrixGrace, ProbeInterval: -1, ErrorHandler: quiet{},
		Events: func(e pingo.Event) {
			if started, ok := e.(pingo.EventStarted); ok {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.pids = append(s.pids, started.Pid)
			}
		},
		Wire: func(c net.Conn) net.Conn {
			if f, err := socketOf(c).File(); err == nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.conns = append(s.conns, f)
			}
			return c
		},
	}
	return s
}

// socketOf is the socket of a connection that was dialed.
func socketOf(c net.Conn) interface{ File() (*os.File, error) } {
	if s, ok := c.(*transport.Sharing); ok {
		c = s.Conn
	}
	return c.(interface{ File() (*os.File, error) })
}

func (s *subject) start() error {
	s.p = pingo.New(s.cfg)
	s.p.Start()
	return s.p.Ready(context.Background())
}

// call makes a call that will not end by itself.
func (s *subject) call(f func() error) {
	s.calls++
	go func() { s.pending <- f() }()
}

// hang makes a call and waits until it has arrived.
func (s *subject) hang() {
	printed := make(chan struct{}, 1)
	s.cfg.ErrorHandler = lineHandler(func() {
		select {
		case printed <- struct{}{}:
		default:
		}
	})
	if s.start() == nil {
		s.call(func() error { return s.p.Call("Lab.Hang", 0, nil) })
		<-printed
	}
}

// lineHandler is an ErrorHandler that is called for each line.
type lineHandler func()

func (lineHandler) Error(error) {}
func (h lineHandler) Print(any) { h() }

// started returns the numbers of n processes, once there are as many.
func (s *subject) started(n int) []int {
	for {
		s.mu.Lock()
		pids := s.pids
		s.mu.Unlock()
		if len(pids) >= n {
			return pids
		}
		time.Sleep(time.Millisecond)
	}
}

// cut ends the connection of the first process.
func (s *subject) cut() {
	for {
		s.mu.Lock()
		conns := s.conns
		s.mu.Unlock()
		if len(conns) > 0 {
			if raw, err := conns[0].SyscallConn(); err == nil {
				_ = raw.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_RDWR) })
			}
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// close lets go of everything that belongs to the test.
func (s *subject) close() {
	s.cleanup()
	s.p.Stop()
	for _, f := range s.conns {
		_ = f.Close()
	}
}
