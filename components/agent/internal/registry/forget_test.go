package registry_test

import (
	"testing"

	"flotilla.dev/agent/internal/registry"
)

// How somebody else takes an instance of users out of each kind of registry.
var forget = map[string]func(t *testing.T, options registry.Options, instance string){
	"consul": func(t *testing.T, options registry.Options, instance string) {
		client, err := registry.NewConsulClient(options, options.Endpoints[0])
		if err == nil {
			err = client.Agent().ServiceDeregister(instance)
		}
		if err != nil {
			t.Fatal(err)
		}
	},
	"etcd": func(t *testing.T, options registry.Options, instance string) {
		client, err := registry.NewEtcdClient(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if _, err := client.Delete(t.Context(), options.Prefix+"services/users/"+instance); err != nil {
			t.Fatal(err)
		}
	},
	"zookeeper": func(t *testing.T, options registry.Options, instance string) {
		client, err := registry.NewZooKeeperClient(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		defer client.End()
		if err := client.Delete(options.Prefix+"services/users/"+instance, -1); err != nil {
			t.Fatal(err)
		}
	},
}
