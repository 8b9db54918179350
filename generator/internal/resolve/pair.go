package resolve

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// carrier is a function with //pingo:codec: an encoder of a type, or a decoder.
type carrier struct {
	name    string
	pos     token.Pos // of its directive
	typ     *types.Named
	pointer bool // it takes or returns a pointer to the type
	decodes bool
}

// pair is the encoder and the decoder of a type.
type pair struct {
	typ            *types.Named
	encode, decode *carrier
	used           bool // by a contract
}

// carrier reads a function with //pingo:codec.
func (r *resolver) carrier(d *ast.FuncDecl, on *directive) {
	f, _ := r.pkg.Info.Defs[d.Name].(*types.Func)
	refuse := func(format string, args ...any) {
		r.errorf(on.pos, diag.Misplaced, "//pingo:codec: "+format, args...)
	}
	switch {
	case len(on.args) > 0:
		r.errorf(on.pos, diag.Directive, "//pingo:codec takes no arguments: the function's parameter and results say which type it carries")
		return
	case f == nil || d.Name.Name == "_":
		refuse("a function that cannot be called carries nothing: give it a name")
		return
	case d.Recv != nil:
		refuse("%s is a method: declare a function", f.Name())
		return
	case f.Signature().TypeParams().Len() > 0:
		refuse("%s has type parameters: declare a function for each type that it is to carry", f.Name())
		return
	}
	t, decodes := carries(f.Signature())
	if t == nil {
		refuse("%s has to be func(T) ([]byte, error), or its inverse func([]byte) (T, error)", f.Name())
		return
	}
	if t == types.Typ[types.Invalid] {
		r.broken(place{pkg: r.pkg, expr: d.Type, pos: d.Type.Pos(), path: f.Name()})
		return
	}
	c := &carrier{name: f.Name(), pos: on.pos, decodes: decodes}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		c.pointer, t = true, p.Elem()
	}
	c.typ, _ = types.Unalias(t).(*types.Named)
	switch {
	case c.typ == nil || c.typ.Obj().Pkg() == nil || isContext(c.typ):
		refuse("%s carries %s: it has to be a named type, or a pointer to one", f.Name(), typeText(t))
	case c.pointer && types.IsInterface(c.typ):
		refuse("%s carries a pointer to an interface: take and return the interface", f.Name())
	case !c.pointer && locks(c.typ, nil):
		refuse("%s copies %s, which must not be copied: take and return a pointer to it", f.Name(), typeText(t))
	default:
		r.carriers = append(r.carriers, c)
	}
}

// carries returns the type that functions of a signature encode or decode, nil for others.
func carries(sig *types.Signature) (t types.Type, decodes bool) {
	if sig.Params().Len() != 1 || sig.Results().Len() != 2 || sig.Variadic() || !isError(sig.Results().At(1).Type()) {
		return nil, false
	}
	in, out := sig.Params().At(0).Type(), sig.Results().At(0).Type()
	switch {
	case isBytes(in):
		return out, true
	case isBytes(out):
		return in, false
	}
	return nil, false
}

// pair puts encoders and decoders together.
func (r *resolver) pair(constraint string) {
	for _, c := range r.carriers {
		if !r.always(c.pos, constraint) {
			r.errorf(c.pos, diag.Constraint, "//pingo:codec: %s is built under another constraint than the contracts: declare it in a file with theirs, or with none", c.name)
		}
		p := r.pairOf(c.typ)
		if p == nil {
			p = &pair{typ: c.typ}
			r.pairs = append(r.pairs, p)
		}
		mine, what := &p.encode, "encodes"
		if c.decodes {
			mine, what = &p.decode, "decodes"
		}
		if *mine != nil {
			r.errorf(c.pos, diag.Directive, "//pingo:codec: %s %s %s, as %s does already: delete the directive above one of them", c.name, what, typeText(c.typ), (*mine).name)
			continue
		}
		*mine = c
	}
	for _, p := range r.pairs {
		r.complete(p)
	}
}

// complete refuses functions that are no pair.
func (r *resolver) complete(p *pair) {
	text := func(c *carrier) string {
		if c.pointer {
			return "*" + typeText(p.typ)
		}
		return typeText(p.typ)
	}
	switch {
	case p.decode == nil:
		r.errorf(p.encode.pos, diag.Directive, "//pingo:codec: %s has no inverse: declare func %s([]byte) (%s, error), with the same directive",
			p.encode.name, inverse(p.encode.name, "encode", "decode"), text(p.encode))
		p.decode = p.encode
	case p.encode == nil:
		r.errorf(p.decode.pos, diag.Directive, "//pingo:codec: %s has no inverse: declare func %s(%s) ([]byte, error), with the same directive",
			p.decode.name, inverse(p.decode.name, "decode", "encode"), text(p.decode))
		p.encode = p.decode
	case p.encode.pointer != p.decode.pointer:
		r.errorf(p.decode.pos, diag.Directive, "//pingo:codec: %s takes %s, but %s returns %s: make them the same",
			p.encode.name, text(p.encode), p.decode.name, text(p.decode))
	}
}

// inverse is what the other function could be called.
func inverse(name, is, other string) string {
	for _, word := range [][2]string{{is, other}, {strings.ToUpper(is[:1]) + is[1:], strings.ToUpper(other[:1]) + other[1:]}} {
		if strings.HasPrefix(name, word[0]) {
			return word[1] + strings.TrimPrefix(name, word[0])
		}
	}
	return other + strings.ToUpper(name[:1]) + name[1:]
}

// pairOf returns the functions that carry a type, nil if there are none.
func (r *resolver) pairOf(t *types.Named) *pair {
	for _, p := range r.pairs {
		if types.Identical(p.typ, t) {
			return p
		}
	}
	return nil
}

// paired says that a type travels through a pair of functions, if it does.
func (r *resolver) paired(m *model.Type, t *types.Named, at place) bool {
	p := r.pairOf(t)
	if p == nil {
		return false
	}
	p.used = p.used || !r.quiet
	m.Kind, m.Marshal = model.Marshaler, model.MarshalPair
	m.Pair = &model.Pair{Encode: p.encode.name, Decode: p.decode.name, Pointer: p.encode.pointer}
	m.NoCopy = locks(t, nil)
	if at.key && (!types.Comparable(t) || types.IsInterface(t)) {
		r.refuse(at, diag.Type, "%s cannot be a key", typeText(t))
	}
	return true
}

// inPlace refuses what would have to be decoded where it stands, and is made by
// a function that returns a pointer.
func (r *resolver) inPlace(t *model.Type, at place) {
	if t.NoCopy && t.Marshal == model.MarshalPair {
		r.refuse(at, diag.Type, "%s returns a pointer to what must not be copied: use a pointer", t.Pair.Decode)
	}
}
