// Package testkit holds what the tests of several packages need; nothing of it is in the binary.
package testkit

import (
	"context"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
)

// How often Eventually looks after its time: a machine that stood still was no help to those that are waited for.
const lateLooks = 50

// Eventually fails the test when the condition is not met in time.
func Eventually(t testing.TB, within time.Duration, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for late := 0; !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			late++
		}
		if late > lateLooks {
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}

// Log writes to the test's own output as long as the test runs.
func Log(t testing.TB) *slog.Logger {
	output := &testOutput{output: t.Output()}
	t.Cleanup(func() {
		output.mu.Lock()
		defer output.mu.Unlock()
		output.output = io.Discard
	})
	return slog.New(slog.NewTextHandler(output, nil))
}

type testOutput struct {
	mu     sync.Mutex
	output io.Writer
}

func (o *testOutput) Write(line []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.output.Write(line)
}

// FreeAddress is a loopback address on which nobody listens.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Registry is a registry in memory that records what happens to it.
type Registry struct {
	mu        sync.Mutex
	instances map[string]map[string]registry.Instance
	changed   chan struct{}
	silent    bool
	history   []string
}

// NewRegistry makes an empty one.
func NewRegistry() *Registry {
	return &Registry{instances: map[string]map[string]registry.Instance{}, changed: make(chan struct{})}
}

// Set makes these the live instances of a service.
func (r *Registry) Set(service string, instances ...registry.Instance) {
	r.change(func() {
		r.instances[service] = map[string]registry.Instance{}
		for _, instance := range instances {
			r.instances[service][instance.Instance] = instance
		}
	})
}

// Silence makes the registry accept and answer nothing from now on, or again.
func (r *Registry) Silence(silent bool) {
	r.change(func() { r.silent = silent })
}

// Instances are those that were announced or set.
func (r *Registry) Instances(service string) []registry.Instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list(service)
}

// Record adds an event of the test's own to the history.
func (r *Registry) Record(event string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, event)
}

// History is what happened, in order.
func (r *Registry) History() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.history...)
}

func (r *Registry) change(how func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	how()
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Registry) list(service string) []registry.Instance {
	list := []registry.Instance{}
	for _, instance := range r.instances[service] {
		list = append(list, instance)
	}
	return list
}

// Announce registers at once, or as soon as the registry is not silent any more.
func (r *Registry) Announce(instance registry.Instance) registry.Announcement {
	r.change(func() {
		if r.instances[instance.Service] == nil {
			r.instances[instance.Service] = map[string]registry.Instance{}
		}
		r.instances[instance.Service][instance.Instance] = instance
		r.history = append(r.history, "announce")
	})
	return &announcement{r, instance}
}

type announcement struct {
	registry *Registry
	instance registry.Instance
}

func (a *announcement) Registered() bool {
	a.registry.mu.Lock()
	defer a.registry.mu.Unlock()
	return !a.registry.silent
}

// Withdraw of a silent registry takes as long as it may.
func (a *announcement) Withdraw(ctx context.Context) {
	if !a.Registered() {
		<-ctx.Done()
		return
	}
	a.registry.change(func() {
		delete(a.registry.instances[a.instance.Service], a.instance.Instance)
		a.registry.history = append(a.registry.history, "withdraw")
	})
}

// Watch sends the instances after each change of any service.
func (r *Registry) Watch(ctx context.Context, service string) <-chan []registry.Instance {
	output := make(chan []registry.Instance)
	go func() {
		defer close(output)
		for {
			r.mu.Lock()
			changed, silent, list := r.changed, r.silent, r.list(service)
			r.mu.Unlock()
			if !silent {
				select {
				case output <- list:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return output
}

// Close does nothing.
func (r *Registry) Close() {}
