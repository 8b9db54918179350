package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// contract makes a contract with one method M of lines: its signature, and then
// "Name = definition" for each type.
func contract(lines ...string) *codec.Contract {
	c := &codec.Contract{Name: "C", Methods: []codec.Method{{Name: "M", Signature: lines[0]}}}
	for _, line := range lines[1:] {
		name, definition, _ := strings.Cut(line, " = ")
		c.Types = append(c.Types, codec.Type{Name: name, Definition: definition})
	}
	return c
}

// dump writes a type with all that it is made of.
func dump(t *typ, seen map[*typ]bool) string {
	if seen[t] {
		return t.name
	}
	if t.name != "" {
		seen[t] = true
		unnamed := *t
		unnamed.name = ""
		return t.name + "=" + dump(&unnamed, seen)
	}
	switch t.kind {
	case slice:
		return "[]" + dump(t.elem, seen)
	case array:
		return fmt.Sprintf("[%d]%s", t.length, dump(t.elem, seen))
	case mapping:
		return "map[" + dump(t.key, seen) + "]" + dump(t.elem, seen)
	case pointer:
		return "*" + dump(t.elem, seen)
	case structure:
		return "struct{" + dumpFields(t.fields, seen) + "}"
	case object:
		return "interface{" + dumpFields(t.fields, seen) + "}"
	case function:
		return "func(" + dumpFields(t.fields[:t.length], seen) + " -> " + dumpFields(t.fields[t.length:], seen) + ")"
	case receiver:
		return "<-chan " + dump(t.elem, seen)
	case sender:
		return "chan<- " + dump(t.elem, seen)
	case opaque:
		return "opaque(" + t.written + ")"
	}
	return t.written
}

func dumpFields(list []field, seen map[*typ]bool) string {
	all := make([]string, len(list))
	for i, f := range list {
		all[i] = strings.TrimSpace(f.name + " " + dump(f.typ, seen))
	}
	return strings.Join(all, "; ")
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"() ()"}, " -> "},
		{[]string{"(name string) (string)"}, "name string -> string"},
		{[]string{"(int, b uint8, rune) (n int, error, time.Time)"}, "int; b uint8; rune -> n int; error; time.Time"},
		{[]string{"(format string, args ...int) ()"}, "format string; args []int -> "},
		{[]string{"(...byte) ([]uint8, [16]byte, [0]string)"}, "...byte -> []uint8; [16]byte; [0]string"},
		{[]string{"(m map[string]map[[2]int]*[]*float64) ()"}, "m map[string]map[[2]int]*[]*float64 -> "},
		{[]string{"(v struct{A int; b []string; C struct{}}) ()"}, "v struct{A int; b []string; C struct{}} -> "},
		{[]string{"(item Item) ([]Item)", "Item = struct{Key Key; o other.T}", "Key = string", "other.T = []other.U", "other.U = uint8"},
			"item Item=struct{Key Key=string; o other.T=[]other.U=uint8} -> []Item"},
		{[]string{`(a "x.org/b [c]/d".T) ("time".Time)`, `"x.org/b [c]/d".T = bool`}, `a "x.org/b [c]/d".T=bool -> "time".Time`},
		{[]string{"(n *Node, t Tree) ()", "Node = struct{Next *Node; Trees []Tree}", "Tree = map[string]Tree"},
			"n *Node=struct{Next *Node; Trees []Tree=map[string]Tree}; t Tree -> "},
		{[]string{"(p Pair[string, []Set[int]]) ()", "Pair[string, []Set[int]] = struct{A string}"}, "p Pair[string, []Set[int]]=struct{A string} -> "},
		{[]string{`(p Box[], q Q["a]b".T, func(x, y int) map[string]int]) ()`, "Box[] = int", `Q["a]b".T, func(x, y int) map[string]int] = bool`},
			`p Box[]=int; q Q["a]b".T, func(x, y int) map[string]int]=bool -> `},
		{[]string{"(t Token, u big.Int, v pb.M, w netip.Addr) ()", "Token = encoding.TextMarshaler", "big.Int = gob.GobEncoder", "pb.M = proto.Message", "netip.Addr = encoding.BinaryMarshaler"},
			"t Token=encoding.TextMarshaler; u big.Int=gob.GobEncoder; v pb.M=proto.Message; w netip.Addr=encoding.BinaryMarshaler -> "},
		{[]string{"(m proto.Message) ()", "proto.Message = proto.Message"}, "m proto.Message=proto.Message -> "},
		{[]string{"(s Stamp, e Err, o []Octet) ()", "Stamp = time.Time", "Err = error", "Octet = byte"}, "s Stamp=time.Time; e Err=error; o []Octet=byte -> "},
		{[]string{"(int int, string string) ()"}, "int int; string string -> "},
		{[]string{`(a error, b "p".error) (error)`, `"p".error = struct{text "p".string}`, `"p".string = []int`},
			`a error; b "p".error=struct{text "p".string=[]int} -> error`},
		{[]string{"(func(int, string) (bool, error), f func(a struct{B int}), chan int, c chan<- T, <-chan T, iter.Seq[T]) (interface{Close() (error)}, e struct{F func() int; N int})"},
			"func(int; string -> bool; error); f func(struct{B int} -> ); opaque(chan int); c chan<- T=opaque(T); <-chan T; iter.Seq[T]=opaque(iter.Seq[T])" +
				" -> interface{Close func( -> error)}; e struct{F func( -> int); N int}"},
		{[]string{"(func() func(int) error, <-chan func(), interface{}, interface{A(...int); B(interface{C() <-chan D}) (D, func())}) ()", "D = chan<- D"},
			"func( -> func(int -> error)); <-chan func( -> ); interface{}; " +
				"interface{A func([]int -> ); B func(interface{C func( -> <-chan D=chan<- D)} -> D; func( -> ))} -> "},
	} {
		m, err := New(contract(c.lines...), "").method("M")
		require.NoError(t, err, c.lines[0])
		seen := map[*typ]bool{}
		require.Equal(t, c.want, dumpFields(m.params, seen)+" -> "+dumpFields(m.results, seen))
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		want  string
		lines []string
	}{
		{`the signature of M: at byte 0: "(" is missing`, []string{""}},
		{`the signature of M: at byte 2: " " is missing`, []string{"()"}},
		{`the signature of M: at byte 1: a type is missing`, []string{"("}},
		{`the signature of M: at byte 6: ", " is missing`, []string{"([]int string) ()"}},
		{`the signature of M: at byte 5: " more" is too much`, []string{"() () more"}},
		{`the signature of M: at byte 2: the length of an array is not a number up to 1099511627776`, []string{"([x]int) ()"}},
		{`the signature of M: at byte 21: the length of an array is not a number up to 1099511627776`, []string{"([9999999999999999999]int) ()"}},
		{`the signature of M: at byte 4: "]" is missing`, []string{"([12int) ()"}},
		{`the signature of M: at byte 8: a field has no name`, []string{"(struct{*T}) ()"}},
		{`the signature of M: at byte 13: "; " is missing`, []string{"(struct{A int, B int}) ()"}},
		{`the signature of M: at byte 3: an import path is not quoted well`, []string{`([]"abc) ()`}},
		{`the signature of M: at byte 12: a type is missing`, []string{"(f func(x) ("}},
		{`the signature of M: at byte 21: a bracket is not closed`, []string{"(f Box[chan func(x) ("}},
		{`the signature of M: at byte 13: a method has no name`, []string{"(f interface{(x)}) ()"}},
		{`the type T: at byte 0: a type is missing`, []string{"(t T) ()", "T = "}},
		{`the type T: at byte 1: a definition is no more than the name "T"`, []string{"(t T) ()", "T = T"}},
		{`the type T: at byte 1: a definition is no more than the name "U"`, []string{"(t T) ()", "T = U", "U = int"}},
		{`the type T: at byte 3: " x" is too much`, []string{"(t T) ()", "T = int x"}},
		{`types are nested deeper than 100 levels`, []string{"(" + strings.Repeat("*", 200) + "int) ()"}},
		{`types are nested deeper than 100 levels`, []string{"(" + strings.Repeat("struct{A ", 1<<20)}},
		{`there are more than 65536 types`, []string{"(" + strings.Repeat("[]int, ", 1<<17)}},
	} {
		_, err := New(contract(c.lines...), "").method("M")
		require.ErrorContains(t, err, c.want, "%.60q", c.lines)
	}
	_, err := New(contract("() ()"), "").method("N")
	require.EqualError(t, err, "there is no method N")
}

// What cannot be parsed is not taken for something else later.
func TestSpoiltContract(t *testing.T) {
	described := contract("(t T) ()", "T = what is this?")
	described.Methods = append(described.Methods, codec.Method{Name: "N", Signature: "() ()"})
	c := New(described, "")
	_, err := c.method("M")
	require.Error(t, err)
	_, again := c.method("N")
	require.Equal(t, err, again)
}

func FuzzParse(f *testing.F) {
	f.Add("(item Item, p *Pair[string, int]) (map[string][]Item, error)", "Item", "struct{Key string; F func(int) []Item}", "Pair[string, int]", "[3]Item")
	f.Add(`(x "a/b".T) ("time".Time)`, `"a/b".T`, "encoding.TextMarshaler", "U", "*U")
	f.Fuzz(func(t *testing.T, signature, name1, definition1, name2, definition2 string) {
		c := &codec.Contract{
			Methods: []codec.Method{{Name: "M", Signature: signature}},
			Types:   []codec.Type{{Name: name1, Definition: definition1}, {Name: name2, Definition: definition2}},
		}
		m, err := New(c, "").method("M")
		if err != nil {
			return
		}
		// what was understood is written as it was read
		for _, p := range append(m.params, m.results...) {
			require.Contains(t, signature, p.typ.String())
		}
		_, differ := Arguments(New(c, ""), New(c, ""), "M")
		for _, d := range differ {
			require.NotEmpty(t, d.Reason, "a contract fits itself, but for what is not known")
		}
	})
}

// Interfaces of streams are told from others by their methods.
func TestStreamsOfBytes(t *testing.T) {
	const read, write, seek = "Read([]byte) (int, error)", "Write([]byte) (int, error)", "Seek(int64, int) (int64, error)"
	for _, test := range []struct {
		methods                     string
		reads, closes, served, sink bool
	}{
		{read, true, false, true, false},
		{"Close() error; " + read, true, true, true, false},
		{read + "; ReadAt([]byte, int64) (int, error); " + seek, true, false, true, false},
		{read + "; Stat() (string, error)", true, false, false, false},
		{"Name() error; Read([]byte) int", false, false, false, false},
		{"Read(string) (int, error)", false, false, false, false},
		{"Close() error", false, true, false, false},
		{"Peek(int) error; " + read, false, false, false, false},
		{write, false, false, false, true},
		{"Close() error; " + write, false, true, false, true},
		{read + "; " + write, false, false, false, false},
		{seek + "; " + write, false, false, false, false},
		{"", false, false, false, false},
	} {
		t.Run(test.methods, func(t *testing.T) {
			c := New(&codec.Contract{
				Methods: []codec.Method{{Name: "M", Signature: "(v I) ()"}},
				Types:   []codec.Type{{Name: "I", Definition: "interface{" + test.methods + "}"}},
			}, "here")
			params, _, err := c.Signature("M")
			require.NoError(t, err)
			typ := params[0].Type
			require.Equal(t, test.reads, typ.Reads())
			require.Equal(t, test.closes, typ.Closes())
			require.Equal(t, test.served, typ.Methods("Read", "ReadAt", "Seek", "Close") != nil)
			require.Equal(t, test.sink, typ.Methods("Write", "Close") != nil)
		})
	}
}
