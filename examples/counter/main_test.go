package main

import (
	"testing"

	"github.com/pingogen/pingogen/examples/internal/endtoend"
)

func TestOutput(t *testing.T) { endtoend.Run(t) }
