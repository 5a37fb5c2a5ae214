package main

import (
	"os"

	"github.com/coredns/coredns/coremain"
	"github.com/spf13/cobra"

	// What a cluster's DNS needs, and nothing else.
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
)

// dnsCommand is CoreDNS, which parses its arguments itself.
func dnsCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "dns",
		DisableFlagParsing: true,
		Run: func(_ *cobra.Command, args []string) {
			os.Args = append([]string{"dns"}, args...)
			coremain.Run()
		},
	}
}
