package gate

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/registrytest"
	"flotilla.dev/agent/internal/testkit"
)

const (
	patience     = 20 * time.Second
	agentsSecret = "8e1b7a30-6f40-4c0c-9f39-2d1d3c6c55f1"
)

// Below which agents may register, for each kind, and where they may not.
var prefixes = map[string][2]string{
	"consul":    {"shop-", "other-"},
	"etcd":      {"/flotilla/shop/", "/flotilla/other/"},
	"zookeeper": {"/flotilla/shop/", "/flotilla/other/"},
}

// gateway is a gate that runs before a real registry.
type gateway struct {
	listen, readyURL string
	directory        string
	server           *registrytest.Server
}

func forEachKind(t *testing.T, test func(t *testing.T, server *registrytest.Server)) {
	for _, kind := range registrytest.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, registrytest.Start(t, kind))
		})
	}
}

func startGate(t *testing.T, server *registrytest.Server, adminSecret string) *gateway {
	t.Helper()
	g := &gateway{server: server, directory: t.TempDir(), listen: testkit.FreeAddress(t)}
	write := func(name, content string) string {
		path := filepath.Join(g.directory, name)
		if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ready := testkit.FreeAddress(t)
	g.readyURL = "http://" + ready + "/ready"
	arguments := []string{
		"--kind", server.Kind, "--listen", g.listen, "--ready-listen", ready,
		"--server", server.Options().Endpoints[0], "--ca-file", server.CAFile,
		"--admin-secret-file", write("admin", adminSecret), "--secret-file", write("agents", agentsSecret),
		"--prefix", prefixes[server.Kind][0],
	}
	if server.Kind == "zookeeper" {
		// It has no TLS of its own.
		arguments = append(arguments, "--ca-file", "", "--certificate-file", server.CertificateFile, "--key-file", server.KeyFile)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- Run(ctx, arguments, testkit.Log(t)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the gate ended with %v", err)
		}
	})
	return g
}

// agent is how agents come in; a stranger has no secret.
func (g *gateway) agent() registry.Options {
	options := g.stranger()
	options.PasswordFile = filepath.Join(g.directory, "agents")
	if g.server.Kind != "consul" {
		options.User = "flotilla"
	}
	return options
}

func (g *gateway) stranger() registry.Options {
	endpoint := "https://" + g.listen
	if g.server.Kind == "zookeeper" {
		endpoint = g.listen
	}
	return registry.Options{Kind: g.server.Kind, Endpoints: []string{endpoint}, Prefix: prefixes[g.server.Kind][0], CAFile: g.server.CAFile}
}

// status of GET /ready; 0 when nobody answers.
func (g *gateway) status() int {
	response, err := http.Get(g.readyURL)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

// awaitRefusal asks as a stranger until that is refused, and fails when a stranger is let in.
func (g *gateway) awaitRefusal(t *testing.T, kind string) {
	t.Helper()
	testkit.Eventually(t, patience, "a stranger is refused", func() bool {
		err := ask[kind](t, g.stranger())
		if err == nil {
			t.Fatal("a stranger got in")
		}
		return strings.Contains(err.Error(), refusals[kind])
	})
}

func (g *gateway) awaitReady(t *testing.T) {
	t.Helper()
	testkit.Eventually(t, patience, "the gate is ready", func() bool { return g.status() == 200 })
}

// open returns a registry that is closed after the test.
func open(t *testing.T, options registry.Options) registry.Registry {
	t.Helper()
	from, err := registry.Open(options, testkit.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(from.Close)
	return from
}

func announce(from registry.Registry, name string) registry.Announcement {
	return from.Announce(registry.Instance{
		Service: "users", Instance: name, Address: "10.0.0.1", Ports: []registry.Port{{Name: "http", Port: 8080, Protocol: "http"}},
	})
}

// counts records how many instances of users are known.
func counts(t *testing.T, from registry.Registry) chan int {
	seen := make(chan int, 100)
	go func() {
		for snapshot := range from.Watch(t.Context(), "users") {
			seen <- len(snapshot)
		}
	}()
	return seen
}

func TestGateLetsAgentsInAndNobodyElse(t *testing.T) {
	forEachKind(t, func(t *testing.T, server *registrytest.Server) {
		g := startGate(t, server, registrytest.AdminSecret)
		g.awaitReady(t)
		agent := announce(open(t, g.agent()), "users-1")
		testkit.Eventually(t, patience, "the agent is registered", agent.Registered)

		elsewhere := g.agent()
		elsewhere.Prefix = prefixes[server.Kind][1]
		outside, stranger := announce(open(t, elsewhere), "users-2"), announce(open(t, g.stranger()), "users-3")
		g.awaitRefusal(t, server.Kind)
		time.Sleep(3 * time.Second)
		if outside.Registered() || stranger.Registered() {
			t.Fatalf("registered outside of the prefix: %v, as a stranger: %v", outside.Registered(), stranger.Registered())
		}
		// A second gate finds everything done.
		startGate(t, server, registrytest.AdminSecret).awaitReady(t)
	})
}

func TestGateClosesUntilAuthenticationIsBackAfterLossOfData(t *testing.T) {
	forEachKind(t, func(t *testing.T, server *registrytest.Server) {
		g := startGate(t, server, registrytest.AdminSecret)
		g.awaitReady(t)
		announce(open(t, g.agent()), "users-1")
		seen := counts(t, open(t, g.agent()))
		testkit.Eventually(t, patience, "the instance is seen", func() bool { return len(seen) > 0 && <-seen == 1 })

		g.server.LoseData()
		testkit.Eventually(t, patience, "the gate is not ready", func() bool { return g.status() == 503 })
		g.server.Run()
		// From the first moment on, a stranger gets nothing.
		g.awaitRefusal(t, server.Kind)
		g.awaitReady(t)
		begin := time.Now()
		fresh := counts(t, open(t, g.agent()))
		testkit.Eventually(t, patience, "the instance is registered again", func() bool { return len(fresh) > 0 && <-fresh == 1 })
		if elapsed := time.Since(begin); elapsed > 15*time.Second {
			t.Fatalf("registered again only after %s", elapsed)
		}
		for len(seen) > 0 {
			if <-seen != 1 {
				t.Fatal("callers lost sight of the instance")
			}
		}
	})
}

func TestGateSaysThatTheAdministratorsSecretIsAnother(t *testing.T) {
	t.Parallel()
	server := registrytest.Start(t, "etcd")
	startGate(t, server, "root secret").awaitReady(t)
	g := startGate(t, server, "another")
	testkit.Eventually(t, patience, "the reason is shown", func() bool {
		response, err := http.Get(g.readyURL)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		body := make([]byte, 1000)
		n, _ := response.Body.Read(body)
		return response.StatusCode == 503 && strings.Contains(string(body[:n]), "etcd refuses the root password")
	})
	if connection, err := net.Dial("tcp", g.listen); err == nil {
		connection.Close()
		t.Fatal("the gate is open")
	}
}

// Part of what each kind tells a stranger who asks for something.
var refusals = map[string]string{
	"consul":    "Permission denied: anonymous token",
	"etcd":      rpctypes.ErrUserEmpty.Error(),
	"zookeeper": zk.ErrNoAuth.Error(),
}

// How somebody asks each kind for something that only agents and administrators may see.
var ask = map[string]func(t *testing.T, options registry.Options) error{
	"consul": func(t *testing.T, options registry.Options) error {
		client, err := registry.NewConsulClient(options, options.Endpoints[0])
		if err == nil {
			_, err = client.Agent().Self()
		}
		return err
	},
	"etcd": func(t *testing.T, options registry.Options) error {
		client, err := registry.NewEtcdClient(t.Context(), options)
		if err != nil {
			return err
		}
		defer client.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = client.Get(ctx, options.Prefix)
		return err
	},
	"zookeeper": func(t *testing.T, options registry.Options) error {
		client, err := registry.NewZooKeeperClient(t.Context(), options)
		if err != nil {
			return err
		}
		defer client.End()
		return client.Within(t.Context(), func() error {
			_, _, err := client.Children(options.Prefix + "services")
			if _, _, rootErr := client.Children("/"); rootErr == nil {
				return errors.New("the root is open")
			}
			return err
		})
	},
}

func TestParseRefusesWrongOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := []string{
		"--kind", "etcd", "--listen", ":2379", "--server", "https://127.0.0.1:2378", "--prefix", "/flotilla/",
		"--admin-secret-file", file, "--secret-file", file,
	}
	if _, err := parse(good); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		arguments []string
		want      string
	}{
		"kind":             {[]string{"--kind", "native"}, `--kind must be one of consul, etcd, zookeeper, got "native"; write for example --kind etcd`},
		"no port":          {[]string{"--server", "https://etcd"}, `--server must have a port, got "https://etcd"; write for example https://127.0.0.1:2378`},
		"root as user":     {[]string{"--user", "root"}, `--user must be another user than the administrator, got "root"; write for example --user flotilla`},
		"no prefix":        {[]string{"--prefix", ""}, `--prefix is missing; write for example --prefix /flotilla/shop/`},
		"no secret":        {[]string{"--secret-file", ""}, "--secret-file is missing; write the path of a file that holds it"},
		"half certificate": {[]string{"--key-file", file}, "--certificate-file and --key-file go together; write both or neither"},
		"listen":           {[]string{"--listen", "2379"}, `--listen must be [ADDRESS]:PORT, got "2379"; write for example :15000 or 127.0.0.1:15000`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := parse(append(append([]string{}, good...), c.arguments...))
			if err == nil || err.Error() != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
}
