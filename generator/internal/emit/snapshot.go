package emit

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// snapshot is the type that holds what the methods of a value said when it left.
type snapshot struct {
	name    string
	getters []*getter
}

// getter is a method that was asked, and the fields that its results are in.
type getter struct {
	*model.Method
	fields []string // of the results, the error included
}

// snapshotOf returns the snapshot of an interface, and picks its names.
func (f *file) snapshotOf(t *model.Type) *snapshot {
	key := functionKey(t)
	if s := f.snapshots[key]; s != nil {
		return s
	}
	s := &snapshot{name: f.declare(unexported(f.word(t)) + "Snapshot")}
	f.snapshots[key] = s
	taken := scope{}
	for _, m := range t.Methods {
		taken.take(m.Name)
	}
	for _, m := range t.Methods {
		g := &getter{Method: m}
		s.getters = append(s.getters, g)
		if m.Special == model.Sys {
			continue
		}
		for _, suffix := range g.suffixes() {
			g.fields = append(g.fields, taken.pick(unexported(m.Name)+suffix))
		}
	}
	return s
}

// suffixes tell the results of a method apart.
func (g *getter) suffixes() []string {
	var list []string
	for i := range g.Results {
		list = append(list, strconv.Itoa(i))
	}
	if g.Error {
		list = append(list, "Err")
	}
	list[0] = ""
	return list
}

// snapshot adds the type of a snapshot, and its methods.
func (f *file) snapshot(t *model.Type) {
	s := f.snapshotOf(t)
	f.add(f.snapshotType(t, s))
	for _, g := range s.getters {
		f.add(f.snapshotMethod(s, g))
	}
}

// snapshotType yields
//
//	// fsFileInfoSnapshot is a fs.FileInfo as it was when it left the other side.
//	type fsFileInfoSnapshot struct {
//		isDir   bool
//		modTime time.Time
//	}
func (f *file) snapshotType(t *model.Type, s *snapshot) *jen.Statement {
	name := (&describer{path: f.pkg.Path, short: true}).typ(t)
	var list []jen.Code
	for _, g := range s.getters {
		for i, field := range g.fields {
			list = append(list, jen.Id(field).Add(f.resultType(g, i)))
		}
	}
	return comment(s.name + " is what a " + name + " said when it left the other side.").
		Type().Id(s.name).Struct(list...)
}

// resultType returns the type of a result, or of the error behind the results.
func (f *file) resultType(g *getter, i int) *jen.Statement {
	if i == len(g.Results) {
		return f.builtin("error")
	}
	return f.typ(g.Results[i].Type)
}

// snapshotMethod yields
//
//	func (s *fsFileInfoSnapshot) IsDir() bool {
//		return s.isDir
//	}
func (f *file) snapshotMethod(s *snapshot, g *getter) *jen.Statement {
	receiver, result := jen.Id(f.local.s).Op("*").Id(s.name), f.noError()
	if g.Special == model.Sys {
		receiver = jen.Op("*").Id(s.name)
	} else {
		result = jen.List(f.selected(g)...)
	}
	return jen.Func().Params(receiver).Id(g.Name).Params().Add(f.resultTypes(g.Method)).Block(jen.Return(result))
}

// selected yields s.info, s.infoErr.
func (f *file) selected(g *getter) []jen.Code {
	list := make([]jen.Code, len(g.fields))
	for i, field := range g.fields {
		list[i] = jen.Id(f.local.s).Dot(field)
	}
	return list
}

// encodeSnapshot yields
//
//	if e.Nil(v == nil) {
//		return
//	}
//	var s fsFileInfoSnapshot
//	s.isDir = v.IsDir()
//	s.modTime = v.ModTime()
//	e.Bool(s.isDir)
//	e.Time(s.modTime)
//
// or, where something follows, the same inside of an if.
func (f *file) encodeSnapshot(t *model.Type, v *jen.Statement) []jen.Code {
	s, isNil := f.snapshotOf(t), jen.Id(f.local.e).Dot("Nil").Call(f.isNil(v))
	var ask, encode []jen.Code
	for _, g := range s.getters {
		if len(g.fields) > 0 {
			ask = append(ask, jen.List(f.selected(g)...).Op("=").Add(v).Dot(g.Name).Call())
			encode = append(encode, f.eachResult(g, f.encode)...)
		}
	}
	body := append(append([]jen.Code{jen.Var().Id(f.local.s).Id(s.name)}, ask...), encode...)
	if len(encode) == 0 { // it has nothing but Sys
		body = nil
	}
	if counted(t) {
		return []jen.Code{jen.If(jen.Op("!").Add(isNil)).Block(body...)}
	}
	return append([]jen.Code{jen.If(isNil).Block(jen.Return())}, body...)
}

// decodeSnapshot yields
//
//	if d.Bool() {
//		s := &fsFileInfoSnapshot{}
//		s.isDir = d.Bool()
//		s.modTime = d.Time()
//		v = s
//	}
func (f *file) decodeSnapshot(t *model.Type, v *jen.Statement) []jen.Code {
	s := f.snapshotOf(t)
	body := []jen.Code{jen.Id(f.local.s).Op(":=").Op("&").Id(s.name).Values()}
	for _, g := range s.getters {
		body = append(body, f.eachResult(g, f.decode)...)
	}
	body = append(body, jen.Add(v).Op("=").Id(f.local.s))
	return []jen.Code{jen.If(jen.Id(f.local.d).Dot("Bool").Call()).Block(body...)}
}

// eachResult yields the statements that encode or decode the fields of a getter.
func (f *file) eachResult(g *getter, code func(*model.Type, *jen.Statement) *jen.Statement) []jen.Code {
	var list []jen.Code
	for i, field := range g.fields {
		t := &model.Type{Kind: model.Error, Name: "error"}
		if i < len(g.Results) {
			t = g.Results[i].Type
		}
		list = append(list, code(t, jen.Id(f.local.s).Dot(field)))
	}
	return list
}

// snapshot returns what is behind a snapshot that is not nil, for descriptions:
// "*struct{IsDir bool; Info struct{r0 fs.FileInfo; err error}}".
func (d *describer) snapshot(methods []*model.Method) string {
	var list []string
	for _, m := range methods {
		switch {
		case m.Special == model.Sys: // which nobody asks
		case len(m.Results) == 1 && !m.Error:
			list = append(list, m.Name+" "+d.typ(m.Results[0].Type))
		default:
			list = append(list, m.Name+" "+d.answers(m))
		}
	}
	return "*struct{" + strings.Join(list, "; ") + "}"
}

// answers returns the results of a method as a struct.
func (d *describer) answers(m *model.Method) string {
	var list []string
	for i, r := range m.Results {
		list = append(list, "r"+strconv.Itoa(i)+" "+d.typ(r.Type))
	}
	if m.Error {
		list = append(list, "err error")
	}
	return "struct{" + strings.Join(list, "; ") + "}"
}
