package pingo

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
)

// clients are the contracts by which a session is called. The plugin knows one
// contract of each name.
type clients struct {
	other string // side: pluginName or hostName

	mu   sync.Mutex // protects following
	fits map[*codec.Contract]*fit
	used map[string]*usage // by the contract's name
}

// usage is what the plugin takes the calls of a contract for.
type usage struct {
	described bool
	methods   map[string]uint64 // fingerprints, by name
}

// greet compares the contracts that were bound before the start, of which the
// first of each name was in the Hello, and returns a *ContractError if some do not fit.
func (c *clients) greet(bound []*codec.Contract, offered []codec.Contract) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fits, c.used = map[*codec.Contract]*fit{}, map[string]*usage{}
	var all ContractError
	for _, contract := range bound {
		if c.fits[contract] != nil {
			continue // two clients of one contract
		}
		f := newFit(contract, offered, c.other)
		f.clients = c
		c.fits[contract] = f
		if differ, ok := f.err.(*ContractError); ok {
			all.Mismatches = append(all.Mismatches, differ.Mismatches...)
			continue
		}
		_, f.err = c.use(f)
		c.used[contract.Name].described = true
	}
	if len(all.Mismatches) > 0 {
		return &all
	}
	return nil
}

// fit compares a contract once, and tells the plugin of it over peer if it has to know.
func (c *clients) fit(contract *codec.Contract, offered []codec.Contract, peer *conn.Conn) *fit {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.fits[contract]; f != nil {
		return f
	}
	f := newFit(contract, offered, c.other)
	f.clients = c
	c.fits[contract] = f
	if f.err != nil {
		return f
	}
	describe, err := c.use(f)
	if describe && err == nil {
		err = peer.Describe(contract)
	}
	if peer.Err() == nil { // otherwise the call will tell better
		f.err = err
	}
	return f
}

// misfits tells of each contract that the other side has not registered or that cannot be called for another reason, and at
// last of all methods that do not fit.
func (l *link) misfits(bound []*codec.Contract) (list []error) {
	var all ContractError
	for _, contract := range bound {
		err := l.clients.fit(contract, l.peer.Contracts, l.conn).err
		if differ, ok := err.(*ContractError); ok {
			all.Mismatches = append(all.Mismatches, differ.Mismatches...)
			continue
		}
		if err == nil && contractNamed(l.peer.Contracts, contract.Name) == nil {
			err = lacks(false, contract.Name, "", l.clients.other)
		}
		if err != nil {
			list = append(list, err)
		}
	}
	if len(all.Mismatches) > 0 {
		list = append(list, &all)
	}
	return list
}

// use settles that calls are made by f's contract, and tells whether the plugin
// does not know that yet. It fails if the plugin takes them for another one's.
func (c *clients) use(f *fit) (describe bool, err error) {
	u := c.used[f.contract.Name]
	if u == nil {
		u = &usage{methods: map[string]uint64{}}
		c.used[f.contract.Name] = u
	}
	for _, m := range f.contract.Methods {
		known, ok := u.methods[m.Name]
		late := u.described && slices.Contains(f.differs, m.Name)
		if ok && known != m.Fingerprint || !ok && late {
			return false, fmt.Errorf("contract %s: a client with another version of %s calls this plugin already; give each version a Plugin of its own", f.contract.Name, m.Name)
		}
	}
	for _, m := range f.contract.Methods {
		u.methods[m.Name] = m.Fingerprint
	}
	describe = len(f.differs) > 0 && !u.described
	u.described = u.described || describe
	return describe, nil
}
