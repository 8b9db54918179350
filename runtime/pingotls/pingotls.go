// Package pingotls lets hosts and plugins encrypt the connections of the transport tcp:
//
//	import _ "github.com/pingogen/pingogen/runtime/pingotls"
//
// in both, and Config.TLS in the host. It is a package of its own because crypto/tls makes
// a small plugin half as large again.
//
// Each side makes a key and a certificate for one connection, and tells the other its
// certificate on the stream that only the two of them have. Each accepts that
// certificate and no other.
package pingotls

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/handshake"
)

func init() {
	handshake.NewEncrypter = func() (handshake.Encrypter, error) { return newEncrypter() }
}

// encrypter is one side's key and certificate.
type encrypter struct{ own tls.Certificate }

func newEncrypter() (*encrypter, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)} // nobody looks at it
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &encrypter{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}, nil
}

// Public implements handshake.Encrypter.
func (e *encrypter) Public() []byte { return e.own.Certificate[0] }

// Client implements handshake.Encrypter.
func (e *encrypter) Client(c net.Conn, peer []byte) net.Conn { return tls.Client(c, e.config(peer)) }

// Server implements handshake.Encrypter.
func (e *encrypter) Server(c net.Conn, peer []byte) net.Conn { return tls.Server(c, e.config(peer)) }

var errStranger = errors.New("who answered has another certificate than was agreed on")

// config accepts exactly one peer. Names, dates and authorities say nothing here.
func (e *encrypter) config(peer []byte) *tls.Config {
	return &tls.Config{
		MinVersion:                  tls.VersionTLS13,
		Certificates:                []tls.Certificate{e.own},
		ClientAuth:                  tls.RequireAnyClientCert,
		InsecureSkipVerify:          true, // instead of what it skips, VerifyConnection compares the certificate itself
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || !bytes.Equal(s.PeerCertificates[0].Raw, peer) {
				return errStranger
			}
			return nil
		},
	}
}
