package register

import (
	"context"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/probe"
	"flotilla.dev/agent/internal/registry"
)

// options are the arguments of the mode, checked.
type options struct {
	instance registry.Instance
	// Holds the first probe up until it succeeded once; nil where there is nothing to wait for.
	first       probe.Check
	check       probe.Check
	interval    time.Duration
	timeout     time.Duration
	retries     int
	drain       time.Duration
	onDrainPost []string
	readyListen string
	registry    registry.Options
}

// What every kind of registry takes as a key.
var metadataKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("register")
	service := flags.String("service", "", "name of the service")
	ports := flags.List("port", "port as NAME=PORT/PROTOCOL; the first one is the default")
	metadata := flags.List("metadata", "KEY=VALUE to register along")
	probeURL := flags.String("probe", "", "URL to probe: http, tcp or grpc (default: a TCP connection to the first port)")
	firstURL := flags.String("await", "", "URL that must be healthy once before the first probe")
	interval := flags.Period("probe-interval", 5*time.Second, "time between two probes once the process was healthy")
	timeout := flags.Period("probe-timeout", 2*time.Second, "time after which one probe counts as failed")
	retries := flags.Int("probe-retries", 3, "failed probes in a row that make it unhealthy")
	drain := flags.Period("drain", 3*time.Second, "time between deregistering and the exit")
	onDrainPost := flags.List("on-drain-post", "URL to POST to when draining begins")
	readyListen := flags.String("ready-listen", ":15000", "address of GET /ready")
	registryOptions := registry.AddFlags(flags)
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}

	o := &options{
		interval: *interval, timeout: *timeout, retries: *retries,
		drain: *drain, onDrainPost: *onDrainPost, readyListen: *readyListen, registry: *registryOptions,
	}
	if *service == "" || strings.ContainsAny(*service, "/ ") {
		return nil, cli.Usagef("--service must be a name without \"/\" or spaces, got %q; write for example --service users", *service)
	}
	if len(*ports) == 0 {
		return nil, cli.Usagef("--port is missing; write for example --port http=8080/http")
	}
	if *interval <= 0 || *timeout <= 0 || *retries < 1 {
		return nil, cli.Usagef("--probe-interval, --probe-timeout and --probe-retries must be above 0; write for example --probe-interval 5s --probe-timeout 2s --probe-retries 3")
	}
	o.instance = registry.Instance{Service: *service, Metadata: map[string]string{}}
	for _, text := range *ports {
		port, ok := registry.ParsePort(text)
		if !ok {
			return nil, cli.Usagef("--port must be NAME=PORT/PROTOCOL with the protocol http, grpc or tcp, got %q; write for example --port http=8080/http", text)
		}
		if _, taken := o.instance.PortNamed(port.Name); taken && len(o.instance.Ports) > 0 {
			return nil, cli.Usagef("--port %s: the name %q is taken by another port; give each port its own name", text, port.Name)
		}
		o.instance.Ports = append(o.instance.Ports, port)
	}
	for _, text := range *metadata {
		key, value, found := strings.Cut(text, "=")
		if !found || !metadataKey.MatchString(key) || len(value) > 512 {
			return nil, cli.Usagef("--metadata must be KEY=VALUE, the key of letters, digits, - and _, the value of at most 512 bytes, got %q; "+
				"write for example --metadata version=2", text)
		}
		if _, err := registry.ParseWeight(value); key == "weight" && err != nil {
			return nil, cli.Usagef("--metadata weight: %s; write for example --metadata weight=10", err)
		}
		o.instance.Metadata[key] = value
	}
	for _, text := range *onDrainPost {
		if target, err := url.Parse(text); err != nil || target.Scheme != "http" || target.Host == "" {
			return nil, cli.Usagef("--on-drain-post must be an http URL, got %q; write for example http://127.0.0.1:9901/healthcheck/fail", text)
		}
	}
	if err := cli.CheckListen("ready-listen", *readyListen); err != nil {
		return nil, err
	}
	if *firstURL != "" {
		check, err := probe.Parse(*firstURL)
		if err != nil {
			return nil, cli.Usagef("--await: %s", err)
		}
		o.first = check
	}
	o.check = o.knock
	if *probeURL != "" {
		check, err := probe.Parse(*probeURL)
		if err != nil {
			return nil, cli.Usagef("--probe: %s", err)
		}
		o.check = check
	}
	return o, nil
}

// knock connects to the first port.
func (o *options) knock(ctx context.Context) error {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(o.instance.Ports[0].Port))
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}
