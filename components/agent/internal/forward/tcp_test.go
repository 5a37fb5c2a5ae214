package forward

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"flotilla.dev/agent/internal/testkit"
)

// startEcho answers each line, and says goodbye when the caller has finished.
func startEcho(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				_, _ = io.Copy(connection, connection)
				fmt.Fprint(connection, "goodbye")
			}()
		}
	}()
	return listener
}

func TestTCPPassesBothWaysAndHalfCloses(t *testing.T) {
	t.Parallel()
	f := startForwarder(t, "tcp:users", instanceAt(testkit.FreeAddress(t)), instanceAt(startEcho(t).Addr().String()))
	for range 2 { // one of them meets the dead instance first
		connection, err := net.Dial("tcp", f.address)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		fmt.Fprint(connection, "hello ")
		_ = connection.(*net.TCPConn).CloseWrite()
		if all, err := io.ReadAll(connection); err != nil || string(all) != "hello goodbye" {
			t.Fatalf("got %q, %v", all, err)
		}
	}
}

func TestTCPWithoutInstanceCloses(t *testing.T) {
	t.Parallel()
	f := startForwarder(t, "tcp:users")
	begin := time.Now()
	connection, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := connection.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("got %v, want the end", err)
	}
	if elapsed := time.Since(begin); elapsed < patience || elapsed > 5*patience {
		t.Fatalf("closed after %s", elapsed)
	}
}

func TestTCPConnectionsInFlightEndBeforeTheStop(t *testing.T) {
	t.Parallel()
	f := startForwarder(t, "tcp:users", instanceAt(startEcho(t).Addr().String()))
	connection, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	echo := func() {
		fmt.Fprint(connection, "hello\n")
		if line, err := reader.ReadString('\n'); err != nil || line != "hello\n" {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	echo()
	f.registry.Set("users")
	f.stop()
	echo()
	connection.Close()
	<-f.ended
}
