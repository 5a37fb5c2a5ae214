package register

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

// replica is a register mode that runs beside a main process of the test.
type replica struct {
	registry *testkit.Registry
	ready    string
	stop     context.CancelFunc
	ended    chan error
}

func startReplica(t *testing.T, port int, arguments ...string) *replica {
	t.Helper()
	address := testkit.FreeAddress(t)
	options, err := parse(append([]string{
		"--service", "users", "--port", "http=" + strconv.Itoa(port) + "/http", "--metadata", "version=2",
		"--ready-listen", address,
	}, arguments...))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &replica{registry: testkit.NewRegistry(), ready: "http://" + address + "/ready", stop: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- run(ctx, options, r.registry, testkit.Log(t)) }()
	t.Cleanup(cancel)
	return r
}

func (r *replica) get() (status int, body map[string]any) {
	response, err := http.Get(r.ready)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	_ = json.NewDecoder(response.Body).Decode(&body)
	return response.StatusCode, body
}

func (r *replica) await(t *testing.T, want int) map[string]any {
	t.Helper()
	var body map[string]any
	testkit.Eventually(t, 5*time.Second, "/ready answers "+strconv.Itoa(want), func() bool {
		var status int
		status, body = r.get()
		return status == want
	})
	return body
}

func port(t *testing.T, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, _ := strconv.Atoi(text)
	return number
}

func TestReadyShowsTheInstance(t *testing.T) {
	t.Parallel()
	main := httptest.NewServer(http.NotFoundHandler())
	defer main.Close()
	mainPort := port(t, main.Listener.Addr().String())
	r := startReplica(t, mainPort)
	body := r.await(t, 200)
	if body["service"] != "users" || !strings.HasPrefix(body["instance"].(string), "users-") || net.ParseIP(body["address"].(string)) == nil {
		t.Fatalf("/ready says %v", body)
	}
	want := map[string]any{"name": "http", "port": float64(mainPort), "protocol": "http"}
	if got := body["ports"].([]any); len(got) != 1 || !jsonEqual(got[0], want) || !jsonEqual(body["metadata"], map[string]any{"version": "2"}) {
		t.Fatalf("/ready says %v", body)
	}
}

func TestIsNotHealthyBeforeWhatIsAwaited(t *testing.T) {
	t.Parallel()
	main := httptest.NewServer(http.NotFoundHandler())
	defer main.Close()
	var asked atomic.Int32
	var fails atomic.Bool
	fails.Store(true)
	awaited := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if fails.Load() {
			response.WriteHeader(503)
		}
	}))
	defer awaited.Close()
	r := startReplica(t, port(t, main.Listener.Addr().String()), "--await", awaited.URL, "--probe-interval", "10ms")
	testkit.Eventually(t, 5*time.Second, "it has asked three times", func() bool { return asked.Load() >= 3 })
	if body := r.await(t, 503); body["reason"] != "unhealthy: what it waits for: answered 503 Service Unavailable, not 2xx or 3xx" {
		t.Fatalf("/ready says %v", body)
	}
	fails.Store(false)
	r.await(t, 200)
	before := asked.Load()
	fails.Store(true)
	time.Sleep(100 * time.Millisecond) // that nobody asks any more can only be waited for
	if asked.Load() != before {
		t.Fatalf("asked %d times more", asked.Load()-before)
	}
	r.await(t, 200)
}

func jsonEqual(a, b any) bool {
	left, _ := json.Marshal(a)
	right, _ := json.Marshal(b)
	return string(left) == string(right)
}

func TestDrainsInOrder(t *testing.T) {
	t.Parallel()
	main := httptest.NewServer(http.NotFoundHandler())
	defer main.Close()
	var r *replica
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		status, body := r.get()
		r.registry.Record(request.Method + " while " + strconv.Itoa(status) + " " + body["reason"].(string))
	}))
	defer hook.Close()
	r = startReplica(t, port(t, main.Listener.Addr().String()), "--drain", "300ms", "--on-drain-post", hook.URL)
	r.await(t, 200)

	begin := time.Now()
	r.stop()
	testkit.Eventually(t, 2*time.Second, "deregistered", func() bool { return len(r.registry.Instances("users")) == 0 })
	if err := <-r.ended; err != nil {
		t.Fatal(err)
	}
	if elapsed := time.Since(begin); elapsed < 300*time.Millisecond {
		t.Fatalf("drained for %s only", elapsed)
	}
	if got, want := r.registry.History(), []string{"announce", "POST while 503 draining", "withdraw"}; !slices.Equal(got, want) {
		t.Fatalf("history is %v, want %v", got, want)
	}
}

func TestASilentRegistryDoesNotHoldTheStopUp(t *testing.T) {
	t.Parallel()
	main := httptest.NewServer(http.NotFoundHandler())
	defer main.Close()
	r := startReplica(t, port(t, main.Listener.Addr().String()), "--drain", "0s")
	r.await(t, 200)
	r.registry.Silence(true)
	begin := time.Now()
	r.stop()
	<-r.ended
	if elapsed := time.Since(begin); elapsed > 10*time.Second {
		t.Fatalf("stopping took %s", elapsed)
	}
}

func TestNotReadyBeforeTheRegistryAccepted(t *testing.T) {
	t.Parallel()
	main := httptest.NewServer(http.NotFoundHandler())
	defer main.Close()
	r := startReplica(t, port(t, main.Listener.Addr().String()), "--drain", "0s")
	r.registry.Silence(true)
	testkit.Eventually(t, 5*time.Second, "the reason is the registry", func() bool {
		status, body := r.get()
		return status == 503 && body["reason"] == "healthy, but the registry has not accepted it yet"
	})
	r.registry.Silence(false)
	r.await(t, 200)
}

func TestAProcessThatIsGoneIsWithdrawnAndComesBack(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	// Three retries of a minute: only the knocking may notice it.
	r := startReplica(t, port(t, address), "--probe-interval", "1m", "--drain", "0s")
	r.await(t, 200)
	listener.Close()
	testkit.Eventually(t, 15*time.Second, "withdrawn", func() bool { return len(r.registry.Instances("users")) == 0 })
	if listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	r.await(t, 200)
}

func TestInstanceHasAnAddressOnThisMachinesNetwork(t *testing.T) {
	address, err := ownAddress()
	if err != nil {
		t.Skip(err)
	}
	if ip := net.ParseIP(address); ip == nil || ip.IsLoopback() || ip.To4() == nil {
		t.Fatalf("own address is %q", address)
	}
}

func TestParseReadsEverything(t *testing.T) {
	o, err := parse([]string{
		"--service", "users", "--port", "http=8080/http", "--port", "admin=9090/grpc", "--metadata", "a=b=c",
		"--probe", "http://127.0.0.1:8080/healthz", "--probe-interval", "10s", "--probe-timeout", "1s", "--probe-retries", "2",
		"--drain", "5s", "--on-drain-post", "http://127.0.0.1:1/x", "--registry", "native",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []registry.Port{{Name: "http", Port: 8080, Protocol: "http"}, {Name: "admin", Port: 9090, Protocol: "grpc"}}
	if !slices.Equal(o.instance.Ports, want) || o.instance.Metadata["a"] != "b=c" || o.interval != 10*time.Second ||
		o.timeout != time.Second || o.retries != 2 || o.drain != 5*time.Second || o.readyListen != ":15000" || o.registry.Kind != "native" {
		t.Fatalf("parsed %+v", o)
	}
}

func TestParseRefusesWrongOptions(t *testing.T) {
	good := []string{"--service", "users", "--port", "http=8080/http"}
	cases := map[string]struct {
		arguments []string
		want      string
	}{
		"no service":     {[]string{"--port", "http=8080/http"}, `--service must be a name without "/" or spaces, got ""; write for example --service users`},
		"no port":        {[]string{"--service", "users"}, "--port is missing; write for example --port http=8080/http"},
		"bad protocol":   {append(good, "--port", "x=1/udp"), `--port must be NAME=PORT/PROTOCOL with the protocol http, grpc or tcp, got "x=1/udp"; write for example --port http=8080/http`},
		"port 0":         {append(good, "--port", "x=0/tcp"), `--port must be NAME=PORT/PROTOCOL with the protocol http, grpc or tcp, got "x=0/tcp"; write for example --port http=8080/http`},
		"port twice":     {append(good, "--port", "http=9/tcp"), `--port http=9/tcp: the name "http" is taken by another port; give each port its own name`},
		"metadata":       {append(good, "--metadata", "x"), `--metadata must be KEY=VALUE, the key of letters, digits, - and _, the value of at most 512 bytes, got "x"; write for example --metadata version=2`},
		"metadata key":   {append(good, "--metadata", "a.b=c"), `--metadata must be KEY=VALUE, the key of letters, digits, - and _, the value of at most 512 bytes, got "a.b=c"; write for example --metadata version=2`},
		"weight":         {append(good, "--metadata", "weight=129"), `--metadata weight: "129" is not a whole number from 1 to 128; write for example --metadata weight=10`},
		"drain":          {append(good, "--drain", "3"), `invalid value "3" for flag --drain: not a length of time; write for example 3s or 250ms; see: agent register --help`},
		"retries":        {append(good, "--probe-retries", "0"), "--probe-interval, --probe-timeout and --probe-retries must be above 0; write for example --probe-interval 5s --probe-timeout 2s --probe-retries 3"},
		"hook":           {append(good, "--on-drain-post", "x"), `--on-drain-post must be an http URL, got "x"; write for example http://127.0.0.1:9901/healthcheck/fail`},
		"loose argument": {append(good, "now"), `unexpected argument "now": every argument is a flag, --name value`},
		"unknown flag":   {append(good, "--foo"), "flag provided but not defined: -foo; see: agent register --help"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := parse(c.arguments)
			if err == nil || err.Error() != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
}
