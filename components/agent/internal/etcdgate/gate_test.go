package etcdgate

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

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"flotilla.dev/agent/internal/etcdtest"
	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

const patience = 15 * time.Second

// gateway is a gate that runs before a real etcd.
type gateway struct {
	url, readyURL string
	directory     string
	server        *etcdtest.Server
}

func startGate(t *testing.T, server *etcdtest.Server, rootPassword string) *gateway {
	t.Helper()
	g := &gateway{server: server, directory: t.TempDir()}
	write := func(name, content string) string {
		path := filepath.Join(g.directory, name)
		if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	listen, ready := testkit.FreeAddress(t), testkit.FreeAddress(t)
	g.url, g.readyURL = "https://"+listen, "http://"+ready+"/ready"
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- Run(ctx, []string{
			"--listen", listen, "--ready-listen", ready, "--etcd", server.URL, "--ca-file", server.CAFile,
			"--root-password-file", write("root", rootPassword), "--password-file", write("user", "secret"),
			"--user", "flotilla", "--prefix", "/flotilla/",
		}, testkit.Log(t))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the gate ended with %v", err)
		}
	})
	return g
}

func (g *gateway) options(user string) registry.Options {
	options := registry.Options{Kind: "etcd", Endpoints: []string{g.url}, Prefix: "/flotilla/shop/", CAFile: g.server.CAFile}
	if user != "" {
		options.User, options.PasswordFile = user, filepath.Join(g.directory, "user")
	}
	return options
}

func (g *gateway) client(t *testing.T, user string) *clientv3.Client {
	t.Helper()
	client, err := registry.NewEtcdClient(t.Context(), g.options(user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
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

func (g *gateway) awaitReady(t *testing.T) {
	t.Helper()
	testkit.Eventually(t, patience, "the gate is ready", func() bool { return g.status() == 200 })
}

func TestGateTurnsAuthenticationOn(t *testing.T) {
	t.Parallel()
	g := startGate(t, etcdtest.Start(t), "root secret")
	g.awaitReady(t)

	user := g.client(t, "flotilla")
	if _, err := user.Put(t.Context(), "/flotilla/shop/x", "1"); err != nil {
		t.Fatalf("the user may not write below its prefix: %v", err)
	}
	if _, err := user.Put(t.Context(), "/other", "1"); !errors.Is(err, rpctypes.ErrPermissionDenied) {
		t.Fatalf("writing outside of the prefix: %v", err)
	}
	if _, err := user.RoleList(t.Context()); !errors.Is(err, rpctypes.ErrPermissionDenied) {
		t.Fatalf("the user may administrate: %v", err)
	}
	if _, err := g.client(t, "").Get(t.Context(), "/flotilla/shop/x"); !errors.Is(err, rpctypes.ErrUserEmpty) {
		t.Fatalf("a stranger may read: %v", err)
	}
	// A second gate finds everything done.
	startGate(t, g.server, "root secret").awaitReady(t)
}

func TestGateClosesUntilAuthenticationIsBackAfterLossOfData(t *testing.T) {
	t.Parallel()
	g := startGate(t, etcdtest.Start(t), "root secret")
	g.awaitReady(t)
	from, err := registry.Open(g.options("flotilla"), testkit.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	from.Announce(registry.Instance{Service: "users", Instance: "users-1", Address: "10.0.0.1"})
	count := make(chan int, 100)
	go func() {
		for snapshot := range from.Watch(t.Context(), "users") {
			count <- len(snapshot)
		}
	}()
	testkit.Eventually(t, patience, "the instance is seen", func() bool { return len(count) > 0 && <-count == 1 })

	g.server.LoseData()
	testkit.Eventually(t, patience, "the gate is not ready", func() bool { return g.status() == 503 })
	g.server.Run()
	// From the first moment on, a stranger gets nothing.
	testkit.Eventually(t, patience, "a stranger is refused", func() bool {
		client, err := registry.NewEtcdClient(t.Context(), g.options(""))
		if err != nil {
			return false
		}
		defer client.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = client.Get(ctx, "/flotilla/")
		if err == nil {
			t.Fatal("a stranger got in")
		}
		return errors.Is(err, rpctypes.ErrUserEmpty)
	})
	g.awaitReady(t)
	testkit.Eventually(t, patience, "the instance is registered again", func() bool {
		client, err := registry.NewEtcdClient(t.Context(), g.options("flotilla"))
		if err != nil {
			return false
		}
		defer client.Close()
		response, err := client.Get(t.Context(), "/flotilla/shop/services/users/users-1")
		return err == nil && response.Count == 1
	})
	for len(count) > 0 {
		if <-count != 1 {
			t.Fatal("callers lost sight of the instance")
		}
	}
}

func TestGateSaysThatTheRootPasswordIsAnother(t *testing.T) {
	t.Parallel()
	server := etcdtest.Start(t)
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
	if connection, err := net.Dial("tcp", strings.TrimPrefix(g.url, "https://")); err == nil {
		connection.Close()
		t.Fatal("the gate is open")
	}
}

func TestParseRefusesWrongOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		arguments []string
		want      string
	}{
		"etcd without port": {[]string{"--etcd", "https://etcd"}, `--etcd must be a URL with a port, got "https://etcd"; write for example https://127.0.0.1:2378`},
		"root as user":      {[]string{"--user", "root"}, `--user must be another user than root, got "root"; write for example --user flotilla`},
		"open prefix":       {[]string{"--prefix", "/flotilla"}, `--prefix must begin and end with "/", got "/flotilla"; write for example /flotilla/`},
		"no password":       {nil, "--root-password-file is missing; write the path of a file that holds the password"},
		"listen":            {[]string{"--root-password-file", file, "--password-file", file, "--listen", "2379"}, `--listen must be [ADDRESS]:PORT, got "2379"; write for example :15000 or 127.0.0.1:15000`},
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
