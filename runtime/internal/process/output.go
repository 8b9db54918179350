package process

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// The bounds of what is kept of the output in memory.
const (
	minLine   = 4 << 10  // room for them at first
	maxLine   = 64 << 10 // longer lines are handed over in pieces
	maxQueued = 1 << 20  // bytes of lines that wait for who reads them, with lineCost for each
	lineCost  = 32       // so that empty lines cost something
)

// output reads stdout and stderr, both at once and always, so that the process
// never waits for whoever looks at its lines. The lines wait in a queue; what
// does not fit there is dropped, and the queue says so.
type output struct {
	stdout, stderr stream
	queue          *queue
	tail           *tail
	reading        atomic.Int32  // readers of the streams
	over           chan struct{} // closed when there is none any more
	meter          meter
	hurry          chan struct{} // closed when the process has ended: what is left is read at once
}

// stream is one of the two.
type stream struct{ host, child *os.File }

func newOutput(cfg Config) (*output, error) {
	o := &output{queue: newQueue(cfg.Line), tail: &tail{}, over: make(chan struct{}), hurry: make(chan struct{})}
	o.meter.rate, o.meter.flood = float64(cfg.OutputRate), cfg.Flood
	for _, s := range []*stream{&o.stdout, &o.stderr} {
		var err error
		if s.host, s.child, err = newPipe(); err != nil {
			o.closeChildEnds()
			o.closeHostEnds()
			return nil, err
		}
	}
	return o, nil
}

// start begins to read, when the process has its ends.
func (o *output) start() {
	o.reading.Store(2)
	go o.readLines(o.stdout.host, func(line string) { o.queue.put(Line{Text: line}) })
	go o.readLines(o.stderr.host, func(line string) {
		o.tail.add(line)
		o.queue.put(Line{line, true})
	})
}

// abandon is for an output that is never started.
func (o *output) abandon() { o.closeHostEnds() }

func (o *output) closeChildEnds() { closeAll(o.stdout.child, o.stderr.child) }
func (o *output) closeHostEnds()  { closeAll(o.stdout.host, o.stderr.host) }

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close() // nothing was written through it
		}
	}
}

// readLines reads r to its end and puts its lines.
func (o *output) readLines(r io.Reader, put func(string)) {
	defer func() {
		if o.reading.Add(-1) == 0 {
			close(o.over)
		}
	}()
	buf := make([]byte, minLine)
	used := 0
	for {
		n, err := r.Read(buf[used:])
		if used+n == len(buf) && len(buf) < maxLine {
			buf = append(buf, make([]byte, maxLine-len(buf))...)
		}
		used = putLines(buf, used+n, put)
		o.slow(n)
		if err != nil {
			if used > 0 {
				put(string(trimReturn(buf[:used])))
			}
			return
		}
	}
}

// slow waits if more comes than may.
func (o *output) slow(n int) {
	wait := o.meter.take(n, time.Now())
	if wait <= 0 {
		return
	}
	select {
	case <-time.After(wait):
	case <-o.hurry:
	}
}

// putLines puts the complete lines of buf[:used], or all of it if it is full,
// moves the rest to the front and returns its length.
func putLines(buf []byte, used int, put func(string)) int {
	rest := buf[:used]
	for {
		line, after, ok := bytes.Cut(rest, []byte{'\n'})
		if !ok {
			break
		}
		put(string(trimReturn(line)))
		rest = after
	}
	if len(rest) == len(buf) {
		put(string(rest))
		return 0
	}
	return copy(buf, rest)
}

func trimReturn(line []byte) []byte { return bytes.TrimSuffix(line, []byte{'\r'}) }

// flush waits for the readers, and closes what they read if that takes too long:
// somebody outside of the group holds the other end.
func (o *output) flush(atMost time.Duration) {
	close(o.hurry)
	if clock.Wait(context.Background(), o.over, atMost) {
		o.closeHostEnds()
		return
	}
	go o.closeHostEnds() // ends the readers; on Windows not before the other end is closed
	clock.Wait(context.Background(), o.over, atMost)
}

func (o *output) deliver(atMost time.Duration) { o.queue.finish(atMost) }

// Line is a line of output, without its end.
type Line struct {
	Text   string
	Stderr bool // it was written to stderr
}

// queue keeps lines until the function that gets them returns from the one before. That is called by
// a goroutine that is there while there are any.
type queue struct {
	line func(Line)

	mu      sync.Mutex // protects following
	lines   []Line
	size    int           // what lines cost
	dropped int           // lines that did not fit, since the last one that did
	idle    chan struct{} // closed when the goroutine ends; nil if there is none
	over    bool          // nothing is taken any more
	dropAll bool
}

func newQueue(line func(Line)) *queue {
	if line == nil {
		line = func(Line) {}
	}
	return &queue{line: line}
}

// cost is what it takes of maxQueued.
func (l Line) cost() int { return len(l.Text) + lineCost }

func (q *queue) put(line Line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	if q.size+line.cost() > maxQueued {
		q.dropped++
		return
	}
	q.sayDropped()
	q.add(line)
}

func (q *queue) sayDropped() {
	if q.dropped > 0 {
		q.add(Line{Text: fmt.Sprintf("pingo: %d lines of output were dropped here, because the ErrorHandler is slower than the plugin", q.dropped)})
		q.dropped = 0
	}
}

func (q *queue) add(line Line) {
	q.lines = append(q.lines, line)
	q.size += line.cost()
	if q.idle == nil {
		q.idle = make(chan struct{})
		go q.work()
	}
}

// work hands over lines until there is none.
func (q *queue) work() {
	for line, ok := q.next(); ok; line, ok = q.next() {
		q.line(line)
	}
}

// next returns a line that is to be handed over. Without one, work is over.
func (q *queue) next() (line Line, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lines) == 0 && !q.dropAll {
		q.sayDropped()
	}
	if len(q.lines) == 0 || q.dropAll {
		close(q.idle)
		q.idle = nil
		return Line{}, false
	}
	line = q.lines[0]
	q.lines[0] = Line{}
	q.lines = q.lines[1:]
	q.size -= line.cost()
	return line, true
}

// finish waits until all lines are handed over, or for a while.
func (q *queue) finish(atMost time.Duration) {
	q.mu.Lock()
	q.over = true
	idle := q.idle
	q.mu.Unlock()
	if idle != nil && !clock.Wait(context.Background(), idle, atMost) {
		q.mu.Lock()
		q.dropAll = true
		q.mu.Unlock()
	}
}
