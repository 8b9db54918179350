package codec

import "slices"

// Coming home
//
// A message may mention what its receiver keeps: it comes home, and the receiver
// finds the original under its number. The original has to be there still when the
// message is decoded, while the sender lets go of it whenever it likes: by Close in
// another goroutine, or since the collector finds nobody who holds the proxy any
// more, which may be so as soon as the message is encoded. Its Release may be read
// long before an item of a stream, or a call, is decoded.
//
// So both sides count. Release says how often the number was sent home, and the
// receiver keeps the original until it has come home as often, in messages that were
// decoded or dropped. For that the number stands behind the message each time that
// it is mentioned, beside those of what is new.
// Nothing depends on the order of frames; nobody waits; and a stream that is read
// slowly holds up what comes home in it, and nothing else. (To keep all that is
// released until everything that came before is decoded would do so. To hold what
// comes home as soon as it arrives would have the reader look into streams.)
//
// The sender counts a message once it has left as a whole, since only then will
// the receiver do so too. A Release waits until that is known of each message that
// is on its way out.

// comesHome marks a number behind a message that the receiver keeps.
const comesHome = 1 << 63

// Home takes the mark off a number that stands behind a message: if it was there,
// this side keeps the number.
func Home(number uint64) (id uint64, home bool) {
	return number &^ comesHome, number&comesHome != 0
}

// mentions is what a message on its way out mentions.
type mentions struct {
	exports []uint64          // what the connection keeps for its sake
	homes   []*referenceState // what comes home with it
}

// numbers are those that stand behind the message.
func (m *mentions) numbers() []uint64 {
	if len(m.homes) == 0 {
		return m.exports
	}
	numbers := slices.Clone(m.exports)
	for _, s := range m.homes {
		numbers = append(numbers, s.id|comesHome)
	}
	return numbers
}

// sent is told that the message has left as a whole.
func (m *mentions) sent() {
	for _, s := range m.homes {
		s.left(true)
	}
	*m = mentions{}
}

// unsent is told that the message will not leave, or not as a whole.
func (m *mentions) unsent(p Peer) {
	for _, id := range m.exports {
		p.Unexport(id)
	}
	for _, s := range m.homes {
		s.left(false)
	}
	*m = mentions{}
}

// leave begins the way home in a message; false if the reference was released.
func (s *referenceState) leave() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.released.Load() {
		return false
	}
	s.leaving++
	return true
}

// left ends what leave began.
func (s *referenceState) left(sent bool) {
	s.mu.Lock()
	s.leaving--
	if sent {
		s.home++
	}
	last := s.leaving == 0 && s.released.Load()
	s.mu.Unlock()
	if last {
		s.peer.Release(s.id, s.home)
	}
}

// release is done once, and takes effect when nothing is leaving.
func (s *referenceState) release() {
	s.mu.Lock()
	last := !s.released.Swap(true) && s.leaving == 0
	s.mu.Unlock()
	if last {
		s.peer.Release(s.id, s.home)
	}
}
