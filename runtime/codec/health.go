package codec

import "context"

// Opinion is what an implementation may have to say of itself: the host ends a
// plugin whose Health returns an error again and again. See pingo.Config.ProbeInterval.
type Opinion interface {
	Health(ctx context.Context) error
}

// WithHealth takes note of the Health method of an implementation, if it has one, and of whether there is any.
func (s *Service) WithHealth(impl any) *Service {
	s.health, _ = impl.(Opinion)
	s.missing = impl == nil
	return s
}

// Missing tells whether nil was passed for the implementation.
func (s *Service) Missing() bool { return s.missing }

// Health is the implementation that WithHealth found a Health method of, or nil.
func (s *Service) Health() Opinion { return s.health }
