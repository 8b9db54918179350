package pingo

import (
	"context"
	"errors"

	"github.com/pingogen/pingogen/runtime/internal/conn"
)

// maxRepeats is how often a call is repeated that may have run: it may be what
// ends the plugin each time.
const maxRepeats = 2

// repeat makes a call again that has failed over l, over the next link, as long as it was not delivered because a link had
// ended. A call that may have run is repeated as well if it is idempotent.
func (r *request) repeat(ctx context.Context, l *link, failure error) error {
	var maybe error // of the last attempt that may have run
	for repeats := 0; ; {
		fate := FateOf(failure)
		begun := fate == MaybeExecuted || cutShort(failure)
		if begun {
			maybe = failure
			repeats++
		}
		again := fate == NotDelivered || begun && r.how.Idempotent && repeats <= maxRepeats
		if !again || !l.isOver(failure) || !r.side.another(l) {
			return worse(maybe, failure)
		}
		var err error
		if l, err = r.side.link(ctx, l); err != nil {
			return worse(maybe, r.side.refused(r.method, err))
		}
		if failure = r.over(ctx, l); failure == nil {
			return nil
		}
	}
}

// cutShort tells whether err is of a call that was cancelled because its process is to end.
func cutShort(err error) bool {
	failed, ok := err.(*CallError)
	if !ok || failed.Fate != Executed {
		return false
	}
	return errors.Is(failed, ErrSwapped) || errors.Is(failed, ErrStopped) || errors.Is(failed, conn.ErrDraining)
}

// worse is what is known of a call after several attempts: that one may have run
// weighs more than that the last was not delivered.
func worse(maybe, last error) error {
	if maybe != nil && FateOf(last) == NotDelivered {
		return maybe
	}
	return last
}
