package backlog

import (
	"net"
	"strings"
	"time"

	"flotilla.dev/agent/internal/cli"
)

type options struct {
	queue       queue
	namespace   string
	metric      string
	dimensions  []dimension
	interval    time.Duration
	readyListen string
}

// dimension is one of the names by which a metric is told from others.
type dimension struct{ name, value string }

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("backlog")
	kind := flags.String("kind", "", "kind of queue: redis or amqp")
	address := flags.String("address", "", "HOST:PORT of what holds the queue")
	name := flags.String("queue", "", "key of the list, or name of the queue")
	user := flags.String("user", "", "user name (default: the queue's own default user)")
	passwordFile := flags.String("password-file", "", "file with the password")
	namespace := flags.String("metric-namespace", "Flotilla", "namespace of the metric")
	metric := flags.String("metric", "Backlog", "name of the metric")
	dimensions := flags.List("dimension", "dimension of the metric as NAME=VALUE")
	interval := flags.Period("interval", 10*time.Second, "time between two looks")
	readyListen := flags.String("ready-listen", "127.0.0.1:15096", "address of GET /ready")
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}
	open, found := kinds[*kind]
	if !found {
		return nil, cli.Usagef("--kind must be redis or amqp, got %q; write for example --kind redis", *kind)
	}
	if _, _, err := net.SplitHostPort(*address); err != nil {
		return nil, cli.Usagef("--address must be HOST:PORT, got %q; write for example --address redis:6379", *address)
	}
	if *name == "" || *interval <= 0 {
		return nil, cli.Usagef("--queue must have a name and --interval be above 0; write for example --queue orders --interval 10s")
	}
	o := &options{namespace: *namespace, metric: *metric, interval: *interval, readyListen: *readyListen}
	for _, text := range *dimensions {
		key, value, found := strings.Cut(text, "=")
		if !found || key == "" || value == "" {
			return nil, cli.Usagef("--dimension must be NAME=VALUE, got %q; write for example --dimension Stack=shop", text)
		}
		o.dimensions = append(o.dimensions, dimension{key, value})
	}
	login := login{user: *user}
	if *passwordFile != "" {
		password, err := cli.ReadSecret(*passwordFile)
		if err != nil {
			return nil, cli.Usagef("--password-file: %s", err)
		}
		login.password = password
	}
	o.queue = open(*address, *name, login)
	return o, cli.CheckListen("ready-listen", *readyListen)
}
