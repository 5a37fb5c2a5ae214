package main

import (
	"net/url"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// etcdCommand is an etcd of one member that trusts every client: it must listen on a loopback address only.
func etcdCommand() *cobra.Command {
	var folder, listen string
	command := &cobra.Command{
		Use:  "etcd",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return runEtcd(command, folder, listen)
		},
	}
	command.Flags().StringVar(&folder, "data-dir", "", "folder of the data")
	command.Flags().StringVar(&listen, "listen-client-url", "", "address for clients, as http://127.0.0.1:PORT")
	return command
}

func runEtcd(command *cobra.Command, folder, listen string) error {
	client, err := url.Parse(listen)
	if err != nil {
		return err
	}
	config := embed.NewConfig()
	config.Dir = folder
	config.ListenClientUrls = []url.URL{*client}
	config.AdvertiseClientUrls = config.ListenClientUrls
	// A single member has no peers: any free port does.
	config.ListenPeerUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	// A cluster for tests need not outlive a power failure.
	config.UnsafeNoFsync = true
	config.LogLevel = "warn"
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer etcd.Close()
	ended, stop := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	select {
	case <-ended.Done():
		return nil
	case err := <-etcd.Err():
		return err
	}
}
