// Package proc measures processes and pins them to CPUs, as Linux offers it.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU returns the CPU time that the process has used so far, to the nanosecond.
func CPU(pid int) (time.Duration, error) {
	const schedClock = 2 // CPUCLOCK_SCHED; see clock_getcpuclockid(3)
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &ts); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// Memory returns the resident memory of the process, in MiB.
func Memory(pid int) (float64, error) {
	kb, err := status(pid, "VmRSS:")
	return kb / 1024, err
}

// Threads returns how many threads the process has.
func Threads(pid int) (float64, error) { return status(pid, "Threads:") }

func status(pid int, field string) (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			return strconv.ParseFloat(strings.Fields(rest)[0], 64)
		}
	}
	return 0, fmt.Errorf("process %d: no %s", pid, field)
}

// Children returns the processes whose parent is this one.
func Children() ([]int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var found []int
	self := []byte(strconv.Itoa(os.Getpid()))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state parent ...
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) > 1 && bytes.Equal(fields[1], self) && fields[0][0] != 'Z' {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			found = append(found, pid)
		}
	}
	return found, nil
}

// CPUs returns the CPUs that this process may run on.
func CPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, err
	}
	var list []int
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) {
			list = append(list, cpu)
		}
	}
	return list, nil
}

// On runs start on a thread that may use cpus only: a process that it starts
// inherits that.
func On(cpus []int, start func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		set := cpuSet(cpus)
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			result <- fmt.Errorf("pin to CPUs %v: %w", cpus, err)
			return
		}
		result <- start()
	}()
	return <-result
}

// Pin moves every thread of a running process to cpus, and so those that it makes
// later.
func Pin(pid int, cpus []int) error {
	set := cpuSet(cpus)
	for range 2 { // a thread may have been made meanwhile by one that was not pinned yet
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return err
		}
		for _, thread := range threads {
			tid, _ := strconv.Atoi(thread.Name())
			if err := unix.SchedSetaffinity(tid, &set); err != nil && err != unix.ESRCH {
				return fmt.Errorf("pin process %d to CPUs %v: %w", pid, cpus, err)
			}
		}
	}
	return nil
}

func cpuSet(cpus []int) unix.CPUSet {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	return set
}

// KeepInherited keeps the descriptors that this program was started with, beside the standard ones, from what it
// starts. Ours keeps them from its plugins, a system call for each number below, and the others pass them on: neither is to
// depend on who has started the benchmarks.
func KeepInherited() {
	entries, _ := os.ReadDir("/proc/self/fd") // without it, there is nothing better to do
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}
