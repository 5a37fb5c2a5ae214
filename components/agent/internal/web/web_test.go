package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestHeldRequestsHoldUpNoStop(t *testing.T) {
	asked := make(chan struct{}, 100)
	handler := Ready(func() (any, string) {
		asked <- struct{}{}
		return nil, "starting"
	})
	address, stop, err := Serve("127.0.0.1:0", handler, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	status := make(chan int)
	go func() {
		response, err := http.Get("http://" + address.String() + "/?hold=10m")
		if err != nil {
			status <- 0
			return
		}
		response.Body.Close()
		status <- response.StatusCode
	}()
	<-asked
	stop()
	if got := <-status; got != 503 {
		t.Fatalf("answered %d", got)
	}
}

func TestReadyIsHeldUntilItChanges(t *testing.T) {
	var ready atomic.Bool
	handler := Ready(func() (any, string) {
		if ready.Load() {
			return struct{}{}, ""
		}
		return nil, "starting"
	})
	ask := func(path string) (int, time.Duration) {
		t.Helper()
		response, begin := httptest.NewRecorder(), time.Now()
		handler(response, httptest.NewRequest(http.MethodGet, path, nil))
		return response.Code, time.Since(begin)
	}
	// Where nothing holds it up, an answer comes long before ten minutes, on the slowest machine.
	expect := func(path string, status int, atLeast time.Duration) {
		t.Helper()
		if got, took := ask(path); got != status || took < atLeast || took > 5*time.Minute {
			t.Errorf("%s: %d after %v, want %d after at least %v", path, got, took, status, atLeast)
		}
	}
	const hold = 300 * time.Millisecond
	expect("/ready", 503, 0)
	expect("/ready?hold=300ms", 503, hold) // still as at the start
	ready.Store(true)
	expect("/ready?hold=10m", 200, 0) // news
	expect("/ready?hold=300ms", 200, hold)
	expect("/ready", 200, 0)
	time.AfterFunc(hold, func() { ready.Store(false) })
	expect("/ready?hold=10m", 503, hold) // told as soon as it changes, long before the hold is over
}
