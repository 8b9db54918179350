package transport

// closed is added to the count of users of a descriptor, or of memory, by Close: the last of them lets go of it.
const closed = 1 << 32

// pollFd is struct pollfd.
type pollFd struct {
	fd      int32
	events  int16
	revents int16
}

const (
	pollIn    = 0x1
	pollRdhup = 0x2000 // the peer has closed its end, whatever it sent before
)
