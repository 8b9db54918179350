package handshake

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersionText(t *testing.T) { require.Equal(t, strconv.Itoa(Version), VersionText) }
