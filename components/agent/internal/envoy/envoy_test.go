package envoy

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

// mirroring is an envoy mode that runs between two directories.
type mirroring struct {
	t              *testing.T
	source, target string
	ready          string
	registry       *testkit.Registry
}

func startMirroring(t *testing.T, target string) *mirroring {
	t.Helper()
	m := &mirroring{t: t, source: t.TempDir(), target: target, ready: testkit.FreeAddress(t), registry: testkit.NewRegistry()}
	options, err := parse([]string{"--source", m.source, "--target", m.target, "--ready-listen", m.ready})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- run(ctx, options, m.registry, testkit.Log(t)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return m
}

// publish writes the source: the version of routes and listeners, and the services with their clusters.
func (m *mirroring) publish(version string, services ...string) {
	m.t.Helper()
	clusters := []map[string]string{}
	for _, service := range services {
		clusters = append(clusters, map[string]string{"name": service})
	}
	m.write("rds.json", map[string]any{"resources": []map[string]string{{"name": version}}})
	m.write("lds.json", map[string]any{"resources": []map[string]string{{"name": version}}})
	m.write("cds.json", map[string]any{"resources": clusters})
	m.write("services.json", services)
}

func (m *mirroring) write(name string, content any) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.source, name), encode(content), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m *mirroring) status() int { return m.get("/ready") }

func (m *mirroring) get(path string) int {
	response, err := http.Get("http://" + m.ready + path)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

func (m *mirroring) await(within time.Duration, what string, condition func() bool) {
	m.t.Helper()
	testkit.Eventually(m.t, within, what, condition)
}

// named are the resources of a file of the target, sorted.
func (m *mirroring) named(file string) []string {
	content, err := os.ReadFile(filepath.Join(m.target, file))
	if err != nil {
		return nil
	}
	byName, err := resources(content)
	if err != nil {
		m.t.Fatalf("%s is broken: %s", file, content)
	}
	names := []string{}
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (m *mirroring) has(file string) bool {
	_, err := os.Stat(filepath.Join(m.target, file))
	return err == nil
}

func user(address string) registry.Instance {
	return registry.Instance{
		Service: "users", Instance: "users-" + address, Address: address,
		Ports: []registry.Port{{Name: "http", Port: 8080, Protocol: "http"}, {Name: "admin", Port: 9000, Protocol: "http"}},
	}
}

func TestWritesEverythingAndFollowsInstances(t *testing.T) {
	t.Parallel()
	m := startMirroring(t, t.TempDir())
	m.registry.Set("users", user("10.0.0.1"))
	m.await(time.Second, "it listens", func() bool { return m.status() == 503 })
	m.publish("v1", "users", "users:admin")
	m.await(3*time.Second, "it is ready", func() bool { return m.status() == 200 })

	if got := m.named("cds.json"); !slices.Equal(got, []string{"users", "users:admin"}) {
		t.Fatalf("clusters are %v", got)
	}
	content, err := os.ReadFile(filepath.Join(m.target, "endpoints/users_admin.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		VersionInfo string `json:"version_info"`
		Resources   json.RawMessage
	}
	if err := json.Unmarshal(content, &file); err != nil || len(file.VersionInfo) != 12 {
		t.Fatalf("%v: %s", err, content)
	}
	want := `[{"@type":"type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment","cluster_name":"users:admin",` +
		`"endpoints":[{"locality":{},"lb_endpoints":[{"endpoint":{"address":{"socket_address":{"address":"10.0.0.1","port_value":9000}}},"load_balancing_weight":1}]}]}]`
	if string(file.Resources) != want {
		t.Fatalf("endpoints are %s, want %s", file.Resources, want)
	}

	m.registry.Set("users", user("10.0.0.1"), user("10.0.0.2"))
	m.await(2*time.Second, "the endpoints follow", func() bool {
		content, err := os.ReadFile(filepath.Join(m.target, "endpoints/users.json"))
		return err == nil && len(content) > 0 && contains(content, "10.0.0.2")
	})
}

func contains(content []byte, address string) bool {
	var file struct {
		Resources []loadAssignment `json:"resources"`
	}
	if json.Unmarshal(content, &file) != nil {
		return false
	}
	return slices.ContainsFunc(file.Resources[0].Endpoints[0].LbEndpoints, func(e lbEndpoint) bool {
		return e.Endpoint.Address.SocketAddress == socketAddress{address, 8080}
	})
}

func TestChangeNeverRoutesToAMissingCluster(t *testing.T) {
	t.Parallel()
	m := startMirroring(t, t.TempDir())
	m.publish("v1", "users")
	m.await(3*time.Second, "it is ready", func() bool { return m.status() == 200 })
	m.publish("v2", "orders")
	m.await(3*time.Second, "both clusters are there", func() bool {
		return slices.Equal(m.named("cds.json"), []string{"orders", "users"})
	})
	if got := m.named("rds.json"); !slices.Equal(got, []string{"v1"}) || !m.has("endpoints/orders.json") || !m.has("endpoints/users.json") {
		t.Fatalf("the routes are %v before the clusters are settled", got)
	}
	m.await(5*time.Second, "the routes follow", func() bool { return slices.Equal(m.named("rds.json"), []string{"v2"}) })
	if got := m.named("cds.json"); !slices.Equal(got, []string{"orders", "users"}) {
		t.Fatalf("the clusters are %v while routes may name both", got)
	}
	m.await(3*time.Second, "the old cluster goes", func() bool { return slices.Equal(m.named("cds.json"), []string{"orders"}) })
	m.await(time.Second, "its endpoints go", func() bool { return !m.has("endpoints/users.json") })
}

func listenersWith(filters ...string) map[string]any {
	list := []any{}
	for _, name := range filters {
		list = append(list, map[string]any{"name": name})
	}
	manager := map[string]any{"name": "manager", "typed_config": map[string]any{"http_filters": list}}
	chain := map[string]any{"filters": []any{manager}}
	return map[string]any{"resources": []any{map[string]any{"name": "http", "filter_chains": []any{chain}}}}
}

func TestBothOldAndNewFiltersAreThereWhileRoutesChange(t *testing.T) {
	t.Parallel()
	m := startMirroring(t, t.TempDir())
	m.publish("v1", "users")
	m.write("lds.json", listenersWith("cors", "jwt-old", "authorization", "router"))
	m.write("filter-jwt-old.json", map[string]any{"resources": []any{}})
	m.await(3*time.Second, "it is ready", func() bool { return m.status() == 200 })
	m.publish("v2", "users")
	m.write("lds.json", listenersWith("jwt-new", "authorization", "router"))
	m.write("filter-jwt-new.json", map[string]any{"resources": []any{map[string]string{"name": "jwt-new"}}})
	if err := os.Remove(filepath.Join(m.source, "filter-jwt-old.json")); err != nil {
		t.Fatal(err)
	}
	holds := func(filters ...string) bool {
		content, _ := os.ReadFile(filepath.Join(m.target, "lds.json"))
		return string(content) == string(encode(listenersWith(filters...)))
	}
	m.await(5*time.Second, "both filters are there", func() bool {
		return holds("jwt-new", "cors", "jwt-old", "authorization", "router")
	})
	if got := m.named("rds.json"); !slices.Equal(got, []string{"v1"}) || !m.has("filter-jwt-new.json") || !m.has("filter-jwt-old.json") {
		t.Fatalf("the routes are %v before the filters are there", got)
	}
	m.await(5*time.Second, "the routes follow", func() bool { return slices.Equal(m.named("rds.json"), []string{"v2"}) })
	m.await(5*time.Second, "the old filter goes", func() bool { return holds("jwt-new", "authorization", "router") })
	m.await(5*time.Second, "its file goes", func() bool { return !m.has("filter-jwt-old.json") && m.has("filter-jwt-new.json") })
}

func TestBrokenSourceChangesNothing(t *testing.T) {
	t.Parallel()
	m := startMirroring(t, t.TempDir())
	m.publish("v1", "users")
	m.await(3*time.Second, "it is ready", func() bool { return m.status() == 200 })
	if err := os.WriteFile(filepath.Join(m.source, "cds.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.write("lds.json", map[string]any{"resources": []map[string]string{{"name": "v2"}}})
	time.Sleep(2 * pollInterval) // that nothing happens can only be waited for
	if got := m.named("lds.json"); !slices.Equal(got, []string{"v1"}) {
		t.Fatalf("listeners are %v", got)
	}
	m.publish("v3", "users")
	m.await(3*time.Second, "the next good change is taken", func() bool { return slices.Equal(m.named("lds.json"), []string{"v3"}) })
}

func TestNotReadyBeforeTheRegistryAnswered(t *testing.T) {
	t.Parallel()
	m := startMirroring(t, t.TempDir())
	m.registry.Silence(true)
	m.publish("v1", "users")
	time.Sleep(2 * pollInterval)
	if status := m.status(); status != 503 || m.has("lds.json") {
		t.Fatalf("ready says %d", status)
	}
	m.registry.Silence(false)
	m.await(3*time.Second, "it is ready", func() bool { return m.status() == 200 })
}

func TestReachableOnceEachServiceHadAnInstance(t *testing.T) {
	t.Parallel()
	m := startMirroring(t, t.TempDir())
	m.registry.Set("users", user("10.0.0.1"))
	m.publish("v1", "users", "users:admin", "orders")
	m.await(5*time.Second, "it is ready", func() bool { return m.status() == 200 })
	if status := m.get("/reachable"); status != 503 {
		t.Fatalf("without an instance of orders it says %d", status)
	}
	m.registry.Set("orders", registry.Instance{Service: "orders", Instance: "orders-1", Address: "10.0.0.2"})
	m.await(5*time.Second, "it is reachable", func() bool { return m.get("/reachable") == 200 })
	m.registry.Set("orders")
	m.await(5*time.Second, "orders has gone", func() bool {
		content, _ := os.ReadFile(filepath.Join(m.target, "endpoints/orders.json"))
		return bytes.Contains(content, []byte(`"endpoints":[]`))
	})
	if status := m.get("/reachable"); status != 200 {
		t.Fatalf("after an instance has gone it says %d", status)
	}
}

func TestAServiceWithoutInstancesIsNotAwaitedForEver(t *testing.T) {
	m := &mirror{endpoints: &endpoints{}, log: testkit.Log(t), wanted: &configuration{clusters: []string{"users"}}}
	m.complete.Store(true)
	begin := time.Now()
	m.stopsAwaiting = begin.Add(awaitInstances)
	m.await(begin.Add(awaitInstances - 1))
	if _, reason := m.reachable(); reason != "not every service has an instance yet" {
		t.Fatalf("before its time it says %q", reason)
	}
	m.await(begin.Add(awaitInstances))
	if _, reason := m.reachable(); reason != "" {
		t.Fatalf("after its time it says %q", reason)
	}
}

func TestReadSourceRefusesWrongServices(t *testing.T) {
	directory := t.TempDir()
	files := map[string]string{"lds.json": `{"resources":[]}`, "rds.json": `{"resources":[]}`, "cds.json": `{"resources":[]}`, "services.json": `["../users"]`}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := `services.json: "../users" is not a service name or SERVICE:PORTNAME`
	if _, err := readSource(directory); err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}

func TestWriteAtomicallyLeavesAnUnchangedFileAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	if err := writeAtomically(path, []byte("1")); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	if err := writeAtomically(path, []byte("1")); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); !os.SameFile(before, after) {
		t.Fatal("the file was replaced")
	}
	if before.Mode().Perm() != 0o644 {
		t.Fatalf("mode is %o", before.Mode().Perm())
	}
	if err := writeAtomically(path, []byte("2")); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if content, _ := os.ReadFile(path); string(content) != "2" || len(entries) != 1 {
		t.Fatalf("content %q, %d files", content, len(entries))
	}
}

func TestEndpointsCarryZoneWeightAndMetadata(t *testing.T) {
	at := func(address string, metadata map[string]string) registry.Instance {
		return registry.Instance{
			Service: "users", Address: address, Ports: []registry.Port{{Name: "http", Port: 8080, Protocol: "http"}}, Metadata: metadata,
		}
	}
	var file struct {
		Resources []loadAssignment `json:"resources"`
	}
	content := assignment("users", []registry.Instance{
		at("10.0.0.1", map[string]string{"zone": "b", "weight": "7", "version": "2"}), at("10.0.0.2", nil), at("10.0.0.3", map[string]string{"zone": "b"}),
	})
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	zones := file.Resources[0].Endpoints
	if len(zones) != 2 || zones[0].Locality.Zone != "" || zones[1].Locality.Zone != "b" || len(zones[1].LbEndpoints) != 2 {
		t.Fatalf("zones are %+v", zones)
	}
	plain, first := zones[0].LbEndpoints[0], zones[1].LbEndpoints[0]
	if plain.LoadBalancingWeight != 1 || plain.Metadata != nil || first.LoadBalancingWeight != 7 {
		t.Fatalf("endpoints are %+v and %+v", plain, first)
	}
	if got := first.Metadata.FilterMetadata["envoy.lb"]; got["version"] != "2" || got["zone"] != "b" {
		t.Fatalf("metadata are %v", got)
	}
}
