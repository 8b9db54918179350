package pingo_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Lab is an object in the style of net/rpc that can be made to misbehave.
type Lab struct{}

// Pair is a reply with fields, for gob.
type Pair struct {
	Key    string
	Values []int
}

func (*Lab) Echo(s string, r *string) error { *r = s; return nil }

func (*Lab) Swap(p *Pair, r *Pair) error { *r = Pair{Key: p.Key + "!", Values: p.Values}; return nil }

func (*Lab) Count(words []string, r *map[string]int) error {
	for _, w := range words {
		(*r)[w]++
	}
	return nil
}

func (*Lab) Fail(text string, _ *int) error { return errors.New(text) }

func (*Lab) Panic(text string, _ *int) error { panic(text) }

// PanicApart panics, deep down, on a goroutine that nothing recovers.
func (*Lab) PanicApart(text string, _ *int) error {
	go deep(30, text)
	select {}
}

func deep(n int, text string) int {
	if n == 0 {
		panic(text)
	}
	return deep(n-1, text) + 1
}

func (*Lab) Exit(status int, _ *int) error { os.Exit(status); return nil }

// Crash writes lines to stderr and exits.
func (*Lab) Crash(lines []string, _ *int) error {
	for _, line := range lines {
		fmt.Fprintln(os.Stderr, line)
	}
	os.Exit(3)
	return nil
}

func (*Lab) Pid(_ int, r *int) error { *r = os.Getpid(); return nil }

func (*Lab) Args(_ int, r *[]string) error { *r = os.Args[1:]; return nil }

func (*Lab) Environ(_ int, r *[]string) error { *r = os.Environ(); return nil }

func (*Lab) Dir(_ int, r *string) (err error) { *r, err = os.Getwd(); return err }

// Print writes to stdout.
func (*Lab) Print(s string, _ *int) error { fmt.Print(s); return nil }

// Spill writes n bytes without a line's end to stdout, or to stderr.
func (*Lab) Spill(n int, _ *int) error {
	out := os.Stdout
	if n < 0 {
		out, n = os.Stderr, -n
	}
	w := bufio.NewWriter(out)
	for range n {
		w.WriteByte('x')
	}
	return w.Flush()
}

// Hang says so, and never returns.
func (*Lab) Hang(_ int, _ *int) error {
	fmt.Println("hanging")
	select {}
}

// Spawn starts a grandchild that holds stdout and stderr open, and replies with its pid.
func (*Lab) Spawn(_ int, pid *int) error {
	cmd := exec.Command(os.Args[0], helperPrefix+"block")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	*pid = cmd.Process.Pid
	return nil
}

// block holds what it inherited until it is killed.
var _ = helper("block", func() { time.Sleep(time.Hour) })

var _ = helper("lab", func() {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "print:") {
		fmt.Print(strings.TrimPrefix(os.Args[1], "print:"))
	}
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

// Repeat replies with n bytes.
func (*Lab) Repeat(n int, r *string) error { *r = strings.Repeat("x", n); return nil }
