package forward

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"flotilla.dev/agent/internal/registry"
)

// Client is a forwarder inside a program: it sends each call by HTTP to the live instance that is best at that moment.
type Client struct {
	ctx  context.Context
	from registry.Registry
	log  *slog.Logger

	mu    sync.Mutex
	pools map[target]*pool
}

type target struct{ service, port string }

// NewClient follows the services that it was asked to call, until ctx ends.
func NewClient(ctx context.Context, from registry.Registry, log *slog.Logger) *Client {
	return &Client{ctx: ctx, from: from, log: log, pools: map[target]*pool{}}
}

// Do sends a request to a service's port, the first one where port is empty. Its URL needs no host. The caller closes the
// body of the response.
func (c *Client) Do(request *http.Request, service, port string) (*http.Response, error) {
	p := c.pool(target{service, port})
	choice := &choice{}
	out := request.WithContext(context.WithValue(request.Context(), choiceKey{}, choice))
	out.URL.Scheme = "http"
	response, err := (&balancer{p}).RoundTrip(out)
	if err != nil {
		return nil, err
	}
	response.Body = &countedBody{ReadCloser: response.Body, release: sync.OnceFunc(func() { choice.release(p) })}
	return response, nil
}

// pool is the one of a target; the first call follows its service, and waits for the registry as for an instance.
func (c *Client) pool(wanted target) *pool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.pools[wanted]; known != nil {
		return known
	}
	added := newPool(wanted.service, wanted.port, httpTransport, c.log)
	c.pools[wanted] = added
	go func() {
		for instances := range c.from.Watch(c.ctx, wanted.service) {
			added.update(instances)
		}
	}()
	return added
}

// countedBody ends the call that the pool counts.
type countedBody struct {
	io.ReadCloser
	release func()
}

func (b *countedBody) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}
