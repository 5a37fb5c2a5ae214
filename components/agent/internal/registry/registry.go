// Package registry is where instances of services announce themselves and find each other.
package registry

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"flotilla.dev/agent/internal/cli"
)

// Port is one port of an instance.
type Port struct {
	Name     string `json:"name"`
	Port     int    `json:"port"`
	Protocol string `json:"protocol"`
}

var protocols = []string{"http", "grpc", "tcp"}

// ParsePort reads NAME=PORT/PROTOCOL.
func ParsePort(text string) (Port, bool) {
	name, rest, named := strings.Cut(text, "=")
	number, protocol, typed := strings.Cut(rest, "/")
	port, err := cli.ParsePort(number)
	valid := named && name != "" && typed && err == nil && port > 0 && slices.Contains(protocols, protocol)
	return Port{Name: name, Port: port, Protocol: protocol}, valid
}

// String writes what ParsePort reads.
func (p Port) String() string { return fmt.Sprintf("%s=%d/%s", p.Name, p.Port, p.Protocol) }

// Instance is one replica of a service that can serve now.
type Instance struct {
	Service  string            `json:"service"`
	Instance string            `json:"instance"`
	Address  string            `json:"address"`
	Ports    []Port            `json:"ports"`
	Metadata map[string]string `json:"metadata"`
}

// PortNamed returns the port with a name; the empty name stands for the first port.
func (i Instance) PortNamed(name string) (Port, bool) {
	index := slices.IndexFunc(i.Ports, func(port Port) bool { return name == "" || port.Name == name })
	if index < 0 {
		return Port{}, false
	}
	return i.Ports[index], true
}

// Weight is the share of calls that an instance asks for by its metadata, relative to others, 1 when it asks for none.
func (i Instance) Weight() int {
	weight, err := ParseWeight(i.Metadata["weight"])
	if err != nil {
		return 1
	}
	return weight
}

// ParseWeight reads a weight, 1 to 128.
func ParseWeight(text string) (int, error) {
	weight, err := strconv.Atoi(text)
	if err != nil || weight < 1 || weight > 128 {
		return 0, fmt.Errorf("%q is not a whole number from 1 to 128", text)
	}
	return weight, nil
}

// Registry is one kind of registry. No method waits for it to answer.
type Registry interface {
	// Announce registers an instance, and again whenever the registry lost it, until it is withdrawn.
	Announce(instance Instance) Announcement
	// Watch sends the live instances of a service, sorted, at first and after each change until ctx ends.
	// While the registry is away nothing is sent: the last known instances stay in use.
	Watch(ctx context.Context, service string) <-chan []Instance
	// Close lets go of every connection; announcements that were not withdrawn end with their lease.
	Close()
}

// Announcement is one instance that is kept registered.
type Announcement interface {
	// Registered says whether the registry has accepted the instance at least once. An outage later does not
	// undo it: a registry that is away must not make healthy replicas unready.
	Registered() bool
	// Withdraw takes the instance out, trying until ctx ends.
	Withdraw(ctx context.Context)
}

// Each kind of registry; a new kind is one file and one line here.
var kinds = map[string]func(options Options, log *slog.Logger) (Registry, error){
	"consul":    openConsul,
	"etcd":      openEtcd,
	"native":    openNative,
	"zookeeper": openZooKeeper,
}

func sorted(instances []Instance) []Instance {
	slices.SortFunc(instances, func(a, b Instance) int { return strings.Compare(a.Instance, b.Instance) })
	return instances
}

// send delivers a snapshot unless ctx ends first.
func send(ctx context.Context, channel chan<- []Instance, instances []Instance) {
	select {
	case channel <- instances:
	case <-ctx.Done():
	}
}
