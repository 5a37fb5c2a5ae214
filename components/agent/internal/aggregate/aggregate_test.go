package aggregate

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

// shop is an aggregator that runs, and the services that it asks.
type shop struct {
	url, ready string
	registry   *testkit.Registry
	stop       context.CancelFunc
	ended      chan struct{}
}

func startShop(t *testing.T, services map[string]http.HandlerFunc) *shop {
	t.Helper()
	s := &shop{registry: testkit.NewRegistry(), ended: make(chan struct{})}
	for name, handler := range services {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		s.registry.Set(name, instanceAt(name, server.Listener.Addr().String()))
	}
	listen, ready := testkit.FreeAddress(t), testkit.FreeAddress(t)
	options, err := parse([]string{"--listen", listen, "--ready-listen", ready})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.url, s.ready, s.stop = "http://"+listen+"/overview", "http://"+ready+"/ready", cancel
	go func() {
		defer close(s.ended)
		if err := run(ctx, options, s.registry, testkit.Log(t)); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-s.ended
	})
	testkit.Eventually(t, 5*time.Second, "the aggregator is ready", func() bool {
		response, err := http.Get(s.ready)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == 200
	})
	return s
}

func instanceAt(service, address string) registry.Instance {
	host, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	return registry.Instance{
		Service: service, Instance: service + "-" + text, Address: host,
		Ports: []registry.Port{{Name: "http", Port: port, Protocol: "http"}},
	}
}

// ask sends a request with a plan, and reads the answer.
func (s *shop) ask(t *testing.T, plan string, header map[string]string) (int, http.Header, string) {
	t.Helper()
	return s.send(t, http.MethodGet, plan, header)
}

func (s *shop) send(t *testing.T, method, plan string, header map[string]string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequest(method, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if plan != "" {
		request.Header.Set(planHeader, plan)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

func answers(body string) http.HandlerFunc {
	return func(response http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(response, body) }
}

func answersStatus(status int, body string) http.HandlerFunc {
	return func(response http.ResponseWriter, _ *http.Request) {
		response.WriteHeader(status)
		_, _ = io.WriteString(response, body)
	}
}

// never answers until its caller goes.
func never(_ http.ResponseWriter, request *http.Request) { <-request.Context().Done() }

// planOf asks each service for /x, in this order.
func planOf(deadline time.Duration, maxBytes int, services ...string) string {
	p := plan{DeadlineMs: int(deadline / time.Millisecond), MaxBytes: int64(maxBytes)}
	for _, service := range services {
		p.Parts = append(p.Parts, part{Name: service, Service: service, Path: "/x"})
	}
	return string(encode(p))
}

func overview(services ...string) string { return planOf(10*time.Second, 1<<20, services...) }

func TestPartsAreJoinedInThePlansOrder(t *testing.T) {
	t.Parallel()
	s := startShop(t, map[string]http.HandlerFunc{
		"users": answers(`{"id":"ada"}`), "orders": answers(" [1, 2]\n"), "payments": answersStatus(201, `"none"`),
	})
	status, header, body := s.ask(t, overview("users", "orders", "payments"), nil)
	want := `{"users":{"id":"ada"},"orders": [1, 2]` + "\n" + `,"payments":"none","unavailable":[]}` + "\n"
	if status != 200 || body != want {
		t.Fatalf("got %d %s", status, body)
	}
	if header.Get("Content-Type") != "application/json" || header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got headers %v", header)
	}
	if header.Get("Content-Length") != strconv.Itoa(len(want)) {
		t.Fatalf("got the length %s", header.Get("Content-Length"))
	}
	status, header, body = s.send(t, http.MethodHead, overview("users"), nil)
	if status != 200 || body != "" || header.Get("Content-Length") == "" {
		t.Fatalf("HEAD: got %d %q %v", status, body, header)
	}
}

func TestPartsAreFetchedAtTheSameTime(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	all.Add(3)
	// Each answers once all were asked.
	meets := func(response http.ResponseWriter, _ *http.Request) {
		all.Done()
		all.Wait()
		_, _ = io.WriteString(response, "1")
	}
	s := startShop(t, map[string]http.HandlerFunc{"a": meets, "b": meets, "c": meets})
	if status, _, body := s.ask(t, overview("a", "b", "c"), nil); status != 200 || !strings.Contains(body, `"unavailable":[]`) {
		t.Fatalf("got %d %s", status, body)
	}
}

func TestWhatIsMissingIsNamedAndTheRestComes(t *testing.T) {
	t.Parallel()
	broken := func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(response, `{"id"`)
	}
	cases := map[string]http.HandlerFunc{
		"failing":    answersStatus(500, `{"error":"internal_error"}`),
		"refusing":   answersStatus(403, `{"error":"forbidden"}`),
		"missing":    answersStatus(404, `{}`),
		"redirected": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/y", http.StatusFound) },
		"not JSON":   answers("<html>"),
		"two JSONs":  answers("{} {}"),
		"empty":      answers(""),
		"cut off":    broken,
		"away":       nil,
	}
	for name, handler := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			services := map[string]http.HandlerFunc{"users": answers("1"), "orders": answers("[]")}
			if handler != nil {
				services["payments"] = handler
			}
			s := startShop(t, services)
			status, _, body := s.ask(t, overview("users", "payments", "orders"), nil)
			if want := `{"users":1,"orders":[],"unavailable":["payments"]}` + "\n"; status != 200 || body != want {
				t.Fatalf("got %d %s", status, body)
			}
		})
	}
}

func TestAKilledInstanceIsMissingAndIsBackWhenAnotherOneComes(t *testing.T) {
	t.Parallel()
	s := startShop(t, map[string]http.HandlerFunc{"users": answers("1")})
	s.registry.Set("payments", instanceAt("payments", testkit.FreeAddress(t)))
	if _, _, body := s.ask(t, overview("users", "payments"), nil); body != `{"users":1,"unavailable":["payments"]}`+"\n" {
		t.Fatalf("got %s", body)
	}
	server := httptest.NewServer(answers("2"))
	t.Cleanup(server.Close)
	s.registry.Set("payments", instanceAt("payments", server.Listener.Addr().String()))
	testkit.Eventually(t, 5*time.Second, "payments is back", func() bool {
		_, _, body := s.ask(t, overview("users", "payments"), nil)
		return body == `{"users":1,"payments":2,"unavailable":[]}`+"\n"
	})
}

func TestTheDeadlineHoldsForTheWhole(t *testing.T) {
	t.Parallel()
	slow := func(response http.ResponseWriter, request *http.Request) {
		_, _ = io.WriteString(response, "[")
		response.(http.Flusher).Flush()
		<-request.Context().Done()
	}
	s := startShop(t, map[string]http.HandlerFunc{"users": answers("1"), "silent": never, "slow": slow})
	begin := time.Now()
	status, _, body := s.ask(t, planOf(2*time.Second, 1<<20, "users", "silent", "slow", "absent"), nil)
	if want := `{"users":1,"unavailable":["silent","slow","absent"]}` + "\n"; status != 200 || body != want {
		t.Fatalf("got %d %s", status, body)
	}
	if took := time.Since(begin); took < 2*time.Second || took > 10*time.Second {
		t.Fatalf("took %s", took)
	}
}

func TestWithoutAnyPartItIsUnavailable(t *testing.T) {
	t.Parallel()
	s := startShop(t, map[string]http.HandlerFunc{"users": answersStatus(503, "{}"), "orders": never})
	status, header, body := s.ask(t, planOf(200*time.Millisecond, 1<<20, "users", "orders"), map[string]string{"X-Request-Id": "r-1"})
	want := `{"error":"unavailable","message":"None of users, orders can be had now. Try again in a moment.","requestId":"r-1"}` + "\n"
	if status != 503 || body != want || header.Get("Retry-After") != "1" {
		t.Fatalf("got %d %s %v", status, body, header)
	}
}

func TestTheSizeOfTheWholeIsLimited(t *testing.T) {
	t.Parallel()
	s := startShop(t, map[string]http.HandlerFunc{
		"small": answers("1"), "half": answers(`"` + strings.Repeat("x", 600) + `"`), "large": answers(`"` + strings.Repeat("x", 50_000) + `"`),
	})
	_, _, body := s.ask(t, planOf(10*time.Second, 1000, "small", "large", "half"), nil)
	var joined struct {
		Small       int
		Half        string
		Unavailable []string
	}
	if err := json.Unmarshal([]byte(body), &joined); err != nil {
		t.Fatal(err)
	}
	if joined.Small != 1 || len(joined.Half) != 600 || !reflect.DeepEqual(joined.Unavailable, []string{"large"}) {
		t.Fatalf("got %+v", joined)
	}
	// Of two that fit alone and not together, the later one is missing, whichever came first.
	twice := strings.Replace(planOf(10*time.Second, 1000, "half", "half"), `"name":"half"`, `"name":"first"`, 1)
	_, _, body = s.ask(t, twice, nil)
	if len(body) > 1000 || !strings.HasSuffix(body, `"unavailable":["half"]}`+"\n") {
		t.Fatalf("got %d bytes: %s", len(body), body)
	}
}

func TestServicesGetWhatTheCallerSentAndNothingOfTheConnection(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got http.Header
	var host, path string
	s := startShop(t, map[string]http.HandlerFunc{"users": func(response http.ResponseWriter, request *http.Request) {
		mu.Lock()
		got, host, path = request.Header.Clone(), request.Host, request.Method+" "+request.URL.String()
		mu.Unlock()
		_, _ = io.WriteString(response, "1")
	}})
	kept := map[string]string{
		"Authorization": "Bearer token", "X-User-Id": "ada", "X-User-Roles": `["admin"]`, "X-Request-Id": "r-1",
		"Traceparent": "00-1-1-01", "X-Forwarded-For": "10.0.0.1", "Accept-Language": "de", "User-Agent": "shop/1",
	}
	sent := map[string]string{
		"Accept-Encoding": "gzip", "If-None-Match": `"1"`, "If-Modified-Since": "x", "Range": "bytes=0-1", "Content-Type": "text/plain",
		"X-Envoy-Original-Path": "/overview", "Connection": "X-Hop", "X-Hop": "1", "Te": "trailers", "Accept": "text/html",
	}
	for name, value := range kept {
		sent[name] = value
	}
	plan := strings.Replace(overview("users"), "/x", "/users/me?part=1", 1)
	if status, _, body := s.ask(t, plan, sent); status != 200 {
		t.Fatalf("got %d %s", status, body)
	}
	kept["Accept"] = "application/json"
	want := http.Header{}
	for name, value := range kept {
		want.Set(name, value)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v", got)
	}
	if path != "GET /users/me?part=1" || "http://"+host+"/overview" != s.url {
		t.Fatalf("got %s at %s", path, host)
	}
}

func TestWhatHasNoPlanIsRefused(t *testing.T) {
	t.Parallel()
	s := startShop(t, nil)
	for _, plan := range []string{
		"", "{", "{}", `{"deadlineMs":1,"maxBytes":1,"parts":[]}`, `{"deadlineMs":0,"maxBytes":1,"parts":[{"name":"a","service":"a","path":"/"}]}`,
		`{"deadlineMs":1,"maxBytes":1,"parts":[{"name":"a","path":"/"}]}`,
	} {
		if status, _, body := s.ask(t, plan, nil); status != 500 || !strings.Contains(body, "internal_error") {
			t.Errorf("%q: got %d %s", plan, status, body)
		}
	}
	if status, _, body := s.send(t, http.MethodPost, overview("users"), nil); status != 405 || !strings.Contains(body, "method_not_allowed") {
		t.Errorf("POST: got %d %s", status, body)
	}
}

func TestAnAnswerInTheMakingEndsBeforeItStops(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}), make(chan struct{})
	s := startShop(t, map[string]http.HandlerFunc{"users": func(response http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		_, _ = io.WriteString(response, "1")
	}})
	body := make(chan string, 1)
	go func() {
		_, _, text := s.ask(t, overview("users"), nil)
		body <- text
	}()
	<-asked
	s.stop()
	testkit.Eventually(t, 5*time.Second, "its door is closed", func() bool {
		_, err := http.Get(s.url)
		return err != nil
	})
	close(release)
	if text := <-body; text != `{"users":1,"unavailable":[]}`+"\n" {
		t.Fatalf("got %s", text)
	}
	<-s.ended
}

func TestWhatIsHeldIsBoundedAndGivenBack(t *testing.T) {
	t.Parallel()
	b := newBudget(2 * chunk)
	content, release, err := b.read(strings.NewReader(strings.Repeat("x", chunk-1)), 1<<20)
	if err != nil || len(content) != chunk-1 {
		t.Fatalf("got %d bytes, %v", len(content), err)
	}
	_, releaseOther, err := b.read(strings.NewReader(strings.Repeat("x", 2*chunk)), 1<<20)
	if err != errBusy {
		t.Fatalf("got %v", err)
	}
	release()
	releaseOther()
	if left := b.left.Load(); left != 2*chunk {
		t.Fatalf("left %d", left)
	}
	if _, release, err = b.read(strings.NewReader("xx"), 1); err != errTooLarge {
		t.Fatalf("got %v", err)
	}
	release()
}

func TestItListensOnLoopbackOnly(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:0": "", "[::1]:0": "", "localhost:0": "",
		":15096":         `--listen must be an address on loopback, got ":15096"; write for example 127.0.0.1:15096`,
		"0.0.0.0:15096":  `--listen must be an address on loopback, got "0.0.0.0:15096"; write for example 127.0.0.1:15096`,
		"10.0.0.1:15096": `--listen must be an address on loopback, got "10.0.0.1:15096"; write for example 127.0.0.1:15096`,
		"15096":          `--listen must be [ADDRESS]:PORT, got "15096"; write for example :15000 or 127.0.0.1:15000`,
	} {
		_, err := parse([]string{"--listen", address})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q", address, got)
		}
	}
}
