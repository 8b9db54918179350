package tool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/dynamic"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// streams is the streams of one call on this side.
type streams struct {
	ctx context.Context // ends when the call is over
	in  io.Reader       // what "-" reads
	out *sink           // where "-" writes

	mu     sync.Mutex // protects following
	failed error      // the first failure of this side
	atEnd  []func() error
}

// fail notes why a stream has failed on this side, and returns it.
func (s *streams) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
	}
	return err
}

// later has f called when the call is over.
func (s *streams) later(f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.atEnd = append(s.atEnd, f)
}

// close ends the streams, and returns why one has failed on this side. The call is over: what
// the plugin has kept of them is nobody's.
func (s *streams) close() error {
	s.mu.Lock()
	atEnd := s.atEnd
	s.mu.Unlock()
	for _, f := range slices.Backward(atEnd) {
		if err := f(); err != nil {
			_ = s.fail(err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// encode sends a source as a value of type t, which isStream. Path is for errors.
func (s *streams) encode(e *codec.Encoder, t *schema.Type, from *source, path string) {
	var err error
	switch {
	case readable(t) != nil:
		err = s.encodeReader(e, t, from)
	case writable(t) != nil:
		err = s.encodeWriter(e, t, from)
	case t.Kind() == schema.Sender:
		err = s.encodeSender(e, t, from)
	default:
		s.encodeItems(e, t, from, path)
	}
	if err != nil {
		e.Fail(s.fail(fmt.Errorf("%s: %w", path, err)))
	}
}

// open opens a source to read.
func (s *streams) open(from *source) (io.Reader, error) {
	switch from.path {
	case "":
		return strings.NewReader(from.text), nil
	case "-":
		return s.in, nil
	}
	f, err := waitFor(s.ctx, func() (*os.File, error) { return os.Open(from.path) })
	if err != nil {
		return nil, err
	}
	s.later(func() error {
		_ = f.Close() // it was only read
		return nil
	})
	return f, nil
}

// create opens a source to write.
func (s *streams) create(to *source) (io.Writer, error) {
	if to.path == "-" {
		return s.out.bytes(), nil
	}
	f, err := waitFor(s.ctx, func() (*os.File, error) {
		return os.OpenFile(to.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666) // not to read as well, or a pipe would not wait for its reader
	})
	if err != nil {
		return nil, err
	}
	s.later(f.Close)
	return f, nil
}

func (s *streams) encodeReader(e *codec.Encoder, t *schema.Type, from *source) error {
	r, err := s.open(from)
	if err == nil {
		codec.EncodeInterface(e, false, r, nil, func() *codec.Service { return readService(t, r) })
	}
	return err
}

func (s *streams) encodeWriter(e *codec.Encoder, t *schema.Type, to *source) error {
	w, err := s.create(to)
	if err == nil {
		codec.EncodeInterface(e, false, w, nil, func() *codec.Service { return writeService(t, w) })
	}
	return err
}

// readService serves an interface that is readable.
func readService(t *schema.Type, r io.Reader) *codec.Service {
	names := readable(t)
	s := &codec.Service{Contract: &codec.Contract{Name: t.String(), Methods: codec.MethodsNamed(names...)}}
	for _, name := range names {
		handler := closeHandler
		switch name {
		case "Read":
			handler = codec.ReadHandler(r)
		case "ReadAt":
			handler = unsupported
			if at, ok := r.(io.ReaderAt); ok {
				handler = codec.ReadAtHandler(at)
			}
		case "Seek":
			handler = unsupported
			if seeker, ok := r.(io.Seeker); ok {
				handler = codec.SeekHandler(seeker)
			}
		}
		s.Handlers = append(s.Handlers, handler)
	}
	return s
}

// writeService serves an interface that is writable.
func writeService(t *schema.Type, w io.Writer) *codec.Service {
	names := writable(t)
	s := &codec.Service{Contract: &codec.Contract{Name: t.String(), Methods: codec.MethodsNamed(names...)}, Writer: w}
	for _, name := range names {
		handler := closeHandler
		if name == "Write" {
			handler = codec.WriteHandler
		}
		s.Handlers = append(s.Handlers, handler)
	}
	return s
}

// closeHandler serves the Close of what is closed when the call is over.
func closeHandler(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
	return dec.Message(&codec.Nothing{})
}

func unsupported(context.Context, *codec.Decoder, *codec.Encoder) error {
	return errors.ErrUnsupported
}

// encodeSender has what the plugin sends printed, an item at a time.
func (s *streams) encodeSender(e *codec.Encoder, t *schema.Type, to *source) error {
	w, err := s.create(to)
	if err != nil {
		return err
	}
	ch, over, ended := make(chan any), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case v, ok := <-ch:
				if !ok {
					return
				}
				s.printItem(w, to, v)
			case <-over:
				return
			}
		}
	}()
	s.later(func() error {
		close(over)
		<-ended
		return nil
	})
	codec.EncodeSender(e, ch, func(d *codec.Decoder) any { return dynamic.Decode(d, t.Elem()) })
	return nil
}

// printItem prints a line, to a file or with the results. Where that fails, the plugin is not told.
func (s *streams) printItem(w io.Writer, to *source, v any) {
	b, err := dynamic.Marshal(v)
	switch {
	case err != nil:
	case to.path == "-":
		_ = s.out.value(b) // kept there
		return
	default:
		_, err = fmt.Fprintf(w, "%s\n", b)
	}
	if err != nil {
		_ = s.fail(err)
	}
}

// encodeItems sends a sequence, or a channel to receive from.
func (s *streams) encodeItems(e *codec.Encoder, t *schema.Type, from *source, path string) {
	types := t.Items()
	item := func(e *codec.Encoder, of *schema.Type, v any) {
		if err, ok := v.(unread); ok {
			e.Fail(err)
			return
		}
		if dynamic.Encode(e, of, v, path); e.Err() != nil {
			_ = s.fail(e.Err())
		}
	}
	first := func(e *codec.Encoder, v any) { item(e, types[0], v) }
	items := s.items(from, path)
	switch {
	case t.Kind() == schema.Receiver:
		codec.EncodeReceiver(e, s.channel(items), first)
	case len(types) == 1:
		codec.EncodeSeq(e, items, first)
	case types[1].Kind() == schema.Failure:
		codec.EncodeSeq2(e, failing(items), first, (*codec.Encoder).Error)
	default:
		codec.EncodeSeq2(e, s.pairs(items, path), first, func(e *codec.Encoder, v any) { item(e, types[1], v) })
	}
}

// unread stands for an item that cannot be read.
type unread struct{ error }

// items reads a source of items. The last one is unread if it fails.
func (s *streams) items(from *source, path string) iter.Seq[any] {
	if from.path == "" {
		return slices.Values(from.list)
	}
	return func(yield func(any) bool) {
		r, err := s.open(from)
		d := json.NewDecoder(r)
		d.UseNumber()
		for n := 1; ; n++ {
			var v any
			if err == nil {
				err = d.Decode(&v)
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(unread{s.fail(fmt.Errorf("%s: %s: value %d: %w", path, from, n, dynamic.NotJSON(err)))})
				return
			}
			if !yield(v) {
				return
			}
		}
	}
}

// channel sends items to a channel, for as long as the call lasts.
func (s *streams) channel(items iter.Seq[any]) <-chan any {
	ch := make(chan any)
	go func() {
		defer close(ch)
		for v := range items {
			select {
			case ch <- v:
			case <-s.ctx.Done():
				return
			}
		}
	}()
	return ch
}

// failing yields the error of an item that cannot be read beside none.
func failing(items iter.Seq[any]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for v := range items {
			err, _ := v.(unread)
			if err.error != nil {
				v = nil
			}
			if !yield(v, err.error) {
				return
			}
		}
	}
}

// pairs yields what arrays of two hold.
func (s *streams) pairs(items iter.Seq[any], path string) iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for v := range items {
			k, v, err := pairOf(v, path)
			if err != nil {
				k = unread{s.fail(err)}
			}
			if !yield(k, v) {
				return
			}
		}
	}
}

// pairOf takes an array of two apart.
func pairOf(v any, path string) (first, second any, err error) {
	if failed, ok := v.(unread); ok {
		return nil, nil, failed.error
	}
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		return nil, nil, fmt.Errorf("%s: want an array of two, not %s", path, dynamic.KindOf(v))
	}
	return pair[0], pair[1], nil
}
