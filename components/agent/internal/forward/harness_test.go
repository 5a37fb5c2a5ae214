package forward

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

// forwarder is a forward mode that runs with one route.
type forwarder struct {
	address, lookup string
	registry        *testkit.Registry
	stop            context.CancelFunc
	ended           chan struct{}
}

func startForwarder(t *testing.T, target string, instances ...registry.Instance) *forwarder {
	t.Helper()
	f := &forwarder{
		address: testkit.FreeAddress(t), lookup: testkit.FreeAddress(t),
		registry: testkit.NewRegistry(), ended: make(chan struct{}),
	}
	options, err := parse([]string{"--route", f.address + "=" + target, "--lookup-listen", f.lookup})
	if err != nil {
		t.Fatal(err)
	}
	f.registry.Set("users", instances...)
	ctx, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	go func() {
		defer close(f.ended)
		if err := run(ctx, options, f.registry, testkit.Log(t)); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-f.ended
	})
	testkit.Eventually(t, 5*time.Second, "the forwarder is ready", func() bool {
		response, err := http.Get("http://" + f.lookup + "/ready")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == 200
	})
	return f
}

func (f *forwarder) url(path string) string { return "http://" + f.address + path }

// setInstances changes the registry and waits until the forwarder follows.
func (f *forwarder) setInstances(t *testing.T, instances ...registry.Instance) {
	t.Helper()
	f.registry.Set("users", instances...)
	want := len(instances)
	testkit.Eventually(t, 2*time.Second, "the forwarder follows", func() bool {
		response, err := http.Get("http://" + f.lookup + "/v1/services/users")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		body := make([]byte, 100_000)
		n, _ := response.Body.Read(body)
		return strings.Count(string(body[:n]), `"address"`) == want
	})
}

// backend is an instance of users that counts its requests.
type backend struct {
	*httptest.Server
	requests atomic.Int64
}

func startBackend(t *testing.T, handler http.HandlerFunc) *backend {
	t.Helper()
	b := &backend{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		b.requests.Add(1)
		handler(response, request)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *backend) instance() registry.Instance {
	return instanceAt(b.Listener.Addr().String())
}

func instanceAt(address string) registry.Instance {
	host, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	return registry.Instance{
		Service: "users", Instance: "users-" + text, Address: host,
		Ports: []registry.Port{{Name: "http", Port: port, Protocol: "http"}},
	}
}

func ok(response http.ResponseWriter, _ *http.Request) { response.WriteHeader(http.StatusOK) }
