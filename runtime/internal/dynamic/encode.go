package dynamic

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// maxBytes bounds what a description can make of a little JSON.
const maxBytes = 4 << 20

// Encode writes a value that Parse has read as a value of type t. Errors say where
// it does not fit, from path on.
func Encode(e *codec.Encoder, t *schema.Type, v any, path string) {
	if len(e.Buffer()) > maxBytes {
		e.Fail(fmt.Errorf("%s: the value takes more than %d bytes", path, maxBytes))
	}
	if !e.Enter() {
		return
	}
	defer e.Leave()
	w := writer{e, path}
	switch t.Kind() {
	case schema.Slice, schema.Array, schema.Map, schema.Pointer, schema.Structure:
		w.composite(t, v)
	default:
		w.basic(t, v)
	}
}

// writer writes a value.
type writer struct {
	*codec.Encoder
	path string
}

func (w writer) fail(format string, args ...any) {
	w.Fail(fmt.Errorf("%s: %w", w.path, fmt.Errorf(format, args...)))
}

// basic writes what has no parts.
func (w writer) basic(t *schema.Type, v any) {
	switch t.Kind() {
	case schema.Boolean:
		b, ok := v.(bool)
		if v != nil && !ok {
			w.want("true or false", t, v)
		}
		w.Bool(b)
	case schema.Signed:
		w.Int64(w.signed(t, v))
	case schema.Unsigned:
		w.Uint64(w.unsigned(t, v))
	case schema.Float:
		w.float(t, v)
	case schema.Complex:
		w.complex(t, v)
	case schema.Text:
		w.String(w.text(t, v))
	case schema.Instant:
		w.Time(w.time(t, v))
	case schema.Failure:
		w.failure(t, v)
	case schema.Dynamic:
		w.Any(w.plain(v))
	default:
		w.opaque(t, v)
	}
}

// opaque writes bytes, and nil for what stays here.
func (w writer) opaque(t *schema.Type, v any) {
	switch {
	case t.Kind() == schema.ByteArray:
		w.byteArray(t, v)
	case t.Kind() == schema.Bytes && v == nil, t.Kind() == schema.Marshaled && v == nil:
		w.Bytes(nil)
	case t.Kind() == schema.Marshaled && t.Definition() == "encoding.TextMarshaler":
		w.Marshaled([]byte(w.text(t, v)), nil)
	case t.Kind() == schema.Marshaled:
		w.Marshaled(w.base64(t, v), nil)
	case t.Kind() == schema.Bytes:
		w.Bytes(w.base64(t, v))
	case !stays(t) || t.Kind() > schema.Handle || t.Kind() == 0:
		w.fail("nothing is known of the type %s", t)
	case v != nil && t.Kind() == schema.Handle:
		w.fail("%s is a descriptor of the system, and only null can be written for it", t)
	case v != nil:
		w.fail("%s is passed by reference, and only null can be written for it", t)
	default:
		w.Empty()
	}
}

// want reports JSON of the wrong kind.
func (w writer) want(what string, t *schema.Type, v any) {
	w.fail("want %s for %s, not %s", what, t, KindOf(v))
}

// KindOf says what a value is that Parse has read, for errors.
func KindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case string:
		return "the string " + strconv.Quote(clip(v))
	case []any:
		return "an array"
	}
	return "an object"
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "..."
	}
	return s
}

func (w writer) signed(t *schema.Type, v any) int64 {
	if s, ok := v.(string); ok && t.Duration() {
		d, err := time.ParseDuration(s)
		if err != nil {
			w.fail("want a duration such as \"1.5s\" for %s, not %q", t, clip(s))
		}
		return int64(d)
	}
	n, err := strconv.ParseInt(w.number("an integer", t, v), 10, t.Bits())
	w.integer(t, v, err)
	return n
}

func (w writer) unsigned(t *schema.Type, v any) uint64 {
	n, err := strconv.ParseUint(w.number("an integer that is not negative", t, v), 10, t.Bits())
	w.integer(t, v, err)
	return n
}

func (w writer) integer(t *schema.Type, v any, err error) {
	switch {
	case errors.Is(err, strconv.ErrRange):
		w.fail("%v does not fit %s", v, t)
	case err != nil:
		w.fail("want an integer for %s, not %v", t, KindOf(v))
	}
}

// number returns the digits of a number, "0" for null.
func (w writer) number(what string, t *schema.Type, v any) string {
	switch v := v.(type) {
	case nil:
	case json.Number:
		return v.String()
	default:
		w.want(what, t, v)
	}
	return "0"
}

func (w writer) float(t *schema.Type, v any) {
	text, special := v.(string)
	special = special && slices.Contains([]string{"NaN", "Inf", "+Inf", "-Inf"}, text)
	if !special {
		text = w.number("a number", t, v)
	}
	f, err := strconv.ParseFloat(text, t.Bits())
	if err != nil {
		w.fail("%v does not fit %s", v, t)
	}
	if t.Bits() == 32 {
		w.Float32(float32(f))
		return
	}
	w.Float64(f)
}

func (w writer) complex(t *schema.Type, v any) {
	text := w.text(t, v)
	if v == nil {
		text = "0"
	}
	c, err := strconv.ParseComplex(text, t.Bits())
	if err != nil {
		w.fail("want a number such as \"(1+2i)\" for %s, not %q", t, clip(text))
	}
	if t.Bits() == 64 {
		w.Complex64(complex64(c))
		return
	}
	w.Complex128(c)
}

func (w writer) text(t *schema.Type, v any) string {
	s, ok := v.(string)
	if v != nil && !ok {
		w.want("a string", t, v)
	}
	return s
}

func (w writer) time(t *schema.Type, v any) time.Time {
	s := w.text(t, v)
	if v == nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		w.fail("want a time such as %q for %s, not %q", exampleTime, t, clip(s))
	}
	return at
}

func (w writer) failure(t *schema.Type, v any) {
	if v == nil {
		w.Encoder.Error(nil)
		return
	}
	w.Encoder.Error(errors.New(w.text(t, v)))
}

func (w writer) base64(t *schema.Type, v any) []byte {
	s := w.text(t, v)
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		w.fail("want base64 for %s, not %q", t, clip(s))
	}
	return b
}

func (w writer) byteArray(t *schema.Type, v any) {
	if t.Length() > maxBytes {
		w.fail("%s takes more than %d bytes", t, maxBytes)
		return
	}
	b := make([]byte, t.Length())
	if v != nil {
		b = w.base64(t, v)
	}
	if int64(len(b)) != t.Length() {
		w.fail("want %d bytes for %s, not %d", t.Length(), t, len(b))
		return
	}
	w.ByteArray(b)
}

// composite writes what has parts.
func (w writer) composite(t *schema.Type, v any) {
	switch t.Kind() {
	case schema.Slice:
		list, ok := v.([]any)
		if v != nil && !ok {
			w.want("an array", t, v)
		}
		i := -1
		codec.EncodeSlice(w.Encoder, list, func(e *codec.Encoder, v any) {
			i++
			Encode(e, t.Elem(), v, index(w.path, i))
		})
	case schema.Array:
		w.array(t, v)
	case schema.Map:
		w.mapping(t, v)
	case schema.Pointer:
		var p *any
		if v != nil {
			p = &v
		}
		codec.EncodePointer(w.Encoder, p, func(e *codec.Encoder, v any) { Encode(e, t.Elem(), v, w.path) })
	case schema.Structure:
		w.structure(t, v)
	}
}

func (w writer) array(t *schema.Type, v any) {
	list, ok := v.([]any)
	switch {
	case v == nil && t.Length() > maxBytes:
		w.fail("%s takes more than %d bytes", t, maxBytes)
		return
	case v == nil:
		list = make([]any, t.Length())
	case !ok || int64(len(list)) != t.Length():
		w.want(fmt.Sprintf("an array of %d", t.Length()), t, v)
		return
	}
	if len(list) == 0 {
		w.Empty()
	}
	for i := 0; i < len(list) && w.Err() == nil; i++ {
		Encode(w.Encoder, t.Elem(), list[i], index(w.path, i))
	}
}

func (w writer) mapping(t *schema.Type, v any) {
	object, ok := v.(map[string]any)
	if v != nil && !ok {
		w.want("an object", t, v)
	}
	names := slices.Sorted(maps.Keys(object))
	if v == nil {
		names = nil
	} else if names == nil {
		names = []string{}
	}
	codec.EncodeSlice(w.Encoder, names, func(e *codec.Encoder, name string) {
		path := w.path + "[" + strconv.Quote(clip(name)) + "]"
		var key any = name
		if !textual(t.Key()) {
			var err error
			if key, err = Parse(name); err != nil {
				e.Fail(fmt.Errorf("%s: the key has to be the JSON of %s: %w", path, t.Key(), err))
			}
		}
		Encode(e, t.Key(), key, path)
		Encode(e, t.Elem(), object[name], path)
	})
}

func (w writer) structure(t *schema.Type, v any) {
	object, ok := v.(map[string]any)
	if v != nil && !ok {
		w.want("an object", t, v)
		return
	}
	fields := t.Fields()
	known := map[string]bool{}
	var names []string
	for _, f := range fields {
		known[f.Name] = true
		names = append(names, f.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !known[name] {
			w.fail("%s has no field %q; it has %s", t, clip(name), clip(strings.Join(names, ", ")))
		}
	}
	if len(fields) == 0 {
		w.Empty()
	}
	for _, f := range fields {
		if w.Err() == nil {
			Encode(w.Encoder, f.Type, object[f.Name], w.path+"."+f.Name)
		}
	}
}

// plain makes JSON's numbers Go's, for an any.
func (w writer) plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil && n >= math.MinInt && n <= math.MaxInt {
			return int(n)
		}
		f, err := v.Float64()
		if err != nil {
			w.fail("%v does not fit float64", v)
		}
		return f
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = w.plain(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = w.plain(v[name])
		}
		return object
	}
	return v
}
