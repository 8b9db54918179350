package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// verdict is "same", "plan", or what does not fit, of a method's parameters.
func verdict(writer, reader []string) string {
	plan, mismatches := Arguments(New(contract(writer...), "there"), New(contract(reader...), "here"), "M")
	switch {
	case len(mismatches) > 0:
		var all []string
		for _, m := range mismatches {
			all = append(all, strings.TrimSuffix(fmt.Sprintf("%s %s | %s %s | %s", m.Writer.Path, m.Writer.Type, m.Reader.Path, m.Reader.Type, m.Reason), " | "))
		}
		return strings.Join(all, "\n")
	case plan == nil:
		return "same"
	}
	return "plan"
}

const unconverted = " | what is passed by reference is not converted"

func TestCompareTypes(t *testing.T) {
	for _, c := range []struct{ writer, reader, want string }{
		{"int", "int", "same"},
		{"int8", "int16", "same"},
		{"int32", "int", "same"},
		{"int", "int64", "same"},
		{"int64", "int", "same"},
		{"uint8", "uint", "same"},
		{"byte", "uint8", "same"},
		{"rune", "int32", "same"},
		{"uint8", "int16", "plan"},
		{"uint32", "int", "plan"},
		{"float32", "float64", "plan"},
		{"complex64", "complex128", "plan"},
		{"int64", "int32", "parameter v int64 | parameter v int32"},
		{"int", "int32", "parameter v int | parameter v int32"},
		{"uint64", "int64", "parameter v uint64 | parameter v int64"},
		{"int8", "uint64", "parameter v int8 | parameter v uint64"},
		{"float64", "float32", "parameter v float64 | parameter v float32"},
		{"complex128", "complex64", "parameter v complex128 | parameter v complex64"},
		{"int", "float64", "parameter v int | parameter v float64"},
		{"bool", "uint8", "parameter v bool | parameter v uint8"},
		{"string", "[]byte", "parameter v string | parameter v []byte"},
		{"[]byte", "[4]byte", "parameter v []byte | parameter v [4]byte"},
		{"string", "[]string", "parameter v string | parameter v []string"},
		{"string", "*string", "parameter v string | parameter v *string"},
		{"[3]int", "[3]int64", "same"},
		{"[3]int", "[4]int", "parameter v [3]int | parameter v [4]int"},
		{"[3]int", "[]int", "parameter v [3]int | parameter v []int"},
		{"[4]byte", "[5]byte", "parameter v [4]byte | parameter v [5]byte"},
		{"[0]int", "[0]string", "same"},
		{"[]int8", "[]int", "same"},
		{"[]uint8", "[]int", "parameter v []uint8 | parameter v []int"},
		{"[]uint16", "[]int", "plan"},
		{"[][]int", "[][]string", "parameter v int | parameter v string"},
		{"map[string]uint8", "map[string]int", "plan"},
		{"map[int]string", "map[bool]string", "parameter v: key int | parameter v: key bool"},
		{"*uint8", "*int", "plan"},
		{"error", "error", "same"},
		{"error", "string", "parameter v error | parameter v string"},
		{"time.Time", `"time".Time`, "same"},
		{"time.Time", "int64", "parameter v time.Time | parameter v int64"},
		{"struct{}", "struct{}", "same"},
		{"struct{A int; B string}", "struct{A int; B string}", "same"},
		{"struct{A int; B string}", "struct{B string; A int}", "plan"},
		{"struct{A int; B string}", "struct{A int}", "plan"},
		{"struct{A int}", "struct{A int; B string}", "plan"},
		{"struct{A int}", "struct{}", "plan"},
		{"struct{}", "struct{A int}", "plan"},
		{"struct{A int; B string}", "struct{A int; B int}", "parameter v: field B string | parameter v: field B int"},
		{"struct{A struct{B []int}}", "struct{A struct{B []bool}}", "parameter v: field A: field B int | parameter v: field A: field B bool"},
		{"map[struct{X int; Y int}]int", "map[struct{X int}]int", "parameter v: key: field Y int | parameter v: key: field Y "},
		{"map[struct{X int}]int", "map[struct{X int; Y int}]int", "plan"},
		{"func(int)", "func(int)", "same"},
		{"func(int)", "func(string)", "parameter v: parameter 1 int | parameter v: parameter 1 string"},
		{"func(int) int", "func(int, int)", "parameter v func(int) int | parameter v func(int, int)" + unconverted},
		{"func(int)", "interface{Call(int)}", "parameter v func(int) | parameter v interface{Call(int)}"},
		{"struct{A int; F func()}", "struct{A int}", "plan"},
		{"struct{A int}", "struct{A int; F func()}", "plan"},
		{"interface{A(int) error; B()}", "interface{B(); C()}", "same"},
		{"interface{A(int) error}", "interface{A(uint8) error}", "parameter v: method A: parameter 1 int | parameter v: method A: parameter 1 uint8" + unconverted},
		{"<-chan int", "<-chan int", "same"},
		{"<-chan int", "<-chan uint8", "parameter v: item int | parameter v: item uint8" + unconverted},
		{"<-chan int", "chan<- int", "parameter v <-chan int | parameter v chan<- int"},
		{"what.Ever", "what.Ever", "parameter v what.Ever | parameter v what.Ever | a method with what.Ever in it has to be the same on both sides"},
		{"struct{}", "struct{A [1048577]byte}", "parameter v: field A  | parameter v: field A [1048577]byte | its zero value takes too many bytes"},
		{"struct{}", "struct{A [1048576]byte; B int}", "plan"},
		{"struct{}", "struct{A [1048580][0]int}", "parameter v: field A  | parameter v: field A [1048580][0]int | its zero value takes too many bytes"},
	} {
		require.Equal(t, c.want, verdict([]string{"(v " + c.writer + ") ()"}, []string{"(v " + c.reader + ") ()"}), "%s to %s", c.writer, c.reader)
	}
}

func TestCompareParameters(t *testing.T) {
	for _, c := range []struct{ writer, reader, want string }{
		{"()", "()", "same"},
		{"()", "(a int)", "plan"},
		{"(a int)", "()", "plan"},
		{"(a int, b string)", "(a int, b string)", "same"},
		{"(a int, b string)", "(b string, a int)", "plan"},
		{"(a int, b string)", "(a int)", "plan"},
		{"(a int, b string)", "(b string)", "plan"},
		{"(a int)", "(x int)", "same"}, // another name, or a first one
		{"(int)", "(x int)", "same"},
		{"(a int, b string)", "(b string, x int)", "plan"},
		{"(a int)", "(b string, a int)", "plan"},
		{"(a int)", "(x string)", "parameter a int | parameter x string"},
		{"(int, string)", "(int, int)", "parameter 2 string | parameter 2 int"},
		{"(a ...string)", "(a []string)", "same"},
		{"(a string)", "(a ...string)", "parameter a string | parameter a ...string"},
	} {
		require.Equal(t, c.want, verdict([]string{c.writer + " ()"}, []string{c.reader + " ()"}), "%s to %s", c.writer, c.reader)
	}
}

func TestCompareNamedTypes(t *testing.T) {
	item := func(definition string, more ...string) []string {
		return append([]string{"(item Item) ()", "Item = " + definition}, more...)
	}
	for _, c := range []struct {
		writer, reader []string
		want           string
	}{
		{item("struct{A int}"), []string{"(thing Thing) ()", "Thing = struct{A int}"}, "same"},
		{item("struct{Size int64}"), []string{"(thing x.Thing) ()", "x.Thing = struct{Size string}"},
			"parameter item: field Item.Size int64 | parameter thing: field x.Thing.Size string"},
		{item("struct{Size Size}", "Size = int64"), item("struct{Size Size}", "Size = string"),
			"parameter item: field Item.Size Size (int64) | parameter item: field Item.Size Size (string)"},
		{item("struct{A B; C B}", "B = struct{X int}"), item("struct{A B; C B}", "B = struct{X bool; Y int}"),
			"parameter item: field Item.A: field B.X int | parameter item: field Item.A: field B.X bool"}, // once
		{item("struct{Next *Item; A int}"), item("struct{Next *Item; A int}"), "same"},
		{item("struct{Next *Item; A int}"), item("struct{Next *Item; A string}"), "parameter item: field Item.A int | parameter item: field Item.A string"},
		{item("struct{Next *Item; A int}"), item("struct{Next *Item}"), "plan"},
		{item("struct{Next *Item}"), item("struct{Next *Other}", "Other = struct{Next *Item}"), "same"},
		{item("struct{Next *Item}"), item("struct{Next *Other}", "Other = struct{Next *Item; A int}"), "plan"},
		{item("[]Item"), item("[]Item"), "same"},
		{item("*struct{Parent struct{r0 Item; err error}; Size int}"), item("*struct{Parent struct{r0 Item; err error}; Size int}"), "same"}, // a snapshot
		{item("*struct{Parent Item; Size int}"), item("*struct{Name string; Parent Item}"), "plan"},
		{item("*struct{Parent Item; Size int}"), item("interface{Parent() Item; Size() int}"),
			"parameter item Item (*struct{Parent Item; Size int}) | parameter item Item (interface{Parent() Item; Size() int})"},
		{item("interface{Next() (Item, error); Old()}"), item("interface{New() Item; Next() (Item, error)}"), "same"},
		{item("interface{Get() (B, error)}", "B = struct{X int}"), item("interface{Get() (B, error)}", "B = struct{X int; Y int}"),
			"parameter item: method Item.Get: result 1: field B.Y  | parameter item: method Item.Get: result 1: field B.Y int" + unconverted},
		{item("interface{Get() (B, error)}", "B = struct{X *B; F func(B)}"), item("interface{Get() (C, error)}", "C = struct{X *C; F func(C)}"), "same"},
		{item("interface{Get() B}", "B = encoding.TextMarshaler"), item("interface{Get() C}", "C = encoding.TextMarshaler"),
			"parameter item: method Item.Get: result 1 B (encoding.TextMarshaler) | parameter item: method Item.Get: result 1 C (encoding.TextMarshaler)"},
		{item("interface{Get() chan int}"), item("interface{Get() chan int}"),
			"parameter item: method Item.Get: result 1 chan int | parameter item: method Item.Get: result 1 chan int | a method with chan int in it has to be the same on both sides"},
		{item("interface{Get() any}"), item("interface{Get() any}"), "same"},
		{item("any"), item("any"), "same"},
		{item("any"), item("int"), "parameter item Item (any) | parameter item Item (int)"},
		{item("slog.Record"), []string{`(item "log/slog".Record) ()`}, "same"},
		{item("slog.Value"), item("any"), "same"}, // what it holds, with its type
		{item("[]Item"), item("map[string]Item"), "parameter item Item ([]Item) | parameter item Item (map[string]Item)"},
		{item("encoding.TextMarshaler"), item("encoding.TextMarshaler"), "same"},
		{item("encoding.TextMarshaler"), item("encoding.BinaryMarshaler"),
			"parameter item Item (encoding.TextMarshaler) | parameter item Item (encoding.BinaryMarshaler)"},
		{item("gob.GobEncoder"), item("string"), "parameter item Item (gob.GobEncoder) | parameter item Item (string)"},
		{item("gob.GobEncoder"), []string{"(item pkg.Item) ()", "pkg.Item = gob.GobEncoder"}, "same"},
		{item("gob.GobEncoder"), []string{`(item "a.org/pkg".Item) ()`, `"a.org/pkg".Item = gob.GobEncoder`}, "same"},
		{item("gob.GobEncoder"), []string{"(item pkg.Other) ()", "pkg.Other = gob.GobEncoder"},
			"parameter item Item (gob.GobEncoder) | parameter item pkg.Other (gob.GobEncoder)"},
		{[]string{"(item a.Item) ()", "a.Item = gob.GobEncoder"}, []string{"(item b.Item) ()", "b.Item = gob.GobEncoder"},
			"parameter item a.Item (gob.GobEncoder) | parameter item b.Item (gob.GobEncoder)"},
		{item("???"), item("int"), `  |   | its description there cannot be read: the type Item: at byte 0: a type is missing`},
		{item("int"), item("???"), `  |   | its description here cannot be read: the type Item: at byte 0: a type is missing`},
	} {
		require.Equal(t, c.want, verdict(c.writer, c.reader), "%q to %q", c.writer, c.reader)
	}
}

// Every place is told, also of types that have been met before. What is inside of them is told once.
func TestCompareTellsEveryPlace(t *testing.T) {
	with := func(definition string) []string {
		return []string{"(a Item, b bool, c Pair, d []Pair) ()", "Pair = struct{X " + definition + "; Y Item}", "Item = " + definition}
	}
	require.Equal(t, "parameter a Item (int) | parameter a Item (string)\n"+
		"parameter c: field Pair.X int | parameter c: field Pair.X string\n"+
		"parameter c: field Pair.Y Item (int) | parameter c: field Pair.Y Item (string)", verdict(with("int"), with("string")))
	require.Equal(t, "parameter a Item (*int) | parameter a Item (string)\n"+
		"parameter c: field Pair.X *int | parameter c: field Pair.X string\n"+
		"parameter c: field Pair.Y Item (*int) | parameter c: field Pair.Y Item (string)", verdict(with("*int"), with("string")))
}

// What callbacks and streams mention is the same on both sides, or the way to each difference is told.
func TestCompareBehindReferences(t *testing.T) {
	with := func(v, item string, more ...string) []string {
		return append([]string{"(v " + v + ") ()", "Item = " + item}, more...)
	}
	const size = "struct{Size int}"
	for _, c := range []struct {
		writer, reader []string
		want           string
	}{
		{with("func(Item) error", size), with("func(Item) error", "struct{Size string}"),
			"parameter v: parameter 1: field Item.Size int | parameter v: parameter 1: field Item.Size string"},
		{with("func() (bool, Item)", size), with("func() (bool, Item)", "struct{Size string}"),
			"parameter v: result 2: field Item.Size int | parameter v: result 2: field Item.Size string"},
		{with("interface{Put(string, []Item)}", size), with("interface{Put(string, []Item)}", "struct{Size string}"),
			"parameter v: method Put: parameter 2: field Item.Size int | parameter v: method Put: parameter 2: field Item.Size string"},
		{with("Sink", size, "Sink = interface{Put(Item)}"), with("Drain", size, "Drain = interface{Put(*Item)}"),
			"parameter v: method Sink.Put: parameter 1 Item | parameter v: method Drain.Put: parameter 1 *Item"},
		{with("<-chan Item", size), with("<-chan Item", "struct{Size int64; At int}"),
			"parameter v: item: field Item.At  | parameter v: item: field Item.At int" + unconverted},
		{with("chan<- Item", size), with("chan<- Item", "struct{Size int32}"),
			"parameter v: item: field Item.Size int | parameter v: item: field Item.Size int32" + unconverted},
		{with("func(func(Item) bool)", size), with("func(func(Item) bool)", "struct{Size uint}"),
			"parameter v: item: field Item.Size int | parameter v: item: field Item.Size uint" + unconverted},
		{with("func(func(Item, error) bool)", size), with("func(func(Item, error) bool)", "struct{}"),
			"parameter v: item 1: field Item.Size int | parameter v: item 1: field Item.Size " + unconverted},
		{with("func(func(int, error) bool)", size), with("func(func(int) bool)", size),
			"parameter v: parameter 1 func(int, error) bool | parameter v: parameter 1 func(int) bool" + unconverted},
		{with("func(map[Item]int)", size), with("func(map[Item]int)", "struct{Size bool}"),
			"parameter v: parameter 1: key: field Item.Size int | parameter v: parameter 1: key: field Item.Size bool"},
		{with("func(Item)", "struct{A int; B int}"), with("func(Item)", "struct{B int; A int}"),
			"parameter v: parameter 1 Item | parameter v: parameter 1 Item | its fields are in another order, and what is passed by reference is not converted"},
		{with("struct{Each func(Item); Old Item}", size), with("struct{Each func(Item); Old Item}", "struct{Size string}"),
			"parameter v: field Each: parameter 1: field Item.Size int | parameter v: field Each: parameter 1: field Item.Size string\n" +
				"parameter v: field Old: field Item.Size int | parameter v: field Old: field Item.Size string"},
		{with("Node", size, "Node = interface{Child() Node; Walk(func(Node)); Value() Item}"), with("Node", "struct{Size bool}", "Node = interface{Child() Node; Walk(func(Node)); Value() Item}"),
			"parameter v: method Node.Value: result 1: field Item.Size int | parameter v: method Node.Value: result 1: field Item.Size bool"},
		{with("A", size, "A = interface{B() B}", "B = interface{A() A; Far() C; Item() Item}", "C = interface{Item() Item}"),
			with("A", "struct{Size bool}", "A = interface{B() B}", "B = interface{A() A; Far() C; Item() Item}", "C = interface{Item() Item}"), // the nearest
			"parameter v: method A.B: result 1: method B.Item: result 1: field Item.Size int | parameter v: method A.B: result 1: method B.Item: result 1: field Item.Size bool"},
		{with("func(*os.File)", size), with("func(*os.File)", "struct{Size bool}"), "same"},
		{with("func(*os.File)", size), with("func(*net.TCPConn)", size), "parameter v: parameter 1 *os.File | parameter v: parameter 1 *net.TCPConn"},
	} {
		require.Equal(t, c.want, verdict(c.writer, c.reader), "%q to %q", c.writer, c.reader)
	}
}

// Types that go on for ever cost no more than what is allowed.
func TestCompareHostileTypes(t *testing.T) {
	chain := []string{"(a int, v T0) ()"}
	for i := range 20000 {
		chain = append(chain, fmt.Sprintf("T%d = struct{A T%d}", i, i+1))
	}
	chain = append(chain, "T20000 = int")
	require.Contains(t, verdict(chain, []string{"(a int) ()"}), "types are nested too deep")

	list := []string{"(v T0) ()"}
	for i := range 10000 {
		list = append(list, fmt.Sprintf("T%d = interface{Next() T%d; Item() string}", i, i+1))
	}
	all := verdict(append(list, "T10000 = int"), []string{"(v T) ()", "T = interface{Next() T; Item() int}"})
	require.Equal(t, maxMismatches, strings.Count(all, "\n")+1)
	require.Contains(t, all, "parameter v: method T0.Next: result 1: method T1.Next: ")
	require.Contains(t, all, ": ...: ")
	require.Less(t, len(all), 2000*maxMismatches)

	ring := func(n int) []string {
		list := []string{"(v T0) ()"}
		for i := range n {
			list = append(list, fmt.Sprintf("T%d = interface{A() T%d}", i, (i+1)%n))
		}
		return list
	}
	require.Equal(t, "same", verdict(ring(200), ring(201)))
	require.Contains(t, verdict(ring(1000), ring(1001)), "too many types are compared behind references")

	endless := []string{"(v V) ()", "V = struct{A V; B V}"}
	require.Equal(t, "same", verdict(endless, endless))
	require.Contains(t, verdict([]string{"(v struct{}) ()"}, []string{"(v struct{A V}) ()", "V = struct{A V; B V}"}), "its zero value takes too many bytes")

	big := []string{"(v struct{}) ()"}
	fields := make([]string, 5000)
	for i := range fields {
		fields[i] = fmt.Sprintf("F%d [1048576]byte", i)
	}
	require.Contains(t, verdict(big, []string{"(v struct{" + strings.Join(fields, "; ") + "}) ()"}), "its zero value takes too many bytes")
}

// A message is for people, whatever the other side calls its types.
func TestMismatchIsShort(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, writer := range [][]string{
		{"(v " + long + ") ()", long + " = bool"},
		{"(v struct{F" + long + " int}) ()"},
		{"(v " + long + ") ()", long + " = ?"},
		{"(v map[struct{A int; F" + long + " func(" + long + ")}]int) ()"},
	} {
		require.Less(t, len(verdict(writer, []string{"(" + long + " int) ()"})), 2000)
		require.Less(t, len(verdict([]string{"(m map[struct{A int}]int) ()"}, writer)), 2000)
	}
}

func TestCompareResults(t *testing.T) {
	plan, mismatches := Results(New(contract("() (int, n int)"), ""), New(contract("() (string, n uint8)"), ""), "M")
	require.Nil(t, plan)
	require.Equal(t, []Mismatch{
		{Writer: Part{"result 1", "int"}, Reader: Part{"result 1", "string"}},
		{Writer: Part{"result n", "int"}, Reader: Part{"result n", "uint8"}},
	}, mismatches)
}
