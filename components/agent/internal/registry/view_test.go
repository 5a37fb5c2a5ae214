package registry

import (
	"slices"
	"testing"
	"time"
)

var start = time.Unix(1_000_000, 0)

func listOf(names ...string) map[string]Instance {
	list := map[string]Instance{}
	for _, name := range names {
		list[name] = Instance{Instance: name}
	}
	return list
}

func names(v *view) []string {
	found := []string{}
	for _, instance := range v.snapshot() {
		found = append(found, instance.Instance)
	}
	return found
}

func expect(t *testing.T, v *view, want ...string) {
	t.Helper()
	if got := names(v); !slices.Equal(got, want) {
		t.Fatalf("known instances are %v, not %v", got, want)
	}
}

func TestViewBelievesEventsAtOnce(t *testing.T) {
	v := newView()
	v.replace(listOf("a", "b"), 10, true, start)
	v.remove("a", 11)
	v.put("c", Instance{Instance: "c"}, 12)
	expect(t, v, "b", "c")
}

func TestViewIgnoresEventsOlderThanItsList(t *testing.T) {
	v := newView()
	v.replace(listOf("a"), 10, true, start)
	v.remove("a", 10)
	v.put("b", Instance{Instance: "b"}, 9)
	expect(t, v, "a")
}

func TestViewDoubtsWhatIsMissingAfterReconnect(t *testing.T) {
	v := newView()
	v.replace(listOf("a", "b"), 10, true, start)
	v.replace(listOf("b"), 12, true, start)
	expect(t, v, "a", "b")
	v.replace(listOf("b"), 12, false, start.Add(graceAfterLoss-time.Millisecond))
	expect(t, v, "a", "b")
	v.replace(listOf("b"), 12, false, start.Add(graceAfterLoss))
	expect(t, v, "b")
}

func TestViewBelievesAListOnAnOldConnection(t *testing.T) {
	v := newView()
	v.replace(listOf("a", "b"), 10, true, start)
	v.replace(listOf("b"), 12, false, start)
	expect(t, v, "b")
	v.replace(listOf(), 14, false, start)
	expect(t, v)
}

func TestViewKeepsWhatALossOfDataDropped(t *testing.T) {
	v := newView()
	v.replace(listOf("a", "b", "c"), 100, true, start)
	v.replace(listOf("a"), 3, false, start)
	expect(t, v, "a", "b", "c")
	// The next list is newer than the one after the loss, but the doubt remains until the grace is over.
	v.replace(listOf("a", "b"), 4, true, start.Add(time.Second))
	expect(t, v, "a", "b", "c")
	v.replace(listOf("a", "b"), 4, false, start.Add(graceAfterLoss))
	expect(t, v, "a", "b")
}

func TestViewDropsADoubtedInstanceThatIsDeregistered(t *testing.T) {
	v := newView()
	v.replace(listOf("a"), 100, true, start)
	v.replace(listOf(), 3, false, start)
	v.put("a", Instance{Instance: "a"}, 4)
	v.remove("a", 5)
	expect(t, v)
}
