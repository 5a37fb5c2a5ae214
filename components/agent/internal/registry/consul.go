package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/consul/api"

	"flotilla.dev/agent/internal/cli"
)

// consulPorts is the key of Consul's metadata under which an instance's ports stand, as NAME=PORT/PROTOCOL,...
const consulPorts = "flotilla-ports"

// consul keeps instances as services <prefix><service> with a check that passes for as long as it is renewed.
type consul struct {
	*session[*api.Client]
	prefix string
}

var consulPrefix = regexp.MustCompile(`^[a-z0-9-]*$`)

func openConsul(options Options, log *slog.Logger) (Registry, error) {
	if err := checkURLs(options, "https://registry:8501"); err != nil {
		return nil, err
	}
	if !consulPrefix.MatchString(options.Prefix) {
		return nil, cli.Usagef("--registry-prefix must be lower-case letters, digits and dashes, got %q; write for example shop-", options.Prefix)
	}
	var turn atomic.Uint32
	open := func(context.Context) (*api.Client, error) {
		// A client that failed is followed by one for the next server.
		index := int(turn.Add(1)-1) % len(options.Endpoints)
		return NewConsulClient(options, options.Endpoints[index])
	}
	shut := func(client *api.Client) {}
	return &consul{newSession(open, shut, log), options.Prefix}, nil
}

func (c *consul) Close() { c.end() }

// NewConsulClient makes a client for one server; nothing is asked yet.
func NewConsulClient(options Options, endpoint string) (*api.Client, error) {
	authorities, err := trust(options.CAFile)
	if err != nil {
		return nil, err
	}
	token := ""
	if options.PasswordFile != "" {
		if token, err = cli.ReadSecret(options.PasswordFile); err != nil {
			return nil, err
		}
	}
	return api.NewClient(&api.Config{
		Address: endpoint, Token: token,
		HttpClient: &http.Client{Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: authorities, IdleConnTimeout: 30 * time.Second,
		}},
	})
}

// consulRegistration is one service of Consul's.
type consulRegistration struct {
	registry *consul
	service  *api.AgentServiceRegistration
	check    string
}

func (c *consul) Announce(instance Instance) Announcement {
	meta := map[string]string{consulPorts: writePorts(instance.Ports)}
	for key, value := range instance.Metadata {
		meta[key] = value
	}
	service := &api.AgentServiceRegistration{
		ID: instance.Instance, Name: c.prefix + instance.Service, Address: instance.Address, Meta: meta,
		Check: &api.AgentServiceCheck{
			CheckID: "lease:" + instance.Instance, Status: api.HealthPassing, TTL: fmt.Sprintf("%ds", leaseSeconds),
			// The least that Consul takes. Look-ups pass over it as soon as the lease has ended.
			DeregisterCriticalServiceAfter: "1m",
		},
	}
	if len(instance.Ports) > 0 {
		service.Port = instance.Ports[0].Port
	}
	return announce(c.ctx, &consulRegistration{c, service, service.Check.CheckID}, c.log.With("key", service.ID))
}

// ensure renews the lease; a server that does not know it gets the registration again.
func (r *consulRegistration) ensure(ctx context.Context) error {
	client, err := r.registry.acquire(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err = client.Agent().UpdateTTLOpts(r.check, "", api.HealthPassing, new(api.QueryOptions).WithContext(ctx))
	if isUnknown(err) {
		options := api.ServiceRegisterOpts{ReplaceExistingChecks: true}.WithContext(ctx)
		err = client.Agent().ServiceRegisterOpts(r.service, options)
	}
	if err != nil {
		r.registry.discard(client)
	}
	return err
}

func (r *consulRegistration) remove(ctx context.Context) error {
	client, err := r.registry.acquire(ctx)
	if err != nil {
		return err
	}
	err = client.Agent().ServiceDeregisterOpts(r.service.ID, new(api.QueryOptions).WithContext(ctx))
	if err == nil || isUnknown(err) {
		return nil
	}
	// With a server dies who would end the leases that it gave, so another one is asked to forget the instance.
	r.registry.discard(client)
	if client, err = r.registry.acquire(ctx); err != nil {
		return err
	}
	return r.forget(ctx, client)
}

// forget takes the instance out of the catalogue of all servers, whichever of them gave the lease.
func (r *consulRegistration) forget(ctx context.Context, client *api.Client) error {
	entries, _, err := client.Catalog().Service(r.service.Name, "", new(api.QueryOptions).WithContext(ctx))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.ServiceID != r.service.ID {
			continue
		}
		gone := &api.CatalogDeregistration{Node: entry.Node, ServiceID: entry.ServiceID}
		if _, err := client.Catalog().Deregister(gone, new(api.WriteOptions).WithContext(ctx)); err != nil {
			return err
		}
	}
	return nil
}

func isUnknown(err error) bool {
	var status api.StatusError
	return errors.As(err, &status) && status.Code == http.StatusNotFound
}

func (c *consul) Watch(ctx context.Context, service string) <-chan []Instance {
	return startWatch(ctx, c.ctx, service, c.log, func(ctx context.Context, w *watch) error {
		client, err := c.acquire(ctx)
		if err != nil {
			return err
		}
		err = c.follow(ctx, client, w)
		c.discard(client)
		return err
	})
}

// follow asks for the passing instances; each question is answered at the next change, or when it is time to ask again.
func (c *consul) follow(ctx context.Context, client *api.Client, w *watch) error {
	index := uint64(0)
	for {
		call, cancel := context.WithTimeout(ctx, relistEvery+callTimeout)
		options := (&api.QueryOptions{WaitIndex: index, WaitTime: relistEvery}).WithContext(call)
		entries, meta, err := client.Health().Service(c.prefix+w.service, "", true, options)
		cancel()
		if err != nil {
			return err
		}
		listed := map[string]Instance{}
		for _, entry := range entries {
			if instance, ok := w.read(entry.Service); ok {
				listed[instance.Instance] = instance
			}
		}
		if err := w.list(ctx, listed, int64(meta.LastIndex), index == 0); err != nil {
			return err
		}
		index = meta.LastIndex
	}
}

// read makes an instance of what Consul knows of it.
func (w *watch) read(service *api.AgentService) (Instance, bool) {
	instance := Instance{Service: w.service, Instance: service.ID, Address: service.Address, Metadata: map[string]string{}}
	for key, value := range service.Meta {
		if key != consulPorts {
			instance.Metadata[key] = value
		}
	}
	for _, text := range strings.Split(service.Meta[consulPorts], ",") {
		port, ok := ParsePort(text)
		if !ok {
			w.log.Warn("a service of Consul is not an instance, ignored", "id", service.ID)
			return Instance{}, false
		}
		instance.Ports = append(instance.Ports, port)
	}
	return instance, true
}

func writePorts(ports []Port) string {
	texts := make([]string, len(ports))
	for i, port := range ports {
		texts[i] = port.String()
	}
	return strings.Join(texts, ",")
}
