// Package leftout has interfaces whose optional ones cannot travel, which a note says,
// with what to do.
package leftout

import "io/fs"

//pingo:plugin
//pingo:value io/fs.FileInfo
type Files = fs.FS

//pingo:plugin
//pingo:value io/fs.FileInfo
type Store interface {
	Open(name string) (fs.File, error)
	Sub() ([]fs.FS, error)
}

//pingo:plugin
//pingo:value io/fs.FileInfo io/fs.DirEntry
type Whole = fs.FS
