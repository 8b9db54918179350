package tool

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/description"
	"github.com/pingogen/pingogen/runtime/internal/dynamic"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// Method is a method of a contract that can be called with JSON.
type Method struct {
	Contract *description.Contract
	*description.Method
	params, results []schema.Field
}

// FullName is what the method is called by: "Greeter.SayHello".
func (m *Method) FullName() string { return m.Contract.Name + "." + m.Name }

// ArgumentError says what is wrong with what a method is to be called with, or
// that it cannot be called like this.
type ArgumentError struct{ Err error }

func (e *ArgumentError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ArgumentError) Unwrap() error { return e.Err }

func argumentError(format string, args ...any) error {
	return &ArgumentError{fmt.Errorf(format, args...)}
}

// Method finds a method by its name, "Greeter.SayHello"; "SayHello" alone will do
// where it is clear.
func (r *Report) Method(name string) (*Method, error) {
	var found []*Method
	for i := range r.Contracts {
		c := &r.Contracts[i]
		for j := range c.Methods {
			if m := &c.Methods[j]; name == m.Name || name == c.Name+"."+m.Name {
				found = append(found, &Method{Contract: c, Method: m})
			}
		}
	}
	switch {
	case len(found) == 0:
		return nil, argumentError("%s has no method %q; %s", r.Path, name, r.methodsThere())
	case len(found) > 1:
		return nil, argumentError("%s: %q is a method of both %s and %s; write which is meant", r.Path, name, found[0].FullName(), found[1].FullName())
	}
	m := found[0]
	var err error
	m.params, m.results, err = schema.New(m.Contract.Codec(), "").Signature(m.Name)
	return m, err
}

// methodsThere says which methods there are.
func (r *Report) methodsThere() string {
	names := r.MethodNames()
	if len(names) == 0 {
		return "it serves no contract; the types of objects in the style of net/rpc are not known"
	}
	return "it has " + strings.Join(names, ", ")
}

// MethodNames lists all methods by their full names.
func (r *Report) MethodNames() []string {
	var names []string
	for _, c := range r.Contracts {
		for _, m := range c.Methods {
			names = append(names, c.Name+"."+m.Name)
		}
	}
	slices.Sort(names)
	return names
}

// callable says why the method cannot be called, if it cannot.
func (m *Method) callable() error {
	streams := 0
	for i, f := range m.results {
		parts := []*schema.Type{f.Type}
		if f.Type.Reads() || f.Type.Items() != nil {
			parts = f.Type.Items()
			streams++
		}
		for _, part := range parts {
			if err := m.printable(part, nameOf(f, i)); err != nil {
				return err
			}
		}
		if streams > 1 {
			return argumentError("%s: result %s is a second stream: only one can be printed", m.FullName(), nameOf(f, i))
		}
	}
	return nil
}

func (m *Method) printable(t *schema.Type, result string) error {
	part, path := dynamic.Reference(t)
	if part == nil {
		return nil
	}
	if part.Kind() == schema.Handle {
		return argumentError("%s: result %s%s: %s is a descriptor of the system, which cannot be printed", m.FullName(), result, path, part)
	}
	return argumentError("%s: result %s%s: %s is passed by reference: it stays in the plugin, which ends with this command, and cannot be printed",
		m.FullName(), result, path, part)
}

// nameOf returns the name of a parameter or result, or its position.
func nameOf(f schema.Field, i int) string { return cmp.Or(f.Name, strconv.Itoa(i+1)) }

// named is how an argument with its parameter's name begins. No JSON does.
var named = regexp.MustCompile(`^([\pL_][\pL_0-9]*)=`)

// arguments reads a value for each parameter: one of JSON, or a source. They stand in the
// order of the parameters, or each behind its parameter's name: limit=5. What is not there
// has to be said as well, but for variadic parameters. In is what "-" reads, or nil.
func (m *Method) arguments(args []string, in io.Reader) ([]any, error) {
	values := make([]any, len(m.params))
	given := make([]bool, len(m.params))
	for position, arg := range args {
		i, text, err := m.parameter(arg, position)
		if err != nil {
			return nil, err
		}
		f := m.params[i]
		isNamed := text != arg
		one := f.Type.Variadic() && !isNamed
		v, err := m.argument(f, i, one, text, &in)
		if err != nil {
			return nil, err
		}
		switch {
		case one:
			list, _ := values[i].([]any)
			values[i] = append(list, v)
		case given[i]:
			return nil, argumentError("%s: parameter %s is given twice", m.FullName(), nameOf(f, i))
		default:
			values[i] = v
		}
		given[i] = true
	}
	for i, f := range m.params {
		if !given[i] && !f.Type.Variadic() {
			return nil, argumentError("%s: parameter %s of type %s is missing", m.FullName(), nameOf(f, i), f.Type)
		}
	}
	return values, nil
}

// argument reads what is given for a parameter, or for one of those that are variadic. In
// becomes nil where it is read.
func (m *Method) argument(f schema.Field, i int, variadic bool, arg string, in *io.Reader) (any, error) {
	t, path := f.Type, "parameter "+nameOf(f, i)
	if variadic {
		t = t.Elem()
	}
	from := sourceOf(arg)
	if from == nil {
		v, err := dynamic.Parse(arg)
		if err != nil {
			return nil, m.notJSON(f, i, arg, err)
		}
		if !variadic {
			v, err = given(t, v, path)
		}
		return v, m.wrong(err)
	}
	r, err := from.check(t, in)
	if err == nil && r != nil {
		return m.content(t, r, path+": "+from.String())
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return from, m.wrong(err)
}

// content reads a value from a file, or what stands for one.
func (m *Method) content(t *schema.Type, r io.ReadCloser, path string) (any, error) {
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxContent+1))
	var v any
	switch {
	case err != nil:
	case len(b) > maxContent:
		err = fmt.Errorf("more than %d bytes", maxContent)
	case t.Kind() == schema.Bytes:
		return base64.StdEncoding.EncodeToString(b), nil
	default:
		v, err = dynamic.Parse(string(b))
	}
	if err != nil {
		return nil, argumentError("%s: %s: %w", m.FullName(), path, err)
	}
	return v, nil
}

// maxContent bounds what is read to be an argument as a whole.
const maxContent = 64 << 20

// wrong makes an ArgumentError of an error.
func (m *Method) wrong(err error) error {
	if err == nil {
		return nil
	}
	return argumentError("%s: %w", m.FullName(), err)
}

// parameter returns the index of the parameter that an argument is for, and its JSON.
func (m *Method) parameter(arg string, position int) (int, string, error) {
	if name := named.FindStringSubmatch(arg); name != nil {
		for i, f := range m.params {
			if f.Name == name[1] {
				return i, arg[len(name[0]):], nil
			}
		}
		return 0, "", argumentError("%s has no parameter %s; it has %s", m.FullName(), name[1], m.Signature)
	}
	last := len(m.params) - 1
	if position > last && last >= 0 && m.params[last].Type.Variadic() {
		position = last
	}
	if position > last {
		return 0, "", argumentError("%s: argument %d is too much; it has %s", m.FullName(), position+1, m.Signature)
	}
	return position, arg, nil
}

func (m *Method) notJSON(f schema.Field, i int, text string, err error) error {
	hint := ""
	if f.Type.Kind() == schema.Text || readable(f.Type) != nil {
		b, _ := dynamic.Marshal(text)
		hint = fmt.Sprintf("; a string stands in quotes, which the shell leaves alone in other ones: '%s'", b)
	}
	return argumentError("%s: parameter %s: %w%s", m.FullName(), nameOf(f, i), err, hint)
}

// request is the arguments of calls: values of JSON, or sources.
type request struct {
	params []schema.Field
	values []any
}

// newRequest reads the arguments, for no longer than ctx lasts, and makes sure that they can
// be encoded. In is what "-" reads, or nil.
func (m *Method) newRequest(ctx context.Context, args []string, in io.Reader) (*request, error) {
	if err := m.callable(); err != nil {
		return nil, err
	}
	values, err := waitFor(ctx, func() ([]any, error) { return m.arguments(args, in) })
	if err != nil && ctx.Err() != nil {
		return nil, argumentError("%s: waiting for its arguments: %w", m.FullName(), err)
	}
	if err != nil {
		return nil, err
	}
	q := &request{m.params, values}
	var e codec.Encoder
	(&sending{q, nil}).Encode(&e)
	return q, m.wrong(e.Err())
}

// sending is a request as one call sends it. Without streams it is for a check.
type sending struct {
	*request
	streams *streams
}

// Encode implements codec.Message.
func (q *sending) Encode(e *codec.Encoder) {
	for i, f := range q.params {
		if e.Err() != nil {
			return
		}
		path := "parameter " + nameOf(f, i)
		from, ok := q.values[i].(*source)
		switch {
		case !ok:
			dynamic.Encode(e, f.Type, q.values[i], path)
		case q.streams != nil:
			q.streams.encode(e, f.Type, from, path)
		}
	}
}

// Decode implements codec.Message.
func (q *sending) Decode(d *codec.Decoder) { d.Fail(errors.New("arguments are not received")) }

// Example returns arguments to fill in, as Call takes them, and what would come
// back. A stream is shown by one of its items, and one of bytes by what it is.
func (m *Method) Example() (args []string, result string, err error) {
	if err := m.callable(); err != nil {
		return nil, "", err
	}
	for i, f := range m.params {
		b, err := example(f.Type)
		if err != nil {
			return nil, "", err
		}
		prefix := ""
		if f.Name != "" && named.MatchString(f.Name+"=") {
			prefix = f.Name + "="
		} else if f.Type.Variadic() && i == len(m.params)-1 {
			b = b[1 : len(b)-1] // one of them
		}
		args = append(args, prefix+string(b))
	}
	reply := &reply{results: m.results}
	var streamed []string
	for _, f := range m.results {
		switch items := f.Type.Items(); {
		case f.Type.Reads():
			streamed = append(streamed, "what is read from "+f.Type.String()+", as it is")
		case items != nil:
			b, err := dynamic.Marshal(joined(nil, examples(items)))
			if err != nil {
				return nil, "", err
			}
			streamed = append(streamed, string(b))
		default:
			reply.add(f, dynamic.Example(f.Type))
		}
	}
	b, err := reply.json()
	if b != nil {
		streamed = append([]string{string(b)}, streamed...)
	}
	return args, strings.Join(streamed, "\n"), err
}

// example returns an argument for a parameter.
func example(t *schema.Type) ([]byte, error) {
	switch {
	case readable(t) != nil:
		return []byte(`"text, @FILE, or - for stdin"`), nil
	case writable(t) != nil || t.Kind() == schema.Sender:
		return []byte("-"), nil
	case t.Items() != nil:
		return dynamic.Marshal([]any{joined(nil, examples(t.Items()))})
	}
	return dynamic.Marshal(dynamic.Example(t))
}

func examples(types []*schema.Type) []any {
	var list []any
	for _, t := range types {
		if t.Kind() != schema.Failure {
			list = append(list, dynamic.Example(t))
		}
	}
	return list
}

// joined makes one value of several: an object if they have names, or an array.
func joined(fields []schema.Field, values []any) any {
	if len(values) == 1 {
		return values[0]
	}
	object := dynamic.Object{}
	for i, v := range values {
		if len(fields) != len(values) || fields[i].Name == "" {
			return values
		}
		object = append(object, dynamic.Member{Name: fields[i].Name, Value: v})
	}
	return object
}
