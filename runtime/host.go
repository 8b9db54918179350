package pingo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pingogen/pingogen/runtime/internal/conn"
)

// Host returns the Caller of a plugin's host, for what the host has registered
// before it started the plugin:
//
//	store := kv.NewStoreClient(pingo.Host())
//
// It can be called from the time that Run or Serve was; calls wait until the host
// is there. Whether the host is older and lacks a method is told by ErrUnimplemented.
// Errors are as those of a Plugin's calls; once the host is gone, they wrap
// ErrHostGone.
func Host() Caller { return &theHost }

// theHost is the host of this program, if that is a plugin.
var theHost = hostSide{ready: make(chan struct{})}

// errNotServing is why the host cannot be called.
var errNotServing = errors.New("the host can be called when Run or Serve was; this program has called neither")

// hostSide is the other end of Serve's connection.
type hostSide struct {
	unattended
	made  atomic.Pointer[[]Interceptor] // of calls to the host; set when the program begins to serve
	ready chan struct{}                 // closed when the following are set, which is once
	err   error                         // why there is no link

	l    atomic.Pointer[link] // to the host of now; set before ready is closed, for the first time
	once sync.Once
}

// CallContext implements Caller.
func (h *hostSide) CallContext(ctx context.Context, method string, args, reply any) error {
	return plain(h, method, args, reply).deliver(ctx)
}

// link implements side.
func (h *hostSide) link(ctx context.Context, _ *link) (*link, error) {
	if !serving() {
		return nil, errNotServing
	}
	select {
	case <-h.ready:
		return h.l.Load(), h.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// interceptors implements side.
func (h *hostSide) interceptors() []Interceptor {
	if list := h.made.Load(); list != nil {
		return *list
	}
	return nil
}

// callOf implements side.
func (h *hostSide) callOf(method string, args, reply any) *Call {
	return &Call{Method: method, Args: args, Reply: reply}
}

// refused implements side.
func (h *hostSide) refused(method string, err error) error {
	return &CallError{Method: method, Fate: NotDelivered, Err: err}
}

// settle makes the link known, or why there will be none.
func (h *hostSide) settle(l *link, err error) {
	if err == nil && l == nil {
		err = ErrNoHost
	}
	h.l.Store(l)
	h.once.Do(func() {
		h.err = err
		close(h.ready)
	})
}

// hostEnded is why the host takes no calls.
func hostEnded(_ context.Context, end error) error {
	if errors.Is(end, conn.ErrDraining) || errors.Is(end, conn.ErrClosed) {
		return end
	}
	return fmt.Errorf("%w: %w", ErrHostGone, end)
}
