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
	temporary += string(filepath.Separator)
	command := func(name string, args ...string) error { return command(temporary, name, args...) }
	bin := filepath.Join(temporary, "bin") + string(filepath.Separator)
	if err := command("go", "generate", example+"/..."); err != nil {
		return err
	}
	if err := command("go", "build", "-o", bin, example+"/host", example+"/cmd/hello-plugin"); err != nil {
		return err
	}
	for _, transport := range []string{"auto", "unix", "tcp"} {
		if err := command(bin+"host", "-transport", transport, bin+"hello-plugin"); err != nil {
			return err
		}
	}
	return nil
}

// command says what it runs, as one would write it in the directory that everything is built in, and runs it.
func command(dir, name string, args ...string) error {
	words := []string{"$"}
	for _, word := range append([]string{name}, args...) {
		words = append(words, filepath.ToSlash(strings.TrimPrefix(word, dir)))
	}
	fmt.Println(strings.Join(words, " "))
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
