package executable

import (
	"os"
	"testing"
)

func requireMode(*testing.T, string, os.FileMode) {}
