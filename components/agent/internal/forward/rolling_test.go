package forward

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
)

// startReplica is an instance whose requests take a little while, and that can be stopped as a real one is.
func startReplica(t *testing.T) (registry.Instance, *http.Server) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		time.Sleep(2 * time.Millisecond)
		response.WriteHeader(http.StatusCreated)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	return instanceAt(listener.Addr().String()), server
}

func TestReplacingEveryInstanceUnderLoadLosesNoRequest(t *testing.T) {
	t.Parallel()
	first, firstServer := startReplica(t)
	second, secondServer := startReplica(t)
	f := startForwarder(t, "http:users", first, second)

	loading, stopLoad := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	var answered atomic.Int64
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	for range 8 {
		callers.Go(func() {
			for loading.Err() == nil {
				response, err := client.Post(f.url("/"), "text/plain", strings.NewReader("pay once"))
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
				if response.StatusCode != http.StatusCreated {
					t.Errorf("got %d", response.StatusCode)
					return
				}
				answered.Add(1)
			}
		})
	}
	for range 5 {
		third, thirdServer := startReplica(t)
		f.setInstances(t, second, third)
		// What the drain gives: in-flight requests have ended when the process is told to stop.
		time.Sleep(50 * time.Millisecond)
		if err := firstServer.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		firstServer, second, secondServer = secondServer, third, thirdServer
		time.Sleep(50 * time.Millisecond)
	}
	stopLoad()
	callers.Wait()
	if answered.Load() < 100 {
		t.Fatalf("only %d requests were made", answered.Load())
	}
}

func TestAnInstanceThatIsKilledUnderLoadCostsNoReadingRequest(t *testing.T) {
	t.Parallel()
	first, firstServer := startReplica(t)
	second, _ := startReplica(t)
	f := startForwarder(t, "http:users", first, second)
	time.AfterFunc(100*time.Millisecond, func() { firstServer.Close() })
	end := time.Now().Add(400 * time.Millisecond)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for time.Now().Before(end) {
				response, err := http.Get(f.url("/"))
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
				if response.StatusCode != http.StatusCreated {
					t.Errorf("got %d", response.StatusCode)
				}
			}
		})
	}
	callers.Wait()
}
