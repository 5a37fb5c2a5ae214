package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"flotilla.dev/agent/internal/cli"
)

const (
	// No call to the registry may hold anything up for longer.
	callTimeout = 2 * time.Second
	// A TCP connection to a dead member is noticed after idle + interval × count = 5 s.
	keepAliveIdle     = 2 * time.Second
	keepAliveInterval = time.Second
	keepAliveCount    = 3
)

// etcd keeps instances below <prefix>services/<service>/<instance>, each held by its own lease.
type etcd struct {
	options Options
	log     *slog.Logger
	prefix  string
	// Ends with Close.
	ctx    context.Context
	cancel context.CancelFunc

	mu sync.Mutex
	// nil while logged out; loggedIn is closed when it is set.
	client   *clientv3.Client
	loggedIn chan struct{}
}

func openEtcd(options Options, log *slog.Logger) (Registry, error) {
	if len(options.Endpoints) == 0 {
		return nil, cli.Usagef("--registry etcd needs --registry-endpoint; write for example --registry-endpoint https://registry:2379")
	}
	for _, endpoint := range options.Endpoints {
		if !strings.HasPrefix(endpoint, "https://") && !strings.HasPrefix(endpoint, "http://") {
			return nil, cli.Usagef("--registry-endpoint must be a URL, got %q; write for example https://registry:2379", endpoint)
		}
	}
	if !strings.HasPrefix(options.Prefix, "/") || !strings.HasSuffix(options.Prefix, "/") {
		return nil, cli.Usagef("--registry-prefix must begin and end with \"/\", got %q; write for example /flotilla/shop/", options.Prefix)
	}
	if (options.User == "") != (options.PasswordFile == "") {
		return nil, cli.Usagef("--registry-user and --registry-password-file go together; write both or neither")
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &etcd{
		options: options, log: log, prefix: options.Prefix + "services/",
		ctx: ctx, cancel: cancel, loggedIn: make(chan struct{}),
	}
	go e.logIn()
	return e, nil
}

// logIn tries for ever: wrong passwords and missing files may be put right while the agent runs.
func (e *etcd) logIn() {
	wait := cli.Backoff{Min: 100 * time.Millisecond, Max: 2 * time.Second}
	for e.ctx.Err() == nil {
		client, err := NewEtcdClient(e.ctx, e.options)
		if err == nil {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.client = client
			close(e.loggedIn)
			return
		}
		if wait.Loud() {
			e.log.Warn("the registry does not let us in, trying again", "endpoints", e.options.Endpoints, "error", err.Error())
		}
		wait.Wait(e.ctx)
	}
}

// acquire returns the client as soon as it is logged in.
func (e *etcd) acquire(ctx context.Context) (*clientv3.Client, error) {
	for {
		e.mu.Lock()
		client, loggedIn := e.client, e.loggedIn
		e.mu.Unlock()
		if client != nil {
			return client, nil
		}
		select {
		case <-loggedIn:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.ctx.Done():
			return nil, e.ctx.Err()
		}
	}
}

// discard logs in anew after a call failed. An etcd that lost its data never answers a token that is older than the
// loss, and a client cannot be told to forget its token.
func (e *etcd) discard(client *clientv3.Client) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if client == nil || e.client != client || e.ctx.Err() != nil {
		return
	}
	e.client, e.loggedIn = nil, make(chan struct{})
	go client.Close()
	go e.logIn()
}

// Close lets go of the connection and does not wait for a registry that is away.
func (e *etcd) Close() {
	e.cancel()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.client != nil {
		go e.client.Close()
	}
}

// NewEtcdClient logs in within two seconds or fails.
func NewEtcdClient(ctx context.Context, options Options) (*clientv3.Client, error) {
	config := clientv3.Config{
		Context:              ctx,
		Endpoints:            options.Endpoints,
		DialTimeout:          callTimeout,
		DialKeepAliveTime:    10 * time.Second, // the least that gRPC allows
		DialKeepAliveTimeout: 3 * time.Second,  // also the limit for unacknowledged bytes
		Logger:               zap.NewNop(),
		DialOptions: []grpc.DialOption{
			grpc.WithContextDialer(dialMember),
			grpc.WithConnectParams(grpc.ConnectParams{
				Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
				MinConnectTimeout: callTimeout,
			}),
		},
	}
	if options.CAFile != "" {
		pem, err := os.ReadFile(options.CAFile)
		if err != nil {
			return nil, err
		}
		authorities := x509.NewCertPool()
		if !authorities.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM format", options.CAFile)
		}
		config.TLS = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	}
	if options.User != "" {
		password, err := cli.ReadSecret(options.PasswordFile)
		if err != nil {
			return nil, err
		}
		config.Username, config.Password = options.User, password
	}
	return clientv3.New(config)
}

// dialMember lets the kernel notice a member that vanished: gRPC's own pings are at least 10 s apart.
func dialMember(ctx context.Context, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
	}}
	return dialer.DialContext(ctx, "tcp", address)
}
