package registry

import (
	"log/slog"
	"maps"
	"slices"
	"strings"

	"flotilla.dev/agent/internal/cli"
)

// Options say which registry to use and how to reach it.
type Options struct {
	Kind         string
	Endpoints    []string
	Prefix       string
	User         string
	PasswordFile string
	CAFile       string
	// DNS name of a service's instances; servicePlaceholder stands for the service.
	NamePattern string
	// DNS name of the address behind which the platform itself balances a service's ready instances; "" where it has none.
	BalancedPattern string
	// Most addresses that DNS tells at a time; 0: it tells all.
	NameLimit int
}

const servicePlaceholder = "{service}"

// AddFlags adds the registry flags of a mode; the options are filled when the flags are parsed.
func AddFlags(flags cli.Flags) *Options {
	options := &Options{}
	flags.StringVar(&options.Kind, "registry", "", "kind of registry: "+kindNames())
	flags.Func("registry-endpoint", "URL of a server of etcd or Consul, HOST:PORT of one of ZooKeeper (repeatable)", func(url string) error {
		options.Endpoints = append(options.Endpoints, url)
		return nil
	})
	flags.StringVar(&options.Prefix, "registry-prefix", "", "where instances are kept: a path such as /flotilla/shop/ in etcd and ZooKeeper, the beginning of service names such as shop- in Consul")
	flags.StringVar(&options.User, "registry-user", "", "user name in etcd and ZooKeeper")
	flags.StringVar(&options.PasswordFile, "registry-password-file", "", "file with the password of that user, or with Consul's token")
	flags.StringVar(&options.CAFile, "registry-ca-file", "", "file with the certificate authorities (PEM) to trust")
	flags.StringVar(&options.NamePattern, "registry-name", servicePlaceholder, "DNS name of a service's instances for native, such as {service}-instances")
	flags.StringVar(&options.BalancedPattern, "registry-balanced-name", "", "DNS name of an address behind which the platform balances a service's ready instances, for native, such as {service}: it is used while no instance is known to be ready")
	flags.IntVar(&options.NameLimit, "registry-name-limit", 0, "most addresses that DNS tells at a time, for native: those that are ready are kept though it tells others (0: it tells all)")
	return options
}

// Open checks the options and starts to connect; it does not wait for the registry.
func Open(options Options, log *slog.Logger) (Registry, error) {
	open, found := kinds[options.Kind]
	if !found {
		return nil, cli.Usagef("--registry must be %s, got %q; write for example --registry native", kindNames(), options.Kind)
	}
	return open(options, log)
}

func kindNames() string {
	return strings.Join(slices.Sorted(maps.Keys(kinds)), " or ")
}

// checkURLs refuses endpoints that are not URLs, or none.
func checkURLs(options Options, example string) error {
	if len(options.Endpoints) == 0 {
		return cli.Usagef("--registry %s needs --registry-endpoint; write for example --registry-endpoint %s", options.Kind, example)
	}
	for _, endpoint := range options.Endpoints {
		if !strings.HasPrefix(endpoint, "https://") && !strings.HasPrefix(endpoint, "http://") {
			return cli.Usagef("--registry-endpoint must be a URL, got %q; write for example %s", endpoint, example)
		}
	}
	return nil
}

// checkLogin refuses half of a login.
func checkLogin(options Options) error {
	if (options.User == "") != (options.PasswordFile == "") {
		return cli.Usagef("--registry-user and --registry-password-file go together; write both or neither")
	}
	return nil
}

// checkPath refuses a prefix that is not a path.
func checkPath(options Options) error {
	if !strings.HasPrefix(options.Prefix, "/") || !strings.HasSuffix(options.Prefix, "/") {
		return cli.Usagef("--registry-prefix must begin and end with \"/\", got %q; write for example /flotilla/shop/", options.Prefix)
	}
	return nil
}
