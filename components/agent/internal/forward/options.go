package forward

import (
	"net"
	"slices"
	"strings"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/registry"
)

// route is one listener and the service behind it.
type route struct {
	listen, protocol, service, port string
}

type options struct {
	routes       []route
	lookupListen string
	readyListen  string
	registry     registry.Options
}

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("forward")
	routes := flags.List("route", "LISTEN=PROTOCOL:SERVICE[:PORTNAME], protocol http, grpc or tcp")
	lookupListen := flags.String("lookup-listen", "127.0.0.1:15099", "address of the look-up and of GET /ready")
	readyListen := flags.String("ready-listen", "", "second address of GET /ready, for probes from outside")
	registryOptions := registry.AddFlags(flags)
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}
	o := &options{lookupListen: *lookupListen, readyListen: *readyListen, registry: *registryOptions}
	if len(*routes) == 0 {
		return nil, cli.Usagef("--route is missing; write for example --route 127.0.0.1:15001=http:users")
	}
	for _, text := range *routes {
		route, ok := parseRoute(text)
		if !ok {
			return nil, cli.Usagef("--route must be LISTEN=PROTOCOL:SERVICE[:PORTNAME] with the protocol http, grpc or tcp, got %q; "+
				"write for example 127.0.0.1:15001=http:users", text)
		}
		o.routes = append(o.routes, route)
	}
	if err := cli.CheckListen("lookup-listen", o.lookupListen); err != nil {
		return nil, err
	}
	if o.readyListen != "" {
		if err := cli.CheckListen("ready-listen", o.readyListen); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func parseRoute(text string) (route, bool) {
	listen, target, split := strings.Cut(text, "=")
	_, port, err := net.SplitHostPort(listen)
	if !split || err != nil {
		return route{}, false
	}
	if _, err := cli.ParsePort(port); err != nil {
		return route{}, false
	}
	parts := strings.Split(target, ":")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") || protocols[parts[0]] == nil {
		return route{}, false
	}
	parsed := route{listen: listen, protocol: parts[0], service: parts[1]}
	if len(parts) == 3 {
		parsed.port = parts[2]
	}
	return parsed, true
}
