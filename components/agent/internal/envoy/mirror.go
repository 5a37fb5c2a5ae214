package envoy

import (
	"bytes"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// How long Envoy gets to take one file in before the next one relies on it.
	settle = time.Second
	// How long after its start a gateway waits for services of which there is no instance: one may be down, or asleep.
	awaitInstances = 30 * time.Second
)

// mirror brings changes of the source to the target in an order in which no route ever names a cluster that Envoy
// does not know, nor switches on a filter that no listener has: endpoints, new clusters beside the old ones, what listeners
// refer to, new filters beside the old ones, routes, listeners, and last the old clusters and files go.
type mirror struct {
	source, target string
	endpoints      *endpoints
	log            *slog.Logger

	// What the source said last, and the steps that are left to get there.
	wanted  *configuration
	steps   []func() (settles, done bool)
	notYet  time.Time
	problem string
	// Everything was written once.
	complete atomic.Bool
	// After it, each service had an instance once, or was waited for long enough.
	settled       atomic.Bool
	stopsAwaiting time.Time
}

func newMirror(source, target string, endpoints *endpoints, log *slog.Logger, now time.Time) *mirror {
	return &mirror{source: source, target: target, endpoints: endpoints, log: log, stopsAwaiting: now.Add(awaitInstances)}
}

func (m *mirror) ready() (any, string) {
	if !m.complete.Load() {
		return nil, "not every file is written yet"
	}
	return struct{}{}, ""
}

// reachable says whether requests find instances, as far as there are any.
func (m *mirror) reachable() (any, string) {
	if !m.settled.Load() {
		return nil, "not every service has an instance yet"
	}
	return struct{}{}, ""
}

// step does what can be done now.
func (m *mirror) step(now time.Time) {
	defer m.await(now)
	m.look()
	for len(m.steps) > 0 && !now.Before(m.notYet) {
		settles, done := m.steps[0]()
		if !done {
			return
		}
		m.steps = m.steps[1:]
		if settles {
			m.notYet = now.Add(settle)
		}
		if len(m.steps) == 0 {
			m.log.Info("configuration written", "clusters", len(m.wanted.clusters))
			m.complete.Store(true)
		}
	}
}

func (m *mirror) await(now time.Time) {
	if m.settled.Load() || !m.complete.Load() {
		return
	}
	missing := m.endpoints.without(m.wanted.clusters)
	if len(missing) == 0 || !now.Before(m.stopsAwaiting) {
		m.log.Info("serving", "without", missing)
		m.settled.Store(true)
	}
}

// look reads the source and plans the way to it. A broken source is reported once and changes nothing.
func (m *mirror) look() {
	found, err := readSource(m.source)
	if err != nil {
		if problem := err.Error(); problem != m.problem {
			m.problem = problem
			m.log.Warn("the source is not usable, keeping the last good configuration", "source", m.source, "error", problem)
		}
		return
	}
	m.problem = ""
	if found.equals(m.wanted) {
		return
	}
	m.wanted = found
	m.steps = []func() (bool, bool){
		m.followServices, m.addClusters, m.writeReferred, m.addFilters,
		m.replaceRoutes, m.replaceListeners, m.dropClusters, m.dropReferred,
	}
}

func (m *mirror) followServices() (settles, done bool) {
	m.endpoints.add(m.wanted.clusters)
	return false, m.endpoints.written(m.wanted.clusters)
}

func (m *mirror) addClusters() (settles, done bool) {
	both := m.wanted.cds
	if current, err := os.ReadFile(m.path("cds.json")); err == nil {
		both = union(m.wanted.cds, current)
	}
	return m.write("cds.json", both)
}

func (m *mirror) writeReferred() (settles, done bool) {
	for _, name := range slices.Sorted(maps.Keys(m.wanted.referred)) {
		changed, written := m.write(name, m.wanted.referred[name])
		if !written {
			return false, false
		}
		settles = settles || changed
	}
	return settles, true
}

func (m *mirror) addFilters() (settles, done bool) {
	both := m.wanted.lds
	if current, err := os.ReadFile(m.path("lds.json")); err == nil {
		both = withFiltersOf(m.wanted.lds, current)
	}
	return m.write("lds.json", both)
}

func (m *mirror) replaceRoutes() (settles, done bool) {
	return m.write("rds.json", m.wanted.rds)
}

func (m *mirror) replaceListeners() (settles, done bool) {
	return m.write("lds.json", m.wanted.lds)
}

func (m *mirror) dropClusters() (settles, done bool) {
	settles, done = m.write("cds.json", m.wanted.cds)
	if done {
		m.endpoints.retain(m.wanted.clusters)
	}
	return settles, done
}

// dropReferred removes the files that no listener refers to any more.
func (m *mirror) dropReferred() (settles, done bool) {
	present, err := filepath.Glob(m.path("*.json"))
	if err != nil {
		m.log.Error("could not list the target", "error", err.Error())
		return false, true
	}
	for _, path := range present {
		name := filepath.Base(path)
		if _, wanted := m.wanted.referred[name]; !wanted && !slices.Contains(sourceFiles, name) {
			_ = os.Remove(path)
		}
	}
	return false, true
}

// write replaces a file of the target. A new file settles at once: Envoy starts only when all are there.
func (m *mirror) write(name string, content []byte) (settles, done bool) {
	current, err := os.ReadFile(m.path(name))
	if err := writeAtomically(m.path(name), content); err != nil {
		m.log.Error("could not write", "file", name, "error", err.Error())
		return false, false
	}
	return err == nil && !bytes.Equal(current, content), true
}

func (m *mirror) path(name string) string { return filepath.Join(m.target, name) }
