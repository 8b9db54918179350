//go:build !never

package pairs

import "net/url"

//pingo:codec
func encodeValues(url.Values) ([]byte, error) { return nil, nil }

//pingo:codec
func decodeValues([]byte) (url.Values, error) { return nil, nil }
