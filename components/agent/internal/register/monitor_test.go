package register

import (
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errSick    = errors.New("sick")
	errRefused = syscall.ECONNREFUSED
)

// subject is a process whose answers the test decides; time is the bubble's own.
type subject struct {
	mu           sync.Mutex
	probe, knock error
	probes       int
	reports      []string
	begin        time.Time
}

func (s *subject) monitor(interval time.Duration) *monitor {
	return &monitor{
		check: func(context.Context) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.probes++
			return s.probe
		},
		knock: func(context.Context) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.knock
		},
		interval: interval, timeout: time.Second, retries: 3,
	}
}

// answers changes what the process says from now on.
func (s *subject) answers(probe, knock error) func() {
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.probe, s.knock = probe, knock
	}
}

func (s *subject) report(err error) {
	state := "healthy"
	if err != nil {
		state = err.Error()
	}
	s.reports = append(s.reports, time.Since(s.begin).String()+" "+state)
}

// observe runs a monitor over a script: what to change, and how long to look on afterwards.
func observe(t *testing.T, interval time.Duration, s *subject, script ...func()) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s.begin = time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		go s.monitor(interval).run(ctx, s.report)
		for _, step := range script {
			step()
		}
		cancel()
		synctest.Wait()
	})
}

func look(duration time.Duration) func() {
	return func() { time.Sleep(duration); synctest.Wait() }
}

func expectReports(t *testing.T, s *subject, want ...string) {
	t.Helper()
	if !slices.Equal(s.reports, want) {
		t.Fatalf("reports are %q, want %q", s.reports, want)
	}
}

func TestMonitorProbesOftenUntilFirstHealthy(t *testing.T) {
	s := &subject{probe: errRefused, knock: errRefused}
	observe(t, 5*time.Second, s, look(600*time.Millisecond), s.answers(nil, nil), look(time.Second))
	expectReports(t, s, "0s connection refused", "250ms connection refused", "500ms connection refused", "750ms healthy")
}

func TestMonitorKeepsASlowStarterUnderClosePeriods(t *testing.T) {
	s := &subject{probe: errSick}
	observe(t, 5*time.Second, s, look(400*time.Millisecond), s.answers(nil, nil), look(200*time.Millisecond))
	expectReports(t, s, "0s sick", "250ms sick", "500ms healthy")
}

func TestMonitorWaitsForRetriesWhileTheProcessListens(t *testing.T) {
	s := &subject{}
	observe(t, time.Second, s, look(100*time.Millisecond), s.answers(errSick, nil), look(4*time.Second))
	expectReports(t, s, "0s healthy", "3s sick", "4s sick")
}

func TestMonitorForgivesFewerFailuresThanRetries(t *testing.T) {
	s := &subject{}
	observe(t, time.Second, s, look(100*time.Millisecond), s.answers(errSick, nil), look(2*time.Second),
		s.answers(nil, nil), look(2*time.Second), s.answers(errSick, nil), look(2*time.Second))
	expectReports(t, s, "0s healthy")
}

func TestMonitorNoticesAtOnceThatNobodyListens(t *testing.T) {
	s := &subject{}
	observe(t, time.Second, s, look(100*time.Millisecond), s.answers(errRefused, errRefused),
		look(time.Second), s.answers(nil, nil), look(time.Second))
	expectReports(t, s, "0s healthy", "1s connection refused", "1.25s healthy")
}

func TestMonitorKnocksBetweenRareProbes(t *testing.T) {
	s := &subject{}
	observe(t, time.Minute, s, look(time.Second), s.answers(errRefused, errRefused), look(4100*time.Millisecond),
		s.answers(nil, nil), look(time.Second))
	expectReports(t, s, "0s healthy", "5s nobody listens on its port any more", "5s connection refused", "5.25s healthy")
	if s.probes != 3 {
		t.Fatalf("%d probes, want 3", s.probes)
	}
}

func TestMonitorIgnoresRefusalsOfAPortThatWasNeverReachable(t *testing.T) {
	s := &subject{knock: errRefused}
	observe(t, time.Second, s, look(100*time.Millisecond), s.answers(errSick, errRefused), look(2*time.Second))
	expectReports(t, s, "0s healthy")
}
