package resolve

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// typ models a type where it is mentioned, and refuses what cannot travel.
func (r *resolver) typ(t types.Type, at place) *model.Type {
	key := keyOf(t, at)
	if m := r.memo[key]; m != nil {
		return m
	}
	m := &model.Type{}
	r.memo[key] = m // before going down: the type may contain itself
	before := r.diags.Errors()
	nameable := r.write(m, t, at)
	if name := nameOf(t); nameable && name != nil && !at.foreign && !r.hasSource(name) {
		at.foreign = true
		r.onlyFirst(func() { r.travel(m, t, at) })
	} else if nameable {
		r.travel(m, t, at)
	}
	if r.diags.Errors() > before && !r.quiet && !(nameable && r.reported(t)) {
		delete(r.memo, key) // the next mention is a place of its own to report
	}
	return m
}

// onlyFirst keeps the first of what f reports: about a type that somebody else
// declares, one reason is enough.
func (r *resolver) onlyFirst(f func()) {
	all := r.diags
	r.diags = &diag.List{}
	f()
	inside := r.diags
	r.diags = all
	r.diags.AddFirst(inside)
}

// keyOf identifies a type as it is written. A map's keys obey rules of their own.
func keyOf(t types.Type, at place) string {
	key := types.TypeString(t, nil)
	if at.key {
		key = "key " + key
	}
	return key
}

// reported tells whether what is wrong with a type was reported at its own declaration.
func (r *resolver) reported(t types.Type) bool {
	name := nameOf(t)
	return name != nil && r.hasSource(name)
}

func (r *resolver) hasSource(name *types.TypeName) bool {
	_, ok := r.sourceOf(name)
	return ok
}

func nameOf(t types.Type) *types.TypeName {
	switch t := t.(type) {
	case *types.Named:
		return t.Obj()
	case *types.Alias:
		return t.Obj()
	}
	return nil
}

// write says how a type is written. It is false if generated code cannot write it.
func (r *resolver) write(m *model.Type, t types.Type, at place) bool {
	var args *types.TypeList
	switch t := t.(type) {
	case *types.Basic:
		m.Name = t.Name()
		return true
	case *types.Named:
		args = t.TypeArgs()
	case *types.Alias:
		args = t.TypeArgs()
	default:
		return true
	}
	name := nameOf(t)
	m.Name = name.Name()
	if name.Pkg() != nil {
		m.Package, m.PackageName = name.Pkg().Path(), name.Pkg().Name()
		if !r.visible(name, at) {
			return false
		}
	}
	for i := range args.Len() {
		m.Args = append(m.Args, r.mention(args.At(i), at))
	}
	return true
}

// mention models a type argument, which is written but need not travel.
func (r *resolver) mention(t types.Type, at place) *model.Type {
	if r.quiet {
		return r.typ(t, at)
	}
	quiet := *r
	quiet.diags = &diag.List{}
	quiet.memo = map[string]*model.Type{}
	quiet.endless = map[*types.TypeName]bool{}
	quiet.quiet = true
	return quiet.typ(t, at)
}

// visible refuses a type that the generated code cannot name.
func (r *resolver) visible(name *types.TypeName, at place) bool {
	path := name.Pkg().Path()
	switch {
	case path == r.pkg.Path:
		return true
	case !name.Exported():
		r.refuse(at, diag.Invisible, "%s.%s is not exported, so generated code cannot name it: use an exported type", name.Pkg().Name(), name.Name())
	case name.Pkg().Name() == "main":
		r.refuse(at, diag.Invisible, "%s.%s is in package main, which cannot be imported: move it to a package of its own", name.Pkg().Name(), name.Name())
	case !importable(path, r.pkg.Path):
		r.refuse(at, diag.Invisible, "%s is in an internal package that %s may not import: use a type that it may", name.Pkg().Path()+"."+name.Name(), r.pkg.Path)
	default:
		return true
	}
	return false
}

// importable is the go command's rule for internal packages.
func importable(path, from string) bool {
	i := strings.LastIndex("/"+path+"/", "/internal/")
	if i < 0 {
		return true
	}
	parent := strings.TrimSuffix(path[:i], "/")
	return from == parent || strings.HasPrefix(from, parent+"/")
}

// travel says how a type travels.
func (r *resolver) travel(m *model.Type, t types.Type, at place) {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if r.mistaken(u.Obj(), at, "instantiation cycle", "invalid recursive type") || r.isEndless(u, at) || r.special(m, u, at) {
			return
		}
		defer r.mistaken(u.Obj(), at, "")
		at = r.into(u, at)
		at.half = half(u)
	case *types.TypeParam:
		r.refuse(at, diag.Type, "type parameter %s is not known: use an instance of the generic type", u)
		return
	default:
		if alias, ok := t.(*types.Alias); ok {
			at = r.intoAlias(alias, at)
		}
	}
	r.structure(m, t.Underlying(), at)
}

// special are the named types that do not travel by their structure.
func (r *resolver) special(m *model.Type, t *types.Named, at place) bool {
	switch {
	case isNamed(t, "time", "Time"):
		m.Kind = model.Time
	case isError(t):
		m.Kind = model.Error
		if at.key {
			r.refuse(at, diag.Type, "an error cannot be a key: use its text")
		}
	case isContext(t):
		r.refuse(at, diag.Type, "context.Context can only be the first parameter: move it there")
	case types.IsInterface(t):
		r.refuseInterface(at, t)
	default:
		return r.marshaler(m, t, at)
	}
	return true
}

// structure says how a type travels by what it is made of.
func (r *resolver) structure(m *model.Type, t types.Type, at place) {
	switch u := t.(type) {
	case *types.Basic:
		r.basic(m, u, at)
	case *types.Slice:
		m.Kind, m.Elem = model.Slice, r.value(u.Elem(), at.elem())
		if isByte(u.Elem()) {
			m.Kind = model.Bytes
		}
	case *types.Array:
		m.Kind, m.Elem, m.Len = model.Array, r.typ(u.Elem(), at.elem()), u.Len()
		m.NoCopy = m.Elem.NoCopy
		if isByte(u.Elem()) {
			m.Kind = model.ByteArray
		}
	case *types.Map:
		m.Kind, m.Key, m.Elem = model.Map, r.value(u.Key(), at.mapKey()), r.value(u.Elem(), at.elem())
	case *types.Pointer:
		if at.key {
			r.refuse(at, diag.Type, "a pointer as a key means nothing in another process: use a value")
		}
		m.Kind, m.Elem = model.Pointer, r.typ(u.Elem(), at.elem())
	case *types.Struct:
		r.fields(m, u, at)
	case *types.Interface:
		r.refuseInterface(at, t)
	case *types.Chan:
		r.refuse(at, diag.Unsupported, "a channel cannot be sent yet (a later version will stream it): use a slice, or a method that is called again")
	case *types.Signature:
		r.refuse(at, diag.Unsupported, "a function cannot be sent yet (a later version will call back): make it a method of a contract")
	default:
		r.refuse(at, diag.Type, "%s cannot be sent", describe(t))
	}
}

// value models a type that is not behind a pointer, and so has to be copied.
func (r *resolver) value(t types.Type, at place) *model.Type {
	m := r.typ(t, at)
	if m.NoCopy {
		r.refuse(at, diag.Type, "%s must not be copied: use a pointer to it", typeText(t))
	}
	return m
}

func (r *resolver) basic(m *model.Type, t *types.Basic, at place) {
	m.Basic = t.Name()
	switch info := t.Info(); {
	case t.Kind() == types.Invalid:
		r.broken(at)
	case t.Kind() == types.UnsafePointer, t.Kind() == types.Uintptr:
		r.refuse(at, diag.Type, "%s is an address, which means nothing in another process: use an integer type, or leave it out", t)
	case info&types.IsBoolean != 0:
		m.Kind = model.Bool
	case info&types.IsInteger != 0:
		m.Kind = model.Integer
	case info&types.IsFloat != 0:
		m.Kind = model.Float
	case info&types.IsComplex != 0:
		m.Kind = model.Complex
	default:
		m.Kind = model.String
	}
	if m.Basic == "byte" {
		m.Basic = "uint8"
	} else if m.Basic == "rune" {
		m.Basic = "int32"
	}
}

func isByte(t types.Type) bool {
	b, ok := types.Unalias(t).(*types.Basic)
	return ok && b.Kind() == types.Uint8
}

// fields models a struct.
func (r *resolver) fields(m *model.Type, t *types.Struct, at place) {
	m.Kind = model.Struct
	syntax := at.fieldExprs(t.NumFields())
	owner := at.owner()
	for i := range t.NumFields() {
		v := t.Field(i)
		f := &model.Field{Name: v.Name(), Embedded: v.Embedded(), Tag: t.Tag(i), Source: typeText(v.Type())}
		m.Fields = append(m.Fields, f)
		if v.Name() == "_" || reflect.StructTag(t.Tag(i)).Get("pingo") == "-" {
			m.NoCopy = m.NoCopy || locks(v.Type(), nil)
			if m.Name == "" {
				r.refuse(at, diag.Type, "field %s stays behind, and generated code cannot write a struct type without a name that has such a field: give it a name", v.Name())
			}
			continue
		}
		here := at
		here.path = fmt.Sprintf("%s: field %s%s", at.path, owner, v.Name())
		if syntax != nil {
			here.expr, here.pos = syntax[i], syntax[i].Pos()
		}
		if !v.Exported() && v.Pkg() != nil && v.Pkg().Path() != r.pkg.Path {
			r.refuse(here, diag.Type, "it is not exported by package %s, and %s has no marshaler that carries it%s: "+
				"copy what you need into a struct of your own, or use a type with MarshalBinary and UnmarshalBinary methods", v.Pkg().Name(), orStruct(owner), at.half)
			continue
		}
		if isLock(v.Type()) {
			r.refuse(here, diag.Type, "%s cannot be sent; leave the field out with the tag `pingo:\"-\"`, or give %s MarshalBinary and UnmarshalBinary methods",
				typeText(v.Type()), orStruct(owner))
			continue
		}
		f.Travels = true
		f.Type = r.typ(v.Type(), here)
		m.NoCopy = m.NoCopy || f.Type.NoCopy
	}
}

func orStruct(owner string) string {
	if owner == "" {
		return "the struct"
	}
	return strings.TrimSuffix(owner, ".")
}

// into goes from the mention of a named type to its declaration, if there is syntax.
func (r *resolver) into(t *types.Named, at place) place {
	at.name = t.Obj().Name()
	if t.TypeArgs().Len() > 0 {
		at.instances = append(slices.Clip(at.instances), t.Obj())
	}
	if t.Obj().Pkg() != nil && t.Obj().Pkg().Path() != r.pkg.Path {
		at.name = t.Obj().Pkg().Name() + "." + at.name
	}
	return r.declared(t.Obj(), at)
}

func (r *resolver) intoAlias(t *types.Alias, at place) place {
	at.name = ""
	return r.declared(t.Obj(), at)
}

func (r *resolver) declared(name *types.TypeName, at place) place {
	s, ok := r.sourceOf(name)
	if !ok {
		at.expr = nil
		return at
	}
	at.pkg, at.expr, at.pos = s.pkg, s.spec.Type, s.spec.Type.Pos()
	if s.spec.TypeParams != nil {
		at.expr = nil // its parameters are written there, not their values
	}
	return at
}

// owner is what the fields of the struct at a place belong to: "Item.", or
// nothing if it has no name.
func (at place) owner() string {
	if at.name == "" {
		return ""
	}
	return at.name + "."
}

// elem goes from a composite type to its elements.
func (at place) elem() place {
	at.key, at.name = false, ""
	switch x := ast.Unparen(at.expr).(type) {
	case *ast.StarExpr:
		return at.down(x.X)
	case *ast.ArrayType:
		return at.down(x.Elt)
	case *ast.Ellipsis:
		return at.down(x.Elt)
	case *ast.MapType:
		return at.down(x.Value)
	}
	return at
}

// mapKey goes from a map to its keys.
func (at place) mapKey() place {
	x, ok := ast.Unparen(at.expr).(*ast.MapType)
	at.key, at.name = true, ""
	at.path += ": key"
	if ok {
		return at.down(x.Key)
	}
	return at
}

func (at place) down(x ast.Expr) place {
	at.expr, at.pos = x, x.Pos()
	return at
}

// fieldExprs lists the types of a struct's n fields, nil if there is no syntax.
func (at place) fieldExprs(n int) []ast.Expr {
	x, ok := ast.Unparen(at.expr).(*ast.StructType)
	if !ok {
		return nil
	}
	all := exprs(x.Fields)
	if len(all) != n {
		return nil
	}
	return all
}

// markRecursive finds the named types that can contain themselves.
func markRecursive(memo map[string]*model.Type) {
	for _, m := range memo {
		if m.Name != "" {
			m.Recursive = reaches(m, m, map[*model.Type]bool{})
		}
	}
}

func reaches(from, to *model.Type, seen map[*model.Type]bool) bool {
	next := []*model.Type{from.Elem, from.Key}
	for _, f := range from.Fields {
		next = append(next, f.Type)
	}
	for _, n := range next {
		if n == nil || seen[n] {
			continue
		}
		if n == to {
			return true
		}
		seen[n] = true
		if reaches(n, to, seen) {
			return true
		}
	}
	return false
}
