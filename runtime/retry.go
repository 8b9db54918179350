package pingo

import "context"

// maxRepeats is how often a call is repeated that may have run: it may be what
// ends the plugin each time.
const maxRepeats = 2

// deliver makes a call over the link that s has, and again over the next one as
// long as the call was not delivered because a link had ended. A call that may
// have run is repeated as well if it is idempotent.
func deliver(ctx context.Context, s side, method string, idempotent bool, call func(*link) error) error {
	m := s.counted(method)
	begun := m.begin()
	err := attempt(ctx, s, method, idempotent, call)
	m.end(begun, err)
	if err != nil {
		s.callFailed(method, err)
	}
	return err
}

// attempt is deliver, as often as it takes.
func attempt(ctx context.Context, s side, method string, idempotent bool, call func(*link) error) error {
	var maybe error // of the last attempt that may have run
	repeats := 0
	l, err := s.link(ctx, nil)
	for err == nil {
		failure := call(l)
		if failure == nil {
			return nil
		}
		fate := FateOf(failure)
		if fate == MaybeExecuted {
			maybe = failure
			repeats++
		}
		repeat := fate == NotDelivered || fate == MaybeExecuted && idempotent && repeats <= maxRepeats
		if !repeat || !l.isOver(failure) || !s.another(l) {
			return worse(maybe, failure)
		}
		l, err = s.link(ctx, l)
	}
	return worse(maybe, s.refused(method, err))
}

// worse is what is known of a call after several attempts: that one may have run
// weighs more than that the last was not delivered.
func worse(maybe, last error) error {
	if maybe != nil && FateOf(last) == NotDelivered {
		return maybe
	}
	return last
}
