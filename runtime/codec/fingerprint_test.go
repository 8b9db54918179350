package codec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFingerprint(t *testing.T) {
	item := []Type{{Name: "Item", Definition: "struct{Key string}"}}
	base := Fingerprint("Put", "(item Item) ()", item)
	require.Equal(t, base, Fingerprint("Put", "(item Item) ()", item))
	for what, other := range map[string]uint64{
		"name":       Fingerprint("Get", "(item Item) ()", item),
		"signature":  Fingerprint("Put", "(item Item) (Item)", item),
		"types":      Fingerprint("Put", "(item Item) ()", nil),
		"definition": Fingerprint("Put", "(item Item) ()", []Type{{Name: "Item", Definition: "struct{Key int}"}}),
		"boundary":   Fingerprint("Put(", "item Item) ()", item),
	} {
		require.NotEqual(t, base, other, what)
	}
}
