package forward

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"flotilla.dev/agent/internal/pipe"
)

// tcpServer forwards connections: each goes to the instance that is best when it is made, and stays there.
type tcpServer struct {
	pool  *pool
	calls inFlight
	// Ends when the calls in flight are cut off.
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	listener net.Listener
}

func noTransport() *http.Transport { return nil }

func serveTCP(p *pool, _ *slog.Logger) server {
	ctx, cancel := context.WithCancel(context.Background())
	return &tcpServer{pool: p, ctx: ctx, cancel: cancel}
}

func (s *tcpServer) serve(listener net.Listener) {
	s.mu.Lock()
	s.listener = listener
	s.mu.Unlock()
	for {
		caller, err := listener.Accept()
		if err != nil {
			return
		}
		end := s.calls.begin()
		go func() {
			defer end()
			s.forward(caller)
		}()
	}
}

func (s *tcpServer) forward(caller net.Conn) {
	defer caller.Close()
	var callee net.Conn
	endpoint, err := s.pool.try(s.ctx, func(e *endpoint) (bool, error) {
		var err error
		if callee, err = dial(s.ctx, "tcp", e.address); err != nil {
			s.pool.eject(e, err)
		}
		return true, err
	})
	if err != nil {
		return
	}
	defer s.pool.release(endpoint)
	defer callee.Close()
	pipe.Both(s.ctx, caller, callee)
}

func (s *tcpServer) drain(ctx context.Context) {
	s.mu.Lock()
	if s.listener != nil {
		s.listener.Close()
	}
	s.mu.Unlock()
	s.calls.wait(ctx)
	s.cancel()
}
