package tool

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/pingogen/pingogen/runtime/description"
)

// WriteText writes a report for people.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	b.WriteString(r.Path + "\n")
	r.writeFacts(&b)
	for i := range r.Contracts {
		writeContract(&b, &r.Contracts[i])
	}
	_, err := io.WriteString(w, printable(b.String()))
	return err
}

// printable shows what a terminal would obey: a binary that is looked at, or what a plugin
// has printed, may hold anything.
func printable(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			fmt.Fprintf(&b, `\x%02x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (r *Report) writeFacts(b *strings.Builder) {
	source := "read from the binary, which was not run"
	if r.Source == FromHandshake {
		source = "asked of the plugin, which was started and stopped"
	}
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, fact := range [][2]string{
		{"contracts", source},
		{"module", strings.TrimSpace(r.Module + " " + r.Version)},
		{"pingo", strings.TrimPrefix(r.Pingo+protocol(r.Protocol), ", ")},
		{"built", strings.TrimSpace(r.Go + " " + r.System)},
		{"size", fmt.Sprintf("%d bytes", r.Size)},
		{"objects", strings.Join(r.Objects, ", ")},
	} {
		if fact[1] != "" {
			_, _ = fmt.Fprintf(table, "  %s\t%s\n", fact[0], fact[1])
		}
	}
	_ = table.Flush() // a Builder takes everything
}

func protocol(version int) string {
	if version == 0 {
		return ""
	}
	return fmt.Sprintf(", protocol %d", version)
}

func writeContract(b *strings.Builder, c *description.Contract) {
	fmt.Fprintf(b, "\ncontract %s of %s\n", c.Name, c.Package)
	writeIndented(b, c.Doc)
	for _, m := range c.Methods {
		signature := m.Go
		if signature == "" {
			signature = m.Signature
		}
		fmt.Fprintf(b, "\n  %s%s  %v\n", m.Name, signature, m.Fingerprint)
		writeIndented(b, m.Doc)
	}
	if len(c.Types) > 0 {
		b.WriteString("\n")
	}
	for _, t := range c.Types {
		fmt.Fprintf(b, "  type %s %s\n", t.Name, t.Definition)
	}
}

func writeIndented(b *strings.Builder, doc string) {
	for line := range strings.Lines(doc) {
		if line != "\n" {
			b.WriteString("    ")
		}
		b.WriteString(strings.TrimRight(line, "\n") + "\n")
	}
}
