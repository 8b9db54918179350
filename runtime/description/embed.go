package description

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// What stands before an embedded text: a version, its length and its CRC-32.
// The words are kept apart here, or each program that looks for embedded texts
// would have one.
var mark = strings.Join([]string{"pingogen", "contract", "1", ""}, " ")

// maxText bounds an embedded text.
const maxText = 1 << 20

// maxHead is longer than mark and the two numbers.
const maxHead = 64

// Embed returns the text of a contract as generated code has it in a constant. A
// text that would be too long loses its documentation.
func Embed(c Contract) string {
	text := c.String()
	if len(text) > maxText {
		c.Doc = ""
		c.Methods = append([]Method(nil), c.Methods...)
		for i := range c.Methods {
			c.Methods[i].Doc = ""
		}
		text = c.String()
	}
	return fmt.Sprintf("%s%d %08x\n%s", mark, len(text), crc32.ChecksumIEEE([]byte(text)), text)
}

// Find returns the contracts that are embedded in a program, in whatever form it
// is: it looks at nothing but bytes. What only looks like a contract is left out.
func Find(program io.Reader) ([]Contract, error) {
	var found []Contract
	seen := map[string]bool{}
	s := scanner{r: program}
	for s.next() {
		text, ok := s.text()
		if !ok || seen[text] {
			continue
		}
		seen[text] = true
		if list, err := Parse(text); err == nil {
			found = append(found, list...)
		}
	}
	return found, s.err
}

// scanner goes from mark to mark.
type scanner struct {
	r   io.Reader
	buf []byte // what was read and not gone over; it begins with mark after next
	end bool
	err error // of reading, but not io.EOF
}

// next goes to the next mark.
func (s *scanner) next() bool {
	for {
		if i := bytes.Index(s.buf, []byte(mark)); i >= 0 {
			s.buf = s.buf[i:]
			return true
		}
		if keep := len(s.buf) - len(mark) + 1; keep > 0 {
			s.buf = s.buf[keep:]
		}
		if !s.fill(len(mark)) {
			return false
		}
	}
}

// fill reads on until there are n bytes, and then some.
func (s *scanner) fill(n int) bool {
	for len(s.buf) < n && !s.end {
		chunk := make([]byte, len(s.buf), len(s.buf)+max(n, 1<<20))
		copy(chunk, s.buf)
		read, err := io.ReadFull(s.r, chunk[len(chunk):cap(chunk)])
		s.buf = chunk[:len(chunk)+read]
		if err != nil {
			s.end = true
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				s.err = err
			}
		}
	}
	return len(s.buf) >= n
}

// text returns the text behind a mark, if it is one, and goes over the mark.
func (s *scanner) text() (string, bool) {
	s.fill(maxHead)
	head := s.buf[len(mark):min(len(s.buf), maxHead)]
	s.buf = s.buf[len(mark):]
	line, _, ok := bytes.Cut(head, []byte("\n"))
	var size int
	var sum uint32
	if n, _ := fmt.Sscanf(string(line), "%d %x", &size, &sum); !ok || n != 2 || size < 0 || size > maxText {
		return "", false
	}
	if !s.fill(len(line) + 1 + size) {
		return "", false
	}
	text := s.buf[len(line)+1:][:size]
	return string(text), crc32.ChecksumIEEE(text) == sum
}
