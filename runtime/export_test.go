package pingo

import (
	"context"
	"fmt"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/process"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// FailSetUp makes the set-up of some transports fail until restore is called.
func FailSetUp(kinds ...string) (restore func()) {
	newOffer = func(kind, dir string, as *process.Identity, encrypt bool) (*handshake.Offer, error) {
		for _, k := range kinds {
			if k == kind {
				return nil, fmt.Errorf("no %s today", kind)
			}
		}
		return handshake.NewOffer(kind, dir, as, encrypt)
	}
	return func() { newOffer = handshake.NewOffer }
}

// AfterSetUp runs f whenever a transport was set up, until restore is called.
func AfterSetUp(f func()) (restore func()) {
	before := newOffer
	newOffer = func(kind, dir string, as *process.Identity, encrypt bool) (*handshake.Offer, error) {
		o, err := before(kind, dir, as, encrypt)
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

// Stopping tells in a plugin whether its host has begun to stop it.
func Stopping() bool {
	theLogs.mu.Lock()
	defer theLogs.mu.Unlock()
	return theLogs.draining
}

// SetGoneTime changes how long a program may live without its host.
func SetGoneTime(d time.Duration) { goneTime = d }

// Greet answers the host as Run does, and leaves it to the caller what is said on the connection
// from then on.
func Greet() (transport.Stream, error) {
	c, _, err := host.Answer(context.Background(), served())
	if err != nil {
		return nil, err
	}
	return transport.FromConn(c), nil
}

// DefaultTransport is what a plugin has if it can.
var DefaultTransport = map[bool]string{false: "auto", true: "memory"}[alwaysMemory]
