// Package description has contracts as people and tools read them: a
// codec.Contract with its documentation, as text.
//
// The text has a line for each part, and stands in two places. Generated code
// embeds it in the binary of whoever registers the contract (embed.go), so that
// "pingogen inspect" need not run a plugin to know it; and testdata/compat of this
// module keeps that of older binaries.
package description

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Contract is a contract with what only people want to know of it.
type Contract struct {
	Name    string   `json:"name"`    // the interface's name: "Greeter"
	Package string   `json:"package"` // its import path
	Doc     string   `json:"doc,omitempty"`
	Methods []Method `json:"methods"` // sorted by name
	Types   []Type   `json:"types,omitempty"`
}

// Method is a method of a Contract.
type Method struct {
	Name        string      `json:"name"`
	Go          string      `json:"go,omitempty"` // its signature in the source: "(ctx context.Context, name string) (string, error)"; "" if unknown
	Signature   string      `json:"signature"`    // what of it travels: "(name string) (string)"
	Fingerprint Fingerprint `json:"fingerprint"`
	Doc         string      `json:"doc,omitempty"`
}

// Type is a named type that the methods mention.
type Type struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
}

// Fingerprint is a codec.Method's, written as 0xcc1bb92f4d7a5dfb.
type Fingerprint uint64

func (f Fingerprint) String() string { return fmt.Sprintf("%#016x", uint64(f)) }

// MarshalText implements encoding.TextMarshaler.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 0, 64)
	*f = Fingerprint(n)
	return err
}

// Of returns the description of a contract of which nothing else is known.
func Of(c *codec.Contract) Contract {
	d := Contract{Name: c.Name, Package: c.Package}
	for _, m := range c.Methods {
		d.Methods = append(d.Methods, Method{Name: m.Name, Signature: m.Signature, Fingerprint: Fingerprint(m.Fingerprint)})
	}
	for _, t := range c.Types {
		d.Types = append(d.Types, Type(t))
	}
	return d
}

// Codec returns what the two sides of a connection tell each other.
func (c *Contract) Codec() *codec.Contract {
	described := &codec.Contract{Name: c.Name, Package: c.Package}
	for _, m := range c.Methods {
		described.Methods = append(described.Methods, codec.Method{Name: m.Name, Signature: m.Signature, Fingerprint: uint64(m.Fingerprint)})
	}
	for _, t := range c.Types {
		described.Types = append(described.Types, codec.Type(t))
	}
	return described
}

// Method returns a method by its name, nil if there is none.
func (c *Contract) Method(name string) *Method {
	for i := range c.Methods {
		if c.Methods[i].Name == name {
			return &c.Methods[i]
		}
	}
	return nil
}

// String returns the contract as text, which Parse reads:
//
//	contract Greeter "example.com/greeter"
//	doc Greeter greets people.
//	method 0xcc1bb92f4d7a5dfb SayHello(name string) (string)
//	go (ctx context.Context, name string) (string, error)
//	doc SayHello returns a greeting for name.
//	type Name = string
func (c *Contract) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "contract %s %q\n", c.Name, c.Package)
	writeDoc(&b, c.Doc)
	for _, m := range c.Methods {
		fmt.Fprintf(&b, "method %v %s%s\n", m.Fingerprint, m.Name, m.Signature)
		if m.Go != "" {
			fmt.Fprintf(&b, "go %s\n", m.Go)
		}
		writeDoc(&b, m.Doc)
	}
	for _, t := range c.Types {
		fmt.Fprintf(&b, "type %s = %s\n", t.Name, t.Definition)
	}
	return b.String()
}

func writeDoc(b *strings.Builder, doc string) {
	for line := range strings.Lines(doc) {
		b.WriteString("doc")
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			b.WriteString(" " + line)
		}
		b.WriteByte('\n')
	}
}

// Parse reads the contracts that stand in a text one after the other.
func Parse(text string) ([]Contract, error) {
	var p parser
	number := 0
	for line := range strings.Lines(text) {
		number++
		word, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if err := p.line(word, rest); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return p.contracts, nil
}

// parser reads the lines of a text.
type parser struct {
	contracts []Contract
	doc       *string // what a line of documentation belongs to
}

func (p *parser) line(word, rest string) error {
	if word != "contract" && len(p.contracts) == 0 {
		return errors.New(`a description begins with a line such as: contract Greeter "example.com/greeter"`)
	}
	switch word {
	case "contract":
		return p.contract(rest)
	case "method":
		return p.method(rest)
	case "type":
		name, definition, ok := strings.Cut(rest, " = ")
		if !ok {
			return fmt.Errorf("%.60q: want a type's name, =, and its definition", rest)
		}
		c := p.current()
		c.Types, p.doc = append(c.Types, Type{name, definition}), nil
	case "go":
		c := p.current()
		if len(c.Methods) == 0 {
			return errors.New("a signature without a method")
		}
		c.Methods[len(c.Methods)-1].Go = rest
	case "doc":
		if p.doc == nil {
			return errors.New("documentation of neither a contract nor a method")
		}
		*p.doc += rest + "\n"
	default:
		return fmt.Errorf("a line begins with %.60q; want contract, method, go, doc or type", word)
	}
	return nil
}

func (p *parser) current() *Contract { return &p.contracts[len(p.contracts)-1] }

func (p *parser) contract(rest string) error {
	name, quoted, _ := strings.Cut(rest, " ")
	path, err := strconv.Unquote(quoted)
	if err != nil || name == "" {
		return fmt.Errorf("%.60q: want the interface's name and its import path in quotes", rest)
	}
	p.contracts = append(p.contracts, Contract{Name: name, Package: path})
	p.doc = &p.current().Doc
	return nil
}

func (p *parser) method(rest string) error {
	number, signature, _ := strings.Cut(rest, " ")
	name, _, _ := strings.Cut(signature, "(")
	var m Method
	if err := m.Fingerprint.UnmarshalText([]byte(number)); err != nil || name == "" || name == signature {
		return fmt.Errorf("%.60q: want a fingerprint, a method's name and its signature", rest)
	}
	m.Name, m.Signature = name, signature[len(name):]
	c := p.current()
	c.Methods = append(c.Methods, m)
	p.doc = &c.Methods[len(c.Methods)-1].Doc
	return nil
}
