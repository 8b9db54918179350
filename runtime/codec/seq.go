package codec

import (
	"context"
	"io"
	"iter"
)

// EncodeSeq sends a sequence by reference: the other side may range over it as
// often as it could here. Items are sent as it does.
func EncodeSeq[T any](e *Encoder, seq iter.Seq[T], elem func(*Encoder, T)) {
	if seq == nil {
		e.Uint8(referenceNil)
		return
	}
	e.export(seq, rangeService(func(ctx context.Context, to *Reference) error {
		s := newItemSender(ctx, to)
		defer func() { _ = s.close() }() // also if seq panics
		seq(func(v T) bool {
			return s.put(func(e *Encoder) { elem(e, v) })
		})
		return s.close()
	}))
}

// DecodeSeq reads what EncodeSeq wrote. If the other side fails on the way, the
// sequence calls fail with the error, and ends if that returns.
func DecodeSeq[T any](d *Decoder, elem func(*Decoder) T, fail func(error)) iter.Seq[T] {
	r, home := d.reference()
	if r == nil {
		return ownValue[iter.Seq[T]](d, home)
	}
	return func(yield func(T) bool) {
		s := r.open(r.streamContext())
		defer s.close()
		for {
			var v T
			err := s.next(context.Background(), func(d *Decoder) { v = elem(d) })
			switch {
			case err == io.EOF:
				return
			case err != nil:
				fail(err)
				return
			case !yield(v):
				return
			}
		}
	}
}

// EncodeSeq2 is EncodeSeq for sequences of pairs.
func EncodeSeq2[K, V any](e *Encoder, seq iter.Seq2[K, V], key func(*Encoder, K), val func(*Encoder, V)) {
	if seq == nil {
		e.Uint8(referenceNil)
		return
	}
	e.export(seq, rangeService(func(ctx context.Context, to *Reference) error {
		s := newItemSender(ctx, to)
		defer func() { _ = s.close() }() // also if seq panics
		seq(func(k K, v V) bool {
			return s.put(func(e *Encoder) {
				key(e, k)
				val(e, v)
			})
		})
		return s.close()
	}))
}

// DecodeSeq2 is DecodeSeq for sequences of pairs. If the second of a pair is an
// error, a failure is yielded as one instead of calling fail.
func DecodeSeq2[K, V any](d *Decoder, key func(*Decoder) K, val func(*Decoder) V, fail func(error)) iter.Seq2[K, V] {
	r, home := d.reference()
	if r == nil {
		return ownValue[iter.Seq2[K, V]](d, home)
	}
	return func(yield func(K, V) bool) {
		s := r.open(r.streamContext())
		defer s.close()
		for {
			var k K
			var v V
			err := s.next(context.Background(), func(d *Decoder) { k, v = key(d), val(d) })
			if err == io.EOF {
				return
			}
			if err != nil {
				if p, ok := any(&v).(*error); ok {
					*p = err
					yield(k, v)
				} else {
					fail(err)
				}
				return
			}
			if !yield(k, v) {
				return
			}
		}
	}
}

// FailPanic and FailZero are what the sequences of a contract with failure=panic
// and failure=zero do when the other side fails.
func FailPanic(err error) { panic(err) }
func FailZero(error)      {}
