package conn

import (
	"fmt"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Descriptors
//
// Files and connections travel beside the bytes: the kernel hands their descriptors
// over together with the first byte of the frame that announces them. So a sender
// writes such a frame from its first byte on, never in the middle of a write, and
// what a receiver finds beside its bytes belongs to the next frame that announces any.
//
// A descriptor has one owner at any time. On its way out: the message, from when it
// is encoded; the writer, from when it is queued, which closes it when it has left,
// or the connection ends. On its way in: the arrivals, until its frame is read; the
// message, until it is decoded. Who reads waits while too many have been read and
// are not yet decoded: a peer cannot fill this process with descriptors.

// PassesFiles implements codec.Peer.
func (c *Conn) PassesFiles() error { return transport.CanPass(c.stream) }

// load is frames that leave together, and the descriptors that go along.
type load struct {
	buf     []byte
	sent    int // bytes of buf
	parcels []parcel
}

// parcel is what goes along with the byte of a load where a frame begins.
type parcel struct {
	at    int
	files codec.Files
}

// next is what one write can take, and what goes along with its first byte.
func (l *load) next() (p []byte, files codec.Files) {
	rest, end := l.parcels, len(l.buf)
	if len(rest) > 0 && rest[0].at == l.sent {
		files, rest = rest[0].files, rest[1:]
	}
	if len(rest) > 0 {
		end = rest[0].at
	}
	return l.buf[l.sent:end], files
}

// wrote takes note of a write of n bytes of next.
func (l *load) wrote(n int) {
	if n > 0 && len(l.parcels) > 0 && l.parcels[0].at == l.sent {
		l.parcels[0].files.Close() // the receiver has its own
		l.parcels = l.parcels[1:]
	}
	l.sent += n
}

func (l *load) isSent() bool { return l.sent == len(l.buf) }

// try writes what the stream takes at once.
func (l *load) try(s tryWriter) error {
	for !l.isSent() {
		p, files := l.next()
		n, err := tryWrite(s, p, files)
		l.wrote(n)
		if err != nil || n < len(p) {
			return err
		}
	}
	return nil
}

func tryWrite(s tryWriter, p []byte, files codec.Files) (int, error) {
	if len(files) > 0 {
		return s.(transport.Passer).TryWriteFiles(p, files) // nothing is encoded for others
	}
	return s.TryWrite(p)
}

// write writes all.
func (l *load) write(s transport.Stream) error {
	for !l.isSent() {
		p, files := l.next()
		n, err := write(s, p, files)
		l.wrote(n)
		if err != nil {
			return err
		}
	}
	return nil
}

func write(s transport.Stream, p []byte, files codec.Files) (int, error) {
	if len(files) > 0 {
		return s.(transport.Passer).WriteFiles(p, files)
	}
	return s.Write(p)
}

// drop closes what has not left.
func (l *load) drop() {
	for _, p := range l.parcels {
		p.files.Close()
	}
	l.parcels = nil
}

// arrivals are the descriptors that have come, until the frames that announce them
// are whole.
type arrivals struct {
	from    transport.Passer // nil if none can come
	waiting int              // sets; belongs to who reads

	mu      sync.Mutex // protects following
	sets    []transport.Received
	large   codec.Files // of the large message that is under way
	unused  int         // handed over with messages, and not yet claimed
	claimed sync.Cond
	over    bool
}

// maxUnused is how many descriptors may be in messages that nobody has begun to decode.
// Each of them has a goroutine that does, and needs nothing of who reads.
const maxUnused = 16 * codec.MaxFiles

func newArrivals(s transport.Stream) *arrivals {
	a := &arrivals{}
	a.claimed.L = &a.mu
	if transport.CanPass(s) == nil {
		a.from = s.(transport.Passer)
	}
	return a
}

// look takes what came along with the last read.
func (a *arrivals) look() {
	if a.from == nil {
		return
	}
	if set := a.from.Received(); set.Files != nil || set.Cut {
		a.put(set)
	}
}

func (a *arrivals) put(set transport.Received) {
	a.waiting++
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		codec.Files(set.Files).Close()
		return
	}
	a.sets = append(a.sets, set)
}

// stray tells whether more have come than are announced. When more has to be read,
// one frame at most has begun; between is whether none has.
func (a *arrivals) stray(between bool) error {
	if a.waiting > 1 || a.waiting == 1 && between {
		return fmt.Errorf("descriptors came that no frame announces")
	}
	return nil
}

// take returns those that a frame announces. Those that are lost are marked.
func (a *arrivals) take(h frame.Header, n int) (codec.Files, error) {
	if n == 0 || n > codec.MaxFiles {
		return nil, fmt.Errorf("%v frame with %d descriptors, of which there are 1 to %d", h.Kind, n, codec.MaxFiles)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.sets) == 0 {
		return nil, fmt.Errorf("%v frame with %d descriptors, which did not come", h.Kind, n)
	}
	set := a.sets[0]
	files := codec.Files(set.Files)
	a.sets = a.sets[1:]
	a.waiting--
	if len(files) > n || len(files) < n && !set.Cut {
		defer files.Close()
		return nil, fmt.Errorf("%v frame with %d descriptors, but %d came", h.Kind, n, len(files))
	}
	for len(files) < n {
		files = append(files, codec.LostFile)
	}
	return files, nil
}

// hand is for the files of a message that is read: it waits until there are not too many.
func (a *arrivals) hand(files codec.Files) codec.Files {
	if files == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.unused+len(files) > maxUnused && !a.over {
		a.claimed.Wait()
	}
	a.unused += len(files)
	return files
}

// claim is for who decodes a message, or drops it.
func (a *arrivals) claim(files codec.Files) codec.Files {
	if files == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unused -= len(files)
	a.claimed.Signal()
	return files
}

// keep keeps those of a large message until swap takes them out.
func (a *arrivals) keep(files codec.Files) { a.swap(files).Close() }

func (a *arrivals) swap(files codec.Files) codec.Files {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		files.Close()
		files = nil
	}
	files, a.large = a.large, files
	return files
}

// close is the end of the connection, which may come while somebody reads.
func (a *arrivals) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.claimed.Broadcast()
	for _, set := range a.sets {
		codec.Files(set.Files).Close()
	}
	a.large.Close()
	a.sets, a.large = nil, nil
}

// cutFiles takes the count of descriptors off a payload's end, and those off arrivals.
func (a *arrivals) cutFiles(h frame.Header, payload []byte) ([]byte, codec.Files, error) {
	if h.Flags&frame.Files == 0 {
		return payload, nil, nil
	}
	end := len(payload) - 1
	if end < 0 {
		return nil, nil, fmt.Errorf("%v frame that does not say how many descriptors it has", h.Kind)
	}
	files, err := a.take(h, int(payload[end]))
	return payload[:end], files, err
}

// drop closes what came with a message that nobody gets, and returns why.
func (m message) drop(err error) error {
	m.files.Close()
	return err
}
