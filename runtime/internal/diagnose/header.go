package diagnose

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
)

type kind int

const (
	unknown kind = iota
	program
	script
	archive // of object files
)

// header is what the first bytes of a file say.
type header struct {
	kind    kind
	systems []string // a program's: "linux/amd64", or "linux" if the processor is not known
	loader  string   // the program's loader, or the script's interpreter, if it has one
	damaged bool     // the file ends before it should
	loaded  []part   // a program's: what of the file comes into memory
}

// part is a part of a file.
type part struct{ at, length uint64 }

func (h *header) loads(at, length uint64) {
	if length > 0 {
		h.loaded = append(h.loaded, part{at, length})
	}
}

// maxText is the most that is read of a name.
const maxText = 4096

// readHeader reads the first bytes of a file of the given size, and what they point to.
// It believes nothing that they say: it reads a bounded number of bytes.
func readHeader(r io.ReaderAt, size int64) header {
	f := file{r, size}
	head := f.read(0, 8)
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return f.elf()
	case bytes.HasPrefix(head, []byte("#!")):
		line, _, _ := strings.Cut(string(f.read(2, maxText)), "\n")
		h := header{kind: script}
		const spaces = " \t" // a carriage return belongs to the name
		h.loader = strings.Trim(line, spaces)
		if i := strings.IndexAny(h.loader, spaces); i >= 0 {
			h.loader = h.loader[:i]
		}
		return h
	case bytes.HasPrefix(head, []byte("MZ")):
		return f.pe()
	case bytes.Equal(head, []byte("!<arch>\n")):
		return header{kind: archive}
	}
	return f.macho()
}

// file reads from a file of a known size.
type file struct {
	r    io.ReaderAt
	size int64
}

// read returns n bytes at an offset, or those that there are.
func (f file) read(at uint64, n int) []byte {
	if at >= uint64(f.size) {
		return nil
	}
	b := make([]byte, min(uint64(n), uint64(f.size)-at))
	n, _ = f.r.ReadAt(b, int64(at)) // what cannot be read is missing
	return b[:n]
}

// ends tells whether a part of the file lies behind its end.
func (f file) ends(at, length uint64) bool {
	return at > uint64(f.size) || length > uint64(f.size)-at
}

// elfTable is where a table of an ELF file of a class is, by its header, and what its
// entries have.
type elfTable struct {
	at, entrySize, entries int // in the header
	kind, offset, length   int // in an entry
	size                   int // of an entry, at least
}

// elfLayout is where an ELF file of a class has what is needed of it.
type elfLayout struct {
	size, address      int // of the header, and of a number that is an address
	programs, sections elfTable
}

var elfLayouts = [...]elfLayout{
	1: {52, 4, elfTable{28, 42, 44, 0, 4, 16, 32}, elfTable{32, 46, 48, 4, 16, 20, 40}},
	2: {64, 8, elfTable{32, 54, 56, 0, 8, 32, 56}, elfTable{40, 58, 60, 4, 24, 32, 64}},
}

// Kinds of entries in the program header of an ELF file, and in that of its sections.
const (
	elfLoad   = 1
	elfInterp = 3

	elfNoBits = 8 // takes no space in the file
)

// elf reads a program of Linux or a BSD.
func (f file) elf() header {
	h := header{kind: program}
	head := f.read(0, 64)
	if len(head) < 20 {
		h.damaged = true
		return h
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[5] == 2 {
		order = binary.BigEndian
	}
	h.systems = []string{elfSystem(head[7], order.Uint16(head[18:]), head[4] == 2, head[5] == 2)}
	class := int(head[4])
	if class == 0 || class >= len(elfLayouts) || len(head) < elfLayouts[class].size {
		h.damaged = true
		return h
	}
	layout := elfLayouts[class]
	number := func(b []byte) uint64 {
		if layout.address == 4 {
			return uint64(order.Uint32(b))
		}
		return order.Uint64(b)
	}
	// each gives found the entries of a table, and tells whether the table is whole.
	each := func(t elfTable, found func(kind uint32, at, length uint64)) bool {
		size := int(order.Uint16(head[t.entrySize:]))
		length := size * int(order.Uint16(head[t.entries:]))
		at := number(head[t.at:])
		if length > 0 && size < t.size || f.ends(at, uint64(length)) {
			return false
		}
		for table := f.read(at, length); size > 0 && len(table) >= size; table = table[size:] {
			found(order.Uint32(table[t.kind:]), number(table[t.offset:]), number(table[t.length:]))
		}
		return true
	}
	whole := each(layout.programs, func(kind uint32, at, length uint64) {
		switch kind {
		case elfLoad:
			h.damaged = h.damaged || f.ends(at, length)
			h.loads(at, length)
		case elfInterp:
			name, _, _ := strings.Cut(string(f.read(at, int(min(length, maxText)))), "\x00")
			h.loader = name
		}
	})
	// What is behind that, the system does without, and those do not who read the program.
	whole = each(layout.sections, func(kind uint32, at, length uint64) {
		h.damaged = h.damaged || kind != elfNoBits && f.ends(at, length)
	}) && whole
	h.damaged = h.damaged || !whole
	return h
}

// elfSystem is the system that an ELF file is for. Only some of them say more than
// that they are for one that uses ELF.
func elfSystem(abi byte, machine uint16, is64, bigEndian bool) string {
	system := runtime.GOOS
	if abi == 9 {
		system = "freebsd"
	} else if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		system = "linux"
	}
	arch := map[uint16]string{3: "386", 22: "s390x", 40: "arm", 62: "amd64", 183: "arm64", 243: "riscv64", 258: "loong64"}[machine]
	switch machine {
	case 8:
		arch = "mips"
		if is64 {
			arch = "mips64"
		}
	case 21:
		arch = "ppc64"
	}
	if !bigEndian && (machine == 8 || machine == 21) {
		arch += "le"
	}
	return join(system, arch)
}

// pe reads a program of Windows.
func (f file) pe() header {
	h := header{kind: program, systems: []string{"windows"}}
	head := f.read(0, 64)
	if len(head) < 64 {
		h.damaged = true
		return h
	}
	at := uint64(binary.LittleEndian.Uint32(head[60:]))
	head = f.read(at, 24)
	if len(head) < 24 {
		h.damaged = true
		return h
	}
	if string(head[:4]) != "PE\x00\x00" {
		return h
	}
	arch := map[uint16]string{0x14c: "386", 0x8664: "amd64", 0xaa64: "arm64"}[binary.LittleEndian.Uint16(head[4:])]
	h.systems[0] = join("windows", arch)
	sections, options := int(binary.LittleEndian.Uint16(head[6:])), uint64(binary.LittleEndian.Uint16(head[20:]))
	at += 24 + options
	h.damaged = f.ends(at, uint64(40*sections))
	for table := f.read(at, 40*sections); len(table) >= 40; table = table[40:] {
		length, at := binary.LittleEndian.Uint32(table[16:]), binary.LittleEndian.Uint32(table[20:])
		h.damaged = h.damaged || at != 0 && f.ends(uint64(at), uint64(length))
		h.loads(uint64(at), uint64(length))
	}
	return h
}

// macho reads a program of macOS, for one processor or several.
func (f file) macho() header {
	head := f.read(0, 8)
	if len(head) < 8 {
		return header{}
	}
	switch binary.LittleEndian.Uint32(head) {
	case 0xfeedface, 0xfeedfacf:
		h := header{kind: program, systems: []string{machoSystem(binary.LittleEndian.Uint32(head[4:]))}}
		h.damaged = f.machoSegments(&h)
		return h
	}
	n := binary.BigEndian.Uint32(head[4:])
	if binary.BigEndian.Uint32(head) != 0xcafebabe || n == 0 || n > 20 { // Java's class files have a higher number there
		return header{}
	}
	h := header{kind: program}
	table := f.read(8, 20*int(n))
	h.damaged = len(table) < 20*int(n)
	for ; len(table) >= 20; table = table[20:] {
		h.systems = append(h.systems, machoSystem(binary.BigEndian.Uint32(table)))
		at, length := uint64(binary.BigEndian.Uint32(table[8:])), uint64(binary.BigEndian.Uint32(table[12:]))
		h.damaged = h.damaged || f.ends(at, length)
		h.loads(at, length)
	}
	return h
}

// machoSegment64 is the command that loads a part of a 64-bit program.
const machoSegment64 = 0x19

// machoSegments reads what of a program for one processor is loaded, and tells whether a part
// of it is missing.
func (f file) machoSegments(h *header) (damaged bool) {
	const headerSize, maxCommands = 32, 1 << 16
	head := f.read(0, headerSize)
	if len(head) < headerSize {
		return true
	}
	length := binary.LittleEndian.Uint32(head[20:])
	if f.ends(headerSize, uint64(length)) {
		return true
	}
	for commands := f.read(headerSize, int(min(length, maxCommands))); len(commands) >= 8; {
		if binary.LittleEndian.Uint32(commands) == machoSegment64 && len(commands) >= 56 {
			at, length := binary.LittleEndian.Uint64(commands[40:]), binary.LittleEndian.Uint64(commands[48:])
			if f.ends(at, length) {
				return true
			}
			h.loads(at, length)
		}
		size := uint64(binary.LittleEndian.Uint32(commands[4:]))
		if size < 8 || size > uint64(len(commands)) {
			return false // nobody has cut this off
		}
		commands = commands[size:]
	}
	return false
}

func machoSystem(cpu uint32) string {
	return join("darwin", map[uint32]string{0x01000007: "amd64", 0x0100000c: "arm64"}[cpu])
}

func join(system, arch string) string {
	if arch == "" {
		return system
	}
	return system + "/" + arch
}
