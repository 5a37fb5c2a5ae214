package forward

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
)

// BenchmarkHTTP compares calls through the forwarder with direct ones: the ratio counts, not the times.
func BenchmarkHTTP(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	go func() { _ = http.Serve(listener, http.HandlerFunc(ok)) }()
	pool := newPool("users", "", httpTransport, slog.New(slog.DiscardHandler))
	pool.update(instancesAt(listener.Addr().String()))
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer front.Close()
	go serveHTTP(pool, slog.New(slog.DiscardHandler)).serve(front)

	for name, address := range map[string]string{"direct": listener.Addr().String(), "forwarded": front.Addr().String()} {
		b.Run(name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					response, err := client.Get("http://" + address + "/")
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			})
		})
	}
}
