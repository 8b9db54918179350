package emit

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
	"github.com/pingogen/pingogen/runtime/codec"
)

// description yields
//
//	var greeterContract = codec.Contract{
//		Name:    "Greeter",
//		Package: "example.com/greeter",
//		Methods: []codec.Method{
//			{Name: "SayHello", Signature: "(name string) (string)", Fingerprint: 0x0123456789abcdef},
//		},
//	}
func (f *file) description(c *model.Contract, s *symbols) *jen.Statement {
	d := describe(f.pkg.Path, c)
	list := []jen.Code{
		jen.Id("Name").Op(":").Lit(d.Name),
		jen.Id("Package").Op(":").Lit(d.Package),
	}
	if len(d.Methods) > 0 {
		list = append(list, jen.Id("Methods").Op(":").Index().Add(f.codec("Method")).Add(f.methodList(d.Methods)))
	}
	if len(d.Types) > 0 {
		list = append(list, jen.Id("Types").Op(":").Index().Add(f.codec("Type")).Add(typeList(d.Types)))
	}
	return comment(s.contract + " describes " + c.Name + " to the other side.").
		Var().Id(s.contract).Op("=").Add(f.codec("Contract")).Add(fields(list...))
}

func (f *file) methodList(list []codec.Method) *jen.Statement {
	lines := make([]jen.Code, len(list))
	for i, m := range list {
		lines[i] = jen.Values(append([]jen.Code{
			jen.Id("Name").Op(":").Lit(m.Name),
			jen.Id("Signature").Op(":").Lit(m.Signature),
			jen.Id("Fingerprint").Op(":").Id(fmt.Sprintf("%#016x", m.Fingerprint)),
		}, f.calling(m)...)...)
	}
	return fields(lines...)
}

// calling yields what a method's directives say of its calls: Idempotent: true, Timeout: 5 * time.Second.
func (f *file) calling(m codec.Method) []jen.Code {
	var list []jen.Code
	if m.Idempotent {
		list = append(list, jen.Id("Idempotent").Op(":").Add(f.builtin("true")))
	}
	if m.Timeout > 0 {
		list = append(list, jen.Id("Timeout").Op(":").Add(f.duration(m.Timeout)))
	}
	if m.Oneway {
		list = append(list, jen.Id("Oneway").Op(":").Add(f.builtin("true")))
	}
	return list
}

// duration yields 5 * time.Second, in the largest unit of which it is a multiple.
func (f *file) duration(d time.Duration) *jen.Statement {
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"Hour", time.Hour}, {"Minute", time.Minute}, {"Second", time.Second}, {"Millisecond", time.Millisecond}, {"Microsecond", time.Microsecond}} {
		if d%unit.is == 0 {
			return jen.Lit(int(d / unit.is)).Op("*").Add(f.qual("time", "time", unit.name))
		}
	}
	return jen.Lit(int(d)) // a constant, which is of whatever type is asked for
}

func typeList(list []codec.Type) *jen.Statement {
	lines := make([]jen.Code, len(list))
	for i, t := range list {
		lines[i] = jen.Values(
			jen.Id("Name").Op(":").Lit(t.Name),
			jen.Id("Definition").Op(":").Lit(t.Definition),
		)
	}
	return fields(lines...)
}

// describe returns the description of c, a contract of the package at path.
func describe(path string, c *model.Contract) codec.Contract {
	d := &describer{path: path, names: map[string]string{}}
	result := codec.Contract{Name: c.Name, Package: path}
	all := map[*model.Type]bool{}
	for _, m := range c.Methods {
		d.qualify(m)
	}
	for _, m := range c.Methods {
		reached := map[*model.Type]bool{}
		for _, p := range slices.Concat(m.Params, m.Results) {
			reach(p.Type, reached)
			reach(p.Type, all)
		}
		signature := d.signature(m)
		result.Methods = append(result.Methods, codec.Method{
			Name:        m.Name,
			Signature:   signature,
			Fingerprint: codec.Fingerprint(m.Name, signature, d.definitions(reached)),
			Idempotent:  m.Calling.Idempotent,
			Timeout:     m.Calling.Timeout,
			Oneway:      m.Calling.Oneway,
		})
	}
	result.Types = d.definitions(all)
	return result
}

// reach adds to seen every type that values of t can hold.
func reach(t *model.Type, seen map[*model.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	for _, arg := range t.Args {
		reach(arg, seen)
	}
	if t.Kind == model.Marshaler {
		return
	}
	for _, m := range t.Methods {
		for _, p := range slices.Concat(m.Params, m.Results) {
			reach(p.Type, seen)
		}
	}
	reach(t.Key, seen)
	reach(t.Elem, seen)
	for _, field := range travelling(t) {
		reach(field.Type, seen)
	}
}

// describer writes types in Go syntax for descriptions.
type describer struct {
	path  string            // of the contract's package, whose types are not qualified
	names map[string]string // import path of each package name that is in use
	short bool              // packages are written with their names, for people
}

// qualify settles which packages' types are written with the package's name: of
// several packages of one name, the one whose path is the first.
func (d *describer) qualify(m *model.Method) {
	seen := map[*model.Type]bool{}
	for _, p := range slices.Concat(m.Params, m.Results) {
		reach(p.Type, seen)
	}
	for t := range seen {
		if first, ok := d.names[t.PackageName]; !ok || t.Package < first {
			d.names[t.PackageName] = t.Package
		}
	}
}

// definitions returns the named types among set, sorted by name.
func (d *describer) definitions(set map[*model.Type]bool) []codec.Type {
	var list []codec.Type
	for t := range set {
		if t.Name != "" && t.Package != "" && !isNative(t) {
			list = append(list, codec.Type{Name: d.typ(t), Definition: d.structure(t)})
		}
	}
	slices.SortFunc(list, func(a, b codec.Type) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Definition, b.Definition))
	})
	return slices.Compact(list)
}

// isNative reports whether t is time.Time itself, or a type of log/slog, os or net, which is
// described to nobody.
func isNative(t *model.Type) bool {
	return t.Kind == model.Handle || t.Kind == model.Time && t.Package == "time" && t.Name == "Time" || t.Kind == model.Slog && t.Package == "log/slog"
}

// signature returns "(name string) (string)". What fills its argument is described
// by what travels.
func (d *describer) signature(m *model.Method) string {
	if m.Special == model.Read || m.Special == model.ReadAt {
		return "(size int, offset int64) ([]byte)"
	}
	params := d.params(m.Params)
	if m.Variadic {
		last := m.Params[len(m.Params)-1]
		params[len(params)-1] = strings.TrimSpace(last.Name + " ..." + d.typ(last.Type.Elem))
	}
	return "(" + strings.Join(params, ", ") + ") (" + strings.Join(d.params(m.Returned()), ", ") + ")"
}

func (d *describer) params(params []*model.Param) []string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = strings.TrimSpace(p.Name + " " + d.typ(p.Type))
	}
	return list
}

// typ returns t as it is written: "Item", "other.Item", "[]string". Types of the
// contract's package that hide predeclared ones have its path.
func (d *describer) typ(t *model.Type) string {
	if t.Name == "" {
		return d.structure(t)
	}
	name := t.Name
	switch {
	case t.Package == "" || t.Package == d.path && types.Universe.Lookup(name) == nil:
	case d.short, t.Package != d.path && d.names[t.PackageName] == t.Package:
		name = t.PackageName + "." + name
	default:
		name = fmt.Sprintf("%q.%s", t.Package, name)
	}
	if len(t.Args) == 0 {
		return name
	}
	args := make([]string, len(t.Args))
	for i, arg := range t.Args {
		args[i] = d.typ(arg)
	}
	return name + "[" + strings.Join(args, ", ") + "]"
}

// structure returns what t is made of: "struct{Key string; Value []byte}".
func (d *describer) structure(t *model.Type) string {
	switch t.Kind {
	case model.Bytes:
		return "[]byte"
	case model.ByteArray:
		return fmt.Sprintf("[%d]byte", t.Len)
	case model.Slice:
		return "[]" + d.typ(t.Elem)
	case model.Array:
		return fmt.Sprintf("[%d]%s", t.Len, d.typ(t.Elem))
	case model.Map:
		return "map[" + d.typ(t.Key) + "]" + d.typ(t.Elem)
	case model.Pointer:
		return "*" + d.typ(t.Elem)
	case model.Struct:
		return d.fields(travelling(t))
	case model.Marshaler:
		return marshalerNames[t.Marshal]
	case model.Time:
		return "time.Time"
	case model.Error:
		return "error"
	case model.Snapshot:
		return d.snapshot(t.Methods)
	case model.Any:
		return "any"
	case model.Slog:
		return "slog." + t.Basic
	case model.Interface:
		return d.interfaceType(t.Methods)
	case model.Func:
		return "func" + d.types(t.Methods[0])
	case model.Receiver:
		return "<-chan " + d.typ(t.Elem)
	case model.Sender:
		return "chan<- " + d.typ(t.Elem)
	case model.Seq:
		return "func(func(" + d.typ(t.Elem) + ") bool)"
	case model.Seq2:
		return "func(func(" + d.typ(t.Key) + ", " + d.typ(t.Elem) + ") bool)"
	default:
		return t.Basic
	}
}

// interfaceType returns "interface{Close() error; Read([]byte) (int, error)}".
func (d *describer) interfaceType(methods []*model.Method) string {
	var list []string
	for _, m := range methods {
		if m.Special != model.Sys { // which nobody calls
			list = append(list, m.Name+d.types(m))
		}
	}
	return "interface{" + strings.Join(list, "; ") + "}"
}

// types returns "(string) (string, error)", a signature without names and context.
func (d *describer) types(m *model.Method) string {
	var params, results []string
	for _, p := range m.Params {
		params = append(params, d.typ(p.Type))
	}
	for _, r := range m.Returned() {
		results = append(results, d.typ(r.Type))
	}
	if m.Error {
		results = append(results, "error")
	}
	if m.Variadic {
		params[len(params)-1] = "..." + d.typ(m.Params[len(params)-1].Type.Elem)
	}
	text := "(" + strings.Join(params, ", ") + ")"
	switch len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	}
	return text + " (" + strings.Join(results, ", ") + ")"
}

// marshalerNames say in a description how a marshaler travels.
var marshalerNames = map[model.Marshal]string{
	model.MarshalProto:  "proto.Message",
	model.MarshalBinary: "encoding.BinaryMarshaler",
	model.MarshalGob:    "gob.GobEncoder",
	model.MarshalText:   "encoding.TextMarshaler",
	model.MarshalPair:   "encoding.BinaryMarshaler", // whose bytes are the same
}

// fields returns the literal of a struct, without what stays behind. That a field
// is embedded makes no difference to the other side.
func (d *describer) fields(fields []*model.Field) string {
	list := make([]string, len(fields))
	for i, field := range fields {
		list[i] = field.Name + " " + d.typ(field.Type)
	}
	return "struct{" + strings.Join(list, "; ") + "}"
}
