package handshake

import (
	"crypto/rand"

	"github.com/pingogen/pingogen/runtime/codec"
)

// How the plugin finds what it inherited.
const (
	envTransport = "PINGO_TRANSPORT" // auto, unix or tcp
	envFiles     = "PINGO_FILES"     // descriptors or handles, separated by commas
	envMemory    = "PINGO_MEMORY"    // the descriptor of shared memory, if there is some
)

// secret is 32 random bytes that one side knows and the other has to show.
type secret [32]byte

func newSecret() (s secret) {
	_, _ = rand.Read(s[:]) // never fails
	return s
}

// offer is what the host sends on the control stream.
type offer struct {
	key     secret   // what the host will show when it connects
	address string   // where to listen with unix; "" with tcp
	cleanup []string // what the plugin removes, in this order, if the host is gone
	user    int      // whom the host runs as; -1 where there are no numbers
	public  []byte   // the host's certificate; none without encryption
}

func (o *offer) Encode(e *codec.Encoder) {
	e.ByteArray(o.key[:])
	e.String(o.address)
	codec.EncodeSlice(e, o.cleanup, (*codec.Encoder).String)
	e.Int(o.user)
	e.Bytes(o.public)
}

func (o *offer) Decode(d *codec.Decoder) {
	d.ByteArray(o.key[:])
	o.address = d.String()
	o.cleanup = codec.DecodeSlice(d, (*codec.Decoder).String)
	o.user = d.Int()
	o.public = d.Bytes()
}

// announcement is what the plugin answers. The host knows where the socket of
// unix is, and dials nothing but a port on the loopback interface with tcp.
type announcement struct {
	key     secret // what the plugin will show to the host
	port    uint16 // with tcp
	problem string // why the plugin cannot listen; "" if it does
	public  []byte // its certificate; none without encryption
}

func (a *announcement) Encode(e *codec.Encoder) {
	e.ByteArray(a.key[:])
	e.Uint16(a.port)
	e.String(a.problem)
	e.Bytes(a.public)
}

func (a *announcement) Decode(d *codec.Decoder) {
	d.ByteArray(a.key[:])
	a.port = d.Uint16()
	a.problem = d.String()
	a.public = d.Bytes()
}
