package tool_test

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program that can ask a type for a method by its name has all methods of all types. Plugins with
// generated code only cannot.
func TestPluginsHaveNoMethodsThatNobodyCalls(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("programs are tried under another system than the one with go")
	}
	has := func(name, symbol string) bool {
		list, err := exec.Command("go", "tool", "nm", binary(name)).Output()
		require.NoError(t, err)
		return strings.Contains(string(list), " "+symbol+"\n")
	}
	const nobodyCalls = "time.Time.ISOWeek"
	require.False(t, has("hello", nobodyCalls))
	require.False(t, has("kv", nobodyCalls))
	require.False(t, has("words", nobodyCalls))
	require.True(t, has("original", nobodyCalls), "its methods are called by their names")
}
