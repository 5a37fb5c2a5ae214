package registrytest

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"runtime"
	"strconv"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

var etcd = kind{
	binary: "etcd", from: "Debian's etcd-server",
	options: func(s *Server) registry.Options {
		return registry.Options{Endpoints: []string{"https://" + s.Address}, Prefix: "/flotilla/test/", CAFile: s.CAFile}
	},
	command: func(s *Server) (arguments, environment []string) {
		url, peer := "https://"+s.Address, "http://"+testkit.FreeAddress(s.t)
		return []string{
			"--name", "test", "--data-dir", s.path("data"), "--listen-client-urls", url, "--advertise-client-urls", url,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "test=" + peer,
			"--cert-file", s.CertificateFile, "--key-file", s.KeyFile,
			"--heartbeat-interval", "50", "--election-timeout", "500", "--log-level", "error",
			// A busy disk would hold up every write; what a crash of the machine would lose is of no use.
			"--unsafe-no-fsync",
			// Debian's etcd starts on arm64 only when it is told that this is meant.
		}, []string{"ETCD_UNSUPPORTED_ARCH=" + runtime.GOARCH}
	},
}

var consul = kind{
	binary: "consul", from: "the official binary",
	options: func(s *Server) registry.Options {
		return registry.Options{
			Endpoints: []string{"https://" + s.Address}, Prefix: "test-", CAFile: s.CAFile,
			PasswordFile: s.path("admin-token"),
		}
	},
	command: func(s *Server) (arguments, environment []string) {
		s.write("admin-token", AdminSecret)
		port := func(address string) int {
			_, text, _ := net.SplitHostPort(address)
			number, _ := strconv.Atoi(text)
			return number
		}
		tls := map[string]any{"ca_file": s.CAFile, "cert_file": s.CertificateFile, "key_file": s.KeyFile}
		configuration, err := json.Marshal(map[string]any{
			"server": true, "bootstrap_expect": 1, "node_name": "test", "data_dir": s.path("data"),
			"bind_addr": "127.0.0.1", "client_addr": "127.0.0.1", "log_level": "error", "disable_update_check": true,
			"ports": map[string]int{
				"http": -1, "https": port(s.Address), "dns": -1, "grpc": -1, "grpc_tls": -1, "serf_wan": -1,
				"server": port(testkit.FreeAddress(s.t)), "serf_lan": port(testkit.FreeAddress(s.t)),
			},
			"performance": map[string]int{"raft_multiplier": 1},
			"tls":         map[string]any{"https": tls},
			"acl": map[string]any{
				"enabled": true, "default_policy": "deny", "tokens": map[string]string{"initial_management": AdminSecret, "agent": AdminSecret},
			},
		})
		if err != nil {
			s.t.Fatal(err)
		}
		return []string{"agent", "-config-file", s.write("consul.json", string(configuration))}, nil
	},
}

var zooKeeper = kind{
	binary: "java", from: "Debian's zookeeper",
	options: func(s *Server) registry.Options {
		return registry.Options{Endpoints: []string{s.Address}, Prefix: "/flotilla/test/", User: "flotilla", PasswordFile: s.path("password")}
	},
	command: func(s *Server) (arguments, environment []string) {
		s.write("password", "secret")
		_, port, _ := net.SplitHostPort(s.Address)
		digest := sha1.Sum([]byte("super:" + AdminSecret))
		configuration := fmt.Sprintf("dataDir=%s\nclientPort=%s\nclientPortAddress=127.0.0.1\ntickTime=1000\nadmin.enableServer=false\n"+
			"maxClientCnxns=0\nDigestAuthenticationProvider.superDigest=super:%s\n",
			s.path("data"), port, base64.StdEncoding.EncodeToString(digest[:]))
		return []string{
			"-Xmx128m", "-cp", "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar", "-Dzookeeper.root.logger=ERROR,CONSOLE",
			"org.apache.zookeeper.server.quorum.QuorumPeerMain", s.write("zoo.cfg", configuration),
		}, nil
	},
}
