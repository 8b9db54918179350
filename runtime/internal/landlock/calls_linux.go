package landlock

import "syscall"

// Landlock sees files that are opened, TCP, and what connects by a call of connect. What would go around
// it, or reaches other processes by other ways, is kept away by the numbers of asm/unistd.h.

// reach is what a filter has to know of a Ruleset.
type reach struct{ unix, connect, bind bool }

// rules are those for the system calls that are not always allowed.
func (r reach) rules() []rule {
	rules := []rule{
		// Data that is sent with the connection (TCP Fast Open).
		only(call{44, 206}, list{has(3, msgFastOpen, 0)}),  // sendto
		only(call{46, 211}, list{has(2, msgFastOpen, 0)}),  // sendmsg
		only(call{307, 269}, list{has(3, msgFastOpen, 0)}), // sendmmsg

		// Files that are opened neither for reading nor for writing can still be changed, and devices be told.
		only(call{257, 56}, list{has(2, syscall.O_ACCMODE, syscall.O_RDONLY, syscall.O_WRONLY, syscall.O_RDWR)}), // openat
		only(call{2, none}, list{has(1, syscall.O_ACCMODE, syscall.O_RDONLY, syscall.O_WRONLY, syscall.O_RDWR)}), // open
		missing(call{437, 437}), // openat2, whose flags cannot be seen

		only(call{41, 198}, r.sockets()...), // socket
		// A pair of datagram sockets sends to any other.
		only(call{53, 199}, list{is(0, syscall.AF_UNIX), has(1, typeMask, syscall.SOCK_STREAM, syscall.SOCK_SEQPACKET)}), // socketpair
		// TCP that becomes another protocol is not seen any more.
		only(call{54, 208}, list{isNot(1, syscall.IPPROTO_TCP)}, list{isNot(2, tcpULP)}), // setsockopt

		// The host's thread starts the plugin under ptrace to set its limits. Nobody else is traced by that.
		only(call{101, 117}, list{is(0, syscall.PTRACE_TRACEME, syscall.PTRACE_DETACH)}), // ptrace

		only(call{302, 261}, list{is(0, 0)}),           // prlimit64, as the following only of itself
		only(call{203, 122}, list{is(0, 0)}),           // sched_setaffinity
		only(call{142, 118}, list{is(0, 0)}),           // sched_setparam
		only(call{144, 119}, list{is(0, 0)}),           // sched_setscheduler
		only(call{314, 274}, list{is(0, 0)}),           // sched_setattr
		only(call{141, 140}, list{is(0, 0), is(1, 0)}), // setpriority, with PRIO_PROCESS
		only(call{251, 30}, list{is(0, 1), is(1, 0)}),  // ioprio_set, with IOPRIO_WHO_PROCESS

		only(call{56, 220}, list{has(0, cloneOther, 0)}), // clone
		only(call{272, 97}, list{has(0, newSpaces, 0)}),  // unshare
		missing(call{435, 435}),                          // clone3, whose flags cannot be seen: programs use clone then

		only(call{280, 88}, isNull(1)), // utimensat, of open files
		// A lease keeps who wants to write waiting.
		only(call{72, 25}, list{isNot(1, syscall.F_SETLEASE)}), // fcntl
	}
	if !r.connect {
		rules = append(rules, only(call{42, 203})) // connect
	}
	if !r.bind && !r.unix { // listen gives who is not bound a port
		rules = append(rules, only(call{50, 201})) // listen
	}
	for _, c := range never {
		rules = append(rules, only(c))
	}
	return rules
}

type list = []check

// only refuses a call unless one of the lists allows it.
func only(c call, lists ...list) rule { return rule{c, syscall.EACCES, lists} }

// missing makes a call one that the kernel does not have, so that programs use an older one.
func missing(c call) rule { return rule{c, syscall.ENOSYS, nil} }

// sockets are those of TCP, if a port is allowed, and connected Unix sockets for the transport that needs them.
// Multipath TCP is not: any TCP server understands it.
func (r reach) sockets() (allowed []list) {
	if r.unix {
		allowed = append(allowed, list{is(0, syscall.AF_UNIX), has(1, typeMask, syscall.SOCK_STREAM)})
	}
	if r.connect || r.bind {
		allowed = append(allowed, list{is(0, syscall.AF_INET, syscall.AF_INET6), has(1, typeMask, syscall.SOCK_STREAM), is(2, 0, syscall.IPPROTO_TCP)})
	}
	return allowed
}

const (
	typeMask    = 0xf // without SOCK_CLOEXEC and SOCK_NONBLOCK
	msgFastOpen = 0x20000000
	tcpULP      = 31

	newSpaces  = 0x7e020080               // CLONE_NEW...
	cloneOther = newSpaces&^0xff | 0x8000 // CLONE_PARENT; the last byte is a signal there
)

// never are the calls that are always refused.
var never = []call{
	{425, 425}, // io_uring_setup: makes sockets without a system call
	{426, 426}, // io_uring_enter
	{427, 427}, // io_uring_register

	// What is shared with other processes, and is no file.
	{29, 194},  // shmget
	{30, 196},  // shmat
	{31, 195},  // shmctl
	{64, 190},  // semget
	{65, 193},  // semop
	{66, 191},  // semctl
	{220, 192}, // semtimedop
	{68, 186},  // msgget
	{69, 189},  // msgsnd
	{70, 188},  // msgrcv
	{71, 187},  // msgctl
	{240, 180}, // mq_open
	{241, 181}, // mq_unlink
	{248, 217}, // add_key
	{249, 218}, // request_key
	{250, 219}, // keyctl

	// What is done to other processes.
	{312, 272}, // kcmp
	{310, 270}, // process_vm_readv
	{311, 271}, // process_vm_writev
	{440, 440}, // process_madvise
	{448, 448}, // process_mrelease
	{438, 438}, // pidfd_getfd
	{279, 239}, // move_pages
	{256, 238}, // migrate_pages
	{274, 100}, // get_robust_list
	{298, 241}, // perf_event_open
	{308, 268}, // setns

	// Modes, owners, times and extended attributes of files that are not open, and news of files.
	{90, none},  // chmod
	{92, none},  // chown
	{94, none},  // lchown
	{268, 53},   // fchmodat
	{452, 452},  // fchmodat2
	{260, 54},   // fchownat
	{132, none}, // utime
	{235, none}, // utimes
	{261, none}, // futimesat
	{188, 5},    // setxattr
	{189, 6},    // lsetxattr
	{463, 463},  // setxattrat
	{197, 14},   // removexattr
	{198, 15},   // lremovexattr
	{466, 466},  // removexattrat
	{469, 469},  // file_setattr
	{253, none}, // inotify_init
	{294, 26},   // inotify_init1
	{300, 262},  // fanotify_init
	{304, 265},  // open_by_handle_at

	// What is the system's, most of which is refused to all but root.
	{165, 40},   // mount
	{166, 39},   // umount2
	{155, 41},   // pivot_root
	{161, 51},   // chroot
	{428, 428},  // open_tree
	{467, 467},  // open_tree_attr
	{429, 429},  // move_mount
	{430, 430},  // fsopen
	{431, 431},  // fsconfig
	{432, 432},  // fsmount
	{433, 433},  // fspick
	{442, 442},  // mount_setattr
	{179, 60},   // quotactl
	{443, 443},  // quotactl_fd
	{167, 224},  // swapon
	{168, 225},  // swapoff
	{163, 89},   // acct
	{153, 58},   // vhangup
	{175, 105},  // init_module
	{313, 273},  // finit_module
	{176, 106},  // delete_module
	{246, 104},  // kexec_load
	{320, 294},  // kexec_file_load
	{169, 142},  // reboot
	{321, 280},  // bpf
	{103, 116},  // syslog
	{164, 170},  // settimeofday
	{227, 112},  // clock_settime
	{159, 171},  // adjtimex
	{305, 266},  // clock_adjtime
	{170, 161},  // sethostname
	{171, 162},  // setdomainname
	{172, none}, // iopl
	{173, none}, // ioperm
	{323, 282},  // userfaultfd
}
