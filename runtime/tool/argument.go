package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/dynamic"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// Streams as arguments
//
// A parameter may be a stream: of bytes to read or to write, or of items. What its argument
// names is opened when the call is made, for each call anew, and closed behind it:
//
//	"text"       bytes to read: those of the text
//	[1,2,3]      items to read: those of the array
//	@file        bytes, or items as one JSON value after the other, from or to the file
//	-            the same from Session.Stdin, or to Session.Stdout
//
// For any other parameter, @file and - stand for the JSON that is read there, and for the
// bytes themselves where a []byte is wanted.

// source is where a stream begins or ends on this side.
type source struct {
	path string // of a file; "-" is this program's own input or output
	text string // without a path
	list []any  // without a path, of items
}

// sourceOf reads an argument that is not JSON. No JSON begins with an @, nor is a - alone.
func sourceOf(arg string) *source {
	path, isFile := strings.CutPrefix(arg, "@")
	if arg != "-" && !isFile {
		return nil
	}
	return &source{path: path}
}

// String is what a source is called in errors.
func (s *source) String() string {
	if s.path == "-" {
		return "stdin"
	}
	return s.path
}

// check makes sure that a source can be used for a type. It is opened if that is not one of
// streams. What reads in takes it.
func (s *source) check(t *schema.Type, in *io.Reader) (io.ReadCloser, error) {
	writes := writable(t) != nil || t.Kind() == schema.Sender
	switch {
	case s.path == "":
		return nil, errors.New("the name of a file is missing behind @")
	case writes:
		return nil, nil
	case s.path == "-" && *in == nil:
		return nil, errors.New("there is nothing to read for -, or no more")
	case s.path == "-":
		r := *in
		*in = nil
		if isStream(t) {
			return nil, nil
		}
		return io.NopCloser(r), nil
	}
	info, err := os.Stat(s.path)
	switch {
	case err != nil: // which opening it says, too
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory", s.path)
	case isStream(t) && !info.Mode().IsRegular():
		return nil, nil // to close a pipe that was opened just to see would end who writes to it
	}
	f, err := os.Open(s.path)
	if err != nil || !isStream(t) {
		return f, err
	}
	return nil, f.Close()
}

// waitFor runs f, which may wait for a pipe or a terminal, and leaves it behind when ctx ends.
func waitFor[T any](ctx context.Context, f func() (T, error)) (v T, err error) {
	done := make(chan struct{})
	var got T
	var failed error
	go func() {
		defer close(done)
		got, failed = f()
	}()
	select {
	case <-done:
		return got, failed
	case <-ctx.Done():
		return v, ctx.Err()
	}
}

// isStream tells whether arguments for the type can be streams.
func isStream(t *schema.Type) bool {
	return readable(t) != nil || writable(t) != nil || itemsOf(t) != nil
}

// readable returns the methods of an interface that bytes can be read by, nil for other types.
func readable(t *schema.Type) []string {
	if methods := t.Methods("Read", "ReadAt", "Seek", "Close"); methods != nil {
		return methods
	}
	return t.Methods("ReadAt", "Seek", "Close")
}

// writable returns the methods of an interface that bytes can be written to, nil for other types.
func writable(t *schema.Type) []string { return t.Methods("Write", "Close") }

// itemsOf returns what is in a sequence, or a channel in either direction; nil for other types.
func itemsOf(t *schema.Type) []*schema.Type {
	if t.Kind() == schema.Sender {
		return []*schema.Type{t.Elem()}
	}
	return t.Items()
}

// given makes of the JSON for a parameter what request.Encode takes: the value, or a source.
// Null is nil, also for a stream.
func given(t *schema.Type, v any, path string) (any, error) {
	switch {
	case v == nil || !isStream(t):
		return v, nil
	case readable(t) != nil:
		if text, ok := v.(string); ok {
			return &source{text: text}, nil
		}
		return nil, fmt.Errorf("%s: want a JSON string, @file or - for %s, not %s", path, t, dynamic.KindOf(v))
	case writable(t) != nil || t.Kind() == schema.Sender:
		return nil, fmt.Errorf("%s: want @file or - for %s, which is written to, not %s", path, t, dynamic.KindOf(v))
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: want a JSON array, @file or - for %s, not %s", path, t, dynamic.KindOf(v))
	}
	for i, item := range list {
		var e codec.Encoder
		if encodeItem(&e, itemsOf(t), item, fmt.Sprintf("%s[%d]", path, i)); e.Err() != nil {
			return nil, e.Err()
		}
	}
	return &source{list: list}, nil
}

// encodeItem encodes an item of a stream: one value, a pair as an array, or a value that an
// error could stand beside.
func encodeItem(e *codec.Encoder, types []*schema.Type, item any, path string) {
	if len(types) == 1 || types[1].Kind() == schema.Failure {
		dynamic.Encode(e, types[0], item, path)
		return
	}
	pair, ok := item.([]any)
	if !ok || len(pair) != 2 {
		e.Fail(fmt.Errorf("%s: want an array of two, not %s", path, dynamic.KindOf(item)))
		return
	}
	dynamic.Encode(e, types[0], pair[0], path+"[0]")
	dynamic.Encode(e, types[1], pair[1], path+"[1]")
}
