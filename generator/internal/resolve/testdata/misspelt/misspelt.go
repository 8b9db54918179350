// Package misspelt has directives and names that are nearly right: what was meant is
// proposed, and taken for what is there, so that nothing is told that follows from the mistake.
package misspelt

import "io/fs"

//pingo:plugin
//pingo:valu io/fs.FileInfo
type Verb interface{ Get() (fs.FileInfo, error) }

//pingo:plugin
//pingo:value io/fs.FileInf
type Value interface{ Get() (fs.FileInfo, error) }

//pingo:plugin
//pingo:value fs.FileInfo
//pingo:value Infos
//pingo:value io/f.File
//pingo:value far/away.Nothing
//pingo:inout io/fs.File.Clos dest
//pingo:optionl
type Others interface {
	Get() (fs.FileInfo, Info, error)
	File() (fs.File, error)

	//pingo:timeot 5s
	Wait() error
	//pingo:inout des
	Read(dest []int) error
}

type Info interface{ Name() string }

//pingo:plugin
type Undefined interface {
	Missing
	A(Missing2) error
	B() (Missing3, Missing4, error)
}

//pingo:plugin
//pingo:value FileInfo
type Right interface {
	Other() (fs.FileInfo, FileInfo, error)
}

// FileInfo is not the one of io/fs.
type FileInfo interface{ Name() string }
