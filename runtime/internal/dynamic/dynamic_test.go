package dynamic

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// typeOf returns a type as a contract writes it.
func typeOf(t testing.TB, text string) *schema.Type {
	c := schema.New(&codec.Contract{
		Methods: []codec.Method{{Name: "M", Signature: "(x " + text + ") ()"}},
		Types: []codec.Type{
			{Name: "Item", Definition: "struct{Key string; Next *Item; Sizes map[Size]int8}"},
			{Name: "Size", Definition: "uint16"},
			{Name: "Empty", Definition: "struct{}"},
			{Name: "Token", Definition: "encoding.TextMarshaler"},
			{Name: "Blob", Definition: "encoding.BinaryMarshaler"},
			{Name: "time.Duration", Definition: "int64"},
			{Name: "Endless", Definition: "struct{Again Endless}"},
			{Name: "D1", Definition: "[1000]D2"},
			{Name: "D2", Definition: "[1000]D3"},
			{Name: "D3", Definition: "[1000]D4"},
			{Name: "D4", Definition: "[1000]int"},
			{Name: "Closer", Definition: "interface{Close() error}"},
			{Name: "Files", Definition: "map[string][]struct{F *Closer}"},
		},
	}, "here")
	params, _, err := c.Signature("M")
	require.NoError(t, err)
	return params[0].Type
}

func encode(t testing.TB, typ *schema.Type, text string) ([]byte, error) {
	v, err := Parse(text)
	require.NoError(t, err)
	var e codec.Encoder
	Encode(&e, typ, v, "x")
	return e.Buffer(), e.Err()
}

func decode(typ *schema.Type, b []byte) (string, error) {
	var d codec.Decoder
	d.Reset(b, true)
	v := Decode(&d, typ)
	if d.Err() != nil {
		return "", d.Err()
	}
	if d.Remaining() > 0 {
		return "", fmt.Errorf("%d bytes are left", d.Remaining())
	}
	text, err := Marshal(v)
	return string(text), err
}

// What is written comes back, in the order of the type; the second is what comes
// of it where that is not the same.
func TestValues(t *testing.T) {
	for _, c := range [][3]string{
		{"bool", "true"}, {"int8", "-128"}, {"int", "-9223372036854775808"}, {"uint64", "18446744073709551615"},
		{"Size", "65535"}, {"float32", "1.5"}, {"float64", "1e+300"}, {"float64", `"NaN"`}, {"float32", `"+Inf"`}, {"float32", "7"},
		{"complex64", `"(1+2i)"`}, {"complex128", `"3"`, `"(3+0i)"`}, {"string", `"a<b> \" ü"`}, {"[]byte", `"AAEC"`}, {"[]byte", "null"}, {"[]byte", `""`},
		{"[3]byte", `"AAEC"`}, {"[0]byte", `""`}, {"time.Time", `"2024-02-29T12:00:00.5+01:00"`}, {"time.Time", "null", `"0001-01-01T00:00:00Z"`},
		{"time.Duration", `"1.5s"`}, {"time.Duration", "1000", `"1µs"`}, {"error", `"no"`}, {"error", "null"},
		{"any", `{"a":[1,2.5,"x",null,true]}`}, {"any", "12345678901234567890", "1.2345678901234567e+19"},
		{"Token", `"t"`}, {"Token", "null"}, {"Blob", `"AQ=="`}, {"Empty", "{}"}, {"Empty", "null", "{}"}, {"[]Empty", "[{},{}]"},
		{"[]int", "[1,2]"}, {"[]int", "[]"}, {"[]int", "null"}, {"[2]int", "[1,2]"}, {"[2]int", "null", "[0,0]"}, {"[0]int", "[]"},
		{"map[string]bool", `{"a":true,"b":false}`}, {"map[string]bool", "{}"}, {"map[string]bool", "null"},
		{"map[Size]string", `{"7":"x"}`}, {"map[time.Duration]int", `{"1h0m0s":1}`}, {"map[[2]int]int", `{"[1,2]":3}`}, {"map[bool]int", `{"true":1}`},
		{"*int", "5"}, {"*int", "null"},
		{"Item", `{"Key":"a","Next":{"Key":"b","Next":null,"Sizes":{"1":-1}},"Sizes":null}`},
		{"Item", `{"Sizes":{}}`, `{"Key":"","Next":null,"Sizes":{}}`},
		{"struct{B int; A int}", `{"A":1,"B":2}`, `{"B":2,"A":1}`},
		{"Closer", "null", "-"}, {"func()", "null", "-"},
	} {
		t.Run(c[0]+" "+c[1], func(t *testing.T) {
			typ := typeOf(t, c[0])
			b, err := encode(t, typ, c[1])
			require.NoError(t, err)
			want := c[2]
			if want == "-" { // of a reference
				require.Equal(t, []byte{0}, b)
				return
			}
			if want == "" {
				want = c[1]
			}
			got, err := decode(typ, b)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

// The bytes are those of generated code.
func TestBytesAreThoseOfGeneratedCode(t *testing.T) {
	var e codec.Encoder
	at := time.Date(2024, 2, 29, 12, 0, 0, 5, time.UTC)
	e.String("k")
	codec.EncodePointer(&e, &at, (*codec.Encoder).Time)
	codec.EncodeMap(&e, map[string][]byte{"a": {1}}, (*codec.Encoder).String, (*codec.Encoder).Bytes)
	e.Marshaled([]byte("t"), nil)
	e.Any(map[string]any{"n": 1})
	e.Error(errors.New("no"))
	e.Empty()
	got, err := encode(t, typeOf(t, "struct{K string; At *time.Time; M map[string][]byte; T Token; Any any; E error; Z struct{}}"),
		`{"K":"k","At":"2024-02-29T12:00:00.000000005Z","M":{"a":"AQ=="},"T":"t","Any":{"n":1},"E":"no"}`)
	require.NoError(t, err)
	require.Equal(t, e.Buffer(), got)
}

func TestEncodeSaysWhatDoesNotFit(t *testing.T) {
	for _, c := range [][3]string{
		{"bool", "1", "x: want true or false for bool, not 1"},
		{"int8", "128", "x: 128 does not fit int8"},
		{"Size", "-1", "x: want an integer for Size, not -1"},
		{"int", "1.5", "x: want an integer for int, not 1.5"},
		{"int", `"1"`, `x: want an integer for int, not the string "1"`},
		{"float32", "1e300", "x: 1e300 does not fit float32"}, {"any", `[{"a":1e400}]`, "x: 1e400 does not fit float64"},
		{"float64", `"x"`, `x: want a number for float64, not the string "x"`},
		{"complex64", `"i2"`, `x: want a number such as "(1+2i)" for complex64, not "i2"`},
		{"string", "[]", "x: want a string for string, not an array"},
		{"[]byte", `"?"`, `x: want base64 for []byte, not "?"`},
		{"[2]byte", `"AA=="`, "x: want 2 bytes for [2]byte, not 1"},
		{"time.Time", `"today"`, `x: want a time such as "2006-01-02T15:04:05Z" for time.Time, not "today"`},
		{"time.Duration", `"1"`, `x: want a duration such as "1.5s" for time.Duration, not "1"`},
		{"[]Item", `[{},{"Key":3}]`, "x[1].Key: want a string for string, not 3"},
		{"[2]int", "[1]", "x: want an array of 2 for [2]int, not an array"},
		{"[]int", "{}", "x: want an array for []int, not an object"},
		{"Item", `{"key":""}`, `x: Item has no field "key"; it has Key, Next, Sizes`},
		{"Item", "true", "x: want an object for Item, not true"},
		{"Item", `{"Sizes":{"a":1}}`, `x.Sizes["a"]: the key has to be the JSON of Size: not JSON: invalid character 'a' looking for beginning of value`},
		{"Item", `{"Sizes":{"1":999}}`, `x.Sizes["1"]: 999 does not fit int8`},
		{"map[string]int", "[]", "x: want an object for map[string]int, not an array"},
		{"Closer", "{}", "x: Closer is passed by reference, and only null can be written for it"},
		{"*os.File", "{}", "x: *os.File is a descriptor of the system, and only null can be written for it"},
		{"chan int", "null", "x: nothing is known of the type chan int"},
		{"Endless", "null", "deep"},
		{"D1", "null", "takes more than 4194304 bytes"},
		{"[1099511627776]byte", "null", "takes more than 4194304 bytes"},
		{"[1099511627776]int", "null", "takes more than 4194304 bytes"},
	} {
		t.Run(c[0]+" "+c[1], func(t *testing.T) {
			_, err := encode(t, typeOf(t, c[0]), c[1])
			require.ErrorContains(t, err, c[2])
		})
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":      "the JSON value is not complete",
		"[1":    "the JSON value is not complete",
		"1 2":   "more than one JSON value",
		"hello": "not JSON: invalid character 'h' looking for beginning of value",
	} {
		_, err := Parse(text)
		require.EqualError(t, err, want)
	}
}

func TestReference(t *testing.T) {
	for text, want := range map[string]string{"Item": "", "Closer": "Closer at ", "Files": "Closer at [][].F", "map[string]chan<- int": "chan<- int at []", "*func(int)": "func(int) at ", "[]*os.File": "*os.File at []"} {
		part, path := Reference(typeOf(t, text))
		if want == "" {
			require.Nil(t, part)
			continue
		}
		require.Equal(t, want, part.String()+" at "+path)
	}
}

// An example can be sent as it is, whatever the type.
func TestExamples(t *testing.T) {
	for text, want := range map[string]string{
		"Item": `{"Key":"","Next":null,"Sizes":{"0":0}}`,
		"[]struct{At time.Time; For *time.Duration; Z [2]complex64; B [2]byte; M map[string]any; C Closer}": `[{"At":"2006-01-02T15:04:05Z","For":"1s","Z":["(0+0i)","(0+0i)"],"B":"AAA=","M":{"key":null},"C":null}]`,
		"struct{F *os.File}": `{"F":null}`,
		"Endless":            `{"Again":null}`,
	} {
		typ := typeOf(t, text)
		b, err := Marshal(Example(typ))
		require.NoError(t, err)
		require.Equal(t, want, string(b))
		if text != "Endless" {
			_, err = encode(t, typ, string(b))
			require.NoError(t, err)
		}
	}
	_, err := Marshal(Example(typeOf(t, "D1"))) // ends
	require.NoError(t, err)
}

func FuzzDecode(f *testing.F) {
	texts := []string{"Item", "[]Item", "map[Size]any", "[2]Token", "struct{E error; T time.Time; B [3]byte; P *Blob; F float32}", "D1", "Endless", "[1099511627776]byte", "[]struct{}"}
	for i, text := range texts {
		var e codec.Encoder
		e.Any(text)
		f.Add(uint8(i), e.Buffer())
	}
	b, err := encode(f, typeOf(f, "Item"), `{"Key":"a","Next":{"Key":"b","Next":null,"Sizes":{"1":-1}},"Sizes":null}`)
	require.NoError(f, err)
	f.Add(uint8(0), b)
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		_, _ = decode(typeOf(t, texts[int(which)%len(texts)]), b)
	})
}
