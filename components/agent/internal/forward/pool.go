package forward

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"flotilla.dev/agent/internal/registry"
)

const (
	dialTimeout = time.Second
	// How long an instance that could not be reached is left alone.
	ejection = 3 * time.Second
	// How long a call waits for an instance that can be reached.
	patience = 2 * time.Second
	// Between two rounds over instances that could not be reached.
	roundPause = 100 * time.Millisecond
)

var errNoInstance = errors.New("no instance could be reached")

// endpoint is one port of one instance.
type endpoint struct {
	id, address string
	weight      int
	transport   *http.Transport // nil for tcp

	// Guarded by the pool.
	active       int
	ejectedUntil time.Time
	// Grows by its weight with each choice, and shrinks by all weights when it is chosen: who waited most is next.
	due int
}

// busier compares the requests in flight for each unit of weight.
func (e *endpoint) busier(other *endpoint) int {
	return e.active*other.weight - other.active*e.weight
}

// pool balances over the endpoints of one service: least requests in flight for their weight, in turn among equals.
type pool struct {
	service, port string
	newTransport  func() *http.Transport
	log           *slog.Logger

	mu        sync.Mutex
	endpoints []*endpoint
	// Closed and replaced when endpoints arrive.
	arrival    chan struct{}
	lastLogged time.Time
}

func newPool(service, port string, newTransport func() *http.Transport, log *slog.Logger) *pool {
	return &pool{
		service: service, port: port, newTransport: newTransport, arrival: make(chan struct{}),
		log: log.With("service", service),
	}
}

// update takes over the live instances. Those that left get no new call, and their idle connections are closed.
func (p *pool) update(instances []registry.Instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := map[string]*endpoint{}
	for _, known := range p.endpoints {
		left[known.id] = known
	}
	current := make([]*endpoint, 0, len(instances))
	arrived := false
	for _, instance := range instances {
		port, found := instance.PortNamed(p.port)
		if !found {
			p.log.Warn("an instance has no such port, ignored", "instance", instance.Instance, "port", p.port)
			continue
		}
		address := net.JoinHostPort(instance.Address, strconv.Itoa(port.Port))
		id := instance.Instance + "@" + address
		if known := left[id]; known != nil {
			delete(left, id)
			known.weight = instance.Weight()
			current = append(current, known)
			continue
		}
		arrived = true
		current = append(current, &endpoint{id: id, address: address, weight: instance.Weight(), transport: p.newTransport()})
	}
	p.endpoints = current
	for _, gone := range left {
		if gone.transport != nil {
			gone.transport.CloseIdleConnections()
		}
	}
	if arrived {
		close(p.arrival)
		p.arrival = make(chan struct{})
	}
	p.log.Info("instances", "count", len(current), "left", slices.Sorted(maps.Keys(left)))
}

// pick chooses an endpoint that was not tried yet and counts the call, or returns nil. Ejected ones are chosen
// only when all are.
func (p *pool) pick(tried []*endpoint) *endpoint {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	var best *endpoint
	bestEjected, total := false, 0
	for _, candidate := range p.endpoints {
		if slices.Contains(tried, candidate) {
			continue
		}
		candidate.due += candidate.weight
		total += candidate.weight
		ejected := now.Before(candidate.ejectedUntil)
		if best == nil || ejected != bestEjected {
			if best == nil || bestEjected {
				best, bestEjected = candidate, ejected
			}
			continue
		}
		if busier := candidate.busier(best); busier < 0 || (busier == 0 && candidate.due > best.due) {
			best = candidate
		}
	}
	if best != nil {
		best.due -= total
		best.active++
	}
	return best
}

// release ends a call that pick counted.
func (p *pool) release(e *endpoint) {
	p.mu.Lock()
	e.active--
	p.mu.Unlock()
}

// eject leaves an endpoint alone for a while after it could not be reached.
func (p *pool) eject(e *endpoint, cause error) {
	now := time.Now()
	p.mu.Lock()
	fresh := now.After(e.ejectedUntil)
	e.ejectedUntil = now.Add(ejection)
	p.mu.Unlock()
	if fresh {
		p.log.Warn("an instance could not be reached", "instance", e.id, "error", cause.Error())
	}
}

// try calls use with one endpoint after the other until it succeeds, fails for good or patience ends. The endpoint of a
// success stays counted: the caller releases it.
func (p *pool) try(ctx context.Context, use func(e *endpoint) (again bool, err error)) (*endpoint, error) {
	deadline := time.Now().Add(patience)
	var tried []*endpoint
	var cause error
	for {
		// Asked for before the pick, so that no arrival is missed between the two.
		arrival := p.arrivals()
		e := p.pick(tried)
		if e == nil {
			pause := time.Until(deadline)
			if len(tried) > 0 {
				pause = min(pause, roundPause)
			}
			if !await(ctx, arrival, pause) || !time.Now().Before(deadline) {
				return nil, p.exhausted(ctx, cause)
			}
			tried = nil
			continue
		}
		again, err := use(e)
		if err == nil {
			return e, nil
		}
		p.release(e)
		if !again || ctx.Err() != nil {
			return nil, err
		}
		cause = err
		tried = append(tried, e)
	}
}

func (p *pool) arrivals() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.arrival
}

// exhausted makes the error of a call for which there was nobody, and logs it at most once a second.
func (p *pool) exhausted(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.lastLogged) > time.Second {
		p.lastLogged = now
		p.log.Warn("a call found no instance", "known", len(p.endpoints))
	}
	if cause != nil {
		return errors.Join(errNoInstance, cause)
	}
	return errNoInstance
}

// await returns when something arrived or the pause is over; false when ctx ended.
func await(ctx context.Context, arrival <-chan struct{}, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-arrival:
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	return true
}
