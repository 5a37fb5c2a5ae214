package forward

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"flotilla.dev/agent/internal/testkit"
)

func do(t *testing.T, request *http.Request) (*http.Response, string) {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func newRequest(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestRequestArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	var got *http.Request
	b := startBackend(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(t.Context())
		w.Header().Set("X-Answer", "yes")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.Copy(w, r.Body)
	})
	f := startForwarder(t, "http:users", b.instance())
	request := newRequest(t, "POST", f.url("/a%2Fb/c?x=1;y=2&z=%20"), strings.NewReader("hello"))
	request.Host = "shop.example"
	request.Header = http.Header{
		"X-Forwarded-For": {"1.2.3.4"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"for=1.2.3.4"},
		"X-Request-Id": {"r1"}, "User-Agent": {""}, "Accept-Encoding": {"identity"},
	}
	response, body := do(t, request)
	if response.StatusCode != http.StatusTeapot || response.Header.Get("X-Answer") != "yes" || body != "hello" {
		t.Fatalf("answer is %v %q", response, body)
	}
	want := http.Header{
		"X-Forwarded-For": {"1.2.3.4"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"for=1.2.3.4"},
		"X-Request-Id": {"r1"}, "Accept-Encoding": {"identity"}, "Content-Length": {"5"},
	}
	if !reflect.DeepEqual(got.Header, want) {
		t.Fatalf("headers are %v, want %v", got.Header, want)
	}
	if got.Host != "shop.example" || got.RequestURI != "/a%2Fb/c?x=1;y=2&z=%20" || got.Method != "POST" {
		t.Fatalf("got %s %s of %s", got.Method, got.RequestURI, got.Host)
	}
}

func TestBalancesOverInstances(t *testing.T) {
	t.Parallel()
	first, second := startBackend(t, ok), startBackend(t, ok)
	f := startForwarder(t, "http:users", first.instance(), second.instance())
	for range 10 {
		do(t, newRequest(t, "GET", f.url("/"), nil))
	}
	if first.requests.Load() != 5 || second.requests.Load() != 5 {
		t.Fatalf("%d and %d requests, want 5 each", first.requests.Load(), second.requests.Load())
	}
}

func TestSlowInstanceGetsFewerRequests(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := startBackend(t, func(http.ResponseWriter, *http.Request) { <-release })
	fast := startBackend(t, ok)
	f := startForwarder(t, "http:users", slow.instance())
	var waiting sync.WaitGroup
	request := newRequest(t, "GET", f.url("/"), nil)
	waiting.Go(func() { do(t, request) })
	testkit.Eventually(t, time.Second, "the slow one is busy", func() bool { return slow.requests.Load() == 1 })
	f.setInstances(t, slow.instance(), fast.instance())
	for range 5 {
		do(t, newRequest(t, "GET", f.url("/"), nil))
	}
	if slow.requests.Load() != 1 || fast.requests.Load() != 5 {
		t.Fatalf("slow got %d, fast got %d", slow.requests.Load(), fast.requests.Load())
	}
	close(release)
	waiting.Wait()
}

func TestAnyMethodIsRetriedWhenNoConnectionCouldBeMade(t *testing.T) {
	t.Parallel()
	b := startBackend(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	dead := testkit.FreeAddress(t)
	f := startForwarder(t, "http:users", b.instance(), instanceAt(dead))
	for range 4 {
		response, body := do(t, newRequest(t, "POST", f.url("/"), strings.NewReader("pay once")))
		if response.StatusCode != 200 || body != "pay once" {
			t.Fatalf("answer is %d %q", response.StatusCode, body)
		}
	}
}

// startBreaker is an instance that reads a request and then breaks the connection.
func startBreaker(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(connection))
			connection.Close()
		}
	}()
	return listener
}

func TestOnlyReadingRequestsAreRetriedWhenTheyMayHaveArrived(t *testing.T) {
	t.Parallel()
	b := startBackend(t, ok)
	breaker := startBreaker(t)
	f := startForwarder(t, "http:users", b.instance(), instanceAt(breaker.Addr().String()))
	for range 4 {
		if response, _ := do(t, newRequest(t, "GET", f.url("/"), nil)); response.StatusCode != 200 {
			t.Fatalf("GET got %d", response.StatusCode)
		}
	}
	broken := 0
	for range 4 {
		request := newRequest(t, "POST", f.url("/"), strings.NewReader("x"))
		request.Header.Set("X-Request-Id", "r1")
		response, body := do(t, request)
		if response.StatusCode == 502 {
			broken++
			if want := `{"error":"connection_broken","message":"The connection to \"users\" broke before it answered.","requestId":"r1"}` + "\n"; body != want {
				t.Fatalf("body is %s, want %s", body, want)
			}
		}
	}
	if broken != 2 {
		t.Fatalf("%d of 4 POST requests broke, want 2", broken)
	}
}

func TestWithoutInstanceWaitsAndSaysSo(t *testing.T) {
	t.Parallel()
	f := startForwarder(t, "http:users")
	begin := time.Now()
	response, body := do(t, newRequest(t, "GET", f.url("/"), nil))
	if elapsed := time.Since(begin); elapsed < patience || elapsed > 5*patience {
		t.Fatalf("answered after %s", elapsed)
	}
	want := `{"error":"no_instance","message":"No instance of \"users\" could be reached within 2s."}` + "\n"
	if response.StatusCode != 503 || body != want || response.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("answer is %d %s", response.StatusCode, body)
	}
}

func TestWaitingRequestGoesToTheFirstInstanceThatComes(t *testing.T) {
	t.Parallel()
	b := startBackend(t, ok)
	f := startForwarder(t, "http:users")
	time.AfterFunc(300*time.Millisecond, func() { f.registry.Set("users", b.instance()) })
	if response, _ := do(t, newRequest(t, "GET", f.url("/"), nil)); response.StatusCode != 200 {
		t.Fatalf("status %d", response.StatusCode)
	}
}

func TestInstanceThatLeftFinishesItsRequestsAndGetsNoMore(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	leaving := startBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		<-release
		fmt.Fprint(w, "finished")
	})
	staying := startBackend(t, ok)
	f := startForwarder(t, "http:users", leaving.instance())
	answer := make(chan string)
	request := newRequest(t, "GET", f.url("/"), nil)
	go func() {
		_, body := do(t, request)
		answer <- body
	}()
	testkit.Eventually(t, time.Second, "the request is in flight", func() bool { return leaving.requests.Load() == 1 })
	f.setInstances(t, staying.instance())
	for range 4 {
		do(t, newRequest(t, "GET", f.url("/"), nil))
	}
	if leaving.requests.Load() != 1 || staying.requests.Load() != 4 {
		t.Fatalf("the one that left got %d, the other %d", leaving.requests.Load(), staying.requests.Load())
	}
	close(release)
	if body := <-answer; body != "finished" {
		t.Fatalf("the request in flight got %q", body)
	}
}

func TestIdleConnectionsToAnInstanceThatLeftAreClosed(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	var once sync.Once
	leaving := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	leaving.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			once.Do(func() { close(closed) })
		}
	}
	leaving.Start()
	t.Cleanup(leaving.Close)
	f := startForwarder(t, "http:users", instanceAt(leaving.Listener.Addr().String()))
	do(t, newRequest(t, "GET", f.url("/"), nil))
	f.registry.Set("users")
	select {
	case <-closed:
	case <-time.After(time.Second): // sooner than the idle timeout
		t.Fatal("the connection stays open")
	}
}

func TestSilentRegistryChangesNothing(t *testing.T) {
	t.Parallel()
	b := startBackend(t, ok)
	f := startForwarder(t, "http:users", b.instance())
	f.registry.Silence(true)
	if response, _ := do(t, newRequest(t, "GET", f.url("/"), nil)); response.StatusCode != 200 {
		t.Fatalf("got %d", response.StatusCode)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	f := startForwarder(t, "http:users", instanceAt("10.0.0.1:8080"))
	cases := map[string]struct {
		status int
		body   string
	}{
		"/v1/services":       {200, `{"services":["users"]}`},
		"/v1/services/users": {200, `{"service":"users","instances":[{"service":"users","instance":"users-8080","address":"10.0.0.1","ports":[{"name":"http","port":8080,"protocol":"http"}],"metadata":null}]}`},
		"/v1/services/cart":  {404, `{"error":"unknown_service","message":"This forwarder has no route to \"cart\". Add it to the services that this one calls."}`},
		"/ready":             {200, `{"services":["users"]}`},
	}
	for path, want := range cases {
		response, body := do(t, newRequest(t, "GET", "http://"+f.lookup+path, nil))
		if response.StatusCode != want.status || body != want.body+"\n" || !json.Valid([]byte(body)) {
			t.Errorf("%s answers %d %s", path, response.StatusCode, body)
		}
	}
}
