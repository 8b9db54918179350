package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// parse yields
//
//	// config returns the settings in args, and in the environment for flags that args lack.
//	func config(args []string) (cfg hello.Config, err error) {
//		flags := flag.NewFlagSet("hello-plugin", flag.ExitOnError)
//		flags.IntVar(&cfg.Size, "size", 0, "entries to keep [$SIZE]")
//		...
//	}
func (g *mainFile) parse(c *model.Config) *jen.Statement {
	body := []jen.Code{jen.Id("flags").Op(":=").Add(g.std("flag", "NewFlagSet")).Call(
		jen.Lit(g.name), g.std("flag", "ExitOnError"))}
	for _, field := range c.Fields {
		body = append(body, g.define(field))
	}
	body = append(body, g.environment(c), g.parseFlags(), g.refuseArguments(),
		jen.Return(jen.Id("cfg"), jen.Nil()))
	return comment("config returns the settings in args, and in the environment for flags that args lack.").
		Func().Id("config").Params(jen.Id("args").Index().String()).
		Params(jen.Id("cfg").Add(g.qual(g.impl.Path, g.impl.Name, c.Name)), jen.Id("err").Error()).
		Block(body...)
}

// flagMethods are the methods of flag.FlagSet that define a flag of each kind.
var flagMethods = map[string]string{
	"string": "StringVar", "bool": "BoolVar", "int": "IntVar", "int64": "Int64Var", "uint": "UintVar",
	"uint64": "Uint64Var", "float64": "Float64Var", "duration": "DurationVar",
}

// zero yields the default value of a flag.
func zero(kind string) *jen.Statement {
	switch kind {
	case "string":
		return jen.Lit("")
	case "bool":
		return jen.False()
	}
	return jen.Lit(0)
}

// define yields flags.IntVar(&cfg.Size, "size", 0, "entries to keep [$SIZE]").
func (g *mainFile) define(field model.ConfigField) *jen.Statement {
	name, usage := jen.Lit(field.Flag), jen.Lit(usage(field))
	if field.Kind == "text" {
		return jen.Id("flags").Dot("Func").Call(name, usage, g.unmarshalText(field))
	}
	target := jen.Op("&").Id("cfg").Dot(field.Name)
	if field.Kind != "duration" && field.Type != nil && field.Type.Package != "" {
		target = jen.Parens(jen.Op("*").Id(field.Kind)).Call(target)
	}
	return jen.Id("flags").Dot(flagMethods[field.Kind]).Call(target, name, zero(field.Kind), usage)
}

// unmarshalText yields
//
//	func(s string) error {
//		return cfg.Addr.UnmarshalText([]byte(s))
//	}
func (g *mainFile) unmarshalText(field model.ConfigField) *jen.Statement {
	return jen.Func().Params(jen.Id("s").String()).Error().Block(jen.Return(
		jen.Id("cfg").Dot(field.Name).Dot("UnmarshalText").Call(jen.Index().Byte().Parens(jen.Id("s"))),
	))
}

// usage returns the text that a flag's help shows.
func usage(field model.ConfigField) string {
	text := oneLine(field.Doc)
	if field.Env == "" {
		return text
	}
	if text != "" {
		text += " "
	}
	return text + "[$" + field.Env + "]"
}

// environment yields
//
//	for _, v := range []struct{ env, flag string }{
//		{"SIZE", "size"},
//	} {
//		if s, ok := os.LookupEnv(v.env); ok {
//			if err := flags.Set(v.flag, s); err != nil {
//				return cfg, fmt.Errorf("environment variable %s: invalid value %q: %w", v.env, s, err)
//			}
//		}
//	}
func (g *mainFile) environment(c *model.Config) *jen.Statement {
	var table []jen.Code
	for _, field := range c.Fields {
		if field.Env != "" {
			table = append(table, jen.Values(jen.Lit(field.Env), jen.Lit(field.Flag)))
		}
	}
	v := func(name string) *jen.Statement { return jen.Id("v").Dot(name) }
	set := jen.If(jen.Err().Op(":=").Id("flags").Dot("Set").Call(v("flag"), jen.Id("s")), g.failed("err")).Block(
		jen.Return(jen.Id("cfg"), g.std("fmt", "Errorf").Call(jen.Lit("environment variable %s: invalid value %q: %w"), v("env"), jen.Id("s"), jen.Err())))
	return jen.For(jen.List(jen.Id("_"), jen.Id("v")).Op(":=").Range().
		Index().Struct(jen.List(jen.Id("env"), jen.Id("flag")).String()).Add(fields(table...))).Block(
		jen.If(jen.List(jen.Id("s"), jen.Id("ok")).Op(":=").Add(g.std("os", "LookupEnv")).Call(v("env")), jen.Id("ok")).Block(set))
}

// parseFlags yields
//
//	if err := flags.Parse(args); err != nil {
//		return cfg, err
//	}
func (g *mainFile) parseFlags() *jen.Statement {
	return jen.If(jen.Err().Op(":=").Id("flags").Dot("Parse").Call(jen.Id("args")), g.failed("err")).
		Block(jen.Return(jen.Id("cfg"), jen.Err()))
}

// refuseArguments yields
//
//	if flags.NArg() > 0 {
//		fmt.Fprintf(os.Stderr, "hello-plugin: unexpected argument %q\n", flags.Arg(0))
//		flags.Usage()
//		os.Exit(2)
//	}
func (g *mainFile) refuseArguments() *jen.Statement {
	return jen.If(jen.Id("flags").Dot("NArg").Call().Op(">").Lit(0)).Block(
		g.std("fmt", "Fprintf").Call(g.std("os", "Stderr"), jen.Lit(g.name+": unexpected argument %q\n"),
			jen.Id("flags").Dot("Arg").Call(jen.Lit(0))),
		jen.Id("flags").Dot("Usage").Call(),
		g.std("os", "Exit").Call(jen.Lit(2)),
	)
}
