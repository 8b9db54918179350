package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// Main returns the source of the command called name that serves what mains,
// constructors of p, make. At most one of them takes a config struct.
func Main(p *model.Package, mains []*model.Main, name string) ([]byte, error) {
	f := newFileWith(&model.Package{Path: "main", Name: "main", Constraint: constraint(mains)}, mainVariables)
	g := &mainFile{file: f, impl: p, name: name, mains: mains}
	f.scope.take("main", "run", "config")
	f.alias(p.Path, p.Name) // before variables are named
	for _, m := range mains {
		for _, s := range m.Serves {
			f.alias(s.Package, s.PackageName)
		}
	}
	f.PackageComment(g.packageDoc())
	f.add(g.main(), g.run())
	if c := g.config(); c != nil {
		f.add(g.parse(c))
	}
	return f.render()
}

// constraint is what a main is built under: what the constructors and contracts are.
func constraint(mains []*model.Main) string {
	var all []string
	for _, m := range mains {
		all = append(all, m.Constraint)
		for _, s := range m.Serves {
			all = append(all, s.Constraint)
		}
	}
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(c string) bool { return c == "" })
	if len(all) > 1 {
		for i, c := range all {
			if strings.Contains(c, "||") {
				all[i] = "(" + c + ")"
			}
		}
	}
	return strings.Join(all, " && ")
}

// mainFile is the file of a plugin's main package while it is built.
type mainFile struct {
	*file
	impl  *model.Package
	name  string // of the command
	mains []*model.Main
}

// packageDoc yields
//
//	// Command hello-plugin is a pingo plugin that serves greeter.Greeter.
func (g *mainFile) packageDoc() string {
	var served []string
	for _, m := range g.mains {
		for _, s := range m.Serves {
			served = append(served, s.PackageName+"."+s.Contract)
		}
	}
	return fmt.Sprintf("// Command %s is a pingo plugin that serves %s.", g.name, strings.Join(served, ", "))
}

// main yields
//
//	func main() {
//		fmt.Fprintln(os.Stderr, "hello-plugin:", run())
//		os.Exit(1)
//	}
func (g *mainFile) main() *jen.Statement {
	return jen.Func().Id("main").Params().Block(
		g.std("fmt", "Fprintln").Call(g.std("os", "Stderr"), jen.Lit(g.name+":"), jen.Id("run").Call()),
		g.std("os", "Exit").Call(jen.Lit(1)),
	)
}

// run yields
//
//	// run makes what the plugin serves, and serves it. It returns only if that
//	// fails: pingo.Run exits when the host is done.
//	func run() error {
//		if len(os.Args) > 1 {
//			...
//		}
//		hello, err := hello.New()
//		if err != nil {
//			return err
//		}
//		greeter.RegisterGreeter(hello)
//		return pingo.Run()
//	}
func (g *mainFile) run() *jen.Statement {
	var body []jen.Code
	if g.config() != nil {
		body = append(body, jen.List(jen.Id("cfg"), jen.Id("err")).Op(":=").Id("config").Call(
			g.std("os", "Args").Index(jen.Lit(1), jen.Empty())), g.returnFailure())
	} else {
		body = append(body, g.refuseAll())
	}
	if g.context() {
		body = append(body, g.notify()...)
	}
	taken := scope{}
	for _, m := range g.mains {
		body = append(body, g.construct(m, taken.pick("plugin", g.scope))...)
	}
	return comment("run makes what the plugin serves, and serves it. It returns only if that\nfails: pingo.Run exits when the host is done.").
		Func().Id("run").Params().Error().Block(append(body, g.serve()...)...)
}

// refuseAll yields what a main has that could do nothing with arguments
//
//	if len(os.Args) > 1 {
//		fmt.Fprintf(os.Stderr, "hello-plugin: unexpected argument %q: it takes none\n", os.Args[1])
//		os.Exit(2)
//	}
func (g *mainFile) refuseAll() *jen.Statement {
	return jen.If(jen.Len(g.std("os", "Args")).Op(">").Lit(1)).Block(
		g.std("fmt", "Fprintf").Call(g.std("os", "Stderr"), jen.Lit(g.name+": unexpected argument %q: it takes none\n"),
			g.std("os", "Args").Index(jen.Lit(1))),
		g.std("os", "Exit").Call(jen.Lit(2)),
	)
}

// notify yields
//
//	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//	defer stop()
func (g *mainFile) notify() []jen.Code {
	return []jen.Code{
		jen.List(jen.Id("ctx"), jen.Id("stop")).Op(":=").Add(g.std("os/signal", "NotifyContext")).Call(
			g.file.context("Background").Call(), g.std("os", "Interrupt"), g.std("syscall", "SIGTERM")),
		jen.Defer().Id("stop").Call(),
	}
}

// construct yields what makes and registers one implementation.
func (g *mainFile) construct(m *model.Main, name string) []jen.Code {
	var args []jen.Code
	if m.Context {
		args = append(args, jen.Id("ctx"))
	}
	if m.Config != nil {
		cfg := jen.Id("cfg")
		if m.Config.Pointer {
			cfg = jen.Op("&").Add(cfg)
		}
		args = append(args, cfg)
	}
	call := g.qual(g.impl.Path, g.impl.Name, m.Constructor).Call(args...)
	var body []jen.Code
	if m.Error {
		body = append(body, jen.List(jen.Id(name), jen.Id("err")).Op(":=").Add(call), g.returnFailure())
	} else {
		body = append(body, jen.Id(name).Op(":=").Add(call))
	}
	for _, s := range m.Serves {
		body = append(body, g.qual(s.Package, s.PackageName, "Register"+s.Contract).Call(jen.Id(name)))
	}
	return body
}

// serve yields return pingo.Run(), or if a signal is to end the plugin
//
//	done := make(chan error, 1)
//	go func() {
//		done <- pingo.Run()
//	}()
//	select {
//	case err := <-done:
//		return err
//	case <-ctx.Done():
//		return context.Cause(ctx)
//	}
func (g *mainFile) serve() []jen.Code {
	run := g.pingo("Run").Call()
	if !g.context() {
		return []jen.Code{jen.Return(run)}
	}
	return []jen.Code{
		jen.Id("done").Op(":=").Make(jen.Chan().Error(), jen.Lit(1)),
		jen.Go().Func().Params().Block(jen.Id("done").Op("<-").Add(run)).Call(),
		jen.Select().Block(
			jen.Case(jen.Id("err").Op(":=").Op("<-").Id("done")).Block(jen.Return(jen.Id("err"))),
			jen.Case(jen.Op("<-").Id("ctx").Dot("Done").Call()).Block(jen.Return(g.file.context("Cause").Call(jen.Id("ctx")))),
		),
	}
}

// returnFailure yields
//
//	if err != nil {
//		return err
//	}
func (g *mainFile) returnFailure() *jen.Statement {
	return jen.If(g.failed("err")).Block(jen.Return(jen.Id("err")))
}

// std returns what a package of the standard library declares.
func (g *mainFile) std(path, name string) *jen.Statement {
	return g.qual(path, path[strings.LastIndexByte(path, '/')+1:], name)
}

// context reports whether a constructor takes a context.
func (g *mainFile) context() bool {
	for _, m := range g.mains {
		if m.Context {
			return true
		}
	}
	return false
}

// config returns the config struct that a constructor takes, or nil.
func (g *mainFile) config() *model.Config {
	for _, m := range g.mains {
		if m.Config != nil {
			return m.Config
		}
	}
	return nil
}
