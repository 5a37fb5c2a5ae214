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
		response, err := http.Get("http://" + address.String() + "/?hold=5s")
		if err != nil {
			status <- 0
			return
		}
		response.Body.Close()
		status <- response.StatusCode
	}()
	<-asked
	begin := time.Now()
	stop()
	if got, took := <-status, time.Since(begin); got != 503 || took > 900*time.Millisecond {
		t.Fatalf("%d after %s", got, took)
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
	expect := func(path string, status int, held bool) {
		t.Helper()
		got, took := ask(path)
		if got != status || (took >= 300*time.Millisecond) != held {
			t.Errorf("%s: %d after %v, want %d, held %v", path, got, took, status, held)
		}
	}
	expect("/ready", 503, false)
	expect("/ready?hold=300ms", 503, true) // still as at the start
	ready.Store(true)
	expect("/ready?hold=1m", 200, false) // news
	expect("/ready?hold=300ms", 200, true)
	expect("/ready", 200, false)
	time.AfterFunc(400*time.Millisecond, func() { ready.Store(false) })
	expect("/ready?hold=1m", 503, true) // told as soon as it changes, long before the hold is over
}
