package resolve

import (
	"go/types"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// typ models a type where it is mentioned, and refuses what cannot travel.
func (r *resolver) typ(t types.Type, at place) *model.Type {
	key := memoKey{keyOf(t, at), r.policy()}
	if m := r.known(key); m != nil {
		return m
	}
	m := &model.Type{Failure: r.failure}
	r.memo[key] = m // before going down: the type may contain itself
	before, outermost := r.diags.Errors(), !at.foreign
	nameable := r.write(m, t, at)
	if name := nameOf(t); nameable && name != nil && !at.foreign && !r.hasSource(name) {
		at.foreign = true
		r.onlyFirst(func() { r.travel(m, t, at) })
	} else if nameable {
		r.travel(m, t, at)
	}
	if r.diags.Errors() > before && !r.quiet && !(nameable && r.reported(t)) {
		r.failed = append(r.failed, key)
	}
	if outermost {
		r.forget()
	}
	return m
}

// forget drops what was refused: the next mention is a place of its own to report.
func (r *resolver) forget() {
	for _, key := range r.failed {
		delete(r.memo, key)
	}
	r.failed = nil
}

// known finds a type that was modelled before, if it is the same for this contract.
func (r *resolver) known(key memoKey) *model.Type {
	if m := r.memo[key]; m != nil {
		return m
	}
	for _, p := range r.policies {
		if m := r.memo[memoKey{key.text, p}]; m != nil && r.same(m, p) {
			return m
		}
	}
	return nil
}

// onlyFirst keeps the first of what f reports: about a type that somebody else
// declares, one reason is enough, with the names of its other parts.
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
	if types.IsInterface(t) {
		r.names[m] = declaredAs(t.Obj())
	}
	switch {
	case r.paired(m, t, at):
	case isNamed(t, "time", "Time"):
		m.Kind = model.Time
	case isSlog(t):
		m.Kind, m.Basic = model.Slog, t.Obj().Name()
	case isError(t):
		m.Kind = model.Error
		if at.key {
			r.refuse(at, diag.Type, "an error cannot be a key: use its text")
		}
	case isContext(t):
		r.refuse(at, diag.Type, "context.Context can only be the first parameter: move it there")
	case types.IsInterface(t) && r.byValue(t):
		r.snapshot(m, t, at)
	case types.IsInterface(t):
		m.Socket = isSocket(t)
		r.reference(m, t, at)
	case isSync(t):
		r.refuse(at, diag.Type, "%s cannot be sent: it is for the goroutines of one process; leave it out, a field with the tag `pingo:\"-\"`, or send what it holds", typeText(t))
	case isHandle(t):
		r.refuse(at, diag.Type, "%s must not be copied: use a pointer to it", typeText(t))
	default:
		return r.marshaler(m, t, at) || r.better(t, at)
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
		elem := at.elem()
		elem.key = at.key
		m.Kind, m.Elem, m.Len = model.Array, r.typ(u.Elem(), elem), u.Len()
		r.inPlace(m.Elem, elem)
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
		if r.isDescriptor(u.Elem()) {
			r.descriptor(m, u.Elem(), at)
			return
		}
		m.Kind, m.Elem = model.Pointer, r.typ(u.Elem(), at.elem())
	case *types.Struct:
		r.fields(m, u, at)
	case *types.Interface:
		r.reference(m, t, at)
	case *types.Chan:
		r.channel(m, u, at)
	case *types.Signature:
		r.function(m, u, at)
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

// mark finds the named types that can contain themselves, and those that need to
// know what a failed call does, or what else their contract says.
func (r *resolver) mark() {
	for key, m := range r.memo {
		m.Variant = r.variant(m, key.choices)
		if m.Name != "" {
			m.Recursive = reaches(m, m, map[*model.Type]bool{})
		}
		if !needsFailure(m, map[*model.Type]bool{}) {
			m.Failure = model.FailureNone
		}
	}
}

// reaches tells whether values of a type contain those of another.
func reaches(from, to *model.Type, seen map[*model.Type]bool) bool {
	for _, n := range parts(from) {
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

// parts are the types of what values of a type contain. What is passed by reference
// or streamed is not contained.
func parts(t *model.Type) []*model.Type {
	switch t.Kind {
	case model.Receiver, model.Sender, model.Seq, model.Seq2:
		return nil
	}
	list := []*model.Type{t.Elem, t.Key}
	for _, f := range t.Fields {
		list = append(list, f.Type)
	}
	if t.Kind == model.Snapshot {
		for _, m := range t.Methods {
			for _, p := range m.Results {
				list = append(list, p.Type)
			}
		}
	}
	return list
}
