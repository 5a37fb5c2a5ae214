// Package etcdgate stands before an etcd and lets nobody in until authentication is on.
package etcdgate

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/web"
)

type options struct {
	listen, etcd, caFile       string
	rootPasswordFile           string
	user, passwordFile, prefix string
	readyListen                string
	rootPassword, userPassword string
	etcdAddress                string
}

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("etcd-gate")
	o := &options{}
	flags.StringVar(&o.listen, "listen", ":2379", "address that clients connect to")
	flags.StringVar(&o.etcd, "etcd", "https://127.0.0.1:2378", "URL of the etcd behind the gate")
	flags.StringVar(&o.caFile, "ca-file", "", "file with the certificate authorities (PEM) of that etcd")
	flags.StringVar(&o.rootPasswordFile, "root-password-file", "", "file with the password of etcd's root user")
	flags.StringVar(&o.user, "user", "flotilla", "name of the user that agents log in as")
	flags.StringVar(&o.passwordFile, "password-file", "", "file with the password of that user")
	flags.StringVar(&o.prefix, "prefix", "/flotilla/", "key prefix that this user may read and write")
	flags.StringVar(&o.readyListen, "ready-listen", ":15000", "address of GET /ready")
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}
	target, err := url.Parse(o.etcd)
	if err != nil || (target.Scheme != "https" && target.Scheme != "http") || target.Port() == "" {
		return nil, cli.Usagef("--etcd must be a URL with a port, got %q; write for example https://127.0.0.1:2378", o.etcd)
	}
	o.etcdAddress = target.Host
	if o.user == "" || o.user == "root" {
		return nil, cli.Usagef("--user must be another user than root, got %q; write for example --user flotilla", o.user)
	}
	if !strings.HasPrefix(o.prefix, "/") || !strings.HasSuffix(o.prefix, "/") {
		return nil, cli.Usagef("--prefix must begin and end with \"/\", got %q; write for example /flotilla/", o.prefix)
	}
	if o.rootPassword, err = readPassword("root-password-file", o.rootPasswordFile); err != nil {
		return nil, err
	}
	if o.userPassword, err = readPassword("password-file", o.passwordFile); err != nil {
		return nil, err
	}
	if err := cli.CheckListen("listen", o.listen); err != nil {
		return nil, err
	}
	return o, cli.CheckListen("ready-listen", o.readyListen)
}

func readPassword(flag, path string) (string, error) {
	if path == "" {
		return "", cli.Usagef("--%s is missing; write the path of a file that holds the password", flag)
	}
	password, err := cli.ReadSecret(path)
	if err != nil {
		return "", cli.Usagef("--%s: %s", flag, err)
	}
	return password, nil
}

// Run is the mode `etcd-gate`.
func Run(ctx context.Context, args []string, log *slog.Logger) error {
	options, err := parse(args)
	if err != nil {
		return err
	}
	keeper, err := newKeeper(options, log)
	if err != nil {
		return err
	}
	defer keeper.close()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(keeper.ready))
	_, stop, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		return fmt.Errorf("--ready-listen: %w", err)
	}
	defer stop()

	go keeper.run(ctx)
	select {
	case <-keeper.secured:
	case <-ctx.Done():
		return nil
	}
	listener, err := net.Listen("tcp", options.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	log.Info("gate open", "listen", listener.Addr().String())
	(&gate{keeper: keeper, etcdAddress: options.etcdAddress, log: log}).serve(ctx, listener)
	return nil
}
