package emit

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scope is the set of identifiers that are taken somewhere.
type scope map[string]bool

// take marks names as taken.
func (s scope) take(names ...string) {
	for _, name := range names {
		s[name] = true
	}
}

// pick takes want, or want2, want3 and so on if that is a keyword, or taken here
// or in one of others.
func (s scope) pick(want string, others ...scope) string {
	name := want
	for i := 2; s.has(name, others) || token.IsKeyword(name) || name == "_"; i++ {
		name = want + strconv.Itoa(i)
	}
	s[name] = true
	return name
}

// has reports whether name is taken here or in one of others.
func (s scope) has(name string, others []scope) bool {
	for _, o := range others {
		if o[name] {
			return true
		}
	}
	return s[name]
}

// predeclared returns what the language declares.
func predeclared() scope {
	s := scope{}
	s.take(types.Universe.Names()...)
	return s
}

// exported returns name with its first letter in upper case.
func exported(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[n:]
}

// unexported returns name with its leading capitals in lower case, as one would
// write it: HTTPServer is httpServer, URL is url.
func unexported(name string) string {
	runes := []rune(name)
	n := 0
	for n < len(runes) && unicode.IsUpper(runes[n]) {
		n++
	}
	if n > 1 && n < len(runes) && unicode.IsLower(runes[n]) {
		n--
	}
	return strings.ToLower(string(runes[:n])) + string(runes[n:])
}

// isExported reports whether other packages can use name.
func isExported(name string) bool { return token.IsExported(name) }

// oneLine returns text with its lines joined.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
