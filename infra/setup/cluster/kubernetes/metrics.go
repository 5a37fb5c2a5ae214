package main

import (
	"time"

	"github.com/spf13/cobra"
	core "k8s.io/api/core/v1"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/options"
	utilcompatibility "k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubernetes/pkg/generated/openapi"
	"sigs.k8s.io/metrics-server/pkg/api"
	"sigs.k8s.io/metrics-server/pkg/scraper/client"
	metrics "sigs.k8s.io/metrics-server/pkg/server"
)

// As short as the HPA of a test cluster has use for; the timeout must be shorter.
const (
	metricsResolution = 10 * time.Second
	metricsTimeout    = 5 * time.Second
)

// metricsCommand is metrics-server, put together here: its own command is generated for a later Kubernetes than this.
func metricsCommand() *cobra.Command {
	var kubeconfig string
	serving := options.NewSecureServingOptions().WithLoopback()
	authentication := options.NewDelegatingAuthenticationOptions()
	authorization := options.NewDelegatingAuthorizationOptions()
	command := &cobra.Command{
		Use:  "metrics-server",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			access, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			config := server.NewConfig(api.Codecs)
			config.EffectiveVersion = utilcompatibility.DefaultBuildEffectiveVersion()
			namer := openapinamer.NewDefinitionNamer(api.Scheme)
			config.OpenAPIConfig = server.DefaultOpenAPIConfig(openapi.GetOpenAPIDefinitions, namer)
			config.OpenAPIV3Config = server.DefaultOpenAPIV3Config(openapi.GetOpenAPIDefinitions, namer)
			if err := serving.ApplyTo(&config.SecureServing, &config.LoopbackClientConfig); err != nil {
				return err
			}
			if err := authentication.ApplyTo(&config.Authentication, config.SecureServing, nil); err != nil {
				return err
			}
			if err := authorization.ApplyTo(&config.Authorization); err != nil {
				return err
			}
			return serveMetrics(config, access)
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the cluster and its kubelets")
	serving.AddFlags(command.Flags())
	authentication.AddFlags(command.Flags())
	authorization.AddFlags(command.Flags())
	return command
}

func serveMetrics(config *server.Config, access *rest.Config) error {
	metricsServer, err := metrics.Config{
		Apiserver: config,
		Rest:      access,
		Kubelet: &client.KubeletClientConfig{
			Scheme:              "https",
			UseNodeStatusPort:   true,
			AddressTypePriority: []core.NodeAddressType{core.NodeInternalIP},
			Client:              *rest.CopyConfig(access),
		},
		MetricResolution: metricsResolution,
		ScrapeTimeout:    metricsTimeout,
	}.Complete()
	if err != nil {
		return err
	}
	return metricsServer.RunUntil(server.SetupSignalHandler())
}
