//go:build !unix

package codec

import "errors"

func duplicate(descriptor) (int, error) { return -1, errors.ErrUnsupported }

func closeDescriptor(int) {}
