package codec

import (
	"crypto/sha256"
	"encoding/binary"
)

// Fingerprint returns a Method's fingerprint: the first 8 bytes, big-endian, of
// SHA-256 over its name, its signature, and the names and definitions of the
// types that it reaches, in the order of types, each followed by a zero byte.
func Fingerprint(name, signature string, types []Type) uint64 {
	text := append([]byte(name), 0)
	text = append(append(text, signature...), 0)
	for _, t := range types {
		text = append(append(text, t.Name...), 0)
		text = append(append(text, t.Definition...), 0)
	}
	sum := sha256.Sum256(text)
	return binary.BigEndian.Uint64(sum[:8])
}
