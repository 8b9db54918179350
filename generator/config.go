package generator

// DefaultOutput is the name of the file that holds a package's generated code.
const DefaultOutput = "pingo_gen.go"

// Config says what to generate. The zero value generates for the package in the
// current directory.
type Config struct {
	// Dir is the directory in which the go command runs, and to which patterns
	// are relative. Empty means the current one.
	Dir string

	// Patterns are packages as the go command takes them. None means ".".
	Patterns []string

	// Output is the name of the file to generate in each package. Empty means
	// DefaultOutput.
	Output string

	// Types are the names of interfaces to generate for although they carry no
	// directive. They must be declared in one of the packages.
	Types []string

	// Tags are build tags, separated by commas, for the go command.
	Tags string

	// Env is the environment of the go command. Nil means that of this process.
	Env []string
}

// output returns the name of the output file.
func (c *Config) output() string {
	if c.Output == "" {
		return DefaultOutput
	}
	return c.Output
}
