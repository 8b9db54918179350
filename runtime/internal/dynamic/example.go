package dynamic

import (
	"encoding/base64"

	"github.com/pingogen/pingogen/runtime/internal/schema"
)

const exampleTime = "2006-01-02T15:04:05Z"

// maxExample bounds the parts of an example.
const maxExample = 1000

// Example returns a value of type t to fill in, which Marshal makes JSON of. Where
// a type comes again inside itself, it is null.
func Example(t *schema.Type) any {
	x := exampler{inside: map[*schema.Type]bool{}}
	return x.of(t)
}

type exampler struct {
	inside map[*schema.Type]bool
	parts  int
}

func (x *exampler) of(t *schema.Type) any {
	if x.parts++; x.inside[t] || x.parts > maxExample {
		return nil
	}
	x.inside[t] = true
	defer delete(x.inside, t)
	switch t.Kind() {
	case schema.Boolean:
		return false
	case schema.Signed, schema.Unsigned, schema.Float:
		if t.Duration() {
			return "1s"
		}
		return 0
	case schema.Complex:
		return "(0+0i)"
	case schema.Instant:
		return exampleTime
	case schema.Text, schema.Bytes, schema.Marshaled:
		return ""
	case schema.ByteArray:
		return base64.StdEncoding.EncodeToString(make([]byte, min(t.Length(), maxExample)))
	case schema.Slice:
		return []any{x.of(t.Elem())}
	case schema.Array:
		list := []any{}
		for int64(len(list)) < min(t.Length(), maxExample) {
			list = append(list, x.of(t.Elem()))
		}
		return list
	case schema.Map:
		return x.mapping(t)
	case schema.Pointer:
		return x.of(t.Elem())
	case schema.Structure:
		object := Object{}
		for _, f := range t.Fields() {
			object = append(object, Member{f.Name, x.of(f.Type)})
		}
		return object
	}
	return nil
}

func (x *exampler) mapping(t *schema.Type) any {
	key := x.of(t.Key())
	name, ok := key.(string)
	if !ok {
		b, err := Marshal(key)
		if err != nil {
			return nil
		}
		name = string(b)
	}
	if name == "" {
		name = "key"
	}
	return Object{{name, x.of(t.Elem())}}
}
