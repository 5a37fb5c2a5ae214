package registry

import (
	"maps"
	"slices"
	"time"
)

// graceAfterLoss is how long instances stay known that a registry which lost its data no longer lists:
// their agents need a few seconds to register again.
const graceAfterLoss = 10 * time.Second

// view is what one watcher knows of one service: the registry's data and what to make of a sudden gap in it.
type view struct {
	// By key.
	instances map[string]Instance
	// Missing from a doubtful list; dropped at that time unless they come back.
	doubted map[string]time.Time
	// Of the newest list or event.
	revision int64
}

func newView() *view {
	return &view{instances: map[string]Instance{}, doubted: map[string]time.Time{}}
}

// replace takes over a complete list. What is missing from it is doubted when it comes from before what was known already
// (the data were lost), or over a fresh connection: the registry may have been away for longer than a lease.
func (v *view) replace(listed map[string]Instance, revision int64, reconnected bool, now time.Time) {
	doubtful := revision < v.revision || reconnected
	for key := range v.instances {
		_, isListed := listed[key]
		_, isDoubted := v.doubted[key]
		switch {
		case isListed:
			delete(v.doubted, key)
		case doubtful && !isDoubted:
			v.doubted[key] = now.Add(graceAfterLoss)
		case !doubtful && !isDoubted:
			delete(v.instances, key)
		}
	}
	maps.Copy(v.instances, listed)
	v.revision = revision
	v.expire(now)
}

// put and remove apply one event; events that the newest list contains already are ignored.
func (v *view) put(key string, instance Instance, revision int64) {
	if revision > v.revision {
		v.instances[key] = instance
		delete(v.doubted, key)
	}
}

func (v *view) remove(key string, revision int64) {
	if revision > v.revision {
		delete(v.instances, key)
		delete(v.doubted, key)
	}
}

// expire drops the doubted instances that did not come back in time.
func (v *view) expire(now time.Time) {
	for key, until := range v.doubted {
		if !now.Before(until) {
			delete(v.instances, key)
			delete(v.doubted, key)
		}
	}
}

func (v *view) snapshot() []Instance {
	return sorted(slices.AppendSeq(make([]Instance, 0, len(v.instances)), maps.Values(v.instances)))
}
