// Package gate stands before a registry's server and lets nobody in until it is protected.
package gate

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"flotilla.dev/agent/internal/web"
)

// Run is the mode `gate`.
func Run(ctx context.Context, args []string, log *slog.Logger) error {
	options, err := parse(args)
	if err != nil {
		return err
	}
	listen, err := options.listener()
	if err != nil {
		return err
	}
	keeper, err := newKeeper(options, log.With("registry", options.kind))
	if err != nil {
		return err
	}
	defer keeper.close()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(keeper.ready))
	_, stop, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		return fmt.Errorf("--ready-listen: %w", err)
	}
	defer stop()

	go keeper.run(ctx)
	select {
	case <-keeper.secured:
	case <-ctx.Done():
		return nil
	}
	listener, err := listen()
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	log.Info("gate open", "listen", listener.Addr().String())
	(&gate{keeper: keeper, server: options.address(), log: log}).serve(ctx, listener)
	return nil
}
