// Package standard has interfaces of the standard library that cannot be
// served by a plugin, or not without saying more.
package standard

import (
	"crypto"
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
	//pingo:plugin
	Conn = driver.Conn // no error results, in results of results
	//pingo:plugin
	StatFS = fs.StatFS // no error results in fs.FileInfo
	//pingo:plugin
	ReadDirFile = fs.ReadDirFile // no error results in fs.DirEntry
	//pingo:plugin
	Handler = http.Handler // no error results, and a struct with unexported fields
	//pingo:plugin
	RoundTripper = http.RoundTripper // structs with unexported fields
	//pingo:plugin
	LogHandler = slog.Handler // no error results
	//pingo:plugin
	NetConn = net.Conn // no error results in net.Addr
	//pingo:plugin
	Signer = crypto.Signer // no error results
	//pingo:plugin
	Signal = os.Signal // no error results
	//pingo:plugin
	Node = ast.Node // no error results
	//pingo:plugin
	Importer = types.Importer // a struct with unexported fields
	//pingo:plugin failure=zero
	Type = reflect.Type // unexported methods
)
