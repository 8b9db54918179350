package generator

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/emit"
	"github.com/pingogen/pingogen/generator/internal/load"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// MainConfig says which plugin main to generate.
type MainConfig struct {
	// Config says where the package of the constructor is: Patterns must match
	// one package. Output and Types are not used.
	Config

	// MainDir is the directory of the main package, relative to Config.Dir. It is
	// made if it is missing. The command has its name.
	MainDir string

	// Serves are the names of the contracts to serve. None means all that the
	// results of the package's constructors implement.
	Serves []string
}

// GenerateMain makes the main.go of a plugin from the constructors of a package
// that carry the directive. Like Generate, it writes nothing.
func GenerateMain(cfg MainConfig) (*Result, error) {
	r, err := cfg.load(true)
	if err != nil {
		return nil, err
	}
	if len(r.set.Roots) != 1 {
		return nil, fmt.Errorf("main takes one package, not %d", len(r.set.Roots))
	}
	m, ok := r.model(r.set.Roots[0], true)
	if ok {
		err = r.addMain(m, cfg)
	}
	return r.finish(), err
}

// addMain makes the output for the constructors of p. It compiles, once the code
// of the contracts is generated.
func (r *run) addMain(p *model.Package, cfg MainConfig) error {
	mains, wrong := selectMains(p, cfg.Serves)
	if wrong != nil {
		if wrong.lacks && r.contractsRefused() {
			return nil
		}
		if !wrong.pos.IsValid() {
			wrong.pos = r.packageClause(r.set.Roots[0])
		}
		r.diags.Add(diag.Diagnostic{Pos: wrong.pos, Code: diag.Constructor, Message: wrong.text})
		return nil
	}
	dir, err := filepath.Abs(filepath.Join(cfg.Dir, cfg.MainDir))
	if err != nil {
		return err
	}
	if problem, err := misplaced(p, dir); err != nil || problem != "" {
		if problem != "" {
			r.diags.Add(diag.Diagnostic{Pos: r.packageClause(r.set.Roots[0]), Code: diag.Constructor, Message: problem})
		}
		return err
	}
	start := time.Now()
	name := filepath.Base(dir)
	src, err := emit.Main(p, mains, name)
	if err != nil {
		return &BugError{Package: p.Path, Text: err.Error()}
	}
	r.result.time(p.Path, "emit", start)
	start = time.Now()
	path := filepath.Join(dir, "main.go")
	if err := outputError(p.Path, r.set.CheckCommand(path, src, registers(mains))); err != nil {
		return err
	}
	r.result.time(p.Path, "check", start)
	return r.result.add(path, src)
}

// contractsRefused reports what is wrong with the contracts that the constructors may be for, and
// tells whether anything is: then what the constructors lack follows from that.
func (r *run) contractsRefused() bool {
	refused := false
	for _, imported := range r.set.Roots[0].Imports() {
		if p := r.set.Source(imported.Path()); p != nil {
			_, ok := r.model(p, false)
			refused = refused || !ok
		}
	}
	return refused
}

// misplaced says why the main package of a plugin from p cannot be in dir, or "".
func misplaced(p *model.Package, dir string) (string, error) {
	if i := strings.LastIndex("/"+p.Path+"/", "/internal/"); i >= 0 {
		root := p.Dir
		for range strings.Split(strings.Trim(("/" + p.Path)[i:], "/"), "/") {
			root = filepath.Dir(root)
		}
		if rel, err := filepath.Rel(root, dir); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return fmt.Sprintf("package %s is internal, and %s may not import it: choose a directory below %s with -o", p.Path, dir, root), nil
		}
	}
	names, err := fs.Glob(os.DirFS(dir), "*.go") // the directory's name is no pattern
	if err != nil {
		return "", err
	}
	for _, base := range names {
		if base == "main.go" || strings.HasSuffix(base, "_test.go") {
			continue
		}
		name := filepath.Join(dir, base)
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if f == nil || f.Name == nil {
			return "", err
		}
		if f.Name.Name != "main" {
			return fmt.Sprintf("%s is the directory of package %s: choose one of its own for the plugin's main package with -o", dir, f.Name.Name), nil
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && (fn.Name.Name == "main" || fn.Name.Name == "run") {
				return fmt.Sprintf("%s declares func %s, as the plugin's main package would: choose another directory with -o", name, fn.Name.Name), nil
			}
		}
	}
	return "", nil
}

// packageClause is where a package says its name, in its first file.
func (r *run) packageClause(p *load.Package) token.Position {
	if len(p.Files) == 0 {
		return token.Position{Filename: p.Dir, Line: 1, Column: 1}
	}
	return r.set.Fset.Position(p.Files[0].Name.Pos())
}

// registers lists the generated functions that a main calls.
func registers(mains []*model.Main) []string {
	var names []string
	for _, m := range mains {
		for _, s := range m.Serves {
			names = append(names, "Register"+s.Contract)
		}
	}
	return names
}

// mainProblem says why there can be no plugin main, and where.
type mainProblem struct {
	pos   token.Position // not valid if it is about the package
	text  string
	lacks bool // a contract that is implemented
}

// selectMains returns the constructors of p, with those contracts that are named
// in serves, or all if it is empty; or what is wrong.
func selectMains(p *model.Package, serves []string) ([]*model.Main, *mainProblem) {
	if p.Name == "main" {
		return nil, &mainProblem{text: "package main cannot be imported by the plugin's main package: move the constructor to a package of its own"}
	}
	if len(p.Mains) == 0 {
		return nil, &mainProblem{text: fmt.Sprintf("package %s has no constructor for a plugin: put //pingo:plugin above func New", p.Name)}
	}
	var mains []*model.Main
	var found, served []string
	var again, config token.Position // a constructor of what was found before, and the last that takes a config
	configs := 0
	for _, m := range p.Mains {
		chosen := *m
		chosen.Serves = nil
		for _, s := range m.Serves {
			served = append(served, s.Contract)
			if len(serves) == 0 || slices.Contains(serves, s.Contract) {
				if slices.Contains(found, s.Contract) {
					again = m.Pos
				}
				chosen.Serves = append(chosen.Serves, s)
				found = append(found, s.Contract)
			}
		}
		if len(chosen.Serves) == 0 {
			continue
		}
		mains = append(mains, &chosen)
		if m.Config != nil {
			configs++
			config = m.Pos
		}
	}
	for _, name := range serves {
		if !slices.Contains(found, name) {
			pos, text := lacking(p, func(l model.Lack) bool { return l.Contract == name })
			return nil, &mainProblem{pos, fmt.Sprintf("-serves %s: the constructors of package %s make implementations of %s%s",
				name, p.Name, orNothing(served), text), true}
		}
	}
	slices.Sort(found)
	for i := 1; i < len(found); i++ {
		if found[i] == found[i-1] {
			return nil, &mainProblem{pos: again, text: fmt.Sprintf("the constructors of package %s make more than one %s, and a plugin serves one of each name: "+
				"leave it out with -serves, or delete //pingo:plugin above one of them", p.Name, found[i])}
		}
	}
	switch {
	case len(mains) == 0:
		pos, text := lacking(p, func(l model.Lack) bool { return l.Has > 0 })
		if text == "" {
			text = ": import the contract's package and return a type with all of its methods"
		}
		return nil, &mainProblem{pos, fmt.Sprintf("the constructors of package %s make nothing that implements a contract%s", p.Name, text), true}
	case configs > 1:
		return nil, &mainProblem{pos: config, text: fmt.Sprintf("%d constructors of package %s take a config struct: make a plugin of each with -serves", configs, p.Name)}
	}
	return mains, nil
}

// lacking says what a constructor's result lacks of the contract that is nearest
// to it among those that are meant, and where that type is. If there is none, it says
// nothing, and where the first constructor is.
func lacking(p *model.Package, meant func(model.Lack) bool) (pos token.Position, text string) {
	pos, has := p.Mains[0].Pos, -1
	for _, m := range p.Mains {
		for _, l := range m.Lacks {
			if meant(l) && l.Has > has {
				pos, has, text = m.Type, l.Has, ": "+l.Text
			}
		}
	}
	return pos, text
}

// orNothing lists names, or says that there are none.
func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
