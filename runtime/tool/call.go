package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/dynamic"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// Session is a plugin that was started to be called. It is for one goroutine at a
// time, and has to be closed.
type Session struct {
	Report *Report   // as the plugin says
	Stdin  io.Reader // what the argument "-" reads; nil means that there is none
	// Stdout takes the bytes of an io.Reader that a method returns, and those that it writes
	// to the argument "-". Nil means that they come as JSON, a string for each line, or
	// {"base64":"..."} if that is no text.
	Stdout io.Writer
	plugin *pingo.Plugin
}

// Open starts a plugin.
func Open(ctx context.Context, b Binary) (*Session, error) {
	r, err := Read(ctx, b.Path)
	if err != nil {
		return nil, err
	}
	if why := r.notPlugin(); why != nil {
		return nil, why
	}
	p, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	s := &Session{Report: r, plugin: p}
	if err := r.ask(ctx, p); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close stops the plugin.
func (s *Session) Close() { s.plugin.Stop() }

// Call calls a method with arguments in JSON, by position or as name=JSON, and
// gives each the results: as one JSON value, and then each item of a stream as one. If
// the method has no results, each is not called. Streams can be arguments, too, as
// "pingogen help call" says. An ArgumentError says that the call
// was not made; every other error is that of the call, or one of each.
func (s *Session) Call(ctx context.Context, method string, args []string, each func(json []byte) error) error {
	m, err := s.Report.Method(method)
	if err != nil {
		return err
	}
	request, err := m.newRequest(ctx, args, s.Stdin)
	if err != nil {
		return err
	}
	return s.once(ctx, m, request, &sink{each: each, raw: s.Stdout}, (*reply).print)
}

// once makes a call, and has take hand on what comes back.
func (s *Session) once(ctx context.Context, m *Method, request *request, out *sink, take func(*reply, context.Context, *sink) error) error {
	ctx, cancel := context.WithCancel(ctx) // and with it, a stream
	defer cancel()
	streams := &streams{ctx: ctx, in: s.Stdin, out: out}
	reply := &reply{results: m.results}
	err := s.plugin.CallContext(ctx, m.FullName(), &sending{request, streams}, reply)
	if err == nil {
		err = out.flush() // what was written stands before the results
	}
	if err == nil { // results beside an error are left out
		err = take(reply, ctx, out)
	}
	failed := streams.close()
	unwritten := out.close()
	switch {
	case unwritten != nil:
		return unwritten
	case failed == nil:
		return err
	case pingo.FateOf(err) == pingo.NotDelivered: // what an argument names cannot be opened
		return m.wrong(failed)
	case err == nil:
		return failed
	case !strings.Contains(err.Error(), failed.Error()):
		return fmt.Errorf("%w (%v)", err, failed)
	}
	return err
}

// reply is the results of a call.
type reply struct {
	results []schema.Field
	fields  []schema.Field // of the results that are no streams
	values  []any
	items   iter.Seq2[any, error] // of a stream
	bytes   *codec.Reference      // of a stream
	closes  bool                  // bytes has to be closed
}

// Encode implements codec.Message.
func (r *reply) Encode(e *codec.Encoder) { e.Fail(errors.New("results are not sent")) }

// Decode implements codec.Message.
func (r *reply) Decode(d *codec.Decoder) {
	for _, f := range r.results {
		switch items := f.Type.Items(); {
		case f.Type.Reads():
			r.bytes = codec.DecodeInterface(d, func(r *codec.Reference) *codec.Reference { return r })
			r.closes = f.Type.Closes()
		case items != nil:
			r.items = stream(d, items)
		default:
			r.add(f, dynamic.Decode(d, f.Type))
		}
	}
}

func (r *reply) add(f schema.Field, v any) {
	r.fields, r.values = append(r.fields, f), append(r.values, v)
}

// json is the results that are no streams, nil if there are none.
func (r *reply) json() ([]byte, error) {
	if len(r.fields) == 0 {
		return nil, nil
	}
	return dynamic.Marshal(joined(r.fields, r.values))
}

// print gives out what has come.
func (r *reply) print(ctx context.Context, out *sink) error {
	b, err := r.json()
	if err == nil && b != nil {
		err = out.value(b)
	}
	switch {
	case err != nil:
		return err
	case r.items != nil:
		return printItems(r.items, out.value)
	case r.bytes != nil:
		return r.printBytes(ctx, out.bytes())
	}
	return nil
}

// drain reads a stream to its end.
func (r *reply) drain(ctx context.Context, out *sink) error {
	if r.bytes != nil {
		return r.printBytes(ctx, out.bytes())
	}
	if r.items != nil {
		for _, err := range r.items {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// printBytes reads a stream to its end, or to that of ctx, which ends no Read: it is left
// behind, and ends with the plugin.
func (r *reply) printBytes(ctx context.Context, w io.Writer) error {
	from, to := io.Pipe()
	go func() {
		_, err := io.Copy(to, r.bytes)
		if r.closes {
			if closed := r.bytes.Close(ctx); err == nil {
				err = closed
			}
		}
		to.CloseWithError(err)
	}()
	defer context.AfterFunc(ctx, func() { to.CloseWithError(ctx.Err()) })()
	_, err := io.Copy(w, from)
	_ = from.CloseWithError(errOver)
	return err
}

func printItems(items iter.Seq2[any, error], each func([]byte) error) error {
	for v, err := range items {
		if err != nil {
			return err
		}
		b, err := dynamic.Marshal(v)
		if err != nil {
			return err
		}
		if err := each(b); err != nil {
			return err
		}
	}
	return nil
}

// stream returns the items of a sequence or a channel, each as one value.
func stream(d *codec.Decoder, items []*schema.Type) iter.Seq2[any, error] {
	decode := func(i int) func(*codec.Decoder) any {
		return func(d *codec.Decoder) any { return dynamic.Decode(d, items[i]) }
	}
	var failed error
	fail := func(err error) { failed = err }
	switch {
	case len(items) == 1: // a channel comes as a sequence does, which can fail
		seq := codec.DecodeSeq(d, decode(0), fail)
		return single(seq, seq == nil, &failed)
	case items[1].Kind() == schema.Failure:
		seq := codec.DecodeSeq2(d, decode(0), (*codec.Decoder).Error, fail)
		if seq == nil {
			return func(func(any, error) bool) {}
		}
		return seq
	}
	seq := codec.DecodeSeq2(d, decode(0), decode(1), fail)
	return single(func(yield func(any) bool) {
		seq(func(k, v any) bool { return yield([]any{k, v}) }) // a pair is an array
	}, seq == nil, &failed)
}

// single adds the failure that a sequence ended with, if it did. One that is nil is
// empty.
func single(seq iter.Seq[any], isNil bool, failed *error) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		if isNil {
			return
		}
		for v := range seq {
			if !yield(v, nil) {
				return
			}
		}
		if *failed != nil {
			yield(nil, *failed)
		}
	}
}
