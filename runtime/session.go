package pingo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/executable"
	"github.com/pingogen/pingogen/runtime/internal/logs"
)

// How long the host waits for what should take no time at all.
const (
	exitTime  = 500 * time.Millisecond // for a process whose connection is gone to exit, or the reverse
	flushTime = 500 * time.Millisecond // for the end of the output, when only strangers can hold it
	reapTime  = 5 * time.Second        // for the system to end a process that was killed
)

// deliveryTime is what the ErrorHandler gets to take what waits for it. Calls do
// not wait for that; tests change it to see.
var deliveryTime = time.Second

// leaveTime is what a plugin gets to end that has said it takes no more calls, if GracePeriod
// is not more: as long as Serve lets calls finish, and answer, and half a second. Tests change it.
var leaveTime = DefaultGracePeriod * 3 / 2

// session is a plugin that became ready: its process and its connection.
type session struct {
	link
	plugin *Plugin
	proc   running
	logs   *logs.Receiver
	image  *executable.Copy // what runs, if its checksum was asked for

	swapped atomic.Bool // another session takes its place; calls of what it keeps fail with ErrSwapped
	probing sync.Once
	leaving chan struct{} // closed when the plugin has said that it takes no more calls
	ended   chan struct{} // closed when the process is gone and crash is set
	crash   *CrashError   // how it ended, if it was not stopped
}

// live returns when the plugin has ended: ErrStopped if it was asked to, or how
// it crashed; or when another session is to take its place.
func (s *session) live() (next *handover, _ error) {
	s.probing.Do(func() { s.plugin.rest.Go(s.probe) })
	leaving, late := s.leaving, make(<-chan time.Time)
	for {
		select {
		case next := <-s.plugin.handover:
			return next, nil
		case <-s.conn.Done():
		case <-s.proc.Exited():
			s.readRest()
		case <-s.plugin.stopping:
			return nil, s.end(s.stop())
		case <-leaving:
			timer := time.NewTimer(max(leaveTime, s.plugin.cfg.GracePeriod))
			defer timer.Stop()
			leaving, late = nil, timer.C
			continue
		case <-late:
			s.conn.Close(errStays)
		}
		return nil, s.end(false)
	}
}

// takesLeave is what the connection calls when the plugin takes its leave.
func (s *session) takesLeave(answer func()) {
	answer()
	close(s.leaving)
}

// errStays is why a plugin that takes no calls is ended.
var errStays = errors.New("the plugin takes no more calls, and does not end")

// end is the end of a session that was stopped, or was not asked to end.
func (s *session) end(stopped bool) error {
	defer close(s.ended)
	if stopped {
		s.reap()
		return ErrStopped
	}
	return s.lose()
}

// readRest lets the connection read what the plugin wrote before it exited.
func (s *session) readRest() {
	clock.Wait(context.Background(), s.conn.Done(), exitTime)
}

// lose is the end of a plugin that nobody asked to end. One that took its leave
// in order gets the time to exit that it has after Stop.
func (s *session) lose() error {
	why := s.conn.Err()
	byHost := why != nil && !lost(why) // it broke the protocol; how it takes that does not matter
	exits := s.exits()
	if !exits {
		s.proc.Kill()
	}
	s.conn.Close(errExited)
	s.reap()
	if !exits && (!isClosed(s.proc.Exited()) || s.proc.Exit().Killed()) { // it may have been faster
		byHost = true
	}
	s.crash = s.crashed()
	if byHost && !errors.As(s.crash.Err, new(*LimitError)) {
		s.crash.ExitCode, s.crash.Signal, s.crash.Err = -1, nil, why
	}
	return s.crash
}

// exits tells whether the process of a connection that has ended exits in time.
func (s *session) exits() bool {
	if !s.conn.Drained() {
		return clock.Wait(context.Background(), s.proc.Exited(), exitTime)
	}
	grace, cancel := s.plugin.grace()
	defer cancel()
	select {
	case <-s.proc.Exited():
		return true
	case <-grace.Done():
		return false
	}
}

// reap waits for the end of a process that is about to end, and reads the rest of
// its output.
func (s *session) reap() {
	if !clock.Wait(context.Background(), s.proc.Exited(), reapTime) {
		s.plugin.reports.error(fmt.Errorf("plugin %s: process %d was killed and does not end", s.plugin, s.proc.Pid()))
	}
	s.proc.Flush(flushTime)
	s.plugin.rest.Go(func() { s.logs.Wait(deliveryTime) })
	s.plugin.rest.Go(func() {
		s.image.Close()
		s.proc.Deliver(deliveryTime)
	})
}

// crashed says how the process ended, after reap.
func (s *session) crashed() *CrashError {
	exit := s.proc.Exit()
	crash := &CrashError{ExitCode: exit.Code, Signal: exit.Signal, Stderr: s.proc.Stderr()}
	if limit := s.plugin.cfg.Limits.endedBy(exit, crash.Stderr); limit != nil {
		crash.Err = limit
	}
	return crash
}

// endOf is what calls say of a connection that ended for the reason end. It waits
// until it is known how the process ended, which is soon.
func (s *session) endOf(ctx context.Context, end error) error {
	switch {
	case errors.Is(end, ErrStopped), errors.Is(end, conn.ErrDraining) && s.plugin.isStopped():
		return ErrStopped
	case errors.Is(end, conn.ErrDraining) && s.swapped.Load():
		return ErrSwapped
	case errors.Is(end, conn.ErrDraining), errors.Is(end, ErrSwapped):
		return end
	}
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
	if isClosed(s.ended) && s.crash != nil {
		return s.crash
	}
	return &CrashError{ExitCode: -1, Err: end}
}
