package pingo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// descriptors lists what this process has open.
func descriptors(t *testing.T) string {
	links, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	var open []string
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || strings.HasPrefix(target, "/proc/") {
			continue // the directory that is being read
		}
		open = append(open, fmt.Sprint(filepath.Base(link), " ", target))
	}
	slices.Sort(open)
	return strings.Join(open, "\n")
}

// children lists the processes that this one has, zombies included.
func children(t *testing.T) string {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	require.NoError(t, err)
	var all strings.Builder
	for _, list := range lists {
		pids, err := os.ReadFile(list)
		if err == nil { // threads come and go
			all.Write(pids)
		}
	}
	return all.String()
}

// alive tells whether a process exists, and is no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}
