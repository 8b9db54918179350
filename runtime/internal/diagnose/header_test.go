package diagnose

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// In testdata are the first 1024 bytes of programs that Go has built for other systems.
func TestHeadersOfPrograms(t *testing.T) {
	names, err := filepath.Glob("testdata/*-*")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		goos, arch, _ := strings.Cut(filepath.Base(name), "-")
		t.Run(goos+"/"+arch, func(t *testing.T) {
			head, err := os.ReadFile(name)
			require.NoError(t, err)
			h := readHeader(bytes.NewReader(head), 1<<30)
			want := goos + "/" + arch
			if goos == "linux" && slices.Contains([]string{"freebsd", "netbsd", "openbsd"}, runtime.GOOS) {
				want = runtime.GOOS + "/" + arch // ELF does not tell them apart
			}
			require.NotEmpty(t, h.loaded)
			h.loaded = nil
			require.Equal(t, header{kind: program, systems: []string{want}}, h)
			if runsHere(want) {
				require.Zero(t, format(h))
			} else {
				require.Contains(t, format(h).Problem, "it was built for "+want+", and this is "+runtime.GOOS)
				require.Contains(t, format(h).Remedy, "GOOS="+runtime.GOOS)
			}
			for _, size := range []int64{100_000, 1000, 40, 9} {
				cut := readHeader(bytes.NewReader(head), size)
				require.Equal(t, program, cut.kind)
				require.True(t, cut.damaged, "%d bytes", size)
			}
		})
	}
}

func TestHeaderOfThisProgram(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	require.Zero(t, File(self))

	// What was cut off of its end is missed, also where the system would start it: who
	// reads the program misses it.
	program, err := os.Open(self)
	require.NoError(t, err)
	defer program.Close()
	info, err := program.Stat()
	require.NoError(t, err)
	constants, found := Constants(program, info.Size())
	require.Zero(t, found)
	text, err := io.ReadAll(constants)
	require.NoError(t, err)
	require.Less(t, len(text), int(info.Size()), "debugging information is not loaded")
	require.Contains(t, string(text), "this is a constant of this program")
	for _, cut := range []int64{1, 1000, 100_000, info.Size() - 5000, info.Size() - 100} {
		_, found := Constants(program, info.Size()-cut)
		require.Contains(t, found.Problem, "a part of it is missing", "without %d bytes", cut)
	}
}

func TestHeadersOfOtherFiles(t *testing.T) {
	fat := append([]byte{0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2}, make([]byte, 40)...)
	fat[8], fat[11] = 1, 7
	fat[28], fat[31] = 1, 12
	for _, c := range []struct {
		name, content string
		want          header
	}{
		{"words", "Just words.", header{}},
		{"short", "x", header{}},
		{"Java", "\xca\xfe\xba\xbe\x00\x00\x00\x34", header{}},
		{"script", "#! /bin/sh -e\nexit 1", header{kind: script, loader: "/bin/sh"}},
		{"script in tabs", "#!\t/bin/sh\t-e\nexit 1", header{kind: script, loader: "/bin/sh"}},
		{"script of Windows", "#!/bin/sh\r\nexit 1\r\n", header{kind: script, loader: "/bin/sh\r"}},
		{"script of Windows with an argument", "#!/bin/sh -e\r\n", header{kind: script, loader: "/bin/sh"}},
		{"script of nothing", "#!\n", header{kind: script}},
		{"package", "!<arch>\n__.PKGDEF", header{kind: archive}},
		{"universal", string(fat), header{kind: program, systems: []string{"darwin/amd64", "darwin/arm64"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, readHeader(bytes.NewReader([]byte(c.content)), int64(len(c.content))))
		})
	}
	require.Contains(t, format(header{kind: archive}).Remedy, "package main")
	require.Contains(t, format(header{kind: script}).Problem, "names no interpreter")
	require.Contains(t, format(header{kind: script, loader: "\r"}).Problem, "names no interpreter")
	require.Contains(t, format(header{kind: script, loader: "/bin/sh\r"}).Problem, "whose first line ends with a carriage return")
	here := []string{runtime.GOOS}
	require.Contains(t, format(header{kind: program, systems: here, loader: "/no/such/loader"}).Problem, "needs the loader /no/such/loader")
}

// A file may say anything: reading it ends, takes little memory, and what the standard
// library reads is read alike.
func FuzzHeader(f *testing.F) {
	self, err := os.Executable()
	if err != nil {
		f.Fatal(err)
	}
	b := make([]byte, 4096)
	if r, err := os.Open(self); err == nil {
		_, _ = io.ReadFull(r, b)
		_ = r.Close()
	}
	f.Add(b, int64(1<<20))
	f.Add([]byte("#!/bin/sh\n"), int64(10))
	f.Add([]byte("MZ"+string(make([]byte, 58))+"\x40\x00\x00\x00PE\x00\x00\x64\x86"), int64(100))
	f.Add([]byte("\xcf\xfa\xed\xfe\x07\x00\x00\x01"), int64(8))
	f.Add([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x01"+string(make([]byte, 20))), int64(28))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		h := readHeader(bytes.NewReader(b), size)
		if len(h.loader) > maxText || len(h.systems) > 20 {
			t.Fatalf("%+v", h)
		}
		_ = format(h)
		if size != int64(len(b)) {
			return
		}
		_, isELF := elf.NewFile(bytes.NewReader(b))
		_, isPE := pe.NewFile(bytes.NewReader(b))
		_, isMacho := macho.NewFile(bytes.NewReader(b))
		if (isELF == nil || isPE == nil && b[0] == 'M' || isMacho == nil && b[3] == 0xfe) && h.kind != program {
			t.Fatalf("no program: %+v", h)
		}
	})
}

// zeros is a file with nothing in it.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

// A file is never read as a whole because it is large.
func TestConstantsOfALargeFile(t *testing.T) {
	constants, found := Constants(zeros{}, 1<<40)
	require.Zero(t, found)
	require.EqualValues(t, maxSearched, constants.(*io.SectionReader).Size())
}
