// Package landlock restricts what threads may reach of files, network and other processes, by the
// system calls of Linux that do it, and by a filter of system calls for what these leave open. The numbers and structures are those of
// include/uapi/linux/landlock.h and include/uapi/asm-generic/unistd.h, where they are the same for every
// architecture. What they mean is in Documentation/userspace-api/landlock.rst.
package landlock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

const (
	sysCreateRuleset = 444
	sysAddRule       = 445
	sysRestrictSelf  = 446

	getVersion = 1 << 0 // LANDLOCK_CREATE_RULESET_VERSION
	getErrata  = 1 << 1 // LANDLOCK_CREATE_RULESET_ERRATA

	rulePathBeneath = 1
	ruleNetPort     = 2

	prSetNoNewPrivs = 38 // from linux/prctl.h

	oPath = 0x200000 // O_PATH, from asm-generic/fcntl.h
)

// MinVersion is the oldest version of Landlock that holds what a Ruleset promises: the
// first that knows of TCP. Those before three let files be truncated.
const MinVersion = 4

// Access is what may be done with files.
type Access uint64

// The accesses, from LANDLOCK_ACCESS_FS_EXECUTE on.
const (
	execute Access = 1 << iota
	writeFile
	readFile
	readDir
	removeDir
	removeFile
	makeChar
	makeDir
	makeReg
	makeSock
	makeFifo
	makeBlock
	makeSym
	refer    // version 2: link and rename between directories
	truncate // version 3
	ioctlDev // version 5

	all      = ioctlDev<<1 - 1
	ofFiles  = execute | writeFile | readFile | truncate | ioctlDev // what there is on a file that is no directory
	devices  = makeChar | makeBlock
	untilTCP = ioctlDev - 1 // what version 4 knows
)

// What a Ruleset can allow. Each contains reading.
const (
	Read    = readFile | readDir
	Execute = Read | execute
	Write   = all &^ execute &^ devices
)

const (
	bindTCP    = 1 << 0
	connectTCP = 1 << 1

	scopeAbstractSockets = 1 << 0
	scopeSignals         = 1 << 1
)

// The structures of landlock.h.
type (
	rulesetAttr struct{ fs, net, scoped uint64 }
	portAttr    struct{ access, port uint64 }
	// pathAttr is packed there, so that it is longer here than what is read of it.
	pathAttr struct {
		access Access
		parent int32
	}
)

// Version is that of the kernel's Landlock.
func Version() (int, error) {
	v, _, errno := syscall.RawSyscall(sysCreateRuleset, 0, 0, getVersion)
	switch errno {
	case 0:
		return int(v), nil
	case syscall.ENOSYS:
		return 0, fmt.Errorf("this kernel has no Landlock: %w", errno)
	case syscall.EOPNOTSUPP:
		return 0, fmt.Errorf("this kernel has Landlock switched off (the parameter lsm= does not name it): %w", errno)
	}
	return 0, os.NewSyscallError("landlock_create_ruleset", errno)
}

// Ruleset allows some of what it otherwise forbids: all files, all sockets, to change anything of other
// processes or of the system, and from version 6 on to signal others and to use their abstract sockets.
type Ruleset struct {
	file  *os.File
	known Access // of what this kernel knows
	reach reach
}

// New makes a Ruleset that allows nothing yet, but to make Unix sockets if unix says so.
func New(unix bool) (*Ruleset, error) {
	if err := filterable(); err != nil {
		return nil, err
	}
	version, err := Version()
	if err != nil {
		return nil, err
	}
	if version < MinVersion {
		return nil, fmt.Errorf("this kernel has version %d of Landlock, and version %d is needed (Linux 6.7): %w", version, MinVersion, errors.ErrUnsupported)
	}
	attr := rulesetAttr{fs: uint64(untilTCP), net: bindTCP | connectTCP}
	if version >= 5 {
		attr.fs = uint64(all)
	}
	if version >= 6 {
		attr.scoped = scopeAbstractSockets
		if signalsAreRight() {
			attr.scoped |= scopeSignals
		}
	}
	fd, _, errno := syscall.Syscall(sysCreateRuleset, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return nil, os.NewSyscallError("landlock_create_ruleset", errno)
	}
	return &Ruleset{file: os.NewFile(fd, "landlock"), known: Access(attr.fs), reach: reach{unix: unix}}, nil
}

// signalsAreRight tells whether a restricted thread can still signal the others of its
// process, as Go's scheduler does. Kernels with the second erratum do not let it.
func signalsAreRight() bool {
	const erratum2 = 1 << 1
	fixed, _, errno := syscall.RawSyscall(sysCreateRuleset, 0, 0, getErrata)
	return errno == 0 && fixed&erratum2 != 0
}

// Close lets go of the ruleset. Threads stay restricted.
func (r *Ruleset) Close() { _ = r.file.Close() }

// AllowPath allows access to a file, or to a directory with all that is in it. It holds for
// what is at path now, whatever it is called later.
func (r *Ruleset) AllowPath(path string, access Access) error {
	fd, err := syscall.Open(path, oPath|syscall.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFDIR {
		access &= ofFiles
	}
	attr := pathAttr{access: access & r.known, parent: int32(fd)}
	if err := r.add(rulePathBeneath, unsafe.Pointer(&attr)); err != nil {
		return &os.PathError{Op: "landlock_add_rule", Path: path, Err: err}
	}
	return nil
}

// AllowBind allows to listen on a TCP port; 0 is one that the system chooses.
func (r *Ruleset) AllowBind(port uint16) error {
	r.reach.bind = true
	return r.allowPort(port, bindTCP)
}

// AllowConnect allows to connect to a TCP port of any machine.
func (r *Ruleset) AllowConnect(port uint16) error {
	r.reach.connect = true
	return r.allowPort(port, connectTCP)
}

func (r *Ruleset) allowPort(port uint16, access uint64) error {
	attr := portAttr{access: access, port: uint64(port)}
	return os.NewSyscallError("landlock_add_rule", r.add(ruleNetPort, unsafe.Pointer(&attr)))
}

func (r *Ruleset) add(kind uintptr, attr unsafe.Pointer) error {
	if _, _, errno := syscall.Syscall6(sysAddRule, r.file.Fd(), kind, uintptr(attr), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// RestrictThread restricts the calling thread, and all that it starts, for ever. The caller has
// locked it, and ends it with its goroutine: other goroutines must not run on it.
func (r *Ruleset) RestrictThread() error {
	// Landlock asks for it, so that no set-user-ID program is confused by what it cannot reach.
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0); errno != 0 {
		return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", errno)
	}
	if _, _, errno := syscall.RawSyscall(sysRestrictSelf, r.file.Fd(), 0, 0); errno != 0 {
		return os.NewSyscallError("landlock_restrict_self", errno)
	}
	return newFilter(r.reach.rules()).limitThread()
}
