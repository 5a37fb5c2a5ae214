package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const patience = 10 * time.Second

// keepUp supervises components until the test ends, and returns the folder of their logs.
func keepUp(t *testing.T, components ...component) string {
	t.Helper()
	logs := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- supervise(ctx, plan{Logs: logs, Components: components}) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return logs
}

// linesOf waits until a log has that many lines.
func linesOf(t *testing.T, logs, name string, count int) []string {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		text, _ := os.ReadFile(filepath.Join(logs, name+".log"))
		if lines := strings.Fields(string(text)); len(lines) >= count {
			return lines
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the log of %s has not come to %d lines", name, count)
	return nil
}

func sh(name, script string) component {
	return component{Name: name, Command: []string{"/bin/sh", "-c", script}, Environment: []string{"PATH=/usr/bin:/bin"}}
}

func processOf(t *testing.T, line string) int {
	t.Helper()
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func isAlive(pid int) bool {
	return syscall.Kill(pid, 0) == nil
}

func TestAKilledComponentIsStartedAgain(t *testing.T) {
	logs := keepUp(t, sh("a", "echo $$; exec sleep 100"))
	first := processOf(t, linesOf(t, logs, "a", 1)[0])
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := processOf(t, linesOf(t, logs, "a", 2)[1])
	if second == first || !isAlive(second) {
		t.Fatalf("process %d came after process %d", second, first)
	}
}

func TestAComponentWaitsForWhatItNeeds(t *testing.T) {
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "needed.sock"))
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	waiting := sh("waiting", "echo started; exec sleep 100")
	waiting.After = []string{address}
	logs := keepUp(t, waiting, sh("other", "echo started; exec sleep 100"))
	linesOf(t, logs, "other", 1)
	if _, err := os.Stat(filepath.Join(logs, "waiting.log")); err == nil {
		t.Fatal("it was started although what it needs does not answer")
	}
	listener, err = net.Listen("unix", address)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	linesOf(t, logs, "waiting", 1)
}

func TestComponentsEndWithTheSupervisor(t *testing.T) {
	var pid int
	t.Run("while it runs", func(t *testing.T) {
		pid = processOf(t, linesOf(t, keepUp(t, sh("a", "echo $$; exec sleep 100")), "a", 1)[0])
	})
	if isAlive(pid) {
		t.Fatalf("process %d is still there", pid)
	}
}

func TestAComponentGetsItsOwnEnvironmentOnly(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://proxy.invalid")
	logs := keepUp(t, sh("a", "echo proxy=$HTTPS_PROXY; exec sleep 100"))
	if line := linesOf(t, logs, "a", 1)[0]; line != "proxy=" {
		t.Fatalf("got %q", line)
	}
}

func TestAComponentThatCannotBeRunDoesNotEndTheOthers(t *testing.T) {
	logs := keepUp(t,
		component{Name: "missing", Command: []string{"/nonexistent/program"}},
		sh("a", "echo started; exec sleep 100"))
	linesOf(t, logs, "a", 1)
}

func TestAPlanIsReadFromItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.json")
	text := `{"private":["/a"],"logs":"/b","components":[{"name":"c","command":["/d"],"environment":[],"after":["e:1"]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	wanted, err := readPlan([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	if wanted.Private[0] != "/a" || wanted.Logs != "/b" || wanted.Components[0].After[0] != "e:1" {
		t.Fatalf("got %+v", wanted)
	}
}
