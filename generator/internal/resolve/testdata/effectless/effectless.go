// Package effectless has directives that no contract comes to.
package effectless

import "net/url"

//pingo:plugin
type Store interface {
	Put(n int) error
}

// Own is not mentioned.
//
//pingo:value
type Own interface{ Name() string }

// Filler is not mentioned, either.
type Filler interface {
	//pingo:inout p
	Fill(p []int) error
}

//pingo:codec
func encodeURL(u url.URL) ([]byte, error) { return nil, nil }

//pingo:codec
func decodeURL([]byte) (url.URL, error) { return url.URL{}, nil }
