// Package values asks for snapshots of what cannot be one.
package values

import (
	"context"
	"io"
	"io/fs"
	"net"
)

//pingo:plugin
//pingo:value io/fs.File Getter Streams io/fs.FileInfo
//pingo:value net.Addr io.Closer
type Store interface {
	File() (fs.File, error)
	Getter(g Getter) error
	Streams(s Streams) error
	Info() ([]fs.FileInfo, error)
	Keys(m map[net.Addr]int) error
	Close(c io.Closer) error
	Item(i Item) error
}

// Getter does more than report.
type Getter interface {
	Name() string
	With(ctx context.Context) string
	Nothing()
	Add(n int) (int, error)
}

// Streams reports what stays where it is.
type Streams interface {
	Func() func() error
	Chan() <-chan int
	Any() complexity
	Mutex() *unsendable
}

type complexity = uintptr

type unsendable struct{ p uintptr }

// Item is data.
//
//pingo:value
type Item struct{ A int }

// Alias stands for another.
//
//pingo:value
type Alias = fs.FileInfo

//pingo:value
//pingo:codec
//pingo:inout x
var x int

// Wrong is no contract.
//
//pingo:value io/fs.FileInfo
type Wrong interface{ Name() string }

// Method has the directive below.
type Method interface {
	//pingo:value
	Name() string
}

// pingo:value io/fs.FileInfo
// pingo:value is only prose, and so is this.

//pingo:value

// Fine is asked, and the error is data.
//
//pingo:value
type Fine interface {
	Parent() (Fine, error)
	Err() error
	Self() fs.FileInfo
}

//pingo:plugin
//pingo:value io/fs.FileInfo
type UsesFine interface {
	Fine(f Fine) error
}
