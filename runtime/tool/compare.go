package tool

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/runtime/description"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// Comparison is what has changed between two versions of contracts.
type Comparison struct {
	Contracts []ContractChange `json:"contracts"` // that have changed, sorted by name
}

// ContractChange is what has changed in one contract. Its lists are sorted by name.
type ContractChange struct {
	Name    string         `json:"name"`
	Change  Change         `json:"change"`
	Methods []MethodChange `json:"methods,omitempty"` // that have changed
	Types   []TypeChange   `json:"types,omitempty"`   // that have changed
}

// MethodChange is what has changed in one method, and whom that breaks.
type MethodChange struct {
	Name   string `json:"name"`
	Change Change `json:"change"`
	Old    string `json:"old,omitempty"` // signature
	New    string `json:"new,omitempty"`
	// What does not fit when one side is built from the old version, and the other
	// from the new one. Nil means that nothing breaks.
	OldHost []string `json:"oldHostNewPlugin,omitempty"`
	NewHost []string `json:"newHostOldPlugin,omitempty"`
}

// TypeChange is what has changed in one type.
type TypeChange struct {
	Name string `json:"name"`
	Old  string `json:"old,omitempty"` // definition
	New  string `json:"new,omitempty"`
}

// Change is a kind of change.
type Change string

const (
	Added   Change = "added"
	Removed Change = "removed"
	Changed Change = "changed"
)

// Compare compares two versions of contracts, as a host and a plugin do that were
// built from them. Contracts are matched by their names, documentation is ignored.
//
// A removed method breaks hosts that are older than their plugin. An added one breaks
// nobody: a host that calls it knows that a plugin may lack it.
func Compare(before, after []description.Contract) *Comparison {
	c := &Comparison{Contracts: []ContractChange{}}
	for _, name := range names(before, after, func(c description.Contract) string { return c.Name }) {
		if change, ok := compareContract(contractNamed(before, name), contractNamed(after, name)); ok {
			c.Contracts = append(c.Contracts, change)
		}
	}
	return c
}

// names returns all names that two lists have, sorted.
func names[T any](a, b []T, name func(T) string) []string {
	var list []string
	for _, v := range slices.Concat(a, b) {
		list = append(list, name(v))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func contractNamed(list []description.Contract, name string) *description.Contract {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

func compareContract(before, after *description.Contract) (ContractChange, bool) {
	c := ContractChange{Change: Changed}
	switch {
	case after == nil:
		c.Change, after = Removed, &description.Contract{}
	case before == nil:
		c.Change, before = Added, &description.Contract{}
	}
	c.Name = before.Name + after.Name
	if c.Change == Changed {
		c.Name = after.Name
	}
	for _, name := range names(before.Methods, after.Methods, func(m description.Method) string { return m.Name }) {
		if m, ok := compareMethod(before, after, name); ok {
			c.Methods = append(c.Methods, m)
		}
	}
	c.compareTypes(before, after)
	return c, c.Change != Changed || len(c.Methods)+len(c.Types) > 0
}

func compareMethod(before, after *description.Contract, name string) (MethodChange, bool) {
	c := MethodChange{Name: name, Change: Changed}
	o, n := before.Method(name), after.Method(name)
	if o != nil {
		c.Old = o.Signature
	}
	if n != nil {
		c.New = n.Signature
	}
	switch {
	case n == nil:
		c.Change = Removed
		c.OldHost = []string{"the plugin lacks the method: calls fail with pingo.ErrUnimplemented"}
		return c, true
	case o == nil:
		c.Change = Added
		return c, true
	case o.Fingerprint == n.Fingerprint:
		return c, false
	}
	c.OldHost = misfits(before, after, name)
	c.NewHost = misfits(after, before, name)
	return c, true
}

// misfits says what does not fit in a method between a host and a plugin.
func misfits(host, plugin *description.Contract, name string) []string {
	h, p := schema.New(host.Codec(), "in the host"), schema.New(plugin.Codec(), "in the plugin")
	_, arguments := schema.Arguments(h, p, name)
	_, results := schema.Results(p, h, name)
	var list []string
	for _, m := range arguments {
		list = append(list, schema.Explain(m.Writer, "in the host", m.Reader, "in the plugin", m.Reason))
	}
	for _, m := range results {
		list = append(list, schema.Explain(m.Reader, "in the host", m.Writer, "in the plugin", m.Reason))
	}
	return slices.Compact(list) // what cannot be parsed fails both ways
}

// compareTypes lists the types whose definitions are others. That is an explanation:
// what breaks has been found by the methods that mention them.
func (c *ContractChange) compareTypes(before, after *description.Contract) {
	o, n := map[string]string{}, map[string]string{}
	for _, t := range before.Types {
		o[t.Name] = t.Definition
	}
	for _, t := range after.Types {
		n[t.Name] = t.Definition
	}
	for _, name := range names(before.Types, after.Types, func(t description.Type) string { return t.Name }) {
		if o[name] != n[name] {
			c.Types = append(c.Types, TypeChange{name, o[name], n[name]})
		}
	}
}

// Breaks counts the methods by which hosts and plugins of the two versions break
// each other. One that both have and that does not fit keeps its whole contract from being called.
func (c *Comparison) Breaks() (oldHost, newHost int) {
	for _, contract := range c.Contracts {
		for _, m := range contract.Methods {
			if m.OldHost != nil {
				oldHost++
			}
			if m.NewHost != nil {
				newHost++
			}
		}
	}
	return oldHost, newHost
}

// WriteText writes a comparison for people.
func (c *Comparison) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, contract := range c.Contracts {
		contract.writeText(&b)
	}
	oldHost, newHost := c.Breaks()
	switch {
	case len(c.Contracts) == 0:
		b.WriteString("The contracts are the same.\n")
	case oldHost+newHost == 0:
		b.WriteString("Nothing breaks: old and new hosts work with old and new plugins.\n")
	default:
		fmt.Fprintf(&b, "Old hosts with new plugins: %s.\nNew hosts with old plugins: %s.\n",
			c.fate(func(m MethodChange) []string { return m.OldHost }), c.fate(func(m MethodChange) []string { return m.NewHost }))
	}
	_, err := io.WriteString(w, printable(b.String()))
	return err
}

// fate says what becomes of calls between a host of one version and a plugin of the other, of whose
// methods breaks tells.
func (c *Comparison) fate(breaks func(MethodChange) []string) string {
	var refused []string
	missing := 0
	for _, contract := range c.Contracts {
		lacks, differs := contract.broken(breaks)
		if differs {
			refused = append(refused, contract.Name)
		} else {
			missing += lacks
		}
	}
	fail := fmt.Sprintf("calls of %d methods fail", missing)
	if missing == 1 {
		fail = "calls of 1 method fail"
	}
	switch {
	case len(refused)+missing == 0:
		return "nothing breaks"
	case len(refused) == 0:
		return fail + ", all others work"
	case missing == 0:
		return refusal(refused)
	}
	return refusal(refused) + ". Of other contracts, " + fail
}

// broken counts the methods that a plugin lacks, which keeps no other from being called, and tells
// whether one differs, which does.
func (c *ContractChange) broken(breaks func(MethodChange) []string) (lacks int, differs bool) {
	for _, m := range c.Methods {
		switch {
		case breaks(m) == nil:
		case m.Change == Removed:
			lacks++
		default:
			differs = true
		}
	}
	return lacks, differs
}

func refusal(contracts []string) string {
	is, it := "is", "it"
	if len(contracts) > 1 {
		is, it = "are", "them"
	}
	return fmt.Sprintf("%s %s refused as a whole: the start fails, or else every call of %s, until both are built from versions that fit",
		strings.Join(contracts, " and "), is, it)
}

func (c *ContractChange) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "contract %s: %s\n", c.Name, c.Change)
	for _, m := range c.Methods {
		if m.Old != "" && m.Old != m.New {
			fmt.Fprintf(b, "  - %s%s\n", m.Name, m.Old)
		}
		if m.New != "" && m.Old != m.New {
			fmt.Fprintf(b, "  + %s%s\n", m.Name, m.New)
		}
		if m.Old == m.New {
			fmt.Fprintf(b, "    %s%s\n", m.Name, m.New)
		}
		for _, line := range m.OldHost {
			fmt.Fprintf(b, "      breaks old hosts with new plugins: %s\n", line)
		}
		for _, line := range m.NewHost {
			fmt.Fprintf(b, "      breaks new hosts with old plugins: %s\n", line)
		}
	}
	for _, t := range c.Types {
		if t.Old != "" {
			fmt.Fprintf(b, "  - type %s %s\n", t.Name, t.Old)
		}
		if t.New != "" {
			fmt.Fprintf(b, "  + type %s %s\n", t.Name, t.New)
		}
	}
	b.WriteString("\n")
}
