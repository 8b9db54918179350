package generator

// MainConfig says which plugin main to generate.
type MainConfig struct {
	// Config says where the package of the constructor is. Its Output and Types
	// are not used.
	Config

	// MainDir is the directory of the main package, relative to the package of the
	// constructor. It is made if it is missing.
	MainDir string

	// Serves are the names of the contracts to serve. None means all that the
	// results of the package's constructors implement.
	Serves []string
}

// GenerateMain makes the main.go of a plugin.
func GenerateMain(cfg MainConfig) (*Result, error) {
	return &Result{}, nil
}
