package forward

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"flotilla.dev/agent/internal/testkit"
)

func TestEventsAreFlushedOneByOne(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	b := startBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for i := range 3 {
			<-next
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
		}
	})
	f := startForwarder(t, "http:users", b.instance())
	response, err := http.DefaultTransport.RoundTrip(newRequest(t, "GET", f.url("/"), nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for i := range 3 {
		next <- struct{}{}
		line, err := lines.ReadString('\n')
		if want := fmt.Sprintf("data: %d\n", i); err != nil || line != want {
			t.Fatalf("event %d is %q, %v", i, line, err)
		}
		_, _ = lines.ReadString('\n')
	}
}

func TestRequestBodyStreams(t *testing.T) {
	t.Parallel()
	received := make(chan string)
	b := startBackend(t, func(_ http.ResponseWriter, r *http.Request) {
		buffer := make([]byte, 100)
		for {
			n, err := r.Body.Read(buffer)
			if n > 0 {
				received <- string(buffer[:n])
			}
			if err != nil {
				return
			}
		}
	})
	f := startForwarder(t, "http:users", b.instance())
	reader, writer := io.Pipe()
	request := newRequest(t, "PUT", f.url("/"), reader)
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(t, request)
	}()
	for _, part := range []string{"one", "two"} {
		fmt.Fprint(writer, part)
		if got := <-received; got != part {
			t.Fatalf("received %q, want %q", got, part)
		}
	}
	writer.Close()
	<-done
}

func TestExpectContinueReachesTheInstance(t *testing.T) {
	t.Parallel()
	b := startBackend(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) })
	f := startForwarder(t, "http:users", b.instance())
	connection, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "POST / HTTP/1.1\r\nHost: users\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil || response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatalf("got %v, %v", response, err)
	}
}

func TestUpgradePassesAndDrains(t *testing.T) {
	t.Parallel()
	b := startBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		connection, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer connection.Close()
		fmt.Fprint(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		for {
			line, err := buffered.ReadString('\n')
			if err != nil {
				return
			}
			fmt.Fprint(connection, "echo "+line)
		}
	})
	f := startForwarder(t, "http:users", b.instance())
	connection, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "GET /chat HTTP/1.1\r\nHost: users\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != 101 {
		t.Fatalf("got %v, %v", response, err)
	}
	echo := func() {
		fmt.Fprint(connection, "hello\n")
		if line, err := reader.ReadString('\n'); err != nil || line != "echo hello\n" {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	echo()
	f.stop()
	testkit.Eventually(t, 2*time.Second, "no new connection is taken", func() bool {
		late, err := net.Dial("tcp", f.address)
		if err == nil {
			late.Close()
		}
		return err != nil
	})
	echo()
	connection.Close()
	select {
	case <-f.ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the forwarder does not end after its last call")
	}
}

func TestStopLetsRequestsInFlightEnd(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	b := startBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		<-release
		fmt.Fprint(w, "finished")
	})
	f := startForwarder(t, "http:users", b.instance())
	answer := make(chan string)
	request := newRequest(t, "GET", f.url("/"), nil)
	go func() {
		_, body := do(t, request)
		answer <- body
	}()
	testkit.Eventually(t, time.Second, "the request is in flight", func() bool { return b.requests.Load() == 1 })
	f.stop()
	time.AfterFunc(200*time.Millisecond, func() { close(release) })
	if body := <-answer; body != "finished" {
		t.Fatalf("got %q", body)
	}
	<-f.ended
}
