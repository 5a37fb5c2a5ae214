package cli

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff makes the waits between tries grow, with jitter so that many agents do not knock at the same moment.
type Backoff struct {
	Min, Max time.Duration
	next     time.Duration
	waits    int
}

// Loud says whether the failure before the next wait is worth a log line: the first one is, then every twentieth.
func (b *Backoff) Loud() bool { return b.waits%20 == 0 }

// Wait sleeps between half and all of the current step and doubles it; it returns early when ctx ends.
func (b *Backoff) Wait(ctx context.Context) {
	b.next = min(max(b.next, b.Min), b.Max)
	Sleep(ctx, b.next/2+rand.N(b.next/2+1))
	b.next *= 2
	b.waits++
}

// Reset starts again with the shortest wait.
func (b *Backoff) Reset() { b.next, b.waits = 0, 0 }

// Sleep waits for a length of time or for the end of ctx.
func Sleep(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
