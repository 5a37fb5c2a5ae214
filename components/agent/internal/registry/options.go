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
}

const servicePlaceholder = "{service}"

// AddFlags adds the registry flags of a mode; the options are filled when the flags are parsed.
func AddFlags(flags cli.Flags) *Options {
	options := &Options{}
	flags.StringVar(&options.Kind, "registry", "", "kind of registry: etcd or native")
	flags.Func("registry-endpoint", "URL of an etcd member, such as https://registry:2379 (repeatable)", func(url string) error {
		options.Endpoints = append(options.Endpoints, url)
		return nil
	})
	flags.StringVar(&options.Prefix, "registry-prefix", "", "key prefix in etcd, such as /flotilla/shop/")
	flags.StringVar(&options.User, "registry-user", "", "user name in etcd")
	flags.StringVar(&options.PasswordFile, "registry-password-file", "", "file with the password of that user")
	flags.StringVar(&options.CAFile, "registry-ca-file", "", "file with the certificate authorities (PEM) to trust")
	flags.StringVar(&options.NamePattern, "registry-name", servicePlaceholder, "DNS name of a service's instances for native, such as {service}-instances")
	return options
}

// Open checks the options and starts to connect; it does not wait for the registry.
func Open(options Options, log *slog.Logger) (Registry, error) {
	open, found := kinds[options.Kind]
	if !found {
		names := strings.Join(slices.Sorted(maps.Keys(kinds)), " or ")
		return nil, cli.Usagef("--registry must be %s, got %q; write for example --registry native", names, options.Kind)
	}
	return open(options, log)
}
