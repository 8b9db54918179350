package pingo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
)

// Why a host has ended a plugin that lived, for errors.Is on a CrashError.
var (
	// ErrWedged: it gave no sign of life.
	ErrWedged = errors.New("the plugin gives no sign of life")
	// ErrUnhealthy: its own Health method said so. The method's error is in the same CrashError.
	ErrUnhealthy = errors.New("the plugin is not well")
)

// probe asks the plugin for signs of life as long as the session lasts.
func (s *session) probe() {
	cfg := &s.plugin.cfg
	if cfg.ProbeInterval < 0 {
		return
	}
	ticks := time.NewTicker(cfg.ProbeInterval)
	defer ticks.Stop()
	unwell := 0
	for {
		select {
		case <-ticks.C:
		case <-s.conn.Done():
			return
		}
		if n := s.conn.Unanswered(); n >= cfg.ProbeMisses {
			s.conn.Close(fmt.Errorf("%w: it has left %d probes unanswered, %v apart", ErrWedged, n, cfg.ProbeInterval))
			return
		}
		s.conn.Ping()
		err := s.checkHealth(cfg.ProbeInterval)
		if unwell++; err == nil {
			unwell = 0
		}
		if unwell >= cfg.ProbeMisses {
			s.conn.Close(fmt.Errorf("%w, as it has said %d times, %v apart: %w", ErrUnhealthy, unwell, cfg.ProbeInterval, err))
			return
		}
	}
}

// checkHealth asks for the implementations' own opinion, if they have one.
func (s *session) checkHealth(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return s.health(ctx)
}

// health returns what the implementations' Health methods do; nil also if the
// question did not get there, which says nothing of them.
func (s *session) health(ctx context.Context) error {
	if contractNamed(s.peer.Contracts, healthContract.Name) == nil {
		return nil
	}
	fate, err := s.conn.Call(ctx, healthContract.Name+".Health", false, &codec.Nothing{}, &codec.Nothing{})
	if s.conn.Err() != nil || fate == conn.NotDelivered {
		return nil
	}
	return err
}

// healthContract is what a plugin serves beside its own contracts if an
// implementation tells how it is.
var healthContract = codec.Contract{Name: "PingoHealth", Methods: codec.MethodsNamed("Health")}

// healthService asks all implementations that have something to say.
func healthService(opinions []codec.Opinion) *codec.Service {
	return &codec.Service{Contract: &healthContract, Handlers: []codec.Handler{
		func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			if err := dec.Message(&codec.Nothing{}); err != nil {
				return err
			}
			var errs []error
			for _, o := range opinions {
				errs = append(errs, o.Health(ctx))
			}
			return errors.Join(errs...)
		},
	}}
}
