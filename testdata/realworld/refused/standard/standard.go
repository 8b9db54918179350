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
	Conn = driver.Conn // any, in results of results
	//pingo:plugin
	Valuer = driver.Valuer // any
	//pingo:plugin
	Scanner = sql.Scanner // any
	//pingo:plugin
	StatFS = fs.StatFS // no error results in fs.FileInfo
	//pingo:plugin
	ReadDirFile = fs.ReadDirFile // no error results in fs.DirEntry
	//pingo:plugin
	Handler = http.Handler // no error results, and a struct with unexported fields
	//pingo:plugin
	RoundTripper = http.RoundTripper // structs with unexported fields
	//pingo:plugin
	LogHandler = slog.Handler // a struct with unexported fields
	//pingo:plugin
	NetConn = net.Conn // no error results in net.Addr
	//pingo:plugin
	Signer = crypto.Signer // any
	//pingo:plugin failure=zero
	Context = context.Context // any
	//pingo:plugin
	Signal = os.Signal // no error results
	//pingo:plugin
	Node = ast.Node // no error results
	//pingo:plugin
	Importer = types.Importer // a struct with unexported fields
	//pingo:plugin failure=zero
	Type = reflect.Type // unexported methods
)
