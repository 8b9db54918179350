// Package child starts plugins for the subjects that do not start processes
// themselves: the least that is needed, so that it is not what is measured.
package child

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Child is a running plugin. It listens on Network and Address, and ends when
// its stdin does.
type Child struct {
	Network, Address string

	cmd   *exec.Cmd
	stdin io.Closer
	dir   string
}

// Start runs the program at path as a plugin that listens on network, which is
// "unix" or "tcp", and returns when it does.
func Start(path, variant, network string) (*Child, error) {
	c := &Child{Network: network, Address: "127.0.0.1:0"}
	if network == "unix" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return nil, err
		}
		c.dir, c.Address = dir, filepath.Join(dir, "socket")
	}
	c.cmd = exec.Command(path, "plugin", variant, network, c.Address)
	c.cmd.Stderr = os.Stderr
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.stdin = stdin
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s did not say where it listens: %w", path, err)
	}
	c.Address = strings.TrimSpace(line)
	return c, nil
}

// Dial connects to the plugin.
func (c *Child) Dial() (net.Conn, error) { return net.Dial(c.Network, c.Address) }

// Stop ends the plugin and waits for it.
func (c *Child) Stop() error {
	c.stdin.Close()
	err := c.cmd.Wait()
	if c.dir != "" {
		os.RemoveAll(c.dir)
	}
	return err
}

// Serve is the plugin's side of Start: it listens, lets serve run on the
// listener, and exits when the host closes stdin.
func Serve(serve func(net.Listener) error) error {
	l, err := net.Listen(os.Args[3], os.Args[4])
	if err != nil {
		return err
	}
	Announce(l.Addr())
	go func() {
		if err := serve(l); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	Wait()
	return nil
}

// Announce tells the host where the plugin listens.
func Announce(a net.Addr) { fmt.Println(a) }

// Wait returns when the host wants the plugin to end.
func Wait() { io.Copy(io.Discard, os.Stdin) }
