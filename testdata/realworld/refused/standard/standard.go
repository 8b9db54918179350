// Package standard has interfaces of the standard library that cannot be
// served by a plugin, or not without saying more.
package standard

import (
	"container/heap"
	"context"
	"crypto"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"go/ast"
	"go/types"
	"image"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"reflect"
	"sort"
)

type (
	//pingo:plugin
	Stringer = fmt.Stringer // no error result
	//pingo:plugin
	Sort = sort.Interface // no error results
	//pingo:plugin failure=zero
	Heap = heap.Interface // any
	//pingo:plugin
	Conn = driver.Conn // interfaces as results
	//pingo:plugin
	Valuer = driver.Valuer // an interface as result
	//pingo:plugin
	Scanner = sql.Scanner // any
	//pingo:plugin
	StatFS = fs.StatFS // interfaces as results
	//pingo:plugin
	ReadDirFile = fs.ReadDirFile // interfaces as results, in slices
	//pingo:plugin
	Reader = io.Reader // fills its argument
	//pingo:plugin
	ReadWriteSeeker = io.ReadWriteSeeker // fills its argument
	//pingo:plugin
	ReaderFrom = io.ReaderFrom // a reader
	//pingo:plugin
	Handler = http.Handler // an interface, and a struct with functions
	//pingo:plugin
	RoundTripper = http.RoundTripper // structs with functions and channels
	//pingo:plugin
	LogHandler = slog.Handler // a struct with unexported fields
	//pingo:plugin
	NetConn = net.Conn // interfaces as results
	//pingo:plugin
	Signer = crypto.Signer // any
	//pingo:plugin failure=zero
	Context = context.Context // a channel
	//pingo:plugin
	Signal = os.Signal // no error results
	//pingo:plugin
	Node = ast.Node // no error results
	//pingo:plugin
	Importer = types.Importer // a struct with unexported fields
	//pingo:plugin failure=zero
	Type = reflect.Type // unexported methods
	//pingo:plugin failure=zero
	Image = image.Image // interfaces as results
)
