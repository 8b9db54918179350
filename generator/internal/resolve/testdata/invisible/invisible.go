// Package invisible mentions types that generated code cannot name.
package invisible

import "github.com/pingogen/pingogen/generator/internal/resolve/testdata/dep"

//pingo:plugin
type Store interface {
	Put(dep.Exposes) error
	Alias(dep.AliasOfHidden) error
}
