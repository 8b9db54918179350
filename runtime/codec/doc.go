// Package codec is what generated code encodes and decodes with.
//
// The encoding is positional: values stand in the order in which they are
// declared, without names or tags. Integers are varints (signed ones zigzag),
// floats are 8 or 4 bytes little-endian, strings and byte slices carry their
// length. Nil and empty are kept apart: a nillable value starts with 0 for nil
// and with its length plus one otherwise. What a type's own marshaler returned
// carries its length plus one as well; a 0 there means that the other side knows
// of no such value, and leaves the zero value. Every value takes at least one
// byte, so that a count can always be checked against the bytes that are left.
//
// Errors are sticky: after the first one, an Encoder writes nothing and a
// Decoder returns zero values, and Err tells what happened. Generated code
// therefore reads as a list of fields.
//
// An Encoder or Decoder is for one goroutine at a time.
package codec
