package resolve

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// choices are what the directives of a contract say of the interfaces that it
// mentions, and their methods: "io/fs.FileInfo" travels by value, and the
// parameter dest of "database/sql/driver.Rows.Next" is filled.
type choices struct {
	values map[string]directive
	fills  map[string]directive // their args are the parameters
}

// policy is all that a contract says of what it mentions.
type policy struct {
	failure model.Failure
	choices *choices // nil for none
}

func (r *resolver) policy() policy { return policy{r.failure, r.choices} }

// ownDirective stands on what it is about, and holds for all contracts of the package.
type ownDirective struct {
	directive
	used    bool
	refused bool
}

// chosen reads the directives beside //pingo:plugin.
func (r *resolver) chosen(spec *ast.TypeSpec, on directives, isContract bool) *choices {
	c := &choices{values: map[string]directive{}, fills: map[string]directive{}}
	for _, d := range on.all("value") {
		if len(d.args) == 0 {
			r.valueHere(spec, d)
		} else if r.besidePlugin(spec, d, isContract) {
			for _, name := range d.args {
				c.values[r.qualified(name)] = d
			}
		}
	}
	for _, d := range on.all("inout") {
		switch {
		case len(d.args) == 0 || !strings.Contains(d.args[0], "."):
			r.errorf(d.pos, diag.Misplaced, "//pingo:inout belongs on the method whose parameter is filled; on a contract it names a method of "+
				"another package as well: //pingo:inout database/sql/driver.Rows.Next dest")
		case len(d.args) == 1:
			r.errorf(d.pos, diag.Directive, "//pingo:inout %s names no parameter: write its name behind the method, or its position", d.args[0])
		case r.besidePlugin(spec, d, isContract):
			c.fills[d.args[0]] = directive{pos: d.pos, verb: d.verb, args: slices.Concat(c.fills[d.args[0]].args, d.args[1:])}
		}
	}
	if len(c.values)+len(c.fills) == 0 {
		return nil
	}
	return c
}

// besidePlugin refuses a directive about others on what is no contract.
func (r *resolver) besidePlugin(spec *ast.TypeSpec, d directive, isContract bool) bool {
	if !isContract {
		r.errorf(d.pos, diag.Misplaced, "//pingo:%s %s is for a contract, which %s is not: put it beside //pingo:plugin", d.verb, d.args[0], spec.Name.Name)
	}
	return isContract
}

// qualified is the name of an interface with the path of its package.
func (r *resolver) qualified(name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return r.pkg.Path + "." + name
}

// declaredAs is how a directive names a type: "io/fs.FileInfo".
func declaredAs(name *types.TypeName) string {
	if name.Pkg() == nil {
		return name.Name()
	}
	return name.Pkg().Path() + "." + name.Name()
}

// methodDeclaredAs is how a directive names a method, by the interface that
// declares it; "" if that has no name.
func methodDeclaredAs(f *types.Func) string {
	if n, ok := types.Unalias(f.Origin().Signature().Recv().Type()).(*types.Named); ok {
		return declaredAs(n.Obj()) + "." + f.Name()
	}
	return ""
}

// variant lists those of the choices that make a difference to a type.
func (r *resolver) variant(t *model.Type, c *choices) string {
	if c == nil {
		return ""
	}
	reached := r.reached(t)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		_, value := c.values[name]
		if _, fill := c.fills[name]; value || fill {
			list = append(list, name)
		}
	}
	return strings.Join(list, " ")
}

// same tells whether a type that was modelled for another contract is the same for this one.
func (r *resolver) same(t *model.Type, other policy) bool {
	return (other.failure == r.failure || !needsFailure(t, map[*model.Type]bool{})) && r.variant(t, other.choices) == r.variant(t, r.choices)
}

// reached are the interfaces and methods that types mention, by their names. The
// value is the method, or nil.
func (r *resolver) reached(list ...*model.Type) map[string]*model.Method {
	names := map[string]*model.Method{}
	seen := map[*model.Type]bool{}
	var visit func(t *model.Type)
	visit = func(t *model.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		if name := r.names[t]; name != "" {
			names[name] = nil
		}
		visit(t.Key)
		visit(t.Elem)
		for _, f := range t.Fields {
			visit(f.Type)
		}
		for _, m := range t.Methods {
			if name := r.names[m]; name != "" {
				names[name] = m
			}
			for _, p := range slices.Concat(m.Params, m.Results) {
				visit(p.Type)
			}
		}
	}
	for _, t := range list {
		visit(t)
	}
	return names
}

// effective refuses those directives of a contract that are about nothing that it mentions.
// If not all is known that it mentions, these are the misspelt ones.
func (r *resolver) effective(c *model.Contract, known bool) {
	if r.choices == nil {
		return
	}
	names := r.reached(&model.Type{Methods: c.Methods})
	var interfaces, methods []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if m := names[name]; m == nil {
			interfaces = append(interfaces, name)
		} else if len(m.Params) > 0 {
			methods = append(methods, name)
		}
	}
	for name, d := range r.choices.values {
		if !slices.Contains(interfaces, name) && (known || meantOne(name, interfaces) != "") {
			r.errorf(d.pos, diag.Directive, "//pingo:value: %s mentions no interface %s%s", c.Name, name, orNone(name, interfaces))
		}
	}
	for name, d := range r.choices.fills {
		if !slices.Contains(methods, name) && (known || meantOne(name, methods) != "") {
			r.errorf(d.pos, diag.Directive, "//pingo:inout: %s mentions no method %s with parameters%s", c.Name, name, orNone(name, methods))
		}
	}
}

// orNone suggests one of those that there are, or lists them.
func orNone(name string, known []string) string {
	if len(known) == 0 {
		return ": there is none"
	}
	if one := meantOne(name, known); one != "" {
		return fmt.Sprintf(": did you mean %s?", one)
	}
	return didYouMean(name, known, "")
}

// meantOne returns the one that a name was probably meant to be: it is near, or only the
// package is another. Otherwise it is "".
func meantOne(name string, known []string) string {
	_, inPackage, _ := strings.Cut(name[strings.LastIndex(name, "/")+1:], ".")
	for _, end := range []string{"/" + name, "." + name, "." + inPackage} {
		for _, k := range known {
			if strings.HasSuffix(k, end) {
				return k
			}
		}
	}
	return nearest(name, known)
}

// withoutEffect refuses the directives on declarations that no contract comes to.
func (r *resolver) withoutEffect() {
	if r.diags.Errors() > 0 {
		return // which may be why
	}
	unused := func(pos token.Pos, verb, what string) {
		r.errorf(pos, diag.Misplaced, "//pingo:%s has no effect, since no contract of package %s mentions %s: delete it", verb, r.pkg.Name, what)
	}
	ofMethod := func(pos token.Pos, verb string, method types.Object) {
		if name := interfaceOf(method); name != "" {
			r.errorf(pos, diag.Misplaced, "//pingo:%s has no effect, since %s is no contract, and none of package %s mentions it: write //pingo:plugin above %s, or delete //pingo:%s",
				verb, name, r.pkg.Name, name, verb)
			return
		}
		unused(pos, verb, "a value with the method "+method.Name())
	}
	for name, d := range r.values {
		if !d.used {
			unused(d.pos, "value", name.Name())
		}
	}
	for name, d := range r.optionals {
		if !d.used {
			unused(d.pos, "optional", "an interface that "+name.Name()+" embeds")
		}
	}
	for method, d := range r.filled {
		if !d.used {
			ofMethod(d.pos, "inout", method)
		}
	}
	for method, list := range r.calls {
		for _, d := range list {
			switch {
			case d.used:
			case d.verb == "idempotent":
				r.errorf(d.pos, diag.Misplaced, "//pingo:idempotent has no effect on %s, since no contract of package %s has the method: "+
					"what is passed by reference ends with the process that keeps it, so that no call of it is repeated; delete it", method.Name(), r.pkg.Name)
			default:
				ofMethod(d.pos, d.verb, method)
			}
		}
	}
	for _, p := range r.pairs {
		if !p.used {
			unused(p.encode.pos, "codec", typeText(p.typ))
			unused(p.decode.pos, "codec", typeText(p.typ))
		}
	}
}

// interfaceOf is the name of the interface that declares a method, or "" if that has none.
func interfaceOf(method types.Object) string {
	f, ok := method.(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		return ""
	}
	named, ok := types.Unalias(f.Signature().Recv().Type()).(*types.Named)
	if !ok || !types.IsInterface(named) {
		return ""
	}
	return named.Obj().Name()
}
