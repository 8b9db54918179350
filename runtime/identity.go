package pingo

import (
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"runtime"
	"strconv"
	"syscall"

	"github.com/pingogen/pingogen/runtime/internal/process"
)

// identity is whom a plugin runs as, if not as its host; nil if it does.
type identity struct {
	process.Identity
	name, home string // "" if not known
}

// identity finds out whom User and Group mean.
func (c *Config) identity() (*identity, error) {
	if c.User == "" && c.Group == "" {
		return nil, nil
	}
	if runtime.GOOS == "windows" {
		return nil, fmt.Errorf("Config.User and Config.Group: %w on Windows", errors.ErrUnsupported)
	}
	id, err := identityOf(c.User)
	if err != nil {
		return nil, fmt.Errorf("Config.User: %w", err)
	}
	switch {
	case c.Group != "":
		if id.Group, err = groupOf(c.Group); err != nil {
			return nil, fmt.Errorf("Config.Group: %w", err)
		}
	case id.name == "":
		return nil, fmt.Errorf("Config.User: this system does not know the user %s, nor its group; set Config.Group", c.User)
	}
	return id, nil
}

// identityOf is that of a user, by name or number.
func identityOf(name string) (*identity, error) {
	number, err := strconv.ParseUint(name, 10, 32)
	var u *user.User
	switch {
	case name == "":
		u, err = user.Current()
	case err == nil:
		if u, err = user.LookupId(name); err != nil { // a number need not be known
			return &identity{Identity: process.Identity{User: uint32(number)}}, nil
		}
	default:
		u, err = user.Lookup(name)
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &identity{process.Identity{User: uint32(uid), Group: uint32(gid)}, u.Username, u.HomeDir}, nil
}

// groupOf is the number of a group, by name or number.
func groupOf(name string) (uint32, error) {
	number, err := strconv.ParseUint(name, 10, 32)
	if err == nil {
		return uint32(number), nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, err
	}
	number, err = strconv.ParseUint(g.Gid, 10, 32)
	return uint32(number), err
}

// environment is what of the environment belongs to a user.
func (id *identity) environment() []string {
	if id == nil {
		return nil
	}
	return []string{"USER=" + id.name, "LOGNAME=" + id.name, "HOME=" + id.home}
}

// process is what package process needs to know.
func (id *identity) process() *process.Identity {
	if id == nil {
		return nil
	}
	return &id.Identity
}

// explain says more of why a process could not be started.
func (id *identity) explain(err error) error {
	if id == nil || !errors.Is(err, syscall.EPERM) || !errors.As(err, new(*fs.PathError)) {
		return err
	}
	return fmt.Errorf("%w: only a privileged host (root, or with CAP_SETUID and CAP_SETGID) can start a plugin as user %d and group %d; leave Config.User and Config.Group empty", err, id.User, id.Group)
}
