package codec

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A stream of items is a stream of bytes, as bytes.go has it. Each item is its
// length, the count of the references in it and their numbers, all as varints,
// and its encoding.

// itemBatch is how many bytes of items wait for more to come.
const itemBatch = 16 << 10

// batch is items that wait to be sent.
type batch struct {
	buf      []byte
	mentions []mention
}

// mention is what an item mentions that ends at a place in a batch.
type mention struct {
	end int
	mentions
}

// sent empties the batch, of which n bytes were sent: the other side will never
// know what items mention that have not left as a whole.
func (b *batch) sent(peer Peer, n int) {
	for _, m := range b.mentions {
		if m.end > n {
			m.unsent(peer)
		} else {
			m.sent()
		}
	}
	b.buf, b.mentions = b.buf[:0], b.mentions[:0]
}

// itemEncoder appends items to a batch.
type itemEncoder struct {
	peer Peer
	item Encoder
	batch
}

// put appends an item, which write encodes.
func (b *itemEncoder) put(write func(*Encoder)) error {
	e := &b.item
	e.Reset(e.Buffer()[:0])
	e.Attach(b.peer)
	defer e.Unexport() // what the batch has not taken, also if write panics
	e.apart = true
	write(e)
	if e.Err() == nil && len(e.Buffer()) > b.peer.MaxMessage() {
		e.Fail(&LimitError{Limit: "MaxMessage", Value: int64(b.peer.MaxMessage()), Detail: fmt.Sprintf("item of %d bytes", len(e.Buffer()))})
	}
	if err := e.Err(); err != nil {
		return fmt.Errorf("cannot encode an item: %w", err)
	}
	b.buf = binary.AppendUvarint(b.buf, uint64(len(e.Buffer())))
	numbers := e.Numbers()
	b.buf = binary.AppendUvarint(b.buf, uint64(len(numbers)))
	for _, number := range numbers {
		b.buf = binary.AppendUvarint(b.buf, number)
	}
	b.buf = append(b.buf, e.Buffer()...)
	if len(numbers) > 0 {
		b.mentions = append(b.mentions, mention{len(b.buf), e.mentions})
		e.mentions = mentions{}
	}
	return nil
}

// itemDecoder takes items from the pieces of a stream.
type itemDecoder struct {
	peer   Peer
	scope  Scope
	caller context.Context // of a stream that a call returned, or nil
	from   string          // the method that brought the stream, as in Reference
	buf    []byte          // arrived and not taken yet
	item   Decoder
}

var errItem = errors.New("malformed item in a stream")

// take decodes an item if buf has a whole one.
func (b *itemDecoder) take(read func(*Decoder)) (ok bool, err error) {
	rest := b.buf
	size, n := binary.Uvarint(rest)
	if n == 0 {
		return false, nil
	}
	if n < 0 || size > uint64(b.peer.MaxMessage()) {
		return false, fmt.Errorf("%w: %d bytes, the limit is %d", errItem, size, b.peer.MaxMessage())
	}
	rest = rest[n:]
	count, n := binary.Uvarint(rest)
	if n < 0 || count > size { // each is mentioned in the item
		return false, errItem
	}
	rest = rest[max(n, 0):]
	var imports []uint64
	for range count {
		id, n := binary.Uvarint(rest)
		if n < 0 {
			return false, errItem
		}
		imports = append(imports, id)
		rest = rest[n:]
		if n == 0 {
			return false, nil
		}
	}
	if n == 0 || uint64(len(rest)) < size {
		return false, nil
	}
	b.buf = rest[size:]
	d := &b.item
	d.Reset(rest[:size:size], false)
	d.Attach(b.peer, imports, b.scope)
	d.caller, d.from = b.caller, b.from
	if imports != nil {
		defer func() { // also if decoding panics
			d.ReleaseUnclaimed()
			if !ok {
				d.abandon()
			}
		}()
	}
	read(d)
	if err := d.Message(&Nothing{}); err != nil { // whatever is left does not belong to it
		return false, fmt.Errorf("cannot decode an item: %w", err)
	}
	return true, nil
}

// itemReader reads items from an inbox.
type itemReader struct {
	itemDecoder
	inbox Inbox
	lent  bool // buf is the inbox's, until its next Next
}

// next decodes the next item, or returns why there is none.
func (r *itemReader) next(ctx context.Context, read func(*Decoder)) error {
	if r.caller != nil && r.caller.Err() != nil { // what has arrived is not wanted either
		return r.caller.Err()
	}
	for {
		ok, err := r.take(read)
		if ok || err != nil {
			return err
		}
		if r.lent {
			r.buf, r.lent = bytes.Clone(r.buf), false
		}
		piece, err := r.inbox.Next(ctx, nil)
		if err != nil {
			return err
		}
		if len(r.buf) == 0 {
			r.buf, r.lent = piece, true
		} else {
			r.buf = append(r.buf, piece...)
		}
	}
}

// itemSink is the Writer of a Service that takes items.
type itemSink struct {
	itemDecoder
	read func(*Decoder)
	over <-chan struct{} // closed when the other side has let go of the Service
}

// Until implements Ender.
func (s *itemSink) Until(over <-chan struct{}) { s.over = over }

// Write takes a piece of the stream.
func (s *itemSink) Write(piece []byte) (int, error) {
	s.buf = append(s.buf, piece...)
	for {
		ok, err := s.take(s.read)
		if !ok {
			return len(piece), err
		}
	}
}

// Discard implements Discarder.
func (s *itemSink) Discard(piece []byte) {
	s.buf = append(s.buf, piece...)
	for {
		ok, err := s.take(noItem)
		if err != nil {
			s.buf = nil // what follows cannot be told apart
		}
		if !ok {
			return
		}
	}
}

// noItem lets an item go by.
func noItem(d *Decoder) { d.Replace(nil) }

// itemSender sends items to the inbox of a stream from a goroutine of its own, so
// that items which come fast leave together, and one that comes alone leaves at once.
type itemSender struct {
	ctx  context.Context
	to   *Reference
	done chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex // protects following
	changed sync.Cond
	items   itemEncoder
	closed  bool
	err     error
}

func newItemSender(ctx context.Context, to *Reference) *itemSender {
	s := &itemSender{ctx: ctx, to: to, done: make(chan struct{})}
	s.items.peer = to.peer
	s.changed.L = &s.mu
	go s.work()
	return s
}

// put queues an item; false means that nobody wants it.
func (s *itemSender) put(write func(*Encoder)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.items.buf) > 4*itemBatch && s.err == nil {
		s.changed.Wait()
	}
	if s.err == nil {
		s.err = s.items.put(write)
	}
	if len(s.items.buf) > 0 {
		s.changed.Broadcast()
	}
	return s.err == nil
}

// work sends what is queued until close.
func (s *itemSender) work() {
	defer close(s.done)
	var b batch
	for s.next(&b) {
		n, err := sendAll(s.ctx, s.to, b.buf)
		b.sent(s.to.peer, n)
		if err != nil {
			s.mu.Lock()
			s.err = err
			s.changed.Broadcast()
			s.mu.Unlock()
			return
		}
	}
}

// next takes what is queued, and gives b, which is empty, for more. It is false if
// nothing will come.
func (s *itemSender) next(b *batch) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.items.buf) == 0 && !s.closed {
		s.changed.Wait()
	}
	if len(s.items.buf) == 0 {
		return false
	}
	*b, s.items.batch = s.items.batch, *b
	s.changed.Broadcast()
	return true
}

// close waits until everything is sent, and returns the first error.
func (s *itemSender) close() error {
	s.mu.Lock()
	s.closed = true
	s.changed.Broadcast()
	s.mu.Unlock()
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items.sent(s.to.peer, 0) // nothing is left, unless sending has failed
	return s.err
}

// sendAll sends p as there is room for it, and returns how much was sent.
func sendAll(ctx context.Context, to *Reference, p []byte) (sent int, err error) {
	for sent < len(p) {
		n, err := to.peer.Reserve(ctx, to.id, len(p)-sent)
		if err != nil {
			return sent, err
		}
		if err := to.peer.Send(to.id, p[sent:sent+n], n); err != nil {
			return sent, err
		}
		sent += n
	}
	return sent, nil
}

// itemStream is a stream that this side asked for.
type itemStream struct {
	itemReader
	cancel context.CancelFunc
	ended  chan struct{} // closed when the other side has ended the stream, in whatever way
	failed chan struct{} // closed when that was an error
}

// open calls Range of a reference to a sequence or a channel: the other side
// sends its items until it has no more, or ctx ends.
func (r *Reference) open(ctx context.Context) *itemStream {
	id, inbox := r.peer.ExportInbox()
	ctx, cancel := context.WithCancel(ctx)
	s := &itemStream{cancel: cancel, ended: make(chan struct{}), failed: make(chan struct{})}
	s.inbox, s.peer, s.scope, s.caller, s.from = inbox, r.peer, r.scope, r.caller, r.from
	go func() {
		defer close(s.ended)
		args := inboxMessage{id: id}
		err := r.call(ctx, rangeMethod, &args, &Nothing{})
		cancel()
		if err == nil {
			err = io.EOF
		} else {
			close(s.failed)
		}
		inbox.Close(err)
		if !args.encoded {
			r.peer.Unexport(id)
		} // otherwise the other side lets go of it, after all that it sends
	}()
	return s
}

// close ends the stream. What the other side mentions in items that nobody
// took, or that are still on their way, is let go of as they come.
func (s *itemStream) close() {
	s.cancel()
	<-s.ended
	select {
	case <-s.inbox.Over():
		s.drop()
	default:
		go func() {
			<-s.inbox.Over()
			s.drop()
		}()
	}
}

// drop takes all items that are left.
func (s *itemStream) drop() {
	s.caller = nil
	for s.next(context.Background(), noItem) == nil {
	}
}

const rangeMethod = "Range"

// Streams tells whether a call of this method, to what a message mentions, may
// last as long as a stream.
func Streams(method []byte) bool {
	return string(method) == readMethod || string(method) == rangeMethod
}

// rangeContract is that of all sequences and channels: their items are
// described where they are mentioned.
var rangeContract = Contract{Name: "Range", Methods: []Method{{Name: rangeMethod}}}

// rangeService serves a sequence or a channel, whose items each sends.
func rangeService(each func(ctx context.Context, to *Reference) error) *Service {
	handle := func(ctx context.Context, dec *Decoder, _ *Encoder) error {
		var m inboxMessage
		if err := dec.Message(&m); err != nil {
			return err
		}
		defer m.inbox.Release()
		return each(ctx, m.inbox)
	}
	return &Service{Contract: &rangeContract, Handlers: []Handler{handle}}
}
