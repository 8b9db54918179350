package emit

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/model"
)

func TestErrors(t *testing.T) {
	p := greeter()
	require.Nil(t, newFile(p).errors(), "no init without errors")

	locked, code := *itemType, *intType
	locked.Name, locked.NoCopy = "LockedError", true
	code.Name, code.Package = "Code", p.Path
	p.ErrorVars = []string{"ErrAway", "ErrNobody"}
	p.ErrorTypes = []*model.ErrorType{
		{Type: &code},
		{Type: itemType, Pointer: true},
		{Type: &locked, Pointer: true},
	}
	f := newFile(p)
	equal(t, f, f.errors(), fmt.Sprintf(`
// The errors of this package keep their identity on the other side of a call.
func init() {
	codec.RegisterErrors("example.com/greeter",
		codec.ErrorVar("ErrAway", ErrAway),
		codec.ErrorVar("ErrNobody", ErrNobody),
		codec.ErrorValue("Code", %#016x, encodeCode, decodeCode),
		codec.ErrorReference("Item", %#016x, encodeItem, decodeItem),
		codec.ErrorReference("LockedError", %#016x, encodeLockedError, decodeLockedError),
	)
}`, f.fingerprint(&code), f.fingerprint(itemType), f.fingerprint(&locked)))
	require.NotEqual(t, f.fingerprint(itemType), f.fingerprint(&locked))
	require.Len(t, f.order, 3, "it asks for their functions")
}
