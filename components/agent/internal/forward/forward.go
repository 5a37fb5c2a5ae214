// Package forward gives a caller one loopback address per called service, balanced over its live instances.
package forward

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/web"
)

// How long calls in flight may take to end after SIGTERM.
const drainPatience = 10 * time.Second

// protocol is how the calls of one kind are forwarded; a new one is one line in the table.
type protocol struct {
	newTransport func() *http.Transport
	newServer    func(p *pool, log *slog.Logger) server
}

var protocols = map[string]*protocol{
	"http": {httpTransport, serveHTTP},
	"grpc": {grpcTransport, serveHTTP},
	"tcp":  {noTransport, serveTCP},
}

// Run is the mode `forward`.
func Run(ctx context.Context, args []string, log *slog.Logger) error {
	options, err := parse(args)
	if err != nil {
		return err
	}
	from, err := registry.Open(options.registry, log)
	if err != nil {
		return err
	}
	defer from.Close()
	return run(ctx, options, from, log)
}

// run binds every listener, follows the registry and forwards until ctx ends, then drains.
func run(ctx context.Context, options *options, from registry.Registry, log *slog.Logger) error {
	known := newDirectory()
	servers := make([]server, len(options.routes))
	listeners := make([]net.Listener, len(options.routes))
	for i, route := range options.routes {
		listener, err := net.Listen("tcp", route.listen)
		if err != nil {
			return fmt.Errorf("--route %s=%s:%s: %w", route.listen, route.protocol, route.service, err)
		}
		defer listener.Close()
		protocol := protocols[route.protocol]
		pool := newPool(route.service, route.port, protocol.newTransport, log)
		known.add(pool)
		servers[i], listeners[i] = protocol.newServer(pool, log), listener
	}
	stopLookup, err := serveStatus(options, known, log)
	if err != nil {
		return err
	}
	defer stopLookup()

	watching, stopWatching := context.WithCancel(context.Background())
	defer stopWatching()
	known.follow(watching, from)
	for i, server := range servers {
		go server.serve(listeners[i])
	}
	log.Info("forwarding", "routes", len(servers))
	<-ctx.Done()

	log.Info("draining")
	draining, cancel := context.WithTimeout(context.Background(), drainPatience)
	defer cancel()
	var drained sync.WaitGroup
	for _, server := range servers {
		drained.Go(func() { server.drain(draining) })
	}
	drained.Wait()
	return nil
}

// serveStatus serves the look-up, and readiness once more where others than this replica ask for it.
func serveStatus(options *options, known *directory, log *slog.Logger) (stop func(), err error) {
	_, stopLookup, err := web.Serve(options.lookupListen, lookup(known), log)
	if err != nil {
		return nil, fmt.Errorf("--lookup-listen: %w", err)
	}
	if options.readyListen == "" {
		return stopLookup, nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(known.ready))
	_, stopReady, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		stopLookup()
		return nil, fmt.Errorf("--ready-listen: %w", err)
	}
	return func() { stopLookup(); stopReady() }, nil
}
