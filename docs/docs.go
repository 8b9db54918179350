// Package docs holds the pages that programs print parts of.
package docs

import _ "embed"

// Diagnostics is diagnostics.md.
//
//go:embed diagnostics.md
var Diagnostics string

// Address is where the pages are for who has only a program.
const Address = "https://github.com/pingogen/pingogen/blob/main/docs/"
