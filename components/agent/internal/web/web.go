// Package web holds the small HTTP servers with which modes show their readiness.
package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"flotilla.dev/agent/internal/cli"
)

// Reason is the body of a 503 readiness answer.
type Reason struct {
	Reason string `json:"reason"`
}

// Failure is the body of every other error answer.
type Failure struct {
	Error     string `json:"error"`
	Message   string `json:"message"`
	RequestID string `json:"requestId,omitempty"`
}

// JSON answers with a status and a body.
func JSON(response http.ResponseWriter, status int, body any) {
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(status)
	_ = json.NewEncoder(response).Encode(body)
}

// How often a held request looks again.
const lookAgain = 100 * time.Millisecond

// Ready answers `GET /ready`: 200 with the body when reason is empty, else 503 with the reason. A request with
// `?hold=25s` is answered when that differs from the last held answer, and after the hold at the latest: whoever asks by
// starting a process, as Docker's health checks do, learns of a change at once and still asks seldom.
func Ready(state func() (body any, reason string)) http.HandlerFunc {
	var told atomic.Bool
	return func(response http.ResponseWriter, request *http.Request) {
		body, reason := state()
		if hold, err := time.ParseDuration(request.URL.Query().Get("hold")); err == nil {
			holding, release := context.WithTimeout(request.Context(), hold)
			defer release()
			for (reason == "") == told.Load() && holding.Err() == nil {
				cli.Sleep(holding, lookAgain)
				body, reason = state()
			}
			told.Store(reason == "")
		}
		if reason != "" {
			JSON(response, http.StatusServiceUnavailable, Reason{reason})
			return
		}
		JSON(response, http.StatusOK, body)
	}
}

// Serve listens on address and answers until the returned function is called.
func Serve(address string, handler http.Handler, log *slog.Logger) (bound net.Addr, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, err
	}
	serving, release := context.WithCancel(context.Background())
	server := &http.Server{
		// Its end answers the held requests, so that they hold up no stop.
		BaseContext:       func(net.Listener) context.Context { return serving },
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       30 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() { _ = server.Serve(listener) }()
	return listener.Addr(), func() {
		release()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}, nil
}
