package pingotest

import (
	"os"
	"path/filepath"
	"strings"
)

// resources lists the descriptors and the child processes of this process.
func resources() map[string]bool {
	all := map[string]bool{}
	links, _ := filepath.Glob("/proc/self/fd/*") // the pattern is fine
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || strings.HasPrefix(target, "/proc/") || strings.HasPrefix(target, "anon_inode:[event") {
			continue // the directory that is being read, and what Go's poller needs
		}
		all["descriptor "+filepath.Base(link)+" "+target] = true
	}
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		pids, err := os.ReadFile(list)
		if err != nil {
			continue // threads come and go
		}
		for _, pid := range strings.Fields(string(pids)) {
			all["process "+pid+" "+commandOf(pid)] = true
		}
	}
	return all
}

// commandOf returns how a process was started.
func commandOf(pid string) string {
	words, _ := os.ReadFile("/proc/" + pid + "/cmdline") // it may be gone
	return strings.TrimSpace(strings.ReplaceAll(string(words), "\x00", " "))
}
