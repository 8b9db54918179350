package codec_test

import (
	"errors"
	"fmt"

	"github.com/pingogen/pingogen/runtime/codec"
)

// A variable of a package that has no contract, registered by hand in both programs.
func ExampleRegisterErrors() {
	errFull := errors.New("the disk is full")
	codec.RegisterErrors("example.com/disk", codec.ErrorVar("ErrFull", errFull))

	var e codec.Encoder
	e.Error(fmt.Errorf("saving: %w", errFull))
	var d codec.Decoder
	d.Reset(e.Buffer(), true)
	err := d.Error()

	fmt.Println(err)
	fmt.Println(errors.Is(err, errFull))
	// Output:
	// saving: the disk is full
	// true
}
