package tool

import (
	"context"
	"errors"
	"iter"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/dynamic"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// Session is a plugin that was started to be called. It is for one goroutine at a
// time, and has to be closed.
type Session struct {
	Report *Report // as the plugin says
	plugin *pingo.Plugin
}

// Open starts a plugin.
func Open(ctx context.Context, b Binary) (*Session, error) {
	r, err := Read(b.Path)
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
	s := &Session{r, p}
	if err := r.ask(ctx, p); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close stops the plugin.
func (s *Session) Close() { s.plugin.Stop() }

// Call calls a method with arguments in JSON, by position or as name=JSON, and
// gives each the results: as one JSON value, or each item of a stream as one. If
// the method has no results, each is not called. An ArgumentError says that the call
// was not made; every other error is that of the call, or one of each.
func (s *Session) Call(ctx context.Context, method string, args []string, each func(json []byte) error) error {
	m, err := s.Report.Method(method)
	if err != nil {
		return err
	}
	request, err := m.newRequest(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx) // and with it, a stream
	defer cancel()
	reply := &reply{results: m.results}
	if err := s.plugin.CallContext(ctx, m.FullName(), request, reply); err != nil {
		return err // results beside an error are left out
	}
	return reply.print(each)
}

// reply is the results of a call.
type reply struct {
	results []schema.Field
	values  []any
	items   iter.Seq2[any, error] // of a stream
}

// Encode implements codec.Message.
func (r *reply) Encode(e *codec.Encoder) { e.Fail(errors.New("results are not sent")) }

// Decode implements codec.Message.
func (r *reply) Decode(d *codec.Decoder) {
	for _, f := range r.results {
		if items := f.Type.Items(); items != nil {
			r.items = stream(d, items)
			continue
		}
		r.values = append(r.values, dynamic.Decode(d, f.Type))
	}
}

// print gives out what has come.
func (r *reply) print(each func([]byte) error) error {
	switch {
	case r.items != nil:
		return printItems(r.items, each)
	case len(r.results) == 0:
		return nil
	}
	b, err := dynamic.Marshal(joined(r.results, r.values))
	if err != nil {
		return err
	}
	return each(b)
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
