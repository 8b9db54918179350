package description

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

var greeter = Contract{
	Name:    "Greeter",
	Package: "example.com/greeter",
	Doc:     "Greeter greets people.\n\nIt is polite.\n",
	Methods: []Method{
		{Name: "SayBye", Signature: "() ()", Fingerprint: 7},
		{Name: "SayHello", Go: "(ctx context.Context, name Name) (string, error)", Signature: "(name Name) (string)", Fingerprint: 1 << 63, Doc: "SayHello greets.\n"},
	},
	Types: []Type{{"Name", "string"}},
}

const text = `contract Greeter "example.com/greeter"
doc Greeter greets people.
doc
doc It is polite.
method 0x0000000000000007 SayBye() ()
method 0x8000000000000000 SayHello(name Name) (string)
go (ctx context.Context, name Name) (string, error)
doc SayHello greets.
type Name = string
`

func TestText(t *testing.T) {
	require.Equal(t, text, greeter.String())
	got, err := Parse(text + text)
	require.NoError(t, err)
	require.Equal(t, []Contract{greeter, greeter}, got)
}

func TestCodec(t *testing.T) {
	c := greeter
	c.Doc, c.Methods = "", []Method{greeter.Methods[0]}
	require.Equal(t, c, Of(c.Codec()))
	require.Equal(t, &c.Methods[0], c.Method("SayBye"))
	require.Nil(t, c.Method("SayNothing"))
}

func TestJSON(t *testing.T) {
	b, err := json.Marshal(greeter)
	require.NoError(t, err)
	require.Contains(t, string(b), `"fingerprint":"0x8000000000000000"`)
	var got Contract
	require.NoError(t, json.Unmarshal(b, &got))
	require.Equal(t, greeter, got)
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"method 0x1 M() ()":                     `line 1: a description begins with a line such as: contract Greeter "example.com/greeter"`,
		"contract Greeter":                      `line 1: "Greeter": want the interface's name and its import path in quotes`,
		"contract G \"p\"\nmethod M() ()":       `line 2: "M() ()": want a fingerprint, a method's name and its signature`,
		"contract G \"p\"\nmethod 0x1 M":        `line 2: "0x1 M": want a fingerprint, a method's name and its signature`,
		"contract G \"p\"\ngo ()":               "line 2: a signature without a method",
		"contract G \"p\"\ntype T":              `line 2: "T": want a type's name, =, and its definition`,
		"contract G \"p\"\ntype T = int\ndoc x": "line 3: documentation of neither a contract nor a method",
		"contract G \"p\"\n\n":                  `line 2: a line begins with ""; want contract, method, go, doc or type`,
	} {
		_, err := Parse(in)
		require.EqualError(t, err, want)
	}
}

// A program is bytes, of which some are a contract: at any place, and also where
// something looks like one.
func TestFind(t *testing.T) {
	other := greeter
	other.Name = "Other"
	embedded := Embed(greeter)
	for name, program := range map[string]string{
		"nothing else":      embedded + Embed(other),
		"around it":         "\x7fELF" + embedded + "\x00" + embedded + mark + contractMark + "x" + Embed(other) + "\xff" + mark,
		"behind much":       strings.Repeat("\x00", 1<<20-5) + embedded + strings.Repeat("\x01", 3<<20) + Embed(other),
		"behind half a one": embedded[:len(embedded)-3] + embedded + Embed(other),
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(program), iotest.HalfReader(strings.NewReader(program))} {
				got, err := Find(r)
				require.NoError(t, err)
				require.Len(t, got.Contracts, 2)
				require.Equal(t, []string{"Greeter", "Other"}, []string{got.Contracts[0].Name, got.Contracts[1].Name})
			}
		})
	}
	for _, program := range []string{"", mark, mark + contractMark + "5 0\nabcde", mark + contractMark + "99999999999 0\n", mark + contractMark + "-1 0\n", strings.Replace(embedded, "polite", "rude!!", 1), embedded[:len(embedded)-1]} {
		got, err := Find(strings.NewReader(program))
		require.NoError(t, err)
		require.Empty(t, got, "%q", program)
	}
	broken := errors.New("broken")
	got, err := Find(io.MultiReader(strings.NewReader(embedded), iotest.ErrReader(broken)))
	require.Equal(t, broken, err)
	require.Len(t, got.Contracts, 1)
}

func TestFindProtocol(t *testing.T) {
	for program, want := range map[string]int{
		"\x00" + mark + "protocol 7\n\x00" + Embed(greeter): 7,
		Embed(greeter) + mark + "protocol 7\n":              7,
		mark + "protocol \n" + mark + "protocol 2\n":        2,
		mark + "protocol 7":                                 0,
		mark + "protocol 300\n":                             0,
	} {
		got, err := Find(strings.NewReader(program))
		require.NoError(t, err)
		require.Equal(t, want, got.Protocol, "%q", program)
	}
}

func TestLongTextsLoseTheirDocumentation(t *testing.T) {
	c := greeter
	c.Doc = strings.Repeat("long\n", maxText/5)
	got, err := Find(strings.NewReader(Embed(c)))
	require.NoError(t, err)
	require.Len(t, got.Contracts, 1)
	require.Empty(t, got.Contracts[0].Doc)
	require.Equal(t, greeter.Methods[1].Go, got.Contracts[0].Methods[1].Go)
	require.Equal(t, "SayHello greets.\n", greeter.Methods[1].Doc)
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(Embed(greeter)))
	f.Add([]byte(mark + contractMark + "12 00000000\n"))
	f.Fuzz(func(t *testing.T, program []byte) {
		found, err := Find(strings.NewReader(string(program)))
		require.NoError(t, err)
		list := found.Contracts
		for i := range list {
			again, err := Parse(list[i].String())
			require.NoError(t, err)
			require.Equal(t, list[i:i+1], again)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(text)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Parse(text)
		if err != nil {
			return
		}
		for i := range list {
			again, err := Parse(list[i].String())
			require.NoError(t, err)
			require.Equal(t, list[i:i+1], again)
		}
	})
}
