package transport

// MaxFiles is how many descriptors go along with one write at most.
const MaxFiles = 64

// Passer is a Stream over which descriptors may go along with bytes. What goes along is
// there, at the other end, no later than the first byte of the write.
type Passer interface {
	Stream
	// CanPass is nil if descriptors can go along, and otherwise says why they cannot.
	CanPass() error
	// TryWrite writes what the system takes at once, which may be nothing.
	TryWrite(p []byte) (int, error)
	// TryWriteFiles is TryWrite with descriptors, which stay the caller's. They have
	// left if anything was written.
	TryWriteFiles(p []byte, files []int) (int, error)
	// WriteFiles is Write with descriptors, which stay the caller's.
	WriteFiles(p []byte, files []int) (int, error)
	// Received returns what came along with the last read, and belongs to the caller
	// from then on. It is for the one who reads.
	Received() Received
}

// Received is what came along with a read.
type Received struct {
	Files []int // descriptors of this process
	Cut   bool  // there were more than MaxFiles, or more than this process may have open
}

// CanPass is nil if descriptors can go along with the bytes of a stream, and
// otherwise says why they cannot.
func CanPass(s Stream) error {
	if p, ok := s.(Passer); ok {
		return p.CanPass()
	}
	return errNoRights
}
