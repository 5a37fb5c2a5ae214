package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"path"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"flotilla.dev/agent/internal/cli"
)

// ZooKeeperClient is a connection to ZooKeeper whose calls can be bounded.
type ZooKeeperClient struct {
	*zk.Conn

	mu      sync.Mutex
	current net.Conn
	dropped bool
}

// NewZooKeeperClient logs in within two seconds or fails.
func NewZooKeeperClient(ctx context.Context, options Options) (*ZooKeeperClient, error) {
	authorities, err := trust(options.CAFile)
	if err != nil {
		return nil, err
	}
	login := ""
	if options.User != "" {
		password, err := cli.ReadSecret(options.PasswordFile)
		if err != nil {
			return nil, err
		}
		login = options.User + ":" + password
	}
	client := &ZooKeeperClient{}
	dial := func(network, address string, timeout time.Duration) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		connection, err := dialTLS(ctx, network, address, authorities)
		if err != nil {
			return nil, err
		}
		return connection, client.use(connection)
	}
	client.Conn, _, err = zk.Connect(options.Endpoints, leaseSeconds*time.Second,
		zk.WithDialer(dial), zk.WithHostProvider(&zooKeeperServers{}), zk.WithLogger(silent{}), zk.WithLogInfo(false))
	if err != nil {
		return nil, err
	}
	if login != "" {
		if err := client.Within(ctx, func() error { return client.AddAuth("digest", []byte(login)) }); err != nil {
			client.Drop()
			return nil, err
		}
	}
	return client, nil
}

func dialTLS(ctx context.Context, network, address string, authorities *tls.Config) (net.Conn, error) {
	if authorities == nil {
		return dialer.DialContext(ctx, network, address)
	}
	return (&tls.Dialer{NetDialer: &dialer, Config: authorities}).DialContext(ctx, network, address)
}

// Drop lets go of the connection. The session ends when it is over, as after a crash: whoever gave it up because of a
// hiccup has time to take over what it holds.
func (c *ZooKeeperClient) Drop() {
	c.mu.Lock()
	c.dropped = true
	if c.current != nil {
		c.current.Close()
	}
	c.mu.Unlock()
	c.Conn.Close()
}

// use takes note of a new connection, unless there is to be none any more.
func (c *ZooKeeperClient) use(connection net.Conn) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dropped {
		connection.Close()
		return net.ErrClosed
	}
	c.current = connection
	return nil
}

// End also ends the session.
func (c *ZooKeeperClient) End() { c.Conn.Close() }

// Within bounds calls, which on their own may wait for a server for ever.
func (c *ZooKeeperClient) Within(ctx context.Context, calls func() error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- calls() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.Join(errors.New("ZooKeeper does not answer"), ctx.Err())
	}
}

// create makes a node, and those above it that are missing.
func (c *ZooKeeperClient) create(node string, value []byte, flags int32, acl []zk.ACL) error {
	_, err := c.Create(node, value, flags, acl)
	if !errors.Is(err, zk.ErrNoNode) {
		return err
	}
	if err = c.create(path.Dir(node), nil, 0, acl); err != nil && !errors.Is(err, zk.ErrNodeExists) {
		return err
	}
	_, err = c.Create(node, value, flags, acl)
	return err
}

// children lists the nodes below a path and asks for the next change, unless changes is set. A path that is not there has
// none.
func (c *ZooKeeperClient) children(node string, changes *<-chan zk.Event) (names []string, stat *zk.Stat, err error) {
	if *changes != nil {
		names, stat, err = c.Children(node)
	} else {
		names, stat, *changes, err = c.ChildrenW(node)
	}
	if !errors.Is(err, zk.ErrNoNode) {
		return names, stat, err
	}
	if *changes == nil {
		if _, _, *changes, err = c.ExistsW(node); err != nil {
			return nil, nil, err
		}
	}
	return nil, &zk.Stat{}, nil
}

// zooKeeperServers gives the servers in turn, by name: the dialer looks them up each time, and TLS checks the names.
type zooKeeperServers struct {
	mu      sync.Mutex
	servers []string
	next    int
	// Since the last connection.
	tried int
}

func (s *zooKeeperServers) Init(servers []string) error {
	s.servers = servers
	return nil
}

func (s *zooKeeperServers) Len() int { return len(s.servers) }

// Next also says whether all servers have been tried in vain, after which the client pauses.
func (s *zooKeeperServers) Next() (server string, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	server, again = s.servers[s.next], s.tried > 0 && s.tried%len(s.servers) == 0
	s.next = (s.next + 1) % len(s.servers)
	s.tried++
	return server, again
}

func (s *zooKeeperServers) Connected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = 0
}

// silent drops the client's own log: what matters of it comes as an error too.
type silent struct{}

func (silent) Printf(string, ...any) {}
