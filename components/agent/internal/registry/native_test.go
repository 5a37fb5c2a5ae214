package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errDNS = errors.New("the resolver does not answer")

// network is a DNS and the agents behind it, as the test decides.
type network struct {
	mu        sync.Mutex
	addresses []string
	dns       error
	// By address; what is missing answers as an agent of users.
	answers map[string]error
	others  map[string]string
	// What the platform balances over; none while it is empty.
	balanced []string
	// Most addresses that DNS tells at a time; 0: it tells all.
	limit int
}

func (n *network) change(how func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	how()
}

func (n *network) lookup(_ context.Context, name string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	names := map[string][]string{"users-instances": n.addresses, "users": n.balanced}
	addresses, known := names[name]
	if !known {
		return nil, fmt.Errorf("there is no name %q", name)
	}
	found := []netip.Addr{}
	for _, address := range addresses {
		found = append(found, netip.MustParseAddr(address))
	}
	return found, n.dns
}

func (n *network) ask(_ context.Context, address netip.Addr) (Instance, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	service := "users"
	if other, found := n.others[address.String()]; found {
		service = other
	}
	return Instance{Service: service, Instance: service + "-" + address.String(), Address: "192.0.2.1"}, n.answers[address.String()]
}

// follow watches users while the script runs; each step gets what is known after it.
func follow(t *testing.T, n *network, script func(known func(after time.Duration) []string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opened, err := Open(Options{Kind: "native", NamePattern: "{service}-instances", BalancedPattern: "{service}", NameLimit: n.limit}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		from := opened.(*native)
		from.lookup, from.ask = n.lookup, n.ask
		var latest []string
		var mu sync.Mutex
		go func() {
			for snapshot := range from.Watch(t.Context(), "users") {
				addresses := []string{}
				for _, instance := range snapshot {
					addresses = append(addresses, instance.Address)
				}
				mu.Lock()
				latest = addresses
				mu.Unlock()
			}
		}()
		script(func(after time.Duration) []string {
			time.Sleep(after)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return latest
		})
		from.Close()
		synctest.Wait()
	})
}

func expectKnown(t *testing.T, got []string, want ...string) {
	t.Helper()
	if got == nil || !slices.Equal(got, want) {
		t.Fatalf("known are %v, want %v", got, want)
	}
}

func TestNativeFollowsDNSAndReadiness(t *testing.T) {
	n := &network{addresses: []string{"10.0.0.1", "10.0.0.2"}, answers: map[string]error{"10.0.0.2": errNotReady}}
	follow(t, n, func(known func(time.Duration) []string) {
		expectKnown(t, known(100*time.Millisecond), "10.0.0.1")
		n.change(func() { delete(n.answers, "10.0.0.2") })
		expectKnown(t, known(time.Second), "10.0.0.1", "10.0.0.2")
		n.change(func() { n.answers["10.0.0.1"] = errNotReady })
		expectKnown(t, known(time.Second), "10.0.0.2")
		n.change(func() { n.addresses = nil })
		expectKnown(t, known(time.Second))
	})
}

func TestNativeKnowsMoreThanDNSTellsAtATime(t *testing.T) {
	n := &network{addresses: []string{"10.0.0.1", "10.0.0.2"}, answers: map[string]error{}, limit: 2}
	follow(t, n, func(known func(time.Duration) []string) {
		expectKnown(t, known(100*time.Millisecond), "10.0.0.1", "10.0.0.2")
		n.change(func() { n.addresses = []string{"10.0.0.2", "10.0.0.3"} })
		expectKnown(t, known(time.Second), "10.0.0.1", "10.0.0.2", "10.0.0.3")
		n.change(func() { n.answers["10.0.0.1"] = errNotReady })
		expectKnown(t, known(time.Second), "10.0.0.2", "10.0.0.3")
		n.change(func() { n.addresses = []string{"10.0.0.3"} })
		expectKnown(t, known(time.Second), "10.0.0.3")
	})
}

func TestNativeKeepsTheLastAddressesWhileDNSIsAway(t *testing.T) {
	n := &network{addresses: []string{"10.0.0.1", "10.0.0.2"}, answers: map[string]error{}}
	follow(t, n, func(known func(time.Duration) []string) {
		expectKnown(t, known(100*time.Millisecond), "10.0.0.1", "10.0.0.2")
		n.change(func() { n.addresses, n.dns = nil, errDNS })
		expectKnown(t, known(time.Minute), "10.0.0.1", "10.0.0.2")
		n.change(func() { n.answers["10.0.0.1"] = errNotReady })
		expectKnown(t, known(time.Second), "10.0.0.2")
	})
}

func TestNativeFallsBackToThePlatformsBalancingWhileDNSLags(t *testing.T) {
	n := &network{
		addresses: []string{"10.0.0.1"}, answers: map[string]error{"10.0.0.1": errNotReady}, balanced: []string{"10.96.0.7"},
	}
	follow(t, n, func(known func(time.Duration) []string) {
		// Nothing is known of its ports yet.
		expectKnown(t, known(100*time.Millisecond))
		n.change(func() { delete(n.answers, "10.0.0.1") })
		expectKnown(t, known(time.Second), "10.0.0.1")
		n.change(func() { n.answers["10.0.0.1"] = errNotReady })
		expectKnown(t, known(time.Second), "10.96.0.7")
		n.change(func() { n.addresses = []string{"10.0.0.1", "10.0.0.2"} })
		expectKnown(t, known(time.Second), "10.0.0.2")
	})
}

func TestNativeForgivesOneSilence(t *testing.T) {
	n := &network{addresses: []string{"10.0.0.1"}, answers: map[string]error{}}
	follow(t, n, func(known func(time.Duration) []string) {
		expectKnown(t, known(100*time.Millisecond), "10.0.0.1")
		n.change(func() { n.answers["10.0.0.1"] = context.DeadlineExceeded })
		expectKnown(t, known(time.Second), "10.0.0.1")
		expectKnown(t, known(time.Second))
		n.change(func() { delete(n.answers, "10.0.0.1") })
		expectKnown(t, known(time.Second), "10.0.0.1")
	})
}

func TestNativeIgnoresAnAddressThatBelongsToAnother(t *testing.T) {
	n := &network{addresses: []string{"10.0.0.1", "10.0.0.2"}, others: map[string]string{"10.0.0.1": "orders"}}
	follow(t, n, func(known func(time.Duration) []string) {
		expectKnown(t, known(100*time.Millisecond), "10.0.0.2")
	})
}

func TestNativeNeedsNoRegistration(t *testing.T) {
	from, err := Open(Options{Kind: "native", NamePattern: "{service}"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if announcement := from.Announce(Instance{}); !announcement.Registered() {
		t.Fatal("not registered")
	}
}

func TestAskReady(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ready" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, `{"service":"users","instance":"users-1","ports":[{"name":"http","port":8080,"protocol":"http"}]}`)
	}))
	address := netip.MustParseAddrPort(server.Listener.Addr().String())
	instance, err := askReady(t.Context(), http.DefaultClient, address)
	if err != nil || instance.Instance != "users-1" || instance.Ports[0].Port != 8080 {
		t.Fatalf("got %+v, %v", instance, err)
	}
	server.Close()
	if _, err := askReady(t.Context(), http.DefaultClient, address); !errors.Is(err, errNotReady) {
		t.Fatalf("a refused connection is %v", err)
	}
}
