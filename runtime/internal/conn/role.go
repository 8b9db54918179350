package conn

import (
	"context"
	"errors"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// The reader role
//
//	free        nobody reads: every caller that could has its reply, or a handler
//	            runs on the goroutine that read its call. The next caller takes the
//	            role; if none comes soon, the watcher starts a background reader.
//	leading     a caller reads until its own reply is there. It then promotes another
//	            waiting caller, or frees the role. If its context may end, it reads
//	            for a short time only, and then yields to a background reader; and so
//	            it does when it is called back, since it must not stay in a handler.
//	            Who waits for a stream leads, too: see pull.go.
//	background  a goroutine of the connection reads. It frees the role when it has
//	            delivered the last reply anybody waits for, and when it runs a handler.
//
// A handler that the watcher has found to hold up the calls behind it gets a
// goroutine of its own the next time: see handlers.go.
//
// Callers that are not alone let each other go first, before they write or before they wait in a read: what is
// sent and answered together costs one turn of both processes, and nobody goes on and on while others have something
// to send. One caller at a time is alone, and asks nobody. Where the peer needs the same processor, they leave their frames to who
// reads: see write.go.
//
// The watcher looks twice in a row before it takes a free role. It looks more
// rarely while all is well, and parks when nothing changes: an idle connection
// costs nothing.

type holder uint8

const (
	free holder = iota
	leading
	background
)

const (
	// tick is how long the role may stay free once the watcher has seen it so.
	tick = time.Millisecond
	// round is how often the watcher looks otherwise. To wake up costs as much as
	// some calls do.
	round = 4 * time.Millisecond
	// crowdFor is what crowd is when more than one call is in flight.
	crowdFor = 16
	// parkAfter is for how many rounds without a change the watcher goes on.
	parkAfter = 5
)

// role is guarded by Conn.mu.
type role struct {
	holder  holder
	lease   uint64    // counts takings, so that the watcher sees whether anything happened
	peer    uint16    // the processor that the peer was last seen on, plus one; 0 if it is not known
	crowd   int       // for how many takings this side's callers reckon with others
	inline  *incoming // whose handler runs on the goroutine that freed the role, if any
	parked  bool      // the watcher waits for wake
	waiting *call     // callers that wait for a reply or the role, newest first
	others  int       // who wait for something else that has to be read
	caution caution   // of those who pull
}

// event is what a waiting caller is told.
type event uint8

const (
	eventWait event = iota // nothing yet
	eventLead              // it holds the reader role now
	eventDone              // its reply is there
	eventDead              // the connection has ended
)

// takeLocked gives the free role to h, whose first read gets the hint.
func (c *Conn) takeLocked(h holder, hint transport.Hint) {
	if in := c.role.inline; in != nil {
		c.serving[in.id] = in
		c.role.inline = nil
	}
	c.role.holder = h
	c.role.caution.free = false
	c.role.lease++
	c.role.crowd = max(0, c.role.crowd-1)
	c.in.hint, c.in.own = hint, nil
}

// aloneLocked is the hint of who takes the role and has the peer to itself. Now and then it is left out: where each
// processor of this process is held by somebody who waits in such a read, others would hardly get to make a call.
func (c *Conn) aloneLocked() transport.Hint {
	if c.role.lease%256 == 0 || c.role.crowd > 0 {
		return transport.Spin
	}
	return transport.Alone | transport.Spin
}

// freeLocked gives the role back. A background reader that frees it may have
// let the watcher park.
func (c *Conn) freeLocked() {
	c.role.holder = free
	if c.role.parked {
		c.role.parked = false
		c.wake <- struct{}{} // never blocks: one token for each time that parked was set
	}
}

// passLocked gives the role from a leader to the newest waiting caller, whose
// reply is likely the last to come, or frees it.
func (c *Conn) passLocked() {
	c.freeLocked()
	if next := c.role.waiting; next != nil {
		c.unwaitLocked(next)
		c.takeLocked(leading, next.hint|transport.Spin)
		next.signal(eventLead)
	} else if c.role.others > 0 || c.in.begun() {
		c.startBackgroundLocked(nil)
	}
}

// join decides what a caller that has sent its call does next.
func (c *Conn) join(call *call) event {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case call.state != eventWait:
		return call.state
	case call.patient:
		return eventWait
	case c.role.holder == free:
		c.takeLocked(leading, call.hint|c.aloneLocked())
		return eventLead
	}
	c.waitLocked(call)
	return eventWait
}

// lead reads on behalf of call, whose goroutine holds the role, until its reply
// is there or it has to yield, and returns what the caller does next.
func (c *Conn) lead(own *call) event {
	c.in.own = own
	for {
		m, err := c.in.next()
		if errors.Is(err, transport.ErrNothing) {
			return c.yield(own, nil)
		}
		var in *incoming
		if err == nil && m.Kind == frame.Call {
			in, err = c.accept(m, false)
		} else if err == nil {
			err = c.dispatch(m)
		}
		done := c.in.own == nil
		if err != nil {
			c.fail(err)
			if done {
				return eventDone
			}
			return eventDead
		}
		switch {
		case in == nil:
		case !done && c.calledBack(in):
			return c.yield(own, in)
		default:
			go c.serve(in)
		}
		c.in.hint &^= transport.Alone
		if done && !c.in.ready() {
			c.mu.Lock()
			c.passLocked()
			c.mu.Unlock()
			return eventDone
		}
	}
}

// calledBack tells whether a call that a leader has read is best served by the
// goroutine that reads on: nobody but the leader waits for a reply, so that this is most likely made
// on its behalf, and not the last one.
func (c *Conn) calledBack(in *incoming) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls.n == 1 && !in.pace.slow()
}

// yield hands the role, and a call that was read, if any, to a background reader, and
// returns what the caller does next.
func (c *Conn) yield(own *call, in *incoming) event {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.startBackgroundLocked(in)
	if own.state == eventWait {
		c.waitLocked(own)
	}
	return own.state
}

// startBackgroundLocked takes the role for a new background reader, which serves in
// first, unless that is nil.
func (c *Conn) startBackgroundLocked(in *incoming) {
	switch {
	case c.err == nil:
		c.takeLocked(background, 0)
		c.running++
		go c.readBackground(in)
	case in != nil:
		go c.serve(in)
	}
}

// readBackground reads, after it has served in, until it has no reason to, or another
// goroutine has taken the role while it ran a handler. It counts as running but inside
// handlers, which may stay for long, and may even end it (runtime.Goexit).
func (c *Conn) readBackground(in *incoming) {
	if in != nil && !in.pace.slow() {
		c.lend(in)
	}
	for {
		switch {
		case in == nil:
		case !in.inline:
			go c.serve(in)
		default:
			corked := in.cork
			if !c.serve(in) {
				return
			}
			c.in.corked = corked
		}
		m, err := c.in.next()
		c.in.hint, c.in.pulled = 0, false
		if since := c.in.relief; !since.IsZero() {
			c.in.relief = time.Time{}
			c.relieved(time.Since(since))
		}
		in = nil
		if err == nil && m.Kind == frame.Call {
			in, err = c.accept(m, true)
		} else if err == nil {
			err = c.dispatch(m)
		}
		switch {
		case err != nil:
			c.fail(err)
			c.leave()
			return
		case in != nil: // which may have the role
		case m.Kind == frame.Reply && c.retire(), c.handOver():
			c.out.flush() // what was corked for the sake of a frame that turned out not to be a call
			c.leave()
			return
		}
	}
}

// lend has the holder of the role serve a call that was accepted by somebody else.
func (c *Conn) lend(in *incoming) {
	in.inline, in.cork = true, c.in.ready()
	c.mu.Lock()
	delete(c.serving, in.id)
	waits := c.lendLocked(in)
	c.mu.Unlock()
	if waits {
		c.out.flush() // as in accept
	}
}

// lendLocked frees the role for as long as the handler of in runs on the goroutine that has it. It tells whether callers
// wait.
func (c *Conn) lendLocked(in *incoming) (waits bool) {
	c.freeLocked()
	c.role.inline = in
	c.leaveLocked()
	return c.role.waiting != nil
}

// resumeLocked takes the role again for who has lent it. It returns false, no longer running, if somebody else has
// it by then.
func (c *Conn) resumeLocked() bool {
	if c.role.holder != free || c.err != nil {
		return false
	}
	var hint transport.Hint
	if c.servesLocked() == 0 {
		hint = c.aloneLocked()
	}
	c.takeLocked(background, hint)
	c.running++
	return true
}

// retire frees the role of a background reader if nobody waits for a reply any
// more: the next caller will read for itself.
func (c *Conn) retire() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls.n > 0 || c.servesLocked() > 0 || c.role.others > 0 || c.in.ready() || c.in.begun() {
		return false
	}
	c.freeLocked()
	return true
}

// watch keeps the role from being free for long.
func (c *Conn) watch() {
	var seen uint64
	pause, still := tick, 0
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for ; ; timer.Reset(pause) {
		select {
		case <-timer.C:
		case <-c.done:
			return
		}
		c.mu.Lock()
		changed := c.role.lease != seen
		seen = c.role.lease
		pause = round
		switch {
		case c.err != nil:
			c.mu.Unlock()
			return
		case c.role.holder == free && changed:
			pause, still = tick, 0
		case c.role.holder == free:
			if in := c.role.inline; in != nil {
				in.foundSlow()
			}
			if c.role.caution.free {
				c.in.relief = time.Now() // nobody has the role that guards it
			}
			c.startBackgroundLocked(nil)
		case changed:
			still = 0
		default:
			still++
		}
		c.role.parked = still >= parkAfter
		parked := c.role.parked
		c.mu.Unlock()
		if c.out.flush(); parked {
			if !c.rest(timer) {
				return
			}
			pause, still = tick, 0
		}
	}
}

// IdleTime is how long a connection is quiet before Config.Idle is called.
const IdleTime = time.Second

// rest is what a parked watcher does until it is woken up, with its timer. It returns false if the
// connection has ended. Beside calls that take long, it looks ever more rarely whether they are over.
func (c *Conn) rest(timer *time.Timer) bool {
	pause := IdleTime
	if c.cfg.Idle != nil {
		timer.Reset(pause)
	}
	for {
		select {
		case <-c.wake:
			return true
		case <-c.done:
			return false
		case <-timer.C:
		}
		c.mu.Lock()
		busy := c.servesLocked() > 0 || c.calls.n > 0
		c.mu.Unlock()
		if !busy {
			go c.cfg.Idle()
			continue
		}
		pause = min(2*pause, time.Minute)
		timer.Reset(pause)
	}
}

// waitFor waits for something that only a frame of the peer can bring about, and
// sees to it that somebody reads.
func (c *Conn) waitFor(ctx context.Context, changed <-chan struct{}) error {
	if isClosed(changed) {
		return nil
	}
	c.mu.Lock()
	c.role.others++
	if c.role.holder == free {
		c.startBackgroundLocked(nil)
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.role.others--
	}()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// waitLocked puts a caller among those who wait.
func (c *Conn) waitLocked(call *call) {
	call.next, call.prev = c.role.waiting, nil
	if call.next != nil {
		call.next.prev = call
	}
	c.role.waiting = call
	call.waits = true
}

func (c *Conn) unwaitLocked(call *call) {
	if !call.waits {
		return
	}
	if call.prev != nil {
		call.prev.next = call.next
	} else {
		c.role.waiting = call.next
	}
	if call.next != nil {
		call.next.prev = call.prev
	}
	call.next, call.prev, call.waits = nil, nil, false
}
