package resolve

import (
	"go/types"
	"iter"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

func nameOf(t types.Type) *types.TypeName {
	switch t := t.(type) {
	case *types.Named:
		return t.Obj()
	case *types.Alias:
		return t.Obj()
	}
	return nil
}

// argsOf returns the type arguments of an instance.
func argsOf(t types.Type) *types.TypeList {
	switch t := t.(type) {
	case *types.Named:
		return t.TypeArgs()
	case *types.Alias:
		return t.TypeArgs()
	}
	return nil
}

// write says how a type is written. It is false if generated code cannot write it.
func (r *resolver) write(m *model.Type, t types.Type, at place) bool {
	if basic, ok := t.(*types.Basic); ok {
		m.Name = basic.Name()
		return true
	}
	name := nameOf(t)
	if name == nil {
		return true
	}
	m.Name = name.Name()
	if name.Pkg() != nil {
		m.Package, m.PackageName = name.Pkg().Path(), name.Pkg().Name()
		if !r.visible(name, at) {
			return false
		}
	}
	if !r.allWritable(argsOf(t).Types(), at) {
		return false
	}
	for arg := range argsOf(t).Types() {
		m.Args = append(m.Args, r.mention(arg, at))
	}
	return true
}

// writable refuses a type argument that generated code cannot write.
func (r *resolver) writable(t types.Type, at place) bool {
	if name := nameOf(t); name != nil {
		return (name.Pkg() == nil || r.visible(name, at)) && r.allWritable(argsOf(t).Types(), at)
	}
	switch t := t.(type) {
	case *types.Basic:
		return true
	case *types.Pointer:
		return r.writable(t.Elem(), at)
	case *types.Slice:
		return r.writable(t.Elem(), at)
	case *types.Array:
		return r.writable(t.Elem(), at)
	case *types.Map:
		return r.writable(t.Key(), at) && r.writable(t.Elem(), at)
	case *types.Struct:
		if fields := r.fieldTypes(t); fields != nil {
			return r.allWritable(slices.Values(fields), at)
		}
	}
	r.refuse(at, diag.Type, "generated code cannot write the type argument %s: give it a name, as in type Argument %[1]s", typeText(t))
	return false
}

func (r *resolver) allWritable(list iter.Seq[types.Type], at place) bool {
	for t := range list {
		if !r.writable(t, at) {
			return false
		}
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
	quiet.memo, quiet.failed = r.written, nil
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
