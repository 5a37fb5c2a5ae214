// Package register keeps the main container of a replica registered while it is healthy, and takes it out in time.
package register

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/web"
)

// A registry or a drain hook that does not answer delays a stop by this much at most, each.
const stopPatience = 2 * time.Second

// Run is the mode `register`.
func Run(ctx context.Context, args []string, log *slog.Logger) error {
	options, err := parse(args)
	if err != nil {
		return err
	}
	directory, err := registry.Open(options.registry, log)
	if err != nil {
		return err
	}
	defer directory.Close()
	return run(ctx, options, directory, log)
}

// run serves GET /ready, registers by the monitor's word until ctx ends, then drains.
func run(ctx context.Context, options *options, directory registry.Registry, log *slog.Logger) error {
	s := &sidecar{options: options, registry: directory, log: log, instance: options.instance, reason: "not probed yet"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(s.ready))
	_, stopServer, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		return fmt.Errorf("--ready-listen: %w", err)
	}
	defer stopServer()

	if s.instance.Address, err = awaitAddress(ctx); err != nil {
		return nil // told to stop before there was a network
	}
	s.instance.Instance = newInstanceID(s.instance.Service)
	m := &monitor{
		first: options.first, check: options.check, knock: options.knock,
		interval: options.interval, timeout: options.timeout, retries: options.retries,
	}
	m.run(ctx, s.report)
	s.drain()
	return nil
}

// sidecar is the state of one replica.
type sidecar struct {
	options  *options
	registry registry.Registry
	log      *slog.Logger
	instance registry.Instance

	mu sync.Mutex
	// Why it is not healthy; empty when it is.
	reason       string
	draining     bool
	announcement registry.Announcement
}

// ready is the body of GET /ready, or why there is none.
func (s *sidecar) ready() (any, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return nil, "draining"
	case s.reason != "":
		return nil, "unhealthy: " + s.reason
	case !s.announcement.Registered():
		return nil, "healthy, but the registry has not accepted it yet"
	}
	return s.instance, ""
}

// report takes the word of the monitor.
func (s *sidecar) report(err error) {
	if err != nil {
		s.unhealthy(err.Error())
		return
	}
	s.log.Info("healthy", "instance", s.instance.Instance, "address", s.instance.Address)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.announcement = s.registry.Announce(s.instance)
	s.reason = ""
}

func (s *sidecar) unhealthy(reason string) {
	s.mu.Lock()
	changed := s.reason != reason
	s.reason = reason
	announcement := s.announcement
	s.announcement = nil
	s.mu.Unlock()
	if changed {
		s.log.Warn("unhealthy", "instance", s.instance.Instance, "reason", reason)
	}
	withdraw(announcement)
}

// drain lets callers go: no longer ready, hooks told, out of the registry, then time for requests in flight.
func (s *sidecar) drain() {
	s.mu.Lock()
	s.draining = true
	announcement := s.announcement
	s.announcement = nil
	s.mu.Unlock()
	s.log.Info("draining", "instance", s.instance.Instance, "seconds", s.options.drain.Seconds())
	s.post(s.options.onDrainPost)
	withdraw(announcement)
	time.Sleep(s.options.drain)
}

func withdraw(announcement registry.Announcement) {
	if announcement == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	announcement.Withdraw(ctx)
}

// post tells every hook at the same time.
func (s *sidecar) post(hooks []string) {
	client := &http.Client{Timeout: stopPatience, Transport: &http.Transport{DisableKeepAlives: true}}
	var told sync.WaitGroup
	for _, hook := range hooks {
		told.Go(func() {
			response, err := client.Post(hook, "", nil)
			if err != nil {
				s.log.Warn("a drain hook failed", "url", hook, "error", err.Error())
				return
			}
			response.Body.Close()
		})
	}
	told.Wait()
}

func newInstanceID(service string) string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return service + "-" + hex.EncodeToString(random[:])
}

// awaitAddress returns the address that others reach this replica at, as soon as there is one.
func awaitAddress(ctx context.Context) (string, error) {
	for ctx.Err() == nil {
		if address, err := ownAddress(); err == nil {
			return address, nil
		}
		cli.Sleep(ctx, startingInterval)
	}
	return "", ctx.Err()
}

func ownAddress() (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok {
			continue
		}
		// Link-local addresses are the platform's own (task metadata on ECS).
		if ip := network.IP.To4(); ip != nil && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() {
			return ip.String(), nil
		}
	}
	return "", errors.New("this network has no IPv4 address but loopback")
}
