package codec

import (
	"net"
	"net/url"
)

func knowNet() {
	know("net",
		ErrorVar("ErrClosed", net.ErrClosed),
		ErrorVar("ErrWriteToConnected", net.ErrWriteToConnected),
		ErrorPointer("AddrError", firstFormat, encodeAddrError, decodeAddrError),
		ErrorPointer("DNSError", firstFormat, encodeDNSError, decodeDNSError),
		ErrorPointer("OpError", firstFormat, encodeOpError, decodeOpError),
		ErrorPointer("ParseError", firstFormat, encodeNetParseError, decodeNetParseError),
		ErrorValue("InvalidAddrError", firstFormat, encodeText[net.InvalidAddrError], decodeText[net.InvalidAddrError]),
		ErrorValue("UnknownNetworkError", firstFormat, encodeText[net.UnknownNetworkError], decodeText[net.UnknownNetworkError]))
	know("net/url",
		ErrorPointer("Error", firstFormat, encodeURLError, decodeURLError),
		ErrorValue("EscapeError", firstFormat, encodeText[url.EscapeError], decodeText[url.EscapeError]),
		ErrorValue("InvalidHostError", firstFormat, encodeText[url.InvalidHostError], decodeText[url.InvalidHostError]))
}

func encodeText[T ~string](e *Encoder, v T) { e.String(string(v)) }
func decodeText[T ~string](d *Decoder) T    { return T(d.String()) }

func encodeAddrError(e *Encoder, v net.AddrError) {
	e.strings(v.Err, v.Addr)
}

func decodeAddrError(d *Decoder) net.AddrError {
	return net.AddrError{Err: d.String(), Addr: d.String()}
}

func encodeDNSError(e *Encoder, v net.DNSError) {
	e.Error(v.UnwrapErr)
	e.strings(v.Err, v.Name, v.Server)
	e.Bool(v.IsTimeout)
	e.Bool(v.IsTemporary)
	e.Bool(v.IsNotFound)
}

func decodeDNSError(d *Decoder) net.DNSError {
	return net.DNSError{
		UnwrapErr: d.Error(), Err: d.String(), Name: d.String(), Server: d.String(),
		IsTimeout: d.Bool(), IsTemporary: d.Bool(), IsNotFound: d.Bool(),
	}
}

func encodeOpError(e *Encoder, v net.OpError) {
	e.strings(v.Op, v.Net)
	encodeAddr(e, v.Source)
	encodeAddr(e, v.Addr)
	e.Error(v.Err)
}

func decodeOpError(d *Decoder) net.OpError {
	return net.OpError{Op: d.String(), Net: d.String(), Source: decodeAddr(d), Addr: decodeAddr(d), Err: d.Error()}
}

func encodeNetParseError(e *Encoder, v net.ParseError) {
	e.strings(v.Type, v.Text)
}

func decodeNetParseError(d *Decoder) net.ParseError {
	return net.ParseError{Type: d.String(), Text: d.String()}
}

func encodeURLError(e *Encoder, v url.Error) {
	e.strings(v.Op, v.URL)
	e.Error(v.Err)
}

func decodeURLError(d *Decoder) url.Error {
	return url.Error{Op: d.String(), URL: d.String(), Err: d.Error()}
}

// remoteAddr is an address of the other side, of any kind.
type remoteAddr struct{ network, text string }

func (a *remoteAddr) Network() string { return a.network }
func (a *remoteAddr) String() string  { return a.text }

func encodeAddr(e *Encoder, v net.Addr) {
	e.Bool(v != nil)
	if v != nil {
		e.String(v.Network())
		e.String(v.String())
	}
}

func decodeAddr(d *Decoder) net.Addr {
	if !d.Bool() {
		return nil
	}
	return &remoteAddr{network: d.String(), text: d.String()}
}
