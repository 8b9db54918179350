package generator

import (
	"testing"

	_ "github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

func TestPackage(t *testing.T) { require.True(t, true) }
