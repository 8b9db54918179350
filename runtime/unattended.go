package pingo

import "github.com/pingogen/pingogen/runtime/codec"

// unattended is what sides have in common of which there is one link and no process that this
// program looks after.
type unattended struct{}

// another implements side.
func (unattended) another(*link) bool { return false }

// callFailed implements side: there is nobody to tell.
func (unattended) callFailed(string, error) {}

// standsStill implements side.
func (unattended) standsStill() bool { return false }

// counted implements side: nobody reads it.
func (unattended) counted(string) *methodCounts { return nil }

// bind implements side: the other side hears of contracts when they are used.
func (unattended) bind(*codec.Contract) {}
