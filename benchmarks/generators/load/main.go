// Load is the floor of a generator: it loads the packages in the directory that
// it runs in, with syntax and types, and does nothing with them.
package main

import (
	"log"

	"golang.org/x/tools/go/packages"
)

func main() {
	found, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, "./...")
	if err != nil {
		log.Fatal(err)
	}
	if packages.PrintErrors(found) > 0 {
		log.Fatal("the packages have errors")
	}
}
