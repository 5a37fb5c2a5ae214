package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"flotilla.dev/agent/internal/web"
)

// How long bytes of a slow response may wait for more of it.
const flushInterval = 10 * time.Millisecond

// How often a call that broke before its response may go to another instance.
const maxReplays = 2

// httpTransport holds the connections to one instance.
func httpTransport() *http.Transport {
	return &http.Transport{
		DialContext:           dial,
		DisableCompression:    true,
		ExpectContinueTimeout: time.Second,
		MaxIdleConnsPerHost:   64,
		// Shorter than what servers allow by default (2 s and more), so that no call meets a connection as it closes.
		IdleConnTimeout: 1500 * time.Millisecond,
	}
}

// grpcTransport speaks HTTP/2 without TLS. It sends no pings: gRPC servers cut off who pings more than once in five
// minutes, and dial has the kernel notice machines that vanished.
func grpcTransport() *http.Transport {
	transport := httpTransport()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetUnencryptedHTTP2(true)
	transport.IdleConnTimeout = 30 * time.Second
	return transport
}

// serveHTTP forwards the requests of HTTP and gRPC callers, each to the instance that is best at that moment.
func serveHTTP(p *pool, log *slog.Logger) server {
	proxy := &httputil.ReverseProxy{
		Rewrite:   keepAsItCame,
		Transport: &balancer{p},
		// Of bodies with a known length; ReverseProxy flushes all others (chunked, events, gRPC) at once.
		FlushInterval: flushInterval,
		BufferPool:    &buffers,
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ErrorHandler:  func(w http.ResponseWriter, r *http.Request, err error) { answerFailure(w, r, p.service, err) },
	}
	calls := &inFlight{}
	handler := func(response http.ResponseWriter, request *http.Request) {
		defer calls.begin()()
		choice := &choice{}
		defer choice.release(p)
		proxy.ServeHTTP(response, request.WithContext(context.WithValue(request.Context(), choiceKey{}, choice)))
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	// No ReadHeaderTimeout: up to Go 1.26.6 it cuts off every connection of HTTP/2 without TLS that is as old. The callers
	// are this replica's own program, so nobody needs to be kept from sending slowly.
	return &httpServer{calls, &http.Server{
		Handler:     http.HandlerFunc(handler),
		Protocols:   protocols,
		IdleTimeout: 75 * time.Second,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
}

// keepAsItCame undoes what ReverseProxy changes for proxies at a border: this one is part of its caller.
func keepAsItCame(request *httputil.ProxyRequest) {
	out, in := request.Out, request.In
	out.URL.Scheme = "http"
	out.URL.RawQuery = in.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, found := in.Header[name]; found {
			out.Header[name] = values
		}
	}
}

// choice is the endpoint that serves a request until the last byte of its response.
type choice struct{ endpoint *endpoint }

type choiceKey struct{}

func (c *choice) release(p *pool) {
	if c.endpoint != nil {
		p.release(c.endpoint)
	}
}

// balancer sends each request to an endpoint of its pool.
type balancer struct{ pool *pool }

func (b *balancer) RoundTrip(request *http.Request) (*http.Response, error) {
	var response *http.Response
	replays := 0
	endpoint, err := b.pool.try(request.Context(), func(e *endpoint) (bool, error) {
		attempt, body := prepare(request, e)
		var err error
		response, err = e.transport.RoundTrip(attempt)
		if err == nil {
			return false, nil
		}
		if errors.As(err, &dialError{}) {
			b.pool.eject(e, err)
			return !body.touched.Load(), err
		}
		replays++
		return replays <= maxReplays && isReplayable(request), err
	})
	if err != nil {
		return nil, err
	}
	request.Context().Value(choiceKey{}).(*choice).endpoint = endpoint
	return response, nil
}

// prepare makes the request for one attempt; its body outlives the attempt.
func prepare(request *http.Request, e *endpoint) (*http.Request, *attemptBody) {
	attempt := request.WithContext(request.Context())
	target := *request.URL
	target.Host = e.address
	attempt.URL = &target
	body := &attemptBody{Reader: request.Body}
	if request.Body != nil {
		attempt.Body = body
		// Lets the transport replace a stale connection of its pool as long as nothing was sent.
		attempt.GetBody = func() (io.ReadCloser, error) {
			if body.touched.Load() {
				return nil, errors.New("the connection broke while the body was sent")
			}
			return body, nil
		}
	}
	return attempt, body
}

// isReplayable says whether a request that may have arrived can be sent once more.
func isReplayable(request *http.Request) bool {
	safe := request.Method == http.MethodGet || request.Method == http.MethodHead || request.Method == http.MethodOptions
	return safe && request.Body == nil
}

func answerFailure(response http.ResponseWriter, request *http.Request, service string, err error) {
	if request.Context().Err() != nil {
		return // the caller is gone
	}
	status, code, message := http.StatusBadGateway, "connection_broken",
		fmt.Sprintf("The connection to %q broke before it answered.", service)
	if errors.Is(err, errNoInstance) {
		status, code, message = http.StatusServiceUnavailable, "no_instance",
			fmt.Sprintf("No instance of %q could be reached within %s.", service, patience)
	}
	if strings.HasPrefix(request.Header.Get("Content-Type"), "application/grpc") {
		response.Header().Set("Content-Type", "application/grpc")
		response.Header().Set("Grpc-Status", "14") // UNAVAILABLE
		response.Header().Set("Grpc-Message", url.PathEscape(message))
		response.WriteHeader(http.StatusOK)
		return
	}
	web.JSON(response, status, web.Failure{Error: code, Message: message, RequestID: request.Header.Get("X-Request-Id")})
}

// bufferPool lends the buffers through which bodies pass.
type bufferPool struct{ pool sync.Pool }

var buffers bufferPool

func (b *bufferPool) Get() []byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return *buffer
	}
	return make([]byte, 16<<10)
}

func (b *bufferPool) Put(buffer []byte) { b.pool.Put(&buffer) }
