package transport

// CanPass implements Passer.
func (s *netStream) CanPass() error {
	if s.rights == nil {
		return errNoRights
	}
	return nil
}

// Received implements Passer.
func (s *netStream) Received() (got Received) {
	if s.rights != nil {
		got, s.rights.received = s.rights.received, got
	}
	return got
}

// TryWriteFiles implements Passer.
func (s *netStream) TryWriteFiles(p []byte, files []int) (int, error) {
	if s.rights == nil {
		return 0, errNoRights
	}
	release()
	return s.rights.tryWrite(p, files)
}

// WriteFiles implements Passer.
func (s *netStream) WriteFiles(p []byte, files []int) (int, error) {
	if s.rights == nil {
		return 0, errNoRights
	}
	release()
	n, err := s.rights.write(p, files)
	if err != nil || n == len(p) {
		return n, err
	}
	rest, err := s.Write(p[n:])
	return n + rest, err
}
