//go:build registries

package registrytest

// Consul and ZooKeeper are large: their tests are run where the suite of all registries is.
func init() { Kinds = []string{"consul", "etcd", "zookeeper"} }
