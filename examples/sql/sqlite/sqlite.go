// Package sqlite serves SQLite, in pure Go. It knows nothing of plugins.
package sqlite

import (
	"github.com/pingogen/pingogen/examples/sql/database"
	"modernc.org/sqlite"
)

//go:generate go tool pingogen main -o ../cmd/sqlite-plugin

var _ database.Driver = (*sqlite.Driver)(nil)

// New returns SQLite's driver.
//
//pingo:plugin
func New() *sqlite.Driver { return &sqlite.Driver{} }
