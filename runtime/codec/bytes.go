package codec

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// How bytes stream. A Reference whose value has a Read method asks for them once:
// the handler of Read sends what it reads, as far as there is room in the inbox of
// the Reference, until it is told to stop. What is written to a Reference goes out
// as it is, as far as there is room on the other side, where a goroutine writes
// it to the value; Flush waits for that.

// readAhead is how much the handler of Read asks of the value at once, and maxReadAhead
// if there has been as much.
const (
	readAhead    = 32 << 10
	maxReadAhead = 256 << 10
)

// maxVain is how many times in a row a value may return neither bytes nor an error, as for package bufio.
const maxVain = 100

// readState is what a Reference reads.
type readState struct {
	mu     sync.Mutex  // held by Read and Seek, protects following
	stream *readStream // nil while none runs
	rest   []byte      // arrived and not read yet
}

// readStream is one call of the value's Read. It does not hold the Reference,
// which may be collected meanwhile.
type readStream struct {
	inbox  Inbox
	cancel context.CancelFunc
	ended  chan struct{} // closed when the stream has ended, before the inbox is
}

// errCut is the end of a stream whose context has ended: reading goes on with another.
var errCut = errors.New("the stream was cut")

// Read reads what the value's Read returns, ahead of the need. The context that
// it runs under is Context.
func (r *Reference) Read(p []byte) (int, error) {
	r.read.mu.Lock()
	defer r.read.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.read.rest) == 0 {
		if err := r.fill(p); err != nil {
			return 0, err
		}
	}
	rest := r.read.rest
	if unsafe.SliceData(rest) == unsafe.SliceData(p) { // it was read to there
		r.read.rest = nil
		return len(rest), nil
	}
	n := copy(p, rest)
	r.read.rest = rest[n:]
	return n, nil
}

// fill waits for more bytes, which may go to p, and starts the stream if none runs.
func (r *Reference) fill(p []byte) error {
	s := &r.read
	if s.stream == nil {
		if r.state.released.Load() {
			return ErrReleased
		}
		s.stream = r.startReading()
	}
	rest, over, err := s.stream.next(r.Context(), p)
	s.rest = rest
	if over {
		s.stream = nil
	}
	if err == errCut {
		return r.Context().Err() // nil if that is another one by now
	}
	if err != nil && !over && r.wasKept() {
		return nil
	}
	return err
}

// wasKept tells whether the call that brought the reference is over.
func (r *Reference) wasKept() bool { return r.scope != nil && r.scope.Over() }

// startReading starts a stream, whose goroutine ends with the handler of Read.
func (r *Reference) startReading() *readStream {
	peer, target, from := r.peer, r.current(), r.from
	id, inbox := peer.ExportInbox()
	ctx, cancel := context.WithCancel(r.Context())
	dropped := runtime.AddCleanup(r, func(cancel context.CancelFunc) { cancel() }, cancel)
	s := &readStream{inbox: inbox, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer dropped.Stop()
		defer cancel()
		args := inboxMessage{id: id}
		err := peer.CallReference(ctx, target, from, readMethod, &args, &Nothing{})
		switch {
		case err == nil:
			err = io.EOF
		case args.encoded && ctx.Err() != nil && errors.Is(err, ctx.Err()):
			<-inbox.Over() // what was read is on its way
			err = errCut
		}
		close(s.ended)
		inbox.Close(err)
		peer.Unexport(id)
	}()
	return s
}

// next returns the bytes that arrived next, or why the stream is over. It is not over if
// that is ctx's error. They may be in into.
func (s *readStream) next(ctx context.Context, into []byte) (p []byte, over bool, err error) {
	if p, err = s.inbox.Next(ctx, into); err == nil {
		return p, false, nil
	}
	select {
	case <-s.ended: // then there is nothing to wait for
		p, err = s.inbox.Next(context.Background(), nil)
		return p, err != nil, err
	default:
		return nil, false, err
	}
}

// stopReading ends the stream. What it has read is kept as the rest: the value is
// ahead by as much.
func (r *Reference) stopReading() error {
	s := &r.read
	if s.stream == nil {
		return nil
	}
	s.stream.cancel()
	s.rest = bytes.Clone(s.rest) // it was the inbox's
	for {
		p, over, err := s.stream.next(r.Context(), nil)
		s.rest = append(s.rest, p...)
		if over {
			s.stream = nil
			return nil
		}
		if err != nil && !r.wasKept() {
			return err
		}
	}
}

// closeGrace is how long Close waits for a Read ahead of the need.
const closeGrace = 100 * time.Millisecond

// dropReading ends the stream, and forgets what has arrived of it. A Read that waits
// is not disturbed: what closes the value ends it. If none does, the caller calls one
// method after the other, and so does the value see it: what has been read ahead is waited
// for. That does not last, since the Read of a pipe may wait for ever.
func (r *Reference) dropReading(ctx context.Context) {
	s := &r.read
	if !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	if s.stream != nil {
		s.stream.cancel()
		grace := time.NewTimer(closeGrace)
		defer grace.Stop()
		select {
		case <-s.stream.ended:
		case <-grace.C:
		case <-ctx.Done():
		}
	}
	s.stream, s.rest = nil, nil
}

// Seek seeks the value, which is ahead of what was read here. If that fails, reading
// goes on where it was.
func (r *Reference) Seek(offset int64, whence int) (int64, error) {
	s := &r.read
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.stopReading(); err != nil {
		return 0, err
	}
	if whence == io.SeekCurrent {
		offset -= int64(len(s.rest))
	}
	args, reply := seekArgs{offset, whence}, seekReply{}
	err := r.CallContext(r.Context(), "Seek", &args, &reply)
	if err == nil {
		s.rest = nil
	}
	return reply.offset, err
}

// ReadHandler serves the method Read of v.
func ReadHandler(v io.Reader) Handler {
	return func(ctx context.Context, dec *Decoder, _ *Encoder) error {
		var m inboxMessage
		if err := dec.Message(&m); err != nil {
			return err
		}
		defer m.inbox.Release()
		return pump(ctx, m.inbox, v)
	}
}

// pump reads v into an inbox until its end. It makes room before it reads, so
// that nothing is lost when ctx ends.
func pump(ctx context.Context, inbox *Reference, v io.Reader) error {
	buf := make([]byte, readAhead)
	for vain := 0; vain < maxVain; vain++ {
		room, err := inbox.peer.Reserve(ctx, inbox.id, len(buf))
		if err != nil {
			return err
		}
		n, err := v.Read(buf[:room])
		if err := inbox.peer.Send(inbox.id, buf[:n], room); err != nil {
			return err
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if n > 0 {
			vain = -1
		}
		if n == len(buf) && n < maxReadAhead {
			buf = make([]byte, maxReadAhead)
		}
	}
	return io.ErrNoProgress
}

// SeekHandler serves the method Seek of v.
func SeekHandler(v io.Seeker) Handler {
	return func(_ context.Context, dec *Decoder, enc *Encoder) error {
		var args seekArgs
		args.Decode(dec)
		if err := dec.End(); err != nil {
			return err
		}
		offset, err := v.Seek(args.offset, args.whence)
		enc.Message(&seekReply{offset})
		return err
	}
}

type seekArgs struct {
	offset int64
	whence int
}

func (m *seekArgs) Encode(e *Encoder) {
	e.Int64(m.offset)
	e.Int(m.whence)
}

func (m *seekArgs) Decode(d *Decoder) {
	m.offset = d.Int64()
	m.whence = d.Int()
}

type seekReply struct{ offset int64 }

func (m *seekReply) Encode(e *Encoder) { e.Int64(m.offset) }
func (m *seekReply) Decode(d *Decoder) { m.offset = d.Int64() }

// inboxMessage mentions an inbox: its number where it is sent, a Reference where
// it is received.
type inboxMessage struct {
	id      uint64
	encoded bool // if not, the other side never hears of the number
	inbox   *Reference
}

func (m *inboxMessage) Encode(e *Encoder) {
	m.encoded = true
	e.exported(m.id)
}

// ReadsStream tells whether a call asks for a stream of bytes, which somebody else reads
// than its caller.
func ReadsStream(method string, args Message) bool {
	_, ok := args.(*inboxMessage)
	return ok && method == readMethod
}

func (m *inboxMessage) Decode(d *Decoder) {
	if m.inbox, _ = d.reference(); m.inbox == nil {
		d.Fail(errors.New("no inbox"))
	}
}

// writeState is what was written to a Reference and may not have arrived.
type writeState struct {
	mu    sync.Mutex // held by Write and Flush, protects following
	dirty bool
	atEnd bool // the call that brought the Reference flushes
}

// Write sends p, and returns when it is on its way: an error of the value's Write
// comes from a later Write, from Flush, from the next call, or from Close.
// The handler of the call that brought the Reference flushes at its end.
func (r *Reference) Write(p []byte) (int, error) {
	r.write.mu.Lock()
	defer r.write.mu.Unlock()
	if !r.write.atEnd && r.scope != nil && !r.scope.Over() {
		r.write.atEnd = true
		r.scope.AtEnd(func() error { return r.Flush(r.scope) })
	}
	ctx, sent := r.Context(), 0
	for sent < len(p) {
		n, err := r.send(ctx, p[sent:])
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// send sends some of p.
func (r *Reference) send(ctx context.Context, p []byte) (int, error) {
	if r.state.released.Load() {
		return 0, ErrReleased
	}
	n, err := r.peer.Reserve(ctx, r.id, len(p))
	if err == nil {
		r.write.dirty = true
		err = r.peer.Send(r.id, p[:n], n)
	}
	if err != nil {
		if failed := r.askLocked(ctx); failed != nil { // it knows the reason
			err = failed
		}
		return 0, err
	}
	return n, nil
}

// Flush waits until the value has taken all that was written to it.
func (r *Reference) Flush(ctx context.Context) error {
	r.write.mu.Lock()
	defer r.write.mu.Unlock()
	return r.flushLocked(ctx)
}

func (r *Reference) flushLocked(ctx context.Context) error {
	if !r.write.dirty {
		return nil
	}
	return r.askLocked(ctx)
}

// askLocked is flushLocked for who wants to hear it in any case.
func (r *Reference) askLocked(ctx context.Context) error {
	args := &flushOfNothing
	if r.write.dirty {
		args = &flushOfBytes
	}
	r.write.dirty = false
	return r.call(ctx, FlushMethod, args, &Nothing{})
}

// flush asks what has become of bytes.
type flush struct {
	Nothing
	begun bool // some have been sent
}

var flushOfNothing, flushOfBytes = flush{}, flush{begun: true}

// Begun tells whether what a call asks about has been sent before, whatever becomes of the call.
func Begun(args Message) bool {
	f, ok := args.(*flush)
	return ok && f.begun
}

// mustFlush has Flush ask even if nothing was written since it last did.
func (r *Reference) mustFlush() {
	r.write.mu.Lock()
	defer r.write.mu.Unlock()
	r.write.dirty = true
}

// FlushMethod is the name under which the connection serves Flush.
const FlushMethod = ""

const readMethod = "Read"

// WriteHandler stands for the method Write of a Service whose Writer is set:
// it is not called, what is written comes as a stream.
func WriteHandler(context.Context, *Decoder, *Encoder) error {
	return errors.New("what is written comes as a stream")
}
