package codec

import "context"

// EncodeReceiver sends a channel that the other side receives from: it gets a
// channel of its own, which is fed from this one.
func EncodeReceiver[T any](e *Encoder, ch <-chan T, elem func(*Encoder, T)) {
	if ch == nil {
		e.Uint8(referenceNil)
		return
	}
	e.export(ch, rangeService(func(ctx context.Context, to *Reference) error {
		items := itemEncoder{peer: to.peer}
		for {
			v, ok, err := receive(ctx, ch, func() error {
				n, err := sendAll(ctx, to, items.buf)
				items.sent(to.peer, n)
				return err
			}, len(items.buf))
			if err != nil || !ok {
				return err
			}
			if err := items.put(func(e *Encoder) { elem(e, v) }); err != nil {
				items.sent(to.peer, 0)
				return err
			}
		}
	}))
}

// receive receives from ch, after flush if that would wait or enough is waiting.
// When ch is closed, everything is flushed and ok is false.
func receive[T any](ctx context.Context, ch <-chan T, flush func() error, waiting int) (v T, ok bool, err error) {
	if waiting < itemBatch {
		select {
		case v, ok = <-ch:
			if ok {
				return v, true, nil
			}
			return v, false, flush()
		default:
		}
	}
	if err := flush(); err != nil {
		return v, false, err
	}
	select {
	case v, ok = <-ch:
		return v, ok, nil
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
}

// DecodeReceiver reads what EncodeReceiver wrote. The channel is closed when the
// other side's is, and also when the other side fails, when an item cannot be
// decoded, when the call that brought it is over, or when the context ends of the call
// that returned it. Its goroutine ends then.
func DecodeReceiver[T any](d *Decoder, elem func(*Decoder) T) <-chan T {
	r, home := d.reference()
	if r == nil {
		return ownValue[<-chan T](d, home)
	}
	ch := make(chan T)
	ctx, cancel := context.WithCancel(r.streamContext())
	d.stops = append(d.stops, cancel)
	go func() {
		defer close(ch)
		defer cancel()
		s := r.open(ctx)
		defer s.close()
		for {
			var v T
			err := guarded(func() error { return s.next(ctx, func(d *Decoder) { v = elem(d) }) })
			if err != nil {
				return
			}
			select {
			case ch <- v:
			case <-ctx.Done():
				s.item.abandon()
				return
			case <-s.failed:
				s.item.abandon()
				return
			}
		}
	}()
	return ch
}

// senderContract is that of all channels to send to.
var senderContract = Contract{Name: "Sender", Methods: []Method{{Name: "Close"}}}

// EncodeSender sends a channel that the other side sends to.
func EncodeSender[T any](e *Encoder, ch chan<- T, elem func(*Decoder) T) {
	if ch == nil {
		e.Uint8(referenceNil)
		return
	}
	sink := &itemSink{}
	sink.read = func(d *Decoder) {
		v := elem(d)
		if d.Err() != nil {
			return
		}
		select {
		case ch <- v:
			return
		default:
		}
		select {
		case ch <- v:
		case <-sink.over: // it would wait for ever if nobody receives any more
			d.abandon()
		}
	}
	sink.peer = e.peer
	end := func(_ context.Context, dec *Decoder, _ *Encoder) error {
		close(ch)
		return dec.Message(&Nothing{})
	}
	e.export(ch, &Service{Contract: &senderContract, Handlers: []Handler{end}, Writer: sink})
}

// DecodeSender reads what EncodeSender wrote. What is sent to the channel arrives
// at the other side's before the call that brought it ends; closing it closes the
// other's. Once the other side is gone, or the call is over, it takes values and drops
// them. Its goroutine ends when it is closed, or when its call is over.
func DecodeSender[T any](d *Decoder, elem func(*Encoder, T)) chan<- T {
	r, home := d.reference()
	if r == nil {
		return ownValue[chan<- T](d, home)
	}
	ch := make(chan T)
	s := &channelSender[T]{ch: ch, to: r, elem: elem, flush: make(chan chan error), over: make(chan struct{})}
	s.items.peer = r.peer
	if r.scope != nil {
		r.scope.AtEnd(s.end)
	}
	d.stops = append(d.stops, s.stop())
	go s.work()
	return ch
}

// channelSender sends on what comes out of a channel.
type channelSender[T any] struct {
	ch    <-chan T
	to    *Reference
	elem  func(*Encoder, T)
	items itemEncoder
	flush chan chan error
	over  chan struct{} // closed when work has returned
	err   error         // of work's
}

func (s *channelSender[T]) work() {
	defer close(s.over)
	for {
		v, ok, last := s.next()
		switch {
		case last != nil:
			last <- s.finish()
			return
		case !ok:
			s.err = s.close()
			return
		default:
			s.put(v)
		}
	}
}

// finish is for the end of the call. The channel may have been closed before.
func (s *channelSender[T]) finish() error {
	select {
	case v, ok := <-s.ch:
		if !ok {
			return s.close()
		}
		s.put(v)
	default:
	}
	return s.send()
}

// close closes the other side's channel, after all that was sent, also if not
// everything could be: somebody may range over it.
func (s *channelSender[T]) close() error {
	unsent := s.send()
	if unsent != nil {
		s.to.mustFlush() // the other side may be at what came before
	}
	if err := s.to.Close(s.to.Context()); unsent == nil {
		return err
	}
	return unsent
}

// put keeps a value to be sent. Once that has failed, it is dropped.
func (s *channelSender[T]) put(v T) {
	if s.err == nil {
		s.err = guarded(func() error {
			return s.items.put(func(e *Encoder) { s.elem(e, v) })
		})
	}
}

// next receives a value. It sends what waits first if that would wait.
func (s *channelSender[T]) next() (v T, ok bool, last chan error) {
	if len(s.items.buf) > 0 && len(s.items.buf) < itemBatch {
		select {
		case v, ok = <-s.ch:
			return v, ok, nil
		default:
		}
	}
	_ = s.send() // kept in err
	select {
	case v, ok = <-s.ch:
		return v, ok, nil
	case last = <-s.flush:
		return v, false, last
	}
}

// send sends what waits.
func (s *channelSender[T]) send() error {
	if s.err == nil && len(s.items.buf) > 0 {
		n, err := s.to.Write(s.items.buf)
		s.items.sent(s.to.peer, n)
		s.err = err
	}
	s.items.sent(s.to.peer, 0)
	return s.err
}

// stop returns what ends work if nobody has got the channel. It does not hold the Reference.
func (s *channelSender[T]) stop() func() {
	flush, over := s.flush, s.over
	return func() {
		select {
		case flush <- make(chan error, 1):
		case <-over:
		}
	}
}

// end is the end of the call that brought the channel.
func (s *channelSender[T]) end() error {
	last := make(chan error, 1)
	select {
	case s.flush <- last:
		if err := <-last; err != nil {
			return err
		}
		return s.to.Flush(s.to.Context())
	case <-s.over: // it was closed during the call
		return s.err
	}
}
