package pingo

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// FailSetUp makes the set-up of some transports, or of "memory", fail until restore is called.
func FailSetUp(why error, kinds ...string) (restore func()) {
	newOffer = func(way handshake.Way) (*handshake.Offer, error) {
		kind := way.Transport
		if way.Memory > 0 {
			kind = "memory"
		}
		if slices.Contains(kinds, kind) {
			return nil, fmt.Errorf("no %s: %w", kind, why)
		}
		return handshake.NewOffer(way)
	}
	return func() { newOffer = handshake.NewOffer }
}

// AfterSetUp runs f whenever a transport was set up, until restore is called.
func AfterSetUp(f func()) (restore func()) {
	before := newOffer
	newOffer = func(way handshake.Way) (*handshake.Offer, error) {
		o, err := before(way)
		f()
		return o, err
	}
	return func() { newOffer = before }
}

// SetDeliveryTime changes what an ErrorHandler gets to take what waits for it,
// until restore is called.
func SetDeliveryTime(d time.Duration) (restore func()) {
	old := deliveryTime
	deliveryTime = d
	return func() { deliveryTime = old }
}

// SetLeaveTime changes what a plugin gets to end that takes no more calls, until restore is called.
func SetLeaveTime(d time.Duration) (restore func()) {
	old := leaveTime
	leaveTime = d
	return func() { leaveTime = old }
}

// SetCallTime changes how long calls may go on after Stop, and nothing about what follows, until restore is called.
func SetCallTime(d time.Duration) (restore func()) {
	old := callTime
	callTime = func(*Plugin) time.Duration { return d }
	return func() { callTime = old }
}

// SetHostTime changes how long a plugin waits for a sign that its host is gone.
func SetHostTime(d time.Duration) { hostTime = d }

// SetStartTimeout changes Config.StartTimeout of a plugin that runs, for what it starts next.
func SetStartTimeout(p *Plugin, d time.Duration) { p.cfg.StartTimeout = d }

// SetDepartTime changes how long Serve lets calls finish when its context ends, and answer then.
func SetDepartTime(calls, answers time.Duration) { departTime, answerTime = calls, answers }

// Stopping tells in a plugin whether its host has begun to stop it.
func Stopping() bool { return theLogs.Draining() }

// SetGoneTime changes how long a program may live without its host.
func SetGoneTime(d time.Duration) { goneTime = d }

// Greet answers the host as Run does, and leaves it to the caller what is said on the connection
// from then on.
func Greet() (transport.Stream, error) { return greet(served()) }

// GreetAsOlder is Greet for a plugin that knows none of what can be agreed on.
func GreetAsOlder() (transport.Stream, error) {
	h := served()
	h.Leaves = false
	return greet(h)
}

func greet(h handshake.Hello) (transport.Stream, error) {
	c, _, err := host.Answer(context.Background(), h)
	if err != nil {
		return nil, err
	}
	return transport.FromConn(c), nil
}

// SharesMemory tells whether plugins share memory with their host if nothing else is said.
const SharesMemory = runtime.GOOS == "linux" && defaultRing > 0
