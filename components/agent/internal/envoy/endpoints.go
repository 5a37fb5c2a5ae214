package envoy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flotilla.dev/agent/internal/registry"
)

// The Envoy types of an EDS file, as far as they are needed.
type (
	discoveryResponse struct {
		VersionInfo string `json:"version_info"`
		Resources   []any  `json:"resources"`
	}
	loadAssignment struct {
		Type        string `json:"@type"`
		ClusterName string `json:"cluster_name"`
		Endpoints   []zone `json:"endpoints"`
	}
	// zone is the endpoints of one zone.
	zone struct {
		Locality    locality     `json:"locality"`
		LbEndpoints []lbEndpoint `json:"lb_endpoints"`
	}
	locality struct {
		Zone string `json:"zone,omitempty"`
	}
	lbEndpoint struct {
		Endpoint struct {
			Address struct {
				SocketAddress socketAddress `json:"socket_address"`
			} `json:"address"`
		} `json:"endpoint"`
		Metadata            *metadata `json:"metadata,omitempty"`
		LoadBalancingWeight int       `json:"load_balancing_weight"`
	}
	metadata struct {
		FilterMetadata map[string]map[string]string `json:"filter_metadata"`
	}
	socketAddress struct {
		Address   string `json:"address"`
		PortValue int    `json:"port_value"`
	}
)

// subsetMetadata is where Envoy looks for metadata by which a route chooses endpoints.
const subsetMetadata = "envoy.lb"

// news is an answer of the registry about one service.
type news struct {
	service   string
	instances []registry.Instance
}

// endpoints keeps one file per cluster ("users" or "users:admin") with the live endpoints of its service.
type endpoints struct {
	ctx       context.Context
	directory string
	from      registry.Registry
	log       *slog.Logger
	news      chan news

	clusters map[string]bool
	// By service: how to stop watching it, and what was last heard of it.
	watched map[string]context.CancelFunc
	known   map[string][]registry.Instance
}

func newEndpoints(ctx context.Context, target string, from registry.Registry, log *slog.Logger) (*endpoints, error) {
	directory := filepath.Join(target, "endpoints")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	return &endpoints{
		ctx: ctx, directory: directory, from: from, log: log, news: make(chan news),
		clusters: map[string]bool{}, watched: map[string]context.CancelFunc{}, known: map[string][]registry.Instance{},
	}, nil
}

// add follows clusters; those that are followed already stay.
func (e *endpoints) add(clusters []string) {
	for _, cluster := range clusters {
		if e.clusters[cluster] {
			continue
		}
		e.clusters[cluster] = true
		service, _, _ := strings.Cut(cluster, ":")
		if instances, known := e.known[service]; known {
			e.write(cluster, instances)
		}
		if e.watched[service] == nil {
			e.watch(service)
		}
	}
}

func (e *endpoints) watch(service string) {
	ctx, cancel := context.WithCancel(e.ctx)
	e.watched[service] = cancel
	go func() {
		for instances := range e.from.Watch(ctx, service) {
			select {
			case e.news <- news{service, instances}:
			case <-ctx.Done():
			}
		}
	}()
}

// written says whether every one of these clusters has its file.
func (e *endpoints) written(clusters []string) bool {
	for _, cluster := range clusters {
		service, _, _ := strings.Cut(cluster, ":")
		if _, known := e.known[service]; !known {
			return false
		}
	}
	return true
}

// without are the services of these clusters that have no instance now.
func (e *endpoints) without(clusters []string) []string {
	missing := []string{}
	for _, cluster := range clusters {
		service, _, _ := strings.Cut(cluster, ":")
		if len(e.known[service]) == 0 && !slices.Contains(missing, service) {
			missing = append(missing, service)
		}
	}
	return missing
}

// retain stops to follow every other cluster and removes its file.
func (e *endpoints) retain(clusters []string) {
	services := map[string]bool{}
	kept := map[string]bool{}
	for _, cluster := range clusters {
		service, _, _ := strings.Cut(cluster, ":")
		services[service], kept[cluster] = true, true
	}
	for cluster := range e.clusters {
		if !kept[cluster] {
			delete(e.clusters, cluster)
			_ = os.Remove(e.path(cluster))
		}
	}
	for service, stop := range e.watched {
		if !services[service] {
			stop()
			delete(e.watched, service)
			delete(e.known, service)
		}
	}
}

// update takes over what the registry says.
func (e *endpoints) update(news news) {
	if e.watched[news.service] == nil {
		return // dropped meanwhile
	}
	e.known[news.service] = news.instances
	for cluster := range e.clusters {
		if service, _, _ := strings.Cut(cluster, ":"); service == news.service {
			e.write(cluster, news.instances)
		}
	}
	e.log.Info("endpoints", "service", news.service, "count", len(news.instances))
}

func (e *endpoints) write(cluster string, instances []registry.Instance) {
	if err := writeAtomically(e.path(cluster), assignment(cluster, instances)); err != nil {
		e.log.Error("could not write endpoints", "cluster", cluster, "error", err.Error())
	}
}

func (e *endpoints) path(cluster string) string {
	return filepath.Join(e.directory, strings.ReplaceAll(cluster, ":", "_")+".json")
}

// assignment is the EDS file of one cluster; the same instances always give the same bytes.
func assignment(cluster string, instances []registry.Instance) []byte {
	_, portName, _ := strings.Cut(cluster, ":")
	byZone := map[string]*zone{}
	for _, instance := range instances {
		port, found := instance.PortNamed(portName)
		if !found {
			continue
		}
		one := lbEndpoint{LoadBalancingWeight: instance.Weight()}
		one.Endpoint.Address.SocketAddress = socketAddress{instance.Address, port.Port}
		if len(instance.Metadata) > 0 {
			one.Metadata = &metadata{map[string]map[string]string{subsetMetadata: instance.Metadata}}
		}
		name := instance.Metadata["zone"]
		if byZone[name] == nil {
			byZone[name] = &zone{Locality: locality{name}}
		}
		byZone[name].LbEndpoints = append(byZone[name].LbEndpoints, one)
	}
	zones := []zone{}
	for _, name := range slices.Sorted(maps.Keys(byZone)) {
		zones = append(zones, *byZone[name])
	}
	resource := loadAssignment{"type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", cluster, zones}
	return encode(discoveryResponse{version(zones), []any{resource}})
}

func encode(value any) []byte {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return content
}

func version(of any) string {
	sum := sha256.Sum256(encode(of))
	return hex.EncodeToString(sum[:6])
}
