// Package unreached has directives about what its contract does not mention.
package unreached

import "io/fs"

//pingo:plugin failure=zero
//pingo:value fs.DirEntry io/fs.FileInof
//pingo:value Own
//pingo:inout io.Reader.Read p
type Store interface {
	Entries() ([]fs.File, error)
}

//pingo:plugin failure=zero
//pingo:value fs.FileInfo
//pingo:inout io/fs.File.Reed 1
type Files interface {
	File() fs.File
}

//pingo:plugin
//pingo:value net.Addr
//pingo:inout net.Conn.Read b
type Nothing interface {
	Nothing() error
}

// Own is not mentioned.
type Own interface{ Name() string }
