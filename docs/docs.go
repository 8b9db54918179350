// Package docs holds the pages that programs print parts of.
package docs

import _ "embed"

// Diagnostics is diagnostics.md.
//
//go:embed diagnostics.md
var Diagnostics string
