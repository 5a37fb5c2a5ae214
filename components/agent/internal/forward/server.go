package forward

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// server answers on one listener.
type server interface {
	serve(listener net.Listener)
	// drain closes the listener and returns when the calls in flight have ended, or cuts them off when ctx ends.
	drain(ctx context.Context)
}

// inFlight counts calls; unlike http.Server it also sees connections that were upgraded.
type inFlight struct {
	mu    sync.Mutex
	count int
}

func (f *inFlight) begin() (end func()) {
	f.add(1)
	return func() { f.add(-1) }
}

func (f *inFlight) add(difference int) {
	f.mu.Lock()
	f.count += difference
	f.mu.Unlock()
}

func (f *inFlight) none() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count == 0
}

// wait returns when there is no call or ctx ended.
func (f *inFlight) wait(ctx context.Context) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !f.none() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

type httpServer struct {
	calls *inFlight
	http  *http.Server
}

func (s *httpServer) serve(listener net.Listener) { _ = s.http.Serve(listener) }

func (s *httpServer) drain(ctx context.Context) {
	_ = s.http.Shutdown(ctx)
	s.calls.wait(ctx)
	_ = s.http.Close()
}
