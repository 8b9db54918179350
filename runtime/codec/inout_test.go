package codec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFillSlice(t *testing.T) {
	dst := make([]int, 2, 3)
	FillSlice(dst, []int{1, 2, 3})
	require.Equal(t, []int{1, 2, 0}, dst[:3], "what lies beyond the length is the caller's")
	FillSlice(dst, nil)
	FillSlice(dst, []int{5})
	require.Equal(t, []int{5, 2}, dst)
	FillSlice(nil, []int{1})
}

func TestFillMap(t *testing.T) {
	dst := map[string]int{"gone": 1, "kept": 2}
	FillMap(dst, nil)
	require.Len(t, dst, 2)
	FillMap(dst, map[string]int{"kept": 3, "new": 4})
	require.Equal(t, map[string]int{"kept": 3, "new": 4}, dst)
	FillMap(dst, map[string]int{})
	require.Empty(t, dst)
	FillMap(nil, map[string]int{"new": 4})
}

func TestFillPointer(t *testing.T) {
	dst, back := 1, 2
	FillPointer(&dst, nil)
	require.Equal(t, 1, dst)
	FillPointer(&dst, &back)
	require.Equal(t, 2, dst)
	FillPointer(nil, &back)
}
