package forward

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"flotilla.dev/agent/internal/registry"
)

// directory is what this forwarder knows of the services that it has routes to.
type directory struct {
	mu sync.Mutex
	// nil until the first answer of the registry.
	known map[string][]registry.Instance
	pools map[string][]*pool
}

func newDirectory() *directory {
	return &directory{known: map[string][]registry.Instance{}, pools: map[string][]*pool{}}
}

// add makes a pool follow its service; all are added before follow.
func (d *directory) add(p *pool) {
	d.known[p.service] = nil
	d.pools[p.service] = append(d.pools[p.service], p)
}

// follow watches every service until ctx ends.
func (d *directory) follow(ctx context.Context, from registry.Registry) {
	for service := range d.pools {
		go func() {
			for instances := range from.Watch(ctx, service) {
				d.update(service, instances)
			}
		}()
	}
}

func (d *directory) update(service string, instances []registry.Instance) {
	d.mu.Lock()
	d.known[service] = append([]registry.Instance{}, instances...)
	d.mu.Unlock()
	for _, p := range d.pools[service] {
		p.update(instances)
	}
}

func (d *directory) services() []string {
	return slices.Sorted(maps.Keys(d.pools))
}

func (d *directory) instances(service string) ([]registry.Instance, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	instances, found := d.known[service]
	if found && instances == nil {
		instances = []registry.Instance{}
	}
	return instances, found
}

// ready needs one answer of the registry for every service; which instances it named does not matter.
func (d *directory) ready() (any, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var missing []string
	for service, instances := range d.known {
		if instances == nil {
			missing = append(missing, service)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, "the registry has not answered yet about " + strings.Join(missing, ", ")
	}
	return map[string][]string{"services": slices.Sorted(maps.Keys(d.pools))}, ""
}
