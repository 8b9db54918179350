// Greeter runs the example of the README from the start: it generates the
// code, builds the host and the plugin, and runs them over each transport.
//
//	go run ./examples/greeter
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const example = "github.com/pingogen/pingogen/examples/greeter"

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	temporary, err := os.MkdirTemp("", "greeter")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	bin := filepath.Join(temporary, "bin")
	if err := os.Mkdir(bin, 0o777); err != nil {
		return err
	}
	if err := command("go", "generate", example+"/..."); err != nil {
		return err
	}
	if err := command("go", "build", "-o", bin, example+"/host", example+"/cmd/hello-plugin"); err != nil {
		return err
	}
	for _, transport := range []string{"auto", "unix", "tcp"} {
		err := command(filepath.Join(bin, "host"), "-transport", transport, filepath.Join(bin, "hello-plugin"))
		if err != nil {
			return err
		}
	}
	return nil
}

// command says what it runs, without the directories of files, and runs it.
func command(name string, args ...string) error {
	words := []string{"$"}
	for _, word := range append([]string{name}, args...) {
		if filepath.IsAbs(word) {
			word = filepath.Base(word)
		}
		words = append(words, word)
	}
	fmt.Println(strings.Join(words, " "))
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
