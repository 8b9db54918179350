package database

import (
	"database/sql/driver"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Package sql compares errors of a driver with these.
func init() {
	codec.RegisterErrors("database/sql/driver",
		codec.ErrorVar("ErrBadConn", driver.ErrBadConn),
		codec.ErrorVar("ErrSkip", driver.ErrSkip),
		codec.ErrorVar("ErrRemoveArgument", driver.ErrRemoveArgument))
}
