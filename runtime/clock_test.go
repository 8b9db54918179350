package pingo

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/process"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// The clocks of a plugin's life, in bubles in which no time passes but by them.

// puppet is a process that does nothing but what it is told.
type puppet struct {
	*attached
	obedient   bool // it exits when it is told to
	terminated time.Time
	killed     time.Time
}

func (p *puppet) Terminate() {
	p.terminated = time.Now()
	if p.obedient {
		p.attached.Kill()
	}
}

func (p *puppet) Kill() {
	p.killed = time.Now()
	p.attached.Kill()
}

// dead is a process that has exited with status 3, of which its host has not heard before it kills it.
type dead struct{ *puppet }

func (dead) Exit() process.Exit { return process.Exit{Code: 3} }

// How a process has ended is known also if its host, which did not get to run, takes it for alive too long.
func TestProcessIsKilledThatHasExited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, proc, theirs := puppetSession(t, Config{ErrorHandler: discard{}}, handshake.Hello{})
		s.proc = dead{proc}
		_ = theirs.Close()
		<-s.conn.Done()
		var crash *CrashError
		require.ErrorAs(t, s.lose(), &crash)
		require.False(t, proc.killed.IsZero())
		require.Equal(t, 3, crash.ExitCode)
		require.NoError(t, crash.Err)
	})
}

// One that was killed has not ended by itself.
func TestProcessIsKilledThatLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, proc, theirs := puppetSession(t, Config{ErrorHandler: discard{}}, handshake.Hello{})
		_ = theirs.Close()
		<-s.conn.Done()
		var crash *CrashError
		require.ErrorAs(t, s.lose(), &crash)
		require.False(t, proc.killed.IsZero())
		require.Equal(t, -1, crash.ExitCode)
		require.ErrorIs(t, crash.Err, io.ErrUnexpectedEOF)
	})
}

// puppetSession is a session with a puppet, which has the other end of the connection.
func puppetSession(t *testing.T, cfg Config, peer handshake.Hello) (s *session, proc *puppet, theirs net.Conn) {
	cfg.Path = "puppet"
	ours, theirs := net.Pipe()
	proc = &puppet{attached: newAttached()}
	s = New(cfg).newSession(cfg.Path, proc)
	s.peer = peer
	s.conn = conn.New(transport.FromConn(ours), conn.Config{})
	t.Cleanup(func() {
		s.conn.Close(nil)
		_ = theirs.Close()
	})
	return s, proc, theirs
}

// answering serves the other end of a connection with a handler for each call.
func answering(t *testing.T, theirs net.Conn, h codec.Handler) *conn.Conn {
	c := conn.New(transport.FromConn(theirs), conn.Config{Lookup: func(string, bool) (codec.Handler, error) { return h, nil }})
	t.Cleanup(func() { c.Close(nil) })
	return c
}

// requireAbout leaves room for what a connection may take until somebody reads: see conn.round.
func requireAbout(t *testing.T, want, got time.Duration) {
	t.Helper()
	require.InDelta(t, want, got, float64(20*time.Millisecond))
}

func TestSilentPluginIsGivenUpAfterItsMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, theirs := puppetSession(t, Config{ProbeInterval: time.Minute, ProbeMisses: 3}, handshake.Hello{})
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		begun := time.Now()
		s.probe()
		require.Equal(t, 4*time.Minute, time.Since(begun), "the first question is asked after an interval, and the last has one to be answered")
		require.ErrorIs(t, s.conn.Err(), ErrWedged)
		require.ErrorContains(t, s.conn.Err(), "it has left 3 probes unanswered, 1m0s apart")
	})
}

// One answer makes up for all that are missing.
func TestPluginThatAnswersNowAndThenLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, theirs := puppetSession(t, Config{ProbeInterval: time.Minute, ProbeMisses: 3}, handshake.Hello{})
		go func() {
			b := make([]byte, frame.HeaderSize)
			for n := 1; ; n++ {
				if _, err := io.ReadFull(theirs, b); err != nil {
					return
				}
				if h, err := frame.Parse(b); err == nil && n%3 == 0 {
					frame.Header{Kind: frame.Pong, ID: h.ID}.Put(b)
					_, _ = theirs.Write(b)
				}
			}
		}()
		go s.probe()
		time.Sleep(24 * time.Hour)
		require.NoError(t, s.conn.Err())
		s.conn.Close(nil)
	})
}

// No method is too slow, and no probe is sent if none is wanted.
func TestPluginThatWorksForADayLives(t *testing.T) {
	for _, interval := range []time.Duration{time.Minute, -1} {
		synctest.Test(t, func(t *testing.T) {
			s, _, theirs := puppetSession(t, Config{ProbeInterval: interval, ProbeMisses: 3}, handshake.Hello{})
			answering(t, theirs, func(context.Context, *codec.Decoder, *codec.Encoder) error {
				time.Sleep(24 * time.Hour)
				return nil
			})
			go s.probe()
			_, err := s.conn.Call(t.Context(), "Lab.Work", false, &codec.Nothing{}, &codec.Nothing{})
			require.NoError(t, err)
			s.conn.Close(nil)
		})
	}
}

// A plugin has to be unwell several times in a row; a question that is not answered
// within an interval counts.
func TestUnhealthyPluginIsGivenUp(t *testing.T) {
	healthy := handshake.Hello{Contracts: []codec.Contract{healthContract}}
	for name, slow := range map[string]bool{"it hurts": false, "context deadline exceeded": true} {
		synctest.Test(t, func(t *testing.T) {
			s, _, theirs := puppetSession(t, Config{ProbeInterval: time.Minute, ProbeMisses: 3}, healthy)
			var asked atomic.Int64
			answering(t, theirs, func(ctx context.Context, _ *codec.Decoder, _ *codec.Encoder) error {
				switch n := asked.Add(1); {
				case n < 10 && n%3 == 0:
					return nil
				case slow:
					<-ctx.Done()
					return ctx.Err()
				}
				return errors.New("it hurts")
			})
			begun := time.Now()
			s.probe()
			require.ErrorIs(t, s.conn.Err(), ErrUnhealthy)
			require.ErrorContains(t, s.conn.Err(), "as it has said 3 times, 1m0s apart: "+name)
			require.EqualValues(t, 12, asked.Load())
			if !slow {
				requireAbout(t, 12*time.Minute, time.Since(begun))
			}
		})
	}
}

// Stop gives calls a GracePeriod, then the process half of one until it is told to exit, and
// another half until it is killed.
func TestGracePeriods(t *testing.T) {
	const grace = 10 * time.Second
	for name, test := range map[string]struct {
		call       time.Duration // how long the call under way takes
		exits      bool          // the process exits when its connection has ended
		obedient   bool
		hurry      time.Duration // when there is no time left; 0 for never
		terminated time.Duration // 0 for not at all
		killed     time.Duration
		end        time.Duration
	}{
		"in order":            {call: 2 * time.Second, exits: true, end: 2 * time.Second},
		"call without end":    {call: time.Hour, exits: true, end: grace},
		"deaf to the end":     {call: 2 * time.Second, obedient: true, terminated: 7 * time.Second, end: 7 * time.Second},
		"deaf to all":         {call: 2 * time.Second, terminated: 7 * time.Second, killed: 12 * time.Second, end: 12 * time.Second},
		"the worst":           {call: time.Hour, terminated: 15 * time.Second, killed: 20 * time.Second, end: 20 * time.Second},
		"hurried in the call": {call: time.Hour, hurry: 3 * time.Second, terminated: 3 * time.Second, killed: 3 * time.Second, end: 3 * time.Second},
		"hurried after it":    {call: 2 * time.Second, hurry: 4 * time.Second, terminated: 4 * time.Second, killed: 4 * time.Second, end: 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, proc, theirs := puppetSession(t, Config{GracePeriod: grace}, handshake.Hello{})
				proc.obedient = test.obedient
				peer := answering(t, theirs, func(ctx context.Context, _ *codec.Decoder, _ *codec.Encoder) error {
					select {
					case <-time.After(test.call):
					case <-ctx.Done():
					}
					return nil
				})
				if test.exits {
					go func() {
						<-peer.Done()
						proc.attached.Kill()
					}()
				}
				go func() {
					_, _ = s.conn.Call(context.Background(), "Lab.Work", false, &codec.Nothing{}, &codec.Nothing{})
				}()
				synctest.Wait()
				begun := time.Now()
				if test.hurry > 0 {
					time.AfterFunc(test.hurry, s.plugin.hurryUp)
				}
				require.True(t, s.stop())
				<-proc.Exited()
				since := func(at time.Time) time.Duration {
					if at.IsZero() {
						return 0
					}
					return at.Sub(begun)
				}
				requireAbout(t, test.end, time.Since(begun))
				requireAbout(t, test.terminated, since(proc.terminated))
				requireAbout(t, test.killed, since(proc.killed))
				time.Sleep(grace) // what is left of it
			})
		})
	}
}

// noTransport lets every start fail at once.
func noTransport(t *testing.T) {
	before := newOffer
	newOffer = func(handshake.Way) (*handshake.Offer, error) {
		return nil, errors.New("no transport today")
	}
	t.Cleanup(func() { newOffer = before })
}

// discard is an ErrorHandler.
type discard struct{}

func (discard) Error(error) {}
func (discard) Print(any)   {}

func TestRestartsWaitLongerAndLonger(t *testing.T) {
	noTransport(t)
	synctest.Test(t, func(t *testing.T) {
		p := New(Config{Path: "nowhere", Transport: "unix", Restart: RestartOnFailure, RestartDelay: 100 * time.Millisecond, RestartMaxDelay: time.Second,
			RestartBudget: 6, RestartWindow: 24 * time.Hour, ErrorHandler: discard{}})
		err := p.restart(&CrashError{ExitCode: 1})
		var gaveUp *GaveUpError
		require.ErrorAs(t, err, &gaveUp)
		require.Len(t, gaveUp.Failures, 7)
		for i, want := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
			waited := gaveUp.Failures[i+1].Time.Sub(gaveUp.Failures[i].Time)
			require.LessOrEqual(t, waited, want*time.Millisecond)
			require.GreaterOrEqual(t, waited, want*time.Millisecond/2)
		}
	})
}

func TestStopDoesNotWaitForARestart(t *testing.T) {
	noTransport(t)
	synctest.Test(t, func(t *testing.T) {
		p := New(Config{Path: "nowhere", Transport: "unix", Restart: RestartAlways, RestartDelay: time.Hour, RestartMaxDelay: time.Hour, ErrorHandler: discard{}})
		begun := time.Now()
		time.AfterFunc(time.Minute, p.requestStop)
		require.Equal(t, ErrStopped, p.restart(&CrashError{}))
		require.Equal(t, time.Minute, time.Since(begun))
	})
}

func TestStartTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Config{Path: "nowhere", StartTimeout: time.Minute})
		ctx, cancel := p.startContext(t.Context())
		defer cancel()
		begun := time.Now()
		var ended atomic.Bool
		context.AfterFunc(ctx, func() { ended.Store(true) })
		time.Sleep(time.Minute - 1)
		synctest.Wait()
		require.False(t, ended.Load())
		<-ctx.Done()
		require.Equal(t, time.Minute, time.Since(begun))
		require.ErrorAs(t, context.Cause(ctx), new(ErrRegistrationTimeout))
	})
}
