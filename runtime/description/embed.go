package description

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
)

// What stands before everything that is embedded. The words are kept apart here, or
// each program that looks for them would have them.
var (
	mark         = strings.Join([]string{"pingogen", ""}, " ")
	contractMark = strings.Join([]string{"contract", "1", ""}, " ") // a version, and a length and CRC-32 follow
	protocolMark = "protocol "                                      // the version of the protocol follows
)

// maxText bounds an embedded text.
const maxText = 1 << 20

// maxHead is longer than the marks and the two numbers.
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
	return fmt.Sprintf("%s%s%d %08x\n%s", mark, contractMark, len(text), crc32.ChecksumIEEE([]byte(text)), text)
}

// Found is what is embedded in a program.
type Found struct {
	Protocol  int        // the version of the protocol that it serves by; 0 if it never serves
	Contracts []Contract // that it registers
}

// Find looks for what is embedded in a program, in whatever form that is: it looks
// at nothing but bytes. What only looks like a contract is left out.
func Find(program io.Reader) (found Found, err error) {
	seen := map[string]bool{}
	s := scanner{r: program}
	for s.next() {
		if found.Protocol == 0 {
			found.Protocol = s.protocol()
		}
		text, ok := s.text()
		if !ok || seen[text] {
			continue
		}
		seen[text] = true
		if list, err := Parse(text); err == nil {
			found.Contracts = append(found.Contracts, list...)
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

// line returns the line behind the mark, if it begins with word, and what stands
// behind word there.
func (s *scanner) line(word string) (line, rest string, ok bool) {
	s.fill(maxHead)
	line, _, ended := strings.Cut(string(s.buf[len(mark):min(len(s.buf), maxHead)]), "\n")
	rest, ok = strings.CutPrefix(line, word)
	return line, rest, ok && ended
}

// protocol returns the version of the protocol that stands behind a mark, or 0.
func (s *scanner) protocol() int {
	_, rest, ok := s.line(protocolMark)
	version, err := strconv.ParseUint(rest, 10, 8)
	if !ok || err != nil {
		return 0
	}
	return int(version)
}

// text returns the text behind a mark, if there is one, and goes over the mark.
func (s *scanner) text() (string, bool) {
	line, rest, ok := s.line(contractMark)
	s.buf = s.buf[len(mark):]
	var size int
	var sum uint32
	if n, _ := fmt.Sscanf(rest, "%d %x", &size, &sum); !ok || n != 2 || size < 0 || size > maxText {
		return "", false
	}
	if !s.fill(len(line) + 1 + size) {
		return "", false
	}
	text := s.buf[len(line)+1:][:size]
	return string(text), crc32.ChecksumIEEE(text) == sum
}
