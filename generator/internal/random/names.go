package random

import (
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names that generated code might trip over: those that the language declares
// itself, those of packages that it imports, those that it uses, and odd ones.
var hostile = strings.Fields(`
	any bool byte comparable complex64 error float64 int int64 rune string uint uint8 uint64
	true false iota nil append cap clear close copy delete len make max min new panic print recover
	context codec pingo io iter fs time errors fmt runtime plain big netip probe
	Client client Call CallContext Context Args args Reply reply Encode Decode dec enc impl Caller caller
	Adapter adapter Proxy proxy Contract contract Service service Reference ref r0 r1 err e d v k m n p q c a ctx yield seq
	Type typ Func func_ Interface interface_ Range rangе select_ Select chan_ Map
	größe Größe 日本 Ünïcode π Ω x X Z z _x __ X_ Handler Handlers Message Nothing referenceOf encode decode
	Item Store Node List Event Options Key Value Name Data Next Left Right Pair Tree Kind State Size
	Close Read Write String Error Unwrap Is As Len Init Main`)

// fresh draws a name that is not taken, and takes it.
func (d *drawer) fresh(taken map[string]bool, fits func(string) bool) string {
	for range 40 {
		name := hostile[d.rng.IntN(len(hostile))]
		if !taken[name] && fits(name) {
			taken[name] = true
			return name
		}
	}
	for base := hostile[d.rng.IntN(len(hostile))]; ; base += "x" {
		if name := title(base); !taken[name] && fits(name) {
			taken[name] = true
			return name
		}
	}
}

// title is a name that is exported.
func title(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if upper := unicode.ToUpper(first); unicode.IsUpper(upper) {
		return string(upper) + name[size:]
	}
	return "X" + name
}

// upper is a name whose first letter is a capital, if there is such a letter.
func upper(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// lower is a name that begins with a small letter.
func lower(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

func anyName(name string) bool { return name != "init" }

// exportedName is for methods. Those that the standard library has have signatures of their own.
func exportedName(name string) bool {
	return token.IsExported(name) && !slices.Contains([]string{"Close", "Read", "Write", "Error", "Unwrap", "Is", "As", "String"}, name)
}

// fieldName leaves methods of errors and of marshalers alone.
func fieldName(name string) bool {
	return !slices.Contains([]string{"Error", "Unwrap", "Is", "As"}, name)
}

// packageName leaves out what the go command would not build, or import.
func packageName(name string) bool { return name != "__" && name != "_x" && name != "main" }
