// Package optional has contracts whose values may have more methods.
package optional

import (
	"io"
	"io/fs"

	"github.com/pingogen/pingogen/generator/internal/resolve/testdata/optionaldep"
)

// Files has those of fs.ReadDirFS and the others.
//
//pingo:plugin failure=panic
type Files = fs.FS

// Base has Sum and Size.
//
//pingo:plugin
type Base = optionaldep.Base

// Lenient has Len as well.
//
//pingo:plugin failure=zero
type Lenient = optionaldep.Base

// Many has none.
//
//pingo:plugin
type Many = optionaldep.Many

// Writer is streamed: it is no WriteCloser.
//
//pingo:plugin
type Writer = io.Writer

// Store is the package's own, and AdminStore a contract of its own.
//
//pingo:plugin
type Store interface{ Get() error }

// AdminStore is more.
//
//pingo:plugin
type AdminStore interface {
	Store
	Wipe() error
}
