package codec

import "maps"

// What a callee left in an argument that it fills has come back with the results,
// and belongs into the caller's. Nil came back if there was no reply, if the caller's
// was nil, or if the other side's version of the method does not fill the argument.

// FillSlice copies the elements that came back over those of dst.
func FillSlice[S ~[]E, E any](dst, back S) { copy(dst, back) }

// FillMap makes the entries of dst those that came back.
func FillMap[M ~map[K]V, K comparable, V any](dst, back M) {
	if dst == nil || back == nil {
		return
	}
	clear(dst)
	maps.Copy(dst, back)
}

// FillPointer assigns what came back to what dst points to.
func FillPointer[T any](dst, back *T) {
	if dst != nil && back != nil {
		*dst = *back
	}
}
