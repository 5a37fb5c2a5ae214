package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

func check(t *testing.T, url string) error {
	t.Helper()
	c, err := Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return c(ctx)
}

func expect(t *testing.T, url, want string) {
	t.Helper()
	err := check(t, url)
	if want == "" && err != nil {
		t.Errorf("%s: %v, want healthy", url, err)
	}
	if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v, want %q", url, err, want)
	}
}

func TestHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		statuses := map[string]int{"/ok": 200, "/empty": 204, "/moved": 302, "/missing": 404, "/broken": 500}
		w.Header().Set("Location", "/broken")
		w.WriteHeader(statuses[r.URL.Path])
	}))
	defer server.Close()
	expect(t, server.URL+"/ok", "")
	expect(t, server.URL+"/empty", "")
	expect(t, server.URL+"/moved", "")
	expect(t, server.URL+"/missing", "answered 404 Not Found, not 2xx or 3xx")
	expect(t, server.URL+"/broken", "answered 500 Internal Server Error, not 2xx or 3xx")
}

func TestTCP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "tcp://" + listener.Addr().String()
	expect(t, url, "")
	listener.Close()
	expect(t, url, "connection refused")
}

func TestGRPC(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, state := grpc.NewServer(), health.NewServer()
	healthpb.RegisterHealthServer(server, state)
	go func() { _ = server.Serve(listener) }()
	url := "grpc://" + listener.Addr().String()
	expect(t, url, "")
	expect(t, url+"/shop.Users", "unknown service")
	state.SetServingStatus("shop.Users", healthpb.HealthCheckResponse_NOT_SERVING)
	expect(t, url+"/shop.Users", "answered NOT_SERVING, not SERVING")
	state.SetServingStatus("shop.Users", healthpb.HealthCheckResponse_SERVING)
	expect(t, url+"/shop.Users", "")
	server.Stop()
	expect(t, url, "connection refused")
}

func TestSilenceIsUnhealthyAfterTheTimeout(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, scheme := range []string{"http://", "grpc://"} {
		begin := time.Now()
		err := Run(t.Context(), []string{"--timeout", "100ms", scheme + listener.Addr().String() + "/"}, nil)
		if elapsed := time.Since(begin); err != ErrUnhealthy || elapsed > time.Second {
			t.Errorf("%s: %v after %s", scheme, err, elapsed)
		}
	}
}

func TestParseRefusesOtherURLs(t *testing.T) {
	for _, url := range []string{"", "8080", "127.0.0.1:8080", "ftp://127.0.0.1:21", "http://127.0.0.1/healthz", "tcp://:6379", "http://[::1"} {
		if _, err := Parse(url); err == nil || !strings.HasPrefix(err.Error(), "the probe must be an http, tcp or grpc URL with a port") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
