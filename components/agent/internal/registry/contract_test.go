// What every kind of registry that keeps instances does, shown by the real ones.
package registry_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/registrytest"
	"flotilla.dev/agent/internal/testkit"
)

const patience = 10 * time.Second

func forEachKind(t *testing.T, test func(t *testing.T, server *registrytest.Server)) {
	for _, kind := range registrytest.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, registrytest.Start(t, kind))
		})
	}
}

func open(t *testing.T, server *registrytest.Server) registry.Registry {
	t.Helper()
	from, err := registry.Open(server.Options(), testkit.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(from.Close)
	return from
}

func user(name string) registry.Instance {
	return registry.Instance{
		Service: "users", Instance: name, Address: "10.0.0.1",
		Ports: []registry.Port{{Name: "http", Port: 8080, Protocol: "http"}}, Metadata: map[string]string{"version": "2"},
	}
}

// watcher records what a watch sends.
type watcher struct {
	mu        sync.Mutex
	snapshots [][]string
}

func watch(t *testing.T, from registry.Registry) *watcher {
	w := &watcher{}
	go func() {
		for snapshot := range from.Watch(t.Context(), "users") {
			names := []string{}
			for _, instance := range snapshot {
				names = append(names, instance.Instance)
			}
			w.mu.Lock()
			w.snapshots = append(w.snapshots, names)
			w.mu.Unlock()
		}
	}()
	return w
}

func (w *watcher) all() [][]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.snapshots)
}

func (w *watcher) await(t *testing.T, within time.Duration, names ...string) {
	t.Helper()
	testkit.Eventually(t, within, "the instances are "+join(names), func() bool {
		all := w.all()
		return len(all) > 0 && slices.Equal(all[len(all)-1], names)
	})
}

func join(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return names[0] + " and so on"
}

func withdraw(t *testing.T, announcement registry.Announcement) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	announcement.Withdraw(ctx)
}

func TestWatchFollowsWithinTwoSeconds(t *testing.T) {
	forEachKind(t, func(t *testing.T, server *registrytest.Server) {
		w := watch(t, open(t, server))
		w.await(t, patience)

		announcer := open(t, server)
		first := announcer.Announce(user("users-1"))
		testkit.Eventually(t, patience, "the first is registered", first.Registered)
		w.await(t, 2*time.Second, "users-1")
		second := announcer.Announce(user("users-2"))
		testkit.Eventually(t, patience, "the second is registered", second.Registered)
		w.await(t, 2*time.Second, "users-1", "users-2")
		withdraw(t, first)
		w.await(t, 2*time.Second, "users-2")
		withdraw(t, second)
		w.await(t, 2*time.Second)
	})
}

func TestInstanceSurvivesItsLeaseOnlyWhileItsAgentLives(t *testing.T) {
	forEachKind(t, func(t *testing.T, server *registrytest.Server) {
		w := watch(t, open(t, server))
		living, crashing := open(t, server), open(t, server)
		living.Announce(user("users-1"))
		crashing.Announce(user("users-2"))
		w.await(t, patience, "users-1", "users-2")

		crashing.Close()
		begin := time.Now()
		w.await(t, 15*time.Second, "users-1")
		if elapsed := time.Since(begin); elapsed < 4*time.Second {
			t.Fatalf("gone after %s: the lease did not hold it", elapsed)
		}
	})
}

func TestDeletedKeyIsWrittenAgain(t *testing.T) {
	forEachKind(t, func(t *testing.T, server *registrytest.Server) {
		w := watch(t, open(t, server))
		open(t, server).Announce(user("users-1"))
		w.await(t, patience, "users-1")
		before := len(w.all())
		forget[server.Kind](t, server.Options(), "users-1")
		// It may be back before anybody looks.
		testkit.Eventually(t, patience, "it was gone", func() bool {
			return slices.ContainsFunc(w.all()[before:], func(names []string) bool { return len(names) == 0 })
		})
		w.await(t, patience, "users-1")
	})
}

func TestLossOfDataIsNotNoticedByCallers(t *testing.T) {
	forEachKind(t, func(t *testing.T, server *registrytest.Server) {
		w := watch(t, open(t, server))
		announcer := open(t, server)
		announcer.Announce(user("users-1"))
		announcer.Announce(user("users-2"))
		w.await(t, patience, "users-1", "users-2")
		before := len(w.all())

		server.LoseData()
		server.Run()
		// Its watch must not wait for revisions of the past.
		open(t, server).Announce(user("users-3"))
		w.await(t, patience, "users-1", "users-2", "users-3")
		for _, snapshot := range w.all()[before:] {
			if len(snapshot) < 2 {
				t.Fatalf("callers saw only %v", snapshot)
			}
		}
		probe := watch(t, open(t, server))
		probe.await(t, patience, "users-1", "users-2", "users-3")
	})
}

func TestThatIsAwayDelaysNoStop(t *testing.T) {
	forEachKind(t, func(t *testing.T, server *registrytest.Server) {
		w := watch(t, open(t, server))
		announcer := open(t, server)
		announcement := announcer.Announce(user("users-1"))
		w.await(t, patience, "users-1")
		server.Stop()

		begin := time.Now()
		withdraw(t, announcement)
		announcer.Close()
		if elapsed := time.Since(begin); elapsed > 10*time.Second {
			t.Fatalf("stopping took %s", elapsed)
		}
		if !announcement.Registered() {
			t.Fatal("an outage must not undo the registration")
		}
		w.await(t, time.Second, "users-1")
	})
}
