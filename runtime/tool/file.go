package tool

import (
	"bufio"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// file looks for what keeps a file from being run on this system.
func (d *Diagnosis) file(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		d.Problem = err.Error()
		return
	case info.IsDir():
		d.Problem, d.Remedy = "it is a directory", "name the plugin's binary in it"
		return
	case !info.Mode().IsRegular():
		d.Problem, d.Remedy = "it is no regular file", "name the plugin's binary"
		return
	case info.Size() == 0:
		d.Problem, d.Remedy = "it is empty", "build or copy it again"
		return
	}
	if abs, err := filepath.Abs(path); err == nil {
		if _, err := exec.LookPath(abs); errors.Is(err, fs.ErrPermission) {
			d.Problem, d.Remedy = "it is not executable", "chmod +x "+path
			return
		}
	}
	f, err := os.Open(path)
	if err != nil {
		d.Problem = err.Error()
		return
	}
	defer f.Close()
	d.format(f, info.Size())
}

// format looks at what kind of file it is.
func (d *Diagnosis) format(f *os.File, size int64) {
	head := make([]byte, 4)
	_, _ = io.ReadFull(f, head) // what is shorter is none of these
	system := ""
	switch {
	case string(head) == elf.ELFMAG:
		system = d.elf(f, size)
	case string(head[:2]) == "#!":
		d.script(f)
		return
	case string(head[:2]) == "MZ":
		system = "windows"
		if p, err := pe.NewFile(f); err == nil {
			system += "/" + map[uint16]string{pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64", pe.IMAGE_FILE_MACHINE_I386: "386"}[p.Machine]
		}
	default:
		m, err := macho.NewFile(f)
		if err != nil {
			d.Problem, d.Remedy = "it is no program that this system knows", "name the plugin's binary; a script begins with #! and its interpreter"
			return
		}
		system = "darwin/" + map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}[m.Cpu]
	}
	if d.Problem == "" && system != "" && !runsHere(system) {
		here := runtime.GOOS + "/" + runtime.GOARCH
		d.Problem = fmt.Sprintf("it was built for %s, and this is %s", system, here)
		d.Remedy = fmt.Sprintf("build it with GOOS=%s GOARCH=%s", runtime.GOOS, runtime.GOARCH)
	}
}

// runsHere tells whether programs for a system run on this one. What is not known is
// tried.
func runsHere(system string) bool {
	goos, arch, _ := strings.Cut(system, "/")
	return goos == runtime.GOOS && (arch == "" || arch == runtime.GOARCH || arch == "386" && runtime.GOARCH == "amd64" || arch == "amd64" && runtime.GOARCH == "arm64" && goos != "linux")
}

var machines = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm",
	elf.EM_RISCV: "riscv64", elf.EM_LOONGARCH: "loong64", elf.EM_S390: "s390x",
}

// elf looks at a program of Linux or a BSD, and returns the system that it is for.
func (d *Diagnosis) elf(f *os.File, size int64) string {
	damaged := func() {
		d.Problem, d.Remedy = "it is damaged: a part of it is missing", "build or copy it again"
	}
	p, err := elf.NewFile(f)
	if err != nil {
		damaged()
		return ""
	}
	for _, segment := range p.Progs {
		if segment.Type == elf.PT_LOAD && segment.Off+segment.Filesz > uint64(size) {
			damaged()
			return ""
		}
	}
	system := runtime.GOOS // whatever else uses ELF
	if p.OSABI == elf.ELFOSABI_FREEBSD {
		system = "freebsd"
	} else if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		system = "linux"
	}
	if arch := machines[p.Machine]; arch != "" {
		system += "/" + arch
	}
	if runsHere(system) {
		d.loader(p)
	}
	return system
}

// loader looks for the program that links another when it starts.
func (d *Diagnosis) loader(p *elf.File) {
	for _, segment := range p.Progs {
		if segment.Type != elf.PT_INTERP {
			continue
		}
		name, err := io.ReadAll(io.LimitReader(segment.Open(), 4096))
		path := strings.TrimRight(string(name), "\x00")
		if err != nil || path == "" {
			return
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			d.Problem = fmt.Sprintf("it needs the loader %s, which is not there", path)
			d.Remedy = "build it with CGO_ENABLED=0, or for the C library of this system"
		}
	}
}

// script looks for a script's interpreter.
func (d *Diagnosis) script(f *os.File) {
	if _, err := f.Seek(2, io.SeekStart); err != nil {
		return
	}
	line, _ := bufio.NewReaderSize(io.LimitReader(f, 4096), 4096).ReadString('\n')
	words := strings.Fields(line)
	if len(words) == 0 {
		d.Problem, d.Remedy = "it is a script that names no interpreter", "write it behind #!"
		return
	}
	if _, err := os.Stat(words[0]); errors.Is(err, fs.ErrNotExist) {
		d.Problem, d.Remedy = fmt.Sprintf("it is a script whose interpreter %s is not there", words[0]), "install that, or write another one behind #!"
	}
}
