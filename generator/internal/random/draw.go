package random

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Package is a package that was drawn.
type Package struct {
	Name  string            // as its package clause says it
	Files map[string]string // by name
}

// Draw draws the package of a seed.
func Draw(seed uint64) *Package {
	d := &drawer{
		rng:     rand.New(rand.NewPCG(seed, 3)),
		scope:   map[string]bool{"Probe_": true, "probe_": true},
		imports: map[string]string{},
		used:    map[string]bool{},
		methods: map[string]*method{},
		made:    map[string]string{},
	}
	d.failing = d.rng.IntN(3) == 0
	d.calls = d.rng.IntN(4) > 0
	d.declare()
	d.importNames()
	for i, decl := range d.decls {
		d.body(i, decl)
	}
	for _, c := range d.contracts {
		d.contract(c)
	}
	name := d.fresh(map[string]bool{}, packageName)
	return &Package{Name: name, Files: map[string]string{
		"contract.go":  d.contractFile(name),
		"implement.go": d.implementFile(name),
	}}
}

// drawer draws one package. Names come first, and then what they stand for: all
// names of the package are in scope everywhere.
type drawer struct {
	rng     *rand.Rand
	failing bool              // the contracts say what a failed call does
	calls   bool              // there are references and streams
	scope   map[string]bool   // names of the package
	imports map[string]string // names of imported packages, by path
	used    map[string]bool   // paths that the contract's file mentions

	decls     []*decl
	contracts []*decl
	methods   map[string]*method // by name; each has one signature, so that any two interfaces can be embedded together
	finished  []*method          // those that are drawn to the end
	made      map[string]string  // how interfaces are implemented: by the text of the type, that of the implementation
	order     []string           // the keys of made
	literals  []*decl            // interfaces without a name
}

// decl is a type declaration.
type decl struct {
	name    string
	kind    kind
	params  []string // type parameters
	key     bool     // it can be a map's key
	pointer bool     // pointers to it are errors
	text    string   // the declaration
	methods []*method
}

// kind is what a declaration declares.
type kind int

const (
	basicKind kind = iota // a named basic type, or an array of them
	keyKind               // a struct that can be a key
	listKind              // a slice, map or pointer
	structKind
	aliasKind
	genericKind
	ifaceKind
	genericIfaceKind
	streamKind // a function, channel or sequence
	marshalKind
	errorKind
	kinds
)

// declare draws the names of types and contracts.
func (d *drawer) declare() {
	for range 4 + d.rng.IntN(10) {
		k := kind(d.rng.IntN(int(kinds)))
		if !d.calls && (k == ifaceKind || k == genericIfaceKind || k == streamKind) {
			k = structKind
		}
		fits := anyName
		if k == errorKind && d.rng.IntN(3) > 0 {
			fits = exportedName
		}
		decl := &decl{name: d.fresh(d.scope, fits), kind: k, key: k == basicKind || k == keyKind}
		if k == genericKind || k == genericIfaceKind {
			decl.params = []string{"T", "K"}[:1+d.rng.IntN(2)]
		}
		d.decls = append(d.decls, decl)
	}
	for range 1 + d.rng.IntN(3) {
		c := &decl{name: d.fresh(d.scope, anyName), kind: ifaceKind}
		d.contracts = append(d.contracts, c)
		for _, name := range []string{c.name + "Client", generated(c.name, "New", "Client"), generated(c.name, "Register", "")} {
			d.scope[name] = true
		}
	}
	d.nearby()
}

// nearby takes some of the names that generated code would like for itself.
func (d *drawer) nearby() {
	for _, t := range append(d.decls, d.contracts...) {
		for _, name := range []string{lower(t.name) + "Adapter", "encode" + title(t.name), "decode" + title(t.name), lower(t.name) + "Proxy",
			lower(t.name) + "Contract", lower(t.name) + "ReadArgs", lower(t.name) + "CallReply"} {
			if d.rng.IntN(6) == 0 && !d.scope[name] {
				d.scope[name] = true
				d.decls = append(d.decls, &decl{name: name, kind: basicKind, key: true})
			}
		}
	}
}

// packages are those that drawn ones import, with something to mention of each.
var packages = []struct{ path, name, mention string }{
	{"context", "context", "Context"},
	{"io", "io", "Reader"},
	{"iter", "iter", "Seq[struct{}]"},
	{"math/big", "big", "Int"},
	{"net/netip", "netip", "Addr"},
	{"time", "time", "Time"},
	{plainPath, "plain", "Point"},
}

const (
	plainPath = "github.com/pingogen/pingogen/generator/internal/random/plain"
	probePath = "github.com/pingogen/pingogen/generator/internal/random/probe"
)

// importNames draws what imports are called: what their packages are, if that is free.
func (d *drawer) importNames() {
	for _, p := range packages {
		if d.scope[p.name] || d.rng.IntN(5) == 0 {
			d.imports[p.path] = d.fresh(d.scope, anyName)
		} else {
			d.imports[p.path] = p.name
			d.scope[p.name] = true
		}
	}
}

// in mentions what a package declares.
func (d *drawer) in(path, name string) string {
	d.used[path] = true
	return d.imports[path] + "." + name
}

// basic mentions a type of the language.
func (d *drawer) basic(name string) string {
	if d.scope[name] {
		return d.in(plainPath, title(name))
	}
	return name
}

// contractFile is the file that the generator reads.
func (d *drawer) contractFile(name string) string {
	var b strings.Builder
	for _, decl := range append(d.decls, d.contracts...) {
		fmt.Fprintf(&b, "\n%s\n", decl.text)
	}
	return d.file(name, b.String())
}

// file is a file with all the imports that were mentioned so far.
func (d *drawer) file(name, text string) string {
	var imports, uses strings.Builder
	for _, p := range packages {
		if d.used[p.path] {
			fmt.Fprintf(&imports, "import %s %q\n", d.imports[p.path], p.path)
			fmt.Fprintf(&uses, "\nvar _ %s.%s\n", d.imports[p.path], p.mention)
		}
	}
	return "package " + name + "\n\n" + imports.String() + text + uses.String()
}
