package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"time"

	"flotilla.dev/agent/internal/cli"
)

const (
	// Where the agent of an instance answers GET /ready.
	nativeReadyPort = 15000
	nativePeriod    = time.Second
	nativeTimeout   = time.Second
	// A busy instance may miss one answer; one that refuses or says no is out at once.
	nativeSilences = 2
)

// native finds instances by the platform's own names: the addresses of the DNS name of a service whose agents say
// that they are ready.
type native struct {
	ctx    context.Context
	cancel context.CancelFunc
	log    *slog.Logger
	// Of the instances of a service.
	name func(service string) string
	// Of the address behind which the platform balances them; nil where it has none.
	balanced func(service string) string
	// Most addresses that DNS tells at a time; 0: it tells all.
	limit  int
	lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	ask    func(ctx context.Context, address netip.Addr) (Instance, error)
}

func openNative(options Options, log *slog.Logger) (Registry, error) {
	if strings.Count(options.NamePattern, servicePlaceholder) != 1 {
		return nil, cli.Usagef("--registry-name must contain {service} once, got %q; write for example {service}-instances", options.NamePattern)
	}
	if options.BalancedPattern != "" && strings.Count(options.BalancedPattern, servicePlaceholder) != 1 {
		return nil, cli.Usagef("--registry-balanced-name must contain {service} once, got %q; write for example {service}", options.BalancedPattern)
	}
	client := &http.Client{Timeout: nativeTimeout, Transport: &http.Transport{IdleConnTimeout: 10 * time.Second}}
	ctx, cancel := context.WithCancel(context.Background())
	return &native{
		ctx: ctx, cancel: cancel, log: log,
		name:     nameBy(options.NamePattern),
		balanced: nameBy(options.BalancedPattern),
		limit:    options.NameLimit,
		lookup: func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip4", name)
		},
		ask: func(ctx context.Context, address netip.Addr) (Instance, error) {
			return askReady(ctx, client, netip.AddrPortFrom(address.Unmap(), nativeReadyPort))
		},
	}, nil
}

func nameBy(pattern string) func(service string) string {
	if pattern == "" {
		return nil
	}
	return func(service string) string { return strings.Replace(pattern, servicePlaceholder, service, 1) }
}

// errNotReady is a clear no, as opposed to silence.
var errNotReady = errors.New("not ready")

func askReady(ctx context.Context, client *http.Client, address netip.AddrPort) (Instance, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address.String()+"/ready", nil)
	if err != nil {
		return Instance{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		var operation *net.OpError
		if errors.As(err, &operation) && !operation.Timeout() {
			return Instance{}, errNotReady
		}
		return Instance{}, err
	}
	defer response.Body.Close()
	body := io.LimitReader(response.Body, 1<<20)
	var instance Instance
	if response.StatusCode != http.StatusOK || json.NewDecoder(body).Decode(&instance) != nil {
		_, _ = io.Copy(io.Discard, body)
		return Instance{}, errNotReady
	}
	_, _ = io.Copy(io.Discard, body)
	return instance, nil
}

// Announce has nothing to do: the platform's DNS lists every replica, and /ready says the rest.
func (n *native) Announce(Instance) Announcement { return nativeAnnouncement{} }

type nativeAnnouncement struct{}

func (nativeAnnouncement) Registered() bool         { return true }
func (nativeAnnouncement) Withdraw(context.Context) {}

func (n *native) Close() { n.cancel() }

// nativeCandidate is one address that DNS gave.
type nativeCandidate struct {
	instance Instance
	live     bool
	silences int
}

func (n *native) Watch(ctx context.Context, service string) <-chan []Instance {
	output := make(chan []Instance)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(n.ctx, cancel)
	go func() {
		defer close(output)
		defer cancel()
		defer stop()
		n.follow(ctx, service, output)
	}()
	return output
}

func (n *native) follow(ctx context.Context, service string, output chan<- []Instance) {
	candidates := map[netip.Addr]*nativeCandidate{}
	ticker := time.NewTicker(nativePeriod)
	defer ticker.Stop()
	var sent []Instance
	var last Instance
	for ctx.Err() == nil {
		n.resolve(ctx, service, candidates)
		live := n.askAll(ctx, service, candidates)
		if len(live) > 0 {
			last = live[0]
		} else {
			live = n.lastResort(ctx, last)
		}
		if ctx.Err() == nil && (sent == nil || !reflect.DeepEqual(live, sent)) {
			sent = live
			send(ctx, output, live)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// resolve makes the candidates those of DNS. When DNS gives no answer the last ones stay: they are asked anyway. So do
// those that are live when DNS tells as many as it ever does: there are more than it told.
func (n *native) resolve(ctx context.Context, service string, candidates map[netip.Addr]*nativeCandidate) {
	ctx, cancel := context.WithTimeout(ctx, nativeTimeout)
	defer cancel()
	addresses, err := n.lookup(ctx, n.name(service))
	if err != nil {
		return
	}
	current := map[netip.Addr]bool{}
	for _, address := range addresses {
		current[address] = true
		if candidates[address] == nil {
			candidates[address] = &nativeCandidate{}
		}
	}
	partial := n.limit > 0 && len(addresses) >= n.limit
	for address, candidate := range candidates {
		if !current[address] && !(partial && candidate.live) {
			delete(candidates, address)
		}
	}
}

// lastResort is the platform's own balancing: DNS may lag behind a quick rollout by its time to live, and names only
// instances that are gone while new ones are ready. It is no way to a service of which nothing was ever seen.
func (n *native) lastResort(ctx context.Context, last Instance) []Instance {
	none := []Instance{}
	if n.balanced == nil || last.Service == "" {
		return none
	}
	ctx, cancel := context.WithTimeout(ctx, nativeTimeout)
	defer cancel()
	addresses, err := n.lookup(ctx, n.balanced(last.Service))
	if err != nil || len(addresses) == 0 {
		return none
	}
	return []Instance{{
		Service: last.Service, Instance: last.Service + "-balanced",
		Address: addresses[0].Unmap().String(), Ports: last.Ports,
	}}
}

// askAll asks every candidate at the same time and returns the live instances.
func (n *native) askAll(ctx context.Context, service string, candidates map[netip.Addr]*nativeCandidate) []Instance {
	ctx, cancel := context.WithTimeout(ctx, nativeTimeout)
	defer cancel()
	var asked sync.WaitGroup
	for address, candidate := range candidates {
		asked.Go(func() { candidate.update(n.askOne(ctx, service, address)) })
	}
	asked.Wait()
	live := make([]Instance, 0, len(candidates))
	for _, candidate := range candidates {
		if candidate.live {
			live = append(live, candidate.instance)
		}
	}
	return sorted(live)
}

func (n *native) askOne(ctx context.Context, service string, address netip.Addr) (Instance, error) {
	instance, err := n.ask(ctx, address)
	if err == nil && instance.Service != service {
		// The address was given to another workload since.
		return Instance{}, fmt.Errorf("%w: it is %q", errNotReady, instance.Service)
	}
	// In the network that this agent shares with it.
	instance.Address = address.Unmap().String()
	return instance, err
}

func (c *nativeCandidate) update(instance Instance, err error) {
	switch {
	case err == nil:
		c.instance, c.live, c.silences = instance, true, 0
	case errors.Is(err, errNotReady):
		c.live = false
	default:
		c.silences++
		c.live = c.live && c.silences < nativeSilences
	}
}
