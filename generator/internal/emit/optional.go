package emit

import (
	"cmp"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// What is emitted here is for optional interfaces. Those with a fallback are part
// of clients and proxies; of the others, a proxy has those that its value has, and
// there is a type for each combination.

// falls reports whether a caller has the method although the value may lack it.
func (m *method) falls() bool { return m.Optional != nil && m.Optional.Fallback }

// always returns the methods that a client and a proxy have for every value.
func (s *symbols) always() []*method {
	return slices.DeleteFunc(slices.Clone(s.methods), func(m *method) bool { return m.Optional != nil && !m.falls() })
}

// calls is the method of what makes the calls: to a value that is known to lack the
// method, CallOptional sends nothing.
func (c *caller) calls(m *method) string {
	if c.proxy && m.falls() {
		return "CallOptional"
	}
	return "CallContext"
}

// callOrFallback yields
//
//	err := c.caller.CallContext(context.Background(), "Files.ReadDir", &args, &reply)
//	if codec.Lacks(err) {
//		return fs.ReadDir(struct{ fs.FS }{c}, name)
//	}
//	return reply.r0, err
//
// where the struct hides the method, for which fs.ReadDir would look first.
func (f *file) callOrFallback(m *method, n *callerNames, call *jen.Statement) []jen.Code {
	o := m.Optional
	plain := jen.Custom(jen.Options{Open: "struct{ ", Close: " }"}, f.typ(o.Plain))
	args := []jen.Code{plain.Values(jen.Id(n.receiver))}
	if m.Context {
		args = append(args, jen.Id(n.ctx))
	}
	for _, name := range n.params {
		args = append(args, jen.Id(name))
	}
	if m.Variadic {
		args[len(args)-1] = jen.Add(args[len(args)-1]).Op("...")
	}
	assign, results := ":=", []jen.Code{jen.Id(n.err)}
	if n.results != nil {
		assign = "="
	}
	if m.reply != nil {
		results = append(m.reply.selectors(n.reply), results...)
	}
	return []jen.Code{
		jen.Id(n.err).Op(assign).Add(call),
		jen.If(f.codec("Lacks").Call(jen.Id(n.err))).Block(jen.Return(f.qual(o.Plain.Package, o.Plain.PackageName, m.Name).Call(args...))),
		jen.Return(results...),
	}
}

// optionalService yields
//
//	s := &codec.Service{...}
//	codec.Optional[fs.ReadDirFile](s, a.impl, "ReadDir")
//	return s
//
// or returns the service alone if nothing is optional.
func (f *file) optionalService(s *symbols, service *jen.Statement) []jen.Code {
	list := s.optionals()
	if len(list) == 0 {
		return []jen.Code{jen.Return(service)}
	}
	body := []jen.Code{jen.Id("s").Op(":=").Add(service)}
	for _, o := range list {
		args := append([]jen.Code{jen.Id("s"), jen.Id("a").Dot("impl")}, s.namesOf(o)...)
		body = append(body, f.codec("Optional").Types(f.typ(o.Type)).Call(args...))
	}
	return append(body, jen.Return(jen.Id("s")))
}

// optionals returns the optional interfaces of s, sorted by name.
func (s *symbols) optionals() []*model.Optional {
	var list []*model.Optional
	for _, m := range s.methods {
		if m.Optional != nil && !slices.Contains(list, m.Optional) {
			list = append(list, m.Optional)
		}
	}
	slices.SortFunc(list, func(a, b *model.Optional) int { return cmp.Compare(a.Type.Name, b.Type.Name) })
	return list
}

// methodsOf returns the methods that an optional interface adds.
func (s *symbols) methodsOf(o *model.Optional) []*method {
	return slices.DeleteFunc(slices.Clone(s.methods), func(m *method) bool { return m.Optional != o })
}

// namesOf yields the names of methods that optional interfaces add, as literals.
func (s *symbols) namesOf(list ...*model.Optional) []jen.Code {
	var names []jen.Code
	for _, o := range list {
		for _, m := range s.methodsOf(o) {
			names = append(names, jen.Lit(m.Name))
		}
	}
	return names
}

// combination is the proxy of values that have some of the optional interfaces.
type combination struct {
	name string
	has  []*combination    // of two or more, those of one
	of   []*model.Optional // what it has beside the plain interface
}

// combine picks the names of a proxy's combinations. Small ones come first.
func (f *file) combine(s *symbols) {
	without := func(o *model.Optional) bool { return o.Fallback }
	for _, o := range slices.DeleteFunc(s.optionals(), without) {
		single := &combination{name: f.declare(s.proxy + o.Type.Name), of: []*model.Optional{o}}
		var more []*combination
		for _, c := range s.combined {
			both := &combination{name: f.declare(c.name + o.Type.Name), of: append(slices.Clone(c.of), o)}
			both.has = append(slices.Clone(c.singles()), single)
			more = append(more, both)
		}
		s.combined = append(append(s.combined, single), more...)
	}
	slices.SortStableFunc(s.combined, func(a, b *combination) int { return len(a.of) - len(b.of) })
}

// singles returns the combinations of one that a combination is made of.
func (c *combination) singles() []*combination {
	if c.has == nil {
		return []*combination{c}
	}
	return c.has
}

// proxyNames returns the types of the proxies, combinations included.
func (s *symbols) proxyNames() []string {
	names := []string{s.proxy}
	for _, c := range s.combined {
		names = append(names, c.name)
	}
	return names
}

// combinations yields, for each optional interface and each combination of them,
//
//	// fsFileProxyReadDirFile is an fsFileProxy that is an fs.ReadDirFile, too.
//	type fsFileProxyReadDirFile struct{ fsFileProxy }
//
// with the methods that it adds.
func (f *file) combinations(s *symbols) {
	for _, c := range s.combined {
		parts := []jen.Code{jen.Id(s.proxy)}
		for _, single := range c.has {
			parts = append(parts, jen.Id(single.name))
		}
		text := ""
		for _, o := range c.of {
			text += " and " + f.called(o.Type)
		}
		f.add(comment(c.name + " is a " + s.proxy + text + ".").Type().Id(c.name).Struct(parts...))
		if c.has != nil {
			continue
		}
		caller := s.proxyCaller()
		caller.receiver = jen.Id(c.name)
		for _, m := range s.methodsOf(c.of[0]) {
			f.add(f.callerMethod(caller, m))
		}
	}
}

// called is how a comment names a type.
func (f *file) called(t *model.Type) string {
	if t.Package == f.pkg.Path {
		return t.Name
	}
	return t.PackageName + "." + t.Name
}

// choose yields what makes the proxy that has what its value has:
//
//	p := fsFileProxy{ref: r}
//	if r.Has("ReadDir") {
//		return fsFileProxyReadDirFile{p}
//	}
//	return p
func (f *file) choose(s *symbols, proxy *jen.Statement) []jen.Code {
	body := []jen.Code{jen.Id("p").Op(":=").Add(proxy)}
	for _, c := range slices.Backward(s.combined) {
		values := []jen.Code{jen.Id("p")}
		for _, single := range c.has {
			values = append(values, jen.Id(single.name).Values(jen.Id("p")))
		}
		has := jen.Id(f.local.r).Dot("Has").Call(s.namesOf(c.of...)...)
		body = append(body, jen.If(has).Block(jen.Return(jen.Id(c.name).Values(values...))))
	}
	return append(body, jen.Return(jen.Id("p")))
}
