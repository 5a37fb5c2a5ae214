// Package probe asks a process whether it can serve, from inside any image.
package probe

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// Check asks once and returns nil when the answer is healthy; the context bounds it.
type Check func(ctx context.Context) error

// How each scheme is asked; a new scheme is one line here.
var schemes = map[string]func(target *url.URL) Check{
	"http": httpCheck,
	"tcp":  tcpCheck,
	"grpc": grpcCheck,
}

// Parse reads a URL such as http://127.0.0.1:8080/healthz, tcp://127.0.0.1:6379 or grpc://127.0.0.1:9090/service.Name.
func Parse(text string) (Check, error) {
	target, err := url.Parse(text)
	if err != nil || schemes[target.Scheme] == nil || target.Hostname() == "" || target.Port() == "" {
		return nil, fmt.Errorf("the probe must be an http, tcp or grpc URL with a port, got %q; "+
			"write for example http://127.0.0.1:8080/healthz, tcp://127.0.0.1:6379 or grpc://127.0.0.1:9090", text)
	}
	return schemes[target.Scheme](target), nil
}

func httpCheck(target *url.URL) Check {
	// A fresh connection each time: a probe must see that the process still accepts.
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
		if err != nil {
			return err
		}
		request.Header.Set("User-Agent", "flotilla-probe")
		response, err := client.Do(request)
		if err != nil {
			return withoutURL(err)
		}
		defer response.Body.Close()
		if response.StatusCode < 200 || response.StatusCode > 399 {
			return fmt.Errorf("answered %s, not 2xx or 3xx", response.Status)
		}
		return nil
	}
}

// withoutURL drops the `Get "http://…":` that the caller says already.
func withoutURL(err error) error {
	if wrapped, ok := err.(*url.Error); ok {
		return wrapped.Err
	}
	return err
}

func tcpCheck(target *url.URL) Check {
	return func(ctx context.Context) error {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", target.Host)
		if err != nil {
			return err
		}
		return connection.Close()
	}
}

func grpcCheck(target *url.URL) Check {
	service := strings.TrimPrefix(target.Path, "/")
	return func(ctx context.Context) error {
		connection, err := grpc.NewClient("passthrough:///"+target.Host,
			grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
		if err != nil {
			return err
		}
		defer connection.Close()
		answer, err := healthpb.NewHealthClient(connection).Check(ctx, &healthpb.HealthCheckRequest{Service: service})
		if err != nil {
			return err
		}
		if answer.Status != healthpb.HealthCheckResponse_SERVING {
			return fmt.Errorf("answered %s, not SERVING", answer.Status)
		}
		return nil
	}
}
