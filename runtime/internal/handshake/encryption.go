package handshake

import (
	"errors"
	"net"
)

// Encrypter encrypts connections between two sides that have exchanged what Public returns.
type Encrypter interface {
	Public() []byte // this side's certificate
	Client(c net.Conn, peer []byte) net.Conn
	Server(c net.Conn, peer []byte) net.Conn
}

// NewEncrypter makes one for one connection. It is nil in programs without package
// pingotls, which is half as large as a small plugin.
var NewEncrypter func() (Encrypter, error)

// newEncrypter is NewEncrypter, or says how to get one.
func newEncrypter() (Encrypter, error) {
	if NewEncrypter == nil {
		return nil, errors.New(`Config.TLS needs import _ "github.com/pingogen/pingogen/runtime/pingotls", in the host and in the plugin`)
	}
	return NewEncrypter()
}
