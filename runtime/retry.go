package pingo

import "context"

// deliver makes a call over the link that s has, and over the next one as long as
// the call was not delivered because a link had ended.
func deliver(ctx context.Context, s side, method string, call func(*link) error) error {
	l, err := s.link(ctx, nil)
	for err == nil {
		failure := call(l)
		if failure == nil || FateOf(failure) != NotDelivered || !l.isOver(failure) || !s.another(l) {
			return failure
		}
		l, err = s.link(ctx, l)
	}
	return s.refused(method, err)
}
