// Package marked has interfaces with //pingo:optional that cannot be.
package marked

import (
	"database/sql/driver"
	"io"
	"io/fs"
)

//pingo:plugin failure=zero
type Store interface {
	Conn() (driver.Conn, error)
	File() (fs.File, error)
	Files() (fs.FS, error)
}

//pingo:optional
type Pinger interface {
	driver.Conn
	driver.Pinger
}

//pingo:optional
type Again interface {
	driver.Conn
	driver.Pinger
}

//pingo:optional
type Same interface{ driver.Conn }

//pingo:optional io/fs.File
type Arguments interface {
	fs.File
	Name() string
}

//pingo:optional
type Nothing interface{ Name() string }

//pingo:optional
type Struct struct{ driver.Conn }

//pingo:optional
type Seeker interface {
	fs.File
	io.Seeker
}

//pingo:optional
type Peeker interface {
	fs.File
	Peek() ([]byte, error)
}

//pingo:optional
type Reading interface {
	fs.FS
	fs.ReadFileFS
}

//pingo:optional
type Unmentioned interface {
	driver.Rows
	Size() int
}
