package gate

import (
	"crypto/tls"
	"maps"
	"net"
	"slices"
	"strings"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/registry"
)

type options struct {
	kind, listen, server, caFile string
	certificateFile, keyFile     string
	// Of the registry's administrator and of the agents: where they are, and what they are.
	adminSecretFile, secretFile string
	adminSecret, secret         string
	user, prefix, readyListen   string
}

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("gate")
	o := &options{}
	names := strings.Join(slices.Sorted(maps.Keys(guards)), ", ")
	flags.StringVar(&o.kind, "kind", "", "what the server is: "+names)
	flags.StringVar(&o.listen, "listen", "", "address that clients connect to")
	flags.StringVar(&o.server, "server", "", "URL of the server behind the gate, HOST:PORT for zookeeper")
	flags.StringVar(&o.caFile, "ca-file", "", "file with the certificate authorities (PEM) of that server")
	flags.StringVar(&o.certificateFile, "certificate-file", "", "file with the certificate (PEM) of the gate, for a server without TLS")
	flags.StringVar(&o.keyFile, "key-file", "", "file with the key (PEM) of that certificate")
	flags.StringVar(&o.adminSecretFile, "admin-secret-file", "", "file with the password or token of the registry's administrator")
	flags.StringVar(&o.user, "user", "flotilla", "name of the user or policy of agents")
	flags.StringVar(&o.secretFile, "secret-file", "", "file with the password or token of agents")
	flags.StringVar(&o.prefix, "prefix", "", "beginning of the keys or service names that agents may read and write")
	flags.StringVar(&o.readyListen, "ready-listen", ":15000", "address of GET /ready")
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}
	if guards[o.kind] == nil {
		return nil, cli.Usagef("--kind must be one of %s, got %q; write for example --kind etcd", names, o.kind)
	}
	if _, _, err := net.SplitHostPort(o.address()); err != nil {
		return nil, cli.Usagef("--server must have a port, got %q; write for example https://127.0.0.1:2378", o.server)
	}
	if slices.Contains([]string{"", "root", superUser}, o.user) {
		return nil, cli.Usagef("--user must be another user than the administrator, got %q; write for example --user flotilla", o.user)
	}
	if o.prefix == "" {
		return nil, cli.Usagef("--prefix is missing; write for example --prefix /flotilla/shop/")
	}
	if (o.certificateFile == "") != (o.keyFile == "") {
		return nil, cli.Usagef("--certificate-file and --key-file go together; write both or neither")
	}
	var err error
	if o.adminSecret, err = readSecret("admin-secret-file", o.adminSecretFile); err != nil {
		return nil, err
	}
	if o.secret, err = readSecret("secret-file", o.secretFile); err != nil {
		return nil, err
	}
	if err := cli.CheckListen("listen", o.listen); err != nil {
		return nil, err
	}
	return o, cli.CheckListen("ready-listen", o.readyListen)
}

func readSecret(flag, path string) (string, error) {
	if path == "" {
		return "", cli.Usagef("--%s is missing; write the path of a file that holds it", flag)
	}
	secret, err := cli.ReadSecret(path)
	if err != nil {
		return "", cli.Usagef("--%s: %s", flag, err)
	}
	return secret, nil
}

// address is the HOST:PORT of the server.
func (o *options) address() string {
	_, address, isURL := strings.Cut(o.server, "://")
	if isURL {
		return address
	}
	return o.server
}

// access is how the gate itself reaches the server.
func (o *options) access(user, secretFile string) registry.Options {
	return registry.Options{
		Kind: o.kind, Endpoints: []string{o.server}, Prefix: o.prefix, CAFile: o.caFile, User: user, PasswordFile: secretFile,
	}
}

// listener returns how to listen: with TLS where the gate has a certificate, else the server's own TLS passes through.
func (o *options) listener() (func() (net.Listener, error), error) {
	if o.certificateFile == "" {
		return func() (net.Listener, error) { return net.Listen("tcp", o.listen) }, nil
	}
	certificate, err := tls.LoadX509KeyPair(o.certificateFile, o.keyFile)
	if err != nil {
		return nil, cli.Usagef("--certificate-file, --key-file: %s", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	return func() (net.Listener, error) { return tls.Listen("tcp", o.listen, config) }, nil
}
