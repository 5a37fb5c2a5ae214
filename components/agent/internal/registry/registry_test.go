package registry

import (
	"log/slog"
	"strings"
	"testing"
)

func TestOpenRefusesWrongOptions(t *testing.T) {
	good := Options{Kind: "etcd", Endpoints: []string{"https://registry:2379"}, Prefix: "/flotilla/shop/", User: "flotilla", PasswordFile: "/p"}
	cases := map[string]struct {
		change func(o *Options)
		want   string
	}{
		"unknown kind":       {func(o *Options) { o.Kind = "eureka" }, `--registry must be consul or etcd or native or zookeeper, got "eureka"; write for example --registry native`},
		"no endpoint":        {func(o *Options) { o.Endpoints = nil }, "--registry etcd needs --registry-endpoint; write for example --registry-endpoint https://registry:2379"},
		"endpoint not a URL": {func(o *Options) { o.Endpoints = []string{"registry:2379"} }, `--registry-endpoint must be a URL, got "registry:2379"; write for example https://registry:2379`},
		"prefix without end": {func(o *Options) { o.Prefix = "/flotilla" }, `--registry-prefix must begin and end with "/", got "/flotilla"; write for example /flotilla/shop/`},
		"balanced name without service": {func(o *Options) {
			o.Kind, o.NamePattern, o.BalancedPattern = "native", "{service}", "users"
		}, `--registry-balanced-name must contain {service} once, got "users"; write for example {service}`},
		"name without service": {func(o *Options) { o.Kind, o.NamePattern = "native", "users" }, `--registry-name must contain {service} once, got "users"; write for example {service}-instances`},
		"user without secret":  {func(o *Options) { o.PasswordFile = "" }, "--registry-user and --registry-password-file go together; write both or neither"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			options := good
			c.change(&options)
			_, err := Open(options, slog.New(slog.DiscardHandler))
			if err == nil || err.Error() != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestPortNamed(t *testing.T) {
	instance := Instance{Ports: []Port{{"http", 8080, "http"}, {"admin", 9000, "http"}}}
	for name, want := range map[string]int{"": 8080, "http": 8080, "admin": 9000} {
		if port, found := instance.PortNamed(name); !found || port.Port != want {
			t.Errorf("port %q is %v, %v; want %d", name, port, found, want)
		}
	}
	if _, found := instance.PortNamed("metrics"); found {
		t.Error("found a port that is not there")
	}
	if _, found := (Instance{}).PortNamed(""); found {
		t.Error("found a port of an instance without ports")
	}
}

func TestOpenEtcdDoesNotWaitForTheRegistry(t *testing.T) {
	from, err := Open(Options{Kind: "etcd", Endpoints: []string{"http://127.0.0.1:1"}, Prefix: "/x/"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	from.Close()
	if !strings.HasSuffix(from.(*etcd).prefix, "/x/services/") {
		t.Fatalf("prefix is %q", from.(*etcd).prefix)
	}
}
