package main

import (
	"bytes"
	"context"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	modes := "aggregate, backlog, dial, envoy, files, forward, gate, probe, register, sandbox"
	cases := map[string]struct {
		arguments      []string
		code           int
		stdout, stderr string
	}{
		"version":      {[]string{"--version"}, 0, "0.1.0\n", ""},
		"no mode":      {nil, 2, "", "agent: the first argument must be a mode (" + modes + "), got nothing. Write for example: agent sandbox --help\n"},
		"unknown mode": {[]string{"sleep"}, 2, "", "agent: the first argument must be a mode (" + modes + "), got \"sleep\". Write for example: agent sandbox --help\n"},
		"wrong flag":   {[]string{"sandbox", "now"}, 2, "", "agent sandbox: unexpected argument \"now\": every argument is a flag, --name value\n"},
		"unhealthy":    {[]string{"probe", "tcp://127.0.0.1:1"}, 1, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), c.arguments, &stdout, &stderr)
			if code != c.code || stdout.String() != c.stdout || stderr.String() != c.stderr {
				t.Fatalf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
		})
	}
}

func TestSandboxRunsUntilItIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"sandbox"}, nil, nil) }()
	select {
	case <-ended:
		t.Fatal("it ended by itself")
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Fatalf("exit code %d", code)
	}
}
