package registry

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"flotilla.dev/agent/internal/cli"
)

// No call to the registry may hold anything up for longer.
const callTimeout = 2 * time.Second

// session keeps a client C connected to the registry: it opens one, again and again until that works, and anew when
// somebody discards it.
type session[C comparable] struct {
	open func(ctx context.Context) (C, error)
	shut func(client C)
	log  *slog.Logger
	// Ends with end.
	ctx    context.Context
	cancel context.CancelFunc

	mu sync.Mutex
	// The zero value while there is none; opened is closed when it is set.
	client C
	opened chan struct{}
}

func newSession[C comparable](open func(ctx context.Context) (C, error), shut func(client C), log *slog.Logger) *session[C] {
	ctx, cancel := context.WithCancel(context.Background())
	s := &session[C]{open: open, shut: shut, log: log, ctx: ctx, cancel: cancel, opened: make(chan struct{})}
	go s.connect()
	return s
}

// connect tries for ever: wrong passwords and missing files may be put right while the agent runs.
func (s *session[C]) connect() {
	wait := cli.Backoff{Min: 100 * time.Millisecond, Max: 2 * time.Second}
	for s.ctx.Err() == nil {
		client, err := s.open(s.ctx)
		if err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.client = client
			close(s.opened)
			return
		}
		if wait.Loud() {
			s.log.Warn("the registry does not let us in, trying again", "error", err.Error())
		}
		wait.Wait(s.ctx)
	}
}

// acquire returns the client as soon as there is one.
func (s *session[C]) acquire(ctx context.Context) (C, error) {
	var none C
	for {
		s.mu.Lock()
		client, opened := s.client, s.opened
		s.mu.Unlock()
		if client != none {
			return client, nil
		}
		select {
		case <-opened:
		case <-ctx.Done():
			return none, ctx.Err()
		case <-s.ctx.Done():
			return none, s.ctx.Err()
		}
	}
}

// discard opens a new client after a call of this one failed: what a registry that lost its data makes of an old token or
// session differs, but none of them lets it in again.
func (s *session[C]) discard(client C) {
	var none C
	s.mu.Lock()
	defer s.mu.Unlock()
	if client == none || s.client != client || s.ctx.Err() != nil {
		return
	}
	s.client, s.opened = none, make(chan struct{})
	go s.shut(client)
	go s.connect()
}

// end lets go of the client and does not wait for a registry that is away.
func (s *session[C]) end() {
	var none C
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != none {
		go s.shut(s.client)
	}
}
