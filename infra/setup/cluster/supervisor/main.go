// Command supervisor keeps the programs of a cluster running, on this machine or apart from it, and holds pods together.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

// plan is what the set-up writes for a cluster.
type plan struct {
	// Private folders are empty for the cluster and hidden from the machine: programs that it runs have them fixed.
	Private []string `json:"private"`
	// Logs is the folder of the programs' logs.
	Logs       string      `json:"logs"`
	Components []component `json:"components"`
}

var modes = map[string]func(args []string) error{
	"isolated": isolated,
	"init":     runAsInit,
	"attached": attached,
	"pause":    pause,
}

func main() {
	if len(os.Args) < 2 || modes[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: supervisor isolated|attached PLAN, or supervisor pause")
		os.Exit(2)
	}
	if err := modes[os.Args[1]](os.Args[2:]); err != nil {
		log.Fatal(err)
	}
}

// attached keeps a plan running until the standard input ends, as it does when the process that started us dies.
func attached(args []string) error {
	wanted, err := readPlan(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return supervise(ctx, wanted)
}

// pause is the first process of a pod, which keeps its namespaces: it ends when told, and buries orphans.
func pause([]string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	newChildren().reap(ctx)
	return nil
}

func readPlan(args []string) (plan, error) {
	var wanted plan
	if len(args) != 1 {
		return wanted, fmt.Errorf("one argument is needed, the file of the plan; got %d", len(args))
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return wanted, err
	}
	if err := json.Unmarshal(text, &wanted); err != nil {
		return wanted, fmt.Errorf("%s: %w", args[0], err)
	}
	return wanted, nil
}
