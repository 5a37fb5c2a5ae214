package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Where the two generations of control groups say how many bytes this container may use.
var memoryLimitFiles = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// limitMemory makes the collector work harder before the container's limit is reached, unless GOMEMLIMIT says otherwise.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	for _, file := range memoryLimitFiles {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// "max" (no limit) does not parse; a huge number (no limit either) does no harm.
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			debug.SetMemoryLimit(limit / 10 * 8)
		}
		return
	}
}
