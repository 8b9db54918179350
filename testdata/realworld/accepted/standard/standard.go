// Package standard has interfaces of the standard library that can be served
// by a plugin.
package standard

import (
	"container/heap"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"expvar"
	"flag"
	"fmt"
	"hash"
	"image"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http/cookiejar"
	"net/smtp"
	"sort"
	"sync"
)

type (
	//pingo:plugin
	BinaryMarshaler = encoding.BinaryMarshaler
	//pingo:plugin
	BinaryUnmarshaler = encoding.BinaryUnmarshaler
	//pingo:plugin
	BinaryAppender = encoding.BinaryAppender
	//pingo:plugin
	TextMarshaler = encoding.TextMarshaler
	//pingo:plugin
	GobEncoder = gob.GobEncoder
	//pingo:plugin
	JSON = json.Marshaler
	//pingo:plugin
	Token = json.Token // any
	//pingo:plugin
	Pinger = driver.Pinger
	//pingo:plugin
	Closer = io.Closer
	//pingo:plugin
	WriteSeeker = io.WriteSeeker
	//pingo:plugin
	StringWriter = io.StringWriter
	//pingo:plugin
	ByteScanner = io.ByteScanner
	//pingo:plugin
	Auth = smtp.Auth
	//pingo:plugin failure=zero
	State = fmt.State
	//pingo:plugin failure=panic
	Stringer = fmt.Stringer
	//pingo:plugin failure=panic
	Sort = sort.Interface
	//pingo:plugin failure=zero
	Locker = sync.Locker
	//pingo:plugin failure=zero
	Var = expvar.Var
	//pingo:plugin failure=zero
	FlagValue = flag.Value
	//pingo:plugin failure=zero
	Hash32 = hash.Hash32
	//pingo:plugin failure=zero
	Addr = net.Addr
	//pingo:plugin failure=zero
	PublicSuffixList = cookiejar.PublicSuffixList
	//pingo:plugin
	Reader = io.Reader // calls, one for each Read
	//pingo:plugin
	ReadWriteSeeker = io.ReadWriteSeeker
	//pingo:plugin
	ReaderFrom = io.ReaderFrom // a reader by reference
	//pingo:plugin
	WriterTo = io.WriterTo
	//pingo:plugin failure=zero
	FS = fs.FS // interfaces as results, and those of their methods
	//pingo:plugin failure=zero
	StatFS = fs.StatFS
	//pingo:plugin failure=panic
	ReadDirFile = fs.ReadDirFile // interfaces in a slice
	//pingo:plugin failure=zero
	NetConn = net.Conn
	//pingo:plugin failure=zero
	Listener = net.Listener
	//pingo:plugin failure=zero
	Image = image.Image
	//pingo:plugin failure=zero
	Heap = heap.Interface // any
	//pingo:plugin
	Valuer = driver.Valuer // another name of any
	//pingo:plugin
	Scanner = sql.Scanner
	//pingo:plugin failure=zero
	Conn = driver.Conn // any, in results of results
	//pingo:plugin failure=zero
	LogHandler = slog.Handler
	//pingo:plugin failure=zero
	Context = context.Context
)

// Named has an underlying type from elsewhere.
//
//pingo:plugin
type Named io.WriterAt

// Embedding has methods of two packages, and one of its own.
//
//pingo:plugin
type Embedding interface {
	driver.Pinger
	io.Closer
	encoding.TextMarshaler
	Own(ctx context.Context, mode fs.FileMode) (fs.FileMode, error)
}
