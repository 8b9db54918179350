package emit

import (
	"path"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// The packages that generated code uses itself.
const (
	pingoPath = "github.com/pingogen/pingogen/runtime"
	codecPath = pingoPath + "/codec"
	slogPath  = codecPath + "/slogcodec"
	protoPath = "google.golang.org/protobuf/proto"
)

// file is one output file while it is built.
type file struct {
	*jen.File
	pkg      *model.Package
	declared scope             // what the package itself declares
	imported scope             // what the package's files import, each for itself
	scope    scope             // declared, and what generated declarations and imports take
	aliases  map[string]string // of imports, by path
	local    locals
	funcs    map[any]*function // by functionKey
	order    []*function       // funcs in the order in which they were first needed

	contracts  map[string]*symbols // by the contract's name
	references map[any]*symbols    // by functionKey
	snapshots  map[any]*snapshot   // by functionKey
	proxies    []*symbols          // of references, in the order in which they were first needed
	homeward   string              // name of the function that tells proxies; "" until it is needed
}

// locals are the names that codec functions and guards give to their
// parameters. They are the same in the whole file, and hide nothing that the
// package declares.
type locals struct{ e, d, v, m, b, r, s, changed string }

// What methods, and the functions of a plugin's main package, name their own variables: an
// import must not be hidden by one.
var (
	methodVariables = []string{"a", "args", "c", "ctx", "dec", "enc", "err", "impl", "p", "reply", "s"}
	mainVariables   = []string{"args", "cfg", "ctx", "done", "err", "flags", "ok", "s", "stop", "v"}
)

// newFile returns an empty file for p.
func newFile(p *model.Package) *file { return newFileWith(p, methodVariables) }

// newFileWith is newFile for functions with other variables.
func newFileWith(p *model.Package, variables []string) *file {
	f := &file{
		File:     jen.NewFilePathName(p.Path, p.Name),
		pkg:      p,
		declared: scope{},
		imported: scope{},
		scope:    predeclared(),
		aliases:  map[string]string{},
		funcs:    map[any]*function{},

		contracts:  map[string]*symbols{},
		references: map[any]*symbols{},
		snapshots:  map[any]*snapshot{},
	}
	f.declared.take(p.Scope...)
	f.imported.take(p.Imports...)
	f.scope.take(p.Scope...)
	for _, c := range p.Contracts {
		client, constructor, register := fixedNames(c)
		f.scope.take(client, constructor, register)
	}
	pick := f.scope.pick
	f.local = locals{e: pick("e"), d: pick("d"), v: pick("v"), m: pick("m"), b: pick("b"), r: pick("r"), s: pick("s"), changed: pick("changedRunGoGenerate")}
	f.scope.take(variables...)
	for _, own := range []struct{ path, name string }{{"context", "context"}, {pingoPath, "pingo"}, {codecPath, "codec"}} {
		f.alias(own.path, own.name)
	}
	return f
}

// declare picks the name of a generated declaration. Names that the files of the
// package import are avoided, since a file may not declare what its package does.
func (f *file) declare(want string) string {
	return f.scope.pick(want, f.imported)
}

// alias returns the name under which the file imports a package.
func (f *file) alias(pkgPath, name string) string {
	if alias, ok := f.aliases[pkgPath]; ok {
		return alias
	}
	alias := f.scope.pick(name)
	f.aliases[pkgPath] = alias
	if alias == path.Base(pkgPath) {
		f.ImportName(pkgPath, alias)
	} else {
		f.ImportAlias(pkgPath, alias)
	}
	return alias
}

// qual returns a reference to what a package declares.
func (f *file) qual(pkgPath, pkgName, name string) *jen.Statement {
	if pkgPath != f.pkg.Path {
		f.alias(pkgPath, pkgName)
	}
	return jen.Qual(pkgPath, name)
}

// add adds declarations, each after an empty line.
func (f *file) add(declarations ...*jen.Statement) {
	for _, d := range declarations {
		if d != nil {
			f.File.Line().Add(d)
		}
	}
}

func (f *file) codec(name string) *jen.Statement   { return f.qual(codecPath, "codec", name) }
func (f *file) pingo(name string) *jen.Statement   { return f.qual(pingoPath, "pingo", name) }
func (f *file) context(name string) *jen.Statement { return f.qual("context", "context", name) }

// hidden reports whether the package declares what the language predeclares as name.
func (f *file) hidden(name string) bool { return f.declared[name] }

// builtin returns a reference to a predeclared type.
func (f *file) builtin(name string) *jen.Statement {
	if f.hidden(name) {
		return f.codec("Builtin" + exported(name))
	}
	return jen.Id(name)
}

// failed returns the condition that the variable err holds an error: err != nil.
func (f *file) failed(err string) *jen.Statement {
	if f.hidden("nil") {
		return f.codec("BuiltinFailed").Call(jen.Id(err))
	}
	return jen.Id(err).Op("!=").Nil()
}

// noError returns the value nil of the type error.
func (f *file) noError() *jen.Statement {
	if f.hidden("nil") {
		return f.codec("BuiltinNoError").Call()
	}
	return jen.Nil()
}

// panic returns a call that panics with the variable err.
func (f *file) panic(err string) *jen.Statement {
	if f.hidden("panic") {
		return f.codec("BuiltinPanic").Call(jen.Id(err))
	}
	return jen.Panic(jen.Id(err))
}

// isNil returns the condition that a variable of an interface or function type is nil.
func (f *file) isNil(v *jen.Statement) *jen.Statement {
	if f.hidden("nil") {
		return f.codec("BuiltinIsNil").Call(v)
	}
	return jen.Add(v).Op("==").Nil()
}
