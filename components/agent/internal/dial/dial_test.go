package dial

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// server answers one connection.
func server(t *testing.T, answer func(net.Conn)) *net.TCPConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			defer conn.Close()
			answer(conn)
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

func TestAnswerArrivesAfterTheInputEnded(t *testing.T) {
	conn := server(t, func(conn net.Conn) {
		asked, _ := io.ReadAll(conn) // ends only as the end of the input is passed on
		conn.Write([]byte(strings.ToUpper(string(asked))))
	})
	var out bytes.Buffer
	if err := join(context.Background(), conn, strings.NewReader("hello"), &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != "HELLO" {
		t.Fatalf("got %q", out.String())
	}
}

func TestEndsWhenTheServerDoesAlthoughTheInputIsOpen(t *testing.T) {
	conn := server(t, func(conn net.Conn) { conn.Write([]byte("bye")) })
	in, _ := io.Pipe()
	var out bytes.Buffer
	if err := join(context.Background(), conn, in, &out); err != nil || out.String() != "bye" {
		t.Fatalf("got %q, %v", out.String(), err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	conn := server(t, func(conn net.Conn) { io.ReadAll(conn) })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	in, _ := io.Pipe()
	if err := join(ctx, conn, in, io.Discard); err != nil {
		t.Fatal(err)
	}
}

func TestArgumentsAndRefusedConnections(t *testing.T) {
	if err := Run(context.Background(), nil, nil); err == nil || !strings.Contains(err.Error(), "write: agent dial 127.0.0.1:8080") {
		t.Fatal(err)
	}
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	address := listener.Addr().String()
	listener.Close()
	if err := Run(context.Background(), []string{address}, nil); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Fatal(err)
	}
}
