package resolve

import (
	"go/types"
	"slices"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// isSys tells whether a method is that of fs.FileInfo which may return nil, and
// otherwise returns what means nothing elsewhere.
func isSys(f *types.Func) bool {
	if f.Pkg() == nil || f.Pkg().Path() != "io/fs" || f.Name() != "Sys" {
		return false
	}
	return types.Identical(f.Signature().Results().At(0).Type(), types.Universe.Lookup("any").Type())
}

// isSlog tells of the types of log/slog that have fields which are not exported,
// and no marshaler.
func isSlog(t types.Type) bool {
	return isNamed(t, "log/slog", "Record") || isNamed(t, "log/slog", "Attr") || isNamed(t, "log/slog", "Value")
}

// specials finds the methods that are those of package io. Values that are passed
// by reference stream what is read and written.
func specials(methods []*model.Method, it *types.Interface, byReference bool) {
	found := map[model.Special]*model.Method{}
	for _, m := range methods {
		obj, _, _ := types.LookupFieldOrMethod(it, false, nil, m.Name)
		if f, ok := obj.(*types.Func); ok {
			found[specialOf(f.Signature(), m.Name)] = m
		}
	}
	delete(found, model.Ordinary)
	ahead := byReference && found[model.Read] != nil && readsAhead(methods) && (found[model.Seek] == nil || found[model.Write] == nil)
	for special, m := range found {
		switch {
		case special == model.Read && ahead:
			m.Special = model.ReadStream
		case special == model.Write && hasDeadline(methods): // which is an ordinary call
		case special == model.Read, special == model.ReadAt, special == model.Close, byReference && (special != model.Seek || ahead):
			m.Special = special
		}
	}
}

// specialOf compares a method with those of package io.
func specialOf(sig *types.Signature, name string) model.Special {
	bytes, number, long := types.NewSlice(types.Typ[types.Byte]), types.Typ[types.Int], types.Typ[types.Int64]
	switch {
	case name == "Read" && isSignature(sig, number, bytes):
		return model.Read
	case name == "ReadAt" && isSignature(sig, number, bytes, long):
		return model.ReadAt
	case name == "Write" && isSignature(sig, number, bytes):
		return model.Write
	case name == "Seek" && isSignature(sig, long, long, number):
		return model.Seek
	case name == "Close" && sig.Results().Len() == 1 && isError(sig.Results().At(0).Type()) &&
		(sig.Params().Len() == 0 || sig.Params().Len() == 1 && isContext(sig.Params().At(0).Type())):
		return model.Close
	}
	return model.Ordinary
}

// isSignature: func(params) (result, error).
func isSignature(sig *types.Signature, result types.Type, params ...types.Type) bool {
	if sig.Variadic() || sig.Params().Len() != len(params) || sig.Results().Len() != 2 ||
		!types.Identical(sig.Results().At(0).Type(), result) || !isError(sig.Results().At(1).Type()) {
		return false
	}
	for i, p := range params {
		if !types.Identical(sig.Params().At(i).Type(), p) {
			return false
		}
	}
	return true
}

// besides are the methods that do not notice that Read is ahead: they neither
// read from the same position, nor move it. Seek is told how far it is.
var besides = set("Read Close Seek ReadAt Write WriteAt ReadFrom Stat ReadDir Name Sync Truncate")

func readsAhead(methods []*model.Method) bool {
	return !slices.ContainsFunc(methods, func(m *model.Method) bool { return !besides[m.Name] })
}

// hasDeadline tells of methods after which a Write has to return in time, and to
// have been made: those of a net.Conn.
func hasDeadline(methods []*model.Method) bool {
	return slices.ContainsFunc(methods, func(m *model.Method) bool { return m.Name == "SetDeadline" || m.Name == "SetWriteDeadline" })
}
