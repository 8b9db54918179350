// Package pairs has functions that are no pairs.
package pairs

import (
	"context"
	"io"
	"net/url"
	"sync"
)

//pingo:plugin
type Store interface {
	Put(u url.URL, p *url.Userinfo, k map[Key]int, l struct{ Locked Locked }, a *[2]Locked) error
}

//pingo:codec
func encodeURL(url.URL) ([]byte, error) { return nil, nil }

//pingo:codec
func DecodeUser(b []byte) (*url.Userinfo, error) { return nil, nil }

// Key cannot be compared.
type Key struct{ parts []string }

//pingo:codec
func encodeKey(Key) ([]byte, error) { return nil, nil }

//pingo:codec
func decodeKey(b []byte) (Key, error) { return Key{}, nil }

//pingo:codec
func parseKey(b []byte) (Key, error) { return Key{}, nil }

// Locked has to stay where it is.
type Locked struct{ mu sync.Mutex }

//pingo:codec
func encodeLocked(*Locked) ([]byte, error) { return nil, nil }

//pingo:codec
func decodeLocked(b []byte) (*Locked, error) { return nil, nil }

// Copied has to, too.
type Copied struct{ mu sync.Mutex }

//pingo:codec
func encodeCopied(c Copied) ([]byte, error) { return nil, nil }

// Mixed is by value and by pointer.
type Mixed struct{ n int }

//pingo:codec
func encodeMixed(m Mixed) ([]byte, error) { return nil, nil }

//pingo:codec
func decodeMixed(b []byte) (*Mixed, error) { return nil, nil }

//pingo:codec
func (m Mixed) MarshalMixed() ([]byte, error) { return nil, nil }

//pingo:codec
func generic[T any](t T) ([]byte, error) { return nil, nil }

//pingo:codec url.URL
func args(u url.URL) ([]byte, error) { return nil, nil }

//pingo:codec
func noError(u url.URL) []byte { return nil }

//pingo:codec
func twoParams(u url.URL, n int) ([]byte, error) { return nil, nil }

//pingo:codec
func text(u url.URL) (string, error) { return "", nil }

//pingo:codec
func literal(u []string) ([]byte, error) { return nil, nil }

//pingo:codec
func basic(u string) ([]byte, error) { return nil, nil }

//pingo:codec
func failure(u error) ([]byte, error) { return nil, nil }

//pingo:codec
func contexts(u context.Context) ([]byte, error) { return nil, nil }

//pingo:codec
func pointer(u *io.Reader) ([]byte, error) { return nil, nil }

//pingo:codec
func pointers(u **url.URL) ([]byte, error) { return nil, nil }

//pingo:codec
func unknown(u url.Unknown) ([]byte, error) { return nil, nil }

//pingo:codec
func _(u url.URL) ([]byte, error) { return nil, nil }

//pingo:codec
//pingo:codec
func encodeTwice(url.Error) ([]byte, error) { return nil, nil }

//pingo:codec
type T int

//pingo:plugin
type J interface {
	//pingo:codec
	Do() error
}
