package process

// Sandbox lists what a process may reach, with what it starts. It may reach nothing else, but
// for its own executable.
type Sandbox struct {
	Read, Write, Execute []string // files, and directories with all that is in them
	Connect, Bind        []uint16 // TCP ports
	UnixSockets          bool     // whether it may make any
}
